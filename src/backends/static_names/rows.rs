//! Rows of a names file, whatever its format: what each column means, and what is wrong with it.

use std::{collections::BTreeSet, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};

use super::Allowed;
use crate::{
    config::values::{Properties, Values},
    model::{CommonName, ResourceUrl, Vouched, is_unsafe_scheme},
    names::Entry,
};

/// Longest entry, in bytes of all its texts: a longer one is a mistake in the file.
const LONGEST: usize = 64 << 10;

/// A column of a names file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Name,
    Uri,
    Description,
    Aliases,
    Property(&'static str),
    /// A mapping of any properties; YAML and JSON alone can hold one.
    Properties,
}

impl Column {
    /// Reads a heading; `None` for a column that means nothing here.
    pub(super) fn of(heading: &str) -> Option<Self> {
        Some(match heading.trim().to_ascii_lowercase().as_str() {
            "name" => Self::Name,
            "uri" | "url" => Self::Uri,
            "description" => Self::Description,
            "aliases" => Self::Aliases,
            "language" => Self::Property("language"),
            "geography" | "country" => Self::Property("geography"),
            "category" => Self::Property("category"),
            "properties" => Self::Properties,
            _ => return None,
        })
    }
}

/// One row, not yet checked.
#[derive(Debug, Default)]
pub(super) struct Row {
    entry: Entry,
    /// The property that is wrong, and what is wrong with it.
    wrong: Option<(&'static str, String)>,
    /// Columns that mean nothing here.
    pub(super) unknown: BTreeSet<String>,
}

impl Row {
    /// Fills in one column.
    pub(super) fn set(&mut self, column: Column, value: Values) {
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
        }
    }

    /// The entry; or the column that is wrong, and what is wrong with it.
    pub(super) fn checked(mut self, allowed: &Allowed) -> Result<Entry, (&'static str, String)> {
        if CommonName::new(&self.entry.name).is_none() {
            return Err(("name", "is empty; expected a common name".to_owned()));
        }
        if length(&self.entry) > LONGEST {
            return Err(("", "is longer than 64 KiB; is a quote left open?".to_owned()));
        }
        check_uri(&self.entry.uri, allowed).map_err(|message| ("uri", message))?;
        self.wrong.map_or(Ok(()), Err)?;
        self.entry.properties.shrink_to_fit();
        Ok(self.entry)
    }
}

fn length(entry: &Entry) -> usize {
    let texts = entry.names().chain([&entry.uri, &entry.description]);
    let values = entry.properties.iter().map(|property| &property.value);
    texts.chain(values).map(String::len).sum()
}

/// Whether a name may lead to this address: it is absolute (R1), and its scheme is safe or allowed
/// (D28). Says otherwise what is wrong.
pub(super) fn check_uri(uri: &str, allowed: &Allowed) -> Result<(), String> {
    if ResourceUrl::parse(uri, Vouched::ByOperator).is_none() {
        return Err(format!(
            "\"{}\" is no absolute URI; expected one such as https://www.example.com/",
            shown(uri)
        ));
    }
    let scheme = uri.trim().split(':').next().unwrap_or_default().to_ascii_lowercase();
    if is_unsafe_scheme(&scheme) && !allowed.contains(&scheme) {
        return Err(format!(
            "the scheme \"{scheme}\" can run code or read files where it is followed; \
             if that is wanted, add it to allow_schemes"
        ));
    }
    Ok(())
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
