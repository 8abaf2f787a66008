//! Several gateways over one Redis: what one has asked the others know.

use crate::support::{Gateway, Reply, Server, Upstream, searxng};

/// A Redis that keeps nothing on the disk.
fn redis() -> Server {
    Server::start("redis-server", "redis-server", |address| {
        let port = address.port().to_string();
        ["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"].map(str::to_owned).into()
    })
}

async fn knowing() -> Upstream {
    Upstream::start(|_| searxng(&[("https://a.example/", "A", "")])).await
}

fn gateway(upstream: &Upstream, redis: &Server) -> Gateway {
    Gateway::start(&format!(
        "cache: {{shared: \"redis://{}/0\"}}\nbackends: [{{name: s, type: searxng, url: \"{}\"}}]\n",
        redis.address,
        upstream.url()
    ))
}

/// How many names both gateways are asked for.
fn names() -> usize {
    std::env::var("CNRP_NAMES").ok().and_then(|count| count.parse().ok()).unwrap_or(300)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_gateway_asked_the_other_knows() {
    let (redis, upstream) = (redis(), knowing().await);
    let gateways = [gateway(&upstream, &redis), gateway(&upstream, &redis)];
    for number in 0..names() {
        let name = format!("name {number}");
        let (one, other) = tokio::join!(gateways[0].ask(&name, &[]), gateways[1].ask(&name, &[]));
        assert_eq!(
            (one.uris(), other.uris()),
            (vec!["https://a.example/".to_owned()], vec!["https://a.example/".to_owned()])
        );
    }
    assert!(upstream.calls().len() <= names(), "{} calls for {} names", upstream.calls().len(), names());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_store_a_gateway_answers_by_itself() {
    let (redis, upstream) = (redis(), Upstream::start(|_| Reply::Json("{\"results\": []}".into())).await);
    let gateway = gateway(&upstream, &redis);
    drop(redis);
    for number in 0..20 {
        gateway.ask(&format!("name {number}"), &[]).await;
    }
    assert_eq!(upstream.calls().len(), 20);
}
