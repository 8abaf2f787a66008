//! The second tier of the cache: a store that several gateways share, so that what one has asked the
//! others know.
//!
//! It may make an answer cheaper and never cost one. Each use of it takes [`PATIENCE`] at most; after
//! a few that failed it is left alone for a while; and what is in it is a stranger's word, which is
//! checked and prepared anew. Failures are not shared: another gateway may well reach what this one
//! can't.
//!
//! On a miss the gateway that finds it takes the turn to ask, in the same step, and the others wait
//! for what it brings ([`Turn`]). The turn ends with the answer, or by itself where its holder died.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use tokio::time::Instant;

use super::{
    breaker::{Breaker, Pause, Permit},
    pause::Consequence,
};
use crate::{
    cache::{
        Key, Term,
        sealed::{self, Unsealed},
    },
    model::{Clock, Failure, Prepared, Reason, TierMeter},
    upstream::{Part, Store},
};

/// The longest that a use of the tier is waited for. A store nearby takes less than one.
const PATIENCE: Duration = Duration::from_millis(50);

/// Failures in a row after which it is left alone.
const AFTER: u32 = 3;
/// The first pause; each that follows without a success between doubles it.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest: how long a store may be back before it is used again.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// How far apart the clocks of two gateways may be without a consequence. The age of an answer is told
/// by the store, which has one clock for all; ours only makes an answer older, and only where it is off
/// by more than this.
const SKEW: Duration = Duration::from_secs(60);

/// KEYS: the answer, the turn. ARGV: what an answer begins with, the longest answer, our name for the
/// turn, how long it lasts at most in milliseconds, the share of its fresh time that must be left of an
/// answer (1 of so many; 0: nothing). Returns the answer, how long it will be there, and whether the turn
/// is ours (1), another's (0), or nobody's: as no turn is needed (2), or nothing can be written (-1). A turn
/// that would never end is none of a gateway's, and is taken.
const LOOK_UP: &str = r"
local function text(answer) if type(answer) == 'string' then return answer end return '' end
local sealed = text(redis.pcall('GETRANGE', KEYS[1], 0, ARGV[2]))
local left = redis.call('PTTL', KEYS[1])
if string.sub(sealed, 1, #ARGV[1]) == ARGV[1] then
  local stale, fresh = string.match(sealed, '^(%d+) (%d+) ', #ARGV[1] + 1)
  local share = tonumber(ARGV[5])
  local enough = stale and tonumber(stale) + (share > 0 and tonumber(fresh) / share or 0)
  if enough and left > enough then return {sealed, left, 2} end
end
local taken = redis.pcall('SET', KEYS[2], ARGV[3], 'NX', 'PX', ARGV[4])
if not taken and redis.call('PTTL', KEYS[2]) == -1 then
  taken = redis.pcall('SET', KEYS[2], ARGV[3], 'PX', ARGV[4])
end
if type(taken) == 'table' and taken.err then return {sealed, left, -1} end
return {sealed, left, taken and 1 or 0}
";

/// KEYS: the answer, the turn. ARGV: our name for the turn, the answer or nothing, how long it is worth
/// keeping in milliseconds. Keeps the answer and ends the turn if it is still ours. Returns 1 where the
/// answer could not be kept.
const FINISH: &str = r"
local refused = 0
if ARGV[2] ~= '' then
  local kept = redis.pcall('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
  if type(kept) == 'table' and kept.err then refused = 1 end
end
if redis.pcall('GET', KEYS[2]) == ARGV[1] then redis.call('DEL', KEYS[2]) end
return {refused}
";

/// The second tier. Cloning it gives another handle to the same.
#[derive(Clone)]
pub struct Tier(Arc<Inner>);

struct Inner {
    store: Store,
    breaker: Breaker,
    /// Of the waits for what another gateway is said to be asking.
    waits: Breaker,
    clock: Arc<dyn Clock>,
    meter: TierMeter,
    /// What tells our turns from those of others.
    seed: u64,
    turns: AtomicU64,
    /// Whether it was told that nothing can be written.
    is_full: AtomicBool,
}

/// How the second tier is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TierState {
    /// Why it is left alone, and until when it is not tried; `None` while it answers.
    pub pause: Option<(Reason, SystemTime)>,
    /// Whether nothing can be written into it.
    pub is_full: bool,
}

/// What the tier has for a request.
pub(super) struct Seen {
    pub(super) answer: Option<Aged>,
    pub(super) turn: Turn,
}

/// The share of its time, one in so many, that an answer must still have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nearly {
    /// Any answers a question.
    Never = 0,
    /// What is in its last tenth is refreshed ahead of demand.
    Tenth = 10,
}

/// An answer that some gateway was given a while ago.
pub(super) struct Aged {
    pub(super) answer: Unsealed,
    pub(super) age: Duration,
}

/// Whose turn it is to ask for what is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Turn {
    /// Ours, under this name.
    Ours(String),
    /// Another gateway's, so that its answer may be waited for.
    Anothers,
    /// Nobody's: no turn is needed, or the tier can't tell.
    Nobodys,
}

