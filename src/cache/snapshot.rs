//! What the outcome cache holds, as bytes that a later process may begin with.
//!
//! A line `cnrp-answers VERSION WRITTEN`, `WRITTEN` in milliseconds since 1970, then a line of JSON for
//! each answer: which backend and request it answers, when it was said, for how long it is good, and the
//! reply as it was prepared. Whoever keeps the bytes sees to it that not one of them changes, and that
//! strangers can't read them: names that were asked for stand there, and no secrets, as no request that
//! is a key has any.

use std::{
    cmp::Reverse,
    str::from_utf8,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};

use super::{Key, OutcomeCache, Term};
use crate::model::{Candidate, Fit, Hit, Prepared, Referral, Status, Vouched};

/// What the first line begins with.
const FORM: &str = "cnrp-answers";

/// The version of the form and of what stands in it. To be raised with any change of either; the test
/// below tells when.
const VERSION: u32 = 1;

/// The longest snapshot, in bytes: some ten thousand answers, read in a moment when a process starts.
const LONGEST: usize = 16 << 20;

/// The oldest that is read. What is in it ends by itself, mostly long before; this bounds what a source
/// that gave an answer for a year may still say after a year of rest.
const OLDEST: Duration = Duration::from_secs(7 * 24 * 3600);

/// So far the clock may have gone back since it was written.
const SKEW: Duration = Duration::from_secs(60);

/// Why a snapshot is of no use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Useless {
    /// Somebody else's bytes, or not all of them.
    #[error("it is no snapshot of answers: expected `{FORM} {VERSION}`, and a line for each answer")]
    Foreign,
    /// Another program wrote it.
    #[error("it is of version {0}; expected {VERSION}")]
    Version(u32),
    /// It has lain too long.
    #[error("it is {0} days old; expected 7 at most")]
    Old(u64),
    /// The clock is not to be trusted.
    #[error("it was written {0} s from now: the clock has gone back")]
    Ahead(u64),
}

/// One answer of the cache.
pub(super) struct Taken {
    pub(super) key: Arc<Key>,
    pub(super) reply: Arc<Prepared>,
    pub(super) age: Duration,
    pub(super) term: Term,
    pub(super) asked: u32,
}

/// One answer as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    backend: u64,
    request: String,
    said: u64,
    fresh: u64,
    stale: u64,
    candidates: Vec<(Hit, Fit)>,
    referrals: Vec<Referral>,
    ttl: Option<Duration>,
    remarks: Vec<Status>,
}

impl OutcomeCache {
    /// The snapshot of now. Where not everything has room in it, what was asked for most has.
    pub fn snapshot(&self, wall: SystemTime) -> Vec<u8> {
        let now = since_1970(wall);
        let mut bytes = format!("{FORM} {VERSION} {now}\n").into_bytes();
        let mut taken = self.taken();
        taken.sort_by_key(|one| (Reverse(one.asked), one.age));
        for line in taken.iter().filter_map(|one| line(one, now)) {
            if bytes.len() + line.len() >= LONGEST {
                break;
            }
            bytes.extend(line);
            bytes.push(b'\n');
        }
        bytes
    }

    /// Takes the answers of a snapshot, each as old as it has become, of those backends that `known`
    /// knows by their fingerprint. Returns how many there were of these.
    ///
    /// # Errors
    /// Why nothing of it was taken.
    pub fn recall(
        &self,
        snapshot: &[u8],
        wall: SystemTime,
        known: impl Fn(u64) -> Option<Vouched>,
    ) -> Result<usize, Useless> {
        let now = since_1970(wall);
        let text = from_utf8(snapshot).map_err(|_| Useless::Foreign)?;
        let mut lines = text.lines();
        check(lines.next().unwrap_or_default(), now)?;
        let lines: Result<Vec<Line>, _> = lines.map(serde_json::from_str).collect();
        let lines = lines.map_err(|_| Useless::Foreign)?;
        let of_known = lines.into_iter().filter_map(|line| Some((known(line.backend)?, line)));
        Ok(of_known.map(|(vouched, line)| self.take(line, vouched, now)).count())
    }

