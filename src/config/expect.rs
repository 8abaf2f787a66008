//! `expect`: what the operator says that answers must be, so that a configuration which answers
//! otherwise is noticed before anybody asks it.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    tree::{Node, Value},
    values::{OneOrMany, Properties, Unwanted, Uri},
};
use crate::model::{CommonName, Property};

/// One assertion about the answer to one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// The line in which it begins.
    pub line: usize,
    /// Where it stands: `expect[2]`, counted from 0.
    pub key: String,
    pub name: CommonName,
    pub expected: Expected,
    /// What the client says that it prefers.
    pub hints: Vec<Property>,
}

/// What the answer must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// One of these resources comes first.
    Top(Vec<String>),
    /// None of these is among the results.
    Absent(Vec<Unwanted>),
    /// Something is found; `false`: nothing is.
    Any(bool),
}

/// What the answer to a name must be: exactly one of top, absent and any
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ExpectationEntry {
    /// The common name that is asked for
    name: String,
    /// The resource that comes first; of several, one of them
    top: Option<OneOrMany<Uri>>,
    /// What is not among the results: a resource by its URI, or all of a host; of several, none of them
    absent: Option<OneOrMany<Unwanted>>,
    /// Whether anything is found
    any: Option<bool>,
    /// What the client prefers, such as {language: fr, geography: CH}
    #[serde(default)]
    hints: Properties,
}

/// The keys of which an expectation has exactly one.
const KINDS: [&str; 3] = ["top", "absent", "any"];

impl ExpectationEntry {
    /// The expectation; `None` where something of it is wrong, which is told elsewhere.
    fn read(self, line: usize, key: String) -> Option<Expectation> {
        let top = self.top.map(|OneOrMany(uris)| Expected::Top(uris.into_iter().map(String::from).collect()));
        let absent = self.absent.map(|OneOrMany(unwanted)| Expected::Absent(unwanted));
        let expected = top.or(absent).or(self.any.map(Expected::Any))?;
        Some(Expectation { line, key, name: CommonName::new(&self.name)?, expected, hints: self.hints.0 })
    }
}

/// The expectations of the list under `expect`, each with its place there.
pub(super) fn read(entries: Vec<ExpectationEntry>, list: Option<&Node>) -> Vec<Expectation> {
    let Some(Node { value: Value::List(items), .. }) = list else { return Vec::new() };
    let placed = entries.into_iter().zip(items).enumerate();
    placed
        .filter_map(|(index, (entry, item))| entry.read(item.place.line, format!("expect[{index}]")))
        .collect()
}

/// What is wrong with the list under `expect` as a whole, by the keys that were written.
pub(super) fn check(list: Option<&Node>) -> Vec<(String, &'static str)> {
    let Some(Node { value: Value::List(items), .. }) = list else { return Vec::new() };
    let mut wrong = Vec::new();
    for (place, item) in items.iter().enumerate() {
        if item.get("name").and_then(Node::text).is_some_and(|name| CommonName::new(name).is_none()) {
            wrong.push((format!("expect[{place}].name"), "is empty; expected a common name"));
        }
        let is_written = |key: &&&str| item.get(key).is_some_and(|node| !node.is_nothing());
        if KINDS.iter().filter(is_written).count() != 1 {
            let message = "expected exactly one of top: URI, absent: URI or host, any: true or false";
            wrong.push((format!("expect[{place}]"), message));
        }
    }
    wrong
}
