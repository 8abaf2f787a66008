//! What aliases follow in the end: an alias may name another alias, in whatever layer, and that leads on to
//! entries, to a name that is denied, or to one that only the index below has.

use std::collections::{HashMap, HashSet};

use super::{Below, Settled, keys, keys_of};
use crate::{
    backends::static_names::{Says, Statement},
    config::Problem,
    model::CommonName,
    names::Life,
};

/// Most steps of a circle of aliases that a message tells.
const MOST_STEPS: usize = 6;

/// What an alias follows: entries; when their name is denied; a name that the index has.
#[derive(Default)]
pub(super) struct End {
    pub(super) entries: Vec<usize>,
    pub(super) denied: Vec<Life>,
    pub(super) below: Option<CommonName>,
}

/// Where a name leads on the way to what an alias follows.
enum Step<'a> {
    /// What has the name.
    End(End),
    /// Another alias, which follows this name.
    On(&'a str),
}

/// Everything that an alias may follow.
pub(super) struct Ends<'a> {
    entries: HashMap<Box<str>, Vec<usize>>,
    aliases: HashMap<Box<str>, &'a str>,
}

impl<'a> Ends<'a> {
    pub(super) fn new(settled: &Settled, statements: &'a [Statement]) -> Self {
        let mut entries: HashMap<_, Vec<usize>> = HashMap::new();
        for (place, entry) in settled.entries.iter().enumerate() {
            for key in entry.names().flat_map(|name| keys(name)) {
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
        let keys = keys(name);
        let entries = all_of(&self.entries, &keys);
        let denied = all_of(denied, &keys);
        if entries.is_empty() && denied.is_empty() {
            return keys.iter().find_map(|key| self.aliases.get(key)).map(|target| Step::On(target));
        }
        Some(Step::End(End { entries, denied, below: None }))
    }

    /// What an alias follows in the end.
    ///
    /// # Errors
    /// It leads nowhere or in a circle.
    pub(super) fn end(
        &self,
        alias: &Statement,
        denied: &HashMap<Box<str>, Vec<Life>>,
        below: Option<&Below<'_>>,
    ) -> Result<End, Problem> {
        let Says::AliasOf(target) = &alias.says else { return Ok(End::default()) };
        let key = |name: &str| keys(name).into_iter().next();
        let mut seen: HashSet<_> = key(&alias.entry.name).into_iter().collect();
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
                Some(Step::End(end)) => return Ok(end),
                None => {
                    let known = CommonName::new(at).filter(|name| below.is_some_and(|has| has(name)));
                    if known.is_some() {
                        return Ok(End { below: known, ..End::default() });
                    }
                    let message = format!("\"{at}\" is no name here; expected the name of an entry");
                    return Err(alias.place.problem("alias_of", message));
                }
            }
        }
    }
}

/// What is kept under any of the keys, once.
fn all_of<T: Clone + PartialEq>(kept: &HashMap<Box<str>, Vec<T>>, keys: &[Box<str>]) -> Vec<T> {
    let mut lists = keys.iter().filter_map(|key| kept.get(key));
    let mut all = lists.next().cloned().unwrap_or_default();
    for one in lists.flatten() {
        if !all.contains(one) {
            all.push(one.clone());
        }
    }
    all
}

fn circle(told: &[String]) -> String {
    let steps: Vec<_> = told.iter().take(MOST_STEPS).map(String::as_str).collect();
    let more = if told.len() > MOST_STEPS { " -> ..." } else { "" };
    format!("leads in a circle: {}{more}; expected the name of an entry", steps.join(" -> "))
}
