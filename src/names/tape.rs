//! Byte strings written one after the other and then read back once, in memory as long as they are
//! few and in a file without a name when there are more. The system removes such a file when the
//! program ends, however it ends.

use std::{
    io::{self, BufReader, BufWriter, Read, Seek, Write},
    path::{Path, PathBuf},
};

use tempfile::SpooledTempFile;

/// Where sorting may put what does not fit into memory.
#[derive(Debug, Clone, Default)]
pub(super) struct Scratch {
    /// `None`: everything stays in memory.
    folder: Option<PathBuf>,
}

impl Scratch {
    /// Files in this folder.
    pub(super) fn folder(folder: &Path) -> Self {
        Self { folder: Some(folder.to_owned()) }
    }

    /// `bytes`, or no bound where everything stays in memory.
    pub(super) fn bound(&self, bytes: usize) -> usize {
        if self.folder.is_some() { bytes } else { usize::MAX }
    }

    fn file(&self, in_memory: usize) -> SpooledTempFile {
        match &self.folder {
            Some(folder) => SpooledTempFile::new_in(in_memory, folder),
            None => SpooledTempFile::new(usize::MAX),
        }
    }
}

/// Most bytes of a tape that stay in memory where there is a folder.
const IN_MEMORY: usize = 1 << 20;

/// A tape being written.
pub(super) struct Tape {
    file: BufWriter<SpooledTempFile>,
    items: u64,
}

impl Tape {
    pub(super) fn new(scratch: &Scratch) -> Self {
        Self { file: BufWriter::with_capacity(1 << 16, scratch.file(IN_MEMORY)), items: 0 }
    }

    pub(super) fn write(&mut self, item: &[u8]) -> io::Result<()> {
        let length = u32::try_from(item.len()).map_err(io::Error::other)?;
        self.file.write_all(&length.to_le_bytes())?;
        self.items += 1;
        self.file.write_all(item)
    }

    /// Back to the start, to be read.
    pub(super) fn rewound(self) -> io::Result<TapeReader> {
        let mut file = self.file.into_inner()?;
        file.rewind()?;
        Ok(TapeReader { file: BufReader::with_capacity(1 << 18, file), left: self.items })
    }
}

/// A tape being read.
pub(super) struct TapeReader {
    file: BufReader<SpooledTempFile>,
    left: u64,
}

impl TapeReader {
    /// Puts the next item into `item`; `false` at the end.
    pub(super) fn next(&mut self, item: &mut Vec<u8>) -> io::Result<bool> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(false) };
        self.left = left;
        let mut length = [0; 4];
        self.file.read_exact(&mut length)?;
        item.resize(usize::try_from(u32::from_le_bytes(length)).map_err(io::Error::other)?, 0);
        self.file.read_exact(item)?;
        Ok(true)
    }
}
