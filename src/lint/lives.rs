//! Entries that are over, and addresses with parameters that nothing fills.

use super::{Finding, Severity};
use crate::{
    backends::static_names::{Says, Statement},
    names::{Moment, parameters::PARAMETERS},
};

/// What others write for what follows a name.
const OF_OTHERS: [&str; 4] = ["%s", "{{{s}}}", "{searchTerms}", "{{.Path}}"];

/// Entries whose end has passed.
pub(super) fn ended(statements: &[&Statement], now: Moment) -> Vec<Finding> {
    let ended = statements.iter().filter(|statement| statement.entry.life.is_over(now));
    let finding = |statement: &&Statement| {
        let until = statement.entry.life.until.map(|until| until.to_string()).unwrap_or_default();
        let owner = match statement.entry.owner.as_str() {
            "" => String::new(),
            owner => format!("; its owner is {owner}"),
        };
        let text = format!("\"{}\" has ended: it was valid until {until}{owner}", statement.entry.name);
        Finding::new(&statement.place, Severity::Warning, text)
    };
    ended.map(finding).collect()
}

/// Addresses with what looks like a parameter and is none.
pub(super) fn unknown_parameters(statements: &[&Statement]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for statement in statements.iter().filter(|statement| statement.says == Says::Leads) {
        if let Some(unknown) = unknown_parameter(&statement.entry.uri) {
            let name = &statement.entry.name;
            let text = format!(
                "the address of \"{name}\" holds {unknown}, which is no parameter; expected {}",
                PARAMETERS.join(" or ")
            );
            findings.push(Finding::new(&statement.place, Severity::Warning, text));
        }
    }
    findings
}

fn unknown_parameter(uri: &str) -> Option<String> {
    if let Some(other) = OF_OTHERS.iter().find(|other| uri.contains(*other)) {
        return Some((*other).to_owned());
    }
    let known = PARAMETERS.iter().fold(uri.to_owned(), |uri, known| uri.replace(known, ""));
    let (_, after) = known.split_once('{')?;
    let (word, _) = after.split_once('}')?;
    Some(format!("{{{word}}}"))
}
