//! What scenarios do not show: real threads, and what `/status` is told. The order of events on a
//! clock is proven in `resolver/gather`.

use std::{
    collections::HashMap,
    io::{BufRead, Write},
    sync::{Arc, Mutex},
    time::Duration,
};

use super::*;
use crate::{
    cache::OutcomeCache,
    model::{
        Ask, Backend, BoxFuture, Clock, CommonName, Failure, Family, Hit, Metrics, NameQuery, Outcome,
        Reason, Reply, SystemClock,
    },
};

/// Answers at once, and counts how often it was asked for each name. "bad" fails, and "slow"
/// takes a second.
#[derive(Default)]
struct Counting(Mutex<HashMap<String, u32>>);

impl Backend for Counting {
    fn family(&self) -> Family {
        Family("counting")
    }

    fn request(&self, query: &NameQuery) -> Ask {
        Ask::Request(query.name.key().to_owned())
    }

    fn ask<'a>(&'a self, query: &'a NameQuery) -> BoxFuture<'a, Result<Reply, Failure>> {
        *self.0.lock().unwrap().entry(query.name.key().to_owned()).or_default() += 1;
        Box::pin(async move {
            match query.name.key() {
                "bad" => return Err(Failure::new(Reason::Refused, "connection refused")),
                "slow" => tokio::time::sleep(Duration::from_secs(1)).await,
                _ => tokio::task::yield_now().await,
            }
            Ok(Reply::of(vec![Hit::mention("x", "https://x.example/", "")]))
        })
    }
}

/// Answers from memory what holds for as long.
struct Remembering(Option<Duration>);

impl Backend for Remembering {
    fn family(&self) -> Family {
        Family("remembering")
    }

    fn request(&self, _query: &NameQuery) -> Ask {
        Ask::Local
    }

