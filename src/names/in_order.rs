//! Entries in order of fame, out of groups that come in the order of their first entries.
//!
//! The second entry of one group may be better known than the first of the next or worse. So what
//! the groups mean is held back until the next group begins with somebody less known. Where that is,
//! its value says: a group is read only at its turn.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::{beginnings::Below, error::IndexError, sketch::Sketch, value};

/// Most entries taken of one group: more rows of one name nobody wants to read.
const MOST_OF_A_GROUP: usize = 64;

/// An entry's place, and its sketch.
pub(super) type Sketched = (u64, Sketch);

/// The entries of some groups, the best known first. One may come more than once.
pub(super) struct InOrder<'a, R> {
    groups: Below<'a>,
    /// Reads what a group means.
    read: R,
    /// What the groups read so far mean.
    open: BinaryHeap<Reverse<Sketched>>,
}

impl<'a, R: Fn(u64) -> Result<Vec<Sketched>, IndexError>> InOrder<'a, R> {
    pub(super) fn new(groups: Below<'a>, read: R) -> Self {
        Self { groups, read, open: BinaryHeap::new() }
    }

    /// The next entry.
    pub(super) fn next_entry(&mut self) -> Result<Option<Sketched>, IndexError> {
        loop {
            let begins = self.groups.at_least().map_or(u64::MAX, value::place);
            if self.open.peek().is_some_and(|Reverse((place, _))| *place <= begins) {
                return Ok(self.open.pop().map(|Reverse(entry)| entry));
            }
            match self.groups.next() {
                Some(group) => {
                    let entries = (self.read)(group)?.into_iter().take(MOST_OF_A_GROUP);
                    self.open.extend(entries.map(Reverse));
                }
                // What `at_least` said was the last group, which was read already.
                None => return Ok(self.open.pop().map(|Reverse(entry)| entry)),
            }
        }
    }
}
