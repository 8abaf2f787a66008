//! The `static` backend: names that the operator wrote, in the configuration or in files.
//!
//! It answers from memory. Files are looked at again every time [`Backend::upkeep`] is called, and
//! a changed one is read into a new index that takes the old one's place at once. A file that has
//! become unreadable or wrong is logged with its place, and what was read last stays in force.

mod files;
mod options;
mod rows;

use std::{
    collections::HashSet,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use arc_swap::ArcSwap;

use self::{
    files::{NamesFile, Stamp},
    options::StaticOptions,
};
use super::{Built, Setting};
use crate::{
    config::{Options, Problem, Problems},
    model::{Ask, Backend, BoxFuture, Failure, Family, Hit, Likeness, NameQuery, Reply, Vouched},
    names::{Entry, Match, NameIndex},
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
    index: ArcSwap<NameIndex>,
    /// What each file looked like when it was read, or last failed to be.
    stamps: Mutex<Vec<Stamp>>,
    /// How often the index was replaced.
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
    let entries = with_files(&inline, &files, &allowed).map_err(|problems| located(problems, options))?;
    Ok(Arc::new(StaticNames {
        name: setting.name.to_owned(),
        index: ArcSwap::from_pointee(NameIndex::build(entries)),
        stamps: Mutex::new(stamps),
        fuzzy: read.fuzzy,
        inline,
        files,
        allowed,
        generation: AtomicU64::default(),
    }))
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
    let entries = files::entries(Path::new(name), bytes, &Allowed::new())?;
    Ok(Arc::new(StaticNames {
        name: name.to_owned(),
        inline: Vec::new(),
        files: Vec::new(),
        allowed: Allowed::new(),
        fuzzy: true,
        index: ArcSwap::from_pointee(NameIndex::build(entries)),
        stamps: Mutex::default(),
        generation: AtomicU64::default(),
    }))
}

/// All entries, the inline ones first; or every mistake in the files.
fn with_files(inline: &[Entry], files: &[NamesFile], allowed: &Allowed) -> Result<Vec<Entry>, Problems> {
    let mut entries = inline.to_vec();
    let mut problems = Problems::default();
    for file in files {
        match file.entries(allowed) {
            Ok(read) => entries.extend(read),
            Err(wrong) => problems.0.extend(wrong.0),
        }
    }
    if problems.0.is_empty() { Ok(entries) } else { Err(bounded(problems)) }
}

/// The mistakes in files, with one more that says where in the configuration they were named.
fn located(mut problems: Problems, options: &Options) -> Problems {
    problems.0.extend(options.wrong("files", "a names file could not be read, as its own message says").0);
    problems
}

fn bounded(mut problems: Problems) -> Problems {
    let left = problems.0.len().saturating_sub(MOST_PROBLEMS);
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
            Ok(entries) => {
                tracing::info!(backend = self.name, names = entries.len(), "names were read again");
                self.index.store(Arc::new(NameIndex::build(entries)));
                // After the index, so that an answer made of the old one is never taken for new.
                self.generation.fetch_add(1, Ordering::Release);
            }
            Err(problems) => {
                tracing::warn!(backend = self.name, %problems, "names could not be read again; the old ones stay");
            }
        }
    }

    fn look_up(&self, query: &NameQuery) -> Vec<Hit> {
        let index = self.index.load();
        let mut matches = index.exact(&query.name);
        let is_known = matches.iter().any(|found| found.likeness <= Likeness::Form);
        if self.fuzzy && !is_known {
            matches.extend(index.near(&query.name));
        }
        matches.into_iter().map(hit).collect()
    }
}

fn hit(found: Match<'_>) -> Hit {
    let Entry { name, uri, description, properties, .. } = found.entry;
    Hit {
        properties: properties.clone(),
        likeness: found.likeness,
        entry: Some(name.clone()),
        ..Hit::mention(name, uri, description)
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

    fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    fn upkeep(&self) {
        if !self.files.is_empty() {
            self.reread();
        }
    }

    fn ask<'a>(&'a self, query: &'a NameQuery) -> BoxFuture<'a, Result<Reply, Failure>> {
        Box::pin(async move { Ok(Reply::of(self.look_up(query))) })
    }
}

#[cfg(test)]
mod tests;
