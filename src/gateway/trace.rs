//! A question and everything it came to, for whoever explains an answer or checks it.
//!
//! Nothing is written down on the way of a question: what a trace holds are the values that gathering
//! gives anyway, and merging and ranking are pure, so they can be done again from these.

use super::{Gateway, Selection, datasets};
use crate::{
    model::{Answer, CommonName, NameQuery, Outcome, Prepared, Property, Reason, Via},
    protocol,
    resolver::{Ranked, Ranking, Voice, merge, rank},
};

/// A question for a name, and what it came to.
#[derive(Debug, Clone)]
pub struct Trace {
    /// The question as it was understood.
    pub query: NameQuery,
    /// The source, by its place, by which nobody answers this name; then none was asked.
    pub denied_by: Option<usize>,
    /// What became of each source, in the order of the configuration.
    pub outcomes: Vec<Outcome>,
    /// How the answer was cut.
    pub selection: Selection,
    /// What the client gets.
    pub answer: Answer,
}

impl Trace {
    /// What was found, by the place of who found it.
    pub fn found(&self) -> Vec<(usize, &Prepared)> {
        let outcomes = self.outcomes.iter().enumerate();
        outcomes.filter_map(|(place, outcome)| Some((place, outcome.found()?))).collect()
    }
}

impl Gateway {
    /// What ranking knows of each source, by its place.
    pub fn voices(&self) -> Vec<Voice> {
        self.parts.sources.iter().map(|source| source.voice).collect()
    }

    /// What ranking knows beside what sources say.
    pub fn ranking(&self) -> &Ranking {
        &self.parts.ranking
    }

    /// Everything that was found, merged and ranked, before hints filter and the range is cut.
    pub fn ranked<'a>(&self, trace: &'a Trace) -> Vec<Ranked<'a>> {
        rank(merge(&trace.found()), &trace.query, &self.voices(), &self.parts.ranking)
    }

    /// Asks for a name as any client may, and keeps what its sources said. `None` for a name that is
    /// longer than any that is understood (D31).
    pub async fn trace(&self, name: &CommonName, properties: &[Property]) -> Option<Trace> {
        if self.is_too_long(name) {
            return None;
        }
        let asked = protocol::read_properties(properties);
        let mut earned = asked.statuses;
        let mut query = NameQuery {
            name: name.clone(),
            entry: None,
            hints: asked.hints,
            datasets: asked.datasets,
            range: self.answered(asked.range),
            via: Via::default(),
        };
        earned.extend(datasets::choose(&mut query, &self.datasets));
        let sources = &self.parts.sources;
        let denied_by = sources.iter().position(|source| source.guard.backend().denies(name));
        let (outcomes, answer) = match denied_by {
            Some(_) => (vec![Outcome::Skipped(Reason::NotAsked); sources.len()], self.nothing(earned)),
            None => {
                let outcomes = self.gather(sources, &query).await;
                let answer = self.compose(sources, &outcomes, &query, earned);
                (outcomes, answer)
            }
        };
        Some(Trace { query, denied_by, outcomes, selection: self.parts.selection, answer })
    }
}
