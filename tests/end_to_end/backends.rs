//! Sources that answer, repeat, agree, lie, fall silent and come back.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use crate::support::{Gateway, Reply, Upstream, json, program, searxng};

fn backend(name: &str, upstream: &Upstream, more: &str) -> String {
    format!("{{name: {name}, type: searxng, url: \"{}\"{more}}}", upstream.url())
}

fn config(backends: &[String], more: &str) -> String {
    format!("service: {{uri: \"urn:test:gateway\"}}\n{more}\nbackends: [{}]\n", backends.join(", "))
}

const BOEING: &str =
    r#"{name: names, type: static, names: [{name: Boeing, uri: "https://www.boeing.com/"}]}"#;

#[tokio::test]
async fn equal_questions_share_one_call() {
    let upstream =
        Upstream::start_slow(Duration::from_millis(300), |_| searxng(&[("https://a.example/", "A", "")]))
            .await;
    let gateway = Gateway::start(&config(&[backend("s", &upstream, "")], ""));
    let answers = futures_util::future::join_all((0..20).map(|_| gateway.ask("alpha", &[]))).await;
    assert!(answers.iter().all(|answer| answer.uris() == ["https://a.example/"]));
    gateway.ask(" ALPHA ", &[]).await;
    assert_eq!(upstream.calls().len(), 1);
    gateway.ask("beta", &[]).await;
    assert_eq!(upstream.calls().len(), 2);
}

#[tokio::test]
async fn what_several_sources_tell_of_is_one_result() {
    let one = Upstream::start(|_| {
        searxng(&[("https://www.boeing.com", "Boeing", ""), ("https://x.example/", "X", "")])
    })
    .await;
    let two = Upstream::start(|_| {
        searxng(&[("http://boeing.com/?utm_source=z", "Boeing", ""), ("https://y.example/", "Y", "")])
    })
    .await;
    let gateway =
        Gateway::start(&config(&[BOEING.to_owned(), backend("one", &one, ""), backend("two", &two, "")], ""));
    let uris = gateway.ask("Boeing", &[]).await.uris();
    assert_eq!(uris[0], "https://www.boeing.com/");
    assert_eq!(uris.len(), 3, "{uris:?}");
}

#[tokio::test]
async fn d18_one_failed_source_is_named_and_the_others_answer() {
    let good = Upstream::start(|_| searxng(&[("https://ok.example/", "OK", "")])).await;
    let faults = [
        Reply::Reset,
        Reply::Garbage,
        Reply::Truncate,
        Reply::Http(500, "", b"oops".to_vec()),
        Reply::Http(200, "Content-Type: text/html\r\n", b"<html>captcha</html>".to_vec()),
        Reply::Http(429, "Retry-After: 60\r\n", Vec::new()),
        Reply::Json("[".repeat(20_000)),
    ];
    for fault in faults {
        let shown = format!("{fault:?}");
        let bad = Upstream::start(move |_| fault.clone()).await;
        let gateway = Gateway::start(&config(&[backend("good", &good, ""), backend("bad", &bad, "")], ""));
        let answer = gateway.ask("thing", &[]).await;
        assert_eq!(answer.uris(), ["https://ok.example/"], "{shown:.60}");
        assert_eq!(answer.blamed("3.2.0"), ["urn:test:gateway:bad"], "{shown:.60}");
    }
}

#[tokio::test]
async fn d18_when_every_source_failed_the_answer_says_so_alone() {
    let bad = Upstream::start(|_| Reply::Reset).await;
    let gateway = Gateway::start(&config(&[backend("bad", &bad, "")], ""));
    let answer = gateway.ask("thing", &[]).await;
    assert_eq!(answer.codes(), ["4.2.3"]);
    assert!(answer.results.first("service").is_none());
    assert_eq!(gateway.get("http", "/resolve?q=thing").await.status(), 503);
}

#[tokio::test]
async fn d18_a_slow_source_is_left_behind_at_the_deadline() {
    let good = Upstream::start(|_| searxng(&[("https://ok.example/", "OK", "")])).await;
    let slow = Upstream::start(|_| Reply::Hang).await;
    let backends = [backend("good", &good, ""), backend("slow", &slow, ", timeout: 5s")];
    let gateway = Gateway::start(&config(&backends, "limits: {deadline: 1s}"));
    let asked = Instant::now();
    let answer = gateway.ask("thing", &[]).await;
    assert!(asked.elapsed() < Duration::from_secs(4));
    assert_eq!(answer.uris(), ["https://ok.example/"]);
    assert_eq!(answer.blamed("3.2.0"), ["urn:test:gateway:slow"]);
}

#[tokio::test]
async fn d28_unsafe_targets_never_leave() {
    let hostile = Upstream::start(|_| {
        searxng(&[
            ("javascript:alert(1)", "T", ""),
            ("java\nscript:alert(1)", "T", ""),
            ("data:text/html,x", "T", ""),
            ("file:///etc/passwd", "T", ""),
            ("//x.example/", "T", ""),
            ("", "T", ""),
            ("https://boeing.com@evil.example/", "T", ""),
            ("https://fine.example/", "F\u{0}\u{8}<b>&", "d\u{fffe}"),
        ])
    })
    .await;
    let gateway = Gateway::start(&config(&[backend("s", &hostile, "")], ""));
    assert_eq!(gateway.ask("x", &[]).await.uris(), ["https://fine.example/"]);
}

