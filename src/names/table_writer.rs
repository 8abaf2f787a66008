//! Writing a table of keys: lists and slots first, the transducer when everything else is written.
//!
//! The transducer takes its keys in order of the alphabet, but the number that it gives for a key
//! counts groups in order of fame. So keys are sorted once to find the groups, the groups by their
//! first entry to number them, and the numbers by the key again.

use std::io::{self, Write};

use fst::raw::Builder;

use super::{
    build::{FOR_OTHERS, Summary},
    checksum::Checksum,
    counted::Counted,
    format::TableParts,
    groups::{self, Groups},
    meaning::seal,
    sort::Sorter,
    tape::{Scratch, Tape},
};

/// A table whose transducer is not written yet.
pub(super) struct Unkeyed {
    keys: Tape,
    /// The number of each key's group, to be sorted by the key.
    numbers: Sorter,
    parts: TableParts,
    pub(super) summary: Summary,
}

/// Writes the lists and the slots of what these items mean ([`groups::item`]).
pub(super) fn begin<W: Write>(items: Sorter, scratch: &Scratch, out: &mut Counted<W>) -> io::Result<Unkeyed> {
    let start = out.at();
    let mut groups = Groups::new(scratch, FOR_OTHERS);
    groups.gather(items.sorted()?, out)?;
    let lists = out.since(start);
    let start = out.at();
    let Groups { slots, keys, summary, .. } = groups;
    let numbers = write_slots(slots, Sorter::new(scratch, FOR_OTHERS), out)?;
    let parts = TableParts { lists, slots: out.since(start), ..TableParts::default() };
    Ok(Unkeyed { keys, numbers, parts, summary })
}

impl Unkeyed {
    /// Writes the transducer.
    pub(super) fn finish<W: Write>(self, out: &mut Counted<W>) -> io::Result<TableParts> {
        let start = out.at();
        let keys_checksum = write_keys(self.keys, self.numbers, out)?;
        Ok(TableParts { keys: out.since(start), keys_checksum, ..self.parts })
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

/// Writes the transducer of the keys, which come in order, and of their numbers, which come in the
/// order of the keys once they are sorted. Gives its checksum.
fn write_keys<W: Write>(keys: Tape, numbers: Sorter, out: &mut Counted<W>) -> io::Result<u64> {
    let (mut keys, mut numbers) = (keys.rewound()?, numbers.sorted()?);
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