    fn take(&self, line: Line, vouched: Vouched, now: u64) {
        let age = Duration::from_millis(now.saturating_sub(line.said));
        let candidates = line.candidates.into_iter();
        let candidates = candidates.filter_map(|(hit, fit)| Candidate::again(hit, fit, vouched)).collect();
        let Line { backend, request, referrals, ttl, remarks, .. } = line;
        let reply = Arc::new(Prepared { candidates, referrals, ttl, degraded: false, remarks });
        let [fresh, stale] = [line.fresh, line.stale].map(Duration::from_millis);
        self.keep_aged(Key { backend, request }, &reply, Term { fresh, stale }, age, true);
    }
}

fn check(head: &str, now: u64) -> Result<(), Useless> {
    let words: Vec<_> = head.split(' ').collect();
    let [FORM, version, written] = words.as_slice() else { return Err(Useless::Foreign) };
    match version.parse() {
        Ok(VERSION) => {}
        Ok(other) => return Err(Useless::Version(other)),
        Err(_) => return Err(Useless::Foreign),
    }
    let written: u64 = written.parse().map_err(|_| Useless::Foreign)?;
    let ahead = Duration::from_millis(written.saturating_sub(now));
    if ahead > SKEW {
        return Err(Useless::Ahead(ahead.as_secs()));
    }
    let age = Duration::from_millis(now.saturating_sub(written));
    if age > OLDEST { Err(Useless::Old(age.as_secs() / (24 * 3600))) } else { Ok(()) }
}

fn line(taken: &Taken, now: u64) -> Option<Vec<u8>> {
    let Prepared { candidates, referrals, ttl, remarks, .. } = (*taken.reply).clone();
    let line = Line {
        backend: taken.key.backend,
        request: taken.key.request.clone(),
        said: now.saturating_sub(milliseconds(taken.age)),
        fresh: milliseconds(taken.term.fresh),
        stale: milliseconds(taken.term.stale),
        candidates: candidates.into_iter().map(|candidate| (candidate.hit, candidate.fit)).collect(),
        referrals,
        ttl,
        remarks,
    };
    serde_json::to_vec(&line).ok()
}

