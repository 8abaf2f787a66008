//! What a map answers to a name at a moment: exactly this name; a name that takes the rest of it as a
//! parameter; a name with a slip of the finger. Entries outside their life are passed over, and
//! the reply holds until one of them begins or ends.
//!
//! An index below the layers answers with what they leave of it. The index itself knows nothing of them, so
//! each of its matches is looked at: one whose name they decide is none, and one that lost an alias is looked for
//! again by the names that it still has.

use std::time::{Duration, SystemTime};

use super::{
    layers::{Left, Settled, followers},
    signs,
};
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
        let mut entries = std::mem::take(&mut settled.entries);
        entries.extend_from_slice(&settled.followers);
        Ok(Self { index: NameIndex::build(&entries).map_err(|error| wrong(&error))?, settled })
    }

    /// Nothing at all, for a map that is an index file alone.
    pub(super) fn nothing() -> Result<Self, IndexError> {
        Ok(Self { index: NameIndex::build(&[])?, settled: Settled::default() })
    }

    /// Whether nobody is to answer the name then.
    pub(super) fn denies(&self, name: &CommonName, now: SystemTime) -> bool {
        self.settled.denied(name).any(|life| life.holds(now))
    }
}

/// A question to one index.
type Find<'a> = dyn Fn(&NameIndex) -> Result<Vec<Match>, IndexError> + 'a;

/// One question to a map.
pub(super) struct LookUp<'a> {
    pub(super) held: &'a Held,
    pub(super) file: Option<&'a NameIndex>,
    pub(super) fuzzy: bool,
    pub(super) now: SystemTime,
    /// How long what was found stays as it is.
    pub(super) holds_for: Option<Duration>,
}

impl<'a> LookUp<'a> {
    /// A question at a moment.
    pub(super) fn at(held: &'a Held, file: Option<&'a NameIndex>, now: SystemTime) -> Self {
        Self { held, file, fuzzy: true, now, holds_for: None }
    }

    /// What the map answers.
    pub(super) fn answer(mut self, name: &CommonName) -> Result<Reply, IndexError> {
        let held = self.held;
        held.settled.denied(name).for_each(|life| self.hold(life));
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
            hits.extend(self.matches(name, &|index| index.near(name))?.into_iter().filter_map(plain_hit));
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

    /// What has the name; where nothing has it, neither the layers nor the index below them, what has it by a
    /// form or for short.
    fn exact(&mut self, name: &CommonName) -> Result<Vec<Match>, IndexError> {
        let found = self.matches(name, &|index| index.whole(name))?;
        if found.iter().any(|found| is_called(found, name)) {
            return Ok(found);
        }
        self.matches(name, &|index| index.exact_or_form(name))
    }

    /// What each index finds that is answered now, the better first; of equally good ones, what is
    /// held first.
    fn matches(&mut self, name: &CommonName, find: &Find<'_>) -> Result<Vec<Match>, IndexError> {
        let index = &self.held.index;
        let mut matches = if index.is_empty() { Vec::new() } else { find(index)? };
        matches.iter_mut().for_each(|found| signs::judge(found, name));
        let mut matches = self.followed(matches)?;
        let mut left = self.left(find)?;
        left.iter_mut().for_each(|found| signs::judge(found, name));
        matches.append(&mut left);
        matches.sort_by_key(|found| found.likeness);
        if !self.held.settled.followers.is_empty() {
            once_each(&mut matches);
        }
        for found in &matches {
            self.hold(found.entry.life);
        }
        matches.retain(|found| found.entry.life.holds(self.now));
        Ok(matches)
    }

    /// Puts what the index has of the name that an alias follows in the place of the alias.
    fn followed(&mut self, matches: Vec<Match>) -> Result<Vec<Match>, IndexError> {
        if self.held.settled.followers.is_empty() {
            return Ok(matches);
        }
        let mut found = Vec::with_capacity(matches.len());
        for alias in matches {
            let Some(target) = followers::target(&alias.entry) else {
                found.push(alias);
                continue;
            };
            self.hold(alias.entry.life);
            if alias.entry.life.holds(self.now) {
                let of_target = self.below(&target)?.into_iter();
                found.extend(of_target.map(|entry| Match { entry, likeness: alias.likeness }));
            }
        }
        Ok(found)
    }

    /// What the index below has of exactly this name.
    pub(super) fn below(&mut self, name: &CommonName) -> Result<Vec<Entry>, IndexError> {
        let mut found = self.left(&|index| index.whole(name))?;
        found.iter_mut().for_each(|found| signs::judge(found, name));
        let same = found.into_iter().filter(|found| found.likeness == Likeness::Same);
        Ok(same.map(|found| found.entry).collect())
    }

    /// What the layers leave of what is found in the index below them.
    fn left(&mut self, find: &Find<'_>) -> Result<Vec<Match>, IndexError> {
        let matches = self.file.map_or(Ok(Vec::new()), find)?;
        let decided = &self.held.settled.decided;
        if decided.is_empty() {
            return Ok(matches);
        }
        let (mut left, mut is_less) = (Vec::with_capacity(matches.len()), false);
        for found in matches {
            decided.lives(&found.entry).into_iter().for_each(|life| self.hold(life));
            match decided.left(&found.entry, self.now) {
                Left::All => left.push(found),
                Left::With(aliases) => {
                    is_less = true;
                    left.push(Match { entry: Entry { aliases, ..found.entry }, ..found });
                }
                Left::Nothing => {}
            }
        }
        if !is_less {
            return Ok(left);
        }
        let entries: Vec<_> = left.into_iter().map(|found| found.entry).collect();
        find(&NameIndex::build(&entries)?)
    }

    fn hold(&mut self, life: Life) {
        let change = life.changes_after(self.now);
        self.holds_for = self.holds_for.into_iter().chain(change).min();
    }
}

/// Leaves the first match of each entry: what an alias follows may be found by its own name as well.
fn once_each(matches: &mut Vec<Match>) {
    let mut once: Vec<Match> = Vec::with_capacity(matches.len());
    for found in std::mem::take(matches) {
        if once.iter().all(|known| known.entry != found.entry) {
            once.push(found);
        }
    }
    *matches = once;
}

/// Whether an entry has the name as it is compared, though other signs may have been found behind it.
fn is_called(found: &Match, asked: &CommonName) -> bool {
    let has_key = |name: &String| CommonName::new(name).is_some_and(|name| name.key() == asked.key());
    found.likeness == Likeness::Same || found.entry.names().any(has_key)
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
