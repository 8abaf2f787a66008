//! `POST /`: what is answered, what is refused, and how.

use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};

use super::*;

#[tokio::test]
async fn d16_a_document_is_answered_under_the_type_that_is_accepted() {
    let running = start(|_| {}).await;
    let told = ask(running.http, &post("", "hello")).await;
    assert_eq!(told.status, 200);
    assert_eq!(told.header("content-type"), Some("application/cnrp+xml"));
    assert_eq!(told.header("server"), None);
    assert_eq!(told.body, "127.0.0.1|None|[]|hello");
    let told = ask(running.http, &post("Accept: text/xml\r\nVia: 1.1 one, 1.1 two\r\n", "hello")).await;
    assert_eq!(told.header("content-type"), Some("text/xml"));
    assert_eq!(told.body, "127.0.0.1|None|[\"one\", \"two\"]|hello");
    let latin =
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml; charset=latin1\r\nContent-Length: 1\r\n\r\na";
    assert_eq!(ask(running.http, latin).await.body, "127.0.0.1|Some(\"latin1\")|[]|a");
    let untyped = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(ask(running.http, untyped).await.body, "127.0.0.1|None|[]|");
    assert!(running.metrics.text().contains("cnrp_requests_total{transport=\"http\",result=\"answered\"} 4"));
}

