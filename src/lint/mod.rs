//! What may be a mistake in names that are right as far as their files go: names written twice,
//! aliases that another entry takes, ends that have passed, names and hosts that look like others.
//!
//! Each look at the names is a function from statements to findings; which of them there are is
//! [`examine`]. Only [`reach()`] asks the network, when it is told to.

mod lives;
mod looks;
mod reach;
mod same;

use std::{
    collections::{HashMap, HashSet},
    fmt,
};

use serde::Serialize;

use crate::{
    backends::static_names::{Ignored, Place, Statement},
    config::Problem,
    names::Moment,
};

pub use reach::{reach, targets};

/// Something that the operator should look at.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Finding {
    pub file: String,
    /// Counted from 1; 0 where the file as a whole is meant.
    pub line: usize,
    pub severity: Severity,
    pub text: String,
}

/// How much a finding matters, the most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// A gateway refuses the file.
    Error,
    /// It is hardly meant so.
    Warning,
    /// It may well be meant so.
    Note,
}

impl Finding {
    fn new(place: &Place, severity: Severity, text: String) -> Self {
        Self { file: place.file.display().to_string(), line: place.line, severity, text }
    }
}

impl From<Problem> for Finding {
    fn from(problem: Problem) -> Self {
        let Problem { file, line, key, message, .. } = problem;
        let text = if key.is_empty() { message } else { format!("{key}: {message}") };
        Self { file: file.display().to_string(), line, severity: Severity::Error, text }
    }
}

impl From<&Ignored> for Finding {
    fn from(ignored: &Ignored) -> Self {
        let file = ignored.file.display().to_string();
        Self { file, line: 0, severity: Severity::Warning, text: ignored.told() }
    }
}

/// `names.csv:3: warning: ...`
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, severity, text } = self;
        let severity = match severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        match line {
            0 => write!(f, "{file}: {severity}: {text}"),
            _ => write!(f, "{file}:{line}: {severity}: {text}"),
        }
    }
}

/// Every finding in maps, each with its layers, in the order of the files. A file that several maps read is
/// told of once.
pub fn examine(maps: &[Vec<Vec<Statement>>], now: Moment) -> Vec<Finding> {
    let mut findings: Vec<Finding> = maps.iter().flatten().flat_map(|layer| same::repeated(layer)).collect();
    findings.extend(same::shadowed(maps));
    let all: Vec<&Statement> = maps.iter().flatten().flatten().collect();
    findings.extend(lives::ended(&all, now));
    findings.extend(lives::unknown_parameters(&all));
    findings.extend(looks::names(&all));
    findings.extend(looks::hosts(&all));
    findings.extend(looks::without_tls(&all));
    let mut order = HashMap::new();
    for statement in all {
        let next = order.len();
        order.entry(statement.place.file.display().to_string()).or_insert(next);
    }
    findings.sort_by_cached_key(|finding| (order.get(&finding.file).copied(), finding.line));
    let mut told = HashSet::new();
    findings.retain(|finding| told.insert(finding.clone()));
    findings
}

/// Where a statement stands, as other findings tell of it: the line, and the file where it is another.
fn elsewhere(other: &Place, from: &Place) -> String {
    if other.file == from.file {
        format!("line {}", other.line)
    } else {
        format!("{}:{}", other.file.display(), other.line)
    }
}

#[cfg(test)]
mod tests;
