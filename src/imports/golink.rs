//! Exports of tailscale/golink: a link a line, as JSON, with its short name, where it leads (a Go
//! template, see [`super::template`]), and whose it is. A link to another link is an alias that
//! follows it.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::{Exported, Gathered, shown, template};
use crate::{
    backends::static_names::{Says, json_mistake},
    names::Entry,
};

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
                names.remark(
                    line,
                    format!("is no link: {}; expected a line of golink's export", json_mistake(&error)),
                );
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

/// Links as they are written. What golink has no place for is told.
#[derive(Default)]
pub(super) struct Links {
    pub(super) exported: Exported,
    /// By the form in which they are compared, the links that are written, and where each leads in the end.
    written: HashMap<String, String>,
}

impl Links {
    pub(super) fn tell(&mut self, entry: &Entry, what: &str) {
        self.exported.tell(entry, what);
    }

    /// Writes an entry: a link of its own, and one for each alias.
    pub(super) fn entry(&mut self, entry: &Entry) {
        let short = match self.free(&entry.name) {
            Ok(short) => short,
            Err(why) => return self.tell(entry, &format!("{why}; the entry is not carried")),
        };
        if [&entry.uri, &entry.plain].iter().any(|address| address.contains("{{")) {
            return self
                .tell(entry, "golink takes {{ in an address for a template; the entry is not carried");
        }
        for (is_lost, what) in [
            (!entry.description.is_empty(), "the description is not carried"),
            (!entry.properties.is_empty(), "the properties are not carried"),
            (!entry.note.is_empty(), "the note is not carried"),
            (entry.life != Default::default(), "valid_from and valid_until are not carried"),
        ] {
            if is_lost {
                self.tell(entry, what);
            }
        }
        let address = template::Address { uri: entry.uri.clone(), plain: entry.plain.clone() };
        self.push(&short, &template::write(&address), &entry.owner, &short);
        self.names(entry, &entry.aliases, &short);
    }

    /// Writes an alias that follows a link, if that is written.
    pub(super) fn alias(&mut self, entry: &Entry, target: &str) -> bool {
        let target = short(target).filter(|target| self.written.contains_key(&id(target)));
        let Some(target) = target else { return false };
        if !entry.note.is_empty() {
            self.tell(entry, "the note is not carried");
        }
        self.names(entry, entry.names(), &target);
        true
    }

    /// Writes names as links to the link `target`.
    fn names<'a>(&mut self, entry: &Entry, names: impl IntoIterator<Item = &'a String>, target: &str) {
        let end = self.written.get(&id(target)).cloned().unwrap_or_default();
        for name in names {
            let known = short(name).and_then(|short| self.written.get(&id(&short)));
            if known == Some(&end) {
                continue;
            }
            match self.free(name) {
                Ok(short) => self.push(&short, &format!("/{target}"), &entry.owner, &end),
                Err(why) => self.tell(entry, &format!("the alias \"{}\" is not carried: {why}", shown(name))),
            }
        }
    }

    /// The name as golink takes it, if no link has it.
    fn free(&self, name: &str) -> Result<String, String> {
        let short = short(name).ok_or("golink's short names are letters, digits, - _ and . of ASCII")?;
        match self.written.contains_key(&id(&short)) {
            false => Ok(short),
            true => Err(format!("golink can't tell {short} from another link that is written")),
        }
    }

    fn push(&mut self, short: &str, long: &str, owner: &str, end: &str) {
        let line = serde_json::to_string(&Written { short, long, owner }).unwrap_or_default();
        self.exported.text.push_str(&line);
        self.exported.text.push('\n');
        self.written.insert(id(short), end.to_owned());
    }
}

/// The name as golink takes it: spaces become dashes, which neither of us compares.
fn short(name: &str) -> Option<String> {
    let short = name.split_whitespace().collect::<Vec<_>>().join("-");
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_short = short.starts_with(is_word) && short.chars().all(|c| is_word(c) || matches!(c, '-' | '.'));
    is_short.then_some(short)
}
