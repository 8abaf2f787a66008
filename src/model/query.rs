//! A query, read: the name, the hints, the datasets wanted and the part of the answer asked for.

use super::{CommonName, Hints};

/// What a client wants resolved: a name, or an id that an earlier answer gave (R7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    Name(NameQuery),
    Id { id: String, hints: Hints, range: Range },
}

/// A question for resources by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameQuery {
    pub name: CommonName,
    pub hints: Hints,
    /// The datasets asked for; empty is the default dataset (R12).
    pub datasets: Vec<String>,
    pub range: Range,
    /// Gateways that this question has come through already (D37).
    pub via: Via,
}

impl NameQuery {
    /// A question for `name` with nothing else said.
    pub fn plain(name: CommonName) -> Self {
        Self {
            name,
            hints: Hints::default(),
            datasets: Vec::new(),
            range: Range::default(),
            via: Via::default(),
        }
    }
}

/// The part of the results asked for: `start` counts from 1 (D6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Range {
    pub start: usize,
    /// `None`: as many as the service gives.
    pub length: Option<usize>,
}

impl Default for Range {
    fn default() -> Self {
        Self { start: 1, length: None }
    }
}

/// The pseudonyms of the gateways a question has come through, first to last (RFC 9110 7.6.3).
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Via(pub Vec<String>);
