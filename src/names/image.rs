//! The bytes of an index, in memory or in a file, and the parts of them.
//!
//! A file is read at the place that is wanted and not mapped: what a thousand lookups touch then
//! stays in the system's cache and does not count as this program's memory, and a file that is cut
//! short under our feet is an error of one reading and not the end of the program.

use std::{
    fs::File,
    io::{self, IoSliceMut},
    num::NonZero,
    os::unix::fs::FileExt,
    sync::Arc,
    thread,
};

use rustix::io::{ReadWriteFlags, preadv2};
use tokio::{
    runtime::{Handle, RuntimeFlavor},
    task::block_in_place,
};

use super::{
    checksum::{self, PIECE},
    error::IndexError,
    format::{Extent, HEADER, Header, TableParts},
};

/// The keys, for messages.
pub(super) const KEYS: &str = "keys";

/// Most threads that read the keys: more would wait for the memory.
const MOST_THREADS: usize = 4;

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

    /// The bytes of the keys of a table, out of the image. The keys of names stand last, and those of
    /// words before them: they are taken in this order.
    pub(super) fn take_keys(&mut self, table: &TableParts) -> Result<Vec<u8>, IndexError> {
        let (keys, checksum) = match self {
            Self::File(file) => read_keys(file, table.keys)?,
            Self::Memory(bytes) => {
                let start = usize::try_from(table.keys.start).unwrap_or(usize::MAX);
                let keys = bytes.split_off(start.min(bytes.len()));
                let pieces: Vec<u64> = keys.chunks(PIECE).map(checksum::of_piece).collect();
                (keys, checksum::of_pieces(&pieces))
            }
        };
        if checksum == table.keys_checksum {
            Ok(keys)
        } else {
            Err(IndexError::Damaged { part: KEYS, at: table.keys.start })
        }
    }

    fn read(&self, at: u64, into: &mut [u8]) -> io::Result<()> {
        match self {
            Self::File(file) => read_file(file, at, into),
            Self::Memory(bytes) => {
                let start = usize::try_from(at).unwrap_or(usize::MAX);
                let found = bytes.get(start..start.saturating_add(into.len()));
                into.copy_from_slice(found.ok_or(io::ErrorKind::UnexpectedEof)?);
                Ok(())
            }
        }
    }
}

/// Reads from a file on whatever thread a lookup runs, which is mostly one that serves other clients
/// too. What the system has in its cache, which is nearly everything, is copied in half a
/// microsecond; handing that to another thread would cost ten times as much. For what must come from
/// the disk, tokio is told to let others go on elsewhere while this thread waits.
fn read_file(file: &File, at: u64, into: &mut [u8]) -> io::Result<()> {
    let cached = preadv2(file, &mut [IoSliceMut::new(into)], at, ReadWriteFlags::NOWAIT);
    if cached.is_ok_and(|read| read == into.len()) {
        return Ok(());
    }
    let mut read = || file.read_exact_at(into, at);
    match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => block_in_place(read),
        _ => read(),
    }
}

/// Reads the keys with a few threads, and takes the checksum of each piece while it is at hand:
/// ten million names are ready before anybody would notice.
fn read_keys(file: &File, extent: Extent) -> Result<(Vec<u8>, u64), IndexError> {
    let mut keys = vec![0; usize::try_from(extent.length).map_err(io::Error::other)?];
    let starts = (extent.start..).step_by(PIECE);
    let mut pieces: Vec<(u64, &mut [u8], u64)> =
        starts.zip(keys.chunks_mut(PIECE)).map(|(start, piece)| (start, piece, 0)).collect();
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(MOST_THREADS);
    let share = pieces.len().div_ceil(threads).max(1);
    thread::scope(|scope| {
        let readers = pieces.chunks_mut(share).map(|share| scope.spawn(|| read_pieces(file, share)));
        let readers: Vec<_> = readers.collect();
        readers.into_iter().try_for_each(|reader| {
            reader.join().unwrap_or_else(|_| Err(io::Error::other("a thread that read the keys has ended")))
        })
    })?;
    let checksums: Vec<u64> = pieces.into_iter().map(|(.., checksum)| checksum).collect();
    Ok((keys, checksum::of_pieces(&checksums)))
}

fn read_pieces(file: &File, pieces: &mut [(u64, &mut [u8], u64)]) -> io::Result<()> {
    for (start, piece, checksum) in pieces {
        file.read_exact_at(piece, *start)?;
        *checksum = checksum::of_piece(piece);
    }
    Ok(())
}

/// One part of an index.
pub(super) struct Part {
    image: Arc<Image>,
    extent: Extent,
    /// What is in it, for messages.
    pub(super) name: &'static str,
    /// Its first bytes, where they are held in memory.
    head: Vec<u8>,
}

impl Part {
    pub(super) fn new(image: &Arc<Image>, extent: Extent, name: &'static str) -> Self {
        Self { image: Arc::clone(image), extent, name, head: Vec::new() }
    }

    /// The same with up to `most` of its first bytes held in memory. Where the image is in memory they
    /// are there already.
    pub(super) fn with_head(mut self, most: usize) -> Result<Self, IndexError> {
        if matches!(*self.image, Image::File(_)) {
            self.head = self.read_some(0, most)?;
        }
        Ok(self)
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

    /// As many bytes from `at` on as there are and `into` has room for.
    pub(super) fn fill<'a>(&'a self, at: u64, into: &'a mut [u8]) -> Result<&'a [u8], IndexError> {
        if let Some(held) = self.held(at, into.len()) {
            return Ok(held);
        }
        let read = self.read_up_to(at, into)?;
        Ok(into.get(..read).unwrap_or_default())
    }

    /// The same, read in any case. Gives how many bytes there were.
    pub(super) fn read_up_to(&self, at: u64, into: &mut [u8]) -> Result<usize, IndexError> {
        let left = usize::try_from(self.extent.length.saturating_sub(at)).unwrap_or(usize::MAX);
        let room = left.min(into.len());
        self.read(at, into.get_mut(..room).unwrap_or_default())?;
        Ok(room)
    }

    /// As many bytes from `at` on as there are, `most` at most.
    pub(super) fn read_some(&self, at: u64, most: usize) -> Result<Vec<u8>, IndexError> {
        let left = usize::try_from(self.extent.length.saturating_sub(at)).unwrap_or(usize::MAX);
        let mut bytes = vec![0; left.min(most)];
        self.read(at, &mut bytes)?;
        Ok(bytes)
    }

    /// So many bytes from `at` on, if they are held in memory.
    fn held(&self, at: u64, length: usize) -> Option<&[u8]> {
        self.head.get(usize::try_from(at).ok()?..)?.get(..length)
    }

    /// That what stands at `at` is not what was written there.
    pub(super) fn damaged(&self, at: u64) -> IndexError {
        IndexError::Damaged { part: self.name, at: self.extent.start.saturating_add(at) }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn what_is_held_of_a_file_is_what_stands_in_it() {
        let bytes: Vec<u8> = (0..100).collect();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&bytes).unwrap();
        let image = Arc::new(Image::File(file));
        let part = || Part::new(&image, Extent { start: 10, length: 80 }, "records");
        for most in [0, 7, 80, 1000] {
            let part = part().with_head(most).unwrap();
            assert_eq!(part.head.len(), most.min(80));
            for at in 0..=80_usize {
                let (mut into, room) = ([0; 5], (80 - at).min(5));
                let found = part.fill(at as u64, &mut into).unwrap();
                assert_eq!(found, &bytes[10 + at..][..room], "{at} of {most}");
            }
            assert!(part.fill(81, &mut [0; 5]).is_err());
        }
    }
}
