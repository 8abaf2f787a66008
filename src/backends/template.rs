//! The address of a generic engine, with places for the name, the hints and the key.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use crate::model::{Hints, LanguageRange};

/// All that RFC 3986 section 2.3 does not call unreserved: safe in a path and in a query alike.
pub(super) const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The placeholders that a template may have.
const PLACES: [(&str, Place); 4] = [
    ("query", Place::Query),
    ("language", Place::Language),
    ("country", Place::Country),
    ("key", Place::Key),
];

/// The place of the key, as it is written in an address and in headers.
pub(super) const KEY: &str = "{key}";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Query,
    Language,
    Country,
    Key,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Place(Place),
}

/// An address such as `https://engine.example/api?q={query}&hl={language}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct UrlTemplate(Vec<Part>);

impl UrlTemplate {
    /// Reads a template.
    ///
    /// # Errors
    /// In words for the operator, what is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text.contains('#') {
            return Err("an anchor (`#`) is never sent to a server".to_owned());
        }
        let template = Self(parts(text)?);
        if !template.0.contains(&Part::Place(Place::Query)) {
            return Err("expected the place for the name, `{query}`".to_owned());
        }
        template.check_place()?;
        Ok(template)
    }

    /// An address of the engine; its scheme, host and port are those of every other.
    ///
    /// # Errors
    /// Where the template makes no address.
    pub(super) fn sample(&self) -> Result<Url, String> {
        self.sample_with("x")
    }

    /// Whether the key has a place in it.
    pub(super) fn has_key(&self) -> bool {
        self.0.contains(&Part::Place(Place::Key))
    }

    /// The address that asks for `name` with this `key`; hints that are not given leave their places empty.
    /// `None` for a name that can't stand where the template wants it.
    pub(super) fn fill(&self, name: &str, hints: &Hints, key: &str) -> Option<Url> {
        let language = hints.language().map(LanguageRange::tag).unwrap_or_default();
        let country = hints.country().unwrap_or_default();
        let mut address = String::new();
        for part in &self.0 {
            let value = match part {
                Part::Text(text) => {
                    address.push_str(text);
                    continue;
                }
                Part::Place(Place::Query) => name,
                Part::Place(Place::Language) => &language,
                Part::Place(Place::Country) => &country,
                Part::Place(Place::Key) => key,
            };
            // As a segment of a path, however encoded, these mean another folder.
            if matches!(value, "." | "..") && !address.contains('?') {
                return None;
            }
            address.extend(utf8_percent_encode(value, RESERVED));
        }
        Url::parse(&address).ok()
    }

    fn sample_with(&self, value: &str) -> Result<Url, String> {
        let text: String =
            self.0.iter().map(|part| if let Part::Text(text) = part { text } else { value }).collect();
        Url::parse(&text).map_err(|error| {
            format!(
                "it makes no address: {error}; expected one like `https://engine.example/api?q={{query}}`"
            )
        })
    }

    /// What a client asks must not choose whom we ask.
    fn check_place(&self) -> Result<(), String> {
        let [one, other] = [self.sample_with("x")?, self.sample_with("y")?];
        let same = one.origin() == other.origin() && one.username() == other.username();
        if same && one.password() == other.password() {
            return Ok(());
        }
        Err("a placeholder may stand in the path or after the `?`, not in the host".to_owned())
    }
}

fn parts(text: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (word, after) = after.split_once('}').ok_or("a `{` without its `}`")?;
        let place = PLACES.iter().find(|(known, _)| *known == word);
        let (_, place) = place.ok_or_else(|| {
            let known = PLACES.map(|(known, _)| format!("`{{{known}}}`")).join(", ");
            format!("unknown placeholder `{{{word}}}`; known are {known}")
        })?;
        parts.extend([Part::Text(before.to_owned()), Part::Place(*place)]);
        rest = after;
    }
    parts.push(Part::Text(rest.to_owned()));
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Geography, LanguageRange, Preference};

    fn filled(template: &str, name: &str) -> Option<String> {
        let hints = Hints {
            languages: vec![Preference::Value(LanguageRange::parse("fr-CA").unwrap())],
            geographies: vec![Preference::Value(Geography::Country("CH".to_owned()))],
            ..Hints::default()
        };
        UrlTemplate::parse(template).unwrap().fill(name, &hints, "s3 cret").map(String::from)
    }

    #[test]
    fn a_name_is_encoded_for_where_it_stands() {
        assert_eq!(
            filled("https://x.example/a?q={query}&hl={language}&c={country}", "AT&T #1 + 東").unwrap(),
            "https://x.example/a?q=AT%26T%20%231%20%2B%20%E6%9D%B1&hl=fr-CA&c=CH"
        );
        assert_eq!(
            filled("https://x.example/?q={query}&key={key}", "a").unwrap(),
            "https://x.example/?q=a&key=s3%20cret"
        );
        assert_eq!(
            filled("https://x.example/{query}/find", "../a b?").unwrap(),
            "https://x.example/..%2Fa%20b%3F/find"
        );
    }

    #[test]
    fn a_name_does_not_leave_its_folder() {
        assert_eq!(filled("https://x.example/names/{query}", ".."), None);
        assert_eq!(filled("https://x.example/?q={query}", "..").unwrap(), "https://x.example/?q=..");
    }

    #[test]
    fn what_was_not_hinted_is_empty() {
        let template = UrlTemplate::parse("https://x.example/?q={query}&hl={language}").unwrap();
        let url = template.fill("a", &Hints::default(), "").unwrap();
        assert_eq!(url.as_str(), "https://x.example/?q=a&hl=");
    }

    #[test]
    fn a_wrong_template_is_explained() {
        for (template, word) in [
            ("https://x.example/", "{query}"),
            ("https://x.example/?q={query}#{query}", "anchor"),
            ("https://x.example/?q={qery}", "{qery}"),
            ("https://x.example/?q={query", "without"),
            ("https://{query}.example/", "host"),
            ("{query}", "address"),
            ("https://{query}@x.example/", "host"),
        ] {
            let message = UrlTemplate::parse(template).unwrap_err();
            assert!(message.contains(word), "{template}: {message}");
        }
    }
}
