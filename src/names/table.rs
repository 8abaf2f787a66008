//! The table of keys: for each key, the entries it may mean.
//!
//! The transducer maps a key to the number of its group, with a mark ([`groups::marked`]). Groups are numbered by the order of
//! their first entry, so a smaller number is a better known name, and the smallest number below
//! any prefix is read off the way there: that is what makes [`super::NameIndex::suggest`] cheap.

use std::sync::Arc;

use fst::raw::Fst;

use super::{
    error::IndexError,
    format::TableParts,
    groups,
    image::{Image, KEYS, Part},
    meaning::{Meaning, Slot, WORD, unseal},
};

/// Words of a list that are read at once; most lists are no longer.
const AT_ONCE: usize = 52;

/// Keys and what they mean.
pub(super) struct Table {
    keys: Fst<Vec<u8>>,
    slots: Part,
    lists: Part,
}

impl Table {
    /// How many keys there are.
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// The table whose parts these are, with its transducer taken out of the image.
    pub(super) fn read(image: &Arc<Image>, parts: &TableParts, keys: Vec<u8>) -> Result<Self, IndexError> {
        let keys = Fst::new(keys).map_err(|_| IndexError::Damaged { part: KEYS, at: parts.keys.start })?;
        let part = |extent, name| Part::new(image, extent, name);
        Ok(Self { keys, slots: part(parts.slots, "slots"), lists: part(parts.lists, "lists") })
    }

    /// What a key means, in the order of the source; nothing for an unknown key.
    pub(super) fn get(&self, key: &str) -> Result<Vec<Meaning>, IndexError> {
        self.keys.get(key.as_bytes()).map_or(Ok(Vec::new()), |number| self.group(number.value()))
    }

    /// The meanings of the group that the transducer gave the number of.
    pub(super) fn group(&self, number: u64) -> Result<Vec<Meaning>, IndexError> {
        let (number, _) = groups::unmarked(number);
        let mut word = [0; WORD];
        let at = number.saturating_mul(WORD as u64);
        self.slots.read(at, &mut word)?;
        match unseal(word, number).and_then(Slot::from_bits) {
            Some(Slot::One(meaning)) => Ok(vec![meaning]),
            Some(Slot::Many(list)) => self.list(list),
            None => Err(self.slots.damaged(at)),
        }
    }

    /// The same of a name, and nothing of initials and labels, which are not even read.
    pub(super) fn names(&self, number: u64) -> Result<Vec<Meaning>, IndexError> {
        let (_, is_name) = groups::unmarked(number);
        if is_name { self.group(number) } else { Ok(Vec::new()) }
    }

    /// The transducer, to be walked.
    pub(super) fn keys(&self) -> &Fst<Vec<u8>> {
        &self.keys
    }

    fn list(&self, start: u64) -> Result<Vec<Meaning>, IndexError> {
        let mut bytes = self.list_bytes(start, AT_ONCE)?;
        let wrong = || self.lists.damaged(start.saturating_mul(WORD as u64));
        let Some(Slot::Many(count)) = Self::word(&bytes, start, 0) else { return Err(wrong()) };
        let count = usize::try_from(count).map_err(|_| wrong())?;
        if bytes.len() / WORD <= count {
            bytes = self.list_bytes(start, count.saturating_add(1))?;
        }
        let meanings = (1..=count).map(|at| match Self::word(&bytes, start, at) {
            Some(Slot::One(meaning)) => Ok(meaning),
            _ => Err(wrong()),
        });
        meanings.collect()
    }

    /// As many bytes of a list, and of what stands behind it, as there are in so many words.
    fn list_bytes(&self, start: u64, words: usize) -> Result<Vec<u8>, IndexError> {
        self.lists.read_some(start.saturating_mul(WORD as u64), words.saturating_mul(WORD))
    }

    /// The word at `at` of a list that begins at `start`; `None` if it is not as it was written.
    fn word(list: &[u8], start: u64, at: usize) -> Option<Slot> {
        let word = list.get(at.checked_mul(WORD)?..)?.first_chunk()?;
        unseal(*word, start + at as u64).and_then(Slot::from_bits)
    }
}
