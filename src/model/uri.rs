//! How URIs are spelt: when two spellings are one URI, as far as that can be said without asking anybody
//! (RFC 3986 section 6), and what is sent of an address that is none as it was written.

use std::borrow::Cow;

use url::Url;

/// The spelling of a URI by which it is compared: scheme and host are of any case (RFC 3986 section 6.2.2.1),
/// and of a URN the namespace as well (RFC 8141 section 3.1); an empty path of http is `/`.
pub fn normal_uri(uri: &str) -> Cow<'_, str> {
    let uri = uri.trim();
    match uri.get(..4) {
        Some(scheme) if scheme.eq_ignore_ascii_case("urn:") => normal_urn(uri),
        _ => Url::parse(uri).map_or(Cow::Borrowed(uri), |url| Cow::Owned(url.into())),
    }
}

/// A URN in the spelling by which it is compared; what follows the namespace is that one's own affair.
fn normal_urn(urn: &str) -> Cow<'_, str> {
    let mut parts = urn.splitn(3, ':');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(scheme), Some(namespace), Some(rest)) => {
            Cow::Owned(format!("{}:{}:{rest}", scheme.to_ascii_lowercase(), namespace.to_ascii_lowercase()))
        }
        _ => Cow::Borrowed(urn),
    }
}

/// Whether two spellings are one URI. Most pairs are told apart without reading them as URIs.
pub fn is_same_uri(one: &str, other: &str) -> bool {
    one == other || bare(one).eq_ignore_ascii_case(bare(other)) && normal_uri(one) == normal_uri(other)
}

/// `url`, written so by an operator, as it is sent (R1): as written where that is a URI, for clients
/// compare byte by byte; otherwise as browsers would ask for it, with whatever RFC 3986 lets stand in no
/// URI escaped.
pub fn sent_uri(written: &str, url: &Url) -> String {
    if is_uri(written) { written.to_owned() } else { escaped(url.as_str()) }
}

/// Whether a text has only what may stand in a URI (RFC 3986 section 2).
pub fn is_uri(text: &str) -> bool {
    let has_one_anchor = text.matches('#').count() <= 1;
    has_one_anchor && text.chars().all(may_stand) && text.split('%').skip(1).all(begins_with_hex)
}

/// The serialisation of a URL, which browsers let hold more than a URI may.
pub(super) fn escaped(url: &str) -> String {
    if is_uri(url) {
        return url.to_owned();
    }
    let mut uri = String::with_capacity(url.len());
    let anchor = url.find('#');
    for (at, c) in url.char_indices() {
        let is_kept = match c {
            '%' => url.get(at + 1..).is_some_and(begins_with_hex),
            '#' => anchor == Some(at),
            c => may_stand(c),
        };
        if is_kept {
            uri.push(c);
        } else {
            let mut bytes = [0; 4];
            uri.extend(c.encode_utf8(&mut bytes).bytes().map(|byte| format!("%{byte:02X}")));
        }
    }
    uri
}

/// Whether a character is one of a URI's. Brackets are, although only a host may have them: everybody
/// writes them in queries, and every reader takes them.
fn may_stand(c: char) -> bool {
    c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}')
}

fn begins_with_hex(text: &str) -> bool {
    text.as_bytes().get(..2).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
}

fn bare(uri: &str) -> &str {
    uri.trim().trim_end_matches('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scheme_host_and_namespace_are_of_any_case_and_nothing_else_is() {
        for (one, other) in [
            ("urn:example:names", "URN:Example:names"),
            ("HTTP://Names.Example", "http://names.example/"),
            (" http://a.example/x ", "http://A.example/x"),
        ] {
            assert!(is_same_uri(one, other) && is_same_uri(other, one), "{one} {other}");
            assert_eq!(normal_uri(one), normal_uri(other));
        }
        for (one, other) in [
            ("urn:example:names", "urn:example:Names"),
            ("http://a.example/x", "http://a.example/X"),
            ("http://a.example/x", "http://a.example/x/"),
            ("urn:x", "urn:X"),
            ("", "urn:x"),
        ] {
            assert!(!is_same_uri(one, other), "{one} {other}");
        }
    }

    #[test]
    fn r1_what_is_written_is_sent_as_written_only_if_it_is_a_uri() {
        let sent = |text: &str| sent_uri(text, &Url::parse(text).unwrap());
        for text in [
            "HTTPS://X.example",
            "https://x.example//a%7e?b[]=1&c=%E4#d",
            "http://[::1]:80/",
            "urn:Example:A",
            "mailto:a@x.example",
        ] {
            assert_eq!(sent(text), text);
        }
        for (text, uri) in [
            ("https://例え.テスト/パス", "https://xn--r8jz45g.xn--zckzah/%E3%83%91%E3%82%B9"),
            ("https://x.example/a\u{202e}b", "https://x.example/a%E2%80%AEb"),
            ("https://x.example/?a=\"><b>", "https://x.example/?a=%22%3E%3Cb%3E"),
            ("https://x.example/%zz%", "https://x.example/%25zz%25"),
            (
                "https://x.example/{a}|^`?{b}|^`#{c}|^`",
                "https://x.example/%7Ba%7D%7C%5E%60?%7Bb%7D%7C%5E%60#%7Bc%7D%7C%5E%60",
            ),
            ("https://x.example/#a#b", "https://x.example/#a%23b"),
            ("urn:example:\"é", "urn:example:%22%C3%A9"),
        ] {
            assert_eq!(sent(text), uri);
            assert_eq!(sent(uri), uri);
        }
    }
}
