//! What is said over lines to a real HTTP server and a real DNS server, said again without them.

use super::*;
use crate::{
    model::{Reason, SystemClock},
    upstream::{
        Bounds, Missing, SystemHosts, USER_AGENT,
        tests::{Act, DnsServer, Fixture, zone},
    },
};

const PATIENCE: Duration = Duration::from_millis(800);

fn recorder(secrets: &[&str]) -> Arc<Recorder> {
    let secrets: Vec<_> = secrets.iter().map(|secret| (*secret).to_owned()).collect();
    Arc::new(Recorder::new(&secrets, Arc::new(SystemClock)))
}

fn http(lines: &Lines, url: &str) -> Box<dyn Exchange> {
    let client = || {
        let bounds = Bounds { total: PATIENCE, ..Bounds::default() };
        HttpClient::new(&url.parse().unwrap(), bounds, USER_AGENT, Arc::new(SystemHosts))
    };
    lines.http("engine", client).unwrap()
}

async fn get(exchange: &dyn Exchange, url: String) -> Result<http::Response<Bytes>, Failure> {
    exchange.exchange(http::Request::get(url).body(Bytes::new()).unwrap()).await
}

/// What was recorded, through the form of the file.
fn player(recorder: &Recorder) -> Arc<Player> {
    let text = serde_json::to_string(&recorder.take()).unwrap();
    Arc::new(Player::new(serde_json::from_str(&text).unwrap(), Vec::new()))
}

#[tokio::test]
async fn replies_are_said_again_in_their_order_without_the_server() {
    let mut acts = vec![
        Act::Reply(200, "Content-Type: text/plain\r\nSet-Cookie: a=b\r\n".to_owned(), b"one".to_vec()),
        Act::Reply(429, "Retry-After: 7\r\n".to_owned(), b"\xff\xfe\x00".to_vec()),
    ]
    .into_iter();
    let acts = std::sync::Mutex::new(move || acts.next().unwrap_or(Act::Garbage));
    let server = Fixture::start(move |_| (acts.lock().unwrap())()).await;
    let recorder = recorder(&[]);
    let live = http(&Lines::recorded(Arc::clone(&recorder)), &server.url);
    let url = format!("{}/q?x=1", server.url);
    let mut told = Vec::new();
    for _ in 0..3 {
        told.push(get(&*live, url.clone()).await);
    }
    let player = player(&recorder);
    drop(server);
    let again = http(&Lines::replayed(Arc::clone(&player)), "http://127.0.0.1:1");
    for told in &told {
        let said = get(&*again, url.clone()).await;
        match (told, &said) {
            (Ok(told), Ok(said)) => {
                assert_eq!((told.status(), told.body()), (said.status(), said.body()));
                for header in ["content-type", "retry-after"] {
                    assert_eq!(told.headers().get(header), said.headers().get(header));
                }
                assert_eq!(said.headers().get("set-cookie"), None);
            }
            _ => assert_eq!(told.as_ref().unwrap_err(), said.as_ref().unwrap_err()),
        }
    }
    assert_eq!(get(&*again, url).await.unwrap_err(), told.pop().unwrap().unwrap_err(), "the last holds on");
    assert!(player.unknown().is_empty());
}

#[tokio::test]
async fn what_was_never_said_fails_and_is_noted() {
    let player = Arc::new(Player::new(
        Vec::new(),
        vec![("costly".to_owned(), Failure::new(Reason::BudgetSpent, "spent"))],
    ));
    let lines = Lines::replayed(Arc::clone(&player));
    let asked = get(&*http(&lines, "http://127.0.0.1:1"), "http://127.0.0.1:1/q".to_owned()).await;
    assert_eq!(asked.unwrap_err().reason, Reason::Unreachable);
    let costly = lines.dns("costly", &[], PATIENCE).addresses("boeing.com").await;
    assert_eq!(costly, Err(Missing::Failed(Failure::new(Reason::BudgetSpent, "spent"))));
    let dns = lines.dns("dns", &[], PATIENCE);
    assert!(matches!(dns.addresses("boeing.com").await, Err(Missing::Failed(_))));
    assert!(dns.name_servers("boeing.com").await.is_err());
    assert_eq!(
        player.unknown(),
        [
            "engine asks GET http://127.0.0.1:1/q",
            "dns asks the addresses of boeing.com",
            "dns asks the name servers of boeing.com"
        ]
    );
}

