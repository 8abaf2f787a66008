//! A small value that is written often: its last two versions, each in a file.

use std::{fs, io, io::Write, path::PathBuf, sync::Arc};

use super::{
    Folder,
    folder::writable,
    seal::{seal, unseal},
};

/// A named value in a [`Folder`].
#[derive(Debug)]
pub struct Record {
    folder: Arc<Folder>,
    name: String,
    /// Of the version that was written last; 0 before the first.
    generation: u64,
}

/// What is left of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// It was never written.
    Nothing,
    /// The version that was written last.
    Whole(Vec<u8>),
    /// One of the two files is torn or gone. This is the other: the version that was written last,
    /// or the one before it.
    Behind(Vec<u8>),
    /// It was written, and nothing of it can be read.
    Lost,
}

/// What a file holds.
enum Slot {
    Missing,
    Torn,
    Whole(u64, Vec<u8>),
}

impl Record {
    pub(super) fn open(folder: Arc<Folder>, name: &str) -> (Self, Found) {
        let mut record = Self { folder, name: name.to_owned(), generation: 0 };
        let (generation, found) = match (record.slot(0), record.slot(1)) {
            (Slot::Missing, Slot::Missing) => (0, Found::Nothing),
            (Slot::Whole(even, content), Slot::Whole(odd, _)) if even.wrapping_sub(odd) == 1 => {
                (even, Found::Whole(content))
            }
            (Slot::Whole(even, _), Slot::Whole(odd, content)) if odd.wrapping_sub(even) == 1 => {
                (odd, Found::Whole(content))
            }
            // A file from elsewhere: of two versions that do not follow each other none can be trusted.
            (Slot::Whole(..), Slot::Whole(..)) => (0, Found::Lost),
            (Slot::Whole(generation, content), _) | (_, Slot::Whole(generation, content)) => {
                (generation, Found::Behind(content))
            }
            _ => (0, Found::Lost),
        };
        record.generation = generation;
        (record, found)
    }

    /// Writes a new version in the place of the older one. When this returns it is on the disk.
    ///
    /// # Errors
    /// Where it can't be written. The versions before are then as they were, or this one is there.
    pub fn write(&mut self, content: &[u8]) -> io::Result<()> {
        let generation = self.generation.wrapping_add(1);
        let beside = self.folder.path().join(format!("{}.new", self.name));
        let written = writable(&beside).and_then(|mut file| {
            file.write_all(&seal(generation, content))?;
            file.sync_all()
        });
        if let Err(error) = written.and_then(|()| fs::rename(&beside, self.place(generation))) {
            // Half a record would take the room that the next ones need on a full disk.
            let _ = fs::remove_file(&beside);
            return Err(error);
        }
        self.folder.sync()?;
        self.generation = generation;
        Ok(())
    }

    /// Where a generation lies: the even ones in one file, the odd ones in the other.
    fn place(&self, generation: u64) -> PathBuf {
        self.folder.path().join(format!("{}.{}", self.name, generation % 2))
    }

    fn slot(&self, parity: u64) -> Slot {
        match fs::read(self.place(parity)) {
            Ok(file) => match unseal(&file) {
                Some((generation, content)) if generation % 2 == parity => Slot::Whole(generation, content),
                _ => Slot::Torn,
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => Slot::Missing,
            Err(_) => Slot::Torn,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(text: &str) -> Found {
        Found::Whole(text.into())
    }

    fn behind(text: &str) -> Found {
        Found::Behind(text.into())
    }

    #[test]
    fn the_last_version_is_found_and_one_torn_file_leaves_the_one_before() {
        let outer = tempfile::tempdir().unwrap();
        let folder = Folder::open(outer.path()).unwrap();
        let (mut record, found) = folder.record("x");
        assert_eq!(found, Found::Nothing);
        record.write(b"one").unwrap();
        assert_eq!(folder.record("x").1, behind("one"));
        for text in ["two", "three", "four"] {
            record.write(text.as_bytes()).unwrap();
            assert_eq!(folder.record("x").1, whole(text));
        }
        let path = |parity: u64| record.place(parity);
        let newest = fs::read(path(4)).unwrap();
        for length in [0, 5, newest.len() - 1] {
            fs::write(path(4), &newest[..length]).unwrap();
            assert_eq!(folder.record("x").1, behind("three"), "cut to {length}");
        }
        fs::remove_file(path(4)).unwrap();
        let (mut record, found) = folder.record("x");
        assert_eq!(found, behind("three"));
        record.write(b"five").unwrap();
        assert_eq!(folder.record("x").1, whole("five"));
    }

    #[test]
    fn two_torn_files_and_files_that_do_not_belong_together_are_a_loss() {
        let outer = tempfile::tempdir().unwrap();
        let folder = Folder::open(outer.path()).unwrap();
        let (mut record, _) = folder.record("x");
        for text in ["one", "two"] {
            record.write(text.as_bytes()).unwrap();
        }
        let old = fs::read(record.place(1)).unwrap();
        for text in ["three", "four"] {
            record.write(text.as_bytes()).unwrap();
        }
        fs::write(record.place(1), &old).unwrap();
        assert_eq!(folder.record("x").1, Found::Lost, "an old file was put back");
        fs::copy(record.place(0), record.place(1)).unwrap();
        assert_eq!(folder.record("x").1, behind("four"), "one file is a copy of the other");
        for parity in [0, 1] {
            fs::write(record.place(parity), b"").unwrap();
        }
        assert_eq!(folder.record("x").1, Found::Lost);
    }
}
