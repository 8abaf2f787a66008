//! Asking a running gateway how it is, by its operator's pages.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::Path,
};

use super::{Failure, examine};
use crate::{
    client::{Speech, recognise},
    config::{Listen, Problems},
    upstream::{Knock, knock},
};

/// Where a gateway has its operator's pages.
#[derive(Debug)]
pub struct Admin {
    /// As this machine reaches it.
    address: SocketAddr,
    /// Why the configuration does not say so; then this is the default.
    unknown: Option<Problems>,
}

/// Where the gateway that runs with this configuration has its operator's pages. Mistakes elsewhere in the
/// file are no hindrance: the gateway may well run with what stood there before. Where the file can't be read
/// it is to be looked for at the default.
///
/// # Errors
/// The file leaves the port to the system.
pub fn admin(config: Option<&Path>) -> Result<Admin, Failure> {
    let (listen, problems) = match examine(config) {
        Ok((config, problems)) => (config.listen, problems),
        Err(problems) => (Listen::default(), problems),
    };
    let address = listen.admin;
    if address.port() == 0 {
        return Err(Failure::Usage(
            "listen.admin: port 0 is another one at every start; expected a port that can be asked".into(),
        ));
    }
    let is_default = address == Listen::default().admin;
    let hides_it =
        problems.0.iter().any(|problem| matches!(problem.key.as_str(), "" | "listen" | "listen.admin"));
    Ok(Admin { address: reachable(address), unknown: (is_default && hides_it).then_some(problems) })
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

/// Asks for `page`, `/readyz` or `/livez`. Anything but 200 is told in words.
///
/// # Errors
/// It is not well where it was looked for, and the configuration does not say where it is.
pub async fn ask(admin: &Admin, page: &str) -> Result<Result<(), String>, Failure> {
    match (asked(admin.address, page).await, &admin.unknown) {
        (Err(why), Some(problems)) => Err(Failure::Usage(format!(
            "{problems}\nso it is not known where to ask; as for the default: {why}"
        ))),
        (verdict, _) => Ok(verdict),
    }
}

async fn asked(admin: SocketAddr, page: &str) -> Result<(), String> {
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

    /// A gateway lives on with what stood in its file before.
    #[test]
    fn a_file_that_cannot_be_read_does_not_hide_a_gateway_at_the_default() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gateway.yaml");
        let look =
            || admin(Some(&path)).map(|found| (found.address.port(), found.unknown.is_some())).unwrap();
        assert_eq!(look(), (9096, true), "it is missing");
        for (text, found) in [
            ("", (9096, true)),
            ("bad: [", (9096, true)),
            ("listen: {admin: here}", (9096, true)),
            ("listen: 9097", (9096, true)),
            ("drain: soon", (9096, false)),
            ("listen: {admin: \"127.0.0.1:9097\"}\ndrain: soon", (9097, false)),
        ] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(look(), found, "{text}");
        }
    }

    #[tokio::test]
    async fn who_is_not_where_the_file_might_have_said_is_not_called_dead() {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        drop(taken);
        let closed = format!("nothing listens on {address}, the address of listen.admin");
        let known = ask(&Admin { address, unknown: None }, "/livez").await;
        assert_eq!(known.unwrap(), Err(closed.clone()));
        let (_, problems) = crate::config::examine("bad: [", "gateway.yaml".as_ref());
        let unknown = ask(&Admin { address, unknown: Some(problems) }, "/livez").await.unwrap_err();
        let told = unknown.to_string();
        assert!(told.starts_with("gateway.yaml:1:") && told.ends_with(&closed), "{told}");
        assert!(matches!(unknown, Failure::Usage(_)));
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
