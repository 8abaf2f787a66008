//! Layers of names: what each file says, and what holds when all have spoken.
//!
//! What a name means is said by the last layer that has an entry for it: that one takes the place
//! of the earlier layers' entries of that name, and where the name is an alias of an earlier entry, it
//! no longer is. Files are layers in the order in which they are listed; the names in the
//! configuration itself have the last word. Inside a layer a name may have several entries, and then
//! means all of them. When everything is settled, aliases join the entries that they follow.

use std::collections::{HashMap, HashSet};

use xxhash_rust::xxh3::xxh3_64;

use super::{Says, Statement};
use crate::{
    config::{Problem, Problems},
    model::CommonName,
    names::{Entry, Life, parameters},
};

/// Most steps of a circle of aliases that a message tells.
const MOST_STEPS: usize = 6;

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
    /// Whether any address takes a parameter.
    pub(super) takes_parameters: bool,
}

/// Names that are decided here, so that an index below these layers has no say in them.
#[derive(Debug, Default)]
pub(super) struct Decided(HashSet<u64>);

impl Decided {
    pub(super) fn has(&self, name: &CommonName) -> bool {
        self.0.contains(&xxh3_64(name.key().as_bytes()))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Settles what the files say, in order, and the names of the configuration, which come first where
/// nothing else decides. `above_index`: there is an index below, and it matters which names are decided.
///
/// # Errors
/// Aliases that lead nowhere or in a circle, each with its place.
pub(super) fn settled(
    inline: Vec<Statement>,
    files: Vec<Vec<Statement>>,
    above_index: bool,
) -> Result<Settled, Problems> {
    let mut below = Layers::default();
    for layer in files {
        below.put(layer);
    }
    below.remove(&inline);
    let statements: Vec<_> = inline.into_iter().chain(below.left()).collect();
    let mut settled = Settled::default();
    if above_index {
        let names = statements.iter().filter_map(key_of);
        settled.decided = Decided(names.map(|key| xxh3_64(key.as_bytes())).collect());
    }
    let mut aliases = Vec::new();
    for statement in statements {
        match statement.says {
            Says::Leads => {
                settled.takes_parameters |= parameters::takes_parameter(&statement.entry.uri);
                settled.entries.push(statement.entry);
            }
            Says::Hidden => {}
            Says::AliasOf(_) => aliases.push(statement),
            Says::Denied => settled.deny(statement.entry),
        }
    }
    if !aliases.is_empty() {
        settled.join(&aliases)?;
    }
    Ok(settled)
}

/// Layers as they are put one above the other.
#[derive(Default)]
struct Layers {
    statements: Vec<Option<Statement>>,
    /// Where statements stand that have this name or alias; made when a second layer comes.
    by_name: Option<HashMap<Box<str>, Vec<usize>>>,
}

impl Layers {
    /// Puts a layer on top. What takes the place of an entry also takes its place in the order of fame.
    fn put(&mut self, layer: Vec<Statement>) {
        let mut freed = self.remove(&layer);
        for statement in layer {
            let place = key_of(&statement).and_then(|key| freed.remove(&key));
            let place = place.unwrap_or(self.statements.len());
            if let Some(by_name) = &mut self.by_name {
                keys_of(&statement).for_each(|key| by_name.entry(key).or_default().push(place));
            }
            match self.statements.get_mut(place) {
                Some(free) => *free = Some(statement),
                None => self.statements.push(Some(statement)),
            }
        }
    }

    /// Takes out what the layer above decides anew; gives the places that became free, by name.
    fn remove(&mut self, above: &[Statement]) -> HashMap<Box<str>, usize> {
        let mut freed = HashMap::new();
        if self.statements.is_empty() || above.is_empty() {
            return freed;
        }
        let statements = &mut self.statements;
        let by_name = self.by_name.get_or_insert_with(|| places_by_name(statements));
        for decided in above.iter().filter_map(key_of).collect::<HashSet<_>>() {
            for place in by_name.remove(&decided).unwrap_or_default() {
                let Some(slot) = statements.get_mut(place) else { continue };
                let Some(statement) = slot else { continue };
                if key_of(statement).as_ref() == Some(&decided) {
                    *slot = None;
                    freed.entry(decided.clone()).or_insert(place);
                } else {
                    statement.entry.aliases.retain(|alias| key(alias).as_ref() != Some(&decided));
                }
            }
        }
        freed
    }

    fn left(self) -> impl Iterator<Item = Statement> {
        self.statements.into_iter().flatten()
    }
}

fn places_by_name(statements: &[Option<Statement>]) -> HashMap<Box<str>, Vec<usize>> {
    let mut places: HashMap<_, Vec<usize>> = HashMap::new();
    for (place, statement) in statements.iter().enumerate() {
        for key in statement.iter().flat_map(keys_of) {
            places.entry(key).or_default().push(place);
        }
    }
    places
}

fn key(name: &str) -> Option<Box<str>> {
    CommonName::new(name).map(|name| name.key().into())
}

fn key_of(statement: &Statement) -> Option<Box<str>> {
    key(&statement.entry.name)
}

fn keys_of(statement: &Statement) -> impl Iterator<Item = Box<str>> {
    statement.entry.names().filter_map(|name| key(name))
}

/// Where a name leads on the way to what an alias follows.
enum Step<'a> {
    /// The entries that have the name.
    Entries(Vec<usize>),
    Denied,
    /// Another alias, which follows this name.
    On(&'a str),
}

impl Settled {
    fn deny(&mut self, entry: Entry) {
        for key in entry.names().filter_map(|name| key(name)) {
            self.denied.entry(key).or_default().push(entry.life);
        }
        self.denials.push(entry);
    }

    /// Adds aliases to the entries that they follow.
    fn join(&mut self, aliases: &[Statement]) -> Result<(), Problems> {
        let followed = Followed::new(self, aliases);
        let mut problems = Problems::default();
        let mut joined = Vec::new();
        for alias in aliases {
            match followed.end(alias, &self.denied) {
                Ok(end) => joined.push((alias, end)),
                Err(problem) => problems.0.push(problem),
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        for (alias, end) in joined {
            match end {
                Step::Entries(places) => {
                    for place in places {
                        let Some(entry) = self.entries.get_mut(place) else { continue };
                        entry.aliases.extend(alias.entry.names().cloned());
                    }
                }
                Step::Denied | Step::On(_) => self.deny(alias.entry.clone()),
            }
        }
        Ok(())
    }
}

/// Everything that an alias may follow.
struct Followed<'a> {
    entries: HashMap<Box<str>, Vec<usize>>,
    aliases: HashMap<Box<str>, &'a str>,
}

impl<'a> Followed<'a> {
    fn new(settled: &Settled, statements: &'a [Statement]) -> Self {
        let mut entries: HashMap<_, Vec<usize>> = HashMap::new();
        for (place, entry) in settled.entries.iter().enumerate() {
            for key in entry.names().filter_map(|name| key(name)) {
                let places = entries.entry(key).or_default();
                if places.last() != Some(&place) {
                    places.push(place);
                }
            }
        }
        let mut aliases = HashMap::new();
        for statement in statements {
            if let Says::AliasOf(target) = &statement.says {
                keys_of(statement).for_each(|key| {
                    aliases.entry(key).or_insert(target.as_str());
                });
            }
        }
        Self { entries, aliases }
    }

    fn step(&self, name: &str, denied: &HashMap<Box<str>, Vec<Life>>) -> Option<Step<'a>> {
        let key = key(name)?;
        match self.entries.get(&key) {
            Some(places) => Some(Step::Entries(places.clone())),
            None if denied.contains_key(&key) => Some(Step::Denied),
            None => self.aliases.get(&key).map(|target| Step::On(target)),
        }
    }

    /// What an alias follows in the end.
    fn end(&self, alias: &Statement, denied: &HashMap<Box<str>, Vec<Life>>) -> Result<Step<'a>, Problem> {
        let Says::AliasOf(target) = &alias.says else { return Ok(Step::Denied) };
        let mut seen: HashSet<_> = key_of(alias).into_iter().collect();
        let mut told = vec![alias.entry.name.clone()];
        let mut at = target.as_str();
        loop {
            told.push(at.to_owned());
            match self.step(at, denied) {
                Some(Step::On(next)) => {
                    if key(at).is_some_and(|key| !seen.insert(key)) {
                        return Err(alias.place.problem("alias_of", circle(&told)));
                    }
                    at = next;
                }
                Some(end) => return Ok(end),
                None => {
                    let message = format!("\"{at}\" is no name here; expected the name of an entry");
                    return Err(alias.place.problem("alias_of", message));
                }
            }
        }
    }
}

fn circle(told: &[String]) -> String {
    let steps: Vec<_> = told.iter().take(MOST_STEPS).map(String::as_str).collect();
    let more = if told.len() > MOST_STEPS { " -> ..." } else { "" };
    format!("leads in a circle: {}{more}; expected the name of an entry", steps.join(" -> "))
}

#[cfg(test)]
mod tests;
