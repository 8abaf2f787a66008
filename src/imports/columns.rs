//! CSV with other headings than ours: what a column means is read off its heading, and what is
//! between values off the first line.

use super::{Gathered, Remark};
use crate::backends::static_names::{Allowed, Column, Row};

/// What others call our columns; compared without case, spaces and punctuation.
const HEADINGS: &[(&str, &[&str])] = &[
    (
        "name",
        &["title", "keyword", "short", "shortname", "shortcut", "shortlink", "label", "slug", "trigger"],
    ),
    (
        "uri",
        &[
            "link",
            "href",
            "target",
            "destination",
            "long",
            "longurl",
            "address",
            "website",
            "homepage",
            "redirect",
        ],
    ),
    ("description", &["desc", "summary", "comment", "comments"]),
    ("aliases", &["alias", "synonyms", "altnames", "alternatives", "alsoknownas"]),
    ("language", &["lang", "locale"]),
    ("geography", &["region", "location"]),
    ("category", &["categories", "tags", "folder", "group"]),
    ("owner", &["createdby", "author", "maintainer"]),
    ("note", &["notes", "remark", "remarks"]),
    ("valid_from", &["validfrom", "startdate", "starts"]),
    ("valid_until", &["validuntil", "enddate", "ends", "expires", "expiry", "expiresat"]),
    ("alias_of", &["aliasof"]),
];

/// What may be between values.
const DELIMITERS: [u8; 4] = *b",;\t|";

pub(super) fn read(text: &str, names: &mut Gathered) -> Result<(), Remark> {
    let first = text.lines().next().unwrap_or_default();
    let count = |delimiter: u8| first.bytes().filter(|byte| *byte == delimiter).count();
    let delimiter = DELIMITERS.into_iter().rev().max_by_key(|delimiter| count(*delimiter)).unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(text.as_bytes());
    let columns = columns(reader.headers().map_err(|error| Remark::new(1, error.to_string()))?, names)?;
    for record in reader.records() {
        match record {
            Ok(record) => take(&columns, &record, names),
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                names.remark(usize::try_from(line).unwrap_or_default(), wrong_with(&error));
            }
        }
    }
    Ok(())
}

/// The column that each heading means; of two that mean the same, the first.
fn columns(headings: &csv::StringRecord, names: &mut Gathered) -> Result<Vec<Option<Column>>, Remark> {
    let mut columns: Vec<Option<Column>> = Vec::new();
    for heading in headings {
        let column = meaning(heading).filter(|column| !columns.contains(&Some(*column)));
        if column.is_none() && !heading.trim().is_empty() {
            names.remark(1, format!("the column \"{}\" is not carried", super::shown(heading)));
        }
        columns.push(column);
    }
    for wanted in [Column::Name, Column::Uri] {
        if !columns.contains(&Some(wanted)) {
            let message =
                "no column is a name, or none an address; expected headings such as name,url or title;link";
            return Err(Remark::new(1, message));
        }
    }
    Ok(columns)
}

fn meaning(heading: &str) -> Option<Column> {
    Column::of(heading).or_else(|| {
        let letters = heading.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
        let known = HEADINGS.iter().find(|(_, others)| others.contains(&letters.as_str()));
        known.and_then(|(ours, _)| Column::of(ours))
    })
}

fn take(columns: &[Option<Column>], record: &csv::StringRecord, names: &mut Gathered) {
    let line = record.position().map_or(0, csv::Position::line);
    let line = usize::try_from(line).unwrap_or_default();
    let mut row = Row::default();
    for (column, value) in columns.iter().zip(record) {
        match column {
            // Others part aliases and tags by semicolons.
            Some(column @ (Column::Aliases | Column::Property(_))) if !value.contains('|') => {
                row.set_text(*column, &value.replace(';', "|"));
            }
            Some(column) => row.set_text(*column, value),
            None => {}
        }
    }
    match row.checked(&Allowed::new()) {
        Ok((entry, says)) => names.add(line, entry, says),
        Err((column, why)) => names.remark(line, format!("{column}: {why}")),
    }
}

fn wrong_with(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("has {len} columns; expected {expected_len}, as in the header")
        }
        _ => error.to_string(),
    }
}
