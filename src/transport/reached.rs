//! Under which address the client reached us: what absolute URLs of ours have to begin with.

use http::{HeaderMap, HeaderName, header, request::Parts};
use ipnet::IpNet;

use super::{
    client::{elements, forwarded_pair, proxies_passed},
    front::{Place, authority},
};

const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// `https://names.example.com`, without a slash at the end. What proxies say is believed where the
/// operator trusts them; of several that say something, the furthest, which is whom the client asked.
pub(super) fn base(parts: &Parts, place: &Place, proxies: &[IpNet]) -> Option<String> {
    let passed = proxies_passed(place.peer, &parts.headers, proxies);
    let said = |name: &HeaderName, pair: &str| furthest(&parts.headers, name, pair, passed);
    let scheme = match said(&FORWARDED_PROTO, "proto").map(str::to_ascii_lowercase).as_deref() {
        Some("https") => "https",
        Some("http") => "http",
        _ if place.is_secure => "https",
        _ => "http",
    };
    let host = said(&FORWARDED_HOST, "host").or_else(|| authority(parts)).filter(|host| is_host(host))?;
    Some(format!("{scheme}://{host}"))
}

/// What the furthest of the nearest `count` proxies says: an element of `name`, or of `Forwarded` the
/// value of `pair`. Each appends an element; what stands left of theirs is hearsay.
fn furthest<'a>(headers: &'a HeaderMap, name: &HeaderName, pair: &str, count: usize) -> Option<&'a str> {
    if headers.contains_key(name) {
        return elements(headers, name).take(count).last();
    }
    let forwarded = elements(headers, &header::FORWARDED).take(count);
    forwarded.filter_map(|element| forwarded_pair(element, pair)).last()
}

/// Whether it is a host with perhaps a port, and nothing that could end one.
fn is_host(text: &str) -> bool {
    let is_usual = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
    !text.is_empty() && text.chars().all(is_usual)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reached(headers: &[(&str, &str)], is_secure: bool) -> Option<String> {
        let mut request = http::Request::builder().uri("/opensearch.xml");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let peer = "127.0.0.1".parse().unwrap();
        let place = Place { peer, is_admin: false, is_loopback: true, is_secure };
        base(&parts, &place, &["127.0.0.0/8".parse().unwrap()])
    }

    #[test]
    fn urls_begin_with_the_address_that_the_client_asked() {
        let at = |headers: &[(&str, &str)], is_secure| reached(headers, is_secure).unwrap_or_default();
        assert_eq!(at(&[("host", "localhost:1096")], false), "http://localhost:1096");
        assert_eq!(at(&[("host", "[::1]:1096")], true), "https://[::1]:1096");
        let behind = [
            ("host", "10.0.0.1"),
            ("x-forwarded-host", "a.example, names.example.com"),
            ("x-forwarded-proto", "https"),
        ];
        assert_eq!(at(&behind, false), "https://names.example.com");
        let forwarded = [
            ("host", "10.0.0.1"),
            ("forwarded", "for=192.0.2.1;Host=\"names.example.com:8443\";proto=https"),
        ];
        assert_eq!(at(&forwarded, false), "https://names.example.com:8443");
        assert_eq!(reached(&[("host", "a\"/><x")], false), None);
        assert_eq!(reached(&[], false), None);
    }

    #[test]
    fn of_several_proxies_of_ours_the_one_that_the_client_asked_is_believed() {
        let inner = "for=127.0.0.9;host=inner.lan;proto=http";
        for (name, said, also) in [
            ("forwarded", format!("for=192.0.2.1;host=names.example.com;proto=HTTPS, {inner}"), None),
            (
                "forwarded",
                format!("host=evil.example, for=192.0.2.1;host=names.example.com;proto=https, {inner}"),
                None,
            ),
            ("forwarded", "for=192.0.2.1;host=names.example.com;proto=https, for=127.0.0.9".to_owned(), None),
            ("x-forwarded-host", "names.example.com, inner.lan".to_owned(), Some("HTTPS, http")),
            ("x-forwarded-host", "evil.example, names.example.com, inner.lan".to_owned(), Some("https")),
        ] {
            let mut headers = vec![("host", "10.0.0.1"), (name, said.as_str())];
            if let Some(scheme) = also {
                headers.extend([("x-forwarded-proto", scheme), ("x-forwarded-for", "192.0.2.1, 127.0.0.9")]);
            }
            assert_eq!(reached(&headers, false).unwrap(), "https://names.example.com", "{headers:?}");
        }
        let stranger =
            [("forwarded", "for=192.0.2.1;host=evil.example, for=192.0.2.9;host=names.example.com")];
        assert_eq!(reached(&stranger, false).unwrap(), "http://names.example.com");
    }

    #[test]
    fn who_is_not_trusted_is_not_believed() {
        let (parts, ()) = http::Request::builder()
            .header("host", "localhost")
            .header("x-forwarded-host", "evil.example")
            .body(())
            .unwrap()
            .into_parts();
        let peer = "192.0.2.1".parse().unwrap();
        let place = Place { peer, is_admin: false, is_loopback: false, is_secure: false };
        assert_eq!(base(&parts, &place, &[]).unwrap(), "http://localhost");
    }
}
