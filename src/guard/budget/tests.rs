//! Purses over simulated time, on a real disk.

mod jumps;
mod month;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, SystemTime},
};

use tokio::time::Instant;

use super::*;
use crate::{
    model::{Clock, Failure, Reason, Toll, rfc3339},
    state::Folder,
};

/// A wall clock that a test sets, in seconds since 1970.
pub(super) struct Wall(AtomicI64);

impl Wall {
    fn at(text: &str) -> Arc<Self> {
        let moment = httpdate::parse_http_date(text).unwrap();
        let since = moment.duration_since(SystemTime::UNIX_EPOCH).unwrap();
        Arc::new(Self(AtomicI64::new(since.as_secs().try_into().unwrap())))
    }

    fn step(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::Relaxed);
    }

    fn now(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Clock for Wall {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(Wall::now(self).try_into().unwrap())
    }
}

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

fn budgets(limits: &[(CalendarUnit, u32)], zone: &str) -> Budgets {
    Budgets { limits: limits.to_vec(), zone: Zone::named(zone).unwrap() }
}

fn a_day(limit: u32) -> Budgets {
    budgets(&[(CalendarUnit::Day, limit)], "UTC")
}

fn in_memory(budgets: Budgets, clock: &Arc<Wall>) -> Purse {
    let clock: Arc<dyn Clock> = Arc::<Wall>::clone(clock);
    Purse::new("engine", budgets, clock).unwrap()
}

/// A purse as a process has it that has just started.
fn kept(budgets: Budgets, clock: &Arc<Wall>, path: &Path) -> Purse {
    let purse = in_memory(budgets, clock);
    purse.keep_in(&Folder::open(path).unwrap()).unwrap();
    purse
}

/// Asks questions of one request each for as long as they are let through.
async fn spend_all(purse: &Purse) -> u64 {
    let mut sent = 0;
    while let Ok(_claim) = purse.admit() {
        purse.pay().await.unwrap();
        sent += 1;
    }
    sent
}

/// Memory, where the system has it as a disk, for tests that write thousands of versions: that these
/// reach a real disk is not what they show.
fn quick_disk() -> tempfile::TempDir {
    let shared = Path::new("/dev/shm");
    let place = if shared.is_dir() { shared.to_owned() } else { std::env::temp_dir() };
    tempfile::tempdir_in(place).unwrap()
}

fn files(path: &Path) -> Vec<PathBuf> {
    [0, 1].map(|parity| path.join(format!("budget-engine.{parity}"))).to_vec()
}

#[tokio::test]
async fn a_day_begins_where_its_zone_says() {
    let clock = Wall::at("Wed, 25 Nov 2026 07:30:00 GMT");
    let purse = in_memory(budgets(&[(CalendarUnit::Day, 5)], "America/Los_Angeles"), &clock);
    assert_eq!(spend_all(&purse).await, 5);
    clock.step(HOUR / 2 - 1);
    assert_eq!(spend_all(&purse).await, 0);
    clock.step(1);
    assert_eq!(spend_all(&purse).await, 5);
}

#[tokio::test]
async fn what_is_refused_says_which_budget_and_until_when() {
    let clock = Wall::at("Sun, 01 Nov 2026 00:00:00 GMT");
    let purse = in_memory(budgets(&[(CalendarUnit::Day, 5), (CalendarUnit::Month, 30)], "UTC"), &clock);
    assert_eq!(spend_all(&purse).await, 3);
    let refused = |purse: &Purse| purse.admit().err().unwrap();
    let paced = "3 of 30 requests of the month are spent, as many as its pace allows by now";
    assert_eq!(refused(&purse), Failure::new(Reason::BudgetSpent, paced));
    clock.step(15 * DAY);
    assert_eq!(spend_all(&purse).await, 5);
    let spent = "all 5 requests of the day are spent; the next day begins at 2026-11-17T00:00:00Z";
    assert_eq!(refused(&purse), Failure::new(Reason::BudgetSpent, spent));
    let states = purse.states();
    assert_eq!(states[1].left(), 22);
    assert_eq!(rfc3339(states[1].ends), "2026-12-01T00:00:00Z");
}

