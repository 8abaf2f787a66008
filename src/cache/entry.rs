//! One kept answer, and how old it is.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;

use super::{Key, snapshot::Taken};
use crate::model::{Freshness, Outcome, Prepared};

/// Longest time that anything is kept, whatever a source or a configuration says: an instant that
/// far ahead can still be reckoned with.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

/// How often an answer must have been asked for to be refreshed before it expires: what nobody
/// asks for twice is not worth a call.
const ASKED_OFTEN: u32 = 2;

/// How long an answer is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// So long it is fresh.
    pub fresh: Duration,
    /// So much longer it may serve where nothing fresh can be had (RFC 8767).
    pub stale: Duration,
}

/// An answer as it is kept.
#[derive(Debug)]
pub(super) struct Entry {
    reply: Arc<Prepared>,
    said_at: Instant,
    fresh: Duration,
    usable: Duration,
    /// How old it was when it came.
    age: Duration,
    /// How often it was asked for, the question that brought it included.
    asked: AtomicU32,
}

/// What the cache has for a request.
#[derive(Debug, Clone)]
pub enum Kept {
    /// An answer within its time. `refresh`: it is in its last tenth, which begins at `until`,
    /// and in demand, so that a new one is better fetched before anybody has to wait for it.
    Fresh { reply: Arc<Prepared>, refresh: bool, until: Instant },
    /// An answer past its time, which may serve if nothing fresh can be had.
    Expired(Stale),
}

/// An expired answer that may still serve.
#[derive(Debug, Clone)]
pub struct Stale {
    reply: Arc<Prepared>,
    said_at: Instant,
}

impl Stale {
    /// The outcome of serving it at `now`.
    pub fn outcome(&self, now: Instant) -> Outcome {
        let age = now.saturating_duration_since(self.said_at);
        Outcome::of(&self.reply, Freshness::Stale { age })
    }
}

impl Entry {
    /// An answer that its source gave at `said_at`. `is_asked`: for a client, not ahead of demand.
    pub(super) fn new(reply: Arc<Prepared>, said_at: Instant, term: Term, is_asked: bool) -> Self {
        let fresh = term.fresh.min(LONGEST);
        let usable = fresh.saturating_add(term.stale).min(LONGEST);
        let asked = AtomicU32::new(u32::from(is_asked));
        Self { reply, said_at, fresh, usable, age: Duration::ZERO, asked }
    }

    /// The same for one that another process was given so long ago. `None` where no clock goes back so far.
    pub(super) fn aged(mut self, age: Duration) -> Option<Self> {
        self.said_at = self.said_at.checked_sub(age)?;
        self.age = age;
        Some(self)
    }

    /// Whether its source said it after `other`.
    pub(super) fn is_newer_than(&self, other: &Self) -> bool {
        self.said_at > other.said_at
    }

    /// What it is good for at `now`; `None` once it is too old even to serve stale. Counts as one
    /// more demand for it.
    pub(super) fn at(&self, now: Instant) -> Option<Kept> {
        let age = now.saturating_duration_since(self.said_at);
        let reply = Arc::clone(&self.reply);
        if age < self.fresh {
            let asked = self.asked.fetch_add(1, Ordering::Relaxed).saturating_add(1);
            let tenths = self.fresh - self.fresh / 10;
            let refresh = age >= tenths && asked >= ASKED_OFTEN;
            return Some(Kept::Fresh { reply, refresh, until: self.said_at + tenths });
        }
        (age < self.usable).then_some(Kept::Expired(Stale { reply, said_at: self.said_at }))
    }

    /// It with everything that is to be kept of it; `None` once it is too old even to serve stale.
    pub(super) fn taken(&self, key: Arc<Key>, now: Instant) -> Option<Taken> {
        let age = now.saturating_duration_since(self.said_at);
        let term = Term { fresh: self.fresh, stale: self.usable.saturating_sub(self.fresh) };
        let asked = self.asked.load(Ordering::Relaxed);
        (age < self.usable).then(|| Taken { key, reply: Arc::clone(&self.reply), age, term, asked })
    }

    pub(super) fn reply(&self) -> &Prepared {
        &self.reply
    }

    /// How long it is worth its memory.
    pub(super) fn usable(&self) -> Duration {
        self.usable.saturating_sub(self.age)
    }
}
