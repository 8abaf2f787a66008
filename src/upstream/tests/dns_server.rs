//! A DNS server on loopback with zones of a test's own.

use std::{net::SocketAddr, str::FromStr, sync::Arc, time::Duration};

use hickory_server::{
    Server,
    net::runtime::TokioRuntimeProvider,
    proto::rr::{
        Name, RData, Record,
        rdata::{A, AAAA, CNAME, NS, SOA},
    },
    store::in_memory::InMemoryZoneHandler,
    zone_handler::{AxfrPolicy, Catalog, ZoneHandler, ZoneType},
};
use tokio::net::{TcpListener, UdpSocket};

/// A running server; it ends when it is dropped.
pub(crate) struct DnsServer {
    pub(crate) address: SocketAddr,
    _server: Server<Catalog>,
}

/// A zone of (name, address, CNAME target or `NS server`), names without the origin; `*` is a
/// wildcard. All records are good for `ttl` seconds.
pub(crate) fn zone(origin: &str, ttl: u32, records: &[(&str, &str)]) -> (Name, Arc<dyn ZoneHandler>) {
    let origin = Name::from_str(&format!("{origin}.")).unwrap();
    let mut zone = InMemoryZoneHandler::<TokioRuntimeProvider>::empty(
        origin.clone(),
        ZoneType::Primary,
        AxfrPolicy::Deny,
    );
    let soa = SOA::new(origin.clone(), origin.clone(), 1, 60, 60, 60, 60);
    zone.upsert_mut(Record::from_rdata(origin.clone(), ttl, RData::SOA(soa)), 0);
    for (name, value) in records {
        let name = Name::from_str(name).unwrap().append_domain(&origin).unwrap();
        zone.upsert_mut(Record::from_rdata(name, ttl, data(value)), 0);
    }
    (origin, Arc::new(zone))
}

fn data(value: &str) -> RData {
    if let Some(server) = value.strip_prefix("NS ") {
        RData::NS(NS(Name::from_str(server).unwrap()))
    } else if let Ok(v4) = value.parse() {
        RData::A(A(v4))
    } else if let Ok(v6) = value.parse() {
        RData::AAAA(AAAA(v6))
    } else {
        RData::CNAME(CNAME(Name::from_str(value).unwrap()))
    }
}

impl DnsServer {
    /// Starts a server of these zones; it refuses to speak of others.
    pub(crate) async fn start(zones: Vec<(Name, Arc<dyn ZoneHandler>)>) -> Self {
        let mut catalog = Catalog::new();
        for (origin, zone) in zones {
            catalog.upsert(origin.into(), vec![zone]);
        }
        let (udp, tcp) = Self::sockets().await;
        let address = udp.local_addr().unwrap();
        let mut server = Server::new(catalog);
        server.register_socket(udp);
        server.register_listener(tcp, Duration::from_secs(5), 4096);
        Self { address, _server: server }
    }

    /// Both at one port. The system chooses it for UDP, and somebody may have it for TCP.
    async fn sockets() -> (UdpSocket, TcpListener) {
        for _ in 0..100 {
            let udp = UdpSocket::bind("127.0.0.1:0").await.unwrap();
            if let Ok(tcp) = TcpListener::bind(udp.local_addr().unwrap()).await {
                return (udp, tcp);
            }
        }
        panic!("no port that is free for UDP and TCP");
    }
}
