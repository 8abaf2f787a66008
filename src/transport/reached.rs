//! Under which address the client reached us: what absolute URLs of ours have to begin with.

use http::{HeaderMap, HeaderName, header, request::Parts};
use ipnet::IpNet;

use super::{
    client::holds,
    front::{Place, authority},
};

const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// `https://names.example.com`, without a slash at the end. What the proxy says in front of us is
/// believed where the operator trusts it; of several that say something, the nearest.
pub(super) fn base(parts: &Parts, place: &Place, proxies: &[IpNet]) -> Option<String> {
    let said = |name: &HeaderName, pair: &str| {
        let is_trusted = holds(proxies, place.peer);
        is_trusted.then(|| nearest(&parts.headers, name, pair)).flatten()
    };
    let scheme = match said(&FORWARDED_PROTO, "proto").as_deref() {
        Some("https") => "https",
        Some("http") => "http",
        _ if place.is_secure => "https",
        _ => "http",
    };
    let forwarded = said(&FORWARDED_HOST, "host");
    let host = forwarded.as_deref().or_else(|| authority(parts)).filter(|host| is_host(host))?;
    Some(format!("{scheme}://{host}"))
}

/// What the nearest proxy says: the last element of `name`, or of `Forwarded` the value of `pair`.
fn nearest(headers: &HeaderMap, name: &HeaderName, pair: &str) -> Option<String> {
    let last =
        |name: &HeaderName| headers.get_all(name).iter().next_back()?.to_str().ok()?.rsplit(',').next();
    if let Some(value) = last(name) {
        return Some(value.trim().to_owned());
    }
    let mut pairs = last(&header::FORWARDED)?.split(';').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case(pair))?;
    Some(value.trim().trim_matches('"').to_owned())
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
