//! The constant k of the fused rank, tried at other values: every answer is put in order again from the terms
//! that `explain` would show, with the votes that k would have made of the same places.

use std::collections::HashMap;

use cnrp_gateway::{
    model::{Family, Tier},
    resolver::{Ranked, Terms, Voice, arrange},
};

/// The values that are tried, that of Cormack, Clarke and Buettcher (2009) the last.
pub(crate) const TRIED: [f64; 7] = [1.0, 2.0, 4.0, 6.0, 10.0, 20.0, 60.0];

/// The votes of the families, each with its best page.
#[derive(Default)]
struct Votes(Vec<(Family, f64)>);

impl Votes {
    fn add(&mut self, family: Family, vote: f64) {
        match self.0.iter_mut().find(|(known, _)| *known == family) {
            Some((_, highest)) => *highest = highest.max(vote),
            None => self.0.push((family, vote)),
        }
    }

    /// In the order of the families' names, as the sum of floating numbers depends on their order.
    fn sum(mut self) -> f64 {
        self.0.sort_by_key(|(family, _)| *family);
        self.0.iter().map(|(_, vote)| vote).sum()
    }
}

/// The sites of the results in the order that `k` makes. No rule of an operator weighs a vote here.
pub(crate) fn with_constant<'a>(ranked: &[Ranked<'a>], voices: &[Voice], k: f64) -> Vec<String> {
    let mut of_sites: HashMap<&str, Votes> = HashMap::new();
    for one in ranked {
        let site = of_sites.entry(one.merged.site()).or_default();
        // That a guessed domain exists says nothing of which of several is meant.
        votes(one, voices, k).filter(|(family, _)| *family != Family::DNS).for_each(|(family, vote)| {
            site.add(family, vote);
        });
    }
    let of_sites: HashMap<&str, f64> =
        of_sites.into_iter().map(|(site, votes)| (site, votes.sum())).collect();
    let tried = |one: &Ranked<'a>| -> (String, Terms<'a>) {
        let mut own = Votes::default();
        votes(one, voices, k).for_each(|(family, vote)| own.add(family, vote));
        let (site, own_votes) = (one.merged.site(), own.sum());
        let of_site = of_sites.get(site).copied().unwrap_or_default();
        let votes = if one.tier() == Tier::Asserted { own_votes } else { of_site };
        (site.to_owned(), Terms { votes, own_votes, ..one.terms.clone() })
    };
    let tried = arrange(ranked.iter().map(tried).collect(), |(_, terms)| terms);
    tried.into_iter().map(|(site, _)| site).collect()
}

fn votes(one: &Ranked<'_>, voices: &[Voice], k: f64) -> impl Iterator<Item = (Family, f64)> {
    let told = one.merged.witnesses.iter().filter_map(|witness| Some((witness, voices.get(witness.source)?)));
    told.map(move |(witness, voice)| {
        let rank = u32::try_from(witness.rank).map_or(f64::from(u32::MAX), f64::from);
        (voice.family, voice.weight / (k + rank))
    })
}
