//! Suggestions: what somebody may be typing, of the maps and of names asked often.

use std::{
    collections::HashSet,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use tokio::time::Instant;

use super::{
    asked::{Ask, AskedOften},
    packets,
};
use crate::{
    model::{CommonName, ResourceUrl, Suggestion, Vouched, showable, showable_description},
    resolver::Source,
};

/// Where asks are noted and suggestions come from.
pub(super) struct Suggester(Mutex<AskedOften>);

impl Suggester {
    pub(super) fn new(now: Instant) -> Self {
        Self(Mutex::new(AskedOften::new(now)))
    }

    /// Notes that a client asked. An answer never waits for that: one that meets another is not
    /// counted.
    pub(super) fn note(&self, ask: &Ask, client: IpAddr, generation: u64, now: Instant) {
        if let Ok(mut often) = self.0.try_lock() {
            often.note(ask, client, generation, now);
        }
    }

    /// Whether so many clients have asked for a name that it says nothing of any of them. Waits for nobody.
    pub(super) fn is_common(&self, name: &CommonName) -> bool {
        self.0.try_lock().is_ok_and(|often| often.is_common(name))
    }

    /// Up to `limit` rows, one for each resource: what is asked often, then the maps' names, the best
    /// known of each first; at last what is meant if a letter slipped.
    pub(super) fn suggest(
        &self,
        sources: &[Source],
        typed: &CommonName,
        limit: usize,
        now: Instant,
    ) -> Vec<Suggestion> {
        let generation = packets::generation(sources);
        let often = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let often = often.begun(typed, limit, generation, now);
        merged(often, sources.iter().map(|source| told(source, typed, limit)).collect(), limit)
    }
}

/// What a source suggests. One that can't be read has nothing to suggest, and is reported when it is
/// asked.
fn told(source: &Source, typed: &CommonName, limit: usize) -> Vec<Suggestion> {
    source.guard.backend().suggest(typed, limit).unwrap_or_else(|failure| {
        tracing::debug!(backend = source.name, %failure, "no suggestions");
        Vec::new()
    })
}

/// What is asked often, in the maps' own words where they have it; then the first row of each source,
/// and the second of each, for none knows how well known another's are.
fn merged(often: Vec<Suggestion>, told: Vec<Vec<Suggestion>>, limit: usize) -> Vec<Suggestion> {
    let mut told: Vec<_> = told.into_iter().flat_map(|rows| rows.into_iter().enumerate()).collect();
    told.sort_by_key(|(rank, row)| (row.has_slipped, *rank));
    let told: Vec<_> = told.into_iter().map(|(_, row)| (identity(&row), row)).collect();
    let often = often.into_iter().map(|row| (identity(&row), row));
    let often = often.map(|asked| told.iter().find(|(known, _)| *known == asked.0).cloned().unwrap_or(asked));
    let often: Vec<_> = often.collect();
    let mut seen = HashSet::new();
    let rows = often.into_iter().chain(told).filter(|(identity, _)| seen.insert(identity.clone()));
    rows.map(|(_, row)| shown(row)).take(limit).collect()
}

/// A row without what turns or hides a text, as an answer to its name would show it.
fn shown(row: Suggestion) -> Suggestion {
    Suggestion { name: showable(&row.name), description: showable_description(&row.description), ..row }
}

fn identity(row: &Suggestion) -> String {
    let address = ResourceUrl::parse(&row.uri, Vouched::ByOperator);
    address.map_or_else(|| row.uri.clone(), |address| address.identity().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, uri: &str, has_slipped: bool) -> Suggestion {
        Suggestion { name: name.to_owned(), description: String::new(), uri: uri.to_owned(), has_slipped }
    }

    #[test]
    fn a_resource_is_one_row_whoever_suggests_it() {
        let often = vec![row("acme shop", "https://shop.example/", false)];
        let own =
            vec![row("Acme", "https://acme.example/", false), row("Amce", "https://amce.example/", true)];
        let other = vec![
            row("Acme Inc.", "http://www.acme.example", false),
            row("Acme Shop", "https://shop.example/", false),
            row("Acme Tools", "https://tools.example/", false),
        ];
        let names = |limit| {
            let rows = merged(often.clone(), vec![own.clone(), other.clone()], limit);
            rows.into_iter().map(|row| row.name).collect::<Vec<_>>()
        };
        assert_eq!(names(10), ["Acme Shop", "Acme", "Acme Tools", "Amce"]);
        assert_eq!(names(2), ["Acme Shop", "Acme"]);
    }

    #[test]
    fn a_row_shows_what_an_answer_would_show() {
        let hostile = Suggestion {
            description: "\u{202e}\u{2066} rtl \u{7} bell".to_owned(),
            ..row("bidi \u{202e}evil", "https://x.example/", false)
        };
        let rows = merged(Vec::new(), vec![vec![hostile]], 10);
        assert_eq!((rows[0].name.as_str(), rows[0].description.as_str()), ("bidi evil", "rtl bell"));
    }
}