#[tokio::test]
async fn a_question_that_was_let_through_may_go_beyond_the_pace_and_not_beyond_the_budget() {
    let clock = Wall::at("Sun, 01 Nov 2026 00:00:00 GMT");
    let purse = in_memory(budgets(&[(CalendarUnit::Month, 11)], "UTC"), &clock);
    let claim = purse.admit().unwrap();
    for _ in 0..11 {
        purse.pay().await.unwrap();
    }
    assert_eq!(purse.pay().await.unwrap_err().reason, Reason::BudgetSpent);
    drop(claim);
    assert!(purse.admit().is_err());
}

#[tokio::test]
async fn questions_under_way_count_as_if_they_had_one_more_request_to_send() {
    let clock = Wall::at("Sun, 01 Nov 2026 00:00:00 GMT");
    let purse = in_memory(a_day(2), &clock);
    let claims = [purse.admit().unwrap(), purse.admit().unwrap()];
    assert!(purse.admit().is_err());
    drop(claims);
    assert_eq!(spend_all(&purse).await, 2);
}

#[tokio::test]
async fn what_a_question_will_send_first_is_written_down_before_it_begins() {
    let outer = tempfile::tempdir().unwrap();
    let clock = Wall::at("Sun, 01 Nov 2026 00:00:00 GMT");
    let purse = kept(a_day(3), &clock, outer.path());
    let claims = [purse.admit().unwrap(), purse.admit().unwrap()];
    for claim in &claims {
        claim.prepare().await.unwrap();
    }
    assert_eq!(purse.states()[0].spent, 0, "nothing is sent yet");
    // Now the disk is gone, and both are sent all the same.
    purse.shut("no disk");
    for _ in 0..2 {
        purse.pay().await.unwrap();
    }
    assert!(purse.pay().await.unwrap_err().detail.contains("no disk"));
    drop(claims);
    drop(purse);
    assert_eq!(kept(a_day(3), &clock, outer.path()).states()[0].spent, 2);
}

#[tokio::test]
async fn what_was_written_down_and_not_sent_serves_the_next_question() {
    let clock = Wall::at("Sun, 01 Nov 2026 00:00:00 GMT");
    let purse = in_memory(a_day(2), &clock);
    for _ in 0..9 {
        purse.admit().unwrap().prepare().await.unwrap();
    }
    let claims = [purse.admit().unwrap(), purse.admit().unwrap()];
    for claim in &claims {
        claim.prepare().await.unwrap();
    }
    assert_eq!(claims[0].prepare().await.unwrap_err().reason, Reason::BudgetSpent, "both are promised");
    drop(claims);
    assert_eq!(spend_all(&purse).await, 2);
}

#[tokio::test]
async fn a_clock_that_goes_back_gives_nothing_back() {
    let outer = tempfile::tempdir().unwrap();
    let clock = Wall::at("Wed, 25 Nov 2026 23:00:00 GMT");
    let purse = kept(a_day(5), &clock, outer.path());
    assert_eq!(spend_all(&purse).await, 5);
    clock.step(2 * HOUR);
    assert_eq!(spend_all(&purse).await, 5);
    clock.step(-2 * HOUR);
    assert_eq!(spend_all(&purse).await, 0);
    drop(purse);
    let purse = kept(a_day(5), &clock, outer.path());
    assert_eq!(spend_all(&purse).await, 0, "nor to the next process");
    clock.step(2 * HOUR);
    assert_eq!(spend_all(&purse).await, 0);
    clock.step(DAY);
    assert_eq!(spend_all(&purse).await, 5);
}

#[tokio::test]
async fn many_at_once_spend_what_there_is_and_no_more() {
    let outer = tempfile::tempdir().unwrap();
    let clock = Wall::at("Wed, 25 Nov 2026 23:00:00 GMT");
    let purse = kept(a_day(40), &clock, outer.path());
    let pay = |purse: Purse| async move { purse.pay().await.is_ok() };
    let paid = futures_util::future::join_all((0..100).map(|_| tokio::spawn(pay(purse.clone())))).await;
    assert_eq!(paid.into_iter().filter(|paid| *paid.as_ref().unwrap()).count(), 40);
}

