//! The two stores, and what is read from them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant as MokaInstant},
};

use moka::{Expiry, sync::Cache};
use tokio::time::Instant;

use super::{
    Kept, Key, Term,
    entry::Entry,
    snapshot::Taken,
    weight::{of_landing, of_reply},
};
use crate::model::{Clock, Failure, Prepared};

/// So long a failure, or an incomplete reply, stands for the same request: a name that many ask
/// for at once costs a failing source one call.
const MOMENT: Duration = Duration::from_secs(5);

/// So long a refresh that failed is not tried again while an older answer serves (RFC 8767
/// section 5 asks for 30 s).
const REFRESH_PAUSE: Duration = Duration::from_secs(30);

/// The share of the memory that moments get: one part in this many.
const MOMENTS_SHARE: u64 = 8;

/// How a call to a backend ended: with a reply, prepared, or with the failure.
pub type Landing = Result<Arc<Prepared>, Failure>;

/// What backends said, shared by all of them and by every generation of the configuration.
/// Cloning it gives another handle to the same cache.
#[derive(Clone)]
pub struct OutcomeCache {
    kept: Cache<Key, Arc<Entry>>,
    moments: Cache<Key, Arc<Moment>>,
    clock: Arc<dyn Clock>,
    /// How many answers it was given.
    told: Arc<AtomicU64>,
}

/// How full a cache is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filling {
    /// Answers and recent failures that are held.
    pub entries: u64,
    /// What they weigh, in bytes.
    pub bytes: u64,
    /// What they may weigh, in bytes.
    pub most_bytes: u64,
}

struct Moment {
    landing: Landing,
    at: Instant,
}

/// Gives memory back once an entry is of no use.
struct GiveBack;

impl Expiry<Key, Arc<Entry>> for GiveBack {
    fn expire_after_create(&self, _: &Key, entry: &Arc<Entry>, _: MokaInstant) -> Option<Duration> {
        Some(entry.usable())
    }

    // By default a new answer would die with the one it replaces.
    fn expire_after_update(
        &self,
        _: &Key,
        entry: &Arc<Entry>,
        _: MokaInstant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(entry.usable())
    }
}

impl OutcomeCache {
    /// A cache of at most `size_bytes`, keys and overhead included, that tells the time by `clock`.
    pub fn new(size_bytes: u64, clock: Arc<dyn Clock>) -> Self {
        let for_moments = size_bytes / MOMENTS_SHARE;
        let kept = Cache::builder()
            .max_capacity(size_bytes - for_moments)
            .weigher(|key: &Key, entry: &Arc<Entry>| of_reply(key, entry.reply()))
            .expire_after(GiveBack)
            .build();
        let moments = Cache::builder()
            .max_capacity(for_moments)
            .weigher(|key: &Key, moment: &Arc<Moment>| of_landing(key, &moment.landing))
            .time_to_live(REFRESH_PAUSE)
            .build();
        Self { kept, moments, clock, told: Arc::default() }
    }

    /// The answer kept for a request, fresh or expired. Reading a fresh one counts as demand for it.
    pub fn kept(&self, key: &Key) -> Option<Kept> {
        self.kept.get(key)?.at(self.clock.now())
    }

    /// Keeps an answer that has just been given. `is_asked`: for a client, not ahead of demand.
    /// A reply too heavy for the whole cache is not kept, and an older one under its key stays.
    pub fn keep(&self, key: Key, reply: &Arc<Prepared>, term: Term, is_asked: bool) {
        self.moments.invalidate(&key);
        self.insert(key, Entry::new(Arc::clone(reply), self.clock.now(), term, is_asked));
    }

    /// Keeps an answer that another process was given `age` ago, unless a newer one is here already.
    pub fn keep_aged(&self, key: Key, reply: &Arc<Prepared>, term: Term, age: Duration, is_asked: bool) {
        let entry = Entry::new(Arc::clone(reply), self.clock.now(), term, is_asked).aged(age);
        let Some(entry) = entry else { return };
        if self.kept.get(&key).is_none_or(|known| entry.is_newer_than(&known)) {
            self.insert(key, entry);
        }
    }

    /// How many answers it was given so far: another number, another content.
    pub fn told(&self) -> u64 {
        self.told.load(Ordering::Relaxed)
    }

    /// Every answer that may still serve.
    pub(super) fn taken(&self) -> Vec<Taken> {
        let now = self.clock.now();
        self.kept.iter().filter_map(|(key, entry)| entry.taken(key, now)).collect()
    }

    fn insert(&self, key: Key, entry: Entry) {
        let weight = of_reply(&key, entry.reply());
        if self.kept.policy().max_capacity().is_some_and(|most| u64::from(weight) > most) {
            tracing::debug!(bytes = weight, "a reply is heavier than the whole cache and is not kept");
            return;
        }
        self.kept.insert(key, Arc::new(entry));
        self.told.fetch_add(1, Ordering::Relaxed);
    }

    /// How the last call for a request ended, if that was a failure or an incomplete reply, and it
    /// is too early to call again. `is_backed`: there is an older answer to serve meanwhile, so
    /// that a failure holds off the next call for longer.
    pub fn moment(&self, key: &Key, is_backed: bool) -> Option<Landing> {
        let moment = self.moments.get(key)?;
        let holds = if is_backed && moment.landing.is_err() { REFRESH_PAUSE } else { MOMENT };
        let age = self.clock.now().saturating_duration_since(moment.at);
        (age < holds).then(|| moment.landing.clone())
    }

    /// How full it is now.
    pub fn filling(&self) -> Filling {
        // What has come and gone is counted only when this is done.
        self.kept.run_pending_tasks();
        self.moments.run_pending_tasks();
        let most = [self.kept.policy().max_capacity(), self.moments.policy().max_capacity()];
        Filling {
            entries: self.kept.entry_count() + self.moments.entry_count(),
            bytes: self.kept.weighted_size() + self.moments.weighted_size(),
            most_bytes: most.iter().flatten().sum(),
        }
    }

    /// Remembers for a moment a call that brought no answer worth keeping.
    pub fn note(&self, key: Key, landing: Landing) {
        let at = self.clock.now();
        self.moments.insert(key, Arc::new(Moment { landing, at }));
    }
}

#[cfg(test)]
mod tests;
