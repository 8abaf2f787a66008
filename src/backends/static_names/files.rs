//! Names files that are held in memory: where they are, and whether they have changed.

use std::{
    fs,
    io::Read,
    ops::ControlFlow,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::SystemTime,
};

use super::{
    Allowed, MOST_PROBLEMS, bounded,
    reading::{self, problem},
};
use crate::{
    config::{Problems, open},
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

/// What the file at `path` looks like now. Taken before it is read, so that a change meanwhile
/// shows.
pub(super) fn stamp(path: &Path) -> Stamp {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len(), metadata.ino()))
}

impl NamesFile {
    /// The file that the options name, relative to the folder of the configuration.
    pub(super) fn new(named: &Path, folder: &Path) -> Self {
        let built_in = BUILT_IN.iter().find(|(name, _)| Path::new(name) == named).map(|(_, bytes)| *bytes);
        let path = if built_in.is_some() { named.to_owned() } else { folder.join(named) };
        Self { path, built_in }
    }

    /// What the file looks like now; nothing for what can't change.
    pub(super) fn stamp(&self) -> Stamp {
        if self.built_in.is_some() { None } else { stamp(&self.path) }
    }

    /// The entries in it.
    pub(super) fn entries(&self, allowed: &Allowed) -> Result<Vec<Entry>, Problems> {
        if let Some(bytes) = self.built_in {
            return entries(Path::new("starter.csv"), bytes, allowed);
        }
        let file = open(&self.path).map_err(|error| {
            let message = format!("can't be read: {error}; expected a names file");
            Problems(vec![problem(&self.path, 0, "", &message)])
        })?;
        entries(&self.path, file, allowed)
    }
}

/// Reads a file's bytes; the ending of its name says in which format.
pub(super) fn entries(path: &Path, bytes: impl Read, allowed: &Allowed) -> Result<Vec<Entry>, Problems> {
    let mut entries = Vec::new();
    let mut problems = Problems::default();
    let mut left = 0;
    let read = reading::read(path, bytes, LARGEST, allowed, &mut |row| {
        match row {
            Ok(entry) => entries.push(entry),
            Err(problem) if problems.0.len() < MOST_PROBLEMS => problems.0.push(problem),
            Err(_) => left += 1,
        }
        ControlFlow::Continue(())
    });
    problems.0.extend(read.err());
    if problems.0.is_empty() { Ok(entries) } else { Err(bounded(problems, left)) }
}
