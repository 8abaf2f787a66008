//! Who asks: the address of the client, also behind proxies that the operator trusts, and the
//! key under which its requests are counted.

use std::net::{IpAddr, Ipv6Addr};

use http::{HeaderMap, HeaderName, header};
use ipnet::IpNet;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Whom to count as one client: an IPv4 address, or the /56 that one subscriber usually has of
/// IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct ClientKey(IpAddr);

impl ClientKey {
    /// The key of an address.
    pub(super) fn of(client: IpAddr) -> Self {
        match client.to_canonical() {
            IpAddr::V6(address) => {
                let subscriber = u128::from(address) >> 72 << 72;
                Self(IpAddr::V6(Ipv6Addr::from(subscriber)))
            }
            v4 @ IpAddr::V4(_) => Self(v4),
        }
    }
}

/// Whether one of `nets` holds `address`; an IPv4 address mapped into IPv6 is that IPv4 address.
pub(super) fn holds(nets: &[IpNet], address: IpAddr) -> bool {
    let address = address.to_canonical();
    nets.iter().any(|net| net.contains(&address))
}

/// The client behind `peer`. What a proxy says is read from the right, as each proxy appends
/// whom it heard from: the first address that is no proxy of ours is the client, and all that
/// stands left of it is hearsay. `X-Forwarded-For` wins over `Forwarded`, since most proxies
/// append to it and pass the other on unread.
pub(super) fn client(peer: IpAddr, headers: &HeaderMap, proxies: &[IpNet]) -> IpAddr {
    let peer = peer.to_canonical();
    if proxies.is_empty() || !holds(proxies, peer) {
        return peer;
    }
    nearest_stranger(peer, &hops(headers), proxies)
}

/// How many proxies of ours, one behind the other, the request came through.
pub(super) fn proxies_passed(peer: IpAddr, headers: &HeaderMap, proxies: &[IpNet]) -> usize {
    if !holds(proxies, peer) {
        return 0;
    }
    let is_ours = |hop: &&str| address(hop).is_some_and(|address| holds(proxies, address));
    1 + hops(headers).into_iter().take_while(is_ours).count()
}

/// Whom each proxy says that it heard from, the nearest first.
fn hops(headers: &HeaderMap) -> Vec<&str> {
    if headers.contains_key(FORWARDED_FOR) {
        elements(headers, &FORWARDED_FOR).collect()
    } else {
        let forwarded = elements(headers, &header::FORWARDED);
        forwarded.map(|element| forwarded_pair(element, "for").unwrap_or_default()).collect()
    }
}

fn nearest_stranger(peer: IpAddr, hops: &[&str], proxies: &[IpNet]) -> IpAddr {
    let mut nearest = peer;
    for hop in hops {
        // `unknown` and obfuscated names say no more than the proxy that wrote them.
        let Some(address) = address(hop) else { return nearest };
        nearest = address;
        if !holds(proxies, nearest) {
            return nearest;
        }
    }
    nearest
}

/// The elements of a list header, last first, over all its lines.
pub(super) fn elements<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let lines: Vec<_> = headers.get_all(name).iter().collect();
    lines.into_iter().rev().flat_map(|line| line.to_str().unwrap_or_default().rsplit(',')).map(str::trim)
}

/// The value of the pair `name` in an element of `Forwarded` (RFC 7239).
pub(super) fn forwarded_pair<'a>(element: &'a str, name: &str) -> Option<&'a str> {
    let mut pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(key, _)| key.trim().eq_ignore_ascii_case(name))?;
    Some(value.trim().trim_matches('"'))
}

/// The address of a node: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]:80`.
fn address(node: &str) -> Option<IpAddr> {
    let bare = match node.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0,
        None if node.matches(':').count() == 1 => node.split(':').next()?,
        None => node,
    };
    bare.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, headers: &[(&'static str, &'static str)], proxies: &[&str]) -> String {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        let proxies: Vec<IpNet> = proxies.iter().map(|net| net.parse().unwrap()).collect();
        client(peer.parse().unwrap(), &map, &proxies).to_string()
    }

    #[test]
    fn a_stranger_is_not_believed() {
        let headers = [("x-forwarded-for", "192.0.2.1"), ("forwarded", "for=192.0.2.1")];
        assert_eq!(seen("198.51.100.1", &headers, &[]), "198.51.100.1");
        assert_eq!(seen("198.51.100.1", &headers, &["10.0.0.0/8"]), "198.51.100.1");
    }

    #[test]
    fn what_a_trusted_proxy_appended_is_believed_and_nothing_left_of_it() {
        let trusted = ["10.0.0.0/8", "127.0.0.0/8"];
        for (name, value, expected) in [
            ("x-forwarded-for", "203.0.113.9, 192.0.2.1", "192.0.2.1"),
            ("x-forwarded-for", "203.0.113.9, 192.0.2.1, 10.1.1.1", "192.0.2.1"),
            ("x-forwarded-for", "192.0.2.1:4711", "192.0.2.1"),
            ("x-forwarded-for", "10.1.1.1", "10.1.1.1"),
            ("x-forwarded-for", "192.0.2.1, unknown", "127.0.0.1"),
            ("x-forwarded-for", "", "127.0.0.1"),
            ("forwarded", "for=203.0.113.9;proto=http, For=\"[2001:db8::1]:80\";by=10.1.1.1", "2001:db8::1"),
            ("forwarded", "for=_hidden", "127.0.0.1"),
            ("forwarded", "proto=https", "127.0.0.1"),
        ] {
            assert_eq!(seen("127.0.0.1", &[(name, value)], &trusted), expected, "{name}: {value}");
        }
        for node in ["_proxy:80", "\"_proxy\"", "unknown", "\"[2001:db8::1\"", ""] {
            let forwarded = format!("for=192.0.2.1, for={node}").leak();
            assert_eq!(seen("127.0.0.1", &[("forwarded", forwarded)], &trusted), "127.0.0.1", "{node}");
        }
        let lines = [("forwarded", "for=203.0.113.9"), ("forwarded", "by=x;FOR=\"192.0.2.1:_port\"")];
        assert_eq!(seen("10.0.0.1", &lines, &trusted), "192.0.2.1");
        let lines = [("x-forwarded-for", "203.0.113.9"), ("x-forwarded-for", "192.0.2.1")];
        assert_eq!(seen("::ffff:127.0.0.1", &lines, &trusted), "192.0.2.1");
    }

    #[test]
    fn one_subscriber_is_one_key() {
        let key = |text: &str| ClientKey::of(text.parse().unwrap());
        assert_eq!(key("2001:db8:0:1200::1"), key("2001:db8:0:12ff:9::2"));
        assert_ne!(key("2001:db8:0:1200::1"), key("2001:db8:0:1300::1"));
        assert_eq!(key("::ffff:192.0.2.1"), key("192.0.2.1"));
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
    }
}
