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

    /// The word of the first row with this hash.
    pub(super) fn first(&self, wanted: u64) -> Result<Option<u64>, IndexError> {
        let Some((window, at)) = self.first_at_least(wanted)? else { return Ok(None) };
        let (hash, word) = self.row(&window, at)?;
        Ok((hash == wanted).then_some(word))
    }

    /// The words of all rows with this hash, in the order in which they were written.
    pub(super) fn find(&self, wanted: u64) -> Result<Vec<u64>, IndexError> {
        let mut found = Vec::new();
        let Some((mut window, mut at)) = self.first_at_least(wanted)? else { return Ok(found) };
        // One hash has few rows, so one or two windows do.
        while window.count > 0 {
            while at < window.count {
                let (hash, word) = self.row(&window, at)?;
                if hash != wanted {
                    return Ok(found);
                }
                found.push(word);
                at += 1;
            }
            (window, at) = (self.window(window.end())?, 0);
        }
        Ok(found)
    }

    /// That a word is not one that can stand there.
    pub(super) fn damaged(&self) -> IndexError {
        self.rows.damaged(0)
    }

    /// The first row whose hash is `wanted` or greater, if there is one nearby: a window and the place
    /// in it.
    fn first_at_least(&self, wanted: u64) -> Result<Option<(Window, usize)>, IndexError> {
        let Bounds { mut low, mut high, mut low_hash, mut high_hash } = self.bounds(wanted);
        let mut guesses = 0;
        loop {
            let share = if guesses < GUESSES { share(wanted, low_hash, high_hash) } else { 0.5 };
            guesses += 1;
            let guess = low + scaled(high.saturating_sub(low), share);
            let last_start = high.saturating_sub(WINDOW as u64).max(low);
            let start = guess.saturating_sub(WINDOW as u64 / 2).clamp(low, last_start);
            let window = self.window(start)?;
            let Some(last) = window.count.checked_sub(1) else { return Ok(None) };
            let (first_hash, last_hash) = (self.row(&window, 0)?.0, self.row(&window, last)?.0);
            if first_hash >= wanted && start > low {
                (high, high_hash) = (start, first_hash);
            } else if last_hash >= wanted {
                let at = self.partition_point(&window, wanted)?;
                return Ok(Some((window, at)));
            } else if window.end() <= high {
                (low, low_hash) = (window.end(), last_hash);
            } else {
                return Ok(None);
            }
        }
    }

    /// How many rows of a window have a smaller hash. Each that is looked at is checked, for a wrong
    /// hash would lead the search astray.
    fn partition_point(&self, window: &Window, wanted: u64) -> Result<usize, IndexError> {
        let (mut low, mut high) = (0, window.count);
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.row(window, middle)?.0 < wanted { low = middle + 1 } else { high = middle }
        }
        Ok(low)
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

    /// Rows from `first` on, as they stand there.
    fn window(&self, first: u64) -> Result<Window, IndexError> {
        let mut bytes = [0; WINDOW * ROW];
        let count = self.rows.read_up_to(first.saturating_mul(ROW as u64), &mut bytes)? / ROW;
        Ok(Window { first, count, bytes })
    }

    /// A row of a window, checked.
    fn row(&self, window: &Window, at: usize) -> Result<Row, IndexError> {
        let row = window.first + at as u64;
        let bytes = window.bytes.get(at * ROW..).unwrap_or_default();
        read_row(row, bytes).ok_or_else(|| self.rows.damaged(row * ROW as u64))
    }
}

/// Rows that were read at once.
struct Window {
    first: u64,
    count: usize,
    bytes: [u8; WINDOW * ROW],
}

impl Window {
    /// The row behind them.
    fn end(&self) -> u64 {
        self.first + self.count as u64
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
    let (hash, rest) = bytes.split_first_chunk()?;
    let hash = u64::from_le_bytes(*hash);
    Some((hash, unseal(*rest.first_chunk()?, row ^ hash)?))
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
        (0..count).any(|row| rows.row(&rows.window(row).unwrap(), 0).unwrap().0 == hash)
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
