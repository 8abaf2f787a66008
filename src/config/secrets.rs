//! Taking secrets out of a text, however they are spelt in a request or in the words of who says
//! them back.

use std::cmp::Reverse;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::REDACTED;

/// A secret shorter than this would be found within every other word.
const SHORTEST: usize = 6;

/// Letters alone that are no longer than this may be an ordinary word.
const LONGEST_WORD: usize = 16;

/// All that RFC 3986 section 2.3 does not call unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What is to be taken out of texts. There is no `Debug` of it.
#[derive(Clone, Default)]
pub struct Secrets {
    /// The longest first, so that one within another leaves nothing.
    spelt: Vec<Spelling>,
}

/// One way to spell a secret.
#[derive(Clone, PartialEq, Eq)]
struct Spelling {
    text: String,
    /// See [`is_word`].
    is_word: bool,
}

impl Secrets {
    /// These secrets in every spelling. One that is short, or may be an ordinary word, is only taken
    /// out where it stands by itself: `search` of `/search?q=x`, and not of `research`.
    pub fn new(secrets: &[String]) -> Self {
        let spell = |secret: &String| {
            let is_word = is_word(secret);
            spellings(secret).into_iter().map(move |text| Spelling { text, is_word })
        };
        let mut spelt: Vec<_> = secrets.iter().filter(|secret| !secret.is_empty()).flat_map(spell).collect();
        spelt.sort_by(|one, other| {
            (Reverse(one.text.len()), &one.text).cmp(&(Reverse(other.text.len()), &other.text))
        });
        spelt.dedup();
        Self { spelt }
    }

    /// Those that are no ordinary words: they stand nowhere by chance.
    pub fn unlike_words(&self) -> Self {
        Self { spelt: self.spelt.iter().filter(|one| !one.is_word).cloned().collect() }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.spelt.is_empty()
    }

    /// Whether one of them stands in the text.
    pub fn are_in(&self, text: &str) -> bool {
        self.spelt.iter().any(|one| one.places(text).next().is_some())
    }

    /// Whether the bytes of one that is no ordinary word are among these.
    pub fn are_among(&self, bytes: &[u8]) -> bool {
        let among = |text: &str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
        self.spelt.iter().any(|one| !one.is_word && among(&one.text))
    }

    /// The text with [`REDACTED`] in the place of each.
    pub fn taken_out_of(&self, text: &str) -> String {
        self.spelt.iter().fold(text.to_owned(), |text, one| one.taken_out_of(text))
    }
}

impl Spelling {
    /// Where it begins in the text.
    fn places<'t>(&'t self, text: &'t str) -> impl Iterator<Item = usize> + 't {
        let places = text.match_indices(&self.text).map(|(place, _)| place);
        places.filter(|place| !self.is_word || stands_alone(text, *place, self.text.len()))
    }

    fn taken_out_of(&self, text: String) -> String {
        let mut kept = String::new();
        let mut end = 0;
        for place in self.places(&text) {
            kept.push_str(text.get(end..place).unwrap_or_default());
            kept.push_str(REDACTED);
            end = place + self.text.len();
        }
        if end == 0 { text } else { kept + text.get(end..).unwrap_or_default() }
    }
}

/// Whether a secret is like words that stand in texts which have nothing to do with it.
pub(super) fn is_word(secret: &str) -> bool {
    let length = secret.chars().count();
    length < SHORTEST || (length <= LONGEST_WORD && secret.chars().all(|c| c.is_ascii_alphabetic()))
}

/// Whether what is `length` long at `place` is neither preceded nor followed by a letter or digit.
/// The digits of an encoded byte, such as `%20`, are none.
fn stands_alone(text: &str, place: usize, length: usize) -> bool {
    let before = text.get(..place).unwrap_or_default();
    let after = text.get(place + length..).unwrap_or_default();
    let is_encoded = matches!(
        before.as_bytes(),
        [.., b'%', high, low] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit()
    );
    (is_encoded || !before.ends_with(char::is_alphanumeric)) && !after.starts_with(char::is_alphanumeric)
}

/// The secret as it is, percent-encoded, as a field of a form, in JSON and in HTML.
fn spellings(secret: &str) -> Vec<String> {
    let encoded = [
        utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string(),
        utf8_percent_encode(secret, RESERVED).to_string(),
        url::form_urlencoded::byte_serialize(secret.as_bytes()).collect(),
    ];
    let lower: Vec<_> = encoded.iter().map(|text| with_lower_digits(text)).collect();
    let json = serde_json::Value::from(secret).to_string();
    let json = json.strip_prefix('"').and_then(|json| json.strip_suffix('"')).unwrap_or(&json).to_owned();
    let with_slashes = json.replace('/', "\\/");
    let html = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    [secret.to_owned(), json, with_slashes, html].into_iter().chain(encoded).chain(lower).collect()
}

/// The hexadecimal digits of percent-encoding in lower case: `%2f` for `%2F`.
fn with_lower_digits(encoded: &str) -> String {
    let mut parts = encoded.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let (digits, rest) = part.split_at_checked(2).unwrap_or((part, ""));
        format!("{text}%{}{rest}", digits.to_ascii_lowercase())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn without(secret: &str, text: &str) -> String {
        Secrets::new(&[secret.to_owned()]).taken_out_of(text)
    }

    #[test]
    fn a_long_secret_is_taken_out_wherever_it_stands() {
        assert_eq!(without("hunter2-x", "ahunter2-xb hunter2%2Dx"), "aREDACTEDb REDACTED");
        assert_eq!(without("Bearer abc", "is Bearer%20abc or Bearer+abc"), "is REDACTED or REDACTED");
    }

    #[test]
    fn a_secret_that_may_be_a_word_is_taken_out_only_where_it_stands_alone() {
        assert_eq!(without("search", "research /search?k=search"), "research /REDACTED?k=REDACTED");
        assert_eq!(without("x", "xx.example/?x&y=%20x"), "xx.example/?REDACTED&y=%20REDACTED");
        assert_eq!(without("a1", "ba1 a1b a1"), "ba1 a1b REDACTED");
        assert!(!Secrets::new(&["x".to_owned()]).are_in("xx"));
    }

    #[test]
    fn a_secret_has_many_spellings() {
        let spelt = spellings("a/b-c &\"");
        for expected in [
            "a/b-c &\"",
            "a%2Fb%2Dc%20%26%22",
            "a%2Fb-c%20%26%22",
            "a%2fb-c%20%26%22",
            "a%2Fb-c+%26%22",
            "a/b-c &\\\"",
            "a\\/b-c &\\\"",
            "a/b-c &amp;&quot;",
        ] {
            assert!(spelt.iter().any(|one| one == expected), "{expected}: {spelt:?}");
        }
    }
}
