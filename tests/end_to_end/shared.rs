//! Several gateways over one Redis: what one has asked the others know, and nothing that happens to
//! it costs anybody an answer.

mod budgets;
mod faults;
mod reloaded;

use std::{
    net::SocketAddr,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use crate::support::{
    Authority, Delayed, Gateway, Upstream, babbler, free, json, program, redis, redis_at, run_with, searxng,
};

const FOUND: &str = "https://a.example/";

/// What `redis-cli` prints of a command.
fn tell(redis: SocketAddr, command: &[&str]) -> String {
    let port = redis.port().to_string();
    let output = Command::new("redis-cli").args(["-p", &port, "--raw"]).args(command).output();
    let output = output.unwrap_or_else(|error| panic!("redis-cli (Debian: redis-tools): {error}"));
    String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
}

/// The key of the one answer that is kept. It is written when nobody waits for the answer any more.
fn key_of_the_answer(redis: SocketAddr) -> String {
    let began = Instant::now();
    loop {
        let keys = tell(redis, &["KEYS", "cnrp:*"]);
        if !keys.is_empty() && !keys.contains('\n') && !keys.ends_with(":turn") {
            return keys;
        }
        assert!(began.elapsed() < Duration::from_secs(5), "kept: {keys}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

async fn knowing() -> Upstream {
    Upstream::start(|_| searxng(&[(FOUND, "A", "")])).await
}

fn config(upstream: &Upstream, redis: SocketAddr) -> String {
    format!(
        "cache: {{shared: \"redis://{redis}/0\"}}\nbackends: [{{name: s, type: searxng, url: \"{}\"}}]\n",
        upstream.url()
    )
}

fn gateway(upstream: &Upstream, redis: SocketAddr) -> Gateway {
    Gateway::start(&config(upstream, redis))
}

async fn assert_answers(gateway: &Gateway, name: &str) {
    assert_eq!(gateway.ask(name, &[]).await.uris(), [FOUND], "{name}");
}

async fn state(gateway: &Gateway) -> String {
    let status = json(gateway.get("admin", "/status").await).await;
    status["shared_cache"]["state"].as_str().expect("a state").to_owned()
}

/// How many names both gateways are asked for.
fn names() -> usize {
    std::env::var("CNRP_NAMES").ok().and_then(|count| count.parse().ok()).unwrap_or(300)
}

/// Waits until what `one` asks is known to `other`: for longer than the longest pause.
async fn assert_shares_again(one: &Gateway, other: &Gateway, upstream: &Upstream) {
    let began = Instant::now();
    for number in 0.. {
        let name = format!("again {number}");
        let before = upstream.calls().len();
        assert_answers(one, &name).await;
        assert_answers(other, &name).await;
        if upstream.calls().len() == before + 1 {
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "the store is back and not used");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_gateway_asked_the_other_knows() {
    let (redis, upstream) = (redis(), knowing().await);
    let gateways = [gateway(&upstream, redis.address), gateway(&upstream, redis.address)];
    for number in 0..names() {
        let name = format!("name {number}");
        tokio::join!(assert_answers(&gateways[0], &name), assert_answers(&gateways[1], &name));
    }
    assert!(upstream.calls().len() <= names(), "{} calls for {} names", upstream.calls().len(), names());
    println!("{} names asked of both: {} upstream calls", names(), upstream.calls().len());
    assert_eq!(state(&gateways[0]).await, "working");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_store_a_gateway_answers_by_itself() {
    let upstream = knowing().await;
    let gateway = gateway(&upstream, free());
    for number in 0..20 {
        assert_answers(&gateway, &format!("name {number}")).await;
    }
    assert_eq!((upstream.calls().len(), state(&gateway).await), (20, "suspended".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_babbles_or_is_silent_costs_no_answer_and_little_time() {
    let babble: [&[u8]; 8] = [
        b"",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"+OK\r\n",
        b"-ERR no\r\n",
        b"*3\r\n$5\r\nhello\r\n:5\r\n:2\r\n",
        b"$999999999999\r\nx",
        b"*1000000000\r\n",
        &b"*1\r\n".repeat(10_000),
    ];
    let upstream = knowing().await;
    for words in babble {
        let address = free();
        babbler(address, words.to_vec()).await;
        let gateway = gateway(&upstream, address);
        let calls = upstream.calls().len();
        let began = Instant::now();
        for number in 0..20 {
            assert_answers(&gateway, &format!("name {number}")).await;
        }
        let (took, words) = (began.elapsed(), String::from_utf8_lossy(&words[..words.len().min(40)]));
        // Three uses that end after 50 ms, a probe or two, and the questions themselves.
        assert!(took < Duration::from_secs(3), "{took:?} with {words:?}");
        assert_eq!(upstream.calls().len(), calls + 20, "{words:?} is no answer");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_store_costs_no_answer_and_is_used_when_there_is_room() {
    let redis = redis_at(free(), &["--maxmemory", "1mb", "--maxmemory-policy", "noeviction"]);
    tell(redis.address, &["SET", "ballast", &"x".repeat(100_000)]);
    tell(redis.address, &["CONFIG", "SET", "maxmemory", "100kb"]);
    let upstream = knowing().await;
    let (one, other) = (gateway(&upstream, redis.address), gateway(&upstream, redis.address));
    for number in 0..20 {
        assert_answers(&one, &format!("name {number}")).await;
    }
    assert_eq!(state(&one).await, "full");
    let (code, out, err) = run_with(&config(&upstream, redis.address), &["check", "--upstreams"]);
    assert_eq!(code, 3, "{err}");
    assert!(out.lines().any(|line| line.starts_with("cache.shared") && line.contains("OOM")), "{out}");
    tell(redis.address, &["CONFIG", "SET", "maxmemory", "0"]);
    assert_shares_again(&one, &other, &upstream).await;
    assert_eq!(state(&one).await, "working");
    let (code, out, err) = run_with(&config(&upstream, redis.address), &["check", "--upstreams"]);
    assert_eq!(code, 0, "{err}");
    assert!(out.lines().any(|line| line.starts_with("cache.shared") && line.contains("ok")), "{out}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_dies_and_comes_back_under_questions_costs_none() {
    let (address, upstream) = (free(), knowing().await);
    let mut redis = redis_at(address, &[]);
    let gateways = [Arc::new(gateway(&upstream, address)), Arc::new(gateway(&upstream, address))];
    let is_over = Arc::new(AtomicBool::new(false));
    let askers: Vec<_> = (0..4)
        .map(|asker| {
            let (gateway, is_over) = (Arc::clone(&gateways[asker % 2]), Arc::clone(&is_over));
            tokio::spawn(async move {
                let mut asked = 0;
                while !is_over.load(Ordering::Relaxed) {
                    // Two askers, of one gateway each, ask for the same.
                    let began = Instant::now();
                    assert_answers(&gateway, &format!("{} {asked}", asker / 2)).await;
                    let took = began.elapsed();
                    assert!(took < Duration::from_secs(2), "question {asked} took {took:?}");
                    asked += 1;
                }
                asked
            })
        })
        .collect();
    for _ in 0..10 {
        tokio::time::sleep(Duration::from_millis(150)).await;
        drop(redis);
        tokio::time::sleep(Duration::from_millis(150)).await;
        redis = redis_at(address, &[]);
    }
    tokio::time::sleep(Duration::from_millis(400)).await;
    is_over.store(true, Ordering::Relaxed);
    let mut answers = 0;
    for asker in askers {
        answers += asker.await.expect("each question is answered");
    }
    println!("10 restarts of the store, {answers} questions, {} calls, lost 0", upstream.calls().len());
    assert!(answers > 40, "{answers}");
    assert_shares_again(&gateways[0], &gateways[1], &upstream).await;
    drop(redis);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_gateway_wrote_is_no_answer() {
    let (redis, upstream) = (redis(), knowing().await);
    assert_answers(&gateway(&upstream, redis.address), "boeing").await;
    let key = key_of_the_answer(redis.address);
    assert!(!key.contains("boeing"), "names stand in values alone: {key}");
    // Changed in a byte, cut, of another type, of another name, and one that stays for ever.
    let lies: [&[&[&str]]; 5] = [
        &[&["SETRANGE", &key, "120", "?"]],
        &[&[
            "EVAL",
            "redis.call('SET', KEYS[1], string.sub(redis.call('GET', KEYS[1]), 1, 90), 'KEEPTTL')",
            "1",
            &key,
        ]],
        &[&["DEL", &key], &["RPUSH", &key, "boeing"]],
        &[&["SET", &key, "cnrp 1 0 3600000 0 2 0000000000000000\n{}", "EX", "3600"]],
        &[&["PERSIST", &key]],
    ];
    for lie in lies {
        tell(redis.address, &["DEL", &key]);
        assert_answers(&gateway(&upstream, redis.address), "boeing").await;
        assert_eq!(key_of_the_answer(redis.address), key);
        lie.iter().for_each(|command| drop(tell(redis.address, command)));
        let calls = upstream.calls().len();
        let deceived = gateway(&upstream, redis.address);
        assert_answers(&deceived, "boeing").await;
        assert_eq!(upstream.calls().len(), calls + 1, "{lie:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_inside_tls_wants_its_authority_trusted_and_its_password() {
    let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new());
    let (cert, key) = authority.pair();
    let files = [("cert.pem", &*cert), ("key.pem", &*key), ("ca.pem", &*authority.pem())];
    let secrets = [("right", "open-sesame\n"), ("wrong", "open-barley\n")];
    for (name, content) in files.iter().chain(&secrets) {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let address = free();
    let (port, cert, key) = (address.port().to_string(), path("cert.pem"), path("key.pem"));
    let tls = ["--port", "0", "--tls-port", &port, "--tls-cert-file", &cert, "--tls-key-file", &key];
    let further = ["--tls-auth-clients", "no", "--requirepass", "open-sesame"];
    let _redis = redis_at(address, &[tls.as_slice(), &further].concat());
    let upstream = knowing().await;
    let check = |password: &str, authority: &str| {
        let shared = format!("{{url: \"rediss://{address}\", password: {{file: {}}}}}", path(password));
        let searxng = format!("{{type: searxng, url: \"{}\"}}", upstream.url());
        std::fs::write(path("gateway.yaml"), format!("cache: {{shared: {shared}}}\nbackends: [{searxng}]\n"))
            .unwrap();
        let mut check = program();
        check.args(["check", "--upstreams", "--config", &path("gateway.yaml")]);
        let output = check.env("SSL_CERT_FILE", path(authority)).output().unwrap();
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        let told = said.lines().find(|line| line.starts_with("cache.shared")).unwrap_or(&said).to_owned();
        assert!(!said.contains("open-"), "a password: {said}");
        (output.status.code(), told)
    };
    let (code, told) = check("right", "ca.pem");
    assert!(code == Some(0) && told.contains("ok"), "{told}");
    let (code, told) = check("wrong", "ca.pem");
    assert!(code == Some(3) && told.contains("unauthorised"), "{told}");
    std::fs::write(path("other.pem"), Authority::new().pem()).unwrap();
    let (code, told) = check("right", "other.pem");
    assert!(code == Some(3) && !told.contains("ok"), "{told}");
}
