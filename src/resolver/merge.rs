//! Merge: one resource, one entry, however many sources told of it and in whatever spelling.

use std::collections::HashMap;

use crate::model::{Candidate, Prepared};

/// One source's word for a resource.
#[derive(Debug, Clone, Copy)]
pub struct Witness<'a> {
    /// Which source, by its place in the configuration.
    pub source: usize,
    /// Its place in that source's own list, from 1.
    pub rank: usize,
    pub candidate: &'a Candidate,
}

/// One resource and everyone who told of it, in the order of the configuration.
#[derive(Debug, Clone)]
pub struct Merged<'a> {
    pub witnesses: Vec<Witness<'a>>,
}

impl<'a> Merged<'a> {
    /// What the resource is known by.
    pub fn identity(&self) -> &'a str {
        self.witnesses.first().map_or("", |witness| witness.candidate.url.identity())
    }

    /// The site that the resource belongs to; the same for every witness, as one identity never
    /// spans two registrable domains.
    pub fn site(&self) -> &'a str {
        self.witnesses.first().map_or("", |witness| witness.candidate.url.site())
    }
}

/// Joins what the sources found. `told` holds each source that answered, in the order of the
/// configuration, so the result does not depend on who was quicker.
pub fn merge<'a>(told: &[(usize, &'a Prepared)]) -> Vec<Merged<'a>> {
    let total = told.iter().map(|(_, prepared)| prepared.candidates.len()).sum();
    let mut merged: Vec<Merged<'a>> = Vec::with_capacity(total);
    let mut place_of: HashMap<&'a str, usize> = HashMap::with_capacity(total);
    for &(source, prepared) in told {
        for (index, candidate) in prepared.candidates.iter().enumerate() {
            let witness = Witness { source, rank: index + 1, candidate };
            let place = *place_of.entry(candidate.url.identity()).or_insert(merged.len());
            match merged.get_mut(place) {
                Some(known) => known.witnesses.push(witness),
                None => merged.push(Merged { witnesses: vec![witness] }),
            }
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CommonName, Hit, Reply, Vouched, prepare};

    fn told(uris: &[&str]) -> Prepared {
        let hits = uris.iter().map(|uri| Hit::mention("x", *uri, "")).collect();
        prepare(Reply::of(hits), &CommonName::new("x").unwrap(), Vouched::BySearch)
    }

    #[test]
    fn spellings_of_one_resource_are_one_entry_with_all_its_witnesses() {
        let one = told(&["https://x.example/", "https://www.boeing.com"]);
        let two = told(&["http://boeing.com/?utm_source=z", "https://y.example/"]);
        let merged = merge(&[(0, &one), (4, &two)]);
        assert_eq!(merged.len(), 3);
        let boeing = merged.iter().find(|entry| entry.site() == "boeing.com").unwrap();
        let provenance: Vec<_> = boeing.witnesses.iter().map(|w| (w.source, w.rank)).collect();
        assert_eq!(provenance, [(0, 2), (4, 1)]);
    }

    #[test]
    fn a_source_that_repeats_itself_is_one_entry() {
        let one = told(&["https://x.example/", "http://x.example", "https://www.x.example/"]);
        assert_eq!(merge(&[(0, &one)]).len(), 1);
    }
}
