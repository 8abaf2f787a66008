//! Entries as other programs read them. CSV and JSON lines are our own files: read again, they answer
//! as before. Each format says what it can't carry.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Named, Remark, Target, golink, shown};
use crate::{
    backends::static_names::{Column, Row, Says},
    model::Property,
    names::{Entry, Life, Moment},
};

/// The columns of our CSV, in order. The first two are always written, the others where they hold
/// something.
const COLUMNS: [&str; 15] = [
    "name",
    "uri",
    "description",
    "aliases",
    "language",
    "geography",
    "category",
    "plain",
    "valid_from",
    "valid_until",
    "owner",
    "note",
    "alias_of",
    "disabled",
    "deny",
];

/// How many columns are always written.
const ALWAYS: usize = 2;

/// What is written, and what is not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exported {
    pub text: String,
    pub remarks: Vec<Remark>,
}

/// Writes names.
pub fn export(target: Target, names: &[Named]) -> Exported {
    let cut = |named: &&Named| matches!(named.says, Says::AliasOf(_)) && named.entry.life != Life::default();
    let (cut, whole): (Vec<_>, Vec<_>) = names.iter().partition(cut);
    let mut exported = match target {
        Target::Csv => csv(&whole),
        Target::JsonLines => json_lines(&whole),
        Target::Golink => links(&whole),
    };
    for Named { entry, .. } in cut {
        exported.tell(
            entry,
            "an alias in part of its time, as a later layer takes its place in the rest; it is not carried",
        );
    }
    exported
}

fn links(names: &[&Named]) -> Exported {
    let mut links = golink::Links::default();
    let mut aliases = Vec::new();
    for Named { entry, says } in names {
        match says {
            Says::Leads => links.entry(entry),
            Says::AliasOf(target) => aliases.push((entry, target)),
            Says::Hidden | Says::Denied => {
                links.tell(entry, "golink has no names that lead nowhere; it is not carried");
            }
        }
    }
    // An alias may follow another, in whatever order they are written.
    let mut left = usize::MAX;
    while std::mem::replace(&mut left, aliases.len()) > aliases.len() {
        aliases.retain(|(entry, target)| !links.alias(entry, target));
    }
    for (entry, target) in aliases {
        links.tell(entry, &format!("follows \"{}\", which is not carried; nor is it", shown(target)));
    }
    links.exported
}

fn json_lines(names: &[&Named]) -> Exported {
    let mut exported = Exported::default();
    for Named { entry, says } in names {
        exported.text.push_str(&json_line(entry, says));
        if entry.aliases.iter().any(|alias| alias.contains('|')) {
            exported.tell(entry, "an alias holds |, which parts aliases in files");
        }
    }
    exported
}

/// An entry as a line that a names file may hold.
pub fn json_line(entry: &Entry, says: &Says) -> String {
    let mut properties: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for property in &entry.properties {
        let value = json!({"type": property.kind, "value": property.value});
        properties.entry(&property.name).or_default().push(value);
    }
    let mut line = Map::new();
    line.insert("name".into(), json!(entry.name));
    line.insert("aliases".into(), json!(entry.aliases));
    if *says == Says::Leads {
        line.insert("uri".into(), json!(entry.uri));
        line.insert("description".into(), json!(entry.description));
        line.insert("properties".into(), json!(properties));
    }
    for (column, value) in further(entry, says) {
        if !value.is_empty() {
            let is_truth = matches!(column, "disabled" | "deny");
            line.insert(column.into(), if is_truth { json!(true) } else { json!(value) });
        }
    }
    format!("{}\n", Value::Object(line))
}

/// What few entries have, by column.
fn further(entry: &Entry, says: &Says) -> Vec<(&'static str, String)> {
    let moment = |moment: Option<Moment>| moment.map(|moment| moment.to_string()).unwrap_or_default();
    let truth = |is_so: bool| if is_so { "true".to_owned() } else { String::new() };
    let target = if let Says::AliasOf(target) = says { target.clone() } else { String::new() };
    vec![
        ("plain", entry.plain.clone()),
        ("valid_from", moment(entry.life.from)),
        ("valid_until", moment(entry.life.until)),
        ("owner", entry.owner.clone()),
        ("note", entry.note.clone()),
        ("alias_of", target),
        ("disabled", truth(*says == Says::Hidden)),
        ("deny", truth(*says == Says::Denied)),
    ]
}

fn csv(names: &[&Named]) -> Exported {
    let mut exported = Exported::default();
    let rows: Vec<_> = names.iter().map(|named| row(named, &mut exported)).collect();
    let is_used = |column: usize| {
        column < ALWAYS || rows.iter().any(|row| row.get(column).is_some_and(|value| !value.is_empty()))
    };
    let used: Vec<_> = (0..COLUMNS.len()).filter(|column| is_used(*column)).collect();
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = COLUMNS.map(str::to_owned);
    for row in std::iter::once(&header).chain(&rows) {
        let values = used.iter().filter_map(|column| row.get(*column));
        // Nothing fails in memory, and each row has as many columns as the first.
        let _ = writer.write_record(values);
    }
    exported.text =
        writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    exported
}

/// The values of a name, in the order of the columns.
fn row(named: &Named, exported: &mut Exported) -> [String; COLUMNS.len()] {
    let Named { entry, says } = named;
    let further = further(entry, says);
    let values = |name: &str| {
        let values = entry.properties.iter().filter(|property| property.is(name));
        values.map(|property| property.value.as_str()).collect::<Vec<_>>().join("|")
    };
    let row = COLUMNS.map(|column| match column {
        "name" => entry.name.clone(),
        "uri" => entry.uri.clone(),
        "description" => entry.description.clone(),
        "aliases" => entry.aliases.join("|"),
        "language" | "geography" | "category" => values(column),
        _ => further
            .iter()
            .find(|(name, _)| *name == column)
            .map(|(_, value)| value.clone())
            .unwrap_or_default(),
    });
    tell_lost(named, &row, exported);
    row
}

/// Reads a row again as files are read, and tells what it then lacks.
fn tell_lost(named: &Named, row: &[String; COLUMNS.len()], exported: &mut Exported) {
    let mut read = Row::default();
    for (column, value) in COLUMNS.iter().zip(row) {
        if let Some(column) = Column::of(column) {
            read.set_text(column, value);
        }
    }
    let read = read.unchecked();
    if read.aliases != named.entry.aliases {
        exported.tell(&named.entry, "an alias holds |, which parts aliases in files");
    }
    for property in &named.entry.properties {
        if !read.properties.contains(property) {
            let Property { name, kind, value } = property;
            exported
                .tell(&named.entry, &format!("{name} ({kind}) \"{}\" is not carried as such", shown(value)));
        }
    }
}

impl Exported {
    pub(super) fn tell(&mut self, entry: &Entry, what: &str) {
        self.remarks.push(Remark::new(0, format!("{}: {what}", shown(&entry.name))));
    }
}
