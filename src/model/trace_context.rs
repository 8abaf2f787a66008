//! Which request something is done for: an id of ours for it, and the trace that it is a part of (W3C
//! Trace Context, version 00). The task that works for a request carries it, and so does the call that it
//! begins: what is logged on the way names it, and upstreams are told.

use std::{
    collections::hash_map::RandomState,
    future::Future,
    hash::BuildHasher,
    str::from_utf8,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

tokio::task_local! {
    static CURRENT: TraceContext;
}

/// Where ids come from: no two are the same, and strangers can't tell one from another.
#[derive(Debug, Default)]
pub struct TraceIds {
    key: RandomState,
    drawn: AtomicU64,
}

/// The trace of a request, and its place in it.
#[derive(Debug, Clone)]
pub struct TraceContext {
    trace: u128,
    /// Our part in it, and what we call the request: never what a client says.
    request: u64,
    is_sampled: bool,
    ids: Arc<TraceIds>,
}

impl TraceIds {
    /// One that is not 0, which stands for none.
    fn draw(&self) -> u64 {
        self.key.hash_one(self.drawn.fetch_add(1, Ordering::Relaxed)).max(1)
    }
}

impl TraceContext {
    /// That of a request, as a part of the trace that its `traceparent` names, where that is one; a
    /// trace of its own otherwise. More than one header names none.
    pub fn received<'h>(ids: &Arc<TraceIds>, mut headers: impl Iterator<Item = &'h [u8]>) -> Self {
        let named = headers.next().and_then(parsed).filter(|_| headers.next().is_none());
        let (trace, is_sampled) = named.unwrap_or_else(|| {
            let [high, low] = [ids.draw(), ids.draw()].map(u128::from);
            (high << 64 | low, false)
        });
        Self { trace, request: ids.draw(), is_sampled, ids: Arc::clone(ids) }
    }

    /// That of the request for which this task works, if it works for one.
    pub fn current() -> Option<Self> {
        CURRENT.try_with(Self::clone).ok()
    }

    /// Works for the request of `context`, if there is one.
    pub async fn carried<T>(context: Option<Self>, work: impl Future<Output = T>) -> T {
        match context {
            Some(context) => CURRENT.scope(context, work).await,
            None => work.await,
        }
    }

    /// The id of the request, as it is logged.
    pub fn request_id(&self) -> String {
        format!("{:016x}", self.request)
    }

    /// The id of its trace, as it is logged.
    pub fn trace_id(&self) -> String {
        format!("{:032x}", self.trace)
    }

    /// The `traceparent` of a request that is sent on for it, with an id of its own.
    pub fn onward(&self) -> String {
        format!("00-{:032x}-{:016x}-{:02x}", self.trace, self.ids.draw(), u8::from(self.is_sampled))
    }
}

/// Trace and whether it is sampled, of a `traceparent` that is exactly one. Of a version after 00 the
/// part that it has in common with it is read, as its specification wants.
fn parsed(header: &[u8]) -> Option<(u128, bool)> {
    let text = from_utf8(header).ok()?;
    let (version, rest) = text.split_once('-')?;
    let (trace, rest) = rest.split_once('-')?;
    let (parent, rest) = rest.split_once('-')?;
    let (flags, further) =
        rest.split_once('-').map_or((rest, None), |(flags, further)| (flags, Some(further)));
    let version = hex(version, 2)?;
    let (trace, parent, flags) = (hex(trace, 32)?, hex(parent, 16)?, hex(flags, 2)?);
    let is_sound = version != 0xff && (version > 0 || further.is_none()) && trace != 0 && parent != 0;
    is_sound.then_some((trace, flags & 1 == 1))
}

/// A number of so many hexadecimal digits in lower case.
fn hex(text: &str, digits: usize) -> Option<u128> {
    let is_hex = text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    is_hex.then(|| u128::from_str_radix(text, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    fn received(headers: &[&str]) -> TraceContext {
        TraceContext::received(&Arc::default(), headers.iter().map(|header| header.as_bytes()))
    }

    #[test]
    fn a_sound_traceparent_is_taken_and_passed_on_with_another_id() {
        for (header, flags) in [
            (format!("00-{TRACE}-00f067aa0ba902b7-01"), "01"),
            (format!("00-{TRACE}-00f067aa0ba902b7-02"), "00"),
            (format!("cc-{TRACE}-00f067aa0ba902b7-01"), "01"),
            (format!("cc-{TRACE}-00f067aa0ba902b7-01-what-comes"), "01"),
        ] {
            let context = received(&[&header]);
            assert_eq!(context.trace_id(), TRACE, "{header}");
            let (first, second) = (context.onward(), context.onward());
            assert!(
                first.starts_with(&format!("00-{TRACE}-")) && first.ends_with(&format!("-{flags}")),
                "{first}"
            );
            assert!(first.len() == 55 && first != second && !first.contains("00f067aa0ba902b7"), "{first}");
            assert!(!first.contains(&context.request_id()));
        }
    }

    #[test]
    fn what_is_no_traceparent_begins_a_trace_of_its_own() {
        let sound = format!("00-{TRACE}-00f067aa0ba902b7-01");
        let short = TRACE.strip_prefix('4').unwrap();
        for header in [
            "",
            "00",
            TRACE,
            &sound.to_uppercase(),
            &format!("ff-{TRACE}-00f067aa0ba902b7-01"),
            &format!("0-{TRACE}-00f067aa0ba902b7-01"),
            &format!("00-{TRACE}-0000000000000000-01"),
            &format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)),
            &format!("00-{short}-00f067aa0ba902b7-01"),
            &format!("00-{TRACE}-00f067aa0ba902b7-1"),
            &format!("00-{TRACE}-00f067aa0ba902b7-01-more"),
            &format!("00-{TRACE}-00f067aa0ba902b7-01 "),
            &format!("00-+{short}-00f067aa0ba902b7-01"),
        ] {
            assert_ne!(received(&[header]).trace_id(), TRACE, "{header}");
        }
        assert_ne!(received(&[&sound, &sound]).trace_id(), TRACE, "two of them");
        let ids = Arc::default();
        let drawn: HashSet<_> =
            (0..1000).map(|_| TraceContext::received(&ids, std::iter::empty()).trace_id()).collect();
        assert_eq!(drawn.len(), 1000);
    }

    #[tokio::test]
    async fn a_task_carries_it_and_another_does_not() {
        let context = received(&[]);
        let id = context.request_id();
        let within = TraceContext::carried(Some(context), async {
            let alone = tokio::spawn(async { TraceContext::current().is_none() });
            (TraceContext::current().map(|context| context.request_id()), alone.await.unwrap())
        });
        assert_eq!(within.await, (Some(id), true));
        assert!(TraceContext::current().is_none());
    }
}
