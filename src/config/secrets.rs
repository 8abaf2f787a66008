//! How a secret may be spelt in a request, or in the words of who says it back.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All that RFC 3986 section 2.3 does not call unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The secret as it is, percent-encoded, as a field of a form, in JSON and in HTML.
pub(super) fn spellings(secret: &str) -> Vec<String> {
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
    use super::spellings;

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
