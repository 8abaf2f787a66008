//! Which request something is done for: an id of ours for it, and the trace that it is a part of (W3C
//! Trace Context, version 00). The task that works for a request carries it, and so does the call that it
//! begins: what is logged on the way names it, upstreams are told, and so is whoever collects spans.

use std::{
    borrow::Cow,
    collections::hash_map::RandomState,
    future::Future,
    hash::BuildHasher,
    str::from_utf8,
    sync::{
        Arc, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use super::{Note, OpenSpan, Recorder, Span, SpanKind, span::Notes};

tokio::task_local! {
    static CURRENT: TraceContext;
}

/// Where traces begin. No two of its ids are the same, and strangers can't tell one from another.
#[derive(Debug, Default)]
pub struct Tracer {
    key: RandomState,
    drawn: AtomicU64,
    /// Who is told of them, if anybody.
    recorder: Option<Recorder>,
}

/// The trace of a request, and a place in it.
#[derive(Debug, Clone)]
pub struct TraceContext {
    trace: u128,
    /// What we call the request: never what a client says.
    request: u64,
    /// The span that is being done: that of the request, or of a part of the work on it.
    span: u64,
    /// The span around that.
    parent: Option<u64>,
    is_sampled: bool,
    /// What is noted of the span, where it will be told of.
    notes: Option<Notes>,
    tracer: Arc<Tracer>,
}

impl Tracer {
    /// One of whose sampled traces somebody is told.
    pub fn telling(recorder: Recorder) -> Self {
        Self { recorder: Some(recorder), ..Self::default() }
    }

    /// An id that is not 0, which stands for none.
    fn draw(&self) -> u64 {
        self.key.hash_one(self.drawn.fetch_add(1, Ordering::Relaxed)).max(1)
    }

    /// Whether a trace that begins here is one of the share that is told of.
    fn samples(&self, drawn: u64) -> bool {
        // The bits of it that a number between 0 and 1 can hold exactly.
        let place = (drawn >> 11) as f64 / (1_u64 << 53) as f64;
        self.recorder.as_ref().is_some_and(|recorder| place < recorder.share)
    }
}

impl TraceContext {
    /// That of a request, as a part of the trace that its `traceparent` names, where that is one; a
    /// trace of its own otherwise. More than one header names none.
    pub fn received<'h>(tracer: &Arc<Tracer>, mut headers: impl Iterator<Item = &'h [u8]>) -> Self {
        let named = headers.next().and_then(parsed).filter(|_| headers.next().is_none());
        let Named { trace, parent, is_sampled } = named.unwrap_or_else(|| {
            let [high, low] = [tracer.draw(), tracer.draw()];
            let trace = u128::from(high) << 64 | u128::from(low);
            Named { trace, parent: None, is_sampled: tracer.samples(low) }
        });
        let request = tracer.draw();
        let is_told = is_sampled && tracer.recorder.is_some();
        let (notes, tracer) = (is_told.then(Notes::default), Arc::clone(tracer));
        Self { trace, request, span: request, parent, is_sampled, notes, tracer }
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

    /// A part of the work that has a span of its own.
    #[must_use]
    pub fn part(&self) -> Self {
        Self {
            span: self.tracer.draw(),
            parent: Some(self.span),
            notes: self.notes.as_ref().map(|_| Notes::default()),
            ..self.clone()
        }
    }

    /// Begins the span of this work, if it will be told of. `name` must not depend on what was asked.
    pub fn begin(&self, kind: SpanKind, name: impl FnOnce() -> Cow<'static, str>) -> OpenSpan {
        let Some((notes, recorder)) = self.notes.as_ref().zip(self.tracer.recorder.as_ref()) else {
            return OpenSpan::untold();
        };
        let now = recorder.clock.wall();
        let span = Span {
            trace: self.trace,
            id: self.span,
            parent: self.parent,
            name: name(),
            kind,
            began: now,
            ended: now,
            notes: Vec::new(),
            failure: None,
        };
        OpenSpan::begin(span, Arc::clone(notes), recorder.clone())
    }

    /// Notes something of the span that this task works on, if it will be told of.
    pub fn note(key: &'static str, note: impl FnOnce() -> Note) {
        let add = |notes: &Notes| notes.lock().unwrap_or_else(PoisonError::into_inner).push((key, note()));
        // Who works for no request has nobody to tell.
        let _ = CURRENT.try_with(|context| context.notes.as_ref().map(add));
    }

    /// Tells of a stage of the work of this task that took so long and has just ended.
    pub fn stage(name: &'static str, took: Duration) {
        let _ = CURRENT.try_with(|context| context.tell_stage(name, took));
    }

    fn tell_stage(&self, name: &'static str, took: Duration) {
        let Some(recorder) = self.tracer.recorder.as_ref().filter(|_| self.notes.is_some()) else { return };
        let ended = recorder.clock.wall();
        recorder.sink.take(Span {
            trace: self.trace,
            id: self.tracer.draw(),
            parent: Some(self.span),
            name: Cow::Borrowed(name),
            kind: SpanKind::Internal,
            began: ended.checked_sub(took).unwrap_or(ended),
            ended,
            notes: Vec::new(),
            failure: None,
        });
    }

    /// The id of the request, as it is logged: that of its span as well.
    pub fn request_id(&self) -> String {
        format!("{:016x}", self.request)
    }

    /// The id of its trace, as it is logged.
    pub fn trace_id(&self) -> String {
        format!("{:032x}", self.trace)
    }

    /// The `traceparent` of what is sent on within this span.
    pub fn onward(&self) -> String {
        format!("00-{:032x}-{:016x}-{:02x}", self.trace, self.span, u8::from(self.is_sampled))
    }
}

/// What a `traceparent` says.
struct Named {
    trace: u128,
    parent: Option<u64>,
    is_sampled: bool,
}

/// What stands in a `traceparent` that is exactly one. Of a version after 00 the part that it has in
/// common with it is read, as its specification wants.
fn parsed(header: &[u8]) -> Option<Named> {
    let text = from_utf8(header).ok()?;
    let (version, rest) = text.split_once('-')?;
    let (trace, rest) = rest.split_once('-')?;
    let (parent, rest) = rest.split_once('-')?;
    let (flags, further) =
        rest.split_once('-').map_or((rest, None), |(flags, further)| (flags, Some(further)));
    let version = hex(version, 2)?;
    let (trace, parent, flags) = (hex(trace, 32)?, hex(parent, 16)?, hex(flags, 2)?);
    let parent = u64::try_from(parent).ok().filter(|parent| *parent != 0)?;
    let is_sound = version != 0xff && (version > 0 || further.is_none()) && trace != 0;
    is_sound.then_some(Named { trace, parent: Some(parent), is_sampled: flags & 1 == 1 })
}

/// A number of so many hexadecimal digits in lower case.
fn hex(text: &str, digits: usize) -> Option<u128> {
    let is_hex = text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    is_hex.then(|| u128::from_str_radix(text, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, sync::Mutex};

    use super::*;
    use crate::model::{SpanSink, SystemClock};

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
            let (first, second) = (context.part().onward(), context.part().onward());
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

    /// Keeps what it is told.
    #[derive(Default)]
    struct Kept(Mutex<Vec<Span>>);

    impl SpanSink for Kept {
        fn take(&self, span: Span) {
            self.0.lock().unwrap().push(span);
        }
    }

    /// A tracer that tells of such a share, and what it has told.
    fn telling(share: f64) -> (Arc<Tracer>, Arc<Kept>) {
        let kept = Arc::new(Kept::default());
        let recorder = Recorder { sink: Arc::clone(&kept) as _, share, clock: Arc::new(SystemClock) };
        (Arc::new(Tracer::telling(recorder)), kept)
    }

    #[tokio::test(start_paused = true)]
    async fn a_span_is_within_that_of_who_asked_and_what_is_sent_on_within_ours() {
        let (tracer, kept) = telling(0.0);
        let sound = format!("00-{TRACE}-00f067aa0ba902b7-01");
        let context = TraceContext::received(&tracer, [sound.as_bytes()].into_iter());
        let part = context.part();
        {
            let mut whole = context.begin(SpanKind::Server, || "POST /".into());
            let within = part.begin(SpanKind::Client, || "ask dns".into());
            tokio::time::advance(Duration::from_millis(70)).await;
            TraceContext::carried(Some(part.clone()), async {
                TraceContext::note("asked", || "once".into());
                TraceContext::stage("read", Duration::from_millis(20));
            })
            .await;
            within.note("found", || Note::count(3));
            drop(within);
            tokio::time::advance(Duration::from_millis(30)).await;
            whole.fail(|| "it did not work".to_owned());
        }
        let told = kept.0.lock().unwrap().clone();
        let [stage, within, whole] = told.as_slice() else { panic!("{told:?}") };
        let took = |span: &Span| span.ended.duration_since(span.began).unwrap().as_millis();
        assert_eq!([took(stage), took(within), took(whole)], [20, 70, 100]);
        assert_eq!((whole.parent, within.parent), (Some(0x00f0_67aa_0ba9_02b7), Some(whole.id)));
        assert_eq!((stage.parent, stage.kind), (Some(within.id), SpanKind::Internal));
        assert!(told.iter().all(|span| format!("{:032x}", span.trace) == TRACE));
        assert_eq!(within.notes, [("asked", "once".into()), ("found", Note::Number(3))]);
        assert_eq!((&whole.notes[..], whole.failure.as_deref()), (&[][..], Some("it did not work")));
        assert_eq!(format!("{:016x}", whole.id), context.request_id());
        assert_eq!(part.onward(), format!("00-{TRACE}-{:016x}-01", within.id));
    }

    #[test]
    fn who_asked_decides_whether_a_trace_is_told_of_and_the_share_where_nobody_did() {
        let told = |share: f64, flags: Option<&str>| {
            let (tracer, kept) = telling(share);
            let header = flags.map(|flags| format!("00-{TRACE}-00f067aa0ba902b7-{flags}"));
            for _ in 0..1000 {
                let headers = header.iter().map(String::as_bytes);
                drop(TraceContext::received(&tracer, headers).begin(SpanKind::Server, || "x".into()));
            }
            kept.0.lock().unwrap().len()
        };
        assert_eq!([told(1.0, Some("00")), told(0.0, Some("01"))], [0, 1000]);
        assert_eq!([told(0.0, None), told(1.0, None)], [0, 1000]);
        // One of a thousand such tests would see less than 200 or more than 300.
        assert!((200..300).contains(&told(0.25, None)));
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
