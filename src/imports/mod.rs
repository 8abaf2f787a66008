//! Names from other systems, and back: what they write is read into entries of ours, and entries
//! are written as CSV, as JSON lines, and for golink.
//!
//! What can't be carried is never dropped silently: every [`Remark`] says where it stood and why.

mod bangs;
mod bookmarks;
mod columns;
mod export;
mod golink;
mod hosts;
mod template;

use std::{collections::BTreeMap, fmt, path::Path, sync::Arc};

pub use export::{Exported, export, json_line};

use crate::{
    backends::static_names::{Allowed, Place, Says, Statement, conflicts, mistakes},
    names::Entry,
};

/// What is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The bangs of DuckDuckGo and Kagi: JSON.
    Bangs,
    /// An export of tailscale/golink: JSON lines.
    Golink,
    /// Bookmarks as browsers export them: the Netscape format.
    Bookmarks,
    /// CSV with whatever headings.
    Csv,
    /// A hosts file.
    Hosts,
}

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    Csv,
    JsonLines,
    Golink,
}

/// A name that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Named {
    pub entry: Entry,
    pub says: Says,
}

/// What came of a file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Imported {
    pub names: Vec<Named>,
    pub remarks: Vec<Remark>,
}

/// Something that was not carried, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// Counted from 1; 0 where it is about no line.
    pub line: usize,
    pub text: String,
}

impl Remark {
    fn new(line: usize, text: impl Into<String>) -> Self {
        Self { line, text: text.into() }
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "{}: ", self.line)?;
        }
        f.write_str(&self.text)
    }
}

/// Reads the bytes of a file. What is not UTF-8 in it is read as if it were, with a sign for each
/// mistake, as names of old browsers may hold it.
///
/// # Errors
/// The file as a whole is not of this format.
pub fn import(source: Source, bytes: &[u8]) -> Result<Imported, Remark> {
    let text = String::from_utf8_lossy(bytes);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut names = Gathered::default();
    if text.contains(char::REPLACEMENT_CHARACTER) && std::str::from_utf8(bytes).is_err() {
        names.remark(0, "is not UTF-8 throughout; what is not is carried as \u{fffd}");
    }
    match source {
        Source::Bangs => bangs::read(text, &mut names)?,
        Source::Golink => golink::read(text, &mut names),
        Source::Bookmarks => bookmarks::read(text, &mut names)?,
        Source::Csv => columns::read(text, &mut names)?,
        Source::Hosts => hosts::read(text, &mut names),
    }
    Ok(names.imported())
}

/// Names as they are gathered.
#[derive(Default)]
struct Gathered {
    imported: Imported,
    /// Where each name stood.
    lines: Vec<usize>,
    /// What has no place with us, by the word for it there, and how often.
    uncarried: BTreeMap<String, usize>,
}

impl Gathered {
    /// Takes a name, if our own files could hold it.
    fn add(&mut self, line: usize, mut entry: Entry, says: Says) {
        for name in std::iter::once(&mut entry.name).chain(&mut entry.aliases) {
            *name = name.trim().to_owned();
        }
        match mistakes(&entry, &says, &Allowed::new()).into_iter().next() {
            None => {
                self.imported.names.push(Named { entry, says });
                self.lines.push(line);
            }
            Some((column, why)) => self.remark(line, told(&[&shown(&entry.name), column, &why])),
        }
    }

    /// Takes out the aliases for which a gateway would refuse all the names: those that lead to what was not
    /// carried, or in a circle.
    fn without_loose_aliases(&mut self) {
        let file: Arc<Path> = Path::new("").into();
        let statement = |(named, line): (&Named, &usize)| {
            let Named { entry, says } = named.clone();
            Statement { entry, says, place: Place { file: Arc::clone(&file), line: *line, column: 1 } }
        };
        let statements = self.imported.names.iter().zip(&self.lines).map(statement).collect();
        let loose = conflicts(statements).0;
        let mut loose: BTreeMap<_, _> = loose.into_iter().map(|wrong| (wrong.line, wrong)).collect();
        let names = std::mem::take(&mut self.imported.names);
        for (named, line) in names.into_iter().zip(std::mem::take(&mut self.lines)) {
            match loose.remove(&line) {
                None => {
                    self.imported.names.push(named);
                    self.lines.push(line);
                }
                Some(wrong) => {
                    self.remark(line, told(&[&shown(&named.entry.name), &wrong.key, &wrong.message]));
                }
            }
        }
    }

    fn remark(&mut self, line: usize, text: impl Into<String>) {
        self.imported.remarks.push(Remark::new(line, text));
    }

    /// Counts a value that has no place with us.
    fn uncarried(&mut self, what: &str) {
        *self.uncarried.entry(what.to_owned()).or_default() += 1;
    }

    fn imported(mut self) -> Imported {
        for (what, count) in std::mem::take(&mut self.uncarried) {
            let places = if count == 1 { "place" } else { "places" };
            self.remark(0, format!("{what}: not carried, in {count} {places}"));
        }
        self.imported.remarks.sort_by_key(|remark| (remark.line == 0, remark.line));
        self.imported
    }
}

/// Parts of a remark, the general first, of which some may be empty.
fn told(parts: &[&str]) -> String {
    let parts: Vec<_> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
    parts.join(": ")
}

/// As much of a text as helps to find it, on one line.
fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(80).collect()
}

#[cfg(test)]
mod tests;
