//! Rows of a names file, whatever its format: what each column means, and what is wrong with it.

use std::{collections::BTreeSet, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};

use super::{Allowed, Says};
use crate::{
    config::values::{Properties, Values},
    model::{CommonName, ResourceUrl, Vouched, is_unsafe_scheme},
    names::{Entry, Moment, parameters},
};

/// Longest entry, in bytes of all its texts: a longer one is a mistake in the file.
const LONGEST: usize = 64 << 10;

/// A column of a names file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    Name,
    Uri,
    Description,
    Aliases,
    Property(&'static str),
    /// A mapping of any properties; YAML and JSON alone can hold one.
    Properties,
    Plain,
    ValidFrom,
    ValidUntil,
    Owner,
    Note,
    AliasOf,
    Disabled,
    Deny,
}

impl Column {
    /// Reads a heading of CSV, which can't hold a mapping.
    pub fn in_csv(heading: &str) -> Option<Self> {
        Self::of(heading).filter(|column| *column != Self::Properties)
    }

    /// Reads a heading; `None` for a column that means nothing here.
    pub fn of(heading: &str) -> Option<Self> {
        Some(match heading.trim().to_ascii_lowercase().as_str() {
            "name" => Self::Name,
            "uri" | "url" => Self::Uri,
            "description" => Self::Description,
            "aliases" => Self::Aliases,
            "language" => Self::Property("language"),
            "geography" | "country" => Self::Property("geography"),
            "category" => Self::Property("category"),
            "properties" => Self::Properties,
            "plain" => Self::Plain,
            "valid_from" => Self::ValidFrom,
            "valid_until" => Self::ValidUntil,
            "owner" => Self::Owner,
            "note" => Self::Note,
            "alias_of" => Self::AliasOf,
            "disabled" => Self::Disabled,
            "deny" => Self::Deny,
            _ => return None,
        })
    }
}

/// One row, not yet checked.
#[derive(Debug, Default)]
pub struct Row {
    entry: Entry,
    alias_of: String,
    is_hidden: bool,
    is_denied: bool,
    /// The property that is wrong, and what is wrong with it.
    wrong: Option<(&'static str, String)>,
    /// Columns that mean nothing here.
    pub(super) unknown: BTreeSet<String>,
}

impl Row {
    /// Fills in one column with text, such as CSV has: of a property, several values with `|` between.
    pub fn set_text(&mut self, column: Column, text: &str) {
        match column {
            Column::Property(_) => text.split('|').for_each(|value| self.set(column, Values::plain(value))),
            _ => self.set(column, Values::plain(text)),
        }
    }

    /// Fills in one column.
    pub fn set(&mut self, column: Column, value: Values) {
        let text = |value: Values| value.texts().collect::<Vec<_>>().join(" ").trim().to_owned();
        let entry = &mut self.entry;
        match column {
            Column::Name => entry.name = text(value),
            Column::Uri => entry.uri = text(value),
            Column::Description => entry.description = text(value),
            Column::Aliases => {
                let texts: Vec<_> = value.texts().collect();
                let aliases = texts.iter().flat_map(|text| text.split('|')).map(str::trim);
                entry.aliases = aliases.filter(|alias| !alias.is_empty()).map(str::to_owned).collect();
            }
            Column::Property(name) => match value.named(name) {
                Ok(properties) => entry.properties.extend(properties),
                Err(message) => self.wrong = Some((name, message)),
            },
            Column::Properties => {}
            Column::Plain => entry.plain = text(value),
            Column::Owner => entry.owner = text(value),
            Column::Note => entry.note = text(value),
            Column::AliasOf => self.alias_of = text(value),
            Column::ValidFrom => self.entry.life.from = self.read("valid_from", value, Moment::beginning),
            Column::ValidUntil => self.entry.life.until = self.read("valid_until", value, Moment::end),
            Column::Disabled => self.is_hidden = self.read("disabled", value, truth).unwrap_or_default(),
            Column::Deny => self.is_denied = self.read("deny", value, truth).unwrap_or_default(),
        }
    }

    /// Reads a value that has a form of its own; nothing where it is blank or wrong.
    fn read<T>(
        &mut self,
        column: &'static str,
        value: Values,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let text = value.texts().next()?;
        read(text.trim()).map_err(|message| self.wrong = Some((column, message))).ok()
    }

    /// The entry that was filled in, whether or not it can be one.
    pub fn unchecked(self) -> Entry {
        self.entry
    }