#[tokio::test]
async fn r14_d15_what_is_wrong_with_the_request_is_told_by_http() {
    let running = start(|settings| settings.request_size = 1000).await;
    let typed = |kind: &str| {
        format!("POST / HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\nContent-Length: 1\r\n\r\na")
    };
    for (request, expected) in [
        (typed("image/png"), 415),
        (post("Content-Encoding: gzip\r\n", "x"), 415),
        (post("Accept: image/png\r\n", "x"), 406),
        (post("Origin: http://evil.example\r\n", "x"), 403),
        (post("Origin: null\r\n", "x"), 403),
        (post("Origin: http://localhost\r\n", "x"), 200),
        (post("Origin: https://pages.example\r\n", "x"), 200),
        (post("", &" ".repeat(1001)), 413),
        (post("", &" ".repeat(1000)), 200),
        (post("", &" ".repeat(900_000)), 413),
        (post("Host: y\r\n", "x"), 400),
        ("POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\na".into(), 400),
        (
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
                .into(),
            400,
        ),
        (
            "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n"
                .into(),
            400,
        ),
        ("POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\na".into(), 404),
        ("DELETE / HTTP/1.1\r\nHost: x\r\n\r\n".into(), 405),
    ] {
        let told = ask(running.http, &request).await;
        assert_eq!(told.status, expected, "{request:.200} {told:?}");
        if told.status != 200 {
            assert_eq!(told.header("content-type"), Some("application/problem+json"));
        }
    }
    let told = ask(running.http, "DELETE / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(told.header("allow").unwrap().contains("POST"));
}

/// Clients that end what they send by closing their half exist; no HTTP allows that of a request.
#[tokio::test]
async fn d15_a_document_without_a_length_is_told_what_is_missing() {
    let running = start(|_| {}).await;
    for (request, kind) in [
        ("POST / HTTP/1.0\r\n\r\n<cnrp/>", "application/cnrp+xml"),
        ("POST / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n<cnrp/>", "application/cnrp+xml"),
        ("POST / HTTP/1.1\r\nHost: x\r\nAccept: text/xml\r\n\r\n<cnrp/>", "text/xml"),
        ("POST / HTTP/1.1\r\nHost: x\r\n\r\nGET /livez HTTP/1.1\r\nHost: x\r\n\r\n", "application/cnrp+xml"),
    ] {
        let mut wire = Wire::to(running.http).await;
        let told = wire.ask(request).await;
        assert_eq!((told.status, told.header("content-type")), (200, Some(kind)), "{request}");
        assert!(told.body.contains("4.1.0") && told.header("connection") == Some("close"), "{told:?}");
        assert!(!told.head.contains("keep-alive"), "{told:?}");
        assert!(wire.next().await.is_none(), "what follows is no request: {request}");
    }
    let chunked = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
    assert_eq!(ask(running.http, chunked).await.body, "127.0.0.1|None|[]|hello");
    let metrics = running.metrics.text();
    assert!(metrics.contains("cnrp_requests_total{transport=\"http\",result=\"answered\"} 5"), "{metrics}");
}

/// A page that rebound its name to 127.0.0.1 has a Host and an Origin that agree.
#[tokio::test]
async fn an_origin_under_a_foreign_name_is_not_ours() {
    let running = start(|_| {}).await;
    let rebound =
        "POST / HTTP/1.1\r\nHost: evil.example\r\nOrigin: http://evil.example\r\nContent-Length: 1\r\n\r\na";
    assert_eq!(ask(running.http, rebound).await.status, 403);
    let legacy = "POST / HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 1\r\n\r\na";
    assert_eq!(ask(running.http, legacy).await.status, 200, "who sends no Origin is no browser");
}

#[tokio::test]
async fn d15_over_the_client_limit_a_document_says_so() {
    let running = start(|settings| settings.per_client.exempt.clear()).await;
    let mut wire = Wire::to(running.http).await;
    wire.send(&post("", "x").repeat(7)).await;
    let mut told = Vec::new();
    for _ in 0..7 {
        told.push(wire.next().await.expect("pipelined requests are answered one by one"));
    }
    let statuses: Vec<_> = told.iter().map(|told| told.status).collect();
    assert_eq!(statuses, [200, 200, 200, 200, 200, 429, 429]);
    assert_eq!(told[5].header("content-type"), Some("application/cnrp+xml"));
    assert!(told[5].body.contains("<cnrp>4.2.1</cnrp>"), "{told:?}");
    let wait: u64 = told[5].header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    let json = ask(running.http, &get("/resolve?q=a")).await;
    assert_eq!((json.status, json.body.contains("\"code\":\"4.2.1\"")), (429, true), "{json:?}");
}

#[tokio::test]
async fn d15_with_too_many_in_flight_a_document_says_so() {
    let running = start(|settings| settings.in_flight = 1).await;
    let mut slow = Wire::to(running.http).await;
    slow.send(&post("", "slow:1000")).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let told = ask(running.http, &post("", "x")).await;
    assert_eq!((told.status, told.header("retry-after")), (503, Some("1")));
    assert!(told.body.contains("<cnrp>4.2.1</cnrp>"), "{told:?}");
    assert_eq!(ask(running.http, &get("/resolve?q=a")).await.status, 503);
    assert_eq!(ask(running.http, &get("/go/a")).await.status, 503);
    assert_eq!(slow.next().await.unwrap().status, 200);
}

#[tokio::test]
async fn what_is_at_hand_is_answered_with_too_many_in_flight_and_not_while_closing() {
    let running = start(|settings| settings.in_flight = 1).await;
    let mut slow = Wire::to(running.http).await;
    slow.send(&post("", "slow:800")).await;
    let mut kept = Wire::to(running.http).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let told = kept.ask(&post("", "static")).await;
    assert_eq!((told.status, told.body.as_str()), (200, "at hand"));
    assert_eq!(ask(running.http, &get("/resolve?q=static")).await.status, 200);
    let gone = ask(running.http, &get("/go/static")).await;
    assert_eq!((gone.status, gone.header("location")), (302, Some("https://static.example/")));
    kept.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\n").await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    running.stop.cancel();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(kept.ask("static").await.status, 503);
    assert_eq!(slow.next().await.unwrap().status, 200);
}

#[tokio::test]
async fn only_a_trusted_proxy_says_who_the_client_is() {
    let forwarded = post("X-Forwarded-For: 203.0.113.1, 192.0.2.1\r\n", "x");
    let running = start(|_| {}).await;
    assert!(ask(running.http, &forwarded).await.body.starts_with("127.0.0.1|"));
    let running = start(|settings| settings.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()]).await;
    for expected in [200, 200, 200, 200, 200, 429] {
        let told = ask(running.http, &forwarded).await;
        assert_eq!(told.status, expected);
        assert!(told.status == 429 || told.body.starts_with("192.0.2.1|"), "{told:?}");
    }
    let another = post("X-Forwarded-For: 192.0.2.2\r\n", "x");
    assert_eq!(ask(running.http, &another).await.status, 200);
}

