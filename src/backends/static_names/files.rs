//! Names files that are held in memory: where they are, and whether they have changed.

use std::{
    fmt, fs,
    io::Read,
    ops::ControlFlow,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::SystemTime,
};

use super::{
    Allowed, MOST_PROBLEMS, Statement, bounded, kept,
    reading::{self, problem},
};
use crate::config::{Problems, open};

/// What the program brings along, by the name that options have for it.
const BUILT_IN: &[(&str, &[u8])] =
    &[("builtin:starter", include_bytes!("../../../config/starter/names.csv"))];

/// Largest file read, unpacked, in bytes: far above any real map, and below what a machine has.
const LARGEST: u64 = 1 << 30;

/// How often a file is read that changes while it is read.
const MOST_READINGS: usize = 3;

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

/// What a file says.
pub(super) struct Layer {
    pub(super) statements: Vec<Statement>,
    pub(super) ignored: Option<Ignored>,
}

impl Layer {
    /// The statements of layers, each by itself, and what is ignored of them.
    pub(super) fn parted(layers: Vec<Self>) -> (Vec<Vec<Statement>>, Vec<Ignored>) {
        let (statements, ignored): (Vec<_>, Vec<_>) =
            layers.into_iter().map(|layer| (layer.statements, layer.ignored)).unzip();
        (statements, ignored.into_iter().flatten().collect())
    }
}

/// Columns of a file that mean nothing here: mistyped, maybe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    pub file: PathBuf,
    /// The first of them.
    pub columns: Vec<String>,
}

impl Ignored {
    /// What is told of them, beside the file.
    pub fn told(&self) -> String {
        format!("unknown columns are ignored: {}", self.columns.join(", "))
    }
}

/// `names.csv: unknown columns are ignored: valid_untill`
impl fmt::Display for Ignored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file.display(), self.told())
    }
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

    /// What it says. A file that is changed while it is read is read again: what is half of the old
    /// and half of the new was never meant.
    pub(super) fn layer(&self, allowed: &Allowed) -> Result<Layer, Problems> {
        if let Some(bytes) = self.built_in {
            return layer(Path::new("starter.csv"), bytes, allowed);
        }
        let whole = |message: &str| Problems(vec![problem(&self.path, 0, "", message)]);
        for _ in 0..MOST_READINGS {
            let before = stamp(&self.path);
            let file = open(&self.path)
                .map_err(|error| whole(&format!("can't be read: {error}; expected a names file")))?;
            let read = layer(&self.path, file, allowed);
            if stamp(&self.path) == before {
                return read;
            }
        }
        Err(whole("was changed while it was read, again and again; expected a file that is complete"))
    }
}

/// Reads a file's bytes; the ending of its name says in which format.
pub(super) fn layer(path: &Path, bytes: impl Read, allowed: &Allowed) -> Result<Layer, Problems> {
    let mut statements = Vec::new();
    let mut problems = Problems::default();
    let mut left = 0;
    let read = reading::read(path, bytes, LARGEST, allowed, &mut |row| {
        match row {
            Ok(statement) => statements.push(statement),
            Err(problem) if problems.0.len() < MOST_PROBLEMS => problems.0.push(problem),
            Err(_) => left += 1,
        }
        ControlFlow::Continue(())
    });
    let ignored = kept(read.map_err(Problems::from), &mut problems).flatten();
    if problems.0.is_empty() { Ok(Layer { statements, ignored }) } else { Err(bounded(problems, left)) }
}