#[tokio::test]
async fn what_had_not_come_never_comes() {
    let server = Fixture::start(|_| Act::Hang).await;
    let recorder = recorder(&[]);
    let live = http(&Lines::recorded(Arc::clone(&recorder)), &server.url);
    let url = format!("{}/q", server.url);
    let left = tokio::time::timeout(Duration::from_millis(50), get(&*live, url.clone())).await;
    assert!(left.is_err());
    let again = http(&Lines::replayed(player(&recorder)), &server.url);
    let late = tokio::time::timeout(Duration::from_millis(50), get(&*again, url)).await;
    assert!(late.is_err());
}

#[tokio::test]
async fn secrets_are_written_down_nowhere_however_they_are_encoded() {
    const SECRET: &str = "o/p+e n?";
    let server = Fixture::start(|head| {
        let line = head.lines().next().unwrap_or_default().to_owned();
        Act::Reply(200, format!("Content-Language: {SECRET}\r\n"), format!("{line} {SECRET}").into_bytes())
    })
    .await;
    let recorder = recorder(&[SECRET, "o/p+e"]);
    let live = http(&Lines::recorded(Arc::clone(&recorder)), &server.url);
    let encoded = ["o%2Fp%2Be+n%3F", "o%2Fp%2Be%20n%3F", "o%2fp%2be%20n%3f"];
    for written in encoded {
        get(&*live, format!("{}/q?key={written}", server.url)).await.unwrap();
    }
    let written = serde_json::to_string(&recorder.take()).unwrap();
    for trace in ["p+e", "p%2B", "p%2b", "o/p", "n?", "n%3F"] {
        assert!(!written.contains(trace), "{trace}: {written}");
    }
    assert!(written.contains("/q?key=REDACTED\""), "{written}");
}

#[tokio::test]
async fn lookups_are_said_again() {
    let zone = zone("com", 300, &[("boeing", "93.184.216.34"), ("boeing", "2606:2800:220:1::1")]);
    let server = DnsServer::start(vec![zone]).await;
    let recorder = recorder(&[]);
    let live = Lines::recorded(Arc::clone(&recorder)).dns("dns", &[server.address], PATIENCE);
    let mut told = Vec::new();
    for host in ["boeing.com", "nobody.com"] {
        told.push((live.addresses(host).await, live.name_servers(host).await));
    }
    let again = Lines::replayed(player(&recorder)).dns("dns", &[], PATIENCE);
    for (host, told) in ["boeing.com", "nobody.com"].into_iter().zip(told) {
        assert_eq!((again.addresses(host).await, again.name_servers(host).await), told);
    }
}

#[tokio::test]
async fn a_secret_that_is_an_ordinary_word_leaves_a_record_that_is_replayed() {
    let body = br#"{"search": ["search", "research"]}"#;
    let server = Fixture::start(|_| Act::Reply(200, String::new(), body.to_vec())).await;
    let recorder = recorder(&["search"]);
    let live = http(&Lines::recorded(Arc::clone(&recorder)), &server.url);
    let url = format!("{}/search?q=research", server.url);
    get(&*live, url.clone()).await.unwrap();
    let player = player(&recorder);
    let said = get(&*http(&Lines::replayed(Arc::clone(&player)), &server.url), url).await.unwrap();
    assert_eq!(&said.body()[..], br#"{"search":["REDACTED","research"]}"#);
    assert!(player.unknown().is_empty());
}
