//! How a host is shown, so that one that only looks like another is seen for what it is.

use unicode_security::{GeneralSecurityProfile, MixedScript, skeleton};
use url::Url;

/// The host of `uri` as a person reads it; for a URI without one its scheme and a colon.
pub(super) fn shown(uri: &str) -> String {
    let Ok(url) = Url::parse(uri) else { return String::new() };
    match url.host_str() {
        Some(host) => host.split('.').map(label).collect::<Vec<_>>().join("."),
        None => format!("{}:", url.scheme()),
    }
}

/// A label in its own letters where those are of one script, usual in names, and don't look like
/// ASCII; otherwise as it is in the DNS (UTS 39, sections 3 to 5).
fn label(ascii: &str) -> String {
    if !ascii.starts_with("xn--") {
        return ascii.to_owned();
    }
    let (unicode, verdict) = idna::domain_to_unicode(ascii);
    let is_plain = verdict.is_ok()
        && unicode.is_single_script()
        && unicode.chars().all(|c| c.identifier_allowed())
        && !skeleton(&unicode).all(|c| c.is_ascii());
    if is_plain { unicode } else { ascii.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_that_looks_like_another_is_shown_as_the_dns_has_it() {
        for (uri, expected) in [
            ("https://www.boeing.com/a", "www.boeing.com"),
            ("https://münchen.de/", "münchen.de"),
            ("https://東京大学.jp/", "東京大学.jp"),
            // Cyrillic throughout, and it reads "apple".
            ("https://аррӏе.com/", "xn--80ak6aa92e.com"),
            // Latin with one Cyrillic letter.
            ("https://bоeing.com/", "xn--being-jye.com"),
            ("mailto:info@example.com", "mailto:"),
            ("nonsense", ""),
        ] {
            assert_eq!(shown(uri), expected, "{uri}");
        }
    }
}
