//! What may be a mistake in names that are right as far as their files go: names written twice,
//! aliases that another entry takes, ends that have passed, names and hosts that look like others.
//!
//! Each look at the names is a function from statements to findings; which of them there are is
//! [`examine`]. Only [`reach()`] asks the network, when it is told to.

mod lives;
mod looks;
mod reach;
mod same;

use std::fmt;

use serde::Serialize;

use crate::{
    backends::static_names::{Place, Statement},
    config::Problem,
    names::Moment,
};

pub use reach::{reach, targets};

/// Something that the operator should look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub file: String,
    /// Counted from 1; 0 where the file as a whole is meant.
    pub line: usize,
    pub severity: Severity,
    pub text: String,
}

/// How much a finding matters, the most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
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

/// Every finding in the layers of a map, in the order of the files.
pub fn examine(layers: &[Vec<Statement>], now: Moment) -> Vec<Finding> {
    let mut findings = Vec::new();
    for layer in layers {
        findings.extend(same::repeated(layer));
        findings.extend(same::shadowed(layer));
    }
    let all: Vec<&Statement> = layers.iter().flatten().collect();
    findings.extend(lives::ended(&all, now));
    findings.extend(lives::unknown_parameters(&all));
    findings.extend(looks::names(&all));
    findings.extend(looks::hosts(&all));
    findings.extend(looks::without_tls(&all));
    let file = |finding: &Finding| {
        let is_it = |layer: &&Vec<Statement>| {
            layer.first().is_some_and(|first| first.place.file.display().to_string() == finding.file)
        };
        layers.iter().position(|layer| is_it(&layer))
    };
    findings.sort_by_cached_key(|finding| (file(finding), finding.line));
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
