//! Hints: what the client asserts about itself, in order of preference (RFC 3367 section 3.6).
//!
//! A hint orders results and never empties an answer (R8). Several values of one property are
//! alternatives, the first preferred; `*` stands for any value.

use super::{FREEFORM, Property};

/// One place in an order of preference.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Preference<T> {
    /// `*`: any value is welcome from here on.
    Any,
    /// This value.
    Value(T),
}

/// A language range of RFC 4647, which is how the type `rfc1766` is read (D10): lower case,
/// well-formed by RFC 5646, for example `en-us`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LanguageRange(String);

impl LanguageRange {
    /// Reads a tag or range; `None` if it is not well-formed or its primary subtag is not a
    /// registered length (`no such language`, `sp_MX`).
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        oxilangtag::LanguageTag::parse(text.to_ascii_lowercase()).ok().map(|tag| Self(tag.into_inner()))
    }

    /// The range in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The range in the case in which tags are written, `en-US` (RFC 5646 section 2.1.1).
    pub fn tag(&self) -> String {
        let written = oxilangtag::LanguageTag::parse_and_normalize(&self.0);
        written.map_or_else(|_| self.0.clone(), oxilangtag::LanguageTag::into_inner)
    }

    /// The primary subtag, `en` of `en-us`.
    pub fn primary(&self) -> &str {
        self.0.split('-').next().unwrap_or_default()
    }

    /// The region subtag in upper case, `US` of `en-us`, where there is one.
    pub fn region(&self) -> Option<String> {
        let tag = oxilangtag::LanguageTag::parse(self.0.as_str()).ok()?;
        tag.region().map(str::to_ascii_uppercase)
    }
}

/// A place.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Geography {
    /// ISO 3166-1 alpha-2, upper case: `US`.
    Country(String),
    /// ISO 3166-2, upper case: `US-CA`.
    Region(String),
    /// Anything else, with the type it came with: a lat-long, a postal code, free text.
    Other { kind: String, value: String },
}

impl Geography {
    /// Reads a value of the given type; a freeform value that reads as a code is that code (D9).
    pub fn read(kind: &str, value: &str) -> Self {
        let value = value.trim();
        let freeform = kind.eq_ignore_ascii_case(FREEFORM);
        if (freeform || kind.eq_ignore_ascii_case("iso3166-1")) && is_country_code(value) {
            Self::Country(code(value))
        } else if (freeform || kind.eq_ignore_ascii_case("iso3166-2")) && is_region_code(value) {
            Self::Region(value.to_ascii_uppercase())
        } else {
            Self::Other { kind: kind.to_ascii_lowercase(), value: value.to_owned() }
        }
    }

    /// The country this place lies in, where the value says so.
    pub fn country(&self) -> Option<&str> {
        match self {
            Self::Country(code) => Some(code),
            Self::Region(code) => code.split('-').next(),
            Self::Other { .. } => None,
        }
    }
}

/// Whether `value` has the form of an ISO 3166-1 alpha-2 code. Codes come and go, so the form
/// counts and no table.
fn is_country_code(value: &str) -> bool {
    value.len() == 2 && value.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// A country code as it is compared. ISO 3166-1 calls the United Kingdom GB and reserves UK for it,
/// which is what people write and what its domains have.
fn code(value: &str) -> String {
    let code = value.to_ascii_uppercase();
    if code == "UK" { "GB".to_owned() } else { code }
}

/// Whether `value` has the form of an ISO 3166-2 code: a country, a dash, up to three letters or digits.
fn is_region_code(value: &str) -> bool {
    value.split_once('-').is_some_and(|(country, region)| {
        is_country_code(country)
            && (1..=3).contains(&region.len())
            && region.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

/// A category, `freeform` or `naics`; free text in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Category {
    pub kind: String,
    pub value: String,
}

/// All hints of a query, each kind in the client's order of preference.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Hints {
    pub languages: Vec<Preference<LanguageRange>>,
    pub geographies: Vec<Preference<Geography>>,
    pub categories: Vec<Preference<Category>>,
    /// The properties as the client sent them, for backends that pass them on (`cnrp`).
    pub sent: Vec<Property>,
}

impl Hints {
    /// Whether nothing was hinted.
    pub fn is_empty(&self) -> bool {
        self.languages.is_empty() && self.geographies.is_empty() && self.categories.is_empty()
    }

    /// The most preferred country: of the geographies, else of a language with a region.
    pub fn country(&self) -> Option<String> {
        let place = self.geographies.iter().find_map(|preference| match preference {
            Preference::Value(place) => place.country().map(str::to_owned),
            Preference::Any => None,
        });
        place.or_else(|| {
            self.languages.iter().find_map(|preference| match preference {
                Preference::Value(range) => range.region(),
                Preference::Any => None,
            })
        })
    }

    /// The most preferred language.
    pub fn language(&self) -> Option<&LanguageRange> {
        self.languages.iter().find_map(|preference| match preference {
            Preference::Value(range) => Some(range),
            Preference::Any => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_united_kingdom_has_two_codes() {
        for code in ["UK", "uk", "GB"] {
            assert_eq!(Geography::read("iso3166-1", code).country(), Some("GB"), "{code}");
        }
    }

    #[test]
    fn tags_are_compared_in_lower_case_and_written_as_is_usual() {
        let written =
            |tag: &str| LanguageRange::parse(tag).map(|range| (range.as_str().to_owned(), range.tag()));
        assert_eq!(written("EN-us"), Some(("en-us".into(), "en-US".into())));
        assert_eq!(written("zh-hant-tw"), Some(("zh-hant-tw".into(), "zh-Hant-TW".into())));
    }
}
