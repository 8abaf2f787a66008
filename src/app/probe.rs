//! Probing: what listens at the ports of CNRP on some machine.

use std::{collections::HashSet, net::SocketAddr};

use futures_util::future::join_all;

use super::Failure;
pub use crate::{client::Speech, upstream::Holder};
use crate::{
    client::{recognise, servicequery_datagram, servicequery_over_http},
    upstream::{HostLookup, Knock, Secured, SystemHosts, holder, is_of_this_machine, knock},
};

/// The registered ports: RFC 3367 section 3.3, and the one that IANA lists beside it (D23, D24).
const PORTS: [u16; 2] = [1096, 2757];

/// Most addresses of a host that are tried.
const ADDRESSES: usize = 4;

/// What one port turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub address: SocketAddr,
    pub is_udp: bool,
    pub found: Found,
    /// The process behind it, where it is on this machine and the system tells.
    pub holder: Option<Holder>,
}

/// What is behind a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    Closed,
    /// Nobody answers.
    Filtered,
    /// There is no way to it, for this reason.
    Unreachable(String),
    /// Something that speaks.
    Open(Speech),
    /// Something that speaks TLS, and this inside.
    Tls(Speech),
    /// Something that speaks TLS, and not with us, for this reason.
    Guarded(String),
}

impl Finding {
    /// Whether CNRP is spoken there.
    pub fn is_cnrp(&self) -> bool {
        matches!(self.found, Found::Open(Speech::Cnrp { .. }) | Found::Tls(Speech::Cnrp { .. }))
    }
}

/// Tries the ports of CNRP at `host`, TCP and UDP; or one port alone, and that by TCP only.
///
/// # Errors
/// The host has no address.
pub async fn probe(host: &str, port: Option<u16>) -> Result<Vec<Finding>, Failure> {
    let found = SystemHosts.addresses(host.to_owned()).await;
    let found = found.map_err(|failure| Failure::Service(failure.to_string()))?;
    let mut known = HashSet::new();
    let addresses = found.into_iter().filter(|address| known.insert(*address)).take(ADDRESSES);
    let doors = addresses.flat_map(|address| match port {
        Some(port) => vec![(SocketAddr::new(address, port), false)],
        None => {
            let ports = PORTS.iter().flat_map(|port| [(*port, false), (*port, true)]);
            ports.map(|(port, is_udp)| (SocketAddr::new(address, port), is_udp)).collect()
        }
    });
    Ok(join_all(doors.map(|(address, is_udp)| look(host, address, is_udp))).await)
}

async fn look(host: &str, address: SocketAddr, is_udp: bool) -> Finding {
    let found = if is_udp { by_udp(address).await } else { by_tcp(host, address).await };
    let holder = if matches!(found, Found::Closed) { None } else { holder_of(address, is_udp).await };
    Finding { address, is_udp, found, holder }
}

async fn by_udp(address: SocketAddr) -> Found {
    found(knock::udp(address, &servicequery_datagram()).await)
}

/// Asks in the clear and inside TLS at the same time. Most servers of TLS answer plain HTTP with an
/// HTTP error of their own, so TLS counts for more, and only CNRP for more than that.
async fn by_tcp(host: &str, address: SocketAddr) -> Found {
    let request = servicequery_over_http(&address.to_string());
    let (plain, secured) = tokio::join!(knock::tcp(address, &request), knock::tls(address, host, &request));
    match (found(plain), secured) {
        (plain @ Found::Open(Speech::Cnrp { .. }), _) => plain,
        (_, Secured::Heard(heard)) => Found::Tls(recognise(&heard)),
        (_, Secured::Refused(why)) => Found::Guarded(why),
        (Found::Open(Speech::Tls), Secured::No) => {
            Found::Guarded("it did not finish the handshake".to_owned())
        }
        (plain, Secured::No) => plain,
    }
}

fn found(knock: Knock) -> Found {
    match knock {
        Knock::Closed => Found::Closed,
        Knock::Filtered => Found::Filtered,
        Knock::Unreachable(why) => Found::Unreachable(why),
        Knock::Heard(heard) => Found::Open(recognise(&heard)),
    }
}

async fn holder_of(address: SocketAddr, is_udp: bool) -> Option<Holder> {
    let find = move || is_of_this_machine(address.ip()).then(|| holder(address.port(), is_udp)).flatten();
    tokio::task::spawn_blocking(find).await.ok().flatten()
}
