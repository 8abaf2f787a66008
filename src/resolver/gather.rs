//! Gather: asks every source at once and returns in time with what there is.
//!
//! This is the one step of a query that waits. It ends when every source has answered, at the
//! deadline, or a grace after a source has asserted the name, whichever comes first. What is late
//! is left behind: an expired answer of that source serves instead, where there is one, and the
//! call goes on into the cache without anybody waiting.

use std::time::Duration;

use futures_util::{StreamExt, stream::FuturesUnordered};
use tokio::time::{Instant, timeout_at};

use super::{Source, plan, rank};
use crate::{
    guard::{Asked, Underway},
    model::{Clock, NameQuery, Outcome},
};

/// How long sources are waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// From the question on.
    pub deadline: Duration,
    /// From the first assertion (tier A) on: what others add to that is rarely worth a wait.
    pub grace: Duration,
}

/// Asks every source that the query is for. The outcomes are in the order of the sources,
/// whichever was quicker. Where every source answers from cache or memory nothing is spawned and
/// no timer is set. Must be called within a tokio runtime.
pub async fn gather(
    sources: &[Source],
    query: &NameQuery,
    timing: Timing,
    clock: &dyn Clock,
) -> Vec<Outcome> {
    let mut outcomes = Vec::with_capacity(sources.len());
    let mut late = Vec::new();
    for (place, source) in sources.iter().enumerate() {
        let ask = plan(source.guard.backend().as_ref(), source.dataset.as_deref(), &source.when, query);
        outcomes.push(match source.guard.begin(ask, query) {
            Asked::Done(outcome) => outcome,
            Asked::Underway(underway) => {
                late.push((place, underway));
                Outcome::Late
            }
        });
    }
    if !late.is_empty() {
        Wait { sources, timing, clock }.settle(&mut outcomes, late).await;
    }
    outcomes
}

/// Waiting for what was not answered at once.
struct Wait<'a> {
    sources: &'a [Source],
    timing: Timing,
    clock: &'a dyn Clock,
}

impl Wait<'_> {
    /// Puts the outcomes of the `late` in their places, which hold [`Outcome::Late`] until then.
    async fn settle(&self, outcomes: &mut [Outcome], mut late: Vec<(usize, Underway<'_>)>) {
        let now = self.clock.now();
        let is_asserted = self.sources.iter().zip(&*outcomes).any(|(source, known)| asserts(source, known));
        let mut end = now + self.timing.deadline;
        if is_asserted {
            end = end.min(now + self.timing.grace);
        }
        self.collect(outcomes, &mut late, end).await;
        for (place, underway) in &late {
            if let Some(outcome) = outcomes.get_mut(*place)
                && *outcome == Outcome::Late
            {
                *outcome = underway.leave();
            }
        }
    }

    /// Takes outcomes as they come, until `end` or the end of a grace that one of them begins.
    async fn collect(&self, outcomes: &mut [Outcome], late: &mut [(usize, Underway<'_>)], mut end: Instant) {
        let settling = late.iter_mut().map(|(place, underway)| async { (*place, underway.settle().await) });
        let mut settling: FuturesUnordered<_> = settling.collect();
        while let Ok(Some((place, outcome))) = timeout_at(end, settling.next()).await {
            if self.sources.get(place).is_some_and(|source| asserts(source, &outcome)) {
                end = end.min(self.clock.now() + self.timing.grace);
            }
            if let Some(known) = outcomes.get_mut(place) {
                *known = outcome;
            }
        }
    }
}

/// Whether the source says in this outcome what exactly this name is.
fn asserts(source: &Source, outcome: &Outcome) -> bool {
    outcome.found().is_some_and(|found| {
        found.candidates.iter().any(|candidate| rank::is_asserted(candidate, source.voice.vouched))
    })
}

#[cfg(test)]
mod tests;
