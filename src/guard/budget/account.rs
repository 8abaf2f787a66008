//! What a purse has: what is counted, and what of it is still to be sent.

use super::tally::{Date, Tally};
use crate::model::CalendarUnit;

/// What a purse has.
pub(super) struct Account {
    /// As it was written down.
    pub(super) tally: Tally,
    pub(super) date: Date,
    /// Requests that are in the tally and were not sent yet.
    pub(super) reserved: u64,
    /// As many of these are kept for questions under way that have sent nothing yet.
    pub(super) promised: u64,
    /// Questions under way.
    pub(super) pending: u64,
    /// The last warning for each budget, in per cent.
    pub(super) warned: Vec<u8>,
    /// Whether counting needs no writing.
    pub(super) is_in_memory: bool,
}

impl Account {
    /// What was sent in a unit, as far as is known.
    pub(super) fn spent(&self, unit: CalendarUnit) -> u64 {
        self.tally.spent(unit, &self.date).saturating_sub(self.reserved)
    }

    /// Counts what is reserved as never sent.
    pub(super) fn give_back(&mut self) {
        self.tally.take_back(&self.date, self.reserved);
        self.reserved = 0;
        self.promised = 0;
    }
}
