//! Names that are the same to whoever asks: written twice in a layer, or alias of one entry and
//! name of another.

use std::collections::{HashMap, HashSet};

use super::{Finding, Severity, elsewhere};
use crate::{
    backends::static_names::{Says, Statement},
    model::CommonName,
};

fn key(name: &str) -> Option<String> {
    CommonName::new(name).map(|name| name.key().to_owned())
}

/// Names that a layer has several entries for: the same again, or one that leads to several places.
pub(super) fn repeated(layer: &[Statement]) -> Vec<Finding> {
    let mut first: HashMap<String, &Statement> = HashMap::new();
    let mut findings = Vec::new();
    for statement in layer {
        let Some(key) = key(&statement.entry.name) else { continue };
        let Some(known) = first.get(&key) else {
            first.insert(key, statement);
            continue;
        };
        let (name, place) = (&statement.entry.name, elsewhere(&known.place, &statement.place));
        let is_alike = (&known.entry.uri, &known.says) == (&statement.entry.uri, &statement.says);
        let (severity, text) = if is_alike {
            (Severity::Warning, format!("\"{name}\" says again what {place} says of the same name"))
        } else {
            (Severity::Note, format!("\"{name}\" leads elsewhere as well: {place} has the same name"))
        };
        findings.push(Finding::new(&statement.place, severity, text));
    }
    findings
}

/// Aliases that say nothing, and those that another entry has as well, in whatever layer or map: who asks for
/// one gets both.
pub(super) fn shadowed(maps: &[Vec<Vec<Statement>>]) -> Vec<Finding> {
    let standing: Vec<_> = maps.iter().flat_map(|map| standing(map)).collect();
    let named = standing.iter().rev().filter(|(statement, _)| statement.says != Says::Hidden);
    let names: HashMap<_, _> =
        named.filter_map(|(statement, _)| Some((key(&statement.entry.name)?, *statement))).collect();
    let mut aliases: HashMap<String, &Statement> = HashMap::new();
    let mut findings = Vec::new();
    for (statement, left) in standing.iter().filter(|(statement, _)| statement.says == Says::Leads) {
        let mut own: HashSet<_> = key(&statement.entry.name).into_iter().collect();
        for alias in left {
            let Some(key) = key(alias) else { continue };
            // A file that two maps read is none beside itself.
            let place = |other: &&Statement| {
                (other.place != statement.place).then(|| elsewhere(&other.place, &statement.place))
            };
            let (severity, what) = if !own.insert(key.clone()) {
                (Severity::Note, "a name it has already".to_owned())
            } else if let Some(place) = names.get(&key).and_then(place) {
                (Severity::Warning, format!("the name of {place}"))
            } else if let Some(place) = aliases.get(&key).and_then(place) {
                (Severity::Warning, format!("one of {place} as well"))
            } else {
                aliases.insert(key, statement);
                continue;
            };
            let text = format!("the alias \"{alias}\" of \"{}\" is {what}", statement.entry.name);
            findings.push(Finding::new(&statement.place, severity, text));
        }
    }
    findings
}

/// The statements of a map that hold when every layer has spoken, each with the aliases that are left to it.
fn standing(map: &[Vec<Statement>]) -> Vec<(&Statement, Vec<&str>)> {
    let mut decided = HashSet::new();
    let mut layers = Vec::new();
    for layer in map.iter().rev() {
        let is_left = |name: &str| key(name).is_none_or(|key| !decided.contains(&key));
        let left = layer.iter().filter(|statement| is_left(&statement.entry.name)).map(|statement| {
            let aliases = statement.entry.aliases.iter().map(String::as_str);
            (statement, aliases.filter(|alias| is_left(alias)).collect())
        });
        layers.push(left.collect::<Vec<_>>());
        decided.extend(layer.iter().filter_map(|statement| key(&statement.entry.name)));
    }
    layers.into_iter().rev().flatten().collect()
}
