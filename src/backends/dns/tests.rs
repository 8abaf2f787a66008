//! Names against DNS servers that know, lie, fall silent, or are a real unbound.

use std::{
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::net::UdpSocket;

use super::*;
use crate::{
    backends::Chain,
    model::{CommonName, SystemClock},
    upstream::{
        Lines,
        tests::{DnsServer, zone},
    },
};

const TIMEOUT: Duration = Duration::from_millis(800);

fn backend(servers: &[SocketAddr], tlds: &str) -> Arc<dyn Backend> {
    let servers: Vec<String> = servers.iter().map(|server| format!("\"{server}\"")).collect();
    let options = Options::from_yaml(&format!("servers: [{}]\ntlds: [{tlds}]", servers.join(", ")));
    let setting = Setting {
        name: "dns",
        folder: Path::new("."),
        clock: Arc::new(SystemClock),
        lines: Lines::default(),
        timeout: TIMEOUT,
        toll: None,
        seed: 7,
        chain: Chain::default(),
    };
    build(&options.unwrap(), &setting).unwrap()
}

fn query(name: &str) -> NameQuery {
    NameQuery::plain(CommonName::new(name).unwrap())
}

fn uris(reply: &Reply) -> Vec<&str> {
    reply.hits.iter().map(|hit| hit.uri.as_str()).collect()
}

async fn world() -> DnsServer {
    DnsServer::start(vec![
        zone(
            "com",
            300,
            &[
                ("boeing", "93.184.216.34"),
                ("www.boeing", "93.184.216.34"),
                ("toysrus", "93.184.216.35"),
                ("toys-r-us", "93.184.216.36"),
                ("www.onlywww", "2606:2800:220:1::1"),
                ("secret", "10.0.0.1"),
                ("half", "93.184.216.34"),
                ("half", "127.0.53.53"),
                ("mail.empty", "93.184.216.34"),
                ("sold", "199.59.243.225"),
            ],
        ),
        zone("parked.com", 300, &[("", "93.184.216.37"), ("", "NS ns1.sedoparking.com.")]),
        zone("org", 30, &[("parked", "93.184.216.38"), ("boeing", "93.184.216.39")]),
        zone("net", 300, &[("*", "93.184.216.66"), ("real", "93.184.216.40")]),
    ])
    .await
}

async fn found(name: &str, tlds: &str) -> Vec<String> {
    let server = world().await;
    let reply = backend(&[server.address], tlds).ask(&query(name)).await.unwrap();
    assert!(!reply.degraded);
    uris(&reply).into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn a_name_leads_to_its_domains_the_closest_first() {
    assert_eq!(found("Boeing", "com, org").await, ["https://www.boeing.com/", "https://boeing.org/"]);
    assert_eq!(found("Toys R Us", "com").await, ["https://toysrus.com/", "https://toys-r-us.com/"]);
    assert_eq!(found("Only WWW", "com").await, ["https://www.onlywww.com/"]);
    assert_eq!(found("nosuchcompany", "com, org").await, [""; 0]);
    assert_eq!(found("empty", "com").await, [""; 0]);
}

#[tokio::test]
async fn a_name_that_leads_into_a_private_network_is_no_result() {
    assert_eq!(found("secret", "com").await, [""; 0]);
    assert_eq!(found("half", "com").await, [""; 0]);
}

#[tokio::test]
async fn what_is_for_sale_comes_last_and_without_confidence_or_not_at_all() {
    let server = world().await;
    let reply = backend(&[server.address], "com, org").ask(&query("parked")).await.unwrap();
    assert_eq!(uris(&reply), ["https://parked.org/", "https://parked.com/"]);
    assert_eq!([reply.hits[0].ceiling, reply.hits[1].ceiling], [None, Some(Confidence::Low)]);
    assert_eq!(found("sold", "com").await, [""; 0]);
}

#[tokio::test]
async fn an_address_that_everybody_gets_is_no_evidence() {
    assert_eq!(found("nosuchcompany", "net").await, [""; 0]);
    assert_eq!(found("Boeing", "net, com").await, ["https://www.boeing.com/"]);
}

/// Answers everything, each time with the next address of a pool.
async fn rotating() -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut datagram = [0; 512];
        for turn in 0_u8.. {
            let Ok((length, from)) = socket.recv_from(&mut datagram).await else { return };
            let answer = answered(&datagram[..length], [93, 184, 216, turn]);
            socket.send_to(&answer, from).await.unwrap();
        }
    });
    address
}

/// The answer to a question: this address if one of IPv4 is asked for, else no record.
fn answered(question: &[u8], address: [u8; 4]) -> Vec<u8> {
    let end = 12 + question[12..].iter().position(|byte| *byte == 0).unwrap() + 5;
    let is_v4 = question[end - 4..end - 2] == [0, 1];
    let mut answer = question[..end].to_vec();
    answer[2..4].copy_from_slice(&[0x81, 0x80]);
    answer[6..12].copy_from_slice(&[0, u8::from(is_v4), 0, 0, 0, 0]);
    if is_v4 {
        answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 0, 0, 4]);
        answer.extend(address);
    }
    answer
}

#[tokio::test]
async fn who_gives_everybody_another_address_is_not_believed() {
    let reply = backend(&[rotating().await], "com, org").ask(&query("nosuchcompany")).await.unwrap();
    assert_eq!(uris(&reply), [""; 0]);
}

#[tokio::test]
async fn a_result_is_called_by_its_host_and_is_good_for_as_long_as_its_records() {
    let server = world().await;
    let backend = backend(&[server.address], "com, org");
    let reply = backend.ask(&query("The Boeing Company")).await.unwrap();
    assert_eq!(reply.hits[0].name, "boeing.com");
    assert_eq!(reply.ttl, Some(*TTL.start()), "30 s are too short to remember");
    assert_eq!(backend.ask(&query("Toys R Us")).await.unwrap().ttl, Some(Duration::from_secs(300)));
}

