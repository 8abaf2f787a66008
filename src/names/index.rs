//! The index itself: entries, and the table of every key that may mean them.

use std::{cmp::Reverse, collections::HashSet};

use super::{
    forms::{self, Written},
    initials,
    slip::{self, Slip},
    table::{Meaning, NO_SLIPS, Table},
    walk,
};
use crate::model::{CommonName, Likeness, Property};

/// Most matches given beside the entries of exactly the name: nobody reads further.
const MOST: usize = 50;

/// One resource of a map and what it is called.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Entry {
    pub name: String,
    /// Other names, each as good as the first.
    pub aliases: Vec<String>,
    pub uri: String,
    pub description: String,
    pub properties: Vec<Property>,
}

/// An entry that a name may mean.
#[derive(Debug, Clone, Copy)]
pub struct Match<'a> {
    pub entry: &'a Entry,
    pub likeness: Likeness,
}

/// Entries, found by name. The order in which they are given is their order of fame: where
/// nothing else decides, the first comes first.
pub struct NameIndex {
    entries: Box<[Entry]>,
    table: Table,
}

impl NameIndex {
    /// Builds the index. A name or alias that is no common name is not found by that name.
    pub fn build(entries: Vec<Entry>) -> Self {
        let mut pairs = Vec::with_capacity(entries.len() * 4);
        for (place, entry) in (0_u32..).zip(&entries) {
            add_keys(entry, place, &mut pairs);
        }
        Self { table: Table::build(pairs), entries: entries.into_boxed_slice() }
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What the name means without any slip, best first: entries of exactly this name, those that
    /// differ by a form, those it is short for. All entries of exactly the name, others bounded.
    pub fn exact(&self, name: &CommonName) -> Vec<Match<'_>> {
        let mut found = Found::default();
        found.add(self.table.get(name.key()), Written::Whole);
        if let Some(spelt_out) = name.spelt_out() {
            found.add(self.table.get(spelt_out.key()), Written::Whole);
        }
        if !found.has_same() {
            // Who says "Acme Inc." where there is one does not ask for Acme.
            let mut reduced = Vec::new();
            forms::reduced(name, &mut reduced);
            for (key, written) in &reduced {
                found.add(self.table.get(key), *written);
            }
        }
        self.ordered(found, name)
    }

    /// What the name means if one letter slipped, the likeliest slip first. Short names have no
    /// slips, and no slip leads from one script to another.
    pub fn near(&self, name: &CommonName) -> Vec<Match<'_>> {
        let mut asked = vec![(name.key().to_owned(), Written::Whole)];
        forms::reduced(name, &mut asked);
        let mut slips: Vec<(Slip, Written, u32)> = Vec::new();
        for (key, asked) in asked.iter().filter(|(_, written)| *written <= Written::Formless) {
            for (known, group) in walk::one_edit(self.table.keys(), key) {
                let Some(slip) = slip::slip(key, &known) else { continue };
                let place = slip::place(key, &known);
                let is_believed = |meaning: &&Meaning| {
                    meaning.slips_from != NO_SLIPS && place >= usize::from(meaning.slips_from)
                };
                let meanings = self.table.group(group).iter().filter(is_believed);
                slips.extend(meanings.map(|meaning| (slip, meaning.written.max(*asked), meaning.entry)));
            }
        }
        slips.sort_unstable();
        let mut seen = HashSet::new();
        let entries =
            slips.into_iter().map(|(_, _, place)| place).filter(|place| seen.insert(*place)).take(MOST);
        entries
            .filter_map(|place| self.entry(place))
            .map(|entry| Match { entry, likeness: Likeness::Slip })
            .collect()
    }

    /// Up to `limit` entries of which a name begins so, best known first.
    pub fn prefix(&self, prefix: &str, limit: usize) -> Vec<&Entry> {
        let Some(prefix) = CommonName::new(prefix) else { return Vec::new() };
        let is_name = |meaning: &&Meaning| meaning.written <= Written::Formless;
        let wanted = |group| self.table.group(group).iter().any(|meaning| is_name(&meaning));
        // An entry may be there by several names, so more groups than entries are looked at.
        let groups = walk::best_below(self.table.keys(), prefix.key(), limit.saturating_mul(4), wanted);
        let mut seen = HashSet::new();
        let places = groups.iter().flat_map(|group| self.table.group(*group).iter().filter(is_name));
        let new = places.map(|meaning| meaning.entry).filter(|place| seen.insert(*place));
        new.filter_map(|place| self.entry(place)).take(limit).collect()
    }

    fn entry(&self, place: u32) -> Option<&Entry> {
        self.entries.get(usize::try_from(place).ok()?)
    }

    fn ordered(&self, found: Found, name: &CommonName) -> Vec<Match<'_>> {
        let mut found = found.0;
        found.sort_unstable_by_key(|(class, place)| (*place, *class));
        found.dedup_by_key(|(_, place)| *place);
        let several = found.len() > 1;
        let mut matches: Vec<_> = found
            .into_iter()
            .filter_map(|(class, place)| {
                let entry = self.entry(place)?;
                let letter_for_letter = several && class.0 == Likeness::Same && is_called(entry, name);
                Some((class, Reverse(letter_for_letter), place, entry))
            })
            .collect();
        matches.sort_unstable_by_key(|(class, closer, place, _)| (*class, *closer, *place));
        let kept = matches.iter().enumerate().filter(|(at, found)| found.0.0 == Likeness::Same || *at < MOST);
        kept.map(|(_, (class, _, _, entry))| Match { entry, likeness: class.0 }).collect()
    }
}

/// How good a match is: its likeness, and inside that how much was left out on both sides.
type Class = (Likeness, u8);

/// Matches as they are gathered: the class, and the place of the entry.
#[derive(Default)]
struct Found(Vec<(Class, u32)>);

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
    let mut names = std::iter::once(&entry.name).chain(&entry.aliases);
    names.any(|known| CommonName::new(known).is_some_and(|known| known.folded() == name.folded()))
}

/// Adds every key that means the entry.
fn add_keys(entry: &Entry, place: u32, pairs: &mut Vec<(Box<str>, Meaning)>) {
    let mut add = |key: String, written, slips_from| {
        pairs.push((key.into_boxed_str(), Meaning { entry: place, written, slips_from }));
    };
    let names = std::iter::once(&entry.name).chain(&entry.aliases);
    for name in names.filter_map(|name| CommonName::new(name)) {
        let forms = forms::forms(&name);
        let core = short_core(&forms);
        for (key, written) in forms {
            let slips_from = slips_from(&key, core.as_deref());
            add(key, written, slips_from);
        }
        for key in initials::initials(&name) {
            add(key, Written::Initials, NO_SLIPS);
        }
        if let Some(label) = initials::label(&entry.uri, &name) {
            add(label, Written::Label, NO_SLIPS);
        }
    }
}

/// The key of a name without its form, where that is too short for slips: "BMW AG" is as short a
/// name as BMW.
fn short_core(forms: &[(String, Written)]) -> Option<String> {
    let formless = forms.iter().filter(|(_, written)| *written <= Written::Formless).map(|(key, _)| key);
    formless.min_by_key(|key| key.len()).filter(|key| !slip::is_long_enough(key.chars())).cloned()
}

/// Slips are believed anywhere in a long name, and in the form of a short one.
fn slips_from(key: &str, core: Option<&str>) -> u8 {
    match core {
        None => 0,
        Some(core) if key.starts_with(core) => u8::try_from(core.chars().count()).unwrap_or(NO_SLIPS),
        Some(_) => NO_SLIPS,
    }
}

#[cfg(test)]
mod tests;
