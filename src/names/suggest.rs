//! Suggestions: how names go on from what somebody has typed so far, the best known first.
//!
//! Two sources come in order of fame and are merged: the table of names, below what was typed, and
//! the table of words further in, below its last word. A name found by a word is looked at more
//! closely where more was typed than that word. Only where these give nothing is it asked whether a
//! letter slipped: of what goes on as it was typed, even one row is likelier than any slip.

use std::collections::HashSet;

use super::{
    Entry, NameIndex,
    beginnings::{below, place, slipped},
    error::IndexError,
    forms::Written,
    in_order::{InOrder, Sketched},
    inner,
    meaning::Meaning,
    sketch,
    typed::Typed,
};
use crate::model::CommonName;

/// Most records that are read beyond the rows that are wanted: namesakes of one address, and names
/// that have one of the words and not the others.
const MOST_READ: usize = 72;

/// Most entries looked at because of the last word where words before it are complete. It may be two
/// letters that every tenth name has a word with; the others tell more.
const MOST_BY_LAST: usize = 16;

/// A row of suggestions.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggested {
    /// Which of the entry's names goes on from what was typed.
    pub name: String,
    pub entry: Entry,
    /// Whether a letter of what was typed must be taken for a slip.
    pub has_slipped: bool,
}

/// What becomes of a row before it is given: itself, another in its place, or nothing where it is not to
/// be told.
pub type Telling<'a> = dyn Fn(Suggested) -> Result<Option<Suggested>, IndexError> + 'a;

/// Places, the best known first.
type Places<'a> = Box<dyn FnMut() -> Result<Option<u64>, IndexError> + 'a>;

impl NameIndex {
    /// Up to `limit` entries that `typed` may become, the best known first: of which a name begins
    /// so, or has these words further in; if there are none, those that begin so if one letter slipped.
    /// Each address comes once, and `telling` has the last word on every row.
    ///
    /// # Errors
    /// As with [`NameIndex::exact`].
    pub fn suggest(
        &self,
        typed: &CommonName,
        limit: usize,
        telling: &Telling<'_>,
    ) -> Result<Vec<Suggested>, IndexError> {
        let typed = Typed::read(typed);
        let mut rows =
            Rows { index: self, typed: &typed, limit, telling, read: HashSet::new(), found: Vec::new() };
        let begun = self.names_below(place(self.table.keys(), &typed.key).into_iter().collect());
        rows.take(begun, self.further_in(&typed)?)?;
        if rows.found.is_empty() && typed.may_have_slipped() {
            // What was passed over for lacking a word may be meant by a slip.
            rows.read.clear();
            let mut slipped = self.names_below(slipped(self.table.keys(), &typed.key));
            while rows.wants_more()
                && let Some(place) = slipped()?
            {
                rows.offer(place, Found::Slipped)?;
            }
        }
        Ok(rows.found)
    }

    fn names_below(&self, starts: Vec<super::walk::Place>) -> Places<'_> {
        // Initials and labels are no beginnings, and "Acme" no beginning of the "Acme Group"'s.
        let is_name = |meaning: &Meaning| meaning.written <= Written::Formless;
        let read = move |group| {
            let meanings = self.table.names(group)?.into_iter().filter(is_name);
            Ok(meanings.map(|meaning| (meaning.entry, sketch::ANY)).collect())
        };
        let mut names = InOrder::new(below(self.table.keys(), starts), read);
        Box::new(move || Ok(names.next_entry()?.map(|(place, _)| place)))
    }

    /// What has the last word further in, and what has the rarest of the others.
    fn further_in(&self, typed: &Typed) -> Result<Vec<Places<'_>>, IndexError> {
        let mut found: Vec<Places<'_>> = Vec::new();
        let asked = sketch::of_question(&typed.complete, &typed.last);
        let may_be_meant = move |(_, known): &Sketched| sketch::may_have(*known, asked);
        if let Some(word) = typed.inner() {
            let starts = place(self.words.keys(), &word);
            let read = |group| self.words.sketched(group);
            let mut words = InOrder::new(below(self.words.keys(), starts), read);
            let mut left = if typed.complete.is_empty() { usize::MAX } else { MOST_BY_LAST };
            found.push(Box::new(move || {
                while let Some(rest) = left.checked_sub(1) {
                    left = rest;
                    let Some(next) = words.next_entry()? else { return Ok(None) };
                    if may_be_meant(&next) {
                        return Ok(Some(next.0));
                    }
                }
                Ok(None)
            }));
        }
        let mut rarest: Option<Vec<Sketched>> = None;
        for word in &typed.complete {
            let key = if inner::is_unspaced(word) { inner::window(word) } else { word.clone() };
            let list = self.words.get_sketched(&key)?;
            if !list.is_empty() && rarest.as_ref().is_none_or(|rarest| list.len() < rarest.len()) {
                rarest = Some(list);
            }
        }
        let entries = rarest.unwrap_or_default().into_iter().filter(may_be_meant);
        let mut places = entries.map(|(place, _)| place);
        found.push(Box::new(move || Ok(places.next())));
        Ok(found)
    }
}

