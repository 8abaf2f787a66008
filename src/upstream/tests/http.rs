//! The HTTP client against a server that misbehaves, and redirects that lead astray.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{Request, Response};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use url::Url;

use super::{Act, Fixture};
use crate::{
    model::{BoxFuture, Exchange, Failure, Reason, Toll},
    upstream::{Bounds, Dns, HostLookup, HttpClient, Missing, SystemHosts, USER_AGENT},
};

/// Every name is on this machine.
struct AllHere;

impl HostLookup for AllHere {
    fn addresses(&self, _: String) -> BoxFuture<'static, Result<Vec<IpAddr>, Failure>> {
        Box::pin(async { Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]) })
    }
}

fn client(url: &str) -> HttpClient {
    let bounds = Bounds { total: Duration::from_millis(400), body: 1000, ..Bounds::default() };
    HttpClient::new(&Url::parse(url).unwrap(), bounds, USER_AGENT, Arc::new(AllHere)).unwrap()
}

async fn get(client: &HttpClient, url: &str) -> Result<Response<Bytes>, Failure> {
    let request = Request::get(url).header("Accept", "a/b").header("X-Key", "hush").body(Bytes::new());
    client.exchange(request.unwrap()).await
}

async fn failure(act: Act) -> Failure {
    let server = Fixture::always(act).await;
    let asked = Instant::now();
    let failure = get(&client(&server.url), &format!("{}/?key=hush", server.url)).await.unwrap_err();
    assert!(asked.elapsed() < Duration::from_secs(1), "{failure} after {:?}", asked.elapsed());
    assert!(!failure.detail.contains("hush") && !failure.detail.is_empty(), "{failure}");
    failure
}

#[tokio::test]
async fn a_reply_of_any_status_comes_whole() {
    let server = Fixture::always(Act::Reply(404, "X-A: b\r\n".to_owned(), b"gone".to_vec())).await;
    let reply = get(&client(&server.url), &server.url).await.unwrap();
    assert_eq!((reply.status().as_u16(), reply.body().as_ref()), (404, b"gone".as_slice()));
    assert_eq!(reply.headers().get("x-a").unwrap(), "b");
    let head = server.heads().remove(0).to_lowercase();
    assert!(head.contains("user-agent: cnrp-gateway/") && head.contains("accept-encoding: gzip"), "{head}");
}

#[tokio::test]
async fn every_fault_of_a_server_has_its_reason() {
    for (act, reason) in [
        (Act::Reset, Reason::Reset),
        (Act::Close, Reason::Reset),
        (Act::Garbage, Reason::Malformed),
        (Act::Truncate, Reason::Malformed),
        (Act::Hang, Reason::TimedOut),
        (Act::Drip, Reason::TimedOut),
        (Act::Flood, Reason::TooLarge),
        (Act::ok("a/b", vec![b' '; 1001]), Reason::TooLarge),
        (Act::gzip("a/b", &vec![b' '; 10_000_000]), Reason::TooLarge),
        (Act::Reply(200, "Content-Encoding: gzip\r\n".to_owned(), b"no gzip".to_vec()), Reason::Malformed),
        (Act::redirect(302, "/"), Reason::HttpError),
        (Act::redirect(302, "http://127.0.0.1:1/"), Reason::Unsafe),
        (Act::redirect(307, "http://[::1]:1/"), Reason::Unsafe),
        (Act::redirect(301, "http://[::ffff:10.0.0.1]/"), Reason::Unsafe),
        (Act::redirect(308, "http://0x7f.1/"), Reason::Unsafe),
        (Act::redirect(303, "//169.254.169.254/latest"), Reason::Unsafe),
        (Act::redirect(302, "http://inside.example/"), Reason::Unsafe),
        (Act::redirect(302, "https://consent.example.com/ml?continue=x"), Reason::Captcha),
        (Act::redirect(302, "file:///etc/passwd"), Reason::Unsafe),
        (Act::redirect(302, "http://"), Reason::Malformed),
    ] {
        let shown = format!("{act:.60?}");
        let failure = failure(act).await;
        assert_eq!(failure.reason, reason, "{shown:.200}: {failure}");
    }
}

/// Reads a request; `false` where the connection ends instead.
async fn reads_request(stream: &mut TcpStream) -> bool {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return false,
        }
    }
    true
}

/// A server that answers the first `answered` connections once each, and keeps them until the next
/// request comes, which it reads and hangs up on. Gives its address and the count of its requests.
async fn hangs_up_on_second_requests(answered: usize) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let requests = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&requests);
    tokio::spawn(async move {
        for connection in 0.. {
            let (mut stream, _) = listener.accept().await.unwrap();
            let counted = Arc::clone(&counted);
            tokio::spawn(async move {
                let answers = usize::from(connection < answered);
                for request in 0.. {
                    if !reads_request(&mut stream).await {
                        return;
                    }
                    counted.fetch_add(1, Ordering::SeqCst);
                    if request == answers {
                        return;
                    }
                    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi").await.unwrap();
                }
            });
        }
    });
    (url, requests)
}

