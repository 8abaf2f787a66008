//! An index file that a map serves from, and that may be replaced while it does.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use arc_swap::ArcSwap;

use super::files::{Stamp, stamp};
use crate::names::{IndexError, NameIndex};

/// The index that is in force, and the file that it came from.
pub(super) struct IndexFile {
    path: PathBuf,
    index: ArcSwap<NameIndex>,
    /// What the file looked like when it was opened, or last failed to be.
    stamp: Mutex<Stamp>,
}

impl IndexFile {
    /// Opens the file.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn open(path: &Path) -> Result<Self, IndexError> {
        let stamp = Mutex::new(stamp(path));
        let index = ArcSwap::from_pointee(NameIndex::open(path)?);
        Ok(Self { path: path.to_owned(), index, stamp })
    }

    /// The index in force.
    pub(super) fn load(&self) -> Arc<NameIndex> {
        self.index.load_full()
    }

    /// Opens the file again if it is another than before. One that can't be used is logged with its
    /// reason, and the index in force stays. Says whether another is in force now.
    pub(super) fn reread(&self, backend: &str) -> bool {
        let now = stamp(&self.path);
        {
            let mut known = self.stamp.lock().unwrap_or_else(PoisonError::into_inner);
            if *known == now {
                return false;
            }
            *known = now;
        }
        let file = self.path.display();
        match NameIndex::open(&self.path) {
            Ok(index) => {
                tracing::info!(backend, %file, names = index.len(), "the index was opened again");
                self.index.store(Arc::new(index));
                true
            }
            Err(error) => {
                tracing::warn!(backend, %file, "the index {error}; the one before it stays");
                false
            }
        }
    }
}
