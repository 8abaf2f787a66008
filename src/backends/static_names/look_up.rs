//! What a map answers to a name at a moment: exactly this name; a name that takes the rest of it as a
//! parameter; a name with a slip of the finger. Entries outside their life are passed over, and
//! the reply holds until one of them begins or ends.

use std::time::{Duration, SystemTime};

use super::{layers::Settled, signs};
use crate::{
    config::Problems,
    model::{CommonName, Hit, Likeness, Reply},
    names::{Entry, IndexError, Life, Match, NameIndex, parameters},
};

/// What is held in memory of inline names and files.
pub(super) struct Held {
    pub(super) index: NameIndex,
    /// The entries apart: who is denied, which names are decided.
    pub(super) settled: Settled,
}

impl Held {
    /// Indexes what was settled.
    pub(super) fn new(
        mut settled: Settled,
        wrong: impl Fn(&IndexError) -> Problems,
    ) -> Result<Self, Problems> {
        let entries = std::mem::take(&mut settled.entries);
        Ok(Self { index: NameIndex::build(&entries).map_err(|error| wrong(&error))?, settled })
    }

    /// Nothing at all, for a map that is an index file alone.
    pub(super) fn nothing() -> Result<Self, IndexError> {
        Ok(Self { index: NameIndex::build(&[])?, settled: Settled::default() })
    }

    /// Whether nobody is to answer the name then.
    pub(super) fn denies(&self, name: &CommonName, now: SystemTime) -> bool {
        self.lives(name).iter().any(|life| life.holds(now))
    }

    /// When the name is denied.
    fn lives(&self, name: &CommonName) -> &[Life] {
        self.settled.denied.get(name.key()).map(Vec::as_slice).unwrap_or_default()
    }
}

/// One question to a map.
pub(super) struct LookUp<'a> {
    pub(super) held: &'a Held,
    pub(super) file: Option<&'a NameIndex>,
    pub(super) fuzzy: bool,
    pub(super) now: SystemTime,
    /// How long what was found stays as it is.
    pub(super) holds_for: Option<Duration>,
}

impl LookUp<'_> {
    /// What the map answers.
    pub(super) fn answer(mut self, name: &CommonName) -> Result<Reply, IndexError> {
        for life in self.held.lives(name) {
            self.hold(*life);
        }
        let hits = if self.held.denies(name, self.now) { Vec::new() } else { self.hits(name)? };
        Ok(Reply { ttl: self.holds_for, ..Reply::of(hits) })
    }

    fn hits(&mut self, name: &CommonName) -> Result<Vec<Hit>, IndexError> {
        let mut exact = self.exact(name)?;
        let has = |least: Likeness| exact.iter().any(|found| found.likeness <= least);
        let (is_same, is_similar) = (has(Likeness::Same), has(Likeness::Form));
        // "wiki ??" is compared as "wiki" is, and asks wiki for something.
        let is_more = is_same
            && exact.iter().any(takes_parameter)
            && parameters::divisions(name).any(|(head, _)| head.key() == name.key());
        let mut hits = if is_same && !is_more { Vec::new() } else { self.with_parameter(name)? };
        if is_more {
            exact.retain(|found| !takes_parameter(found));
        }
        let is_known = is_similar || !hits.is_empty();
        hits.extend(exact.into_iter().filter_map(plain_hit));
        if self.fuzzy && !is_known {
            hits.extend(self.matches(name, |index| index.near(name))?.into_iter().filter_map(plain_hit));
        }
        Ok(hits)
    }

    /// What is found of a name that takes what follows it; the longest such name alone.
    fn with_parameter(&mut self, name: &CommonName) -> Result<Vec<Hit>, IndexError> {
        if self.file.is_none() && !self.held.settled.takes_parameters {
            return Ok(Vec::new());
        }
        for (head, follows) in parameters::divisions(name) {
            let found = self.exact(&head)?.into_iter();
            let found = found.filter(|found| found.likeness == Likeness::Same);
            let hits: Vec<_> = found.filter_map(|found| hit(found, follows, name.shown())).collect();
            if !hits.is_empty() {
                return Ok(hits);
            }
        }
        Ok(Vec::new())
    }

    /// What has the name, or is followed by an alias that has it.
    fn exact(&mut self, name: &CommonName) -> Result<Vec<Match>, IndexError> {
        let mut found = self.matches(name, |index| index.exact(name))?;
        for follows in self.held.settled.followed.get(name.key()).into_iter().flatten() {
            self.hold(follows.life);
            if follows.life.holds(self.now) {
                let target = self.matches(&follows.target, |index| index.exact(&follows.target))?;
                found.extend(target.into_iter().filter(|found| found.likeness == Likeness::Same));
            }
        }
        found.sort_by_key(|found| found.likeness);
        Ok(found)
    }

    /// What each index finds that is answered now, the better first; of equally good ones, what is
    /// held first.
    fn matches(
        &mut self,
        name: &CommonName,
        find: impl Fn(&NameIndex) -> Result<Vec<Match>, IndexError>,
    ) -> Result<Vec<Match>, IndexError> {
        let index = &self.held.index;
        let mut matches = if index.is_empty() { Vec::new() } else { find(index)? };
        if let Some(file) = self.file {
            matches.extend(self.left_of(find(file)?, name));
        }
        matches.iter_mut().for_each(|found| signs::judge(found, name));
        matches.sort_by_key(|found| found.likeness);
        for found in &matches {
            self.hold(found.entry.life);
        }
        matches.retain(|found| found.entry.life.holds(self.now));
        Ok(matches)
    }

    /// What an index says that the layers above it don't decide now.
    fn left_of(&mut self, mut matches: Vec<Match>, asked: &CommonName) -> Vec<Match> {
        let decided = &self.held.settled.decided;
        matches.retain(|found| {
            let own = CommonName::new(&found.entry.name);
            let by_this = (found.likeness == Likeness::Same).then_some(asked);
            let names = own.iter().chain(by_this);
            let lives = names.clone().flat_map(|name| decided.lives(name));
            self.holds_for =
                lives.filter_map(|life| life.changes_after(self.now)).chain(self.holds_for).min();
            !names.clone().any(|name| decided.has(name, self.now))
        });
        matches
    }

    fn hold(&mut self, life: Life) {
        let change = life.changes_after(self.now);
        self.holds_for = self.holds_for.into_iter().chain(change).min();
    }
}

fn takes_parameter(found: &Match) -> bool {
    parameters::takes_parameter(&found.entry.uri)
}

fn plain_hit(found: Match) -> Option<Hit> {
    let entry = found.entry.name.clone();
    hit(found, "", &entry)
}

/// A match as a hit, for what follows its name; `asked` finds it again.
fn hit(found: Match, follows: &str, asked: &str) -> Option<Hit> {
    let uri = parameters::expand(&found.entry, follows)?;
    let Entry { name, description, properties, .. } = found.entry;
    let entry = Some(asked.to_owned());
    Some(Hit { properties, likeness: found.likeness, entry, ..Hit::mention(name, uri, description) })
}
