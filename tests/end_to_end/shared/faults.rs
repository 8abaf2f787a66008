//! A store that is slow, or a replica: what it costs.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_answers_too_late_is_left_alone_and_costs_no_answer() {
    let (redis, upstream) = (redis(), knowing().await);
    let slow = Delayed::before(redis.address, Duration::from_millis(200)).await;
    let gateway = gateway(&upstream, slow.address);
    for number in 0..20 {
        assert_answers(&gateway, &format!("name {number}")).await;
    }
    assert_eq!((upstream.calls().len(), state(&gateway).await.as_str()), (20, "suspended"));
    let metrics = gateway.get("admin", "/metrics").await.text().await.unwrap();
    let uses = metrics.lines().find_map(|line| {
        line.strip_prefix("cnrp_shared_cache_failures_total{reason=\"timed-out\"} ")?.parse::<u32>().ok()
    });
    // Each was waited for 50 ms at most, three at first and then one for each pause of a second or more.
    assert!(uses.is_some_and(|uses| (3..=6).contains(&uses)), "{uses:?} of 20 questions: {metrics}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_takes_a_few_milliseconds_is_used() {
    let (redis, upstream) = (redis(), knowing().await);
    let slow = Delayed::before(redis.address, Duration::from_millis(5)).await;
    let (one, other) = (gateway(&upstream, slow.address), gateway(&upstream, slow.address));
    assert_shares_again(&one, &other, &upstream).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_is_only_read_answers_what_it_has() {
    let (redis, upstream) = (redis(), knowing().await);
    assert_answers(&gateway(&upstream, redis.address), "boeing").await;
    key_of_the_answer(redis.address);
    // Its master is nowhere, so it stays as it is.
    assert_eq!(tell(redis.address, &["REPLICAOF", "127.0.0.1", "1"]), "OK");
    let reader = gateway(&upstream, redis.address);
    assert_answers(&reader, "boeing").await;
    assert_eq!(upstream.calls().len(), 1, "what is there serves on");
    for number in 0..5 {
        assert_answers(&reader, &format!("name {number}")).await;
    }
    assert_eq!((upstream.calls().len(), state(&reader).await.as_str()), (6, "full"));
}

/// A turn that nobody holds: one that never ends, which no gateway writes so, and one that lasts.
#[tokio::test(flavor = "multi_thread")]
async fn a_turn_that_is_nobodys_costs_no_answer_where_the_deadline_is_short() {
    let redis = redis();
    let slow = Duration::from_millis(400);
    let upstream = Upstream::start_slow(slow, |_| searxng(&[(FOUND, "A", "")])).await;
    let config = format!("limits: {{deadline: 1s}}\n{}", config(&upstream, redis.address));
    assert_answers(&Gateway::start(&config), "boeing").await;
    let key = key_of_the_answer(redis.address);
    let turn = format!("{key}:turn");
    let lies: [&[&str]; 3] =
        [&["RPUSH", &turn, "x"], &["SET", &turn, "x"], &["SET", &turn, "x", "PX", "60000"]];
    for lie in lies {
        tell(redis.address, &["DEL", &key, &turn]);
        tell(redis.address, lie);
        assert_answers(&Gateway::start(&config), "boeing").await;
        if !lie.contains(&"PX") {
            assert_eq!(key_of_the_answer(redis.address), key, "{lie:?}");
        }
    }
    assert_eq!(upstream.calls().len(), 4);
}