    fn ask<'a>(&'a self, _query: &'a NameQuery) -> BoxFuture<'a, Result<Reply, Failure>> {
        let ttl = self.0;
        Box::pin(async move { Ok(Reply { ttl, ..Reply::default() }) })
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_answered_from_memory_holds_until_it_will_be_another() {
    for (ttl, seconds) in [(None, 60), (Some(7), 7), (Some(3600), 60)] {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let cache = OutcomeCache::new(0, Arc::clone(&clock));
        let backend = Arc::new(Remembering(ttl.map(Duration::from_secs)));
        let meter = Metrics::default().backend("m");
        let means = Means { cache, clock, meter, purse: None, memory: None, tier: None };
        let guard = Guard::new("m", backend, 1, policy(), means);
        let query = NameQuery::plain(CommonName::new("x").unwrap());
        let outcome = guard.ask(Ask::Local, &query).await;
        let until = tokio::time::Instant::now() + Duration::from_secs(seconds);
        assert_eq!(outcome.holds_until(), Some(until), "{ttl:?}");
    }
}

fn policy() -> Policy {
    Policy {
        timeout: Duration::from_secs(5),
        concurrency: 64,
        rates: Vec::new(),
        ttl: Duration::from_secs(3600),
        negative_ttl: Duration::from_secs(60),
        stale: Duration::from_secs(3600),
        stale_after: Duration::from_millis(800),
        deadline: Duration::from_millis(2500),
    }
}

fn guard(backend: &Arc<Counting>, cache_size: u64) -> Guard {
    let backend: Arc<dyn Backend> = Arc::<Counting>::clone(backend);
    Guard::new("counting", backend, 1, policy(), means(cache_size))
}

fn means(cache_size: u64) -> Means {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let cache = OutcomeCache::new(cache_size, Arc::clone(&clock));
    Means {
        cache,
        clock,
        meter: Metrics::default().backend("counting"),
        purse: None,
        memory: None,
        tier: None,
    }
}

async fn ask(guard: &Guard, name: &str) -> Outcome {
    let query = NameQuery::plain(CommonName::new(name).unwrap());
    guard.ask(guard.backend().request(&query), &query).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn however_threads_meet_a_name_costs_one_call() {
    let backend = Arc::new(Counting::default());
    let guard = Arc::new(guard(&backend, 64 << 20));
    let client = |guard: Arc<Guard>| async move {
        for i in 0..2000 {
            assert!(ask(&guard, &format!("name {i}")).await.found().is_some());
        }
    };
    let clients: Vec<_> = (0..8).map(|_| tokio::spawn(client(Arc::clone(&guard)))).collect();
    for client in clients {
        client.await.unwrap();
    }
    let asked = backend.0.lock().unwrap();
    let twice: Vec<_> = asked.iter().filter(|(_, calls)| **calls != 1).collect();
    assert!(asked.len() == 2000 && twice.is_empty(), "{twice:?}");
    assert_eq!(guard.state().in_flight, 0);
}

#[tokio::test(start_paused = true)]
async fn the_state_tells_what_is_under_way_and_what_went_wrong() {
    let backend = Arc::new(Counting::default());
    let guard = guard(&backend, 1 << 20);
    let untouched = State { suspension: None, budgets: Vec::new(), in_flight: 0, last_failure: None };
    assert_eq!(guard.state(), untouched);
    let query = NameQuery::plain(CommonName::new("slow").unwrap());
    let underway = guard.begin(guard.backend().request(&query), &query);
    assert_eq!(guard.state().in_flight, 1);
    drop(underway);
    ask(&guard, "bad").await;
    let last = guard.state().last_failure.unwrap();
    assert_eq!(last.failure, Failure::new(Reason::Refused, "connection refused"));
    assert!(!last.is_over);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(guard.state().in_flight, 0);
    assert!(guard.state().last_failure.unwrap().is_over, "the slow one was answered");
}

#[tokio::test(start_paused = true)]
async fn what_is_too_heavy_to_keep_still_answers() {
    let backend = Arc::new(Counting::default());
    let guard = guard(&backend, 16);
    for _ in 0..2 {
        assert!(ask(&guard, "x").await.found().is_some());
    }
    assert_eq!(backend.0.lock().unwrap()["x"], 2);
}

#[tokio::test(start_paused = true)]
async fn what_the_backend_has_nothing_to_say_to_is_skipped() {
    let backend = Arc::new(Counting::default());
    let guard = guard(&backend, 1 << 20);
    let query = NameQuery::plain(CommonName::new("x").unwrap());
    assert_eq!(guard.ask(Ask::Skip(Reason::Loop), &query).await, Outcome::Skipped(Reason::Loop));
    assert!(backend.0.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_backend_built_anew_is_asked_as_before_and_another_one_afresh() {
    let backend = Arc::new(Counting::default());
    let first = guard(&backend, 1 << 20);
    let query = NameQuery::plain(CommonName::new("slow").unwrap());
    let underway = first.begin(first.backend().request(&query), &query);
    drop(underway);
    for _ in 0..5 {
        ask(&first, "bad").await;
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let next = |print| Guard::after(&first, Arc::clone(first.backend()), print, policy(), means(1 << 20));
    let (same, other) = (next(1), next(2));
    assert_eq!((same.state(), same.state().in_flight), (first.state(), 1));
    assert_eq!((other.state().in_flight, other.state().last_failure), (0, None));
    ask(&same, "slow").await;
    assert_eq!(backend.0.lock().unwrap()["slow"], 1, "the call that was under way is waited for");
}

/// A second tier in a server that takes connections and says nothing, with who listens there.
fn silent_tier() -> (std::net::TcpListener, Tier) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("redis://{}/0", listener.local_addr().unwrap()).parse().unwrap();
    let store = crate::upstream::Store::new(&url, None, None).unwrap();
    (listener, Tier::new(store, Arc::new(SystemClock), Metrics::default().tier(), 7))
}

/// On a clock that goes on only where everybody waits, so what is measured is what was waited for.
#[tokio::test(start_paused = true)]
async fn a_silent_store_costs_fifty_milliseconds_three_times_at_most_and_then_nothing() {
    let (_listener, tier) = silent_tier();
    let backend: Arc<dyn Backend> = Arc::new(Counting::default());
    let means = Means { tier: Some(tier), ..means(64 << 20) };
    let guard = Guard::new("counting", backend, 1, policy(), means);
    let mut costs = Vec::new();
    for number in 0..6 {
        let began = tokio::time::Instant::now();
        assert!(ask(&guard, &format!("name {number}")).await.found().is_some());
        costs.push(began.elapsed().as_millis());
    }
    // Telling it of an answer fails as well, which nobody waits for. A timer of tokio rings within a
    // millisecond after its time.
    assert!((50..=51).contains(&costs[0]) && costs.iter().all(|cost| *cost <= 51), "{costs:?}");
    assert_eq!(costs[3..], [0, 0, 0], "{costs:?}");
}

/// A second tier that takes whatever it is told, and says of every answer that another gateway asks for it.
fn lying_tier() -> Tier {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("redis://{}/0", listener.local_addr().unwrap()).parse().unwrap();
    std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut lines = std::io::BufReader::new(&stream).lines();
        // A command is `*PARTS`, and each part a line with its length and those of the part itself.
        let is_name = |line: &String| matches!(line.as_str(), "CLIENT" | "EVAL");
        while let Some(Ok(name)) = lines.find(|line| line.as_ref().is_ok_and(is_name)) {
            let lie = if name == "EVAL" { "*3\r\n$0\r\n\r\n:-2\r\n:0\r\n" } else { "+OK\r\n" };
            (&stream).write_all(lie.as_bytes()).unwrap();
        }
    });
    let store = crate::upstream::Store::new(&url, None, None).unwrap();
    Tier::new(store, Arc::new(SystemClock), Metrics::default().tier(), 7)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_store_says_that_others_ask_is_waited_for_three_times_in_vain_and_no_more() {
    let wait = Duration::from_millis(200);
    let policy = Policy { stale_after: wait, ..policy() };
    let means = Means { tier: Some(lying_tier()), ..means(64 << 20) };
    let guard = Guard::new("counting", Arc::new(Counting::default()), 1, policy, means);
    let mut costs = Vec::new();
    for number in 0..10 {
        let began = std::time::Instant::now();
        assert!(ask(&guard, &format!("name {number}")).await.found().is_some());
        costs.push(began.elapsed());
    }
    assert!(costs[..3].iter().all(|cost| *cost >= wait), "{costs:?}");
    assert!(costs[3..].iter().all(|cost| *cost < wait / 2), "{costs:?}");
}

#[tokio::test(start_paused = true)]
async fn a_silent_store_refuses_a_budget_within_fifty_milliseconds() {
    let (_listener, tier) = silent_tier();
    let budgets = Budgets { limits: vec![(crate::model::CalendarUnit::Day, 10)], ..Budgets::default() };
    let purse = Purse::new("counting", budgets, Arc::new(SystemClock)).unwrap();
    purse.share(Some(&tier));
    let claim = purse.admit().unwrap();
    let began = tokio::time::Instant::now();
    let failure = claim.prepare().await.unwrap_err();
    assert!((50..=51).contains(&began.elapsed().as_millis()), "{:?}", began.elapsed());
    assert_eq!(
        failure.to_string(),
        "budget-spent: its ledger in the shared cache can't be written: timed-out: no answer within 50ms"
    );
    assert_eq!(purse.states()[0].spent, 0);
}
