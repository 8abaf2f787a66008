//! Entries in order of fame, out of groups that come in the order of their first entries.
//!
//! The second entry of one group may be better known than the first of the next or worse. So what
//! the groups mean is held back until the next group begins with somebody less known.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::{error::IndexError, meaning::Meaning, table::Table};

/// Most entries taken of one group: more rows of one name nobody wants to read.
const MOST_OF_A_GROUP: usize = 64;

/// The places of the entries of some groups, the best known first. One place may come more than
/// once.
pub(super) struct InOrder<'a, G> {
    table: &'a Table,
    groups: G,
    /// Which meanings count.
    counts: fn(&Meaning) -> bool,
    /// What the groups read so far mean.
    open: BinaryHeap<Reverse<u64>>,
    /// Where the next group begins, and what it means.
    next: Option<(u64, Vec<u64>)>,
}

impl<'a, G: Iterator<Item = u64>> InOrder<'a, G> {
    /// `groups` come in their order.
    pub(super) fn new(table: &'a Table, groups: G, counts: fn(&Meaning) -> bool) -> Self {
        Self { table, groups, counts, open: BinaryHeap::new(), next: None }
    }

    /// The next place.
    pub(super) fn next_place(&mut self) -> Result<Option<u64>, IndexError> {
        loop {
            if self.next.is_none() {
                self.next = self.read_group()?;
            }
            let begins = self.next.as_ref().map_or(u64::MAX, |(begins, _)| *begins);
            if self.open.peek().is_some_and(|Reverse(place)| *place <= begins) {
                return Ok(self.open.pop().map(|Reverse(place)| place));
            }
            let Some((_, places)) = self.next.take() else { return Ok(None) };
            self.open.extend(places.into_iter().map(Reverse));
        }
    }

    fn read_group(&mut self) -> Result<Option<(u64, Vec<u64>)>, IndexError> {
        for group in self.groups.by_ref() {
            let meanings = self.table.names(group)?;
            if let Some(first) = meanings.first() {
                let counting = meanings.iter().filter(|meaning| (self.counts)(meaning));
                let places = counting.map(|meaning| meaning.entry).take(MOST_OF_A_GROUP).collect();
                return Ok(Some((first.entry, places)));
            }
        }
        Ok(None)
    }
}
