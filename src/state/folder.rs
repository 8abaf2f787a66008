//! The folder that one process at a time keeps its records in.

use std::{
    fmt,
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{Found, Record};

/// The file that is locked. It holds nothing, and stays.
const LOCK: &str = "lock";
/// A file that is made and removed to see whether files can be made.
const TRIAL: &str = "trial";

/// A folder that is ours for as long as this lives, and everything made of it.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// Locked; the lock ends with the process, however it ends.
    _lock: File,
}

/// Why a folder can't be used, in words for the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unusable {
    why: String,
    is_held: bool,
}

impl Unusable {
    /// Whether another process has the folder, so that whoever has it counts.
    pub fn is_held(&self) -> bool {
        self.is_held
    }

    fn unwritable(why: String) -> Self {
        Self { why, is_held: false }
    }
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl std::error::Error for Unusable {}

impl Folder {
    /// Takes the folder at `path`, which is made, for its owner alone, if it is not there.
    ///
    /// # Errors
    /// Where it can't be made, locked or written to, or another process has it.
    pub fn open(path: &Path) -> Result<Arc<Self>, Unusable> {
        let shown = path.display();
        let wrong = |what: &str, error: io::Error| Unusable::unwritable(format!("{shown}: {what}: {error}"));
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(|error| wrong("expected a folder that can be made", error))?;
        let lock = writable(&path.join(LOCK)).map_err(|error| wrong("can't be written to", error))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let why = format!("{shown}: another process uses it; each needs a folder of its own");
                return Err(Unusable { why, is_held: true });
            }
            Err(TryLockError::Error(error)) => return Err(wrong("can't be locked", error)),
        }
        let trial = path.join(TRIAL);
        writable(&trial)
            .and_then(|_| fs::remove_file(&trial))
            .map_err(|error| wrong("can't be written to", error))?;
        Ok(Arc::new(Self { path: path.to_owned(), _lock: lock }))
    }

    /// The record of that name, which is to be a file name, and what was found of it.
    pub fn record(self: &Arc<Self>, name: &str) -> (Record, Found) {
        Record::open(Arc::clone(self), name)
    }

    /// Says that writing to it failed.
    pub fn unusable(&self, error: &io::Error) -> Unusable {
        Unusable::unwritable(format!("{}: can't be written to: {error}", self.path.display()))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Puts names that have changed on the disk.
    pub(super) fn sync(&self) -> io::Result<()> {
        File::open(&self.path)?.sync_all()
    }
}

/// Opens or makes a file for its owner alone.
pub(super) fn writable(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn it_is_made_for_its_owner_alone_and_for_one_process() {
        let outer = tempfile::tempdir().unwrap();
        let path = outer.path().join("var/state");
        let folder = Folder::open(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
        let second = Folder::open(&path).unwrap_err();
        assert!(second.is_held());
        assert_eq!(
            second.to_string(),
            format!("{}: another process uses it; each needs a folder of its own", path.display())
        );
        drop(folder);
        assert!(Folder::open(&path).is_ok());
    }

    #[test]
    fn what_is_no_folder_is_told_with_its_path() {
        let outer = tempfile::tempdir().unwrap();
        let path = outer.path().join("file");
        fs::write(&path, "").unwrap();
        let told = Folder::open(&path).unwrap_err();
        assert!(!told.is_held());
        let told = told.to_string();
        assert!(
            told.starts_with(&format!("{}: expected a folder that can be made: ", path.display())),
            "{told}"
        );
    }
}
