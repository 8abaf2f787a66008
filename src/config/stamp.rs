//! Seeing that a file is another one, without reading it. A look follows symbolic links, so it sees the swap
//! by which Kubernetes changes a ConfigMap or a Secret, and it works on every file system.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

/// What tells two states of a file apart without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    device: u64,
    inode: u64,
    modified: (i64, i64),
    length: u64,
}

impl Stamp {
    /// That of the file at `path` now; `None` where there is none.
    pub fn of(path: &Path) -> Option<Self> {
        let found = fs::metadata(path).ok()?;
        let modified = (found.mtime(), found.mtime_nsec());
        Some(Self { device: found.dev(), inode: found.ino(), modified, length: found.len() })
    }
}

/// Files as they were when they were read.
pub type Stamps = BTreeMap<PathBuf, Option<Stamp>>;

/// Files from which something is read beside the configuration itself, by whoever reads a part of it.
#[derive(Debug, Clone, Default)]
pub(super) struct Looked(Arc<Mutex<Stamps>>);

impl Looked {
    /// Notes how the file is, before it is read for the first time: what changes from then on is seen as a
    /// change.
    pub(super) fn note(&self, path: &Path) {
        let stamp = Stamp::of(path);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(path.to_owned()).or_insert(stamp);
    }

    pub(super) fn stamps(&self) -> Stamps {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_file_is_another_when_written_replaced_or_linked_anew() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for (version, text) in [("1", "drain: 1s"), ("2", "drain: 2s")] {
            fs::create_dir(at(version)).unwrap();
            fs::write(at(version).join("cnrp.yaml"), text).unwrap();
        }
        symlink("1", at("..data")).unwrap();
        symlink("..data/cnrp.yaml", at("cnrp.yaml")).unwrap();
        let stamp = || Stamp::of(&at("cnrp.yaml"));
        let first = stamp();
        assert_eq!(stamp(), first);
        symlink("2", at("..new")).unwrap();
        fs::rename(at("..new"), at("..data")).unwrap();
        let second = stamp();
        assert!(first.is_some() && second.is_some() && first != second, "{first:?} {second:?}");
        fs::write(at("2").join("cnrp.yaml"), "drain: 20s").unwrap();
        assert_ne!(stamp(), second);
        fs::remove_file(at("..data")).unwrap();
        assert_eq!(stamp(), None);
    }
}
