//! Whether a page in a browser may use this gateway.
//!
//! A browser says with `Origin` on whose behalf it posts. A page of ours, or one of an origin
//! that the operator lists, may; any other page would use the visitor's place in the network as
//! its own.

/// Whether `origin` is one of `listed` (`web.origins`), written as `https://names.example.com`.
pub fn is_listed(origin: &str, listed: &[String]) -> bool {
    listed.iter().any(|one| one.trim_end_matches('/').eq_ignore_ascii_case(origin))
}

/// Whether `origin` is the very host that was asked, `authority` being its `Host`.
pub fn is_same(origin: &str, authority: &str) -> bool {
    let (origin, default_port) = match origin.split_once("://") {
        Some(("http", host)) => (host, ":80"),
        Some(("https", host)) => (host, ":443"),
        _ => return false,
    };
    let bare = |host: &str| host.strip_suffix(default_port).unwrap_or(host).to_ascii_lowercase();
    !origin.is_empty() && bare(origin) == bare(authority)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_ours_when_it_is_the_host_that_was_asked() {
        assert!(is_same("http://localhost:1096", "localhost:1096"));
        assert!(is_same("https://names.example.com", "Names.example.com:443"));
        for (origin, authority) in [
            ("http://localhost:8080", "localhost:1096"),
            ("http://evil.example", "localhost:1096"),
            ("null", "localhost"),
            ("http://", ""),
            ("ftp://localhost", "localhost"),
            ("http://a, http://localhost", "localhost"),
        ] {
            assert!(!is_same(origin, authority), "{origin} {authority}");
        }
    }

    #[test]
    fn an_origin_is_ours_when_the_operator_lists_it() {
        let listed = ["https://names.example.com/".to_owned()];
        assert!(is_listed("https://names.example.com", &listed));
        assert!(!is_listed("https://names.example.com.evil.example", &listed));
        assert!(!is_listed("null", &listed));
    }
}
