//! Connections through a load balancer that speaks the PROXY protocol.

use super::{
    https::{Secured, handshake},
    *,
};

const HEADER: &str = "PROXY TCP4 192.0.2.1 10.0.0.1 4711 443\r\n";

fn behind_a_balancer(settings: &mut Settings) {
    settings.proxy_protocol = vec!["127.0.0.0/8".parse().unwrap()];
}

#[tokio::test]
async fn the_client_is_whom_the_balancer_names_for_the_whole_connection() {
    let running = start(behind_a_balancer).await;
    let mut wire = Wire::to(running.http).await;
    wire.send(HEADER).await;
    for expected in [200, 200, 200, 200, 200, 429] {
        let told = wire.ask(&post("X-Forwarded-For: 203.0.113.9\r\n", "x")).await;
        assert_eq!(told.status, expected);
        assert!(told.status == 429 || told.body.starts_with("192.0.2.1|"), "{told:?}");
    }
    let mut another = Wire::to(running.http).await;
    another.send("PROXY UNKNOWN\r\n").await;
    assert!(another.ask(&post("", "x")).await.body.starts_with("127.0.0.1|"));
}

#[tokio::test]
async fn a_balancers_connection_without_a_header_is_closed_and_counted() {
    let running = start(behind_a_balancer).await;
    let mut wire = Wire::to(running.http).await;
    wire.send(&post("", "x")).await;
    assert!(wire.next().await.is_none());
    let metrics = running.metrics.text();
    assert!(metrics.contains("cnrp_connections_refused_total{reason=\"proxy-header\"} 1\n"), "{metrics}");
}

#[tokio::test]
async fn a_header_that_does_not_come_in_time_is_not_waited_for() {
    let running = start(|settings| {
        behind_a_balancer(settings);
        settings.header_timeout = Duration::from_millis(200);
    })
    .await;
    let mut wire = Wire::to(running.http).await;
    wire.send("PROXY TCP4 192.0").await;
    let closed = tokio::time::timeout(Duration::from_secs(2), wire.more()).await;
    assert_eq!(closed, Ok(None));
}

#[tokio::test]
async fn from_others_a_header_is_no_header() {
    let running = start(|settings| settings.proxy_protocol = vec!["10.0.0.0/8".parse().unwrap()]).await;
    let told = ask(running.http, &format!("{HEADER}{}", post("", "x"))).await;
    assert_eq!(told.status, 400);
    let told = ask(running.admin, &get("/livez")).await;
    assert_eq!(told.status, 200);
}

#[tokio::test]
async fn the_operators_pages_want_no_header() {
    let running = start(behind_a_balancer).await;
    assert_eq!(ask(running.admin, &get("/livez")).await.status, 200);
}

#[tokio::test]
async fn on_https_the_header_comes_before_the_handshake() {
    let secured = Secured::start(behind_a_balancer, None).await;
    let mut stream = TcpStream::connect(secured.running.https).await.unwrap();
    stream.write_all(HEADER.as_bytes()).await.unwrap();
    let mut stream = handshake(&secured, stream).await.unwrap();
    stream.write_all(post("Connection: close\r\n", "x").as_bytes()).await.unwrap();
    let mut told = String::new();
    stream.read_to_string(&mut told).await.unwrap();
    assert!(told.contains("192.0.2.1|"), "{told}");
}