    /// What it says; or the column that is wrong, and what is wrong with it.
    ///
    /// # Errors
    /// The column that is wrong, and what is wrong with it.
    pub fn checked(mut self, allowed: &Allowed) -> Result<(Entry, Says), (&'static str, String)> {
        self.wrong.take().map_or(Ok(()), Err)?;
        let says = if self.is_hidden {
            Says::Hidden
        } else if self.is_denied {
            Says::Denied
        } else if !self.alias_of.is_empty() {
            Says::AliasOf(self.alias_of)
        } else {
            Says::Leads
        };
        mistakes(&self.entry, &says, allowed).into_iter().next().map_or(Ok(()), Err)?;
        self.entry.properties.shrink_to_fit();
        Ok((self.entry, says))
    }
}

/// What is wrong with an entry, given what a statement says of it: the column, and why.
pub fn mistakes(entry: &Entry, says: &Says, allowed: &Allowed) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    if CommonName::new(&entry.name).is_none() {
        found.push(("name", "is empty; expected a common name".to_owned()));
    }
    if length(entry) > LONGEST {
        found.push(("", "is longer than 64 KiB; is a quote left open?".to_owned()));
        return found;
    }
    if let (Some(from), Some(until)) = (entry.life.from, entry.life.until)
        && until <= from
    {
        found.push(("valid_until", format!("{until} is not after valid_from, {from}")));
    }
    match says {
        Says::Leads => {
            found.extend(check_uri(&entry.uri, allowed).err().map(|message| ("uri", message)));
            found.extend(check_plain(entry, allowed).err().map(|message| ("plain", message)));
        }
        Says::AliasOf(_) if *entry != only_names(entry) => {
            let message =
                "an alias is what the entry that it follows is; expected nothing but names beside it";
            found.push(("alias_of", message.to_owned()));
        }
        Says::AliasOf(_) | Says::Hidden | Says::Denied => {}
    }
    found
}

/// What an alias may say: names, and what is for the operator alone.
fn only_names(entry: &Entry) -> Entry {
    let Entry { name, aliases, owner, note, .. } = entry.clone();
    Entry { name, aliases, owner, note, ..Entry::default() }
}

fn check_plain(entry: &Entry, allowed: &Allowed) -> Result<(), String> {
    if entry.plain.is_empty() {
        return Ok(());
    }
    if !parameters::takes_parameter(&entry.uri) {
        return Err("is for an uri with {rest} or {query}, and this one has neither".to_owned());
    }
    if parameters::takes_parameter(&entry.plain) {
        return Err("is where the name alone leads; expected no parameter in it".to_owned());
    }
    check_uri(&entry.plain, allowed)
}

fn truth(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "1" => Ok(true),
        "false" | "no" | "0" => Ok(false),
        _ => Err(format!("expected true or false, found \"{}\"", shown(text))),
    }
}

fn length(entry: &Entry) -> usize {
    let Entry { uri, plain, description, owner, note, .. } = entry;
    let texts = entry.names().chain([uri, plain, description, owner, note]);
    let values = entry.properties.iter().map(|property| &property.value);
    texts.chain(values).map(String::len).sum()
}

/// Whether a name may lead to this address: it is absolute and written as it is followed (R1), and its
/// scheme is safe or allowed (D28). Says otherwise what is wrong.
fn check_uri(uri: &str, allowed: &Allowed) -> Result<(), String> {
    let url = ResourceUrl::parse(uri, Vouched::ByOperator).ok_or_else(|| {
        format!("\"{}\" is no absolute URI; expected one such as https://www.example.com/", shown(uri))
    })?;
    let scheme = url.scheme();
    if is_unsafe_scheme(&scheme) && !allowed.contains(&scheme) {
        return Err(format!(
            "the scheme \"{scheme}\" can run code or read files where it is followed; \
             if that is wanted, add it to allow_schemes"
        ));
    }
    if parameters::takes_parameter(uri) { parameters::check(uri) } else { Ok(()) }
}

/// As much of a wrong value as helps to find it, on one line.
fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(80).collect()
}

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(RowVisitor)
    }
}

struct RowVisitor;

impl<'de> Visitor<'de> for RowVisitor {
    type Value = Row;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name, such as {name: Boeing, uri: \"https://www.boeing.com/\"}")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Row, A::Error> {
        let mut row = Row::default();
        while let Some(heading) = map.next_key::<String>()? {
            match Column::of(&heading) {
                Some(Column::Properties) => row.entry.properties.extend(map.next_value::<Properties>()?.0),
                Some(column) => row.set(column, map.next_value()?),
                None => {
                    map.next_value::<IgnoredAny>()?;
                    row.unknown.insert(heading);
                }
            }
        }
        Ok(row)
    }
}
