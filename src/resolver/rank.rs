//! Rank: evidence decides the tier, and inside a tier the order is: likeness of the name, whose word
//! an assertion is, hints, an address that bears the name, fused reciprocal rank, front page before
//! deep page, address. The order is total, so the same evidence always gives the same answer,
//! whoever answered first. Within it another CNRP service's own list keeps its order, which `lists`
//! sees to.
//!
//! What a person means by a name is mostly one site; so the question is never "which score is
//! higher" but "who says so, and does it fit". A sum of small numbers can't lift a mention over
//! an assertion.

mod lists;

use std::{cmp::Ordering, collections::HashMap};

use super::{
    hints::{self, Distance},
    merge::{Merged, Witness},
    ordinary_words,
};
use crate::model::{Candidate, Confidence, Family, Likeness, NameQuery, Tier, Vouched};

/// The constant of weighted reciprocal rank fusion: how quickly a vote falls with its rank
/// (Cormack, Clarke and Buettcher 2009 take 60; a name has one answer, so ours falls faster).
const RANK_CONSTANT: f64 = 10.0;

/// What ranking has to know of a source.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Voice {
    pub family: Family,
    /// Its share in the fused rank, above 0.
    pub weight: f64,
    pub vouched: Vouched,
}

/// A resource in its place, with every term that put it there.
#[derive(Debug, Clone)]
pub struct Ranked<'a> {
    pub merged: Merged<'a>,
    /// Where in `merged.witnesses` the best one is: it gives name, id, service and description.
    best: usize,
    pub tier: Tier,
    pub confidence: Confidence,
    pub terms: Terms,
}

/// What decides inside a tier.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Terms {
    pub likeness: Likeness,
    /// The weightiest of those that assert it: what the operator wrote stands before what a work of
    /// reference says of the same name. Below tier A nobody asserts, and it is a search's word.
    pub authority: Vouched,
    pub distance: Distance,
    /// A hinted property is present and none of its values is wanted.
    pub contradicts: bool,
    /// Whether its own address bears the name: better than a page about it.
    pub bears_name: bool,
    /// The fused votes: over the families, the best weight / (k + rank) of each.
    pub votes: f64,
    pub is_root: bool,
}

impl<'a> Ranked<'a> {
    /// The witness of the best evidence.
    pub fn best(&self) -> Option<&Witness<'a>> {
        self.merged.witnesses.get(self.best)
    }

    /// The spelling of the address to show: the best witness's, unless that one is a plain http
    /// finding and another witness has the same resource under https.
    pub fn uri(&self, voices: &[Voice]) -> &'a str {
        let Some(best) = self.best() else { return "" };
        let is_written = vouched(voices, best) == Vouched::ByOperator;
        let secure = self.merged.witnesses.iter().find(|witness| witness.candidate.url.is_https());
        match secure {
            Some(secure) if !is_written && !best.candidate.url.is_https() => secure.candidate.url.shown(),
            _ => best.candidate.url.shown(),
        }
    }
}

/// Puts resources in order. `voices` holds every source of the configuration, by its place.
pub fn rank<'a>(merged: Vec<Merged<'a>>, query: &NameQuery, voices: &[Voice]) -> Vec<Ranked<'a>> {
    let agreement = Agreement::of(&merged, voices);
    let mut ranked: Vec<Ranked<'a>> =
        merged.into_iter().map(|merged| judge(merged, query, voices, &agreement)).collect();
    let needs_doubt = ranked.iter().any(|r| r.tier != Tier::Asserted && r.confidence > Confidence::Low);
    if needs_doubt && ordinary_words::is_ordinary(&query.name) {
        // A dictionary word is mostly no name: only who asserts it is believed.
        for resource in ranked.iter_mut().filter(|r| r.tier != Tier::Asserted) {
            resource.confidence = Confidence::Low;
        }
    }
    ranked.sort_by(order);
    lists::keep(ranked, voices)
}

fn order(a: &Ranked<'_>, b: &Ranked<'_>) -> Ordering {
    let (x, y) = (&a.terms, &b.terms);
    a.tier
        .cmp(&b.tier)
        .then(x.likeness.cmp(&y.likeness))
        .then(x.authority.cmp(&y.authority))
        .then(x.distance.cmp(&y.distance))
        .then(y.bears_name.cmp(&x.bears_name))
        .then(y.votes.total_cmp(&x.votes))
        .then(y.is_root.cmp(&x.is_root))
        .then_with(|| identity(a).cmp(identity(b)))
}

fn identity<'a>(ranked: &Ranked<'a>) -> &'a str {
    ranked.best().map_or("", |best| best.candidate.url.identity())
}

fn vouched(voices: &[Voice], witness: &Witness<'_>) -> Vouched {
    voices.get(witness.source).map_or(Vouched::BySearch, |voice| voice.vouched)
}

