//! Seeing that the configuration's file is another one. It is looked at, not subscribed to: a look
//! follows symbolic links, so it sees the swap by which Kubernetes changes a ConfigMap, and it works on
//! every file system.

use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use super::reload::Wishes;

/// How often it is looked at. Two looks have to agree, so a change takes effect within twice that, and
/// a file that is being written is left alone.
const LOOK: Duration = Duration::from_secs(1);

/// What tells two states of a file apart without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stamp {
    device: u64,
    inode: u64,
    modified: (i64, i64),
    length: u64,
}

impl Stamp {
    /// That of the file at `path` now; `None` where there is none.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let found = fs::metadata(path).ok()?;
        let modified = (found.mtime(), found.mtime_nsec());
        Some(Self { device: found.dev(), inode: found.ino(), modified, length: found.len() })
    }
}

/// The state of the file that was read last, whether that was of any use or not.
pub(super) type LastRead = Arc<Mutex<Option<Stamp>>>;

/// Has the file at `path` read again whenever it is another than the one read last.
pub(super) async fn watch(path: PathBuf, last_read: LastRead, wishes: Wishes) {
    let mut before = None;
    loop {
        tokio::time::sleep(LOOK).await;
        let at = path.clone();
        let now = tokio::task::spawn_blocking(move || Stamp::of(&at)).await.ok().flatten();
        let is_known = *last_read.lock().unwrap_or_else(PoisonError::into_inner) == now;
        if now.is_some() && now == before && !is_known {
            // How it went is in the log. A file that is not as it has to be is not read a second time.
            let _ = wishes.wish("its file changed").await;
        }
        before = now;
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
