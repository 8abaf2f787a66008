//! Where a tally is written down.

use std::{io, sync::Arc};

use super::tally::{Date, Tally};
use crate::state::{Folder, Found, Record};

/// The book of one backend.
#[derive(Debug)]
pub(super) enum Ledger {
    /// None: the counts live as long as the process.
    Memory,
    Kept(Record),
    /// There should be one and can't be, for this reason. Nothing is spent.
    Shut(String),
}

impl Ledger {
    /// Opens the book of the backend `name`, at `date`, and the tally in it. Where it was damaged
    /// the tally is what may have been spent at most. `block`: how much each version may add.
    ///
    /// # Errors
    /// Where it can't be written.
    pub(super) fn open(
        folder: &Arc<Folder>,
        name: &str,
        date: &Date,
        block: u64,
    ) -> io::Result<(Self, Tally)> {
        let (mut record, found) = folder.record(&format!("budget-{name}"));
        let mut tally = recovered(found, name, date);
        tally.block = block;
        // Twice: whichever of the two is lost, the other then says all that was spent.
        let written = bytes(&tally)?;
        record.write(&written)?;
        record.write(&written)?;
        Ok((Self::Kept(record), tally))
    }

    /// Writes the tally down.
    ///
    /// # Errors
    /// Why it is not written.
    pub(super) fn write(&mut self, tally: &Tally) -> Result<(), String> {
        match self {
            Self::Memory => Ok(()),
            Self::Kept(record) => bytes(tally)
                .and_then(|bytes| record.write(&bytes))
                .map_err(|error| format!("its ledger can't be written: {error}")),
            Self::Shut(why) => Err(why.clone()),
        }
    }
}

fn bytes(tally: &Tally) -> io::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec(tally)?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn recovered(found: Found, name: &str, date: &Date) -> Tally {
    let read = |bytes: &[u8]| serde_json::from_slice::<Tally>(bytes).ok();
    let tally = match found {
        Found::Nothing => Some(Tally::default()),
        Found::Whole(bytes) => read(&bytes),
        Found::Behind(bytes) => read(&bytes).map(|mut tally| {
            tally.allow_for_a_loss(date);
            tracing::warn!(
                backend = name,
                "a file of the budget's ledger was torn; the other is read, with what may be missing in it"
            );
            tally
        }),
        Found::Lost => None,
    };
    tally.unwrap_or_else(|| {
        tracing::error!(
            backend = name,
            "the budget's ledger can't be read, so the day's and the month's budgets count as spent; remove its files \
             `budget-{name}.*` from the state folder to begin anew"
        );
        Tally::closed(date)
    })
}
