//! Writing a table of keys: lists and slots first, the transducer when everything else is written.
//!
//! The transducer takes its keys in order of the alphabet, but the values of keys with several
//! meanings are given in order of fame ([`value`]). So keys are sorted once to find the groups, the
//! groups by their first entry to give them values, and the values by the key again.

use std::io::{self, Write};

use fst::raw::Builder;

use super::{
    build::{FOR_OTHERS, Summary},
    checksum::Checksum,
    counted::Counted,
    format::{RowsParts, TableParts},
    groups::{self, Groups, More},
    meaning::Slot,
    rows::{RowsWriter, scattered},
    sort::Sorter,
    tape::{Scratch, Tape},
    value::{self, Several},
};

/// A table whose transducer is not written yet.
pub(super) struct Unkeyed {
    keys: Tape,
    /// The value of each key, to be sorted by the key.
    values: Sorter,
    parts: TableParts,
    pub(super) summary: Summary,
}

/// Writes the lists of what these items mean, and where each is ([`groups::item`]).
pub(super) fn begin<W: Write>(
    items: Sorter,
    more: More,
    scratch: &Scratch,
    out: &mut Counted<W>,
) -> io::Result<Unkeyed> {
    let start = out.at();
    let mut groups = Groups::new(scratch, FOR_OTHERS, more);
    groups.gather(items.sorted()?, out)?;
    let lists = out.since(start);
    let Groups { slots, hashed, keys, summary, .. } = groups;
    let slots_by_hash = write_rows(hashed, out)?;
    let (mut values, mut several) = (Sorter::new(scratch, FOR_OTHERS), Sorter::new(scratch, FOR_OTHERS));
    give_values(slots, &mut values, &mut several)?;
    let several = write_rows(several, out)?;
    let parts = TableParts { lists, several, slots: slots_by_hash, ..TableParts::default() };
    Ok(Unkeyed { keys, values, parts, summary })
}

impl Unkeyed {
    /// Writes the transducer.
    pub(super) fn finish<W: Write>(self, out: &mut Counted<W>) -> io::Result<TableParts> {
        let start = out.at();
        let keys_checksum = write_keys(self.keys, self.values, out)?;
        Ok(TableParts { keys: out.since(start), keys_checksum, ..self.parts })
    }
}

/// Gives each group its value, in order of fame, to be sorted by the key; and of those with several
/// meanings where their list is, to be sorted by the hash of the value.
fn give_values(slots: Sorter, values: &mut Sorter, lists: &mut Sorter) -> io::Result<()> {
    let mut slots = slots.sorted()?;
    let (mut item, mut several) = (Vec::new(), Several::default());
    while slots.next(&mut item)? {
        let (first, ordinal, word) = groups::slot(&item)?;
        let (_, is_name) = groups::unmarked(ordinal);
        let value = match Slot::from_bits(word).ok_or(io::ErrorKind::InvalidData)? {
            Slot::One(meaning) => value::of_one(meaning, is_name),
            Slot::Many(_) => {
                let value = several.value(first, is_name);
                lists.push(&[scattered(value), word].map(u64::to_be_bytes).concat())?;
                value
            }
        };
        values.push(&[ordinal, value].map(u64::to_be_bytes).concat())?;
    }
    Ok(())
}

fn write_rows<W: Write>(rows: Sorter, out: &mut Counted<W>) -> io::Result<RowsParts> {
    let mut rows = rows.sorted()?;
    let (mut item, mut writer) = (Vec::new(), RowsWriter::new(out));
    while rows.next(&mut item)? {
        let (hash, word) = groups::pair(&item)?;
        writer.push(hash, word, out)?;
    }
    writer.finish(out)
}

/// Writes the transducer of the keys, which come in order, and of their values, which come in the
/// order of the keys once they are sorted. Gives its checksum.
fn write_keys<W: Write>(keys: Tape, values: Sorter, out: &mut Counted<W>) -> io::Result<u64> {
    let (mut keys, mut values) = (keys.rewound()?, values.sorted()?);
    let mut hashed = Hashed { out, checksum: Checksum::new() };
    let mut builder = Builder::new(&mut hashed).map_err(io::Error::other)?;
    let (mut key, mut item) = (Vec::new(), Vec::new());
    while keys.next(&mut key)? && values.next(&mut item)? {
        let (_, value) = groups::pair(&item)?;
        builder.insert(&key, value).map_err(of_fst)?;
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
