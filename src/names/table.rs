//! The table of keys: for each key, the entries it may mean.
//!
//! The transducer maps a key to its meaning, if it has one alone ([`value`]). Where it has several,
//! a row says where their list is.

use std::sync::Arc;

use fst::raw::Fst;

use super::{
    error::IndexError,
    format::TableParts,
    image::{Image, KEYS, Part},
    meaning::{Meaning, Slot, WORD, unseal},
    rows::{Rows, scattered},
    value,
};

/// Words of a list that are read at once; most lists are no longer.
const AT_ONCE: usize = 52;

/// Keys and what they mean.
pub(super) struct Table {
    keys: Fst<Vec<u8>>,
    several: Rows,
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
        Ok(Self { keys, several, lists: Part::new(image, parts.lists, "lists"), start })
    }

    /// What a key means, in the order of the source; nothing for an unknown key.
    pub(super) fn get(&self, key: &str) -> Result<Vec<Meaning>, IndexError> {
        self.keys.get(key.as_bytes()).map_or(Ok(Vec::new()), |value| self.meanings(value.value()))
    }

    /// The meanings of a key that has this value.
    pub(super) fn meanings(&self, value: u64) -> Result<Vec<Meaning>, IndexError> {
        if !value::has_several(value) {
            let damaged = IndexError::Damaged { part: KEYS, at: self.start };
            return value::meaning(value).map(|only| vec![only]).ok_or(damaged);
        }
        let found = self.several.find(scattered(value))?;
        match found.first().copied().and_then(Slot::from_bits) {
            Some(Slot::Many(list)) => self.list(list),
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

    fn list(&self, start: u64) -> Result<Vec<Meaning>, IndexError> {
        let mut at_once = [0; AT_ONCE * WORD];
        let mut bytes = self.lists.fill(start.saturating_mul(WORD as u64), &mut at_once)?;
        let wrong = || self.lists.damaged(start.saturating_mul(WORD as u64));
        let Some(Slot::Many(count)) = word(bytes, start, 0) else { return Err(wrong()) };
        let count = usize::try_from(count).map_err(|_| wrong())?;
        let longer;
        if bytes.len() / WORD <= count {
            let length = count.saturating_add(1).saturating_mul(WORD);
            longer = self.lists.read_some(start.saturating_mul(WORD as u64), length)?;
            bytes = &longer;
        }
        let meanings = (1..=count).map(|at| match word(bytes, start, at) {
            Some(Slot::One(meaning)) => Ok(meaning),
            _ => Err(wrong()),
        });
        meanings.collect()
    }
}

/// The word at `at` of a list that begins at `start`; `None` if it is not as it was written.
fn word(list: &[u8], start: u64, at: usize) -> Option<Slot> {
    let word = list.get(at.checked_mul(WORD)?..)?.first_chunk()?;
    unseal(*word, start + at as u64).and_then(Slot::from_bits)
}
