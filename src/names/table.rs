//! The table of keys: for each key, the entries it may mean.
//!
//! A key that is known in full is looked up by its hash, in one reading of a row. Below a beginning,
//! and one slip away, keys are found by the transducer, which maps a key to its meaning, if it has one
//! alone ([`value`]). Where it has several, a row says where their list is.

use std::sync::Arc;

use fst::raw::Fst;
use xxhash_rust::xxh3::xxh3_64;

use super::{
    error::IndexError,
    format::TableParts,
    image::{Image, KEYS, Part},
    meaning::{Meaning, Slot, WORD, unseal},
    rows::{Rows, scattered},
    sketch::{self, Sketch},
    value,
};

/// Words of a list that are read at once; most lists are no longer. Those of words have twice as many.
const AT_ONCE: usize = 52;
const AT_ONCE_WITH_SKETCHES: usize = 2 * AT_ONCE;

/// Keys and what they mean.
pub(super) struct Table {
    keys: Fst<Vec<u8>>,
    several: Rows,
    slots: Rows,
    lists: Part,
    start: u64,
}

impl Table {
    /// How many keys there are.
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// The table whose parts these are, with its transducer taken out of the image.
    pub(super) fn read(image: &Arc<Image>, parts: &TableParts, keys: Vec<u8>) -> Result<Self, IndexError> {
        let start = parts.keys.start;
        let keys = Fst::new(keys).map_err(|_| IndexError::Damaged { part: KEYS, at: start })?;
        let several = Rows::read(image, parts.several, "places of lists")?;
        let slots = Rows::read(image, parts.slots, "meanings of keys")?;
        Ok(Self { keys, several, slots, lists: Part::new(image, parts.lists, "lists"), start })
    }

    /// What a key means, in the order of the source; nothing for an unknown key.
    pub(super) fn get(&self, key: &str) -> Result<Vec<Meaning>, IndexError> {
        match self.slot(key)? {
            None => Ok(Vec::new()),
            Some(Slot::One(only)) => Ok(vec![only]),
            Some(Slot::Many(list)) => self.meanings_of(list),
        }
    }

    fn slot(&self, key: &str) -> Result<Option<Slot>, IndexError> {
        let found = self.slots.first(hash(key.as_bytes()))?;
        found.map(|bits| Slot::from_bits(bits).ok_or_else(|| self.slots.damaged())).transpose()
    }

    /// The meanings of a key that has this value.
    pub(super) fn meanings(&self, value: u64) -> Result<Vec<Meaning>, IndexError> {
        if !value::has_several(value) {
            let damaged = IndexError::Damaged { part: KEYS, at: self.start };
            return value::meaning(value).map(|only| vec![only]).ok_or(damaged);
        }
        self.meanings_of(self.place_of_list(value)?)
    }

    fn meanings_of(&self, list: u64) -> Result<Vec<Meaning>, IndexError> {
        self.list(list, 1, AT_ONCE, |at, bytes| meaning(bytes, list, at))
    }

    /// The places of the entries of a word, each with its sketch, in the order of the source.
    pub(super) fn sketched(&self, value: u64) -> Result<Vec<(u64, Sketch)>, IndexError> {
        if !value::has_several(value) {
            return Ok(self.meanings(value)?.into_iter().map(unsketched).collect());
        }
        self.sketched_of(self.place_of_list(value)?)
    }

    fn sketched_of(&self, list: u64) -> Result<Vec<(u64, Sketch)>, IndexError> {
        self.list(list, 2, AT_ONCE_WITH_SKETCHES, |at, bytes| {
            let count = count(bytes, list)?;
            Some((meaning(bytes, list, at)?.entry, word(bytes, list, count + at)?))
        })
    }

    /// The same of a key; nothing for an unknown one.
    pub(super) fn get_sketched(&self, key: &str) -> Result<Vec<(u64, Sketch)>, IndexError> {
        match self.slot(key)? {
            None => Ok(Vec::new()),
            Some(Slot::One(only)) => Ok(vec![unsketched(only)]),
            Some(Slot::Many(list)) => self.sketched_of(list),
        }
    }

    fn place_of_list(&self, value: u64) -> Result<u64, IndexError> {
        match self.several.first(scattered(value))?.and_then(Slot::from_bits) {
            Some(Slot::Many(list)) => Ok(list),
            _ => Err(self.several.damaged()),
        }
    }

    /// The same of a name, and nothing of initials and labels, which are not even read.
    pub(super) fn names(&self, value: u64) -> Result<Vec<Meaning>, IndexError> {
        if value::is_name(value) { self.meanings(value) } else { Ok(Vec::new()) }
    }

    /// The transducer, to be walked.
    pub(super) fn keys(&self) -> &Fst<Vec<u8>> {
        &self.keys
    }

    /// Reads the list that begins at `start`, and takes `one` of each of its meanings. There are `each`
    /// words for one.
    fn list<T>(
        &self,
        start: u64,
        each: usize,
        words: usize,
        one: impl Fn(usize, &[u8]) -> Option<T>,
    ) -> Result<Vec<T>, IndexError> {
        let at = start.saturating_mul(WORD as u64);
        let wrong = || self.lists.damaged(at);
        let mut at_once = [0; AT_ONCE_WITH_SKETCHES * WORD];
        let room = at_once.get_mut(..words * WORD).unwrap_or_default();
        let mut bytes = self.lists.fill(at, room)?;
        let count = count(bytes, start).ok_or_else(wrong)?;
        let length = count.saturating_mul(each).saturating_add(1).saturating_mul(WORD);
        let longer;
        if bytes.len() < length {
            longer = self.lists.read_some(at, length)?;
            bytes = &longer;
        }
        (1..=count).map(|at| one(at, bytes).ok_or_else(wrong)).collect()
    }
}

/// The hash of a key, by which its slot is found. That two of thirteen million keys have the
/// same one, and one is then taken for the other, is one case in 200,000.
pub(super) fn hash(key: &[u8]) -> u64 {
    xxh3_64(key)
}

/// An entry that no list tells of, and so no sketch.
fn unsketched(meaning: Meaning) -> (u64, Sketch) {
    (meaning.entry, sketch::ANY)
}

/// How many meanings a list has.
fn count(list: &[u8], start: u64) -> Option<usize> {
    match Slot::from_bits(word(list, start, 0)?)? {
        Slot::Many(count) => usize::try_from(count).ok(),
        Slot::One(_) => None,
    }
}

fn meaning(list: &[u8], start: u64, at: usize) -> Option<Meaning> {
    match Slot::from_bits(word(list, start, at)?)? {
        Slot::One(meaning) => Some(meaning),
        Slot::Many(_) => None,
    }
}

/// The word at `at` of a list that begins at `start`; `None` if it is not as it was written.
fn word(list: &[u8], start: u64, at: usize) -> Option<u64> {
    let word = list.get(at.checked_mul(WORD)?..)?.first_chunk()?;
    unseal(*word, start + at as u64)
}
