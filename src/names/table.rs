//! The table of keys: for each key, the entries it may mean.
//!
//! The transducer maps a key to the number of its group, with a mark ([`groups::marked`]). Groups are numbered by the order of
//! their first entry, so a smaller number is a better known name, and the smallest number below
//! any prefix is read off the way there: that is what makes [`super::NameIndex::prefix`] cheap.

use fst::raw::Fst;

use super::{
    error::IndexError,
    groups,
    image::Part,
    meaning::{Meaning, Slot, WORD, unseal},
};

/// Words of a list that are read at once; most lists are no longer.
const AT_ONCE: usize = 16;

/// Keys and what they mean.
pub(super) struct Table {
    keys: Fst<Vec<u8>>,
    slots: Part,
    lists: Part,
}

impl Table {
    pub(super) fn new(keys: Fst<Vec<u8>>, slots: Part, lists: Part) -> Self {
        Self { keys, slots, lists }
    }

    /// How many keys there are.
    pub(super) fn len(&self) -> usize {
        self.keys.len()
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
        let mut words = self.words(start, AT_ONCE)?.into_iter();
        let wrong = || self.lists.damaged(start.saturating_mul(WORD as u64));
        let Some(Slot::Many(count)) = words.next().transpose()? else { return Err(wrong()) };
        let count = usize::try_from(count).map_err(|_| wrong())?;
        let mut words: Vec<_> = words.collect();
        if words.len() < count {
            words = self.words(start + 1, count)?;
        }
        let meanings = words.into_iter().take(count).map(|word| match word? {
            Slot::One(meaning) => Ok(meaning),
            Slot::Many(_) => Err(wrong()),
        });
        meanings.collect()
    }

    /// As many words of the lists as there are, `most` at most; those behind the list that is
    /// wanted may be anything.
    fn words(&self, start: u64, most: usize) -> Result<Vec<Result<Slot, IndexError>>, IndexError> {
        let at = start.saturating_mul(WORD as u64);
        let bytes = self.lists.read_some(at, most.saturating_mul(WORD))?;
        let words = (start..).zip(bytes.chunks_exact(WORD)).map(|(place, bytes)| {
            let word = bytes.try_into().ok().and_then(|word| unseal(word, place));
            let wrong = || self.lists.damaged(place.saturating_mul(WORD as u64));
            word.and_then(Slot::from_bits).ok_or_else(wrong)
        });
        Ok(words.collect())
    }
}
