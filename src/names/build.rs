//! Building an index from entries in order of fame, however many there are: each record is written
//! as it comes, and its keys are sorted in bounded memory.
//!
//! The transducer takes its keys in order of the alphabet, but the number that it gives for a key
//! counts groups in order of fame. So keys are sorted once to find the groups, the groups by their
//! first entry to number them, and the numbers by the key again. Nothing is written twice, and in
//! one direction only, but for the header, which comes last.

use std::io::{self, Seek, Write};

use fst::raw::Builder;
use xxhash_rust::xxh3::xxh3_64;

use super::{
    Entry,
    checksum::Checksum,
    format::{Extent, HEADER, Header},
    groups::{self, Groups},
    keys,
    meaning::{FARTHEST, seal},
    phrase, record,
    sort::Sorter,
    tape::{Scratch, TapeReader},
};
use crate::model::CommonName;

/// Memory for sorting keys, and for sorting what is smaller, in bytes. Three sorters are alive at a
/// time at most, so a build stays far below 1 GiB.
const FOR_KEYS: usize = 256 << 20;
const FOR_OTHERS: usize = 96 << 20;

/// Most entries found by one set of words: as many as an answer holds.
const MOST_OF_A_PHRASE: usize = 50;

/// What became of the entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    pub entries: u64,
    /// Keys by which they are found.
    pub keys: u64,
    /// Size of the index, in bytes.
    pub bytes: u64,
    /// Entries with the name and the address of an earlier one.
    pub repeated: u64,
    /// Names that lead to several addresses.
    pub ambiguous: u64,
    /// The first of these, in order of the alphabet.
    pub examples: Vec<Ambiguous>,
}

/// A name that leads to several addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ambiguous {
    /// The name as it is compared: letters and digits.
    pub name: String,
    pub addresses: usize,
}

/// An index being built into `W`.
pub(super) struct IndexBuilder<W> {
    out: Counted<W>,
    scratch: Scratch,
    header: Header,
    keys: Sorter,
    phrases: Sorter,
    record: Vec<u8>,
}

impl<W: Write + Seek> IndexBuilder<W> {
    /// Begins an index at the start of `out`.
    pub(super) fn new(out: W, scratch: Scratch) -> io::Result<Self> {
        let mut out = Counted { out, at: 0 };
        out.write_all(&[0; HEADER])?;
        Ok(Self {
            header: Header { records: Extent { start: out.at, length: 0 }, ..Header::default() },
            keys: Sorter::new(&scratch, FOR_KEYS),
            phrases: Sorter::new(&scratch, FOR_OTHERS),
            record: Vec::new(),
            out,
            scratch,
        })
    }

    /// Adds the next entry. A name that is no common name is not found by that name.
    pub(super) fn add(&mut self, entry: &Entry) -> io::Result<()> {
        let place = self.out.at - self.header.records.start;
        if place > FARTHEST {
            return Err(io::Error::other("the records are more than 1 TiB; an index holds no more"));
        }
        record::write(entry, place, &mut self.record);
        self.out.write_all(&self.record)?;
        self.header.entries += 1;
        let address = xxh3_64(entry.uri.as_bytes());
        for (key, meaning) in keys::keys(entry, place) {
            self.keys.push(&groups::item(&key, meaning, address))?;
        }
        for name in entry.names().filter_map(|name| CommonName::new(name)) {
            for hash in phrase::known(&name) {
                self.phrases.push(&[hash.to_be_bytes(), place.to_be_bytes()].concat())?;
            }
        }
        Ok(())
    }

