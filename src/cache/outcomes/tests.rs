use super::*;
use crate::model::{CommonName, Freshness, Hit, Outcome, Reason, Reply, SystemClock, Vouched, prepare};

const TERM: Term = Term { fresh: Duration::from_secs(10), stale: Duration::from_secs(60) };

fn key(request: impl Into<String>) -> Key {
    Key { backend: 7, request: request.into() }
}

fn reply(host: &str, description: &str) -> Arc<Prepared> {
    let hit = Hit::mention("x", format!("https://{host}/"), description);
    Arc::new(prepare(Reply::of(vec![hit]), &CommonName::new("x").unwrap(), Vouched::BySearch))
}

fn cache(size: u64) -> OutcomeCache {
    OutcomeCache::new(size, Arc::new(SystemClock))
}

async fn after(seconds: f64) {
    tokio::time::advance(Duration::from_secs_f64(seconds)).await;
}

fn is_refreshed(kept: Option<Kept>) -> bool {
    match kept {
        Some(Kept::Fresh { refresh, .. }) => refresh,
        other => panic!("not fresh: {other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_fresh_then_stale_then_gone_by_the_given_clock() {
    let cache = cache(1 << 20);
    cache.keep(key("a"), &reply("a.example", ""), TERM, true);
    after(9.999).await;
    assert!(matches!(cache.kept(&key("a")), Some(Kept::Fresh { .. })));
    after(0.001).await;
    let Some(Kept::Expired(stale)) = cache.kept(&key("a")) else { panic!("it has expired") };
    let age = Duration::from_secs(10);
    assert!(
        matches!(stale.outcome(Instant::now()), Outcome::Found { freshness: Freshness::Stale { age: told }, .. } if told == age)
    );
    after(60.0).await;
    assert!(cache.kept(&key("a")).is_none());
}

#[tokio::test(start_paused = true)]
async fn another_backend_or_another_request_is_another_answer() {
    let cache = cache(1 << 20);
    cache.keep(key("a"), &reply("a.example", ""), TERM, true);
    assert!(cache.kept(&key("b")).is_none());
    assert!(cache.kept(&Key { backend: 8, request: "a".into() }).is_none());
}

#[tokio::test(start_paused = true)]
async fn a_new_answer_has_its_own_time() {
    let cache = cache(1 << 20);
    cache.keep(key("a"), &reply("a.example", ""), TERM, true);
    after(69.0).await;
    cache.keep(key("a"), &reply("b.example", ""), TERM, true);
    after(9.0).await;
    let Some(Kept::Fresh { reply, .. }) = cache.kept(&key("a")) else { panic!("it is fresh") };
    assert_eq!(reply.candidates[0].url.host(), "b.example");
}

#[tokio::test(start_paused = true)]
async fn only_the_last_tenth_of_what_is_in_demand_wants_refreshing() {
    let cache = cache(1 << 20);
    cache.keep(key("asked"), &reply("a.example", ""), TERM, true);
    cache.keep(key("ahead"), &reply("a.example", ""), TERM, false);
    after(8.9).await;
    assert!(!is_refreshed(cache.kept(&key("asked"))));
    after(0.1).await;
    assert!(is_refreshed(cache.kept(&key("asked"))));
    assert!(!is_refreshed(cache.kept(&key("ahead"))), "one question since it was fetched ahead");
    assert!(is_refreshed(cache.kept(&key("ahead"))));
}

#[tokio::test(start_paused = true)]
async fn a_failure_stands_5_s_or_30_s_where_an_older_answer_serves() {
    let cache = cache(1 << 20);
    cache.note(key("a"), Err(Failure::new(Reason::Reset, "x")));
    cache.note(key("partial"), Ok(reply("a.example", "")));
    after(4.999).await;
    assert!(cache.moment(&key("a"), false).is_some() && cache.moment(&key("partial"), true).is_some());
    after(0.001).await;
    assert!(cache.moment(&key("a"), false).is_none() && cache.moment(&key("partial"), true).is_none());
    after(24.999).await;
    assert!(cache.moment(&key("a"), true).is_some());
    after(0.001).await;
    assert!(cache.moment(&key("a"), true).is_none());
}

#[tokio::test(start_paused = true)]
async fn an_answer_ends_the_memory_of_a_failure() {
    let cache = cache(1 << 20);
    cache.note(key("a"), Err(Failure::new(Reason::Reset, "x")));
    cache.keep(key("a"), &reply("a.example", ""), TERM, true);
    assert!(cache.moment(&key("a"), true).is_none());
}

#[tokio::test(start_paused = true)]
async fn failures_never_push_out_answers() {
    let cache = cache(64 * 1024);
    cache.keep(key("good"), &reply("a.example", ""), TERM, true);
    for i in 0..2000 {
        cache.note(key(format!("bad {i}")), Err(Failure::new(Reason::Reset, "x".repeat(100))));
    }
    cache.moments.run_pending_tasks();
    cache.kept.run_pending_tasks();
    assert!(cache.kept(&key("good")).is_some());
    assert!(cache.moments.weighted_size() <= 8 * 1024);
}

#[tokio::test(start_paused = true)]
async fn it_says_how_full_it_is() {
    let cache = cache(64 * 1024);
    assert_eq!(cache.filling(), Filling { entries: 0, bytes: 0, most_bytes: 64 * 1024 });
    cache.keep(key("good"), &reply("a.example", ""), TERM, true);
    let of_good = cache.filling();
    assert_eq!((of_good.entries, of_good.bytes), (1, of_reply(&key("good"), &reply("a.example", "")).into()));
    cache.note(key("bad"), Err(Failure::new(Reason::Reset, "")));
    assert_eq!(cache.filling().entries, 2);
    assert!(cache.filling().bytes > of_good.bytes);
}

#[tokio::test(start_paused = true)]
async fn memory_is_bounded_in_bytes() {
    let cache = cache(1 << 20);
    for i in 0..4000 {
        cache.keep(key(format!("name {i}")), &reply("a.example", &"x".repeat(1000)), TERM, true);
    }
    cache.kept.run_pending_tasks();
    assert!(cache.kept.weighted_size() <= 1 << 20, "{}", cache.kept.weighted_size());
    assert!(cache.kept.entry_count() > 100 && cache.kept.entry_count() < 900, "{}", cache.kept.entry_count());
}

#[tokio::test(start_paused = true)]
async fn what_is_heavier_than_the_cache_does_not_push_out_what_is_there() {
    let cache = cache(8 * 1024);
    cache.keep(key("a"), &reply("a.example", ""), TERM, true);
    cache.keep(key("a"), &reply("b.example", &"x".repeat(1000)).repeated(50), TERM, true);
    cache.kept.run_pending_tasks();
    let Some(Kept::Fresh { reply, .. }) = cache.kept(&key("a")) else { panic!("the old one stays") };
    assert_eq!(reply.candidates[0].url.host(), "a.example");
}

#[test]
fn a_time_beyond_reckoning_is_cut_and_never_a_panic() {
    let endless = Term { fresh: Duration::MAX, stale: Duration::MAX };
    let entry = Entry::new(reply("a.example", ""), Instant::now(), endless, true);
    assert_eq!(entry.usable(), Duration::from_secs(365 * 24 * 3600));
}

#[test]
fn every_text_of_an_entry_weighs() {
    let light = of_reply(&key("a"), &reply("a.example", ""));
    assert_eq!(of_reply(&key("a".repeat(11)), &reply("a.example", "")), light + 10);
    assert!(of_reply(&key("a"), &reply("a.example", &"x".repeat(500))) >= light + 500);
    let failure = |detail: &str| of_landing(&key("a"), &Err(Failure::new(Reason::Reset, detail)));
    assert_eq!(failure("twelve chars"), failure("") + 12);
}

trait Repeated {
    fn repeated(&self, times: usize) -> Arc<Prepared>;
}

impl Repeated for Arc<Prepared> {
    fn repeated(&self, times: usize) -> Arc<Prepared> {
        let candidates = std::iter::repeat_n(self.candidates[0].clone(), times).collect();
        Arc::new(Prepared { candidates, ..Prepared::default() })
    }
}
