//! What a missing answer means is told apart, and nothing takes longer than it may.

use std::time::{Duration, Instant};

use tokio::net::UdpSocket;

use super::{DnsServer, zone};
use crate::{
    model::Reason,
    upstream::{Dns, Missing},
};

const PATIENCE: Duration = Duration::from_millis(600);

async fn server() -> DnsServer {
    let many = (1..=200).map(|n| ("many".to_owned(), format!("93.184.{}.{n}", n % 7))).collect::<Vec<_>>();
    let mut records = vec![
        ("www", "93.184.216.34"),
        ("www", "2606:2800:220:1::1"),
        ("alias", "www.boeing.com."),
        ("a.empty", "93.184.216.34"),
        ("", "NS NS1.SedoParking.com."),
    ];
    records.extend(many.iter().map(|(name, address)| (name.as_str(), address.as_str())));
    DnsServer::start(vec![zone("boeing.com", 300, &records)]).await
}

#[tokio::test]
async fn addresses_of_both_kinds_come_with_their_ttl() {
    let server = server().await;
    let dns = Dns::new(&[server.address], PATIENCE);
    for host in ["www.boeing.com", "WWW.Boeing.COM.", "alias.boeing.com"] {
        let found = dns.addresses(host).await.unwrap();
        assert_eq!(found.addresses.len(), 2, "{host}");
        assert_eq!(found.ttl, Duration::from_secs(300));
    }
}

#[tokio::test]
async fn absence_is_told_from_failure() {
    let server = server().await;
    let dns = Dns::new(&[server.address], PATIENCE);
    assert_eq!(dns.addresses("nothing.boeing.com").await, Err(Missing::NoSuchName));
    assert_eq!(dns.addresses("empty.boeing.com").await, Err(Missing::NoRecords));
    let Err(Missing::Failed(failure)) = dns.addresses("elsewhere.org").await else { panic!() };
    assert_eq!(failure.reason, Reason::Unreachable);
    assert!(failure.detail.contains("efused"), "{}", failure.detail);
    let Err(Missing::Failed(failure)) = dns.addresses("a..b").await else { panic!() };
    assert_eq!(failure.reason, Reason::Malformed);
}

#[tokio::test]
async fn an_answer_too_long_for_udp_is_asked_for_over_tcp() {
    let server = server().await;
    let found = Dns::new(&[server.address], PATIENCE).addresses("many.boeing.com").await.unwrap();
    assert_eq!(found.addresses.len(), 200);
}

#[tokio::test]
async fn name_servers_are_lower_case_without_the_last_dot() {
    let server = server().await;
    let dns = Dns::new(&[server.address], PATIENCE);
    assert_eq!(dns.name_servers("boeing.com").await.unwrap(), ["ns1.sedoparking.com"]);
}

#[tokio::test]
async fn a_silent_server_costs_no_more_than_the_patience() {
    let silent = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let dns = Dns::new(&[silent.local_addr().unwrap()], Duration::from_millis(200));
    let asked = Instant::now();
    let Err(Missing::Failed(failure)) = dns.addresses("boeing.com").await else { panic!() };
    assert_eq!(failure.reason, Reason::TimedOut);
    assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
}

#[tokio::test]
async fn a_dead_server_does_not_hide_a_live_one() {
    let dead = UdpSocket::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let live = server().await;
    let found = Dns::new(&[dead, live.address], PATIENCE).addresses("www.boeing.com").await;
    assert_eq!(found.unwrap().addresses.len(), 2);
}
