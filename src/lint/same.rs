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

/// Aliases that say nothing, and those that another entry has as well: who asks for one gets both.
pub(super) fn shadowed(layer: &[Statement]) -> Vec<Finding> {
    let names: HashMap<_, _> =
        layer.iter().rev().filter_map(|statement| Some((key(&statement.entry.name)?, statement))).collect();
    let mut aliases: HashMap<String, &Statement> = HashMap::new();
    let mut findings = Vec::new();
    for statement in layer.iter().filter(|statement| statement.says == Says::Leads) {
        let mut own: HashSet<_> = key(&statement.entry.name).into_iter().collect();
        for alias in &statement.entry.aliases {
            let Some(key) = key(alias) else { continue };
            let mut tell = |severity, text| findings.push(Finding::new(&statement.place, severity, text));
            let entry = &statement.entry.name;
            if !own.insert(key.clone()) {
                tell(
                    Severity::Note,
                    format!("the alias \"{alias}\" of \"{entry}\" is a name it has already"),
                );
            } else if let Some(other) = names.get(&key) {
                let place = elsewhere(&other.place, &statement.place);
                tell(
                    Severity::Warning,
                    format!("the alias \"{alias}\" of \"{entry}\" is the name of {place}"),
                );
            } else if let Some(other) = aliases.get(&key) {
                let place = elsewhere(&other.place, &statement.place);
                tell(
                    Severity::Warning,
                    format!("the alias \"{alias}\" of \"{entry}\" is one of {place} as well"),
                );
            } else {
                aliases.insert(key, statement);
            }
        }
    }
    findings
}
