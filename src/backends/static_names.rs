//! The `static` backend: names that the operator wrote, in the configuration or in files, and
//! names by the million in an index that [`build_index()`] made of files.
//!
//! Files are looked at again every time [`Backend::upkeep`] is called, and a changed one is read
//! into a new index that takes the old one's place at once. A file that has become unreadable or
//! wrong is logged with its place, and what was read last stays in force.

mod build_index;
mod files;
mod index_file;
mod options;
mod reading;
mod rows;
mod suggest;

use std::{
    collections::HashSet,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use arc_swap::ArcSwap;

pub use self::build_index::{BuildError, BuildReport, Malformed, Progress, build_index};
use self::{
    files::{NamesFile, Stamp},
    index_file::IndexFile,
    options::StaticOptions,
};
use super::{Built, Setting};
use crate::{
    config::{Options, Problem, Problems},
    model::{
        Ask, Backend, BoxFuture, CommonName, Failure, Family, Hit, Likeness, NameQuery, Reason, Reply,
        Suggestion, Vouched,
    },
    names::{Entry, IndexError, Match, NameIndex},
};

/// Most mistakes told of one map: the first few show what is wrong with the rest.
const MOST_PROBLEMS: usize = 20;

/// Names from the configuration and from files.
struct StaticNames {
    /// The backend's own name, for the log.
    name: String,
    /// From the configuration itself, before the files' own.
    inline: Vec<Entry>,
    files: Vec<NamesFile>,
    allowed: Allowed,
    fuzzy: bool,
    /// Of the inline names and the files.
    index: ArcSwap<NameIndex>,
    index_file: Option<IndexFile>,
    /// What each file looked like when it was read, or last failed to be.
    stamps: Mutex<Vec<Stamp>>,
    /// How often the index or the index file was replaced.
    generation: AtomicU64,
}

/// Unsafe schemes that the operator allows all the same (D28), in lower case.
type Allowed = HashSet<String>;

/// Builds a backend from its options.
///
/// # Errors
/// Every mistake in the options, and in the files that they name.
pub(super) fn build(options: &Options, setting: &Setting<'_>) -> Built {
    let read: StaticOptions = options.read()?;
    let allowed = read.allowed();
    let inline = read.entries(options, &allowed)?;
    let files: Vec<_> = read.files.iter().map(|file| NamesFile::new(file, setting.folder)).collect();
    let stamps = files.iter().map(NamesFile::stamp).collect();
    let index = with_files(&inline, &files, &allowed).map_err(|problems| located(problems, options))?;
    let index_file = read.index.map(|named| open(&setting.folder.join(named), options)).transpose()?;
    Ok(Arc::new(StaticNames {
        name: setting.name.to_owned(),
        index: ArcSwap::from_pointee(index),
        index_file,
        stamps: Mutex::new(stamps),
        fuzzy: read.fuzzy,
        inline,
        files,
        allowed,
        generation: AtomicU64::default(),
    }))
}

fn open(path: &Path, options: &Options) -> Result<IndexFile, Problems> {
    IndexFile::open(path).map_err(|error| options.wrong("index", &format!("{} {error}", path.display())))
}

/// The JSON Schema of the options.
pub(super) fn schema() -> schemars::Schema {
    schemars::schema_for!(StaticOptions)
}

/// The map of a file's bytes alone, such as a CSV of 3,000 names; `name` is the file's, and its
/// ending says how it is read.
///
/// # Errors
/// Every row that is wrong, with its line.
pub fn from_file(name: &str, bytes: &[u8]) -> Result<Arc<dyn Backend>, Problems> {
    let path = Path::new(name);
    let index = indexed(&files::entries(path, bytes, &Allowed::new())?, path)?;
    Ok(Arc::new(StaticNames {
        name: name.to_owned(),
        inline: Vec::new(),
        files: Vec::new(),
        allowed: Allowed::new(),
        fuzzy: true,
        index: ArcSwap::from_pointee(index),
        index_file: None,
        stamps: Mutex::default(),
        generation: AtomicU64::default(),
    }))
}

/// The index of an operator's index file alone.
///
/// # Errors
/// What is wrong with the file.
pub fn from_index(path: &Path) -> Result<Arc<dyn Backend>, IndexError> {
    Ok(Arc::new(StaticNames {
        name: path.display().to_string(),
        inline: Vec::new(),
        files: Vec::new(),
        allowed: Allowed::new(),
        fuzzy: true,
        index: ArcSwap::from_pointee(NameIndex::build(&[])?),
        index_file: Some(IndexFile::open(path)?),
        stamps: Mutex::default(),
        generation: AtomicU64::default(),
    }))
}

/// The index of all entries, the inline ones first; or every mistake in the files.
fn with_files(inline: &[Entry], files: &[NamesFile], allowed: &Allowed) -> Result<NameIndex, Problems> {
    let mut entries = inline.to_vec();
    let mut problems = Problems::default();
    for file in files {
        match file.entries(allowed) {
            Ok(read) => entries.extend(read),
            Err(wrong) => problems.0.extend(wrong.0),
        }
    }
    if problems.0.is_empty() { indexed(&entries, Path::new("")) } else { Err(bounded(problems, 0)) }
}

fn indexed(entries: &[Entry], path: &Path) -> Result<NameIndex, Problems> {
    let wrong = |error: IndexError| reading::problem(path, 0, "", &format!("can't be indexed: {error}"));
    NameIndex::build(entries).map_err(|error| wrong(error).into())
}

/// The mistakes in files, with one more that says where in the configuration they were named.
fn located(mut problems: Problems, options: &Options) -> Problems {
    problems.0.extend(options.wrong("files", "a names file could not be read, as its own message says").0);
    problems
}

/// The first mistakes, and how many more there are; `left` are not even among them.
fn bounded(mut problems: Problems, left: usize) -> Problems {
    let left = left + problems.0.len().saturating_sub(MOST_PROBLEMS);
    problems.0.truncate(MOST_PROBLEMS);
    if left > 0
        && let Some(last) = problems.0.last()
    {
        let message = format!("and {left} more mistakes");
        problems.0.push(Problem { message, key: String::new(), ..last.clone() });
    }
    problems
}

impl StaticNames {
    /// Reads the files again if any has changed since it was read or last tried.
    fn reread(&self) {
        let stamps: Vec<Stamp> = self.files.iter().map(NamesFile::stamp).collect();
        {
            let mut known = self.stamps.lock().unwrap_or_else(PoisonError::into_inner);
            if *known == stamps {
                return;
            }
            *known = stamps;
        }
        match with_files(&self.inline, &self.files, &self.allowed) {
            Ok(index) => {
                tracing::info!(backend = self.name, names = index.len(), "names were read again");
                self.index.store(Arc::new(index));
                self.replaced();
            }
            Err(problems) => {
                tracing::warn!(backend = self.name, %problems, "names could not be read again; the old ones stay");
            }
        }
    }

    /// Counts that an index was replaced: after it was, so that an answer made of the old one is
    /// never taken for new.
    fn replaced(&self) {
        self.generation.fetch_add(1, Ordering::Release);
    }

    fn look_up(&self, query: &NameQuery) -> Result<Vec<Hit>, IndexError> {
        let own = self.index.load();
        let file = self.index_file.as_ref().map(IndexFile::load);
        let indexes = [Some(own.as_ref()), file.as_deref()];
        let mut matches = gathered(indexes, |index| index.exact(&query.name))?;
        let is_known = matches.iter().any(|found| found.likeness <= Likeness::Form);
        if self.fuzzy && !is_known {
            matches.extend(gathered(indexes, |index| index.near(&query.name))?);
        }
        Ok(matches.into_iter().map(hit).collect())
    }
}

/// What each index finds, the better first; of equally good ones, the first index's first.
fn gathered(
    indexes: [Option<&NameIndex>; 2],
    find: impl Fn(&NameIndex) -> Result<Vec<Match>, IndexError>,
) -> Result<Vec<Match>, IndexError> {
    let mut matches = Vec::new();
    for index in indexes.into_iter().flatten().filter(|index| !index.is_empty()) {
        matches.extend(find(index)?);
    }
    matches.sort_by_key(|found| found.likeness);
    Ok(matches)
}

fn hit(found: Match) -> Hit {
    let Entry { name, uri, description, properties, .. } = found.entry;
    let entry = Some(name.clone());
    Hit { properties, likeness: found.likeness, entry, ..Hit::mention(name, uri, description) }
}

impl Backend for StaticNames {
    fn family(&self) -> Family {
        Family("static")
    }

    fn vouched(&self) -> Vouched {
        Vouched::ByOperator
    }

    fn speaks_for_us(&self) -> bool {
        true
    }

    fn request(&self, _query: &NameQuery) -> Ask {
        Ask::Local
    }

    fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    fn suggest(&self, typed: &CommonName, limit: usize) -> Result<Vec<Suggestion>, Failure> {
        let own = self.index.load();
        let file = self.index_file.as_ref().map(IndexFile::load);
        let indexes = [Some(own.as_ref()), file.as_deref()];
        suggest::suggestions(indexes, typed, limit, |_| true).map_err(|error| failure(&error))
    }

    fn upkeep(&self) {
        if !self.files.is_empty() {
            self.reread();
        }
        if let Some(file) = &self.index_file
            && file.reread(&self.name)
        {
            self.replaced();
        }
    }

    fn ask<'a>(&'a self, query: &'a NameQuery) -> BoxFuture<'a, Result<Reply, Failure>> {
        let found = self.look_up(query).map(Reply::of);
        Box::pin(async move { found.map_err(|error| failure(&error)) })
    }
}

fn failure(error: &IndexError) -> Failure {
    Failure::new(Reason::Malformed, format!("the index {error}"))
}

#[cfg(test)]
mod tests;
