//! A question as it is asked, and a query as it is understood.

use super::{CommonName, Hints, Property};

/// What a client asks, in whatever format: a name or an id, and properties as it wrote them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    pub target: Target,
    /// Not yet read: which of them are hints, a range or a dataset is decided in one place.
    pub properties: Vec<Property>,
}

/// What is to be resolved: exactly one of the two (R7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    Name(CommonName),
    /// An id that an earlier answer gave.
    Id(String),
}

/// A question for resources by name, read: the name, the hints, the datasets wanted and the part
/// of the answer asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameQuery {
    pub name: CommonName,
    /// Where an id is resolved: what the source that is asked calls the entry ([`super::Hit`]), and
    /// `name` is that as well.
    pub entry: Option<String>,
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
            entry: None,
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

impl Range {
    /// The largest number of a range: what has more digits is read as none (D6).
    pub const MOST: usize = 999_999_999;

    /// The place of the last result asked for; where it does not say how many, of the first.
    pub fn end(self) -> usize {
        self.start.saturating_sub(1).saturating_add(self.length.unwrap_or(1))
    }

    /// What there is to say where this many results all lie before the range (D6).
    pub fn past(self, results: usize) -> String {
        let there_are = if results == 1 {
            "there is only 1 result".to_owned()
        } else {
            format!("there are only {results} results")
        };
        format!("{there_are}, and the range begins at {}", self.start)
    }
}

impl Default for Range {
    fn default() -> Self {
        Self { start: 1, length: None }
    }
}

/// The pseudonyms of the gateways a question has come through, first to last (RFC 9110 7.6.3).
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Via(pub Vec<String>);