impl Tier {
    /// A tier in `store`. `seed` is this process's alone.
    pub fn new(store: Store, clock: Arc<dyn Clock>, meter: TierMeter, seed: u64) -> Self {
        Self(Arc::new(Inner {
            store,
            breaker: Breaker::by(rule),
            waits: Breaker::by(rule),
            clock,
            meter,
            seed,
            turns: AtomicU64::new(0),
            is_full: AtomicBool::new(false),
        }))
    }

    /// Looks for an answer, and takes the turn to ask, for `lasting` at most, where there is none that is
    /// fresh, and not `nearly` over.
    pub(super) async fn look_up(&self, key: &Key, lasting: Duration, nearly: Nearly) -> Seen {
        let [answer, turn] = names(key);
        let own = format!("{:016x}-{}", self.0.seed, self.0.turns.fetch_add(1, Ordering::Relaxed));
        let beginning = sealed::beginning();
        let (most, lasting) = (sealed::LONGEST.to_string(), lasting.as_millis().max(1).to_string());
        let nearly = (nearly as u8).to_string();
        let arguments = [&beginning, &most, &own, &lasting, &nearly].map(|text| text.as_bytes());
        let Ok(parts) = self.run(LOOK_UP, &[&answer, &turn], &arguments).await else {
            return Seen { answer: None, turn: Turn::Nobodys };
        };
        let [Part::Bytes(sealed), Part::Number(left), Part::Number(turn)] = parts.as_slice() else {
            self.reject();
            return Seen { answer: None, turn: Turn::Nobodys };
        };
        self.note_fullness(*turn < 0);
        let turn = match turn {
            1 => Turn::Ours(own),
            0 => Turn::Anothers,
            _ => Turn::Nobodys,
        };
        Seen { answer: self.read(key, sealed, *left), turn }
    }

    /// Whether what another gateway asks is waited for (still): until then, unless a few such waits were in
    /// vain. A store that says of everything that another asks it would cost all questions their time.
    pub(super) fn is_waited_for(&self, waiting: &mut Option<Permit>, until: Instant) -> bool {
        let now = self.0.clock.now();
        if let Some(permit) = waiting.take_if(|_| now >= until) {
            let vain = Failure::new(Reason::TimedOut, "what another gateway asks did not come");
            if let Some(pause) = permit.failed(&vain, now) {
                self.0.meter.failed(vain.reason);
                tracing::warn!(
                    ?pause,
                    "what other gateways are said to ask does not come: it is not waited for"
                );
            }
            return false;
        }
        if waiting.is_none() {
            *waiting = self.0.waits.admit(now).ok();
        }
        waiting.is_some() && now < until
    }

    /// Ends a turn, with the answer that it brought if there is one. Nobody waits for it.
    pub(super) async fn finish(&self, key: &Key, turn: Turn, answer: Option<(&Prepared, Term)>) {
        let own = match turn {
            Turn::Ours(own) => own,
            Turn::Anothers | Turn::Nobodys => String::new(),
        };
        let wall = self.0.clock.wall();
        let sealed =
            answer.and_then(|(reply, term)| sealed::seal(key, reply, term, wall)).unwrap_or_default();
        if own.is_empty() && sealed.is_empty() {
            return;
        }
        let worth = answer.map(|(_, term)| term.fresh.saturating_add(term.stale)).unwrap_or_default();
        let worth = worth.as_millis().max(1).to_string();
        let [answer, turn] = names(key);
        let arguments = [own.as_bytes(), &sealed, worth.as_bytes()];
        let refused = self.run(FINISH, &[&answer, &turn], &arguments).await;
        if let Ok([Part::Number(refused)]) = refused.as_deref() {
            self.note_fullness(*refused > 0);
        }
    }

    /// What stands in the store, if it is what one of us wrote there.
    fn read(&self, key: &Key, sealed: &[u8], left: i64) -> Option<Aged> {
        if sealed.is_empty() {
            return None;
        }
        let aged = sealed::unseal(key, sealed).zip(u64::try_from(left).ok()).and_then(|(answer, left)| {
            let age = age(&answer, Duration::from_millis(left), self.0.clock.as_ref())?;
            Some(Aged { answer, age })
        });
        if aged.is_none() {
            self.reject();
        }
        aged
    }

    /// Runs a script, unless the tier is left alone for now.
    ///
    /// # Errors
    /// Why there is no answer.
    pub(super) async fn run(
        &self,
        script: &str,
        keys: &[&str],
        arguments: &[&[u8]],
    ) -> Result<Vec<Part>, Failure> {
        let alone = |pause: Pause| Failure::new(pause.reason, "it failed and is left alone for a while");
        let permit = self.0.breaker.admit(self.0.clock.now()).map_err(alone)?;
        match self.0.store.run(script, keys, arguments, PATIENCE).await {
            Ok(parts) => {
                if permit.succeeded() {
                    tracing::info!("the shared cache answers again");
                }
                Ok(parts)
            }
            Err(failure) => {
                self.failed(permit, &failure);
                Err(failure)
            }
        }
    }

