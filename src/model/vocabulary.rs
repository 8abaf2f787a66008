//! The words of RFC 3367, appendix A, and our own: names of properties and their types, spelled as
//! they are sent. They are compared without regard to ASCII case (D7). What is not registered there
//! begins with `x-` when we send it (R6): an operator is told so, and what other services call
//! their own is marked on its way out.

use std::borrow::Cow;

/// The names of core properties, which are elements of their own.
pub const COMMONNAME: &str = "commonname";
pub const DESCRIPTION: &str = "description";

/// A language specification.
pub const LANGUAGE: &str = "language";
/// A geographic location.
pub const GEOGRAPHY: &str = "geography";
/// A node in some system of semantic relationships.
pub const CATEGORY: &str = "category";
/// The part of the results wanted; also the name of its type in appendix A (D6).
pub const RANGE: &str = "range";
/// Which of a service's datasets.
pub const DATASETURI: &str = "dataseturi";

/// Type of [`LANGUAGE`], read as BCP 47 (D10).
pub const RFC1766: &str = "rfc1766";
/// Type of any property: a value without defined structure.
pub const FREEFORM: &str = super::FREEFORM;
/// Type of [`GEOGRAPHY`]: a country, `US`.
pub const ISO3166_1: &str = "iso3166-1";
/// Type of [`GEOGRAPHY`]: a country and its part, `US-CA`.
pub const ISO3166_2: &str = "iso3166-2";
/// Type of [`GEOGRAPHY`]: decimal degrees.
pub const LAT_LONG: &str = "lat-long";
/// Type of [`GEOGRAPHY`]: a postal code valid somewhere.
pub const POSTALCODE: &str = "postalcode";
/// Type of [`CATEGORY`]: a code of the North American Industry Code System.
pub const NAICS: &str = "naics";
/// Type of [`RANGE`] in section 4.1.3 (D6).
pub const START_LENGTH: &str = "start-length";
/// Type of [`DATASETURI`].
pub const URI: &str = "uri";

/// How sure a service is of a result (D20): `high`, `medium` or `low`.
pub const X_CONFIDENCE: &str = "x-confidence";
/// Type of [`X_CONFIDENCE`].
pub const X_LEVEL: &str = "x-level";

/// The value that stands for any value (section 4.2.1.1).
pub const ANY: &str = "*";

/// What is registered: each property with its types, which are scoped to it, the default first.
/// Names and descriptions are properties where datasets and schemas speak of them.
const REGISTERED: [(&str, &[&str]); 7] = [
    (LANGUAGE, &[RFC1766, FREEFORM]),
    (GEOGRAPHY, &[ISO3166_1, ISO3166_2, POSTALCODE, LAT_LONG, FREEFORM]),
    (CATEGORY, &[FREEFORM, NAICS]),
    (RANGE, &[RANGE, START_LENGTH]),
    (DATASETURI, &[URI]),
    (DESCRIPTION, &[FREEFORM]),
    (COMMONNAME, &[FREEFORM]),
];

/// What a name that is not registered begins with (section 10).
const PRIVATE: &str = "x-";

/// A property's name as it is sent: in the spelling of appendix A where it is one of those (D7).
pub fn canonical(property: &str) -> &str {
    let known = REGISTERED.iter().map(|(name, _)| *name).chain([X_CONFIDENCE]);
    spelled(known, property)
}

/// A type's name as it is sent.
pub fn canonical_type(kind: &str) -> &str {
    spelled(REGISTERED.iter().flat_map(|(_, types)| *types).copied().chain([X_LEVEL]), kind)
}

fn spelled(mut known: impl Iterator<Item = &'static str>, word: &str) -> &str {
    known.find(|known| known.eq_ignore_ascii_case(word)).unwrap_or(word)
}

/// A property's name as an answer of ours has it: marked with `x-` unless it is registered or
/// marked already (R6).
pub fn sent(property: &str) -> Cow<'_, str> {
    marked(canonical(property), types_of(property).is_some())
}

/// The name of a type as an answer of ours has it, for that property.
pub fn sent_type<'a>(property: &str, kind: &'a str) -> Cow<'a, str> {
    let kind = if kind.is_empty() { FREEFORM } else { canonical_type(kind) };
    marked(kind, is_type_of(property, kind))
}

/// What an operator did wrong who writes a property of this name and type, if anything (R6).
pub fn unregistered(property: &str, kind: &str) -> Option<String> {
    if let Cow::Owned(marked) = sent(property) {
        let names: Vec<_> = REGISTERED.iter().map(|(name, _)| *name).collect();
        let names = names.join(", ");
        return Some(format!("{property:?} is no registered property ({names}); expected {marked:?}"));
    }
    let Cow::Owned(marked) = sent_type(property, kind) else { return None };
    let types = types_of(property).unwrap_or(&[FREEFORM]).join(", ");
    Some(format!("{kind:?} is no registered type of {property} ({types}); expected {marked:?}"))
}

fn marked(word: &str, is_registered: bool) -> Cow<'_, str> {
    let is_private = word.get(..PRIVATE.len()).is_some_and(|start| start.eq_ignore_ascii_case(PRIVATE));
    if is_registered || is_private { word.into() } else { format!("{PRIVATE}{word}").into() }
}

fn types_of(property: &str) -> Option<&'static [&'static str]> {
    REGISTERED.iter().find(|(name, _)| name.eq_ignore_ascii_case(property)).map(|(_, types)| *types)
}

/// Free text is a type of every property: the DTD's default.
fn is_type_of(property: &str, kind: &str) -> bool {
    let types = types_of(property).unwrap_or_default();
    kind == FREEFORM || types.iter().any(|known| known.eq_ignore_ascii_case(kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d7_known_words_are_sent_in_the_spelling_of_appendix_a() {
        assert_eq!(canonical("Geography"), "geography");
        assert_eq!(canonical_type("RFC1766"), "rfc1766");
        assert_eq!(canonical_type("ISO3166-1"), "iso3166-1");
        assert_eq!(canonical("BannerAdServer"), "BannerAdServer");
    }

    #[test]
    fn r6_what_is_not_registered_is_marked() {
        for (name, kind, as_sent) in [
            ("Language", "RFC1766", ("language", "rfc1766")),
            ("geography", "", ("geography", "freeform")),
            ("BannerAdServer", "uri", ("x-BannerAdServer", "x-uri")),
            ("X-Owner", "x-team", ("X-Owner", "x-team")),
            ("x-owner", "freeform", ("x-owner", "freeform")),
            ("category", "iso3166-1", ("category", "x-iso3166-1")),
            ("é", "", ("x-é", "freeform")),
        ] {
            let (sent, kind) = (sent(name), sent_type(name, kind));
            assert_eq!((&*sent, &*kind), as_sent, "types are scoped to their property");
        }
    }

    #[test]
    fn r6_an_operator_is_told_what_to_write() {
        assert_eq!(unregistered("Geography", "ISO3166-1"), None);
        assert_eq!(unregistered("x-zip", "freeform"), None);
        assert_eq!(
            unregistered("zip", "freeform").unwrap(),
            "\"zip\" is no registered property (language, geography, category, range, dataseturi, \
             description, commonname); expected \"x-zip\""
        );
        assert_eq!(
            unregistered("geography", "naics").unwrap(),
            "\"naics\" is no registered type of geography (iso3166-1, iso3166-2, postalcode, lat-long, \
             freeform); expected \"x-naics\""
        );
    }
}
