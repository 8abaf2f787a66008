//! Gather: asks every source at once and returns in time with what there is.
//!
//! This is the one step of a query that waits. It ends when every source has answered, at the
//! deadline, or a grace after a source has asserted the name, whichever comes first. What is late
//! is left behind: an expired answer of that source serves instead, where there is one, and the
//! call goes on into the cache without anybody waiting.
//!
//! Sources may stand in stages. A later one is asked only where the earlier ones gave nothing that
//! is surely meant, and as soon as they have answered or half of what was left of the time is over;
//! what is late of them is waited for beside it.

use std::time::Duration;

use futures_util::{StreamExt, stream::FuturesUnordered};
use tokio::time::{Instant, timeout_at};

use super::{Ranking, Source, merge, plan, rank, rank::is_asserted};
use crate::{
    guard::{Asked, Underway},
    model::{Ask, Candidate, Clock, NameQuery, Outcome, Reason, Tier, Vouched},
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
    ranking: &Ranking,
    clock: &dyn Clock,
) -> Vec<Outcome> {
    Round::new(sources, query, timing, ranking, clock).run(false).await
}

/// Asks as [`gather`] does, and waits for nobody but the naming services once one of them says what
/// the name is: those that the operator and other CNRP services answer for. If those that answer from
/// memory say so, nobody else is asked.
pub async fn gather_named(
    sources: &[Source],
    query: &NameQuery,
    timing: Timing,
    ranking: &Ranking,
    clock: &dyn Clock,
) -> Vec<Outcome> {
    Round::new(sources, query, timing, ranking, clock).run(true).await
}

/// Asks only naming services that answer from memory, without waiting: the outcomes if one of them says
/// what the name is. The other sources that the query is for count as held back.
pub fn gather_at_hand(sources: &[Source], query: &NameQuery, ranking: &Ranking) -> Option<Vec<Outcome>> {
    let outcomes: Vec<_> = sources.iter().map(|source| at_hand(source, query)).collect();
    let asking = Asking { sources, query, ranking };
    asking.is_asserted(&outcomes).then_some(outcomes)
}

fn at_hand(source: &Source, query: &NameQuery) -> Outcome {
    let held_back = Outcome::Skipped(Reason::RateLimited);
    match plan(source.guard.backend().as_ref(), source.dataset.as_deref(), &source.when, query) {
        Ask::Skip(reason) => Outcome::Skipped(reason),
        Ask::Local if is_naming(source) => match source.guard.begin(Ask::Local, query) {
            Asked::Done(outcome) => outcome,
            Asked::Underway(_) => held_back,
        },
        Ask::Local | Ask::Request(_) => held_back,
    }
}

/// The lowest stage above `stage`.
fn stage_after(sources: &[Source], stage: u32) -> Option<u32> {
    sources.iter().map(|source| source.stage).filter(|other| *other > stage).min()
}

/// Who is asked what, and what is known of the sites that may be answered.
#[derive(Clone, Copy)]
struct Asking<'a> {
    sources: &'a [Source],
    query: &'a NameQuery,
    ranking: &'a Ranking,
}

/// One query on its way.
struct Round<'a> {
    asking: Asking<'a>,
    timing: Timing,
    clock: &'a dyn Clock,
    /// By source; [`Outcome::Late`] while it is waited for.
    outcomes: Vec<Outcome>,
    late: Vec<(usize, Underway<'a>)>,
    /// When nothing is waited for any more; known once something is.
    end: Option<Instant>,
    /// Whether the word of a naming service is enough.
    wants_named: bool,
}

impl<'a> Round<'a> {
    fn new(
        sources: &'a [Source],
        query: &'a NameQuery,
        timing: Timing,
        ranking: &'a Ranking,
        clock: &'a dyn Clock,
    ) -> Self {
        let outcomes = vec![Outcome::Skipped(Reason::NotAsked); sources.len()];
        let (late, end, wants_named) = (Vec::new(), None, false);
        let asking = Asking { sources, query, ranking };
        Self { asking, timing, clock, outcomes, late, end, wants_named }
    }

    async fn run(mut self, wants_named: bool) -> Vec<Outcome> {
        self.wants_named = wants_named;
        let mut stage = stage_after(self.asking.sources, 0);
        while let Some(begun) = stage {
            self.begin(begun, is_naming);
            if self.is_settled() {
                break;
            }
            self.begin(begun, |source| !is_naming(source));
            stage = stage_after(self.asking.sources, begun);
            if stage.is_some() {
                self.wait_for_half().await;
                stage = stage.filter(|_| !self.is_answered());
            }
        }
        self.wait().await;
        self.leave()
    }

    fn is_settled(&self) -> bool {
        self.wants_named && self.asking.is_settled(&self.outcomes)
    }