fn since_1970(wall: SystemTime) -> u64 {
    milliseconds(wall.duration_since(UNIX_EPOCH).unwrap_or_default())
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;
    use crate::{
        cache::Kept,
        model::{CommonName, Freshness, Outcome, Property, Reply, Service, StatusCode, SystemClock, prepare},
    };

    const DAY: Duration = Duration::from_secs(24 * 3600);
    const TERM: Term = Term { fresh: Duration::from_secs(600), stale: DAY };

    fn cache() -> OutcomeCache {
        OutcomeCache::new(64 << 20, Arc::new(SystemClock))
    }

    fn wall() -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(1_700_000_000_000)
    }

    fn key(request: &str) -> Key {
        Key { backend: 7, request: request.to_owned() }
    }

    fn reply(description: &str) -> Arc<Prepared> {
        let hit = Hit {
            properties: vec![Property::new("language", "rfc1766", "en")],
            ..Hit::mention("Boeing", "https://www.boeing.example/", description)
        };
        let service = Arc::new(Service::named("urn:example:other"));
        let reply = Reply {
            hits: vec![hit],
            referrals: vec![Referral { service, dataset: None }],
            ttl: Some(Duration::from_secs(60)),
            remarks: vec![Status::new(StatusCode::FAILED, "half of it")],
            ..Reply::default()
        };
        Arc::new(prepare(reply, &CommonName::new("Boeing").unwrap(), Vouched::BySearch))
    }

    fn by_search(backend: u64) -> Option<Vouched> {
        (backend == 7).then_some(Vouched::BySearch)
    }

    /// The snapshot of a cache that was told of one answer.
    fn snapshot() -> Vec<u8> {
        let cache = cache();
        cache.keep(key("boeing"), &reply("planes"), TERM, true);
        cache.snapshot(wall())
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_is_recalled_as_it_was_and_as_old_as_it_has_become() {
        let (snapshot, later) = (snapshot(), cache());
        let at = wall() + Duration::from_secs(400);
        assert_eq!(later.recall(&snapshot, at, by_search), Ok(1));
        let Some(Kept::Fresh { reply: recalled, .. }) = later.kept(&key("boeing")) else { panic!("fresh") };
        assert_eq!(recalled, reply("planes"), "the fit to the name is not judged again");
        tokio::time::advance(Duration::from_secs(200)).await;
        let Some(Kept::Expired(stale)) = later.kept(&key("boeing")) else { panic!("600 s are over") };
        let Outcome::Found { freshness: Freshness::Stale { age }, .. } = stale.outcome(Instant::now()) else {
            panic!("stale")
        };
        assert_eq!(age, Duration::from_secs(600));
        let much_later = cache();
        much_later.recall(&snapshot, wall() + DAY + TERM.fresh, by_search).unwrap();
        assert!(much_later.kept(&key("boeing")).is_none(), "too old even to serve stale");
    }

    #[tokio::test(start_paused = true)]
    async fn of_a_backend_that_is_another_nothing_is_recalled() {
        let later = cache();
        assert_eq!(later.recall(&snapshot(), wall(), |_| None), Ok(0));
        assert!(later.kept(&key("boeing")).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_old_ahead_foreign_or_of_another_version_is_refused() {
        let refused = |snapshot: &[u8], at| cache().recall(snapshot, at, by_search).unwrap_err();
        let snapshot = snapshot();
        assert_eq!(refused(&snapshot, wall() + 8 * DAY), Useless::Old(8));
        assert_eq!(refused(&snapshot, wall() - Duration::from_secs(61)), Useless::Ahead(61));
        let text = String::from_utf8(snapshot).unwrap();
        let other = |version: &str| text.replacen("cnrp-answers 1 ", version, 1);
        assert_eq!(refused(other("cnrp-answers 0 ").as_bytes(), wall()), Useless::Version(0));
        assert_eq!(refused(other("cnrp-answers 2 ").as_bytes(), wall()), Useless::Version(2));
        for foreign in [other("cnrp 1 "), other("cnrp-answers x "), text.replace("\"said\"", "\"sad\"")] {
            assert_eq!(refused(foreign.as_bytes(), wall()), Useless::Foreign, "{foreign}");
        }
        for foreign in [&b""[..], b"\xff", b"\n\n"] {
            assert_eq!(refused(foreign, wall()), Useless::Foreign, "{foreign:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn where_not_everything_has_room_what_is_asked_for_most_has() {
        let cache = cache();
        let long = Hit::mention("x", "https://x.example/", "x".repeat(1000));
        let name = CommonName::new("x").unwrap();
        let long = Arc::new(prepare(Reply::of(vec![long; 1000]), &name, Vouched::BySearch));
        for number in 0..20 {
            cache.keep(key(&format!("long {number}")), &long, TERM, true);
        }
        cache.keep(key("liked"), &reply(""), TERM, true);
        assert!((0..3).all(|_| cache.kept(&key("liked")).is_some()));
        let snapshot = cache.snapshot(wall());
        assert!(snapshot.len() <= LONGEST && snapshot.len() > LONGEST / 2, "{}", snapshot.len());
        let text = String::from_utf8(snapshot).unwrap();
        assert!(text.lines().nth(1).unwrap().contains("\"request\":\"liked\""));
    }

    #[tokio::test(start_paused = true)]
    async fn the_form_changes_with_its_version_alone() {
        // Where this fails, the form is another: raise `VERSION`, and write it down anew.
        let expected = include_str!("../../fixtures/sealed/snapshot-1.txt");
        assert_eq!(String::from_utf8(snapshot()).unwrap(), expected);
    }
}
