//! The names that layers decide: an index below them has no say in these, always or while the entry that
//! decides lives. Only hashes of the names are kept.

use std::{
    collections::{HashMap, HashSet},
    time::SystemTime,
};

use xxhash_rust::xxh3::xxh3_64;

use super::{Statement, key_of};
use crate::{model::CommonName, names::Life};

/// Names that are decided here, so that an index below these layers has no say in them.
#[derive(Debug, Default)]
pub(in crate::backends::static_names) struct Decided {
    always: HashSet<u64>,
    at_times: HashMap<u64, Vec<Life>>,
}

impl Decided {
    pub(super) fn of(statements: &[Statement]) -> Self {
        let mut decided = Self::default();
        for statement in statements {
            let Some(key) = key_of(statement) else { continue };
            let key = xxh3_64(key.as_bytes());
            let life = statement.entry.life;
            if life == Life::default() {
                decided.always.insert(key);
            } else {
                decided.at_times.entry(key).or_default().push(life);
            }
        }
        decided
    }

    /// Whether the name is decided then.
    pub(in crate::backends::static_names) fn has(&self, name: &CommonName, now: SystemTime) -> bool {
        !self.is_empty()
            && (self.always.contains(&xxh3_64(name.key().as_bytes()))
                || self.lives(name).iter().any(|life| life.holds(now)))
    }

    /// When the name is decided, if not always.
    pub(in crate::backends::static_names) fn lives(&self, name: &CommonName) -> &[Life] {
        if self.at_times.is_empty() {
            return &[];
        }
        self.at_times.get(&xxh3_64(name.key().as_bytes())).map(Vec::as_slice).unwrap_or_default()
    }

    fn is_empty(&self) -> bool {
        self.always.is_empty() && self.at_times.is_empty()
    }
}
