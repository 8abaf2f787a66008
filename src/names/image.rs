//! The bytes of an index, in memory or in a file, and the parts of them.
//!
//! A file is read at the place that is wanted and not mapped: what a thousand lookups touch then
//! stays in the system's cache and does not count as this program's memory, and a file that is cut
//! short under our feet is an error of one reading and not the end of the program.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    os::unix::fs::FileExt,
    sync::Arc,
};

use xxhash_rust::xxh3::Xxh3;

use super::{
    error::IndexError,
    format::{Extent, HEADER, Header},
};

/// The keys, for messages.
pub(super) const KEYS: &str = "keys";

/// Bytes of the keys that are read at once.
const PIECE: u64 = 1 << 19;

/// The bytes of an index.
pub(super) enum Image {
    Memory(Vec<u8>),
    File(File),
}

impl Image {
    /// How many bytes there are.
    pub(super) fn length(&self) -> io::Result<u64> {
        match self {
            Self::Memory(bytes) => Ok(bytes.len() as u64),
            Self::File(file) => Ok(file.metadata()?.len()),
        }
    }

    /// Reads the header, which says where all else is.
    pub(super) fn header(&self) -> Result<Header, IndexError> {
        let length = self.length()?;
        let mut bytes = vec![0; usize::try_from(length).unwrap_or(HEADER).min(HEADER)];
        self.read(0, &mut bytes)?;
        Header::read(&bytes, length)
    }

    /// The bytes of the keys, which stand at the end, out of the image. They are read piece by
    /// piece, so that each is still at hand when its checksum is taken.
    pub(super) fn take_keys(&mut self, header: &Header) -> Result<Vec<u8>, IndexError> {
        let start = usize::try_from(header.keys.start).unwrap_or(usize::MAX);
        let length = usize::try_from(header.keys.length).unwrap_or(usize::MAX);
        let mut hash = Xxh3::new();
        let keys = match self {
            Self::Memory(bytes) => {
                let keys = bytes.split_off(start.min(bytes.len()));
                hash.update(&keys);
                keys
            }
            Self::File(file) => {
                let mut keys = Vec::with_capacity(length);
                file.seek(SeekFrom::Start(header.keys.start))?;
                let mut known = 0;
                while file.by_ref().take(PIECE).read_to_end(&mut keys)? > 0 {
                    hash.update(keys.get(known..).unwrap_or_default());
                    known = keys.len();
                }
                keys
            }
        };
        if hash.digest() == header.keys_checksum {
            Ok(keys)
        } else {
            Err(IndexError::Damaged { part: KEYS, at: header.keys.start })
        }
    }

    fn read(&self, at: u64, into: &mut [u8]) -> io::Result<()> {
        match self {
            Self::File(file) => file.read_exact_at(into, at),
            Self::Memory(bytes) => {
                let start = usize::try_from(at).unwrap_or(usize::MAX);
                let found = bytes.get(start..start.saturating_add(into.len()));
                into.copy_from_slice(found.ok_or(io::ErrorKind::UnexpectedEof)?);
                Ok(())
            }
        }
    }
}

/// One part of an index.
pub(super) struct Part {
    image: Arc<Image>,
    extent: Extent,
    /// What is in it, for messages.
    pub(super) name: &'static str,
}

impl Part {
    pub(super) fn new(image: &Arc<Image>, extent: Extent, name: &'static str) -> Self {
        Self { image: Arc::clone(image), extent, name }
    }

    /// Its length in bytes.
    pub(super) fn length(&self) -> u64 {
        self.extent.length
    }

    /// Fills `into` with what stands at `at`, which is counted from the start of the part.
    pub(super) fn read(&self, at: u64, into: &mut [u8]) -> Result<(), IndexError> {
        if at.checked_add(into.len() as u64).is_none_or(|end| end > self.extent.length) {
            return Err(self.damaged(at));
        }
        Ok(self.image.read(self.extent.start + at, into)?)
    }

    /// As many bytes from `at` on as there are, `most` at most.
    pub(super) fn read_some(&self, at: u64, most: usize) -> Result<Vec<u8>, IndexError> {
        let left = usize::try_from(self.extent.length.saturating_sub(at)).unwrap_or(usize::MAX);
        let mut bytes = vec![0; left.min(most)];
        self.read(at, &mut bytes)?;
        Ok(bytes)
    }

    /// That what stands at `at` is not what was written there.
    pub(super) fn damaged(&self, at: u64) -> IndexError {
        IndexError::Damaged { part: self.name, at: self.extent.start.saturating_add(at) }
    }
}
