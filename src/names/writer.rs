//! An index as a file: written beside the old one, in bounded memory, and put in its place when it
//! is complete.

use std::{
    fs::File,
    io::{self, BufWriter},
    path::{Path, PathBuf},
};

use super::{
    Entry,
    build::{IndexBuilder, Summary},
    replace::{Replacement, beside, folder_of},
    tape::Scratch,
};

/// An index file being built.
pub struct IndexWriter {
    builder: IndexBuilder<BufWriter<File>>,
    replacement: Replacement,
}

impl IndexWriter {
    /// The files that are written for an index at `path`: what is there before is lost.
    pub fn places(path: &Path) -> [PathBuf; 2] {
        [path.to_owned(), beside(path)]
    }

    /// Begins a new index that will stand at `path`. What does not fit into memory goes into the
    /// same folder for as long as it takes.
    ///
    /// # Errors
    /// The folder can't be written to; or, as [`io::ErrorKind::WouldBlock`], the same index is
    /// being built by another program.
    pub fn create(path: &Path) -> io::Result<Self> {
        let replacement = Replacement::begin(path)?;
        let out = BufWriter::with_capacity(1 << 20, replacement.file()?);
        Ok(Self { builder: IndexBuilder::new(out, Scratch::folder(folder_of(path)))?, replacement })
    }

    /// Adds the next entry, less known than those before.
    ///
    /// # Errors
    /// The disk is full or failing.
    pub fn add(&mut self, entry: &Entry) -> io::Result<()> {
        self.builder.add(entry)
    }

    /// Completes the index and puts it in place of the old one.
    ///
    /// # Errors
    /// The disk is full or failing; the old index is then still in place.
    pub fn finish(self) -> io::Result<Summary> {
        let (_, summary) = self.builder.finish()?;
        self.replacement.put_in_place()?;
        Ok(summary)
    }
}
