//! Exports of tailscale/golink: a link a line, as JSON, with its short name, where it leads (a Go
//! template, see [`super::template`]), and whose it is. A link to another link is an alias that
//! follows it.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::{Gathered, Remark, shown, template};
use crate::{backends::static_names::Says, names::Entry};

/// Hosts under which golink is reached.
const OWN_HOSTS: [&str; 2] = ["http://go/", "https://go/"];

/// A link. `Created` and `LastEdit` have no place with us.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Link {
    short: String,
    long: String,
    created: Option<String>,
    last_edit: Option<String>,
    #[serde(default)]
    owner: String,
}

/// A link as it is written.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Written<'a> {
    short: &'a str,
    long: &'a str,
    owner: &'a str,
}

pub(super) fn read(text: &str, names: &mut Gathered) {
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let mut links = Vec::new();
    for (line, text) in lines {
        match serde_json::from_str::<Link>(text) {
            Ok(link) => links.push((line, link)),
            Err(error) => {
                names.remark(line, format!("is no link: {error}; expected a line of golink's export"));
            }
        }
    }
    let shorts: HashSet<_> = links.iter().map(|(_, link)| id(&link.short)).collect();
    for (line, link) in links {
        take(line, link, &shorts, names);
    }
    names.without_loose_aliases();
}

fn take(line: usize, link: Link, shorts: &HashSet<String>, names: &mut Gathered) {
    for (what, value) in [("Created", &link.created), ("LastEdit", &link.last_edit)] {
        if value.as_ref().is_some_and(|time| !time.starts_with("0001-")) {
            names.uncarried(what);
        }
    }
    let entry = Entry { name: link.short, owner: link.owner, ..Entry::default() };
    let to_other =
        OWN_HOSTS.iter().find_map(|host| link.long.strip_prefix(host)).or(link.long.strip_prefix('/'));
    if let Some(other) = to_other.filter(|other| shorts.contains(&id(other))) {
        names.add(line, entry, Says::AliasOf(other.to_owned()));
        return;
    }
    match template::read(&link.long) {
        Ok(template::Address { uri, plain }) => names.add(line, Entry { uri, plain, ..entry }, Says::Leads),
        Err(what) => names.remark(
            line,
            format!("{}: {} says {what}, which has no match here", entry.name, shown(&link.long)),
        ),
    }
}

/// The form in which golink compares short names.
fn id(short: &str) -> String {
    short.replace('-', "").to_lowercase()
}

/// Writes an entry as links: its own, and one for each alias. What golink has no place for is told.
pub(super) fn write(entry: &Entry, out: &mut String, remarks: &mut Vec<Remark>) {
    let mut tell = |what: &str| remarks.push(Remark::new(0, format!("{}: {what}", shown(&entry.name))));
    let Some(short) = short(&entry.name) else {
        tell("golink's short names are letters, digits, - _ and . of ASCII; the entry is not carried");
        return;
    };
    for (is_lost, what) in [
        (!entry.description.is_empty(), "the description is not carried"),
        (!entry.properties.is_empty(), "the properties are not carried"),
        (!entry.note.is_empty(), "the note is not carried"),
        (entry.life != Default::default(), "valid_from and valid_until are not carried"),
    ] {
        if is_lost {
            tell(what);
        }
    }
    let address = template::Address { uri: entry.uri.clone(), plain: entry.plain.clone() };
    push(out, &short, &template::write(&address), &entry.owner);
    for alias in &entry.aliases {
        match self::short(alias) {
            Some(alias) => push(out, &alias, &format!("/{short}"), &entry.owner),
            None => tell(&format!("the alias \"{}\" is no short name, and not carried", shown(alias))),
        }
    }
}

fn push(out: &mut String, short: &str, long: &str, owner: &str) {
    let line = serde_json::to_string(&Written { short, long, owner }).unwrap_or_default();
    out.push_str(&line);
    out.push('\n');
}

/// The name as golink takes it: spaces become dashes, which neither of us compares.
fn short(name: &str) -> Option<String> {
    let short = name.split_whitespace().collect::<Vec<_>>().join("-");
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_short = short.starts_with(is_word) && short.chars().all(|c| is_word(c) || matches!(c, '-' | '.'));
    is_short.then_some(short)
}