#[tokio::test]
async fn a_kept_connection_that_was_closed_meanwhile_is_no_failure() {
    let (url, requests) = hangs_up_on_second_requests(usize::MAX).await;
    let client = client(&url);
    for question in 0..5 {
        assert_eq!(get(&client, &url).await.unwrap().body().as_ref(), b"hi", "question {question}");
    }
    assert!(requests.load(Ordering::SeqCst) > 5, "connections were kept and found closed");
}

#[tokio::test]
async fn a_server_that_always_breaks_off_is_not_asked_twice() {
    let (url, requests) = hangs_up_on_second_requests(1).await;
    let client = client(&url);
    assert!(get(&client, &url).await.is_ok());
    // On the kept connection, and on a new one.
    assert_eq!(get(&client, &url).await.unwrap_err().reason, Reason::Reset);
    assert_eq!(requests.load(Ordering::SeqCst), 3);
    assert_eq!(get(&client, &url).await.unwrap_err().reason, Reason::Reset);
    assert_eq!(requests.load(Ordering::SeqCst), 4, "nothing was kept, so nothing is repeated");
}

#[tokio::test]
async fn nobody_listening_is_refused_and_plain_text_is_no_tls() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{free}/");
    assert_eq!(get(&client(&url), &url).await.unwrap_err().reason, Reason::Refused);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(b"HTTP/1.1 400 No\r\n\r\n").await;
        }
    });
    let failure = get(&client(&url), &url).await.unwrap_err();
    assert_eq!(failure.reason, Reason::Tls, "{failure}");
}

#[tokio::test]
async fn a_host_without_addresses_is_unreachable() {
    struct Nowhere;
    impl HostLookup for Nowhere {
        fn addresses(&self, _: String) -> BoxFuture<'static, Result<Vec<IpAddr>, Failure>> {
            Box::pin(async { Ok(Vec::new()) })
        }
    }
    let url = "http://nowhere.example/";
    let client =
        HttpClient::new(&Url::parse(url).unwrap(), Bounds::default(), USER_AGENT, Arc::new(Nowhere)).unwrap();
    assert_eq!(get(&client, url).await.unwrap_err().reason, Reason::Unreachable);
}

#[tokio::test]
async fn the_configured_place_may_be_private_and_redirect_to_itself() {
    let server = Fixture::start(|head| {
        if head.starts_with("GET /new ") { Act::ok("a/b", "here") } else { Act::redirect(301, "/new") }
    })
    .await;
    let reply = get(&client(&server.url), &server.url).await.unwrap();
    assert_eq!(reply.body().as_ref(), b"here");
    assert!(server.heads()[1].to_lowercase().contains("x-key: hush"), "the same place gets the same headers");
}

#[tokio::test]
async fn another_port_of_the_configured_host_is_another_place() {
    let other = Fixture::always(Act::ok("a/b", "secret")).await;
    let server = Fixture::always(Act::redirect(302, &other.url)).await;
    assert_eq!(get(&client(&server.url), &server.url).await.unwrap_err().reason, Reason::Unsafe);
    // Under a name, which is judged after resolution.
    let named = other.url.replace("127.0.0.1", "configured.example");
    assert_eq!(get(&client(&server.url), &named).await.unwrap_err().reason, Reason::Unsafe);
    assert!(get(&client(&named), &named).await.is_ok());
    assert_eq!(other.heads().len(), 1);
}

#[test]
fn only_web_addresses_make_a_client() {
    for url in ["ftp://x.example/", "file:///x", "data:,x"] {
        let made = HttpClient::new(&Url::parse(url).unwrap(), Bounds::default(), "x", Arc::new(AllHere));
        assert_eq!(made.err().map(|failure| failure.reason), Some(Reason::Unsafe), "{url}");
    }
}

