//! Rows of a hash and a word, in order of the hash. Hashes are spread evenly, so where one stands
//! is guessed, and mostly found in one reading: marks that are held in memory say where each share
//! of all hashes begins, and so a guess is off by a few rows only.

use std::{
    io::{self, Write},
    sync::Arc,
};

use super::{
    counted::Counted,
    error::IndexError,
    format::RowsParts,
    image::{Image, Part},
    meaning::{PLACE, WORD, seal, unseal},
};

/// Bytes of a row: the hash, and a sealed word.
const ROW: usize = 16;

/// Rows that are read at once: some more than a good guess is off by.
const WINDOW: usize = 32;

/// Rows for each mark, about: with so many a guess is off by eight or so.
const ROWS_OF_A_MARK: u64 = 256;

/// The binary logarithm of the most marks: 2 MiB of memory.
const MOST_MARKS: u32 = 18;

/// Guesses before the middle is taken instead: evenly spread hashes need no more.
const GUESSES: usize = 8;

/// A row: the hash, and the word unsealed.
pub(super) type Row = (u64, u64);

/// The rows of an index.
pub(super) struct Rows {
    rows: Part,
    /// The first row of each share of the hashes; how many there are is a power of two.
    marks: Vec<u64>,
}

/// A number that is some hash and that no other number has.
pub(super) fn scattered(number: u64) -> u64 {
    // Fibonacci hashing: times 2^64 divided by the golden ratio.
    number.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

impl Rows {
    /// The rows of these parts; their marks are read and checked here.
    pub(super) fn read(image: &Arc<Image>, parts: RowsParts, name: &'static str) -> Result<Self, IndexError> {
        let marks = Part::new(image, parts.marks, name);
        let bytes = marks.read_some(0, usize::MAX)?;
        let words = (0..).zip(bytes.chunks_exact(WORD));
        let read = words.map(|(at, word)| {
            let word = word.first_chunk().and_then(|word| unseal(*word, at));
            word.map(|bits| bits >> PLACE).ok_or_else(|| marks.damaged(at * WORD as u64))
        });
        let read = read.collect::<Result<Vec<_>, _>>()?;
        if read.len().is_power_of_two() {
            Ok(Self { rows: Part::new(image, parts.rows, name), marks: read })
        } else {
            Err(marks.damaged(0))
        }
    }

    /// The words of all rows with this hash, in the order in which they were written.
    pub(super) fn find(&self, wanted: u64) -> Result<Vec<u64>, IndexError> {
        let (mut next, mut window) = self.first_at_least(wanted)?;
        let mut found = Vec::new();
        // One hash has few rows, so one or two windows do.
        loop {
            let before = found.len();
            found.extend(window.iter().take_while(|(hash, _)| *hash == wanted).map(|(_, word)| *word));
            if window.is_empty() || found.len() - before < window.len() {
                return Ok(found);
            }
            window = self.window(next)?;
            next += window.len() as u64;
        }
    }

    /// That a word is not one that can stand there.
    pub(super) fn damaged(&self) -> IndexError {
        self.rows.damaged(0)
    }

    /// Rows from the first on whose hash is `wanted` or greater, none if there is none nearby; and
    /// the row behind them.
    fn first_at_least(&self, wanted: u64) -> Result<(u64, Vec<Row>), IndexError> {
        let Bounds { mut low, mut high, mut low_hash, mut high_hash } = self.bounds(wanted);
        for turn in 0.. {
            let share = if turn < GUESSES { share(wanted, low_hash, high_hash) } else { 0.5 };
            let guess = low + scaled(high.saturating_sub(low), share);
            let last_start = high.saturating_sub(WINDOW as u64).max(low);
            let start = guess.saturating_sub(WINDOW as u64 / 2).clamp(low, last_start);
            let mut window = self.window(start)?;
            let end = start + window.len() as u64;
            match (window.first(), window.last()) {
                (Some((first, _)), _) if *first >= wanted && start > low => {
                    (high, high_hash) = (start, *first);
                }
                (_, Some((last, _))) if *last < wanted && end <= high => (low, low_hash) = (end, *last),
                _ => {
                    window.drain(..window.partition_point(|(hash, _)| *hash < wanted));
                    return Ok((end, window));
                }
            }
        }
        Ok((high, Vec::new()))
    }

    /// Between which rows a hash stands.
    fn bounds(&self, wanted: u64) -> Bounds {
        let bits = self.marks.len().trailing_zeros();
        let share = prefix(wanted, bits);
        let mark = |at: usize| self.marks.get(at).copied();
        let rows = self.rows.length() / ROW as u64;
        let width = u64::MAX.checked_shr(bits).unwrap_or_default();
        let low_hash = wanted & !width;
        Bounds {
            low: mark(share).unwrap_or_default().min(rows),
            high: mark(share + 1).unwrap_or(rows).min(rows),
            low_hash,
            high_hash: low_hash | width,
        }
    }

    /// Rows from `start` on. Every one is checked, for a wrong hash would lead the search astray.
    fn window(&self, start: u64) -> Result<Vec<Row>, IndexError> {
        let mut bytes = [0; WINDOW * ROW];
        let bytes = self.rows.fill(start.saturating_mul(ROW as u64), &mut bytes)?;
        let rows = (start..).zip(bytes.chunks_exact(ROW));
        rows.map(|(row, bytes)| read_row(row, bytes).ok_or_else(|| self.rows.damaged(row * ROW as u64)))
            .collect()
    }
}

/// Between which rows a hash stands: at `low` at least, at `high` at most.
struct Bounds {
    low: u64,
    high: u64,
    low_hash: u64,
    high_hash: u64,
}

fn read_row(row: u64, bytes: &[u8]) -> Option<Row> {
    let (hash, word) = bytes.split_at_checked(8)?;
    let hash = u64::from_le_bytes(hash.try_into().ok()?);
    Some((hash, unseal(word.try_into().ok()?, row ^ hash)?))
}

/// The first bits of a hash.
fn prefix(hash: u64, bits: u32) -> usize {
    usize::try_from(hash.checked_shr(u64::BITS - bits).unwrap_or_default()).unwrap_or(usize::MAX)
}

/// How far between two hashes a third one is, from 0 to 1.
#[allow(clippy::cast_precision_loss)]
fn share(wanted: u64, low: u64, high: u64) -> f64 {
    let width = high.saturating_sub(low).max(1) as f64;
    (wanted.saturating_sub(low) as f64 / width).clamp(0.0, 1.0)
}

#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn scaled(rows: u64, share: f64) -> u64 {
    ((rows as f64 * share) as u64).min(rows)
}

