//! The index itself: entries, and the table of every key that may mean them. In memory or in a
//! file, it is the same bytes.

use std::{cmp::Reverse, collections::HashSet, io::Cursor, path::Path, sync::Arc};

use super::{
    Entry, Match,
    build::IndexBuilder,
    error::IndexError,
    forms::{self, Written},
    image::Image,
    jamo,
    meaning::{Meaning, NO_SLIPS},
    phrases::Phrases,
    records::Records,
    rows::Rows,
    slip::{self, Slip},
    table::Table,
    tape::Scratch,
    walk::{self, Where},
};
use crate::{
    config,
    model::{CommonName, Likeness},
};

/// Most matches given beside the entries of exactly the name: nobody reads further.
const MOST: usize = 50;

/// Entries, found by name. The order in which they are given is their order of fame: where
/// nothing else decides, the first comes first.
pub struct NameIndex {
    entries: u64,
    pub(super) table: Table,
    /// The words further in.
    pub(super) words: Table,
    pub(super) records: Records,
    phrases: Phrases,
}

impl NameIndex {
    /// Builds an index in memory. A name or alias that is no common name is not found by that name.
    ///
    /// # Errors
    /// None that a caller could mend: what is written here is read here.
    pub fn build(entries: &[Entry]) -> Result<Self, IndexError> {
        let mut builder = IndexBuilder::new(Cursor::new(Vec::new()), Scratch::default())?;
        for entry in entries {
            builder.add(entry)?;
        }
        let (image, _) = builder.finish()?;
        Self::read(Image::Memory(image.into_inner()))
    }

