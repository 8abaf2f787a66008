//! The `static` backend: names that the operator wrote, in the configuration or in files, and
//! names by the million in an index that [`build_index()`] made of files.
//!
//! Files are layers, one above the other ([`layers`]), of entries that begin and end, follow each other
//! and take parameters ([`look_up`]). They are looked at again every time [`Backend::upkeep`] is called, and a changed one is read
//! into a new index that takes the old one's place at once. A file that has become unreadable or
//! wrong is logged with its place, and what was read last stays in force.

mod build_index;
mod files;
mod index_file;
mod layers;
mod look_up;
mod map;
mod options;
mod reading;
mod rows;
mod signs;
mod statement;
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

pub use self::{
    build_index::{BuildError, BuildReport, Malformed, Progress, build_index},
    files::Ignored,
    map::{Map, conflicts},
    reading::json_mistake,
    rows::{Column, Row, mistakes},
    statement::{Place, Says, Statement},
};
use self::{
    files::{Layer, NamesFile, Stamp},
    index_file::IndexFile,
    look_up::{Held, LookUp},
    options::StaticOptions,
};
use super::{Built, Setting};
use crate::{
    config::{Options, Problem, Problems},
    model::{
        Ask, Backend, BoxFuture, Clock, CommonName, Failure, Family, NameQuery, Property, Reason, Reply,
        Suggestion, SystemClock, Vouched,
    },
    names::IndexError,
};

/// Most mistakes told of one file: the first few show what is wrong with the rest.
const MOST_PROBLEMS: usize = 20;

/// Names from the configuration and from files.
struct StaticNames {
    /// The backend's own name, for the log.
    name: String,
    sources: Sources,
    /// What the files have that means nothing here, as they were at first.
    ignored: Vec<Ignored>,
    fuzzy: bool,
    /// Of the sources.
    held: ArcSwap<Held>,
    index_file: Option<IndexFile>,
    last_read: Mutex<LastRead>,
    /// How often the index or the index file was replaced.
    generation: AtomicU64,
    clock: Arc<dyn Clock>,
}

/// The last reading of the files.
#[derive(Default)]
struct LastRead {
    /// What each file looked like then.
    stamps: Vec<Stamp>,
    has_failed: bool,
}

/// What is held in memory comes from here.
#[derive(Default)]
struct Sources {
    /// From the configuration itself.
    inline: Vec<Statement>,
    files: Vec<NamesFile>,
    allowed: Allowed,
    /// Whether there is an index below them.
    above_index: bool,
}

/// Unsafe schemes that the operator allows all the same (D28), in lower case.
pub type Allowed = HashSet<String>;

/// Builds a backend from its options.
///
/// # Errors
/// Every mistake in the options, and in the files that they name.
pub(super) fn build(options: &Options, setting: &Setting<'_>) -> Built {
    let (read, mut problems) = sources(options, setting.folder);
    let Some((read, sources)) = read else { return Err(problems) };
    let last_read = LastRead { stamps: sources.stamps(), has_failed: false };
    let index_file = read.index.map(|named| open(&setting.folder.join(named), options)).transpose();
    let index_file = kept(index_file, &mut problems);
    let held = sources.held(index_file.as_ref().and_then(Option::as_ref));
    let held = kept(held.map_err(|wrong| located(wrong, options)), &mut problems);
    let (Some((held, ignored)), Some(index_file), true) = (held, index_file, problems.is_empty()) else {
        return Err(problems);
    };
    Ok(Arc::new(StaticNames {
        sources,
        ignored,
        last_read: Mutex::new(last_read),
        fuzzy: read.fuzzy,
        clock: Arc::clone(&setting.clock),
        ..StaticNames::new(setting.name, held, index_file)
    }))
}

/// The options, as far as they can be read, and what comes of them; and every mistake in what the
/// options themselves say.
fn sources(options: &Options, folder: &Path) -> (Option<(StaticOptions, Sources)>, Problems) {
    let (read, mut problems) = options.examine::<StaticOptions>();
    // Where a whole name could not be read, the others are not counted as they are written.
    let lacks_names = problems.0.iter().any(|problem| {
        problem.key.rsplit('.').next().is_some_and(|last| last.starts_with("names[") && last.ends_with(']'))
    });
    let Some(read) = read.filter(|_| !lacks_names) else { return (None, problems) };
    let allowed = read.allowed();
    let (inline, mut wrong) = read.statements(options, &allowed);
    wrong.0.retain(|wrong| problems.0.iter().all(|told| told.key != wrong.key));
    problems.extend(wrong);
    let files = read.files.iter().map(|file| NamesFile::new(file, folder)).collect();
    let above_index = read.index.is_some();
    (Some((read, Sources { inline, files, allowed, above_index })), problems)
}

/// A result, its mistakes put with the others.
fn kept<T>(result: Result<T, Problems>, problems: &mut Problems) -> Option<T> {
    result.map_err(|wrong| problems.0.extend(wrong.0)).ok()
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
    let layer = files::layer(path, bytes, &Allowed::new())?;
    let held = Held::new(layers::settled(Vec::new(), vec![layer.statements], None)?, unindexed)?;
    Ok(Arc::new(StaticNames::new(name, held, None)))
}