fn judge<'a>(
    merged: Merged<'a>,
    query: &NameQuery,
    voices: &[Voice],
    agreement: &Agreement<'_>,
) -> Ranked<'a> {
    let claims = || merged.witnesses.iter().map(|witness| claim(witness, voices));
    // Of equal claims ours comes before another service's, whose list would bind it (R9).
    let foreign = |place: usize| {
        merged.witnesses.get(place).is_some_and(|witness| lists::is_service(voices, witness.source))
    };
    let best = claims().enumerate().min_by_key(|(place, tier)| (*tier, foreign(*place)));
    let (best, claimed) = best.unwrap_or((0, Tier::Mention));
    let is_believed = claimed <= Tier::OneWitness && agreement.is_corroborated(merged.site());
    let tier = if is_believed { claimed.min(Tier::Corroborated) } else { claimed };
    let suits: Vec<_> = merged.witnesses.iter().map(|w| hints::suits(w.candidate, &query.hints)).collect();
    let nearest = suits.iter().copied().min_by_key(|suits| suits.distance).unwrap_or_default();
    let terms = Terms {
        likeness: merged
            .witnesses
            .iter()
            .map(|w| w.candidate.hit.likeness)
            .min()
            .unwrap_or(Likeness::Mention),
        authority: authority(&merged, voices),
        distance: nearest.distance,
        contradicts: nearest.contradicts,
        bears_name: merged.witnesses.iter().any(|w| w.candidate.fit.host),
        votes: votes(&merged.witnesses, voices),
        is_root: merged.witnesses.iter().any(|w| w.candidate.url.is_root()),
    };
    let confidence = tier.confidence().min(trust(&merged, voices));
    Ranked { merged, best, tier, confidence, terms }
}

fn authority(merged: &Merged<'_>, voices: &[Voice]) -> Vouched {
    let asserting = merged.witnesses.iter().filter(|witness| claim(witness, voices) == Tier::Asserted);
    asserting.map(|witness| vouched(voices, witness)).min().unwrap_or(Vouched::BySearch)
}

/// The tier that one witness earns by itself, before others agree.
fn claim(witness: &Witness<'_>, voices: &[Voice]) -> Tier {
    claim_of(witness.candidate, vouched(voices, witness))
}

/// Whether a source says that exactly the name asked is this resource (tier A). Nothing that
/// others find can move it from there.
pub(super) fn is_asserted(candidate: &Candidate, vouched: Vouched) -> bool {
    claim_of(candidate, vouched) == Tier::Asserted
}

fn claim_of(candidate: &Candidate, vouched: Vouched) -> Tier {
    let is_named = vouched != Vouched::BySearch;
    let earned = match candidate.hit.likeness {
        Likeness::Same | Likeness::Form if is_named => Tier::Asserted,
        Likeness::Initials if is_named => Tier::OneWitness,
        Likeness::Slip | Likeness::Words if is_named => Tier::Slip,
        _ if candidate.fit.any() => Tier::OneWitness,
        _ => Tier::Mention,
    };
    // A source's own doubt caps what it is believed for.
    match candidate.hit.ceiling {
        Some(Confidence::Low) => earned.max(Tier::Mention),
        Some(Confidence::Medium) => earned.max(Tier::OneWitness),
        Some(Confidence::High) | None => earned,
    }
}

/// The most that the witnesses together may be believed: certainty is never laundered, so a
/// resource that only doubtful sources vouch for stays as doubtful as the surest of them.
fn trust(merged: &Merged<'_>, voices: &[Voice]) -> Confidence {
    let counted = |witness: &Witness<'_>| match witness.candidate.hit.ceiling {
        Some(ceiling) => ceiling,
        None if claim(witness, voices) <= Tier::OneWitness => Confidence::High,
        None => Confidence::Low,
    };
    merged.witnesses.iter().map(counted).max().unwrap_or(Confidence::Low)
}

/// The fused rank: each family votes once, with its best witness, so ten search engines behind
/// one type weigh no more than one, and one more voice never lowers the sum.
fn votes(witnesses: &[Witness<'_>], voices: &[Voice]) -> f64 {
    let mut best: Vec<(Family, f64)> = Vec::with_capacity(witnesses.len());
    for witness in witnesses {
        let Some(voice) = voices.get(witness.source) else { continue };
        let vote = voice.weight / (RANK_CONSTANT + rank_as_number(witness.rank));
        match best.iter_mut().find(|(family, _)| *family == voice.family) {
            Some((_, highest)) => *highest = highest.max(vote),
            None => best.push((voice.family, vote)),
        }
    }
    best.sort_by_key(|(family, _)| *family);
    best.iter().map(|(_, vote)| vote).sum()
}

fn rank_as_number(rank: usize) -> f64 {
    u32::try_from(rank).map_or(f64::from(u32::MAX), f64::from)
}

/// Which sites two or more families tell of, sources that doubt themselves not counted.
struct Agreement<'a>(HashMap<&'a str, Vec<Family>>);

impl<'a> Agreement<'a> {
    fn of(merged: &[Merged<'a>], voices: &[Voice]) -> Self {
        let mut families: HashMap<&'a str, Vec<Family>> = HashMap::new();
        let is_alone = voices.len() < 2;
        for entry in merged.iter().filter(|_| !is_alone) {
            let known = families.entry(entry.site()).or_default();
            let believed =
                entry.witnesses.iter().filter(|w| w.candidate.hit.ceiling != Some(Confidence::Low));
            for voice in believed.filter_map(|witness| voices.get(witness.source)) {
                if !known.contains(&voice.family) {
                    known.push(voice.family);
                }
            }
        }
        Self(families)
    }

    fn is_corroborated(&self, site: &str) -> bool {
        self.0.get(site).is_some_and(|families| families.len() >= 2)
    }
}

#[cfg(test)]
mod tests;
