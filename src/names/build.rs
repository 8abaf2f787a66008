//! Building an index from entries in order of fame, however many there are: each record is written
//! as it comes, and its keys are sorted in bounded memory.
//!
//! Nothing is written twice, and in one direction only, but for the header, which comes last.

use std::{
    collections::BTreeSet,
    io::{self, Seek, Write},
};

use xxhash_rust::xxh3::xxh3_64;

use super::{
    Entry,
    counted::Counted,
    format::{Extent, HEADER, Header, RowsParts},
    forms::Written,
    groups::{self, More},
    inner, keys,
    meaning::{FARTHEST, Meaning, NO_SLIPS},
    phrase, record,
    rows::RowsWriter,
    sketch,
    sort::Sorter,
    table_writer,
    tape::Scratch,
};
use crate::model::CommonName;

/// Memory for sorting keys, and for sorting what is smaller, in bytes. Four sorters are alive at a
/// time at most, so a build stays far below 1 GiB.
const FOR_KEYS: usize = 256 << 20;
pub(super) const FOR_OTHERS: usize = 96 << 20;

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
    words: Sorter,
    phrases: Sorter,
    record: Vec<u8>,
}

impl<W: Write + Seek> IndexBuilder<W> {
    /// Begins an index at the start of `out`.
    pub(super) fn new(out: W, scratch: Scratch) -> io::Result<Self> {
        let mut out = Counted::new(out);
        out.write_all(&[0; HEADER])?;
        Ok(Self {
            header: Header { records: Extent { start: out.at(), length: 0 }, ..Header::default() },
            keys: Sorter::new(&scratch, FOR_KEYS),
            words: Sorter::new(&scratch, FOR_OTHERS),
            phrases: Sorter::new(&scratch, FOR_OTHERS),
            record: Vec::new(),
            out,
            scratch,
        })
    }

    /// Adds the next entry. A name that is no common name is not found by that name.
    pub(super) fn add(&mut self, entry: &Entry) -> io::Result<()> {
        let place = self.out.at() - self.header.records.start;
        if place > FARTHEST {
            return Err(io::Error::other("the records are more than 1 TiB; an index holds no more"));
        }
        record::write(entry, place, &mut self.record);
        self.out.write_all(&self.record)?;
        self.header.entries += 1;
        let address = xxh3_64(entry.uri.as_bytes());
        let own = CommonName::new(&entry.name).map(|name| name.key().to_owned());
        for (key, meaning) in keys::keys(entry, place) {
            let address = groups::address(address, own.as_ref() == Some(&key));
            self.keys.push(&groups::item(&key, meaning, address))?;
        }
        let (mut words, mut sketch) = (BTreeSet::new(), 0);
        for name in entry.names().filter_map(|name| CommonName::new(name)) {
            for hash in phrase::known(&name) {
                self.phrases.push(&[hash.to_be_bytes(), place.to_be_bytes()].concat())?;
            }
            inner::words(&name, &mut words);
            sketch |= sketch::of_name(name.folded());
        }
        let meaning = Meaning { entry: place, written: Written::Loose, slips_from: NO_SLIPS };
        words.iter().try_for_each(|word| self.words.push(&groups::item(word, meaning, sketch)))
    }

    /// Writes everything but the records, which are written already.
    pub(super) fn finish(self) -> io::Result<(W, Summary)> {
        let Self { mut out, scratch, mut header, keys, words, phrases, .. } = self;
        header.records.length = out.at() - header.records.start;
        header.phrases = write_phrases(phrases, &mut out)?;
        let words = table_writer::begin(words, More::Sketch, &scratch, &mut out)?;
        let names = table_writer::begin(keys, More::Address, &scratch, &mut out)?;
        let mut summary = names.summary.clone();
        header.words = words.finish(&mut out)?;
        header.names = names.finish(&mut out)?;

        summary.entries = header.entries;
        summary.bytes = out.at();
        let mut out = out.into_inner();
        out.rewind()?;
        out.write_all(&header.to_bytes())?;
        out.flush()?;
        Ok((out, summary))
    }
}

/// Writes the hash and a meaning for each phrase, the best known entries of each.
fn write_phrases<W: Write>(phrases: Sorter, out: &mut Counted<W>) -> io::Result<RowsParts> {
    let mut phrases = phrases.sorted()?;
    let (mut item, mut last) = (Vec::new(), Vec::new());
    let (mut writer, mut of_this) = (RowsWriter::new(out), 0);
    while phrases.next(&mut item)? {
        if item == last {
            continue;
        }
        let (hash, place) = groups::pair(&item)?;
        of_this = if last.get(..8) == item.get(..8) { of_this + 1 } else { 1 };
        if of_this <= MOST_OF_A_PHRASE {
            writer.push(hash, phrase::to_bits(place), out)?;
        }
        std::mem::swap(&mut last, &mut item);
    }
    writer.finish(out)
}
