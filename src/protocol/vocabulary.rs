//! The words of RFC 3367, appendix A, and our own: names of properties and their types, spelled as
//! they are sent. They are compared without regard to ASCII case (D7).

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
pub const FREEFORM: &str = crate::model::FREEFORM;
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

const PROPERTIES: [&str; 8] =
    [LANGUAGE, GEOGRAPHY, CATEGORY, RANGE, DATASETURI, DESCRIPTION, COMMONNAME, X_CONFIDENCE];

const TYPES: [&str; 11] =
    [RFC1766, FREEFORM, ISO3166_1, ISO3166_2, LAT_LONG, POSTALCODE, NAICS, START_LENGTH, RANGE, URI, X_LEVEL];

/// A property's name as it is sent: in the spelling of appendix A where it is one of those (D7).
pub fn canonical(property: &str) -> &str {
    spelled(&PROPERTIES, property)
}

/// A type's name as it is sent.
pub fn canonical_type(kind: &str) -> &str {
    spelled(&TYPES, kind)
}

fn spelled<'a>(known: &[&'static str], word: &'a str) -> &'a str {
    known.iter().copied().find(|known| known.eq_ignore_ascii_case(word)).unwrap_or(word)
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
}
