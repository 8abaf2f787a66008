//! Names files: where they are, whether they have changed, and how each format is read.

use std::{
    collections::BTreeSet,
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
    time::SystemTime,
};

use serde_saphyr::Spanned;

use super::{
    Allowed, bounded,
    rows::{Column, Row},
};
use crate::{
    config::{Problem, Problems, values::Values},
    names::Entry,
};

/// What the program brings along, by the name that options have for it.
const BUILT_IN: &[(&str, &[u8])] =
    &[("builtin:starter", include_bytes!("../../../config/starter/names.csv"))];

/// Largest file read, unpacked, in bytes: far above any real map, and below what a machine has.
const LARGEST: u64 = 1 << 30;

/// A file of names.
pub(super) struct NamesFile {
    path: PathBuf,
    built_in: Option<&'static [u8]>,
}

/// What shows that a file is another than before: an edit in place changes time or length, a
/// rename or a swapped symbolic link the inode. `None` while there is no file.
pub(super) type Stamp = Option<(SystemTime, u64, u64)>;

impl NamesFile {
    /// The file that the options name, relative to the folder of the configuration.
    pub(super) fn new(named: &Path, folder: &Path) -> Self {
        let built_in = BUILT_IN.iter().find(|(name, _)| Path::new(name) == named).map(|(_, bytes)| *bytes);
        let path = if built_in.is_some() { named.to_owned() } else { folder.join(named) };
        Self { path, built_in }
    }

    /// What the file looks like now. Taken before it is read, so that a change meanwhile shows.
    pub(super) fn stamp(&self) -> Stamp {
        if self.built_in.is_some() {
            return None;
        }
        let metadata = fs::metadata(&self.path).ok()?;
        Some((metadata.modified().ok()?, metadata.len(), inode(&metadata)))
    }

    /// The entries in it.
    pub(super) fn entries(&self, allowed: &Allowed) -> Result<Vec<Entry>, Problems> {
        if let Some(bytes) = self.built_in {
            return entries(Path::new("starter.csv"), bytes, allowed);
        }
        entries(&self.path, &self.bytes()?, allowed)
    }

    fn bytes(&self) -> Result<Vec<u8>, Problems> {
        let unreadable = |error: io::Error| {
            one(&self.path, 0, "", &format!("can't be read: {error}; expected a names file"))
        };
        let mut bytes = Vec::new();
        let file = fs::File::open(&self.path).map_err(unreadable)?;
        file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        if bytes.len() as u64 > LARGEST {
            return Err(one(&self.path, 0, "", "is larger than 1 GiB"));
        }
        Ok(bytes)
    }
}

#[cfg(unix)]
fn inode(metadata: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_metadata: &fs::Metadata) -> u64 {
    0
}

/// Reads a file's bytes; the ending of its name says in which format.
pub(super) fn entries(path: &Path, bytes: &[u8], allowed: &Allowed) -> Result<Vec<Entry>, Problems> {
    let name = path.to_string_lossy().to_ascii_lowercase();
    let unpacked = match name.strip_suffix(".gz") {
        Some(_) => Some(unpack(path, bytes)?),
        None => None,
    };
    let bytes = unpacked.as_deref().unwrap_or(bytes);
    let text =
        std::str::from_utf8(bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes)).map_err(|error| {
            one(path, line_at(bytes, error.valid_up_to()), "", "is not UTF-8; expected UTF-8")
        })?;
    let format =
        Path::new(name.strip_suffix(".gz").unwrap_or(&name)).extension().and_then(|ending| ending.to_str());
    let mut reading = Reading {
        path,
        allowed,
        entries: Vec::new(),
        problems: Problems::default(),
        unknown: BTreeSet::new(),
    };
    match format {
        Some("yaml" | "yml") => reading.yaml(text),
        Some("json" | "jsonl" | "ndjson") if !text.trim_start().starts_with('[') => reading.json_lines(text),
        // A JSON array is YAML as well.
        Some("json" | "jsonl" | "ndjson") => reading.yaml(text),
        _ => reading.csv(text),
    }
    reading.finish()
}

fn unpack(path: &Path, bytes: &[u8]) -> Result<Vec<u8>, Problems> {
    let mut unpacked = Vec::new();
    let mut reader = flate2::read::MultiGzDecoder::new(bytes).take(LARGEST + 1);
    let wrong = |message: &str| Err(one(path, 0, "", message));
    match reader.read_to_end(&mut unpacked) {
        Err(error) => wrong(&format!("can't be unpacked: {error}; expected gzip")),
        Ok(_) if reader.limit() == 0 => wrong("is larger than 1 GiB unpacked"),
        Ok(_) => Ok(unpacked),
    }
}