/// How a place was found.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Found {
    /// A name begins so.
    Begun,
    /// A name has one of the words.
    Within,
    Slipped,
}

/// Rows as they are gathered.
struct Rows<'a> {
    index: &'a NameIndex,
    typed: &'a Typed,
    limit: usize,
    telling: &'a Telling<'a>,
    read: HashSet<u64>,
    found: Vec<Suggested>,
}

impl Rows<'_> {
    /// Takes what begins so and what has the words, the better known first, until there are enough.
    fn take(&mut self, begun: Places<'_>, within: Vec<Places<'_>>) -> Result<(), IndexError> {
        let within = within.into_iter().map(|places| (Found::Within, places));
        let mut heads = Vec::new();
        for (how, mut places) in std::iter::once((Found::Begun, begun)).chain(within) {
            heads.push((places()?, how, places));
        }
        while self.wants_more() {
            let best = heads.iter_mut().filter_map(|head| Some((head.0?, head.1, head)));
            let Some((place, how, head)) = best.min_by_key(|(place, how, _)| (*place, *how)) else {
                return Ok(());
            };
            self.offer(place, how)?;
            // Not before it is wanted, for it may have to be read.
            head.0 = if self.wants_more() { head.2()? } else { None };
        }
        Ok(())
    }

    fn wants_more(&self) -> bool {
        self.found.len() < self.limit && self.read.len() < self.limit.saturating_add(MOST_READ)
    }

    /// Takes what is to be told of the entry at `place`.
    fn offer(&mut self, place: u64, how: Found) -> Result<(), IndexError> {
        if !self.read.insert(place) || !self.is_meant(place, how)? {
            return Ok(());
        }
        let entry = self.index.records.entry(place)?;
        if self.leads_to(&entry.uri) {
            return Ok(());
        }
        let (name, has_slipped) = (self.name(&entry, how), how == Found::Slipped);
        if let Some(row) = (self.telling)(Suggested { name, entry, has_slipped })?
            && !self.leads_to(&row.entry.uri)
        {
            self.found.push(row);
        }
        Ok(())
    }

    /// Whether a row leads there already.
    fn leads_to(&self, uri: &str) -> bool {
        self.found.iter().any(|row| row.entry.uri == uri)
    }

    /// Whether a name of the entry at `place` has all the words. Few of those that have the one do.
    fn is_meant(&self, place: u64, how: Found) -> Result<bool, IndexError> {
        let is_sure = how != Found::Within || !self.typed.is_more();
        Ok(is_sure || self.index.records.has_name(place, |name| self.typed.is_within_text(name))?)
    }

    /// The name that goes on from what was typed.
    fn name(&self, entry: &Entry, how: Found) -> String {
        if entry.aliases.is_empty() {
            return entry.name.clone();
        }
        let goes_on = match how {
            Found::Slipped => named(entry, |name| self.typed.nearly_begins(name)),
            _ => named(entry, |name| self.typed.begins(name))
                .or_else(|| named(entry, |name| self.typed.is_within(name))),
        };
        goes_on.unwrap_or(&entry.name).clone()
    }
}

/// The first name of an entry of which that is true.
fn named(entry: &Entry, is_so: impl Fn(&CommonName) -> bool) -> Option<&String> {
    entry.names().find(|name| CommonName::new(name).is_some_and(|name| is_so(&name)))
}
