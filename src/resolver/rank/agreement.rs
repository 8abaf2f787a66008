//! Agreement: which families of sources tell of a resource, and which of its site.
//!
//! Two families that find the same page agree on it. Two that find different pages of one site agree
//! on the site, which is evidence for its front page and for no other: of a shop that two engines
//! know, not every page is what the shop's name means. And only pages on a host that bears the name
//! say anything of the site; that two engines find something on an encyclopaedia is no evidence for
//! its front page.
//!
//! So one more witness for a page never lifts another above it: it lifts the site's front page, which
//! stood before the others already, and any page of that host that two families tell of themselves.

use std::collections::HashMap;

use super::{Voice, claim::is_believed, constants::ENOUGH_FAMILIES};
use crate::{
    model::{Family, PageDepth, Tier},
    resolver::merge::{Merged, Witness},
};

/// Families, and of each the sources that speak for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Families(Vec<(Family, usize)>);

impl Families {
    fn add(&mut self, family: Family, source: usize) {
        if let Err(place) = self.0.binary_search(&(family, source)) {
            self.0.insert(place, (family, source));
        }
    }

    /// In the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = Family> {
        self.0
            .chunk_by(|(one, _), (next, _)| one == next)
            .filter_map(|of| of.first().map(|(family, _)| *family))
    }

    /// Their sources, by their places in the configuration, in its order.
    pub fn sources(&self) -> Vec<usize> {
        let mut sources: Vec<_> = self.0.iter().map(|(_, source)| *source).collect();
        sources.sort_unstable();
        sources
    }

    /// Whether one of them is this.
    pub fn contains(&self, family: Family) -> bool {
        self.iter().any(|one| one == family)
    }

    fn are_enough(&self) -> bool {
        self.iter().count() >= ENOUGH_FAMILIES
    }

    /// Whether they would be enough without this one.
    pub(super) fn are_enough_without(&self, family: Family) -> bool {
        self.iter().filter(|one| *one != family).count() >= ENOUGH_FAMILIES
    }
}

/// What the sources together say of each site.
pub(super) struct Agreement<'a, 'v> {
    voices: &'v [Voice],
    sites: HashMap<&'a str, Site>,
}

#[derive(Default)]
struct Site {
    /// Those that tell of a page whose host bears the name.
    families: Families,
    /// The best vote of each family for any of its pages.
    votes: Vec<(Family, f64)>,
    /// DNS says that its domain is for sale.
    is_for_sale: bool,
}

impl<'a, 'v> Agreement<'a, 'v> {
    pub(super) fn of(merged: &[Merged<'a>], voices: &'v [Voice]) -> Self {
        let mut sites: HashMap<&'a str, Site> = HashMap::with_capacity(merged.len());
        for entry in merged {
            let site = sites.entry(entry.site()).or_default();
            // Who doubts itself must not make others speak for the site, of whose page it raises nothing.
            let bears_name = entry.witnesses.iter().any(|one| is_believed(one) && one.candidate.fit.is_own());
            for (witness, voice) in voiced(&entry.witnesses, voices) {
                // That a guessed domain exists says that a site may be meant, not which of several is.
                if voice.family != Family::DNS {
                    vote(&mut site.votes, witness, voice);
                } else if !is_believed(witness) {
                    site.is_for_sale = true;
                }
                if bears_name && is_believed(witness) {
                    site.families.add(voice.family, witness.source);
                }
            }
        }
        Self { voices, sites }
    }

    /// The families that tell of the resource itself, sources that doubt themselves not counted.
    pub(super) fn on_resource(&self, entry: &Merged<'_>) -> Families {
        let mut families = Families::default();
        for (witness, voice) in
            voiced(&entry.witnesses, self.voices).filter(|(witness, _)| is_believed(witness))
        {
            families.add(voice.family, witness.source);
        }
        families
    }

    /// Whether DNS says that the domain of the resource is for sale. Engines go on listing what a site
    /// was long after its name was let go, so their agreement is then worth nothing.
    pub(super) fn is_for_sale(&self, entry: &Merged<'_>) -> bool {
        self.sites.get(entry.site()).is_some_and(|site| site.is_for_sale)
    }

    /// The families that corroborate a resource which by itself is worth `claimed`; none if too few do,
    /// it does not fit, or it is for sale.
    pub(super) fn on(&self, entry: &Merged<'_>, claimed: Tier) -> Option<Families> {
        if self.is_for_sale(entry) {
            return None;
        }
        let is_front = depth(entry) < PageDepth::Deep;
        let has_title = entry.witnesses.iter().any(|witness| witness.candidate.fit.title);
        let own = self.on_resource(entry);
        if own.are_enough() && (is_own(entry) || is_front && has_title && claimed <= Tier::OneWitness) {
            return Some(own);
        }
        let site = self.sites.get(entry.site()).map(|site| &site.families);
        let speaks_for_site = is_front && is_own(entry) && claimed <= Tier::OneWitness;
        site.filter(|families| speaks_for_site && families.are_enough()).cloned()
    }

    /// The fused rank of the resource's site: each family votes once for it, with its best page.
    pub(super) fn site_votes(&self, entry: &Merged<'_>) -> f64 {
        self.sites.get(entry.site()).map_or(0.0, |site| sum(&site.votes))
    }

    /// The fused rank of the resource itself.
    pub(super) fn own_votes(&self, entry: &Merged<'_>) -> f64 {
        let mut votes = Vec::with_capacity(entry.witnesses.len());
        for (witness, voice) in voiced(&entry.witnesses, self.voices) {
            vote(&mut votes, witness, voice);
        }
        sum(&votes)
    }
}

/// How deep in its host a resource lies: as deep as its shallowest spelling.
pub(super) fn depth(entry: &Merged<'_>) -> PageDepth {
    entry.witnesses.iter().map(|witness| witness.candidate.url.depth()).min().unwrap_or(PageDepth::Deep)
}

/// Whether the resource's host is the name, or akin to it.
pub(super) fn is_own(entry: &Merged<'_>) -> bool {
    entry.witnesses.iter().any(|witness| witness.candidate.fit.is_own())
}

fn voiced<'w>(
    witnesses: &'w [Witness<'w>],
    voices: &'w [Voice],
) -> impl Iterator<Item = (&'w Witness<'w>, &'w Voice)> {
    witnesses.iter().filter_map(|witness| Some((witness, voices.get(witness.source)?)))
}

/// Each family votes once, with its best witness, so ten search engines behind one type weigh no
/// more than one, and one more voice never lowers the sum.
fn vote(votes: &mut Vec<(Family, f64)>, witness: &Witness<'_>, voice: &Voice) {
    let vote = super::claim::vote(witness, voice);
    match votes.iter_mut().find(|(family, _)| *family == voice.family) {
        Some((_, highest)) => *highest = highest.max(vote),
        None => votes.push((voice.family, vote)),
    }
}

/// In the order of the families' names, as the sum of floating numbers depends on their order.
fn sum(votes: &[(Family, f64)]) -> f64 {
    let mut votes = votes.to_vec();
    votes.sort_by_key(|(family, _)| *family);
    // From 0.0, as the sum of no floating numbers is -0.0.
    votes.iter().fold(0.0, |sum, (_, vote)| sum + vote)
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_votes_are_zero_without_a_sign() {
        assert_eq!(format!("{:.4}", super::sum(&[])), "0.0000");
    }
}
