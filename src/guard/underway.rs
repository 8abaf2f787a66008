//! A question that is not answered at once: waited for, or left.

use std::sync::Arc;

use tokio::time::{Instant, timeout_at};

use super::{ask::Inner, call::timed_out, flight::Flight};
use crate::{
    cache::{Kept, Key, Landing, Stale},
    model::{BoxFuture, Freshness, Outcome},
};

/// What asking a backend came to at once.
pub enum Asked<'a> {
    /// Everything is said.
    Done(Outcome),
    /// It takes time.
    Underway(Underway<'a>),
}

/// A question under way. Dropping it leaves a call to finish into the cache.
pub struct Underway<'a>(Way<'a>);

enum Way<'a> {
    /// A backend that answers from memory, and did not at once.
    Local {
        guard: &'a Inner,
        call: BoxFuture<'a, Landing>,
        deadline: Instant,
    },
    Call(Waiting),
}

/// Waiting for a flight, with an expired answer at hand where there is one.
pub(super) struct Waiting {
    pub(super) guard: Arc<Inner>,
    pub(super) key: Key,
    pub(super) flight: Flight,
    pub(super) stale: Option<Stale>,
}

impl<'a> Underway<'a> {
    pub(super) fn local(guard: &'a Inner, call: BoxFuture<'a, Landing>) -> Self {
        let deadline = guard.clock.now() + guard.policy.timeout;
        Self(Way::Local { guard, call, deadline })
    }

    pub(super) fn waiting(waiting: Waiting) -> Self {
        Self(Way::Call(waiting))
    }

    /// Waits for the outcome: the call's, or the expired answer's as soon as the call fails or
    /// has taken too long. Safe to drop half-way and to call again.
    pub async fn settle(&mut self) -> Outcome {
        match &mut self.0 {
            Way::Local { guard, call, deadline } => {
                let landed = timeout_at(*deadline, call.as_mut()).await;
                let landing = landed.unwrap_or_else(|_| Err(timed_out(guard.policy.timeout)));
                guard.count(&landing);
                guard.outcome(landing, None)
            }
            Way::Call(waiting) => waiting.settle().await,
        }
    }

    /// What to answer with if it is waited for no longer: the expired answer where there is one,
    /// or [`Outcome::Late`].
    pub fn leave(&self) -> Outcome {
        let Way::Call(waiting) = &self.0 else { return Outcome::Late };
        waiting.stale().map_or(Outcome::Late, |stale| waiting.guard.serve_stale(&stale))
    }
}

impl Waiting {
    async fn settle(&self) -> Outcome {
        let patience = self.flight.began + self.guard.policy.patience();
        if (self.stale.is_some() || self.guard.tier.is_some())
            && timeout_at(patience, self.flight.landed()).await.is_err()
            && let Some(stale) = self.stale()
        {
            return self.guard.serve_stale(&stale);
        }
        let landing = self.flight.landed().await;
        self.guard.outcome(landing, self.stale().as_ref())
    }

    /// An expired answer that may serve: the one that was at hand, or one that the second tier had.
    fn stale(&self) -> Option<Stale> {
        if self.stale.is_some() || self.guard.tier.is_none() {
            return self.stale.clone();
        }
        match self.guard.cache.kept(&self.key) {
            Some(Kept::Expired(stale)) => Some(stale),
            _ => None,
        }
    }
}

impl Inner {
    /// The outcome of a call's end. An expired answer is better than a failure, and than "nothing"
    /// from a source that says itself that it is incomplete.
    pub(super) fn outcome(&self, landing: Landing, stale: Option<&Stale>) -> Outcome {
        match (landing, stale) {
            (Err(_), Some(stale)) => self.serve_stale(stale),
            (Ok(reply), Some(stale)) if reply.degraded && reply.is_empty() => self.serve_stale(stale),
            (Ok(reply), _) => Outcome::of(&reply, Freshness::Fresh { until: None }),
            (Err(failure), None) => Outcome::Failed(failure),
        }
    }

    fn serve_stale(&self, stale: &Stale) -> Outcome {
        self.meter.stale.inc();
        stale.outcome(self.clock.now())
    }
}
