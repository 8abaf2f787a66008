//! Replacing a file at once: the new one is written beside it under a name of its own, and takes
//! the old one's place when it is complete and on the disk. Whoever has the old one open keeps it.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

/// A file that will replace another. Dropped before that, it leaves nothing behind; the remains of
/// a program that was killed are written over by the next.
pub(super) struct Replacement {
    path: PathBuf,
    beside: PathBuf,
    file: File,
    is_in_place: bool,
}

impl Replacement {
    /// Begins to replace `path`. The new file is locked, so of two programs that would replace the
    /// same file the second is refused, with [`io::ErrorKind::WouldBlock`]. What is there and no
    /// regular file is never replaced: renamed over, a device such as `/dev/null` would be gone.
    pub(super) fn begin(path: &Path) -> io::Result<Self> {
        if fs::metadata(path).is_ok_and(|there| !there.is_file()) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "is not a regular file"));
        }
        path.file_name().ok_or(io::ErrorKind::InvalidFilename)?;
        let beside = beside(path);
        let file = loop {
            let file =
                OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&beside)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(io::ErrorKind::WouldBlock.into()),
                Err(TryLockError::Error(error)) => return Err(error),
            }
            // Between opening and locking another program may have put the file in its place:
            // then it is the file that others read, and not ours to write to.
            if is_at(&file, &beside)? {
                break file;
            }
        };
        file.set_len(0)?;
        Ok(Self { path: path.to_owned(), beside, file, is_in_place: false })
    }

    /// The new file, to be written.
    pub(super) fn file(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    /// Puts the new file in place, once every byte of it is on the disk.
    pub(super) fn put_in_place(mut self) -> io::Result<()> {
        self.file.sync_all()?;
        fs::rename(&self.beside, &self.path)?;
        self.is_in_place = true;
        File::open(folder_of(&self.path))?.sync_all()
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        if !self.is_in_place {
            let _ = fs::remove_file(&self.beside);
        }
    }
}

/// Where the file is written that will stand at `path`.
pub(super) fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    path.with_file_name(name)
}

/// The folder that a file is in.
pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let ours = file.metadata()?;
    match fs::metadata(path) {
        Ok(there) => Ok((there.dev(), there.ino()) == (ours.dev(), ours.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn the_old_file_stays_until_the_new_one_is_complete() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("names.idx");
        fs::write(&path, "old").unwrap();
        let names = || fs::read_dir(folder.path()).unwrap().count();

        let given_up = Replacement::begin(&path).unwrap();
        given_up.file().unwrap().write_all(b"half").unwrap();
        assert_eq!(names(), 2);
        drop(given_up);
        assert_eq!((fs::read_to_string(&path).unwrap().as_str(), names()), ("old", 1));

        fs::write(folder.path().join("names.idx.new"), "left behind by one that was killed").unwrap();
        let new = Replacement::begin(&path).unwrap();
        new.file().unwrap().write_all(b"new").unwrap();
        new.put_in_place().unwrap();
        assert_eq!((fs::read_to_string(&path).unwrap().as_str(), names()), ("new", 1));
    }

    #[test]
    fn what_is_no_regular_file_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("names.idx");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        for path in [socket.as_path(), folder.path()] {
            let refused = Replacement::begin(path).err().unwrap();
            assert_eq!(refused.to_string(), "is not a regular file", "{}", path.display());
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing was begun");
    }

    #[test]
    fn of_two_at_once_the_second_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("names.idx");
        let first = Replacement::begin(&path).unwrap();
        let second = Replacement::begin(&path).err().unwrap();
        assert_eq!(second.kind(), io::ErrorKind::WouldBlock);
        first.put_in_place().unwrap();
        assert!(Replacement::begin(&path).is_ok());
    }
}