fn line_at(bytes: &[u8], at: usize) -> usize {
    1 + bytes.iter().take(at).filter(|byte| **byte == b'\n').count()
}

fn one(path: &Path, line: usize, key: &str, message: &str) -> Problems {
    Problems(vec![problem(path, line, key, message)])
}

fn problem(path: &Path, line: usize, key: &str, message: &str) -> Problem {
    let column = usize::from(line > 0);
    Problem { file: path.to_owned(), line, column, key: key.to_owned(), message: message.to_owned() }
}

/// A file being read.
struct Reading<'a> {
    path: &'a Path,
    allowed: &'a Allowed,
    entries: Vec<Entry>,
    problems: Problems,
    unknown: BTreeSet<String>,
}

impl Reading<'_> {
    fn csv(&mut self, text: &str) {
        let mut reader = csv::ReaderBuilder::new().flexible(false).from_reader(text.as_bytes());
        let columns: Vec<Option<Column>> = match reader.headers() {
            Err(error) => return self.wrong(1, "", &error.to_string()),
            Ok(headers) => {
                let read = headers.iter().map(|heading| (heading, Column::of(heading)));
                let columns: Vec<_> = read.clone().map(|(_, column)| column).collect();
                let unknown = read.filter(|(heading, column)| column.is_none() && !heading.trim().is_empty());
                self.unknown.extend(unknown.map(|(heading, _)| heading.trim().to_owned()));
                columns
            }
        };
        for (wanted, name) in [(Column::Name, "name"), (Column::Uri, "uri")] {
            if !columns.contains(&Some(wanted)) {
                self.wrong(1, name, "is no column; expected a header such as name,uri,description,aliases");
            }
        }
        if !self.problems.0.is_empty() {
            return;
        }
        for record in reader.records() {
            match record {
                Err(error) => {
                    let line = error.position().map_or(0, csv::Position::line);
                    self.wrong(usize::try_from(line).unwrap_or(0), "", &csv_mistake(&error));
                }
                Ok(record) => {
                    let line = record.position().map_or(0, csv::Position::line);
                    let mut row = Row::default();
                    for (column, value) in columns.iter().zip(&record) {
                        if let Some(column) = column {
                            row.set(*column, Values::plain(value));
                        }
                    }
                    self.take(row, usize::try_from(line).unwrap_or(0));
                }
            }
        }
    }

    fn json_lines(&mut self, text: &str) {
        for (line, text) in (1..).zip(text.lines()).filter(|(_, text)| !text.trim().is_empty()) {
            match serde_json::from_str::<Row>(text) {
                Ok(row) => self.take(row, line),
                Err(error) if error.is_data() => self.wrong(line, "", &error.to_string()),
                Err(error) => self.wrong(line, "", &format!("{error}; expected a JSON object")),
            }
        }
    }

    fn yaml(&mut self, text: &str) {
        // YAML 1.2 booleans, so that NO is Norway.
        let options = serde_saphyr::options! { strict_booleans: true, budget: None, with_snippet: false };
        match serde_saphyr::from_str_with_options::<Vec<Spanned<Row>>>(text, options) {
            Ok(rows) => {
                for row in rows {
                    self.take(row.value, usize::try_from(row.referenced.line()).unwrap_or(0));
                }
            }
            Err(error) => {
                let line = error.location().map_or(0, |location| location.line());
                self.wrong(
                    usize::try_from(line).unwrap_or(0),
                    "",
                    &format!("{error}; expected a list of names"),
                );
            }
        }
    }

    fn take(&mut self, mut row: Row, line: usize) {
        self.unknown.append(&mut row.unknown);
        match row.checked(self.allowed) {
            Ok(entry) => self.entries.push(entry),
            Err((key, message)) => self.wrong(line, key, &message),
        }
    }

    fn wrong(&mut self, line: usize, key: &str, message: &str) {
        self.problems.0.push(problem(self.path, line, key, message));
    }

    fn finish(self) -> Result<Vec<Entry>, Problems> {
        if !self.unknown.is_empty() {
            let columns = self.unknown.into_iter().take(10).collect::<Vec<_>>().join(", ");
            tracing::warn!(file = %self.path.display(), columns, "unknown columns are ignored");
        }
        if self.problems.0.is_empty() { Ok(self.entries) } else { Err(bounded(self.problems)) }
    }
}

/// The crate's own text repeats the place, which we give already.
fn csv_mistake(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("has {len} columns; expected {expected_len}, as in the header")
        }
        _ => error.to_string(),
    }
}