    fn failed(&self, permit: Permit, failure: &Failure) {
        self.0.meter.failed(failure.reason);
        let is_news = self.0.breaker.pause().is_none();
        let pause = permit.failed(failure, self.0.clock.now());
        if pause.is_some() && is_news {
            tracing::warn!(%failure, "the shared cache fails; this gateway goes on without it until it answers");
        }
    }

    /// Counts an answer that the tier had. `is_fresh`: it saved a call.
    pub(super) fn found(&self, is_fresh: bool) {
        if is_fresh { &self.0.meter.fresh } else { &self.0.meter.stale }.inc();
    }

    /// Counts something that no gateway wrote so.
    pub(super) fn reject(&self) {
        self.0.meter.rejected.inc();
    }

    /// Counts a request for which a call had to be made.
    pub(super) fn missed(&self) {
        self.0.meter.miss.inc();
    }

    /// How it is doing, for `/status`.
    pub(super) fn state(&self) -> TierState {
        let (now, wall) = (self.0.clock.now(), self.0.clock.wall());
        TierState {
            pause: self
                .0
                .breaker
                .pause()
                .map(|pause| (pause.reason, wall + pause.until.saturating_duration_since(now))),
            is_full: self.0.is_full.load(Ordering::Relaxed),
        }
    }

    /// Notes whether it takes what is written.
    pub(super) fn note_fullness(&self, is_full: bool) {
        if is_full {
            self.0.meter.failed(Reason::Refused);
        }
        if self.0.is_full.swap(is_full, Ordering::Relaxed) != is_full {
            match is_full {
                true => tracing::warn!(
                    "the shared cache takes nothing more: it is full, or a replica that is only read"
                ),
                false => tracing::info!("the shared cache takes answers again"),
            }
        }
    }
}

/// What a failure of the store means. That too much is asked of it at a time is our own doing.
fn rule(failure: &Failure, in_a_row: u32, pauses: u32) -> Consequence {
    if failure.reason == Reason::RateLimited {
        return Consequence::None;
    }
    if in_a_row < AFTER && pauses == 0 {
        return Consequence::Counted;
    }
    let doubled = FIRST_PAUSE.saturating_mul(1_u32.checked_shl(pauses).unwrap_or(u32::MAX));
    Consequence::Pause(doubled.min(LONGEST_PAUSE))
}

/// The names of an answer and of the turn to ask for it.
fn names(key: &Key) -> [String; 2] {
    let name = sealed::name(key);
    let turn = format!("{name}:turn");
    [name, turn]
}

/// How old an answer is that the store will keep for `left`; `None` where nobody wrote it so.
fn age(answer: &Unsealed, left: Duration, clock: &dyn Clock) -> Option<Duration> {
    let worth = answer.term.fresh.saturating_add(answer.term.stale);
    let by_store = worth.checked_sub(left)?;
    let by_clock = clock.wall().duration_since(answer.said).unwrap_or_default().saturating_sub(SKEW);
    Some(by_store.max(by_clock))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Reply, SystemClock};

    fn unsealed(said: SystemTime) -> Unsealed {
        let term = Term { fresh: Duration::from_secs(600), stale: Duration::from_secs(3000) };
        Unsealed { reply: Reply::default(), term, said }
    }

    #[test]
    fn the_store_says_how_old_an_answer_is_and_no_clock_makes_it_newer() {
        let clock = SystemClock;
        let seconds = Duration::from_secs;
        let of = |said, left| age(&unsealed(said), seconds(left), &clock).map(|age| age.as_secs());
        let now = clock.wall();
        assert_eq!(of(now, 3600), Some(0));
        assert_eq!(of(now - seconds(50), 3600), Some(0), "clocks that differ by less than a minute");
        assert_eq!(of(now - seconds(260), 3600), Some(200), "ours makes it older");
        assert_eq!(of(now + seconds(86_400), 3000), Some(600), "said tomorrow");
        assert_eq!(of(now, 3601), None, "nobody keeps an answer for longer than it is worth");
    }

    #[test]
    fn a_store_that_failed_three_times_is_left_alone_for_longer_and_longer() {
        let failure = |reason| Failure::new(reason, "");
        let down = failure(Reason::Refused);
        assert_eq!(rule(&down, 2, 0), Consequence::Counted);
        let pauses: Vec<_> = (0..6)
            .map(|pauses| match rule(&down, 3, pauses) {
                Consequence::Pause(pause) => pause.as_secs(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(pauses, [1, 2, 4, 8, 10, 10]);
        assert_eq!(rule(&failure(Reason::RateLimited), 99, 0), Consequence::None);
    }
}
