//! The records of an index, read one by one where they are wanted.
//!
//! Of a file the best known are held in memory: suggestions come in order of fame, so those of short
//! beginnings are among them, and so is much of what is looked at and passed over for a common word.

use std::{borrow::Cow, sync::Arc};

use super::{
    Entry,
    error::IndexError,
    format::Extent,
    image::{Image, Part},
    record,
};

/// Bytes of a record that are read at once; most records are no longer.
const AT_ONCE: usize = 224;

/// Bytes of the best known records that are held in memory: some 40,000 entries.
const BEST_KNOWN: usize = 4 << 20;

/// The records, by their places.
pub(super) struct Records {
    part: Part,
}

impl Records {
    /// The records of this part.
    pub(super) fn read(image: &Arc<Image>, extent: Extent) -> Result<Self, IndexError> {
        Ok(Self { part: Part::new(image, extent, "records").with_head(BEST_KNOWN)? })
    }

    /// The entry whose record is at `place`.
    pub(super) fn entry(&self, place: u64) -> Result<Entry, IndexError> {
        let mut at_once = [0; AT_ONCE];
        let texts = self.texts(place, &mut at_once)?;
        record::read(&texts).ok_or_else(|| self.part.damaged(place))
    }

    /// Whether that is so of any name of the entry at `place`, as it stands there. Nothing else of
    /// the entry is read.
    pub(super) fn has_name(&self, place: u64, is_so: impl Fn(&str) -> bool) -> Result<bool, IndexError> {
        let mut at_once = [0; AT_ONCE];
        let texts = self.texts(place, &mut at_once)?;
        let names = record::read_names(&texts).ok_or_else(|| self.part.damaged(place))?;
        Ok(names.into_iter().any(is_so))
    }

    /// The texts of the record at `place`, checked.
    fn texts<'a>(&'a self, place: u64, at_once: &'a mut [u8; AT_ONCE]) -> Result<Cow<'a, [u8]>, IndexError> {
        let bytes = self.part.fill(place, at_once)?;
        let wrong = || self.part.damaged(place);
        let (head, rest) = bytes.split_first_chunk().ok_or_else(wrong)?;
        let (length, checksum) = record::read_head(*head);
        let texts = match rest.get(..length) {
            Some(texts) => Cow::Borrowed(texts),
            None => Cow::Owned(self.part.read_some(place + record::HEAD as u64, length)?),
        };
        let is_whole = texts.len() == length && record::checksum(&texts, place) == checksum;
        if is_whole { Ok(texts) } else { Err(wrong()) }
    }
}
