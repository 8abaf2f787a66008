//! JSON, pages, and the operator's pages.

use super::*;
use crate::config::{self, values::Secret};

#[tokio::test]
async fn a_question_in_a_url_is_answered_in_json() {
    let running = start(|_| {}).await;
    let told = ask(running.http, &get("/resolve?q=A%20b&start=2")).await;
    assert_eq!((told.status, told.header("content-type")), (200, Some("application/json")));
    assert_eq!(told.header("cache-control"), Some("private, no-cache"));
    let body: serde_json::Value = serde_json::from_str(&told.body).unwrap();
    assert_eq!(body["query"]["commonname"], "A b");
    assert_eq!(body["query"]["properties"][0]["value"], "2-100");
    assert_eq!(body["status"][0]["code"], "2.1.0");

    let wrong = ask(running.http, &get("/resolve?q=a&start=x")).await;
    assert_eq!((wrong.status, wrong.header("content-type")), (400, Some("application/problem+json")));
    let down = ask(running.http, &get("/resolve?q=down")).await;
    assert_eq!((down.status, down.body.contains("\"cnrp\":[{\"code\":\"4.2.3\"")), (503, true), "{down:?}");
}

#[tokio::test]
async fn what_is_being_typed_is_completed() {
    let running = start(|_| {}).await;
    let told = ask(running.http, &get("/suggest?q=A%20b&limit=7")).await;
    assert_eq!((told.status, told.header("content-type")), (200, Some("application/x-suggestions+json")));
    assert_eq!(told.body, r#"["A b",["A b 7"],["127.0.0.1"],["https://x.example/"]]"#);
    for query in ["", "?q=", "?q=a&limit=-1"] {
        let wrong = ask(running.http, &get(&format!("/suggest{query}"))).await;
        assert_eq!((wrong.status, wrong.header("content-type")), (400, Some("application/problem+json")));
    }
}

#[tokio::test]
async fn the_head_of_a_page_comes_without_its_body() {
    let running = start(|_| {}).await;
    for path in ["/", "/resolve?q=a", "/suggest?q=a"] {
        let page = ask(running.http, &get(path)).await;
        let mut wire = Wire::to(running.http).await;
        wire.send(&get(path).replace("GET", "HEAD")).await;
        let head = wire.told(false).await.unwrap();
        assert_eq!(head.header("content-length"), page.header("content-length"));
        assert_eq!(wire.ask(&get("/x")).await.status, 404, "nothing follows the head");
    }
}

#[tokio::test]
async fn methods_are_told() {
    let running = start(|_| {}).await;
    let told = ask(running.http, &get("/resolve?q=a").replace("GET", "POST")).await;
    assert_eq!((told.status, told.header("allow")), (405, Some("GET, HEAD, OPTIONS")));
    let told = ask(running.http, &get("/").replace("GET", "OPTIONS")).await;
    assert_eq!((told.status, told.header("allow")), (204, Some("GET, HEAD, OPTIONS, POST")));
}

#[tokio::test]
async fn without_web_documents_alone_are_left() {
    let running = start(|settings| settings.web = false).await;
    assert_eq!(ask(running.http, &post("", "x")).await.status, 200);
    assert_eq!(ask(running.http, &get("/resolve?q=a")).await.status, 404);
    assert_eq!(ask(running.http, &get("/suggest?q=a")).await.status, 404);
    let told = ask(running.http, &get("/")).await;
    assert_eq!((told.status, told.header("allow")), (405, Some("OPTIONS, POST")));
}

#[tokio::test]
async fn on_loopback_a_name_that_anybody_could_own_is_misdirected() {
    let running = start(|_| {}).await;
    let pages = [
        (running.http, "/resolve?q=a"),
        (running.http, "/suggest?q=a"),
        (running.http, "/"),
        (running.admin, "/livez"),
    ];
    for (at, path) in pages {
        for (host, expected) in
            [("evil.example", 421), ("evil.example:1096", 421), ("names.lan", 200), ("[::1]:5", 200)]
        {
            let request = get(path).replace("localhost", host);
            assert_eq!(ask(at, &request).await.status, expected, "{path} {host}");
        }
    }
}

#[tokio::test]
async fn on_loopback_who_is_misdirected_learns_nothing_else() {
    let running = start(|_| {}).await;
    let misdirected =
        |path: &str, method: &str| get(path).replace("localhost", "evil.example").replacen("GET", method, 1);
    for (path, method) in [("/nothing", "GET"), ("/resolve", "DELETE"), ("/resolve", "OPTIONS"), ("/", "GET")]
    {
        let told = ask(running.http, &misdirected(path, method)).await;
        assert_eq!((told.status, told.header("allow")), (421, None), "{method} {path}");
    }
    // Where documents are posted, which are answered under whatever name.
    for (method, expected) in [("OPTIONS", 204), ("PUT", 405)] {
        assert_eq!(ask(running.http, &misdirected("/", method)).await.status, expected, "{method}");
    }
}

/// The request with a header line more.
fn bearing(request: &str, line: &str) -> String {
    request.replacen("\r\n\r\n", &format!("\r\n{line}\r\n\r\n"), 1)
}

#[tokio::test]
async fn who_wishes_for_json_more_than_for_a_page_is_told_in_json_what_is_wrong() {
    let running = start(|_| {}).await;
    let (page, problem) = ("text/html; charset=utf-8", "application/problem+json");
    for (path, accept, expected) in [
        ("/resolve", "application/json, text/html;q=0.5", problem),
        ("/resolve", "text/html, application/json", problem),
        ("/suggest", "text/html, */*", problem),
        ("/resolve", "text/html,*/*;q=0.8", page),
        ("/nowhere", "text/html, application/json", page),
        ("/nowhere", "application/json, text/html;q=0.5", problem),
    ] {
        let told = ask(running.http, &bearing(&get(path), &format!("Accept: {accept}"))).await;
        assert_eq!(told.header("content-type"), Some(expected), "{path} {accept}");
    }
}

#[tokio::test]
async fn who_asks_too_often_is_told_so_as_wished() {
    let running = start(|settings| settings.per_client.exempt.clear()).await;
    for _ in 0..5 {
        ask(running.http, &get("/")).await;
    }
    let refused = async |accept: &str| {
        let told = ask(running.http, &bearing(&get("/?q=x"), &format!("Accept: {accept}"))).await;
        assert_eq!((told.status, told.header("retry-after").is_some()), (429, true), "{told:?}");
        told.header("content-type").map(str::to_owned)
    };
    assert_eq!(refused("text/html,*/*;q=0.8").await.as_deref(), Some("text/html; charset=utf-8"));
    assert_eq!(refused("*/*").await.as_deref(), Some("application/problem+json"));
}

#[tokio::test]
async fn every_refusal_is_counted_once_and_as_nothing_else() {
    let running = start(|_| {}).await;
    for (request, status) in [
        (get("/nothing"), 404),
        (get("/resolve?q=a").replace("GET", "DELETE"), 405),
        (get("/resolve?q=a").replace("localhost", "evil.example"), 421),
        (get("/resolve"), 400),
        ("GET /resolve?q=a HTTP/1.1\r\n\r\n".to_owned(), 400),
        (get("/resolve?q=a"), 200),
        (get("/resolve?q=down"), 503),
        (post("Content-Encoding: br\r\n", "x"), 415),
        (post("", "x"), 200),
    ] {
        assert_eq!(ask(running.http, &request).await.status, status, "{request}");
    }
    ask(running.admin, &get("/nothing")).await;
    let metrics = running.metrics.text();
    for counted in
        [("json", "refused", 5), ("json", "answered", 2), ("http", "refused", 1), ("http", "answered", 1)]
    {
        let (transport, result, count) = counted;
        let line = format!("cnrp_requests_total{{transport=\"{transport}\",result=\"{result}\"}} {count}\n");
        assert!(metrics.contains(&line), "{line}{metrics}");
    }
}

#[tokio::test]
async fn listed_origins_may_read_also_what_is_refused() {
    let origin = "Origin: https://pages.example";
    let may_read = |told: &Told, status: u16| {
        let readable = told.header("access-control-allow-origin") == Some("https://pages.example");
        assert_eq!((told.status, readable), (status, true), "{told:?}");
        assert_eq!(told.head.to_ascii_lowercase().matches("vary: origin").count(), 1, "{told:?}");
    };
    let running = start(|settings| settings.in_flight = 0).await;
    let sent = bearing(&post("", "x"), origin);
    may_read(&ask(running.http, &sent).await, 503);
    may_read(&ask(running.http, &sent.replace("application/cnrp+xml", "text/csv")).await, 415);
    may_read(&ask(running.http, &bearing(&sent, "Accept: text/csv")).await, 406);
    may_read(&ask(running.http, &bearing(&get("/nowhere"), origin)).await, 404);
    let running = start(|settings| {
        settings.request_size = 10;
        settings.per_client.exempt.clear();
    })
    .await;
    may_read(&ask(running.http, &bearing(&post("", "more than ten"), origin)).await, 413);
    for _ in 0..4 {
        may_read(&ask(running.http, &sent).await, 200);
    }
    may_read(&ask(running.http, &sent).await, 429);
    may_read(&ask(running.http, &bearing(&get("/?q=x"), origin)).await, 429);
}

#[tokio::test]
async fn no_browser_guesses_at_what_an_answer_is() {
    let running = start(|_| {}).await;
    let options = get("/").replacen("GET", "OPTIONS", 1);
    let pages = ["/", "/resolve?q=a", "/suggest?q=a", "/service", "/about", "/opensearch.xml", "/nowhere"];
    let public = pages.map(get).into_iter().chain([options, post("", "x")]);
    let acts = ["/resume/searx", "/reload"].map(|path| get(path).replacen("GET", "POST", 1));
    let admin =
        ["/", "/status", "/livez", "/readyz", "/metrics", "/nowhere"].map(get).into_iter().chain(acts);
    for (at, request) in public.map(|one| (running.http, one)).chain(admin.map(|one| (running.admin, one))) {
        let told = ask(at, &request).await;
        assert_eq!(told.header("x-content-type-options"), Some("nosniff"), "{request}");
        assert_eq!(told.head.matches("nosniff").count(), 1, "{request}");
    }
}

#[tokio::test]
async fn what_was_not_modified_varies_as_what_was_sent_did() {
    let running = start(|settings| settings.origins.clear()).await;
    let varies = |told: &Told| {
        let lines = told.head.lines().filter(|line| line.to_ascii_lowercase().starts_with("vary:"));
        lines.map(str::to_ascii_lowercase).collect::<Vec<_>>()
    };
    let whole = ask(running.http, &get("/")).await;
    let known = format!("If-None-Match: {}", whole.header("etag").unwrap());
    let unsent = ask(running.http, &bearing(&get("/"), &known)).await;
    assert_eq!((whole.status, unsent.status), (200, 304));
    assert!(varies(&whole).contains(&"vary: accept-encoding".to_owned()), "{whole:?}");
    assert_eq!(varies(&unsent), varies(&whole));
}

#[tokio::test]
async fn listed_origins_may_read() {
    let running = start(|_| {}).await;
    let asked_by =
        |origin: &str| get("/resolve?q=a").replace("\r\n\r\n", &format!("\r\nOrigin: {origin}\r\n\r\n"));
    let told = ask(running.http, &asked_by("https://pages.example")).await;
    assert_eq!(told.header("access-control-allow-origin"), Some("https://pages.example"));
    let before = asked_by("https://pages.example").replace("GET /resolve?q=a", "OPTIONS /");
    let told = ask(running.http, &before).await;
    assert_eq!(told.header("access-control-allow-origin"), Some("https://pages.example"));
    assert!(told.header("access-control-allow-headers").unwrap().contains("content-type"));
    let told = ask(running.http, &asked_by("https://evil.example")).await;
    assert_eq!(told.header("access-control-allow-origin"), None);
    // What a browser keeps of an answer to our own page must not serve theirs.
    let told = ask(running.http, &get("/resolve?q=a")).await;
    assert_eq!((told.header("access-control-allow-origin"), told.header("vary")), (None, Some("origin")));
}

#[tokio::test]
async fn the_operator_sees_how_it_is_going() {
    let running = start(|_| {}).await;
    for (path, status, kind, body) in [
        ("/livez", 200, "text/plain; charset=utf-8", "alive\n"),
        ("/readyz", 503, "text/plain; charset=utf-8", "not ready\n"),
        ("/metrics", 200, "text/plain; version=0.0.4; charset=utf-8", ""),
        ("/status", 200, "application/json", "{\"version\":\"1\"}"),
    ] {
        let told = ask(running.admin, &get(path)).await;
        assert_eq!(
            (told.status, told.header("content-type"), told.body.as_str()),
            (status, Some(kind), body)
        );
    }
    assert_eq!(ask(running.admin, &get("/resolve?q=a")).await.status, 404);
    assert_eq!(ask(running.admin, &get("/livez").replace("GET", "PUT")).await.status, 405);
    assert_eq!(ask(running.http, &get("/metrics")).await.status, 404);
}

fn resume(name: &str, headers: &str) -> String {
    format!("POST /resume/{name} HTTP/1.1\r\nHost: localhost\r\n{headers}Content-Length: 0\r\n\r\n")
}

#[tokio::test]
async fn the_operator_lifts_a_suspension() {
    let running = start(|_| {}).await;
    let told = ask(running.admin, &resume("searx", "")).await;
    assert_eq!((told.status, told.body.as_str()), (200, "{\"name\":\"searx\"}"));
    assert_eq!(ask(running.admin, &resume("nobody", "")).await.status, 404);
    assert_eq!(ask(running.admin, &resume("", "")).await.status, 404);
    let told = ask(running.admin, &get("/resume/searx")).await;
    assert_eq!((told.status, told.header("allow")), (405, Some("POST")));
    assert_eq!(
        ask(running.admin, &resume("searx", "").replace("/resume/searx", "/status")).await.status,
        405
    );
    assert_eq!(ask(running.http, &resume("searx", "")).await.status, 404);
}

#[tokio::test]
async fn a_page_of_another_origin_lifts_nothing() {
    let running = start(|_| {}).await;
    let own = format!("http://{}", running.admin);
    let request = |origin: &str| {
        resume("searx", &format!("Origin: {origin}\r\n")).replace("localhost", &running.admin.to_string())
    };
    assert_eq!(ask(running.admin, &request(&own)).await.status, 200);
    // Those listed may ask questions; the operator's pages are not theirs.
    for origin in ["https://evil.example", "null", "https://pages.example"] {
        assert_eq!(ask(running.admin, &request(origin)).await.status, 403, "{origin}");
    }
    let rebound = resume("searx", "").replace("localhost", "evil.example");
    assert_eq!(ask(running.admin, &rebound).await.status, 421);
}

/// As the configuration reads it.
fn token(text: &str) -> Secret {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("token"), text).unwrap();
    let config = config::parse("admin: {token: {file: token}}", &folder.path().join("gateway.yaml")).unwrap();
    config.admin.token.unwrap()
}

#[tokio::test]
async fn with_a_token_only_its_bearer_is_the_operator() {
    let running = start(|settings| settings.admin_token = Some(token("s3cret"))).await;
    for (path, open) in
        [("/livez", 200), ("/readyz", 503), ("/metrics", 401), ("/status", 401), ("/nothing", 401)]
    {
        assert_eq!(ask(running.admin, &get(path)).await.status, open, "{path}");
    }
    let told = ask(running.admin, &resume("searx", "")).await;
    assert_eq!((told.status, told.header("www-authenticate")), (401, Some("Bearer")));
    let bearing = "Authorization: Bearer s3cret\r\n";
    assert_eq!(ask(running.admin, &resume("searx", bearing)).await.status, 200);
    let told = ask(running.admin, &get("/status").replace("\r\n\r\n", &format!("\r\n{bearing}\r\n"))).await;
    assert_eq!(told.status, 200);
    assert!(!told.body.contains("s3cret"));
}
