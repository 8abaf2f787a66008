//! Budgets of several gateways, counted in the store that they share.

use super::*;

fn budgeted(upstream: &Upstream, redis: SocketAddr, rate: &str) -> String {
    format!(
        "cache: {{shared: \"redis://{redis}/0\"}}\nstate: state\n\
         backends: [{{name: bought, type: searxng, url: \"{}\", rate: {rate}}}]\n",
        upstream.url()
    )
}

fn start(upstream: &Upstream, redis: SocketAddr) -> Gateway {
    Gateway::start(&budgeted(upstream, redis, "10/d"))
}

/// Asks for so many names that nobody asked for before; gives how many were answered.
async fn answered(gateway: &Gateway, whose: &str, names: usize) -> usize {
    let mut answered = 0;
    for number in 0..names {
        answered += gateway.ask(&format!("{whose} {number}"), &[]).await.uris().len();
    }
    answered
}

/// The counts in the store, with their names.
fn counts(redis: SocketAddr) -> Vec<(String, String)> {
    let keys = tell(redis, &["KEYS", "cnrp:1:budget:*"]);
    keys.lines().map(|key| (key.to_owned(), tell(redis, &["GET", key]))).collect()
}

async fn bought(gateway: &Gateway) -> serde_json::Value {
    json(gateway.get("admin", "/status").await).await["backends"][0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_gateways_spend_one_budget_together() {
    let (redis, upstream) = (redis(), knowing().await);
    let gateways = [start(&upstream, redis.address), start(&upstream, redis.address)];
    let (one, other) = tokio::join!(answered(&gateways[0], "one", 12), answered(&gateways[1], "other", 12));
    assert_eq!((one + other, upstream.calls().len()), (10, 10), "{one} of one, {other} of the other");
    let counts = counts(redis.address);
    let [(key, count)] = counts.as_slice() else { panic!("{counts:?}") };
    assert!(key.starts_with("cnrp:1:budget:bought:day:") && count == "10", "{key} {count}");
    for gateway in &gateways {
        let bought = bought(gateway).await;
        assert_eq!((&bought["budgets"][0]["spent"], &bought["budgets"][0]["left"]), (&10.into(), &0.into()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pace_of_a_month_is_that_of_all() {
    let (redis, upstream) = (redis(), knowing().await);
    let config = budgeted(&upstream, redis.address, "3000000000/month");
    let gateways = [Gateway::start(&config), Gateway::start(&config)];
    assert_eq!(answered(&gateways[0], "one", 2).await, 2);
    // As if others had spent all but the last block of it, far ahead of the pace.
    let (key, count) = counts(redis.address).remove(0);
    assert!(key.contains(":month:") && count == "300000", "a block: {key} {count}");
    tell(redis.address, &["SET", &key, "2999999999"]);
    assert_eq!(answered(&gateways[1], "other", 2).await, 0);
    assert_eq!(upstream.calls().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_lost_its_counts_is_told_them_before_anything_is_spent() {
    let (address, upstream) = (free(), knowing().await);
    let store = redis_at(address, &[]);
    let gateways = [start(&upstream, address), start(&upstream, address)];
    assert_eq!(answered(&gateways[0], "one", 4).await, 4);
    assert_eq!(answered(&gateways[1], "other", 2).await, 2);
    let [one, other] = gateways;
    // What is known outlives the gateway as well, that was killed before the store was.
    let folder = killed(other);
    drop(store);
    let _store = redis_at(address, &[]);
    // It may know of four only.
    assert_eq!(answered(&one, "at once", 12).await, 0);
    let _other = Gateway::start_in(folder);
    let began = Instant::now();
    for number in 0.. {
        if answered(&one, &format!("later {number}"), 1).await == 1 {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(30), "nothing is spent of a store that is back");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert!(began.elapsed() > Duration::from_secs(5), "others are given the time to tell theirs");
    assert_eq!(answered(&one, "at last", 12).await, 3);
    assert_eq!((upstream.calls().len(), counts(address)[0].1.as_str()), (10, "10"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_spends_another_shows_within_seconds() {
    let (redis, upstream) = (redis(), knowing().await);
    let gateways = [start(&upstream, redis.address), start(&upstream, redis.address)];
    assert_eq!(answered(&gateways[0], "one", 3).await, 3);
    let began = Instant::now();
    while bought(&gateways[1]).await["budgets"][0]["left"] != 7 {
        assert!(began.elapsed() < Duration::from_secs(20), "{}", bought(&gateways[1]).await);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Kills a gateway; gives its folder.
fn killed(mut gateway: Gateway) -> tempfile::TempDir {
    let folder = std::mem::replace(&mut gateway.folder, tempfile::tempdir().expect("a temporary folder"));
    gateway.signal("-KILL");
    gateway.wait();
    folder
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_store_nothing_is_spent_and_it_is_told_why() {
    let (address, upstream) = (free(), knowing().await);
    let gateway = start(&upstream, address);
    assert_eq!(answered(&gateway, "name", 5).await, 0);
    assert_eq!((upstream.calls().len(), state(&gateway).await.as_str()), (0, "suspended"));
    let failure = bought(&gateway).await["last_failure"].clone();
    assert_eq!(failure["reason"], "budget-spent");
    let detail = failure["detail"].as_str().expect("a detail");
    assert!(detail.starts_with("its ledger in the shared cache can't be written: "), "{detail}");
    let metrics = gateway.get("admin", "/metrics").await.text().await.unwrap();
    for line in ["cnrp_shared_cache_suspended 1", "outcome=\"budget-spent\"} 5"] {
        assert!(metrics.lines().any(|metric| metric.ends_with(line)), "{line} in {metrics}");
    }
    let (_, out, err) = run_with(&budgeted(&upstream, address, "10/d"), &["explain", "boeing"]);
    assert!(out.contains("its ledger in the shared cache can't be written"), "{out}{err}");
    assert_eq!(upstream.calls().len(), 0);
    let _store = redis_at(address, &[]);
    let began = Instant::now();
    while answered(&gateway, &format!("{:?}", began.elapsed()), 1).await == 0 {
        assert!(began.elapsed() < Duration::from_secs(20), "the store is back and not used");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_in_which_no_count_can_stand_is_as_good_as_none() {
    let (redis, upstream) = (redis(), knowing().await);
    let gateway = start(&upstream, redis.address);
    assert_eq!(answered(&gateway, "first", 1).await, 1);
    let (key, _) = counts(redis.address).remove(0);
    let faults: [(&[&str], &[&str]); 5] = [
        (&["SET", &key, "a few"], &["SET", &key, "1"]),
        (&["SET", &key, "-5"], &["SET", &key, "1"]),
        (&["SET", &key, "1e300"], &["SET", &key, "1"]),
        (&["CONFIG", "SET", "maxmemory", "1"], &["CONFIG", "SET", "maxmemory", "0"]),
        (&["REPLICAOF", "127.0.0.1", "1"], &["REPLICAOF", "NO", "ONE"]),
    ];
    for (number, (fault, remedy)) in faults.into_iter().enumerate() {
        assert_eq!(tell(redis.address, fault), "OK");
        assert_eq!(answered(&gateway, &format!("fault {number}"), 1).await, 0, "{fault:?}");
        tell(redis.address, remedy);
        assert_eq!(answered(&gateway, &format!("remedy {number}"), 1).await, 1, "after {fault:?}");
    }
    assert_eq!(upstream.calls().len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_reserved_and_not_sent_is_given_back_at_the_end() {
    let (redis, upstream) = (redis(), knowing().await);
    let gateway = Gateway::start(&budgeted(&upstream, redis.address, "1000000/d"));
    assert_eq!(answered(&gateway, "name", 3).await, 3);
    assert_eq!(counts(redis.address)[0].1, "100", "a block");
    gateway.end("-TERM");
    assert_eq!(counts(redis.address)[0].1, "3");
    let (code, _, err) = run_with(&budgeted(&upstream, redis.address, "1000000/d"), &["explain", "boeing"]);
    assert_eq!((code, counts(redis.address)[0].1.as_str()), (0, "4"), "a command counts there too: {err}");
}
