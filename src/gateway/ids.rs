//! Ids are questions (D27): an id says which source, which name and hints, and a fingerprint of
//! the resource. Resolving it asks that source that question again, through the cache, and picks
//! the resource with that fingerprint. So there is no table to lose, an id survives a restart and
//! works on every replica, and a forged one can only ask a question.
//!
//! Form: `SOURCE.FINGERPRINT.NAME[;PROPERTY=TYPE,VALUE]...`, names and values percent-encoded, or
//! `SOURCE.FINGERPRINT.=ENTRY`, where the source has a name of its own for the resource.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use xxhash_rust::xxh3::xxh3_64;

use crate::model::{Candidate, NameQuery, Property};

/// Everything but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Longest encoded hints that an id carries, in bytes; longer ones are left out, and the question
/// is asked without.
const HINTS_LIMIT: usize = 512;

/// An id, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ResourceId {
    /// The configured name of the source.
    pub source: String,
    /// The name asked, or what the source calls the entry.
    pub name: String,
    pub is_entry: bool,
    pub hints: Vec<Property>,
    fingerprint: u64,
}

/// The id of a resource that `source` gave in answer to `query`. An entry of a static map is
/// asked for by its own name and without hints, so that its id stays while the entry stays; one of
/// another service by the id that it has there.
pub(super) fn id_of(source: &str, query: &NameQuery, candidate: &Candidate) -> String {
    let mut id = format!("{source}.{:016x}.", fingerprint(candidate));
    if let Some(entry) = &candidate.hit.entry {
        id.push('=');
        id.extend(utf8_percent_encode(entry, RESERVED));
        return id;
    }
    id.extend(utf8_percent_encode(query.name.shown(), RESERVED));
    let hints = encode(&query.hints.sent);
    if hints.len() <= HINTS_LIMIT {
        id.push_str(&hints);
    }
    id
}

impl ResourceId {
    /// Reads an id; `None` if it is none of ours.
    pub(super) fn parse(id: &str) -> Option<Self> {
        let (source, rest) = id.split_once('.')?;
        let (fingerprint, question) = rest.split_once('.')?;
        let entry = question.strip_prefix('=');
        let mut parts = entry.unwrap_or(question).split(';');
        let name = decode(parts.next()?)?;
        let hints = parts.map(|part| {
            let (property, rest) = part.split_once('=')?;
            let (kind, value) = rest.split_once(',')?;
            Some(Property::new(decode(property)?, decode(kind)?, decode(value)?))
        });
        Some(Self {
            source: source.to_owned(),
            is_entry: entry.is_some(),
            fingerprint: u64::from_str_radix(fingerprint, 16).ok()?,
            name,
            hints: hints.collect::<Option<_>>()?,
        })
    }

    /// Whether this id was given to that resource.
    pub(super) fn is_of(&self, candidate: &Candidate) -> bool {
        self.fingerprint == fingerprint(candidate)
    }
}

/// Of the identity, not the spelling: a resource keeps its id when a source turns to https.
fn fingerprint(candidate: &Candidate) -> u64 {
    xxh3_64(candidate.url.identity().as_bytes())
}

fn encode(hints: &[Property]) -> String {
    let mut text = String::new();
    for hint in hints {
        let part = |text: &str| utf8_percent_encode(text, RESERVED).to_string();
        text.push_str(&format!(";{}={},{}", part(&hint.name), part(&hint.kind), part(&hint.value)));
    }
    text
}

fn decode(text: &str) -> Option<String> {
    percent_decode_str(text).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CommonName, Hit, Vouched};

    fn candidate(entry: Option<&str>) -> Candidate {
        let hit = Hit { entry: entry.map(str::to_owned), ..Hit::mention("x", "https://x.example/", "") };
        Candidate::new(hit, &CommonName::new("x").unwrap(), Vouched::BySearch).unwrap()
    }

    #[test]
    fn d27_an_id_holds_its_question() {
        let mut query = NameQuery::plain(CommonName::new("東京; =,%. x").unwrap());
        query.hints.sent = vec![Property::new("language", "rfc1766", "fr-FR, ;=")];
        let id = id_of("my-dns", &query, &candidate(None));
        let read = ResourceId::parse(&id).unwrap();
        assert_eq!((read.source.as_str(), read.name.as_str()), ("my-dns", "東京; =,%. x"));
        assert!(!read.is_entry);
        assert_eq!(read.hints, query.hints.sent);
        assert!(read.is_of(&candidate(None)));
    }

    #[test]
    fn d27_a_static_entry_is_asked_for_by_its_own_name() {
        let mut query = NameQuery::plain(CommonName::new("boieng").unwrap());
        query.hints.sent = vec![Property::new("language", "rfc1766", "fr")];
        let id = id_of("handbook", &query, &candidate(Some("Boeing")));
        let read = ResourceId::parse(&id).unwrap();
        assert_eq!((read.name.as_str(), read.is_entry, read.hints.len()), ("Boeing", true, 0));
    }

    #[test]
    fn a_forged_id_is_none_or_a_question() {
        for forged in ["", ".", "..", "a.b", "a.zz.name", "a.1.%ff", "a.1.name;x", "no-such-id", "a.1.n;x=y"]
        {
            assert_eq!(ResourceId::parse(forged), None, "{forged}");
        }
        let foreign = ResourceId::parse("handbook.1.Boeing").unwrap();
        assert!(!foreign.is_of(&candidate(None)));
    }
}
