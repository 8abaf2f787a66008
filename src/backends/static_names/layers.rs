//! Layers of names: what each file says, and what holds when all have spoken.
//!
//! What a name means is said by the last layer that has an entry for it: that one takes the place
//! of the earlier layers' entries of that name, and where the name is an alias of an earlier entry, it
//! no longer is. An entry with a life does so while it lives: it cuts its time out of the lives of those
//! below. Files are layers in the order in which they are listed; the names in the
//! configuration itself have the last word. Inside a layer a name may have several entries, and then
//! means all of them. When everything is settled, aliases join the entries that they follow.

mod decided;
mod ends;
pub(super) mod followers;

use std::collections::{BTreeMap, HashMap};

pub(super) use self::decided::Left;
use self::{decided::Decided, ends::Ends};
use super::{Says, Statement};
use crate::{
    config::Problems,
    model::CommonName,
    names::{Entry, Life, parameters},
};

/// What holds when all layers have spoken.
#[derive(Debug, Default)]
pub(super) struct Settled {
    /// In order of fame.
    pub(super) entries: Vec<Entry>,
    /// By key, when they are denied.
    pub(super) denied: HashMap<Box<str>, Vec<Life>>,
    /// The same, as they were written.
    pub(super) denials: Vec<Entry>,
    /// The names that some layer has an entry for.
    pub(super) decided: Decided,
    /// As they were written: what hides names of the index below, aliases that follow it, and those that stay
    /// by themselves.
    pub(super) apart: Vec<Statement>,
    /// Whether any address takes a parameter.
    pub(super) takes_parameters: bool,
    /// The aliases of names that only the index below has, as [`followers`] are written.
    pub(super) followers: Vec<Entry>,
}

/// Whether an index below the layers has entries of this name.
pub(super) type Below<'a> = dyn Fn(&CommonName) -> bool + 'a;

/// Settles what the files say, in order, and the names of the configuration, which come first where
/// nothing else decides. Where there is an index below, it matters which names are decided, and an alias
/// may follow a name that only the index has.
///
/// # Errors
/// Aliases that lead nowhere or in a circle, each with its place.
pub(super) fn settled(
    inline: Vec<Statement>,
    files: Vec<Vec<Statement>>,
    below_all: Option<&Below<'_>>,
) -> Result<Settled, Problems> {
    settled_but(inline, files, below_all, |_| false)
}

/// The same, but for the aliases that are to stay by themselves: no entry gets their names.
pub(super) fn settled_but(
    inline: Vec<Statement>,
    files: Vec<Vec<Statement>>,
    below_all: Option<&Below<'_>>,
    is_apart: fn(&Statement) -> bool,
) -> Result<Settled, Problems> {
    let mut below = Layers::default();
    for layer in files {
        below.put(layer);
    }
    below.remove(&inline);
    let statements: Vec<_> = inline.into_iter().chain(below.left()).collect();
    let mut settled = Settled::default();
    if below_all.is_some() {
        settled.decided = Decided::of(&statements);
    }
    let mut aliases = Vec::new();
    for statement in statements {
        match statement.says {
            Says::Leads => {
                settled.takes_parameters |= parameters::takes_parameter(&statement.entry.uri);
                settled.entries.push(statement.entry);
            }
            Says::Hidden => settled.apart.extend(below_all.map(|_| statement)),
            Says::AliasOf(_) => aliases.push(statement),
            Says::Denied => settled.deny(statement.entry),
        }
    }
    if !aliases.is_empty() {
        settled.join(&aliases, below_all, is_apart)?;
    }
    Ok(settled)
}

/// Layers as they are put one above the other.
#[derive(Default)]
struct Layers {
    slots: Vec<Slot>,
    /// Where statements stand that have this name or alias; made when a second layer comes.
    by_name: Option<HashMap<Box<str>, Vec<usize>>>,
}

/// A statement, unless a layer above took it out.
struct Slot {
    /// Its place in the order of fame.
    rank: usize,
    statement: Option<Statement>,
}

impl Layers {
    /// Puts a layer on top. What takes the place of an entry also takes its place in the order of fame.
    fn put(&mut self, layer: Vec<Statement>) {
        let mut freed = self.remove(&layer);
        for statement in layer {
            let rank = own_keys(&statement).iter().find_map(|key| freed.remove(key));
            self.push(rank.unwrap_or(self.slots.len()), statement);
        }
    }

    fn push(&mut self, rank: usize, statement: Statement) {
        let place = self.slots.len();
        if let Some(by_name) = &mut self.by_name {
            keys_of(&statement).for_each(|key| by_name.entry(key).or_default().push(place));
        }
        self.slots.push(Slot { rank, statement: Some(statement) });
    }

    /// Takes out what the layer above decides anew, for as long as it does; gives the ranks of what it
    /// took out, by name.
    fn remove(&mut self, above: &[Statement]) -> HashMap<Box<str>, usize> {
        let mut freed = HashMap::new();
        if self.slots.is_empty() || above.is_empty() {
            return freed;
        }
        let slots = &self.slots;
        self.by_name.get_or_insert_with(|| places_by_name(slots));
        for (decided, lives) in lives_by_name(above) {
            for place in
                self.by_name.as_mut().and_then(|by_name| by_name.remove(&decided)).unwrap_or_default()
            {
                let Some(slot) = self.slots.get_mut(place) else { continue };
                let (rank, Some(statement)) = (slot.rank, slot.statement.take()) else { continue };
                if own_keys(&statement).contains(&decided) {
                    freed.entry(decided.clone()).or_insert(rank);
                }
                for part in parts(&statement, &decided, &lives) {
                    self.push(rank, part);
                }
            }
        }
        freed
    }

