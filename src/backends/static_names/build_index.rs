//! Building an index file from names files: what `cnrp index build` does.

use std::{
    fs::{self, File},
    io::{self, Seek},
    ops::ControlFlow,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use super::{
    Allowed, Ignored, MOST_PROBLEMS, Says, Statement,
    files::stamp,
    reading::{self, problem},
};
use crate::{
    config::Problem,
    names::{Entry, IndexWriter, Summary},
};

/// Rows between two reports of progress.
const BETWEEN: u64 = 10_000;

/// How far a build has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Entries read so far, and bytes of how many altogether.
    Reading { entries: u64, bytes: u64, of: u64 },
    /// All are read, and their keys are being sorted.
    Sorting { entries: u64 },
}

/// What became of the rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildReport {
    pub summary: Summary,
    pub malformed: Malformed,
    /// Unknown columns of the files.
    pub ignored: Vec<Ignored>,
}

/// Rows that are no names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Malformed {
    pub count: u64,
    /// The first of them.
    pub shown: Vec<Problem>,
}

/// Why there is no index.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A file that can't be read, or not as a whole.
    #[error("{0}")]
    File(Problem),
    /// There are malformed rows, and none were to be left out.
    #[error("{} malformed rows; without --strict they are left out", .0.count)]
    Malformed(Malformed),
    /// The index would take the place of names that it is built of.
    #[error("{}: is one of the files to be read; expected another --output; nothing was changed", .0.display())]
    OverInput(PathBuf),
    #[error("{}: another program is building this index", .0.display())]
    UnderWay(PathBuf),
    #[error("{}: can't be written: {error}; nothing was changed", .path.display())]
    Output { path: PathBuf, error: io::Error },
}

/// Builds the index at `output` of these files, in this order, best known names first. Rows that
/// are no names are left out; if `strict`, there is no index then.
///
/// # Errors
/// Why there is none; an index that was there before is then as it was.
pub fn build_index(
    files: &[PathBuf],
    output: &Path,
    strict: bool,
    progress: &mut dyn FnMut(Progress),
) -> Result<BuildReport, BuildError> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::WouldBlock => BuildError::UnderWay(output.to_owned()),
        _ => BuildError::Output { path: output.to_owned(), error },
    };
    if let Some(input) = written_over(files, output) {
        return Err(BuildError::OverInput(input.to_owned()));
    }
    let of = files.iter().filter_map(|path| stamp(path)).map(|(_, length, _)| length).sum();
    let writer = IndexWriter::create(output).map_err(failed)?;
    let (malformed, ignored) = (Malformed::default(), Vec::new());
    let mut build = Build { writer, entries: 0, bytes: 0, of, malformed, ignored, progress };
    for path in files {
        build.read(path).map_err(|stopped| match stopped {
            Stopped::File(problem) => BuildError::File(problem),
            Stopped::Output(error) => failed(error),
        })?;
    }
    if strict && build.malformed.count > 0 {
        return Err(BuildError::Malformed(build.malformed));
    }
    (build.progress)(Progress::Sorting { entries: build.entries });
    let summary = build.writer.finish().map_err(failed)?;
    Ok(BuildReport { summary, malformed: build.malformed, ignored: build.ignored })
}

/// The file to be read that a build would write over, by whatever path.
fn written_over<'a>(files: &'a [PathBuf], output: &Path) -> Option<&'a PathBuf> {
    let file = |path: &Path| fs::metadata(path).ok().map(|there| (there.dev(), there.ino()));
    let written: Vec<_> = IndexWriter::places(output).iter().filter_map(|path| file(path)).collect();
    files.iter().find(|input| file(input).is_some_and(|input| written.contains(&input)))
}

/// A build under way.
struct Build<'a> {
    writer: IndexWriter,
    entries: u64,
    /// Bytes of the files that are read through.
    bytes: u64,
    of: u64,
    malformed: Malformed,
    ignored: Vec<Ignored>,
    progress: &'a mut dyn FnMut(Progress),
}

/// Why reading stopped.
enum Stopped {
    File(Problem),
    Output(io::Error),
}

impl Build<'_> {
    fn read(&mut self, path: &Path) -> Result<(), Stopped> {
        let whole = |message: &str| Stopped::File(problem(path, 0, "", message));
        let before = stamp(path);
        let unreadable = |error: io::Error| whole(&format!("can't be read: {error}; expected a names file"));
        let file = File::open(path).map_err(unreadable)?;
        // Its position is that of the file, which is shared.
        let mut position = file.try_clone().map_err(unreadable)?;
        let mut failed = None;
        let read = reading::read(path, file, u64::MAX, &Allowed::new(), &mut |row| {
            match row.and_then(entry_of) {
                Ok(entry) => {
                    if let Err(error) = self.writer.add(&entry) {
                        failed = Some(error);
                        return ControlFlow::Break(());
                    }
                    self.entries += 1;
                }
                Err(problem) => self.malformed.add(problem),
            }
            if (self.entries + self.malformed.count).is_multiple_of(BETWEEN) {
                let bytes = self.bytes + position.stream_position().unwrap_or_default();
                (self.progress)(Progress::Reading { entries: self.entries, bytes, of: self.of });
            }
            ControlFlow::Continue(())
        });
        if let Some(error) = failed {
            return Err(Stopped::Output(error));
        }
        self.ignored.extend(read.map_err(Stopped::File)?);
        if stamp(path) != before {
            return Err(whole("was changed while it was read; build again when it is complete"));
        }
        self.bytes += before.map_or(0, |(_, length, _)| length);
        Ok(())
    }
}

/// The entry of a row. An index has no layers, so nothing in it follows, hides or denies another.
fn entry_of(statement: Statement) -> Result<Entry, Problem> {
    match statement.says {
        Says::Leads => Ok(statement.entry),
        Says::AliasOf(_) | Says::Hidden | Says::Denied => {
            let message = "alias_of, disabled and deny are for names files that a backend reads; \
                           expected an entry with an uri";
            Err(statement.place.problem("", message.to_owned()))
        }
    }
}

impl Malformed {
    fn add(&mut self, problem: Problem) {
        self.count += 1;
        if self.shown.len() < MOST_PROBLEMS {
            self.shown.push(problem);
        }
    }
}

#[cfg(test)]
mod tests;