#[tokio::test]
async fn equal_lists_of_domains_are_equal_requests() {
    let backend = backend(&[], "com");
    let request = |name: &str| backend.request(&query(name));
    assert_eq!(request("toys r us"), Ask::Request("toysrus.com toys-r-us.com".to_owned()));
    assert_eq!(request("Toys R Us"), request("TOYS-R-US"));
    assert_eq!(request("!!!"), Ask::Skip(Reason::NotAsked));
}

#[tokio::test]
async fn silence_is_a_failure_within_the_time_that_is_waited() {
    let silent = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let asked = Instant::now();
    let failure =
        backend(&[silent.local_addr().unwrap()], "com, org").ask(&query("Boeing")).await.unwrap_err();
    assert_eq!(failure.reason, Reason::TimedOut);
    assert!(asked.elapsed() < TIMEOUT, "{:?}", asked.elapsed());
}

#[tokio::test]
async fn a_dead_server_is_refused() {
    let dead = std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let failure = backend(&[dead], "com").ask(&query("Boeing")).await.unwrap_err();
    assert!(matches!(failure.reason, Reason::Refused | Reason::Unreachable | Reason::TimedOut), "{failure}");
}

#[tokio::test]
async fn a_suffix_that_fails_makes_the_answer_incomplete() {
    let server = world().await;
    let reply = backend(&[server.address], "com, dev").ask(&query("Boeing")).await.unwrap();
    assert_eq!(uris(&reply), ["https://www.boeing.com/"]);
    assert!(reply.degraded);
}

#[tokio::test]
async fn as_many_domains_as_there_may_be_are_looked_up_at_once() {
    let server = world().await;
    let backend = backend(&[server.address], "com, org, net");
    let long = query("The Ümläut & Söhne Company Inc");
    let Ask::Request(domains) = backend.request(&long) else { panic!() };
    assert_eq!(domains.split(' ').count(), candidates::MOST_DOMAINS);
    let reply = backend.ask(&long).await.unwrap();
    assert!(reply.hits.is_empty() && !reply.degraded);
}

#[test]
fn wrong_options_are_named() {
    let setting = Setting {
        name: "dns",
        folder: Path::new("."),
        clock: Arc::new(SystemClock),
        lines: Lines::default(),
        timeout: TIMEOUT,
        toll: None,
        seed: 7,
        chain: Chain::default(),
    };
    for (yaml, key) in [("servers: [localhost]", "servers"), ("tlds: ['not a suffix']", "tlds")] {
        let Err(Problems(problems)) = build(&Options::from_yaml(yaml).unwrap(), &setting) else {
            panic!("{yaml} was taken")
        };
        assert_eq!(problems[0].key, key);
    }
}

/// An unbound with names of its own, ended with the test.
struct Unbound(Child);

impl Drop for Unbound {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn unbound(folder: &Path, port: u16) -> Unbound {
    let config = format!(
        r#"server:
  interface: 127.0.0.1@{port}
  do-daemonize: no
  username: ""
  chroot: ""
  directory: "{folder}"
  pidfile: ""
  use-syslog: no
  module-config: "iterator"
  local-zone: "com." static
  local-zone: "org." static
  local-zone: "net." redirect
  local-data: "net. 300 A 93.184.216.66"
  local-data: "boeing.com. 300 A 93.184.216.34"
  local-data: "www.boeing.com. 300 A 93.184.216.34"
  local-data: "secret.com. 300 A 192.168.1.1"
  local-data: "xn--citron-tva.org. 300 A 93.184.216.41"
  local-data: "parked.com. 300 A 93.184.216.37"
  local-data: "parked.com. 300 NS ns1.bodis.com."
remote-control:
  control-enable: no
"#,
        folder = folder.display()
    );
    let file = folder.join("unbound.conf");
    std::fs::write(&file, config).unwrap();
    let programs = ["unbound", "/usr/sbin/unbound"];
    let started = programs.iter().find_map(|program| {
        Command::new(program).arg("-d").arg("-c").arg(&file).stderr(Stdio::null()).spawn().ok()
    });
    Unbound(started.expect("unbound is installed: scripts/packages unbound"))
}

/// One that answers, and a backend that asks it. The port is free when it is chosen, and somebody else
/// may take it before unbound does, which then ends: so it is tried with others.
async fn answering_unbound(folder: &Path) -> (Unbound, Arc<dyn Backend>) {
    for _ in 0..10 {
        let free = std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let (mut server, backend) = (unbound(folder, free.port()), backend(&[free], "com, org, net"));
        let started = Instant::now();
        while server.0.try_wait().unwrap().is_none() && started.elapsed() < Duration::from_secs(10) {
            if backend.ask(&query("Boeing")).await.is_ok() {
                return (server, backend);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    panic!("unbound did not come up");
}

#[tokio::test]
async fn a_real_unbound_is_understood() {
    let folder = tempfile::tempdir().unwrap();
    let (_server, backend) = answering_unbound(folder.path()).await;
    let reply = backend.ask(&query("Boeing")).await.unwrap();
    assert_eq!(uris(&reply), ["https://www.boeing.com/"]);
    for (name, expected) in [
        ("secret", &[][..]),
        ("Citroën", &["https://xn--citron-tva.org/"]),
        ("parked", &["https://parked.com/"]),
        ("nosuchcompany", &[]),
    ] {
        let reply = backend.ask(&query(name)).await.unwrap();
        assert_eq!(uris(&reply), expected, "{name}");
        assert!(!reply.degraded, "{name}");
        assert!(name != "parked" || reply.hits[0].ceiling == Some(Confidence::Low));
    }
}
