//! Reading names files row by row, so that a file of any length takes little memory: CSV and JSON
//! lines as they come, YAML whole. A row that is wrong is told of, and reading goes on after it.

mod lines;

use std::{
    cell::Cell,
    collections::BTreeSet,
    io::{self, BufRead, BufReader, Read},
    ops::ControlFlow,
    path::Path,
    rc::Rc,
    sync::Arc,
};

use serde_saphyr::Spanned;

use self::lines::OneLineEnd;
use super::{
    Allowed, Ignored, Place, Statement,
    rows::{Column, Row},
};
use crate::config::Problem;

/// Longest row, in bytes. A quote that is left open makes one row of all that follows.
const LONGEST_ROW: u64 = 16 << 20;

/// Largest YAML file, in bytes: it is read whole, and takes many times its length meanwhile.
const LARGEST_YAML: u64 = 64 << 20;

/// Most unknown columns that are named.
const MOST_UNKNOWN: usize = 10;

/// What is done with a row, or with what is wrong with it.
pub(super) type Sink<'a> = &'a mut dyn FnMut(Result<Statement, Problem>) -> ControlFlow<()>;

/// Reads a file of names; the ending of `path` says in which format. At most `largest` bytes are
/// read, unpacked. Gives what was ignored; what is wrong with the file as a whole is the error.
pub(super) fn read(
    path: &Path,
    bytes: impl Read,
    largest: u64,
    allowed: &Allowed,
    sink: Sink<'_>,
) -> Result<Option<Ignored>, Problem> {
    let name = path.to_string_lossy().to_ascii_lowercase();
    let plain = name.strip_suffix(".gz");
    let bytes: Box<dyn Read + '_> = match plain {
        Some(_) => Box::new(flate2::bufread::MultiGzDecoder::new(BufReader::new(bytes))),
        None => Box::new(bytes),
    };
    let row_left = Rc::new(Cell::new(LONGEST_ROW));
    let rationed = Rationed { bytes, most: largest, left: largest, row_left: Rc::clone(&row_left) };
    let is_packed = plain.is_some();
    let file = Arc::from(path);
    let mut reading =
        Reading { path, file, is_packed, allowed, sink, row_left, unknown: BTreeSet::new(), line: 0 };
    let mut bytes = BufReader::with_capacity(1 << 16, rationed);
    reading.skip_mark(&mut bytes)?;
    match Path::new(plain.unwrap_or(&name)).extension().and_then(|ending| ending.to_str()) {
        Some("yaml" | "yml") => reading.yaml(bytes)?,
        Some("json" | "jsonl" | "ndjson") => reading.json(bytes)?,
        _ => reading.csv(bytes)?,
    }
    Ok(reading.ignored())
}

/// A mistake at a line, or in the file as a whole (0).
pub(super) fn problem(path: &Path, line: u64, key: &str, message: &str) -> Problem {
    let line = usize::try_from(line).unwrap_or(usize::MAX);
    let column = usize::from(line > 0);
    Problem { file: path.to_owned(), line, column, key: key.to_owned(), message: message.to_owned() }
}

/// Bytes of which only so many are given, altogether and for each row.
struct Rationed<R> {
    bytes: R,
    most: u64,
    left: u64,
    row_left: Rc<Cell<u64>>,
}

impl<R: Read> Read for Rationed<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.bytes.read(into)?;
        let too_much = |what: String| io::Error::new(io::ErrorKind::FileTooLarge, what);
        let used = |left: u64| left.checked_sub(read as u64);
        self.left =
            used(self.left).ok_or_else(|| too_much(format!("is larger than {} GiB", self.most >> 30)))?;
        let left = used(self.row_left.get());
        self.row_left
            .set(left.ok_or_else(|| too_much("has a row of over 16 MiB; is a quote left open?".to_owned()))?);
        Ok(read)
    }
}

