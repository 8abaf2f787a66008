//! When two spellings are one URI, as far as that can be said without asking anybody (RFC 3986 section 6).

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
}
