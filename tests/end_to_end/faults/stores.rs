//! The store that gateways share comes to fail. Nothing else does, so nothing may be seen of it in an answer.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    cells::{Held, Scene, Sign, Stage, engine, scene},
    metrics,
    source::Source,
};
use crate::support::{Delayed, Gateway, babbler, redis};

/// A gateway over the source that shares what it is told in a Redis at this address.
fn sharing(source: &Source, redis: SocketAddr, reason: &'static str) -> Stage {
    let config = engine(&source.upstream().url(), "");
    let config = config.replace("cache: {", &format!("cache: {{shared: \"redis://{redis}/0\", "));
    Stage::new(&Arc::new(Gateway::start(&config)), Sign::Alone(reason))
}

pub(super) async fn dead() -> Scene {
    let (source, redis) = (Source::start().await, redis());
    let stage = sharing(&source, redis.address, "refused");
    let gateway = Arc::clone(&stage.gateway);
    scene(stage, async move {
        uses_store(&gateway).await;
        drop(redis);
        Box::new(source) as Held
    })
}

pub(super) async fn slow() -> Scene {
    let (source, redis) = (Source::start().await, redis());
    let proxy = Delayed::before(redis.address, Duration::ZERO).await;
    let stage = sharing(&source, proxy.address, "timed-out");
    let gateway = Arc::clone(&stage.gateway);
    scene(stage, async move {
        uses_store(&gateway).await;
        proxy.delay(Duration::from_millis(200));
        Box::new((source, redis, proxy)) as Held
    })
}

/// Another server has its port.
pub(super) async fn garbage() -> Scene {
    let (source, redis) = (Source::start().await, redis());
    let stage = sharing(&source, redis.address, "malformed");
    let gateway = Arc::clone(&stage.gateway);
    scene(stage, async move {
        uses_store(&gateway).await;
        let address = redis.address;
        drop(redis);
        babbler(address, b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()).await;
        Box::new(source) as Held
    })
}

/// Waits until the store has answered, as it does unless the machine is busy.
async fn uses_store(gateway: &Gateway) {
    let began = Instant::now();
    while !store_answers(&metrics(gateway).await) {
        assert!(began.elapsed() < Duration::from_secs(20), "the shared cache is not used before the fault");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn store_answers(metrics: &str) -> bool {
    let is_used = |line: &str| {
        line.starts_with("cnrp_shared_cache_results_total{result=\"miss\"}") && !line.ends_with(" 0")
    };
    metrics.lines().any(is_used) && metrics.lines().any(|line| line == "cnrp_shared_cache_suspended 0")
}