/// The index of an operator's index file alone.
///
/// # Errors
/// What is wrong with the file.
pub fn from_index(path: &Path) -> Result<Arc<dyn Backend>, IndexError> {
    let name = path.display().to_string();
    Ok(Arc::new(StaticNames::new(&name, Held::nothing()?, Some(IndexFile::open(path)?))))
}

impl Sources {
    /// What each file looks like now.
    fn stamps(&self) -> Vec<Stamp> {
        self.files.iter().map(NamesFile::stamp).collect()
    }

    /// What the files say, in their order; or every mistake in them.
    fn layers(&self) -> Result<Vec<Layer>, Problems> {
        let mut layers = Vec::with_capacity(self.files.len());
        let mut problems = Problems::default();
        for file in &self.files {
            match file.layer(&self.allowed) {
                Ok(read) => layers.push(read),
                Err(wrong) => problems.0.extend(wrong.0),
            }
        }
        if problems.0.is_empty() { Ok(layers) } else { Err(problems) }
    }

    /// Everything they say, settled and indexed, and what is ignored of it; or every mistake in them.
    fn held(&self, below: Option<&IndexFile>) -> Result<(Held, Vec<Ignored>), Problems> {
        let (files, ignored) = Layer::parted(self.layers()?);
        let index = below.map(IndexFile::load);
        // What can't be read now is told where it is asked for.
        let has = |name: &CommonName| index.as_ref().is_some_and(|index| index.has(name).unwrap_or(true));
        let settled = layers::settled(self.inline.clone(), files, self.above_index.then_some(&has));
        let held = Held::new(settled.map_err(|problems| bounded(problems, 0))?, unindexed)?;
        Ok((held, ignored))
    }
}

fn unindexed(error: &IndexError) -> Problems {
    reading::problem(Path::new(""), 0, "", &format!("can't be indexed: {error}")).into()
}

/// Mistakes, with one more that says where in the configuration the files are named that have some.
fn located(mut problems: Problems, options: &Options) -> Problems {
    let (configuration, ..) = options.place("files");
    if problems.0.iter().any(|problem| *problem.file != *configuration) {
        let message = "a names file could not be read, as its own message says";
        problems.0.extend(options.wrong("files", message).0);
    }
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
    /// A map of what is held, with everything else as it is by default.
    fn new(name: &str, held: Held, index_file: Option<IndexFile>) -> Self {
        Self {
            name: name.to_owned(),
            sources: Sources::default(),
            ignored: Vec::new(),
            fuzzy: true,
            held: ArcSwap::from_pointee(held),
            index_file,
            last_read: Mutex::default(),
            generation: AtomicU64::default(),
            clock: Arc::new(SystemClock),
        }
    }

    /// Reads the files again if any has changed since it was read or last tried; and what could not be read
    /// above the last index, if this one is new: they may have been written for it.
    fn reread(&self, is_index_new: bool) {
        let stamps = self.sources.stamps();
        let mut last = self.last_read.lock().unwrap_or_else(PoisonError::into_inner);
        if last.stamps == stamps && !(is_index_new && last.has_failed) {
            return;
        }
        last.stamps = stamps;
        let held = self.sources.held(self.index_file.as_ref());
        last.has_failed = held.is_err();
        match held {
            Ok((held, ignored)) => {
                for ignored in ignored {
                    tracing::warn!(backend = self.name, "{ignored}");
                }
                tracing::info!(backend = self.name, names = held.index.len(), "names were read again");
                self.held.store(Arc::new(held));
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

    fn look_up(&self, name: &CommonName) -> Result<Reply, IndexError> {
        let held = self.held.load();
        let file = self.index_file.as_ref().map(IndexFile::load);
        let question = LookUp::at(&held, file.as_deref(), self.clock.wall());
        LookUp { fuzzy: self.fuzzy, ..question }.answer(name)
    }
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

    fn warnings(&self) -> Vec<String> {
        self.ignored.iter().map(ToString::to_string).collect()
    }

    fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    fn declares(&self) -> Vec<Property> {
        let written = self.sources.inline.iter().flat_map(|statement| &statement.entry.properties);
        let mut known = HashSet::new();
        let is_new = |one: &&Property| known.insert((one.name.to_lowercase(), one.kind.to_lowercase()));
        written.filter(is_new).cloned().collect()
    }

    fn denies(&self, name: &CommonName) -> bool {
        self.held.load().denies(name, self.clock.wall())
    }

    fn suggest(&self, typed: &CommonName, limit: usize) -> Result<Vec<Suggestion>, Failure> {
        let held = self.held.load();
        let file = self.index_file.as_ref().map(IndexFile::load);
        suggest::suggestions(&held, file.as_deref(), typed, limit, self.clock.wall())
            .map_err(|error| failure(&error))
    }

    fn upkeep(&self) {
        // First the index, for the files may say more of it than of the one before.
        let is_index_new = self.index_file.as_ref().is_some_and(|file| file.reread(&self.name));
        if is_index_new {
            self.replaced();
        }
        if !self.sources.files.is_empty() {
            self.reread(is_index_new);
        }
    }

    fn ask<'a>(&'a self, query: &'a NameQuery) -> BoxFuture<'a, Result<Reply, Failure>> {
        let found = self.look_up(&query.name);
        Box::pin(async move { found.map_err(|error| failure(&error)) })
    }
}

fn failure(error: &IndexError) -> Failure {
    Failure::new(Reason::Malformed, format!("the index {error}"))
}

#[cfg(test)]
mod tests;
