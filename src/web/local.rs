//! Which host names a loopback listener answers to.
//!
//! A web page that rebinds its own name to 127.0.0.1 makes a browser send requests here under
//! that name, and would read the answers as its own. So pages, JSON and the operator's pages on
//! a loopback listener answer only to names that nobody else can own.

use std::net::IpAddr;

/// Whether `authority`, the `Host` of a request, names this machine or is one of `hosts`, which
/// the operator allows (with or without a port).
pub fn is_local(authority: &str, hosts: &[String]) -> bool {
    if !is_authority(authority) {
        return false;
    }
    let host = host_of(authority);
    let host = host.strip_suffix('.').unwrap_or(host);
    let is_listed = |listed: &String| {
        listed.eq_ignore_ascii_case(authority)
            || host_of(listed).eq_ignore_ascii_case(host) && !has_port(listed)
    };
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
        || hosts.iter().any(is_listed)
}

/// Whether it is a host with perhaps a port: what follows the colon could be a password, and the host be
/// behind an `@`.
fn is_authority(text: &str) -> bool {
    let after = text.rsplit(']').next().unwrap_or_default();
    let port = after.split_once(':').map_or("", |(_, port)| port);
    !text.contains('@') && port.bytes().all(|byte| byte.is_ascii_digit())
}

/// The host of `host:port`, without the brackets of an IPv6 address.
fn host_of(authority: &str) -> &str {
    match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    }
}

fn has_port(authority: &str) -> bool {
    authority.rsplit(']').next().is_some_and(|rest| rest.contains(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_nobody_else_can_own_are_local() {
        let hosts = ["names.lan".to_owned(), "box.lan:1096".to_owned()];
        for ours in [
            "localhost",
            "LOCALHOST:1096",
            "localhost.",
            "127.0.0.1",
            "127.9.8.7:80",
            "[::1]",
            "[::1]:1096",
            "Names.LAN:2757",
            "box.lan:1096",
        ] {
            assert!(is_local(ours, &hosts), "{ours}");
        }
        for foreign in [
            "",
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "192.168.0.1",
            "[::2]",
            "box.lan:80",
            "evil.example:127.0.0.1",
            "localhost:80@evil.example",
            "localhost:evil.example",
        ] {
            assert!(!is_local(foreign, &hosts), "{foreign}");
        }
    }
}
