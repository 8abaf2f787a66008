//! Looking up sets of words: rows of a hash and an entry.

use super::{
    error::IndexError,
    phrase::{self, Differs},
    rows::Rows,
};
use crate::model::CommonName;

/// The phrases of an index.
pub(super) struct Phrases {
    rows: Rows,
}

impl Phrases {
    pub(super) fn new(rows: Rows) -> Self {
        Self { rows }
    }

    /// The places of the entries whose words differ from those of the name, by how they differ;
    /// the best known first.
    pub(super) fn near(&self, name: &CommonName) -> Result<Vec<(Differs, u64)>, IndexError> {
        let mut found = Vec::new();
        for (differs, hash) in phrase::asked(name) {
            for word in self.rows.find(hash)? {
                let place = phrase::place(word).ok_or_else(|| self.rows.damaged())?;
                found.push((differs, place));
            }
        }
        found.sort_unstable();
        Ok(found)
    }
}
