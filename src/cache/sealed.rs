//! An answer as it is kept outside the process, where others may have written, cut or changed it.
//!
//! `cnrp VERSION STALE FRESH SAID LENGTH CHECKSUM`, a line, and then JSON: which backend and request it
//! answers, and the reply. Times are in milliseconds, `SAID` since 1970. The checksum, XXH3, is of all
//! else. What does not read exactly as it was written, or answers something else, is nothing.

use std::{
    borrow::Cow,
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

use super::{Key, Term};
use crate::model::{Prepared, Reply};

/// The version of the form, and of what stands in it. To be raised with any change of either; the
/// test below tells when.
const VERSION: u32 = 1;

/// The longest that is written or read, in bytes. A page of results takes a few thousand.
pub const LONGEST: usize = 256 << 10;

/// An answer that was read again.
#[derive(Debug, Clone, PartialEq)]
pub struct Unsealed {
    /// To be prepared again, as it may come from anybody.
    pub reply: Reply,
    pub term: Term,
    /// When its source gave it, by the clock of whoever asked.
    pub said: SystemTime,
}

#[derive(Serialize, Deserialize)]
struct Content<'a> {
    backend: u64,
    request: Cow<'a, str>,
    reply: Reply,
}

/// The name under which the answer to a request is kept: of bounded length, and another for another
/// version.
pub fn name(key: &Key) -> String {
    format!("cnrp:{VERSION}:{:016x}:{:032x}", key.backend, xxh3_128(key.request.as_bytes()))
}

/// What the sealed form begins with, before the time for which it may serve stale.
pub fn beginning() -> String {
    format!("cnrp {VERSION} ")
}

/// The sealed form of an answer that was given at `said`; `None` where it is too long to be kept.
pub fn seal(key: &Key, reply: &Prepared, term: Term, said: SystemTime) -> Option<Vec<u8>> {
    let content =
        Content { backend: key.backend, request: Cow::Borrowed(&key.request), reply: reply.reply() };
    let content = serde_json::to_vec(&content).ok()?;
    let said = said.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    let sealed = written([milliseconds(term.stale), milliseconds(term.fresh), milliseconds(said)], &content);
    (sealed.len() <= LONGEST).then_some(sealed)
}

/// Reads a sealed answer; `None` where it is not whole, of another version, or no answer to this request.
pub fn unseal(key: &Key, sealed: &[u8]) -> Option<Unsealed> {
    if sealed.len() > LONGEST {
        return None;
    }
    let end = sealed.iter().position(|byte| *byte == b'\n')?;
    let (line, content) = sealed.split_at_checked(end)?;
    let content = content.get(1..)?;
    let mut numbers =
        std::str::from_utf8(line).ok()?.strip_prefix(&beginning())?.split(' ').map(str::parse::<u64>);
    let times = [numbers.next()?.ok()?, numbers.next()?.ok()?, numbers.next()?.ok()?];
    // Written anew, it has to come out the same: so nothing in the line is left to chance.
    if written(times, content) != sealed {
        return None;
    }
    let Content { backend, request, reply } = serde_json::from_slice(content).ok()?;
    let [stale, fresh, said] = times.map(Duration::from_millis);
    let said = SystemTime::UNIX_EPOCH.checked_add(said)?;
    let is_the_answer = backend == key.backend && request == key.request;
    is_the_answer.then_some(Unsealed { reply, term: Term { fresh, stale }, said })
}

fn written(times: [u64; 3], content: &[u8]) -> Vec<u8> {
    let [stale, fresh, said] = times;
    let line = format!("{}{stale} {fresh} {said} {}", beginning(), content.len());
    let sum = xxh3_64(content) ^ xxh3_64(line.as_bytes());
    let mut sealed = format!("{line} {sum:016x}\n").into_bytes();
    sealed.extend_from_slice(content);
    sealed
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CommonName, Hit, Property, Referral, Service, Status, StatusCode, Vouched, prepare};

    fn key() -> Key {
        Key { backend: 7, request: "boeing\n747".to_owned() }
    }

    fn term() -> Term {
        Term { fresh: Duration::from_secs(3600), stale: Duration::from_millis(86_400_500) }
    }

    fn said() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(1_700_000_000_123)
    }

    fn reply() -> Prepared {
        let hit = Hit {
            properties: vec![Property::new("language", "rfc1766", "en")],
            entry: Some("7".to_owned()),
            ..Hit::mention("Boeing \u{2013} 747", "https://www.boeing.example/747?x=\u{fc}", "<b> & \"b\"")
        };
        let service = std::sync::Arc::new(Service::named("urn:example:other"));
        let reply = Reply {
            hits: vec![hit],
            referrals: vec![Referral { service, dataset: Some("urn:example:set".to_owned()) }],
            ttl: Some(Duration::from_secs(60)),
            remarks: vec![Status::new(StatusCode::FAILED, "half of it")],
            ..Reply::default()
        };
        prepare(reply, &CommonName::new("boeing 747").unwrap(), Vouched::ByService)
    }

    fn sealed() -> Vec<u8> {
        seal(&key(), &reply(), term(), said()).unwrap()
    }

    #[test]
    fn what_is_sealed_is_read_again_as_it_was() {
        let expected = Unsealed { reply: reply().reply(), term: term(), said: said() };
        assert_eq!(unseal(&key(), &sealed()), Some(expected));
    }

    #[test]
    fn the_form_changes_with_its_version_alone() {
        // Where this fails, the form is another: raise `VERSION`, and write it down anew. Gateways of both
        // versions may use the same store.
        let expected = include_str!("../../fixtures/sealed/1.txt");
        assert_eq!(String::from_utf8(sealed()).unwrap(), expected.trim_end());
        assert_eq!(name(&key()), "cnrp:1:0000000000000007:7b1a721153c78f626d89422a72eb5598");
    }

    #[test]
    fn what_was_cut_or_has_more_is_nothing() {
        let sealed = sealed();
        for length in 0..sealed.len() {
            assert_eq!(unseal(&key(), &sealed[..length]), None, "{length} bytes of it");
        }
        assert_eq!(unseal(&key(), &[&sealed, b" ".as_slice()].concat()), None);
    }

    #[test]
    fn what_was_changed_in_one_bit_is_nothing() {
        let sealed = sealed();
        for place in 0..sealed.len() {
            for bit in 0..8 {
                let mut changed = sealed.clone();
                changed[place] ^= 1 << bit;
                assert_eq!(unseal(&key(), &changed), None, "bit {bit} of byte {place}");
            }
        }
    }

    #[test]
    fn an_answer_to_another_request_or_of_another_backend_is_nothing() {
        for key in [Key { backend: 8, ..key() }, Key { request: "boeing".to_owned(), ..key() }] {
            assert_eq!(unseal(&key, &sealed()), None, "{key:?}");
        }
    }

    #[test]
    fn what_is_rightly_summed_and_no_answer_is_nothing() {
        for content in ["", "{}", "null", "[[[[", "{\"backend\":7,\"request\":\"boeing\\n747\",\"reply\":{}}"]
        {
            assert_eq!(unseal(&key(), &written([0, 1, 2], content.as_bytes())), None, "{content}");
        }
    }

    #[test]
    fn what_is_very_long_is_not_sealed() {
        let long = Key { backend: 7, request: "x".repeat(LONGEST) };
        assert_eq!(seal(&long, &reply(), term(), said()), None);
    }
}
