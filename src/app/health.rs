//! Asking a running gateway how it is, by its operator's pages.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::Path,
};

use super::{Failure, examine};
use crate::{
    client::{Speech, recognise},
    upstream::{Knock, knock},
};

/// Where the gateway that runs with this configuration has its operator's pages, as this machine
/// reaches them. Mistakes elsewhere in the file are no hindrance: the gateway may well run with what
/// stood there before.
///
/// # Errors
/// The file can't be read, or leaves the port to the system.
pub fn admin(config: Option<&Path>) -> Result<SocketAddr, Failure> {
    let (config, _) = examine(config)?;
    let address = config.listen.admin;
    if address.port() == 0 {
        return Err(Failure::Usage(
            "listen.admin: port 0 is another one at every start; expected a port that can be asked".into(),
        ));
    }
    Ok(reachable(address))
}

/// An address that means "all of mine" is reached by loopback.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        ip if !ip.is_unspecified() => ip,
        IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    };
    SocketAddr::new(ip, address.port())
}

/// Asks for `page`, `/readyz` or `/livez`.
///
/// # Errors
/// Anything but 200, in words.
pub async fn ask(admin: SocketAddr, page: &str) -> Result<(), String> {
    let request = format!("GET {page} HTTP/1.0\r\nHost: {admin}\r\n\r\n");
    match knock::tcp_at_once(admin, request.as_bytes()).await {
        Knock::Heard(heard) => verdict(&heard).map_err(|why| format!("http://{admin}{page}: {why}")),
        Knock::Closed => Err(format!("nothing listens on {admin}, the address of listen.admin")),
        Knock::Filtered => Err(format!("{admin} does not answer")),
        Knock::Unreachable(why) => Err(format!("{admin}: {why}")),
    }
}

fn verdict(heard: &[u8]) -> Result<(), String> {
    match recognise(heard) {
        Speech::Http { status: Some(200), .. } => Ok(()),
        Speech::Http { status: Some(503), .. } => Err("not ready".into()),
        Speech::Http { status: Some(status), .. } => Err(format!("answers {status}; expected 200")),
        Speech::Silent => Err("it did not answer in time".into()),
        _ => Err("what answers is no gateway".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_means_all_is_asked_over_loopback() {
        let reached = |text: &str| reachable(text.parse().unwrap()).to_string();
        assert_eq!(reached("0.0.0.0:9096"), "127.0.0.1:9096");
        assert_eq!(reached("[::]:9096"), "[::1]:9096");
        assert_eq!(reached("192.0.2.1:9096"), "192.0.2.1:9096");
    }

    #[test]
    fn only_200_is_well() {
        assert_eq!(verdict(b"HTTP/1.0 200 OK\r\n\r\nready\n"), Ok(()));
        assert_eq!(verdict(b"HTTP/1.0 503 Service Unavailable\r\n\r\n"), Err("not ready".into()));
        assert_eq!(verdict(b"HTTP/1.1 404 Not Found\r\n\r\n"), Err("answers 404; expected 200".into()));
        assert_eq!(verdict(b""), Err("it did not answer in time".into()));
        assert_eq!(verdict(b"SSH-2.0-OpenSSH_9.2\r\n"), Err("what answers is no gateway".into()));
    }
}