#[tokio::test]
async fn a_new_engine_is_configuration_alone() {
    let documents = Upstream::start(|_| {
        Reply::Json(
            r#"{"hits": {"items": [{"name": "Acme", "link": "/acme", "summary": "Anvils"}]}}"#.to_owned(),
        )
    })
    .await;
    let html = Upstream::start(|_| {
        let page = b"<ul><li class=r><a href='https://acme.example/'>Acme</a><p>All our anvils</p></ul>";
        Reply::Http(200, "Content-Type: text/html; charset=utf-8\r\n", page.to_vec())
    })
    .await;
    let config = format!(
        r#"
backends:
  - name: docs
    type: json
    url: "{}/api?q={{query}}&hl={{language}}"
    results: "$.hits.items[*]"
    title: "$.name"
    link: "$.link"
    description: "$.summary"
  - name: pages
    type: html
    url: "{}/search?q={{query}}"
    results: "li.r"
    title: "a"
    link: "a@href"
    description: "p"
"#,
        documents.url(),
        html.url()
    );
    let gateway = Gateway::start(&config);
    let answer = gateway.ask("Acme", &[("language", "rfc1766", "fr")]).await;
    let mut uris = answer.uris();
    uris.sort();
    assert_eq!(uris, [format!("{}/acme", documents.url()), "https://acme.example/".to_owned()]);
    assert!(documents.calls()[0].contains("/api?q=Acme&hl=fr"), "{:?}", documents.calls());
}

/// Wikidata as far as it is asked: one item of the name, with its official site.
fn wikidata(line: &str) -> Reply {
    Reply::Json(match line.contains("action=wbgetentities") {
        true => r#"{"entities": {"Q66": {"claims": {"P856": [{"rank": "normal", "mainsnak":
                   {"datavalue": {"value": "https://www.boeing.com/"}}}]}}}}"#
            .to_owned(),
        false => {
            r#"{"search": [{"id": "Q66", "label": "Boeing", "description": "aircraft maker"}]}"#.to_owned()
        }
    })
}

#[tokio::test]
async fn an_official_site_is_an_assertion_and_what_the_operator_wrote_stands_before_it() {
    let base = Upstream::start(wikidata).await;
    let engine = Upstream::start(|_| searxng(&[("https://boeing.example/", "Boeing", "")])).await;
    let knows = format!("{{type: wikidata, url: \"{}\", contact: ops@names.example}}", base.url());
    let gateway = Gateway::start(&config(&[backend("s", &engine, ""), knows.clone()], ""));
    let answer = gateway.ask("boeing", &[]).await;
    assert_eq!(answer.uris(), ["https://www.boeing.com/", "https://boeing.example/"]);
    let ranked = json(gateway.get("http", "/resolve?q=boeing").await).await;
    assert_eq!([0, 1].map(|place| &ranked["results"][place]["confidence"]), ["high", "medium"]);
    let status = json(gateway.get("admin", "/status").await).await;
    assert_eq!(status["backends"][1]["type"], "wikidata");
    let own = r#"{type: static, names: [{name: Boeing, uri: "https://intranet.example/boeing"}]}"#;
    let gateway = Gateway::start(&config(&[knows, own.to_owned()], ""));
    let answer = gateway.ask("boeing", &[]).await;
    assert_eq!(answer.uris(), ["https://intranet.example/boeing", "https://www.boeing.com/"]);
}

#[tokio::test]
async fn a_key_that_an_upstream_says_back_is_shown_nowhere() {
    const KEY: &str = "k3y-of-the-tests";
    let talker = Upstream::start(|line| {
        assert!(line.contains(KEY), "{line}");
        Reply::Json(format!(r#"{{"response": {{"status": "ERROR: {KEY} is no API key"}}}}"#))
    })
    .await;
    let mojeek = format!("{{type: mojeek, url: \"{}\", key: {{file: key.txt}}}}", talker.url());
    let config = config(&[mojeek], "listen: {http: [\"127.0.0.1:0\"], admin: \"127.0.0.1:0\"}");
    let gateway = Gateway::start_with(&config, &[("key.txt", KEY)]);
    let answer = gateway.get("http", "/resolve?q=thing").await.text().await.unwrap();
    assert!(answer.contains("4.2.3"), "{answer}");
    let status = gateway.get("admin", "/status").await.text().await.unwrap();
    assert!(status.contains("unauthorised") && status.contains("is no API key"), "{status}");
    let metrics = gateway.get("admin", "/metrics").await.text().await.unwrap();
    for shown in [answer, status, metrics] {
        assert!(!shown.contains(KEY), "{shown}");
    }
}

/// Whoever starts beside an application starts before the network does.
#[tokio::test]
async fn the_dns_servers_of_the_system_are_asked_as_soon_as_there_are_any() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut mounted = Command::new("unshare");
    mounted.args(["--map-root-user", "--mount", "bash", "-c"]);
    mounted.args(["mount --bind \"$0\" /etc/resolv.conf && exec \"$@\"", &file.path().display().to_string()]);
    mounted.arg(program().get_program());
    let gateway = Gateway::start_by(mounted, "backends: [{name: d, type: dns, timeout: 500ms}]\n");
    let failure = async |name: &str| {
        gateway.ask(name, &[]).await;
        let status = json(gateway.get("admin", "/status").await).await;
        status["backends"][0]["last_failure"]["detail"].as_str().expect("a failure").to_owned()
    };
    let none = "no DNS servers are known";
    assert!(failure("before").await.starts_with(none));
    // Nobody is there either, but is asked.
    std::fs::write(file.path(), "nameserver 127.0.0.9\n").unwrap();
    let began = Instant::now();
    for number in 0.. {
        let failure = failure(&format!("name {number}")).await;
        if !failure.starts_with(none) {
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(5), "{failure}");
        tokio::time::sleep(Duration::from_millis(900)).await;
    }
}