#[tokio::test]
async fn what_was_reserved_and_not_spent_is_given_back_at_the_end_and_lost_by_a_kill() {
    let outer = tempfile::tempdir().unwrap();
    let clock = Wall::at("Wed, 25 Nov 2026 23:00:00 GMT");
    let limit = 100_000;
    for is_killed in [true, false] {
        let purse = kept(a_day(limit), &clock, outer.path());
        let before = purse.states()[0].spent;
        purse.pay().await.unwrap();
        assert_eq!(purse.states()[0].spent, before + 1);
        if !is_killed {
            purse.settle();
        }
        drop(purse);
        let after = kept(a_day(limit), &clock, outer.path()).states()[0].spent;
        assert_eq!(after - before, if is_killed { 10 } else { 1 });
    }
}

#[tokio::test]
async fn one_torn_file_costs_a_block_and_two_the_rest_of_the_month() {
    let outer = tempfile::tempdir().unwrap();
    let clock = Wall::at("Wed, 25 Nov 2026 23:00:00 GMT");
    let both = || budgets(&[(CalendarUnit::Day, 10), (CalendarUnit::Month, 100)], "UTC");
    let purse = kept(both(), &clock, outer.path());
    for _ in 0..3 {
        purse.pay().await.unwrap();
    }
    drop(purse);
    let spent = || kept(both(), &clock, outer.path()).states()[0].spent;
    for (file, expected) in files(outer.path()).iter().zip([4, 5]) {
        let whole = fs::read(file).unwrap();
        fs::write(file, &whole[..whole.len() / 2]).unwrap();
        assert_eq!(spent(), expected);
        assert_eq!(spent(), expected, "it is whole again");
    }
    for file in files(outer.path()) {
        fs::write(file, b"").unwrap();
    }
    let purse = kept(both(), &clock, outer.path());
    assert_eq!(spend_all(&purse).await, 0);
    clock.step(DAY);
    assert_eq!(spend_all(&purse).await, 0, "the month is spent as well");
    clock.step(5 * DAY);
    assert_eq!(spend_all(&purse).await, 10);
}

#[tokio::test]
async fn a_ledger_that_cannot_be_written_means_no_call() {
    let outer = tempfile::tempdir().unwrap();
    let path = outer.path().join("state");
    let clock = Wall::at("Wed, 25 Nov 2026 23:00:00 GMT");
    let purse = kept(a_day(5), &clock, &path);
    purse.pay().await.unwrap();
    fs::rename(&path, outer.path().join("elsewhere")).unwrap();
    let refused = purse.pay().await.unwrap_err();
    assert_eq!(refused.reason, Reason::BudgetSpent);
    assert!(refused.detail.starts_with("its ledger can't be written: No such file"), "{refused}");
    assert_eq!(purse.states()[0].spent, 1);
    fs::rename(outer.path().join("elsewhere"), &path).unwrap();
    assert_eq!(spend_all(&purse).await, 4);
    let shut = in_memory(a_day(5), &clock);
    shut.shut("a gateway has it");
    assert_eq!(shut.pay().await, Err(Failure::new(Reason::BudgetSpent, "a gateway has it")));
}

#[tokio::test]
async fn the_operator_is_warned_once_at_three_quarters_and_at_nine_tenths() {
    let clock = Wall::at("Wed, 25 Nov 2026 23:00:00 GMT");
    let purse = in_memory(a_day(20), &clock);
    let mut warned = Vec::new();
    for _ in 0..20 {
        purse.pay().await.unwrap();
        warned.push(purse.states()[0].warned);
    }
    assert_eq!(warned, [[0; 14].as_slice(), &[75; 3], &[90; 3]].concat());
    clock.step(HOUR);
    assert_eq!(purse.states()[0].warned, 0);
}

#[tokio::test(start_paused = true)]
async fn another_limit_counts_what_was_spent() {
    let purse = in_memory(a_day(10), &Wall::at("Sat, 01 Aug 2026 12:00:00 GMT"));
    for _ in 0..4 {
        purse.pay().await.unwrap();
    }
    purse.limit(a_day(6));
    assert_eq!((purse.states()[0].limit, purse.states()[0].left()), (6, 2));
    assert_eq!(spend_all(&purse).await, 2);
    purse.limit(a_day(3));
    assert_eq!(purse.states()[0].left(), 0);
    assert!(purse.admit().is_err());
    purse.limit(a_day(7));
    assert_eq!(spend_all(&purse).await, 1);
}