#[tokio::test]
async fn r20_http_1_0_chunks_and_expectations_are_understood() {
    let running = start(|_| {}).await;
    let mut wire = Wire::to(running.http).await;
    let told = wire.ask("POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello").await;
    assert!(told.body.ends_with("|hello"));
    assert!(wire.next().await.is_none(), "HTTP/1.0 does not keep a connection alive");

    let mut half = Wire::to(running.http).await;
    half.send("POST / HTTP/1.0\r\nContent-Length: 7\r\n\r\nslow:99").await;
    half.stream.shutdown().await.unwrap();
    assert_eq!(half.next().await.unwrap().status, 200, "who has said all may close its half");

    let chunked =
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n";
    assert!(ask(running.http, chunked).await.body.ends_with("|hello"));

    let mut wire = Wire::to(running.http).await;
    let head = "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: ";
    let proceed = wire.ask(&format!("{head}5\r\n\r\n")).await;
    assert_eq!(proceed.status, 100);
    assert!(wire.ask("hello").await.body.ends_with("|hello"));
    assert_eq!(ask(running.http, &format!("{head}9999999\r\n\r\n")).await.status, 413);
}

#[tokio::test]
async fn a_hundred_pipelined_requests_are_answered_in_order() {
    let running = start(|_| {}).await;
    let mut wire = Wire::to(running.http).await;
    let all: String = (0..100).map(|i| post("", &format!("number {i}"))).collect();
    wire.send(&all).await;
    for i in 0..100 {
        assert!(wire.next().await.unwrap().body.ends_with(&format!("|number {i}")));
    }
}

#[tokio::test]
async fn http_2_with_prior_knowledge_is_spoken() {
    let running = start(|_| {}).await;
    let stream = TcpStream::connect(running.http).await.unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = |path: &str, body: &'static str| {
        let method = if body.is_empty() { "GET" } else { "POST" };
        let uri = format!("http://localhost{path}");
        http::Request::builder().method(method).uri(uri).body(Full::new(Bytes::from(body))).unwrap()
    };
    for (path, body, expected) in [("/", "hello", 200), ("/resolve?q=a", "", 200), ("/x", "", 404)] {
        let response = sender.send_request(request(path, body)).await.unwrap();
        assert_eq!(response.status(), expected);
        let read = response.into_body().collect().await.unwrap().to_bytes();
        assert!(!read.is_empty());
    }
    let rebound = http::Request::get("http://evil.example/resolve?q=a").body(Full::default()).unwrap();
    assert_eq!(sender.send_request(rebound).await.unwrap().status(), 421);
}

#[tokio::test]
async fn d15_a_stream_of_http_2_that_is_refused_is_not_reset_while_its_body_comes() {
    let running = start(|_| {}).await;
    let stream = TcpStream::connect(running.http).await.unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let (more, coming) = tokio::sync::mpsc::channel::<Bytes>(1);
    let frames = futures_util::stream::unfold(coming, |mut coming| async {
        let data = coming.recv().await?;
        Some((Ok::<_, std::convert::Infallible>(hyper::body::Frame::data(data)), coming))
    });
    let request = http::Request::post("http://localhost/").header("content-type", "image/png");
    let request = request.body(Box::pin(http_body_util::StreamBody::new(frames))).unwrap();
    let response = sender.send_request(request).await.unwrap();
    assert_eq!(response.status(), 415);
    assert!(!response.into_body().collect().await.unwrap().to_bytes().is_empty());
    // Of a stream that was reset the client takes nothing more; these are more than it may keep back.
    for _ in 0..5 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        more.send(Bytes::from_static(b"<cnrp>")).await.unwrap();
    }
}

#[tokio::test]
async fn r20_a_long_answer_is_compressed_for_who_asks() {
    let running = start(|_| {}).await;
    let told = ask(running.http, &post("Accept-Encoding: gzip\r\n", "long:5000")).await;
    assert_eq!(told.header("content-encoding"), Some("gzip"));
    assert!(told.header("content-length").unwrap().parse::<usize>().unwrap() < 200);
    assert_eq!(ask(running.http, &post("", "long:5000")).await.body.len(), 5000);
}

#[tokio::test]
async fn a_head_that_is_too_long_is_refused() {
    let running = start(|_| {}).await;
    let long = post(&format!("X: {}\r\n", "x".repeat(20_000)), "x");
    assert_eq!(ask(running.http, &long).await.status, 431);
    let many = post(&"X: y\r\n".repeat(200), "x");
    assert_eq!(ask(running.http, &many).await.status, 431);
}