    fn begin(&mut self, stage: u32, is_wanted: fn(&Source) -> bool) {
        let Asking { sources, query, .. } = self.asking;
        let each = sources.iter().zip(&mut self.outcomes).enumerate();
        let each = each.filter(|(_, (source, _))| source.stage == stage && is_wanted(source));
        for (place, (source, outcome)) in each {
            let ask = plan(source.guard.backend().as_ref(), source.dataset.as_deref(), &source.when, query);
            *outcome = match source.guard.begin(ask, query) {
                Asked::Done(outcome) => outcome,
                Asked::Underway(underway) => {
                    self.late.push((place, underway));
                    Outcome::Late
                }
            };
        }
    }

    /// Waits for what is late, until the end.
    async fn wait(&mut self) {
        if !self.late.is_empty() && !self.is_settled() {
            let end = self.end();
            self.collect(end).await;
        }
    }

    /// Waits for what is late, and keeps half of the time for whom is asked next.
    async fn wait_for_half(&mut self) {
        if !self.late.is_empty() {
            let (now, end) = (self.clock.now(), self.end());
            self.collect(now + end.saturating_duration_since(now) / 2).await;
        }
    }

    /// When the waiting ends: at the deadline, or a grace from now if the name is asserted already.
    /// It only ever comes nearer, whichever stage it was that asserted.
    fn end(&mut self) -> Instant {
        let now = self.clock.now();
        let mut end = self.end.unwrap_or(now + self.timing.deadline);
        if self.asking.is_asserted(&self.outcomes) {
            end = end.min(now + self.timing.grace);
        }
        self.end = Some(end);
        end
    }

    /// Takes outcomes as they come, until `until` or the end of a grace that one of them begins.
    async fn collect(&mut self, mut until: Instant) {
        let asking = self.asking;
        let settling =
            self.late.iter_mut().map(|(place, underway)| async { (*place, underway.settle().await) });
        let mut settling: FuturesUnordered<_> = settling.collect();
        while let Ok(Some((place, outcome))) = timeout_at(until, settling.next()).await {
            if asking.sources.get(place).is_some_and(|source| asking.asserts(source, &outcome)) {
                let grace = self.clock.now() + self.timing.grace;
                until = until.min(grace);
                self.end = self.end.map(|end| end.min(grace));
            }
            if let Some(known) = self.outcomes.get_mut(place) {
                *known = outcome;
            }
            if self.wants_named && asking.is_settled(&self.outcomes) {
                break;
            }
        }
        drop(settling);
        let outcomes = &self.outcomes;
        self.late.retain(|(place, _)| outcomes.get(*place) == Some(&Outcome::Late));
    }

    /// Whether there is something of tier A or B.
    fn is_answered(&self) -> bool {
        let found = self.outcomes.iter().enumerate();
        let told: Vec<_> =
            found.filter_map(|(place, outcome)| outcome.found().map(|found| (place, found))).collect();
        let Asking { sources, query, ranking } = self.asking;
        let voices: Vec<_> = sources.iter().map(|source| source.voice).collect();
        let ranked = rank(merge(&told), query, &voices, ranking);
        ranked.iter().any(|resource| resource.tier() <= Tier::Corroborated)
    }

    /// The outcomes; of what is still late, the expired answer where there is one.
    fn leave(mut self) -> Vec<Outcome> {
        for (place, underway) in &self.late {
            if let Some(outcome) = self.outcomes.get_mut(*place) {
                *outcome = underway.leave();
            }
        }
        self.outcomes
    }
}

/// Whether what the source says of a name is the operator's word or another service's.
fn is_naming(source: &Source) -> bool {
    source.voice.vouched <= Vouched::ByService
}

impl Asking<'_> {
    /// Whether a naming service has said what the name is, and none of them is waited for.
    fn is_settled(&self, outcomes: &[Outcome]) -> bool {
        let mut naming = self.sources.iter().zip(outcomes).filter(|(source, _)| is_naming(source));
        let is_late = naming.clone().any(|(_, outcome)| *outcome == Outcome::Late);
        !is_late && naming.any(|(source, outcome)| self.asserts(source, outcome))
    }

    fn is_asserted(&self, outcomes: &[Outcome]) -> bool {
        self.sources.iter().zip(outcomes).any(|(source, outcome)| self.asserts(source, outcome))
    }

    /// Whether the source says in this outcome what exactly this name is. What the operator drops is no
    /// result, so it says nothing: waiting for the others is all that is left.
    fn asserts(&self, source: &Source, outcome: &Outcome) -> bool {
        let is_meant = |candidate: &Candidate| {
            is_asserted(candidate, source.voice.vouched)
                && !self.ranking.drops(&candidate.url, &self.query.name)
        };
        outcome.found().is_some_and(|found| found.candidates.iter().any(is_meant))
    }
}

#[cfg(test)]
mod tests;
