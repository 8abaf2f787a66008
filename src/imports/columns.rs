//! CSV with other headings than ours: what a column means is read off its heading, and what is
//! between values off the first line.

use super::{Gathered, Remark, told};
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
    // Blank lines before the headings are passed over, as the reader does.
    let (line, first) = (1..).zip(text.lines()).find(|(_, text)| !text.is_empty()).unwrap_or((1, ""));
    let count = |delimiter: u8| first.bytes().filter(|byte| *byte == delimiter).count();
    let delimiter = DELIMITERS.into_iter().rev().max_by_key(|delimiter| count(*delimiter)).unwrap_or(b',');
    // The reader counts lines right where they end in one character.
    let text = text.replace("\r\n", "\n");
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(text.as_bytes());
    let found = reader.headers().map_err(|error| Remark::new(line, error.to_string()))?;
    let columns = headings(found, line, names)?;
    let is_blank: Vec<bool> = text.split('\n').map(str::is_empty).collect();
    let mut record = csv::StringRecord::new();
    loop {
        // Blank lines before the row are passed over.
        let passed = usize::try_from(reader.position().line()).unwrap_or_default().saturating_sub(1);
        let blank = is_blank.iter().skip(passed).take_while(|is_blank| **is_blank).count();
        let line = passed + blank + 1;
        match reader.read_record(&mut record) {
            Ok(false) => return Ok(()),
            Ok(true) => take(&columns, &record, line, names),
            Err(error) => names.remark(line, wrong_with(&error)),
        }
    }
}

/// What a column is, and whether it is called as ours.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Heading {
    column: Column,
    is_ours: bool,
}

/// What each heading of the line means; of two that mean the same, the first, unless both may hold values.
fn headings(
    headings: &csv::StringRecord,
    line: usize,
    names: &mut Gathered,
) -> Result<Vec<Option<Heading>>, Remark> {
    let mut columns: Vec<Option<Heading>> = Vec::new();
    for heading in headings {
        let is_new = |column: Column| {
            matches!(column, Column::Property(_))
                || columns.iter().flatten().all(|known| known.column != column)
        };
        let column = meaning(heading).filter(|heading| is_new(heading.column));
        if column.is_none() && !heading.trim().is_empty() {
            names.remark(line, format!("the column \"{}\" is not carried", super::shown(heading)));
        }
        columns.push(column);
    }
    for wanted in [Column::Name, Column::Uri] {
        if !columns.iter().flatten().any(|heading| heading.column == wanted) {
            let message =
                "no column is a name, or none an address; expected headings such as name,url or title;link";
            return Err(Remark::new(line, message));
        }
    }
    Ok(columns)
}

fn meaning(heading: &str) -> Option<Heading> {
    let ours = Column::in_csv(heading).map(|column| Heading { column, is_ours: true });
    ours.or_else(|| {
        let letters = heading.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
        let known = HEADINGS.iter().find(|(_, others)| others.contains(&letters.as_str()));
        known.and_then(|(name, _)| Some(Heading { column: Column::of(name)?, is_ours: false }))
    })
}

/// What others part values by.
fn parted(heading: Heading, value: &str) -> String {
    match heading {
        Heading { is_ours: true, .. } => value.to_owned(),
        _ if value.contains('|') => value.to_owned(),
        Heading { column: Column::Aliases, .. } => value.replace(';', "|"),
        Heading { column: Column::Property(_), .. } => value.replace([';', ','], "|"),
        _ => value.to_owned(),
    }
}

fn take(headings: &[Option<Heading>], record: &csv::StringRecord, line: usize, names: &mut Gathered) {
    let mut row = Row::default();
    for (heading, value) in headings.iter().zip(record) {
        if let Some(heading) = heading {
            row.set_text(heading.column, &parted(*heading, value));
        }
    }
    match row.checked(&Allowed::new()) {
        Ok((entry, says)) => names.add(line, entry, says),
        Err((column, why)) => names.remark(line, told(&[column, &why])),
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
