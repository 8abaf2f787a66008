//! The names that layers decide: an index below them has no say in these, always or while the entry that
//! decides lives. Only hashes of the names are kept.

use std::{
    collections::{HashMap, HashSet},
    time::SystemTime,
};

use xxhash_rust::xxh3::xxh3_64;

use super::{Statement, own_keys};
use crate::{
    model::CommonName,
    names::{Entry, Life},
};

/// Names that are decided here, so that an index below these layers has no say in them.
#[derive(Debug, Default)]
pub(in crate::backends::static_names) struct Decided {
    always: HashSet<u64>,
    at_times: HashMap<u64, Vec<Life>>,
}

/// What the layers leave of an entry below them.
#[derive(Debug, PartialEq)]
pub(in crate::backends::static_names) enum Left {
    All,
    /// The entry with no aliases but these.
    With(Vec<String>),
    Nothing,
}

impl Decided {
    pub(super) fn of(statements: &[Statement]) -> Self {
        let mut decided = Self::default();
        for statement in statements {
            let life = statement.entry.life;
            for key in own_keys(statement) {
                let key = xxh3_64(key.as_bytes());
                if life == Life::default() {
                    decided.always.insert(key);
                } else {
                    decided.at_times.entry(key).or_default().push(life);
                }
            }
        }
        decided
    }

    /// What is left then of an entry below.
    pub(in crate::backends::static_names) fn left(&self, entry: &Entry, now: SystemTime) -> Left {
        let is_decided = |name: &String| self.has(name, now);
        if self.is_empty() || !entry.names().any(is_decided) {
            return Left::All;
        }
        if is_decided(&entry.name) {
            return Left::Nothing;
        }
        Left::With(entry.aliases.iter().filter(|alias| !is_decided(alias)).cloned().collect())
    }

    /// Whether the name is decided then.
    fn has(&self, name: &str, now: SystemTime) -> bool {
        hashes(name).iter().any(|key| {
            let mut lives = self.at_times.get(key).into_iter().flatten();
            self.always.contains(key) || lives.any(|life| life.holds(now))
        })
    }

    /// When names of an entry are decided, of those that are not always.
    pub(in crate::backends::static_names) fn lives(&self, entry: &Entry) -> Vec<Life> {
        if self.at_times.is_empty() {
            return Vec::new();
        }
        let keys = entry.names().flat_map(|name| hashes(name));
        keys.filter_map(|key| self.at_times.get(&key)).flatten().copied().collect()
    }

    /// Whether nothing is decided at all.
    pub(in crate::backends::static_names) fn is_empty(&self) -> bool {
        self.always.is_empty() && self.at_times.is_empty()
    }
}

fn hashes(name: &str) -> Vec<u64> {
    let name = CommonName::new(name);
    name.iter().flat_map(CommonName::keys).map(|key| xxh3_64(key.as_bytes())).collect()
}
