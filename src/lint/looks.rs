//! Names and hosts that look like others (UTS 39), words in several scripts, and hosts that are
//! reached without TLS although they have it.

use std::collections::{HashMap, HashSet};

use unicode_security::{MixedScript, confusable_detection::skeleton};
use url::Url;

use super::{Finding, Severity, elsewhere};
use crate::{
    backends::static_names::{Says, Statement},
    model::CommonName,
};

/// Names of another entry's looks, and words of several scripts.
pub(super) fn names(statements: &[&Statement]) -> Vec<Finding> {
    let mut seen: HashMap<String, (String, &Statement)> = HashMap::new();
    let mut findings = Vec::new();
    for statement in statements {
        for name in statement.entry.names().filter_map(|name| CommonName::new(name)) {
            let mut tell = |text| findings.push(Finding::new(&statement.place, Severity::Warning, text));
            if let Some(word) = name.words().find(|word| !word.is_single_script()) {
                tell(format!("\"{}\" is written in several scripts: {word}", name.shown()));
            }
            let mut alike = None;
            for looks in looks(&name) {
                let (known, other) = seen.entry(looks).or_insert_with(|| (name.key().to_owned(), statement));
                alike = alike.or((*known != name.key()).then_some(*other));
            }
            if let Some(other) = alike {
                let place = elsewhere(&other.place, &statement.place);
                tell(format!("\"{}\" looks like \"{}\" of {place}", name.shown(), other.entry.name));
            }
        }
    }
    findings
}

/// What a name looks like: as it is compared, and as it is written, for capitals may deceive where small letters
/// do not.
fn looks(name: &CommonName) -> [String; 2] {
    let written = name.shown().chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    [skeleton(name.key()).collect(), skeleton(&written).collect()]
}

/// Hosts of another host's looks, and labels of several scripts.
pub(super) fn hosts(statements: &[&Statement]) -> Vec<Finding> {
    let mut seen: HashMap<String, (String, &Statement)> = HashMap::new();
    let mut findings = Vec::new();
    for statement in statements.iter().filter(|statement| statement.says == Says::Leads) {
        let Some(host) = address(statement).and_then(|url| url.domain().map(str::to_owned)) else { continue };
        let shown = idna::domain_to_unicode(&host).0;
        let mut tell = |text| findings.push(Finding::new(&statement.place, Severity::Warning, text));
        if shown.split('.').any(|label| !label.is_single_script()) {
            tell(format!("the host {shown} is written in several scripts"));
        }
        let bare = shown.strip_prefix("www.").unwrap_or(&shown).to_owned();
        let looks = skeleton(&bare).collect::<String>();
        let (known, other) = seen.entry(looks).or_insert_with(|| (bare.clone(), statement));
        if *known != bare {
            let place = elsewhere(&other.place, &statement.place);
            tell(format!("the host {bare} looks like {known} of {place}"));
        }
    }
    findings
}

/// Addresses by http of hosts that other entries reach by https.
pub(super) fn without_tls(statements: &[&Statement]) -> Vec<Finding> {
    let place = |url: &Url| Some(url.host_str()?.to_owned()).filter(|_| url.port().is_none());
    let of_scheme = |scheme: &'static str| {
        let urls = statements.iter().filter_map(|statement| Some((statement, address(statement)?)));
        urls.filter(move |(_, url)| url.scheme() == scheme)
    };
    let secured: HashSet<_> = of_scheme("https").filter_map(|(_, url)| place(&url)).collect();
    let mut findings = Vec::new();
    for (statement, host) in of_scheme("http").filter_map(|(statement, url)| Some((statement, place(&url)?)))
    {
        if secured.contains(&host) {
            let text = format!(
                "\"{}\" leads to {host} by http, which is reached by https elsewhere",
                statement.entry.name
            );
            findings.push(Finding::new(&statement.place, Severity::Note, text));
        }
    }
    findings
}

/// Where a statement leads.
pub(super) fn address(statement: &Statement) -> Option<Url> {
    if statement.says == Says::Leads { Url::parse(&statement.entry.uri).ok() } else { None }
}