/// Rows being written, in order of their hash.
pub(super) struct RowsWriter {
    start: u64,
    rows: u64,
    /// As many as there may be; how many rows there are is known in the end.
    marks: Vec<u64>,
}

impl RowsWriter {
    pub(super) fn new<W: Write>(out: &Counted<W>) -> Self {
        Self { start: out.at(), rows: 0, marks: Vec::new() }
    }

    /// Writes the next row.
    pub(super) fn push<W: Write>(&mut self, hash: u64, word: u64, out: &mut Counted<W>) -> io::Result<()> {
        // Of each share up to that of this hash, unless an earlier row was its first.
        let marks = prefix(hash, MOST_MARKS) + 1;
        if marks > self.marks.len() {
            self.marks.resize(marks, self.rows);
        }
        out.write_all(&hash.to_le_bytes())?;
        out.write_all(&seal(word, self.rows ^ hash))?;
        self.rows += 1;
        Ok(())
    }

    /// Writes the marks.
    pub(super) fn finish<W: Write>(mut self, out: &mut Counted<W>) -> io::Result<RowsParts> {
        let rows = out.since(self.start);
        let start = out.at();
        self.marks.resize(1 << MOST_MARKS, self.rows);
        let bits = (self.rows / ROWS_OF_A_MARK).checked_ilog2().unwrap_or_default().min(MOST_MARKS);
        let kept = self.marks.iter().step_by(1 << (MOST_MARKS - bits));
        for (at, mark) in (0..).zip(kept) {
            out.write_all(&seal(mark << PLACE, at))?;
        }
        Ok(RowsParts { rows, marks: out.since(start) })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    /// Rows of so many hashes, each with one or some words.
    fn rows(words: &BTreeMap<u64, Vec<u64>>) -> Rows {
        let mut out = Counted::new(Vec::new());
        let mut writer = RowsWriter::new(&out);
        for (hash, words) in words {
            words.iter().for_each(|word| writer.push(*hash, *word << PLACE, &mut out).unwrap());
        }
        let parts = writer.finish(&mut out).unwrap();
        Rows::read(&Arc::new(Image::Memory(out.into_inner())), parts, "rows").unwrap()
    }

    fn check(words: &BTreeMap<u64, Vec<u64>>) {
        let rows = rows(words);
        for (hash, words) in words {
            let found = rows.find(*hash).unwrap().into_iter().map(|word| word >> PLACE);
            assert_eq!(found.collect::<Vec<_>>(), *words, "{hash}");
            for other in [hash.wrapping_add(1), hash.wrapping_sub(1)] {
                assert_eq!(rows.find(other).unwrap().is_empty(), !is_there(&rows, other), "{other}");
            }
        }
    }

    /// Whether any row has the hash.
    fn is_there(rows: &Rows, hash: u64) -> bool {
        let count = rows.rows.length() / ROW as u64;
        (0..count).any(|row| rows.window(row).unwrap().first().is_some_and(|found| found.0 == hash))
    }

    #[test]
    fn of_many_rows_each_is_found() {
        let words = (0..40_000).map(|n: u64| (scattered(n), vec![n; 1 + usize::from(n.is_multiple_of(10))]));
        let rows = rows(&words.collect());
        assert_eq!(rows.marks.len(), 128);
        for n in 0..40_000 {
            let found = rows.find(scattered(n)).unwrap();
            assert_eq!(found, vec![n << PLACE; 1 + usize::from(n.is_multiple_of(10))]);
            assert_eq!(rows.find(scattered(n + 50_000)).unwrap(), [0; 0]);
        }
    }

    proptest! {
        #[test]
        fn hashes_may_be_anything(
            words in prop::collection::btree_map(
                prop_oneof![any::<u64>(), 0..9_u64, (u64::MAX - 9)..=u64::MAX],
                prop::collection::vec(0..1_u64 << 40, 1..50), 0..20),
        ) {
            check(&words);
        }
    }
}