    fn left(mut self) -> impl Iterator<Item = Statement> {
        self.slots.sort_by_key(|slot| slot.rank);
        self.slots.into_iter().filter_map(|slot| slot.statement)
    }
}

/// When a layer decides each of its names.
fn lives_by_name(layer: &[Statement]) -> BTreeMap<Box<str>, Vec<Life>> {
    let mut lives: BTreeMap<_, Vec<Life>> = BTreeMap::new();
    for statement in layer {
        for key in own_keys(statement) {
            lives.entry(key).or_default().push(statement.entry.life);
        }
    }
    lives
}

/// What is left of a statement when a name of it is decided above during these lives: all of it outside
/// them, and inside them, if the name is but an alias, the statement without it.
fn parts(statement: &Statement, decided: &str, lives: &[Life]) -> Vec<Statement> {
    let is_decided = |name: &str| keys(name).iter().any(|key| **key == *decided);
    let is_alias = !is_decided(&statement.entry.name);
    let (mut whole, mut without) = (vec![statement.entry.life], Vec::new());
    for life in lives {
        without.extend(whole.iter().filter_map(|part| part.inside(*life)));
        whole = whole.iter().flat_map(|part| part.outside(*life)).collect();
    }
    let part = |life: Life| {
        let mut part = statement.clone();
        part.entry.life = life;
        part
    };
    let bare = |life: Life| {
        let mut part = part(life);
        part.entry.aliases.retain(|alias| !is_decided(alias));
        part
    };
    let without = without.into_iter().filter(|_| is_alias).map(bare);
    whole.into_iter().map(part).chain(without).collect()
}

fn places_by_name(slots: &[Slot]) -> HashMap<Box<str>, Vec<usize>> {
    let mut places: HashMap<_, Vec<usize>> = HashMap::new();
    for (place, slot) in slots.iter().enumerate() {
        for key in slot.statement.iter().flat_map(keys_of) {
            places.entry(key).or_default().push(place);
        }
    }
    places
}

/// The keys under which a name is looked for; two names that share one are the same.
fn keys(name: &str) -> Vec<Box<str>> {
    let name = CommonName::new(name);
    name.iter().flat_map(CommonName::keys).map(Into::into).collect()
}

fn own_keys(statement: &Statement) -> Vec<Box<str>> {
    keys(&statement.entry.name)
}

fn keys_of(statement: &Statement) -> impl Iterator<Item = Box<str>> {
    statement.entry.names().flat_map(|name| keys(name))
}

impl Settled {
    /// When the name is denied.
    pub(super) fn denied(&self, name: &CommonName) -> impl Iterator<Item = Life> {
        let keys = (!self.denied.is_empty()).then(|| name.keys());
        keys.into_iter().flatten().filter_map(|key| self.denied.get(&*key)).flatten().copied()
    }

    fn deny(&mut self, entry: Entry) {
        for key in entry.names().flat_map(|name| keys(name)) {
            self.denied.entry(key).or_default().push(entry.life);
        }
        self.denials.push(entry);
    }

    /// Adds aliases to the entries that they follow.
    fn join(
        &mut self,
        aliases: &[Statement],
        below: Option<&Below<'_>>,
        is_apart: fn(&Statement) -> bool,
    ) -> Result<(), Problems> {
        let ends = Ends::new(self, aliases);
        let mut problems = Problems::default();
        let mut joined = Vec::new();
        for alias in aliases {
            match ends.end(alias, &self.denied, below) {
                Ok(end) => joined.push((alias, end)),
                Err(problem) => problems.0.push(problem),
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        for (alias, end) in joined {
            if is_apart(alias) || end.below.is_some() {
                self.apart.push(alias.clone());
            }
            if is_apart(alias) {
                continue;
            }
            for place in end.entries {
                self.follow(place, alias);
            }
            self.followers.extend(end.below.map(|target| followers::of(&alias.entry, &target)));
            for life in end.denied.into_iter().filter_map(|life| life.inside(alias.entry.life)) {
                self.deny(Entry { life, ..alias.entry.clone() });
            }
        }
        Ok(())
    }

    /// Gives an entry the names of an alias: for good, or by an entry of its own while the alias lives.
    fn follow(&mut self, place: usize, alias: &Statement) {
        let Some(entry) = self.entries.get_mut(place) else { return };
        if alias.entry.life == Life::default() {
            entry.aliases.extend(alias.entry.names().cloned());
        } else if let Some(life) = entry.life.inside(alias.entry.life) {
            let Entry { name, aliases, owner, note, .. } = alias.entry.clone();
            let mut entry = Entry { name, aliases, life, ..entry.clone() };
            for (own, of_entry) in [(owner, &mut entry.owner), (note, &mut entry.note)] {
                if !own.is_empty() {
                    *of_entry = own;
                }
            }
            self.entries.push(entry);
        }
    }
}

#[cfg(test)]
mod tests;
