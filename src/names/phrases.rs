//! Looking up sets of words: rows of a hash and an entry, in order of the hash. Hashes are spread
//! evenly, so where one stands is guessed from its value and found in two or three readings.

use super::{
    error::IndexError,
    image::Part,
    meaning::unseal,
    phrase::{self, Differs},
};
use crate::model::CommonName;

/// Bytes of a row: the hash, and the word of a meaning.
const ROW: usize = 16;

/// Rows that are read at once: some more than a good guess is off by.
const WINDOW: u64 = 32;

/// Guesses before the middle is taken instead: evenly spread hashes need no more.
const GUESSES: usize = 8;

/// The rows of an index.
pub(super) struct Phrases {
    rows: Part,
}

impl Phrases {
    pub(super) fn new(rows: Part) -> Self {
        Self { rows }
    }

    /// The places of the entries whose words differ from those of the name, by how they differ;
    /// the best known first.
    pub(super) fn near(&self, name: &CommonName) -> Result<Vec<(Differs, u64)>, IndexError> {
        let mut found = Vec::new();
        for (differs, hash) in phrase::asked(name) {
            found.extend(self.entries(hash)?.into_iter().map(|place| (differs, place)));
        }
        found.sort_unstable();
        Ok(found)
    }

    fn entries(&self, wanted: u64) -> Result<Vec<u64>, IndexError> {
        let mut row = self.first_at_least(wanted)?;
        let mut found = Vec::new();
        // One hash has few rows (MOST_OF_A_PHRASE), so one or two windows do.
        loop {
            let window = self.window(row, WINDOW)?;
            let same = window.iter().take_while(|(hash, _)| *hash == wanted).map(|(_, place)| *place);
            let before = found.len();
            found.extend(same);
            if found.len() - before < window.len() || window.is_empty() {
                return Ok(found);
            }
            row += window.len() as u64;
        }
    }

    /// The first row whose hash is `wanted` or greater.
    fn first_at_least(&self, wanted: u64) -> Result<u64, IndexError> {
        let (mut low, mut high) = (0, self.rows.length() / ROW as u64);
        let (mut low_hash, mut high_hash) = (0, u64::MAX);
        for turn in 0.. {
            if high - low <= WINDOW {
                break;
            }
            let share = if turn < GUESSES { share(wanted, low_hash, high_hash) } else { 0.5 };
            let guess = low + scaled(high - low, share);
            let start = guess.saturating_sub(WINDOW / 2).clamp(low, high - WINDOW);
            let window = self.window(start, WINDOW)?;
            let (Some((first, _)), Some((last, _))) = (window.first(), window.last()) else { break };
            if *first >= wanted {
                (high, high_hash) = (start, *first);
            } else if *last < wanted {
                (low, low_hash) = (start + WINDOW, *last);
            } else {
                (low, high) = (start, start + WINDOW);
            }
        }
        let window = self.window(low, high - low)?;
        Ok(low + window.partition_point(|(hash, _)| *hash < wanted) as u64)
    }

    /// Rows from `start` on: the hash, and the place of the entry. Every one is checked, for a wrong
    /// hash would lead the search astray.
    fn window(&self, start: u64, rows: u64) -> Result<Vec<(u64, u64)>, IndexError> {
        let most = usize::try_from(rows).unwrap_or(usize::MAX).saturating_mul(ROW);
        let bytes = self.rows.read_some(start.saturating_mul(ROW as u64), most)?;
        let rows = (start..).zip(bytes.chunks_exact(ROW));
        rows.map(|(row, bytes)| read_row(row, bytes).ok_or_else(|| self.rows.damaged(row * ROW as u64)))
            .collect()
    }
}

fn read_row(row: u64, bytes: &[u8]) -> Option<(u64, u64)> {
    let (hash, word) = bytes.split_at_checked(8)?;
    let hash = u64::from_le_bytes(hash.try_into().ok()?);
    Some((hash, phrase::place(unseal(word.try_into().ok()?, row ^ hash)?)?))
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