    /// Opens an index file that [`super::IndexWriter`] wrote, and holds its keys in memory. The
    /// header, the length and the keys are checked here, each record when it is read.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn open(path: &Path) -> Result<Self, IndexError> {
        Self::read(Image::File(config::open(path)?))
    }

    fn read(mut image: Image) -> Result<Self, IndexError> {
        let header = image.header()?;
        let keys_of_names = image.take_keys(&header.names)?;
        let keys_of_words = image.take_keys(&header.words)?;
        let image = Arc::new(image);
        Ok(Self {
            entries: header.entries,
            table: Table::read(&image, &header.names, keys_of_names)?,
            words: Table::read(&image, &header.words, keys_of_words)?,
            records: Records::read(&image, header.records)?,
            phrases: Phrases::new(Rows::read(&image, header.phrases, "phrases")?),
        })
    }

    /// How many entries there are.
    pub fn len(&self) -> u64 {
        self.entries
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries == 0
    }

    /// How many keys lead to them.
    pub fn keys(&self) -> usize {
        self.table.len()
    }

    /// Whether any entry has exactly this name. No record is read for it.
    ///
    /// # Errors
    /// As with [`NameIndex::exact`].
    pub fn has(&self, name: &CommonName) -> Result<bool, IndexError> {
        for key in name.keys() {
            if self.table.get(&key)?.iter().any(|known| known.written == Written::Whole) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What the name means without any slip, best first: entries of exactly this name (the best
    /// known 1,000), those that differ by a form, those it is short for.
    ///
    /// # Errors
    /// The index file can't be read, or is damaged there. So with the other questions.
    pub fn exact(&self, name: &CommonName) -> Result<Vec<Match>, IndexError> {
        self.without_slip(name, Found::has_same)
    }

    /// Of the same, what is found by the name as it stands, with nothing left out of it.
    ///
    /// # Errors
    /// As with [`NameIndex::exact`].
    pub fn whole(&self, name: &CommonName) -> Result<Vec<Match>, IndexError> {
        self.without_slip(name, |_| true)
    }

    /// The same as [`NameIndex::exact`], and what differs by a form also where an entry has exactly this name: for those
    /// to whom that entry does not count.
    ///
    /// # Errors
    /// As with [`NameIndex::exact`].
    pub fn exact_or_form(&self, name: &CommonName) -> Result<Vec<Match>, IndexError> {
        self.without_slip(name, |_| false)
    }

    fn without_slip(
        &self,
        name: &CommonName,
        is_enough: impl Fn(&Found) -> bool,
    ) -> Result<Vec<Match>, IndexError> {
        let mut found = Found::default();
        let whole = self.table.get(name.key())?;
        found.add(&whole, Written::Whole);
        if let Some(spelt_out) = name.spelt_out() {
            found.add(&self.table.get(spelt_out.key())?, Written::Whole);
        }
        if !is_enough(&found) {
            // Who says "Acme Inc." where there is one does not ask for Acme.
            let mut reduced = Vec::new();
            forms::reduced(name, &mut reduced);
            for (key, written) in &reduced {
                // A name that lacks nothing is among its own forms, and need not be read twice.
                let known = if key == name.key() { &whole } else { &self.table.get(key)? };
                found.add(known, *written);
            }
        }
        self.ordered(found, name)
    }

    /// What the name means if one letter slipped, the likeliest slip first; then what it means if
    /// its words are in another order, or one is missing or too many. Short names have no slips,
    /// and no slip leads from one script to another. A slip of the first letter, which is seen while
    /// typing, is believed only where there is no other.
    pub fn near(&self, name: &CommonName) -> Result<Vec<Match>, IndexError> {
        let mut asked = vec![(name.key().to_owned(), Written::Whole)];
        forms::reduced(name, &mut asked);
        let mut slips = self.slips(&asked, Where::Behind)?;
        if slips.is_empty() {
            slips = self.slips(&asked, Where::First)?;
        }
        slips.sort_unstable();
        let slips = slips.into_iter().map(|(.., place)| (Likeness::Slip, place));
        let phrases = self.phrases.near(name)?.into_iter().map(|(_, place)| (Likeness::Words, place));
        let mut seen = HashSet::new();
        let found = slips.chain(phrases).filter(|(_, place)| seen.insert(*place)).take(MOST);
        found.map(|(likeness, place)| Ok(Match { entry: self.records.entry(place)?, likeness })).collect()
    }

    fn slips(
        &self,
        asked: &[(String, Written)],
        place: Where,
    ) -> Result<Vec<(Slip, Written, u64)>, IndexError> {
        let mut slips = Vec::new();
        for (key, asked) in asked.iter().filter(|(_, written)| *written <= Written::Formless) {
            // Hangul slips by the letters that it is typed with, and not by the syllable.
            let key = jamo::typed(key).unwrap_or_else(|| key.clone());
            for (known, group) in walk::one_edit(self.table.keys(), &key, place) {
                let Some(slip) = slip::slip(&key, &known) else { continue };
                let at = slip::place(&key, &known);
                let is_believed = |meaning: &Meaning| {
                    meaning.slips_from != NO_SLIPS && at >= usize::from(meaning.slips_from)
                };
                let meanings = self.table.names(group)?.into_iter().filter(is_believed).take(MOST);
                slips.extend(meanings.map(|meaning| (slip, meaning.written.max(*asked), meaning.entry)));
            }
        }
        Ok(slips)
    }

    fn ordered(&self, found: Found, name: &CommonName) -> Result<Vec<Match>, IndexError> {
        let mut found = found.0;
        found.sort_unstable_by_key(|(class, place)| (*place, *class));
        found.dedup_by_key(|(_, place)| *place);
        let several = found.len() > 1;
        let mut matches = Vec::with_capacity(found.len());
        for (class, place) in found {
            // Only where the order depends on it is an entry read that may not be given.
            let known =
                if several && class.0 == Likeness::Same { Some(self.records.entry(place)?) } else { None };
            let letter_for_letter = known.as_ref().is_some_and(|entry| is_called(entry, name));
            matches.push((class, Reverse(letter_for_letter), place, known));
        }
        matches.sort_unstable_by_key(|(class, closer, place, _)| (*class, *closer, *place));
        let kept =
            matches.into_iter().enumerate().filter(|(at, found)| found.0.0 == Likeness::Same || *at < MOST);
        kept.map(|(_, (class, _, place, known))| {
            let entry = known.map_or_else(|| self.records.entry(place), Ok)?;
            Ok(Match { entry, likeness: class.0 })
        })
        .collect()
    }
}

/// How good a match is: its likeness, and inside that how much was left out on both sides.
type Class = (Likeness, u8);

/// Matches as they are gathered: the class, and the place of the entry.
#[derive(Default)]
struct Found(Vec<(Class, u64)>);

impl Found {
    /// Adds what a key means to one who left out `asked` of the name.
    fn add(&mut self, meanings: &[Meaning], asked: Written) {
        self.0.extend(
            meanings.iter().filter_map(|meaning| Some((class(asked, meaning.written)?, meaning.entry))),
        );
    }

    fn has_same(&self) -> bool {
        self.0.iter().any(|(class, _)| class.0 == Likeness::Same)
    }
}

/// Judges a key that both sides have; `None` where too much was left out to be the same name.
fn class(asked: Written, known: Written) -> Option<Class> {
    match (asked, known) {
        (Written::Whole, Written::Whole) => Some((Likeness::Same, 0)),
        (Written::Whole, Written::Label) => Some((Likeness::Initials, 0)),
        (Written::Whole, Written::Initials) => Some((Likeness::Initials, 1)),
        (Written::Loose, Written::Loose) | (_, Written::Label | Written::Initials) => None,
        (asked, known) => Some((Likeness::Form, asked as u8 + known as u8)),
    }
}

/// Whether the entry is called exactly so, punctuation and diacritics included.
fn is_called(entry: &Entry, name: &CommonName) -> bool {
    entry.names().any(|known| CommonName::new(known).is_some_and(|known| known.folded() == name.folded()))
}

#[cfg(test)]
mod tests;
