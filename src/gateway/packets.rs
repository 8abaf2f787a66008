//! Which replies may be given again as they are, and until when.
//!
//! A reply is kept only where every source's part in it was fresh and complete, and until the
//! first of them is better asked again. What is in the key is all that can alter an answer beside
//! that: the bytes, the charset they came with, and the gateways they came through.

use tokio::time::Instant;

use super::{Context, Transport};
use crate::{
    model::{Ask, NameQuery, Outcome, Reason},
    resolver::Source,
};

/// Longest document whose reply is kept: what clients ask often is short.
const LONGEST_DOCUMENT: usize = 4096;

/// Until when an answer holds.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Holds {
    /// Until when it may be given again; `None` where it may not.
    pub(super) again: Option<Instant>,
    /// Until when the maps say what they say by themselves; `None` if that is for ever.
    pub(super) by_maps: Option<Instant>,
}

/// What the reply to this document is kept under; `None` where it is not kept.
pub(super) fn key(document: &[u8], context: &Context) -> Option<Vec<u8>> {
    if context.transport != Transport::Http || document.len() > LONGEST_DOCUMENT {
        return None;
    }
    let mut key = Vec::with_capacity(document.len() + 16);
    // How many parts there are comes first, and each ends with a zero byte, which no header holds: so
    // no two contexts write the same key.
    key.push(u8::from(context.charset.is_some()));
    key.extend_from_slice(&u32::try_from(context.via.0.len()).ok()?.to_be_bytes());
    for part in context.charset.iter().chain(&context.via.0) {
        key.extend_from_slice(part.as_bytes());
        key.push(0);
    }
    key.extend_from_slice(document);
    Some(key)
}

/// Until when an answer made of these outcomes holds; `None` where it can't be given again.
pub(super) fn holds_until(outcomes: &[Outcome]) -> Option<Instant> {
    let asked = outcomes.iter().filter(|outcome| **outcome != Outcome::Skipped(Reason::NotAsked));
    asked.map(Outcome::holds_until).reduce(|all, one| Some(all?.min(one?))).flatten()
}

/// Until when what was found in memory stays as it is by itself, if that was asked at `asked`; `None` if that
/// is for ever.
pub(super) fn maps_hold_until(
    sources: &[Source],
    outcomes: &[Outcome],
    query: &NameQuery,
    asked: Instant,
) -> Option<Instant> {
    let found = sources.iter().zip(outcomes).filter_map(|(source, outcome)| {
        let is_local = || source.guard.backend().request(query) == Ask::Local;
        outcome.found()?.ttl.filter(|_| is_local())
    });
    found.filter_map(|ttl| asked.checked_add(ttl)).min()
}

/// The generation of everything that sources answer from memory. Each only grows, so that the sum
/// changes whenever one of them does.
pub(super) fn generation(sources: &[Source]) -> u64 {
    sources.iter().map(|source| source.guard.backend().generation()).fold(0, u64::wrapping_add)
}

#[cfg(test)]
mod tests {
    use std::{net::Ipv4Addr, time::Duration};

    use super::*;
    use crate::model::{Freshness, Via};

    fn context(charset: Option<&str>, via: &[&str]) -> Context {
        Context {
            transport: Transport::Http,
            client: Ipv4Addr::LOCALHOST.into(),
            charset: charset.map(str::to_owned),
            trimmed: false,
            via: Via(via.iter().map(|hop| (*hop).to_owned()).collect()),
        }
    }

    #[test]
    fn whatever_alters_an_answer_is_in_the_key() {
        let contexts = [
            context(None, &[]),
            context(Some("utf-8"), &[]),
            context(Some("utf-16"), &[]),
            context(None, &["a"]),
            context(None, &["a", "b"]),
            context(None, &["ab"]),
            context(None, &["utf-8"]),
            context(Some("utf-8"), &["a"]),
            context(Some("utf-8,a"), &[]),
            context(Some(""), &[]),
        ];
        let mut keys: Vec<_> = contexts.iter().map(|context| key(b"<cnrp/>", context)).collect();
        keys.push(key(b"<cnrp />", &contexts[0]));
        let count = keys.len();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), count);
        let elsewhere = Context { client: Ipv4Addr::new(192, 0, 2, 1).into(), ..contexts[0].clone() };
        assert_eq!(key(b"<cnrp/>", &elsewhere), key(b"<cnrp/>", &contexts[0]), "clients share");
    }

    #[test]
    fn an_answer_holds_as_long_as_the_first_of_its_parts() {
        let now = Instant::now();
        let fresh = |seconds| Outcome::Empty {
            freshness: Freshness::Fresh { until: Some(now + Duration::from_secs(seconds)) },
        };
        let skipped = Outcome::Skipped(Reason::NotAsked);
        let until = |seconds| Some(now + Duration::from_secs(seconds));
        assert_eq!(holds_until(&[fresh(9), skipped.clone(), fresh(4)]), until(4));
        let unknown = Outcome::Empty { freshness: Freshness::Fresh { until: None } };
        let stale = Outcome::Empty { freshness: Freshness::Stale { age: Duration::ZERO } };
        for part in [unknown, stale, Outcome::Late, Outcome::Skipped(Reason::Loop)] {
            assert_eq!(holds_until(&[fresh(9), part]), None);
        }
        assert_eq!(holds_until(&[skipped]), None);
    }
}