#[tokio::test]
async fn a_referral_leads_to_a_named_place_or_to_a_named_server_s_address_and_to_nothing_else_private() {
    let server = Fixture::always(Act::ok("a/b", "x")).await;
    let following = |named: &[&str], addresses: &[IpAddr]| {
        let named: Vec<_> = named.iter().map(|url| Url::parse(url).unwrap()).collect();
        let (addresses, lookup) = (addresses.to_vec(), Arc::new(AllHere));
        HttpClient::for_referrals(&named, addresses, Bounds::default(), USER_AGENT, lookup).unwrap()
    };
    let as_name = server.url.replace("127.0.0.1", "inside.example");
    let reason =
        async |client: HttpClient, url: &str| get(&client, url).await.err().map(|failure| failure.reason);
    for url in [&server.url, &as_name] {
        assert_eq!(reason(following(&[], &[]), url).await, Some(Reason::Unsafe));
        assert_eq!(reason(following(&[], &[Ipv4Addr::LOCALHOST.into()]), url).await, None, "any port of it");
        assert_eq!(
            reason(following(&[], &[Ipv4Addr::new(127, 0, 0, 2).into()]), url).await,
            Some(Reason::Unsafe)
        );
        assert_eq!(reason(following(&[url], &[]), url).await, None);
        assert_eq!(reason(following(&["http://127.0.0.1:1/"], &[]), url).await, Some(Reason::Unsafe));
    }
}

/// A toll that lets so many requests through, and counts how many there were.
struct Gate(usize, AtomicUsize);

impl Toll for Gate {
    fn pay(&self) -> BoxFuture<'_, Result<(), Failure>> {
        let is_let_through = self.1.fetch_add(1, Ordering::Relaxed) < self.0;
        let refused = || Failure::new(Reason::BudgetSpent, "closed");
        Box::pin(async move { if is_let_through { Ok(()) } else { Err(refused()) } })
    }
}

#[tokio::test]
async fn every_request_is_paid_for_before_it_is_sent_redirects_and_repetitions_too() {
    let server = Fixture::start(|head| {
        if head.starts_with("GET /new ") { Act::ok("a/b", "here") } else { Act::redirect(301, "/new") }
    })
    .await;
    for (open, sent) in [(2, 2), (1, 1), (0, 0)] {
        let before = server.heads().len();
        let gate = Arc::new(Gate(open, AtomicUsize::new(0)));
        let told = get(&client(&server.url).paying(Some(gate)), &server.url).await;
        assert_eq!(told.err().map(|failure| failure.reason), (open < 2).then_some(Reason::BudgetSpent));
        assert_eq!(server.heads().len() - before, sent);
    }
    let (url, requests) = hangs_up_on_second_requests(1).await;
    let gate = Arc::new(Gate(9, AtomicUsize::new(0)));
    let paying = client(&url).paying(Some(Arc::<Gate>::clone(&gate)));
    assert!(get(&paying, &url).await.is_ok() && get(&paying, &url).await.is_err());
    assert_eq!(gate.1.load(Ordering::Relaxed), requests.load(Ordering::Relaxed));
    let led_astray = Fixture::always(Act::redirect(302, "http://127.0.0.1:1/")).await;
    let gate = Arc::new(Gate(9, AtomicUsize::new(0)));
    let failed = get(&client(&led_astray.url).paying(Some(Arc::<Gate>::clone(&gate))), &led_astray.url).await;
    assert_eq!((failed.unwrap_err().reason, gate.1.load(Ordering::Relaxed)), (Reason::Unsafe, 1));
}

/// Where the test below runs itself with few descriptors.
const FEW: &str = "CNRP_TEST_FEW_DESCRIPTORS";

#[test]
fn without_a_descriptor_the_fault_is_ours() {
    if std::env::var_os(FEW).is_some() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        return runtime.block_on(fail_for_want_of_a_descriptor());
    }
    let name = "upstream::tests::http::without_a_descriptor_the_fault_is_ours";
    let own = std::env::current_exe().unwrap();
    let mut limited = std::process::Command::new("sh");
    limited.args(["-c", "ulimit -n 60; exec \"$0\" --exact \"$1\""]).arg(own).arg(name).env(FEW, "1");
    let ran = limited.output().unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success() && said.contains("1 passed"), "{said}");
}

async fn fail_for_want_of_a_descriptor() {
    let server = Fixture::always(Act::Close).await;
    let by_address = client(&server.url);
    let bounds = Bounds { total: Duration::from_secs(3), ..Bounds::default() };
    let url = Url::parse("http://nobody.invalid/").unwrap();
    let by_name = HttpClient::new(&url, bounds, USER_AGENT, Arc::new(SystemHosts)).unwrap();
    let dns = Dns::new(&["127.0.0.1:1".parse().unwrap()], Duration::from_secs(3));
    let held: Vec<_> = std::iter::from_fn(|| std::fs::File::open("/dev/null").ok()).collect();
    let failures = [
        get(&by_address, &server.url).await.unwrap_err(),
        get(&by_name, url.as_str()).await.unwrap_err(),
        match dns.addresses("boeing.com").await.unwrap_err() {
            Missing::Failed(failure) => failure,
            other => panic!("{other:?}"),
        },
    ];
    drop(held);
    for failure in failures {
        assert_eq!(failure, Failure::without_descriptors());
    }
    assert_eq!(get(&by_address, &server.url).await.unwrap_err().reason, Reason::Reset);
}