/// A file being read.
struct Reading<'a> {
    path: &'a Path,
    /// The same, for the statements.
    file: Arc<Path>,
    is_packed: bool,
    allowed: &'a Allowed,
    sink: Sink<'a>,
    row_left: Rc<Cell<u64>>,
    unknown: BTreeSet<String>,
    /// Where the row begins that is being read.
    line: u64,
}

impl Reading<'_> {
    /// Passes over the byte order mark that some programs begin a file with.
    fn skip_mark(&self, bytes: &mut impl BufRead) -> Result<(), Problem> {
        let start = bytes.fill_buf().map_err(|error| self.unreadable(&error))?;
        let mark = if start.starts_with("\u{feff}".as_bytes()) { 3 } else { 0 };
        bytes.consume(mark);
        Ok(())
    }

    fn csv(&mut self, bytes: impl Read) -> Result<(), Problem> {
        let (bytes, lines) = OneLineEnd::of(bytes);
        let mut reader = csv::ReaderBuilder::new().flexible(false).from_reader(bytes);
        let headings = reader.headers().cloned();
        self.line = lines.borrow_mut().row_from(1);
        let columns = self.columns(&headings.map_err(|error| self.csv_mistake(&error))?)?;
        let mut record = csv::ByteRecord::new();
        loop {
            self.row_left.set(LONGEST_ROW);
            let from = reader.position().line();
            let read = reader.read_byte_record(&mut record);
            self.line = lines.borrow_mut().row_from(from);
            let flow = match read {
                Ok(false) => return Ok(()),
                Ok(true) => self.csv_row(&columns, &record),
                Err(error) if error.is_io_error() => return Err(self.csv_mistake(&error)),
                Err(error) => {
                    let problem = self.csv_mistake(&error);
                    (self.sink)(Err(problem))
                }
            };
            if flow.is_break() {
                return Ok(());
            }
        }
    }

    fn csv_row(&mut self, columns: &[Option<Column>], record: &csv::ByteRecord) -> ControlFlow<()> {
        let values: Result<Vec<_>, _> = record.iter().map(std::str::from_utf8).collect();
        let Ok(values) = values else { return self.wrong("", NOT_UTF8) };
        let mut row = Row::default();
        for (column, value) in columns.iter().zip(values) {
            if let Some(column) = column {
                row.set_text(*column, value);
            }
        }
        self.take(row)
    }

    /// What each column means.
    fn columns(&mut self, headings: &csv::StringRecord) -> Result<Vec<Option<Column>>, Problem> {
        let columns: Vec<_> = headings.iter().map(Column::in_csv).collect();
        let unknown = headings
            .iter()
            .zip(&columns)
            .filter(|(heading, column)| column.is_none() && !heading.trim().is_empty());
        self.unknown.extend(unknown.map(|(heading, _)| heading.trim().to_owned()).take(MOST_UNKNOWN));
        let leads_nowhere = [Column::AliasOf, Column::Disabled, Column::Deny];
        let is_there = |wanted: &[Column]| columns.iter().flatten().any(|column| wanted.contains(column));
        for (is_missing, name) in [
            (!is_there(&[Column::Name]), "name"),
            (!is_there(&[Column::Uri]) && !is_there(&leads_nowhere), "uri"),
        ] {
            if is_missing {
                let message = "is no column; expected a header such as name,uri,description,aliases";
                return Err(problem(self.path, self.line, name, message));
            }
        }
        Ok(columns)
    }

    fn json(&mut self, mut bytes: impl BufRead) -> Result<(), Problem> {
        let start = bytes.fill_buf().map_err(|error| self.unreadable(&error))?;
        if start.trim_ascii_start().starts_with(b"[") {
            // A JSON array is YAML as well.
            return self.yaml(bytes);
        }
        let mut line = Vec::new();
        loop {
            self.row_left.set(LONGEST_ROW);
            self.line += 1;
            line.clear();
            if bytes.read_until(b'\n', &mut line).map_err(|error| self.unreadable(&error))? == 0 {
                return Ok(());
            }
            if line.trim_ascii().is_empty() {
                continue;
            }
            let flow = match std::str::from_utf8(&line).map(serde_json::from_str::<Row>) {
                Ok(Ok(row)) => self.take(row),
                Ok(Err(error)) if error.is_data() => self.wrong("", &json_mistake(&error)),
                Ok(Err(error)) => {
                    self.wrong("", &format!("{}; expected a JSON object", json_mistake(&error)))
                }
                Err(_) => self.wrong("", NOT_UTF8),
            };
            if flow.is_break() {
                return Ok(());
            }
        }
    }

    fn yaml(&mut self, bytes: impl Read) -> Result<(), Problem> {
        self.row_left.set(LARGEST_YAML);
        let mut text = Vec::new();
        let read =
            bytes.take(LARGEST_YAML + 1).read_to_end(&mut text).map_err(|error| self.unreadable(&error))?;
        if read as u64 > LARGEST_YAML {
            return Err(problem(self.path, 0, "", "is YAML of over 64 MiB; expected CSV or JSON lines"));
        }
        let text = std::str::from_utf8(&text).map_err(|error| {
            let before = text.get(..error.valid_up_to()).unwrap_or_default();
            problem(self.path, 1 + before.iter().filter(|byte| **byte == b'\n').count() as u64, "", NOT_UTF8)
        })?;
        // YAML 1.2 booleans, so that NO is Norway.
        let options = serde_saphyr::options! { strict_booleans: true, budget: None, with_snippet: false };
        let rows = serde_saphyr::from_str_with_options::<Vec<Spanned<Row>>>(text, options);
        let rows = rows.map_err(|error| {
            let line = error.location().map_or(0, |location| location.line());
            problem(self.path, line, "", &format!("{error}; expected a list of names"))
        })?;
        for row in rows {
            self.line = row.referenced.line();
            if self.take(row.value).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn take(&mut self, mut row: Row) -> ControlFlow<()> {
        if self.unknown.len() < MOST_UNKNOWN {
            self.unknown.append(&mut row.unknown);
        }
        match row.checked(self.allowed) {
            Ok((entry, says)) => {
                let line = usize::try_from(self.line).unwrap_or(usize::MAX);
                let place = Place { file: Arc::clone(&self.file), line, column: 1 };
                (self.sink)(Ok(Statement { entry, says, place }))
            }
            Err((key, message)) => self.wrong(key, &message),
        }
    }

    fn wrong(&mut self, key: &str, message: &str) -> ControlFlow<()> {
        (self.sink)(Err(problem(self.path, self.line, key, message)))
    }

    fn unreadable(&self, error: &io::Error) -> Problem {
        let message = match error.kind() {
            io::ErrorKind::FileTooLarge => error.to_string(),
            _ if self.is_packed => format!("can't be unpacked: {error}; expected gzip"),
            _ => format!("can't be read: {error}; expected a names file"),
        };
        // A file that can't be read at all has no line.
        problem(self.path, self.line, "", &message)
    }

    /// The crate's own text repeats the place, which we give already.
    fn csv_mistake(&self, error: &csv::Error) -> Problem {
        let message = match error.kind() {
            csv::ErrorKind::Io(error) => return self.unreadable(error),
            csv::ErrorKind::Utf8 { .. } => NOT_UTF8.to_owned(),
            csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                format!("has {len} columns; expected {expected_len}, as in the header")
            }
            _ => error.to_string(),
        };
        problem(self.path, self.line, "", &message)
    }

    fn ignored(self) -> Option<Ignored> {
        let columns: Vec<_> = self.unknown.into_iter().take(MOST_UNKNOWN).collect();
        (!columns.is_empty()).then(|| Ignored { file: self.path.to_owned(), columns })
    }
}

/// What is wrong with a line of JSON, without the place, which is told as that in the file.
pub fn json_mistake(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&place).unwrap_or(&text).to_owned()
}

const NOT_UTF8: &str = "is not UTF-8; expected UTF-8";