    /// Writes everything but the records, which are written already.
    pub(super) fn finish(mut self) -> io::Result<(W, Summary)> {
        self.header.records.length = self.out.at - self.header.records.start;
        let start = self.out.at;
        let mut groups = Groups::new(&self.scratch, FOR_OTHERS);
        groups.gather(self.keys.sorted()?, &mut self.out)?;
        self.header.lists = self.out.since(start);
        let Groups { slots, keys, mut summary, .. } = groups;

        let start = self.out.at;
        let numbers = write_slots(slots, Sorter::new(&self.scratch, FOR_OTHERS), &mut self.out)?;
        self.header.slots = self.out.since(start);
        let start = self.out.at;
        write_phrases(self.phrases, &mut self.out)?;
        self.header.phrases = self.out.since(start);
        let start = self.out.at;
        self.header.keys_checksum = write_keys(keys.rewound()?, numbers, &mut self.out)?;
        self.header.keys = self.out.since(start);

        summary.entries = self.header.entries;
        summary.bytes = self.out.at;
        let mut out = self.out.out;
        out.rewind()?;
        out.write_all(&self.header.to_bytes())?;
        out.flush()?;
        Ok((out, summary))
    }
}

/// Writes the slots in order of fame, and gives the numbers that they get to be sorted by the key.
fn write_slots<W: Write>(slots: Sorter, mut numbers: Sorter, out: &mut Counted<W>) -> io::Result<Sorter> {
    let mut slots = slots.sorted()?;
    let mut item = Vec::new();
    let mut number = 0;
    while slots.next(&mut item)? {
        let (ordinal, word) = groups::slot(&item)?;
        out.write_all(&seal(word, number))?;
        let (_, is_name) = groups::unmarked(ordinal);
        numbers.push(&[ordinal, groups::marked(number, is_name)].map(u64::to_be_bytes).concat())?;
        number += 1;
    }
    Ok(numbers)
}

/// Writes the hash and a meaning for each phrase, the best known entries of each.
fn write_phrases<W: Write>(phrases: Sorter, out: &mut Counted<W>) -> io::Result<()> {
    let mut phrases = phrases.sorted()?;
    let (mut item, mut last) = (Vec::new(), Vec::new());
    let (mut row, mut of_this) = (0_u64, 0);
    while phrases.next(&mut item)? {
        if item == last {
            continue;
        }
        let (hash, place) = groups::pair(&item)?;
        of_this = if last.get(..8) == item.get(..8) { of_this + 1 } else { 1 };
        if of_this <= MOST_OF_A_PHRASE {
            out.write_all(&hash.to_le_bytes())?;
            out.write_all(&seal(phrase::to_bits(place), row ^ hash))?;
            row += 1;
        }
        std::mem::swap(&mut last, &mut item);
    }
    Ok(())
}

/// Writes the transducer of the keys, which come in order, and of their numbers, which come in the
/// order of the keys once they are sorted. Gives its checksum.
fn write_keys<W: Write>(mut keys: TapeReader, numbers: Sorter, out: &mut Counted<W>) -> io::Result<u64> {
    let mut numbers = numbers.sorted()?;
    let mut hashed = Hashed { out, checksum: Checksum::new() };
    let mut builder = Builder::new(&mut hashed).map_err(io::Error::other)?;
    let (mut key, mut item) = (Vec::new(), Vec::new());
    while keys.next(&mut key)? && numbers.next(&mut item)? {
        let (_, number) = groups::pair(&item)?;
        builder.insert(&key, number).map_err(of_fst)?;
    }
    builder.finish().map_err(of_fst)?;
    Ok(hashed.checksum.finish())
}

fn of_fst(error: fst::Error) -> io::Error {
    match error {
        fst::Error::Io(error) => error,
        error => io::Error::other(error),
    }
}

/// A writer that knows how much it has written.
pub(super) struct Counted<W> {
    out: W,
    at: u64,
}

impl<W> Counted<W> {
    fn since(&self, start: u64) -> Extent {
        Extent { start, length: self.at - start }
    }
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.at += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A writer that takes the checksum of what goes through it.
struct Hashed<'a, W> {
    out: &'a mut Counted<W>,
    checksum: Checksum,
}

impl<W: Write> Write for Hashed<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.checksum.update(bytes.get(..written).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
