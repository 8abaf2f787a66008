//! Rank: evidence decides the tier, and inside a tier the terms decide, one after the other: see
//! [`Terms`]. The order is total, so the same evidence always gives the same answer, whoever answered
//! first. Within it another CNRP service's own list keeps its order, which `lists` sees to.
//!
//! What a person means by a name is mostly one site; so the question is never "which score is
//! higher" but "who says so, and does it fit". A sum of small numbers can't lift a mention over
//! an assertion.

mod agreement;
mod claim;
pub mod constants;
mod lists;
mod terms;

use std::borrow::Cow;

use serde::Serialize;

use agreement::Agreement;
pub use agreement::Families;
pub use claim::Testimony;
pub(super) use claim::is_asserted;
pub use terms::{ListPlace, Standing, Terms, arrange};

use super::{
    hints,
    lookalike::{Lookalike, lookalike},
    merge::{Merged, Witness},
    ordinary_words,
    popularity::Popularity,
};
use crate::model::{
    CommonName, Confidence, Effect, Family, Likeness, NameQuery, PageDepth, ResourceUrl, SiteRule, Tier,
    Vouched,
};

/// What ranking has to know of a source.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Voice {
    pub family: Family,
    /// Its share in the fused rank, above 0.
    pub weight: f64,
    pub vouched: Vouched,
}

/// What ranking knows beside what the sources say: how popular sites are, and the operator's rules.
#[derive(Debug, Default)]
pub struct Ranking {
    pub popularity: Popularity,
    /// The first that fits decides.
    pub sites: Vec<SiteRule>,
}

impl Ranking {
    /// The rule of the operator for a resource, and its place among the rules.
    pub fn rule(&self, merged: &Merged<'_>, name: &CommonName) -> Option<(usize, &SiteRule)> {
        self.rule_at(&merged.witnesses.first()?.candidate.url, name)
    }

    /// Whether a rule of the operator takes what is at this address out of the answers to `name`.
    pub(super) fn drops(&self, url: &ResourceUrl, name: &CommonName) -> bool {
        self.rule_at(url, name).is_some_and(|(_, rule)| rule.effect == Effect::Drop)
    }

    fn rule_at(&self, url: &ResourceUrl, name: &CommonName) -> Option<(usize, &SiteRule)> {
        self.sites.iter().enumerate().find(|(_, rule)| rule.fits(url, name))
    }
}

/// A resource in its place, with every term that put it there.
#[derive(Debug, Clone)]
pub struct Ranked<'a> {
    pub merged: Merged<'a>,
    /// Where in `merged.witnesses` the best one is: it gives name, id, service and description.
    best: usize,
    pub confidence: Confidence,
    pub terms: Terms<'a>,
    /// The families that agree on it; `None` if too few do, or it does not fit.
    pub corroborated_by: Option<Families>,
    /// What its host pretends, where it does.
    pub lookalike: Option<Lookalike>,
    /// The rule of the operator that decided on it, by its place.
    pub rule: Option<usize>,
    /// The name is made of dictionary words alone, nobody asserts it, and it is not famous for it: it is
    /// believed no more than lowly.
    pub is_ordinary: bool,
    /// Only its title fits, and it lies deep within a host that is not the name's: a page about what
    /// the name means, or one that echoes any question. It is worth no more than a slip.
    pub is_about: bool,
    /// DNS says that its domain is for sale, so nobody's agreement counts.
    pub is_for_sale: bool,
}

/// Why a resource has its tier and its confidence, to be shown.
#[derive(Debug, Clone, Serialize)]
pub struct Evidence {
    pub testimony: Vec<Testimony>,
    /// The families that agree on it, none where too few do or it does not fit.
    pub corroborated_by: Vec<Family>,
    pub lookalike: Option<Lookalike>,
    /// The place of the rule of the operator (`sites`) that decided on it.
    pub rule: Option<usize>,
    /// The name is made of dictionary words alone, nobody asserts it, and it is not famous for it.
    pub is_ordinary: bool,
    /// Only its title fits, and it lies deep within a host that is not the name's.
    pub is_about: bool,
    /// DNS says that its domain is for sale, so nobody's agreement counts.
    pub is_for_sale: bool,
}

impl<'a> Ranked<'a> {
    /// The kind of evidence.
    pub fn tier(&self) -> Tier {
        self.terms.tier
    }

    /// The witness of the best evidence.
    pub fn best(&self) -> Option<&Witness<'a>> {
        self.merged.witnesses.get(self.best)
    }

    /// The witness whose spelling of the address is shown, and to whom its id leads: the best one, unless
    /// that is a plain http finding and another has the same resource under https.
    pub fn shown(&self, voices: &[Voice]) -> Option<&Witness<'a>> {
        let best = self.best()?;
        let is_written = vouched(voices, best) == Vouched::ByOperator;
        if is_written || best.candidate.url.is_https() {
            return Some(best);
        }
        let secure = self.merged.witnesses.iter().find(|witness| witness.candidate.url.is_https());
        secure.or(Some(best))
    }

    /// The spelling of the address that is shown.
    pub fn uri(&self, voices: &[Voice]) -> &'a str {
        self.shown(voices).map_or("", |witness| witness.candidate.url.shown())
    }

    /// What everyone said of it, and what came of that.
    pub fn evidence(&self, voices: &[Voice]) -> Evidence {
        let told = self.merged.witnesses.iter();
        Evidence {
            testimony: told
                .filter_map(|witness| Some(Testimony::of(witness, voices.get(witness.source)?)))
                .collect(),
            corroborated_by: self.corroborated_by.iter().flat_map(Families::iter).collect(),
            lookalike: self.lookalike,
            rule: self.rule,
            is_ordinary: self.is_ordinary,
            is_about: self.is_about,
            is_for_sale: self.is_for_sale,
        }
    }
}

/// Puts resources in order. `voices` holds every source of the configuration, by its place. What a
/// rule of the operator drops is left out.
pub fn rank<'a>(
    merged: Vec<Merged<'a>>,
    query: &NameQuery,
    voices: &[Voice],
    ranking: &Ranking,
) -> Vec<Ranked<'a>> {
    let ruled = merged.into_iter().map(|entry| {
        let rule = ranking.rule(&entry, &query.name).map(|(place, rule)| (place, rule.effect));
        (entry, rule)
    });
    let (kept, rules): (Vec<_>, Vec<_>) =
        ruled.filter(|(_, rule)| !matches!(rule, Some((_, Effect::Drop)))).unzip();
    let agreement = Agreement::of(&kept, voices);
    let judge = Judge { query, voices, popularity: &ranking.popularity, agreement };
    let each = kept.into_iter().zip(rules);
    let mut ranked: Vec<_> = each.map(|(entry, rule)| judge.judge(entry, rule)).collect();
    doubt_ordinary_words(&mut ranked, &query.name);
    arrange(ranked, |one| &one.terms)
}

/// A dictionary word is mostly no name: only who asserts it is believed, and who is famous for it.
fn doubt_ordinary_words(ranked: &mut [Ranked<'_>], name: &CommonName) {
    let is_exempt = |one: &Ranked<'_>| one.tier() == Tier::Asserted || is_famous_for_it(one);
    let is_doubtful = |one: &Ranked<'_>| !is_exempt(one) && one.confidence > Confidence::Low;
    if ranked.iter().any(is_doubtful) && ordinary_words::is_ordinary(name) {
        for one in ranked.iter_mut().filter(|one| !is_exempt(one)) {
            (one.confidence, one.is_ordinary) = (Confidence::Low, true);
        }
    }
}

/// Whether it is the front of a popular site that is called by the name, on which two families agree
/// beside DNS: every word has a domain, and hardly one is among those that everybody visits.
fn is_famous_for_it(one: &Ranked<'_>) -> bool {
    let Terms { standing, popularity, .. } = one.terms;
    let agree = |families: &Families| families.are_enough_without(Family::DNS);
    standing == Standing::Home && popularity > 0.0 && one.corroborated_by.as_ref().is_some_and(agree)
}

fn vouched(voices: &[Voice], witness: &Witness<'_>) -> Vouched {
    voices.get(witness.source).map_or(Vouched::BySearch, |voice| voice.vouched)
}

/// What one resource is judged by.
struct Judge<'a, 'q> {
    query: &'q NameQuery,
    voices: &'q [Voice],
    popularity: &'q Popularity,
    agreement: Agreement<'a, 'q>,
}

impl<'a> Judge<'a, '_> {
    fn judge(&self, merged: Merged<'a>, rule: Option<(usize, Effect)>) -> Ranked<'a> {
        let effect = rule.map(|(_, effect)| effect);
        let pinned = effect == Some(Effect::Pin);
        let (best, claimed) = self.best(&merged);
        let lookalike = self.lookalike(&merged, claimed);
        let corroborated_by = self.agreement.on(&merged, claimed).filter(|_| lookalike.is_none());
        let tier = match lookalike {
            _ if pinned => Tier::Asserted,
            Some(_) => Tier::Mention,
            None if corroborated_by.is_some() => claimed.min(Tier::Corroborated),
            None => claimed,
        };
        let weight = if let Some(Effect::Weight(weight)) = effect { weight } else { 1.0 };
        let mut terms = self.terms(&merged, best, tier, weight, pinned);
        let is_about = tier == Tier::OneWitness
            && terms.likeness == Likeness::Mention
            && terms.depth == PageDepth::Deep
            && !agreement::is_own(&merged);
        if is_about {
            // What was meant and mistyped may stand above a page that echoes the mistake.
            terms.tier = Tier::Slip;
        }
        let confidence = match terms.tier.confidence().min(self.trust(&merged)) {
            _ if pinned => Confidence::High,
            earned => earned,
        };
        let rule = rule.map(|(place, _)| place);
        let is_for_sale = self.agreement.is_for_sale(&merged);
        Ranked {
            merged,
            best,
            confidence,
            terms,
            corroborated_by,
            lookalike,
            rule,
            is_ordinary: false,
            is_about,
            is_for_sale,
        }
    }

    /// The witness of the best claim, and that claim. Of equal ones ours comes before another
    /// service's, whose list would bind it (R9).
    fn best(&self, merged: &Merged<'a>) -> (usize, Tier) {
        let claims = merged.witnesses.iter().enumerate().map(|(place, witness)| (place, self.claim(witness)));
        let is_foreign =
            |place: usize| merged.witnesses.get(place).is_some_and(|witness| self.is_service(witness.source));
        claims.min_by_key(|(place, tier)| (*tier, is_foreign(*place))).unwrap_or((0, Tier::Mention))
    }

    fn claim(&self, witness: &Witness<'_>) -> Tier {
        claim::claim(witness.candidate, vouched(self.voices, witness))
    }

    fn is_service(&self, source: usize) -> bool {
        self.voices.get(source).is_some_and(|voice| voice.family == Family::CNRP)
    }

    /// What its host pretends; who asserts a name says by it that the host is meant.
    fn lookalike(&self, merged: &Merged<'_>, claimed: Tier) -> Option<Lookalike> {
        let url = &merged.witnesses.first()?.candidate.url;
        if claimed == Tier::Asserted { None } else { lookalike(url, &self.query.name, self.popularity) }
    }

    fn terms(&self, merged: &Merged<'a>, best: usize, tier: Tier, weight: f64, pinned: bool) -> Terms<'a> {
        let suits = merged.witnesses.iter().map(|witness| hints::suits(witness.candidate, &self.query.hints));
        let nearest = suits
            .min_by_key(|suits| (suits.distance, suits.precedence, suits.contradicts))
            .unwrap_or_default();
        let own_votes = self.agreement.own_votes(merged) * weight;
        let is_asserted = tier == Tier::Asserted;
        let likeness = merged.witnesses.iter().map(|witness| witness.candidate.hit.likeness).min();
        Terms {
            pinned,
            tier,
            likeness: likeness.unwrap_or(Likeness::Mention),
            authority: if pinned { Vouched::ByOperator } else { self.authority(merged) },
            distance: nearest.distance,
            precedence: nearest.precedence,
            votes: if is_asserted { own_votes } else { self.agreement.site_votes(merged) * weight },
            standing: standing(merged),
            popularity: self.popularity.of(merged.site()),
            depth: agreement::depth(merged),
            own_votes,
            identity: Cow::Borrowed(merged.identity()),
            list: self.list(merged, best).filter(|_| !pinned),
            contradicts: nearest.contradicts,
        }
    }

    fn authority(&self, merged: &Merged<'_>) -> Vouched {
        let asserting = merged.witnesses.iter().filter(|witness| self.claim(witness) == Tier::Asserted);
        asserting.map(|witness| vouched(self.voices, witness)).min().unwrap_or(Vouched::BySearch)
    }

    /// Its place in the list of the service that it comes from.
    fn list(&self, merged: &Merged<'_>, best: usize) -> Option<ListPlace> {
        let source = merged.witnesses.get(best).map(|best| best.source);
        let source = source.filter(|source| self.is_service(*source))?;
        let own = merged.witnesses.iter().filter(|witness| witness.source == source);
        own.map(|witness| witness.rank).min().map(|rank| ListPlace { source, rank })
    }

    /// The most that the witnesses together may be believed: certainty is never laundered, so a
    /// resource that only doubtful sources vouch for stays as doubtful as the surest of them.
    fn trust(&self, merged: &Merged<'_>) -> Confidence {
        let counted = |witness: &Witness<'_>| match witness.candidate.hit.ceiling {
            Some(ceiling) => ceiling,
            None => Confidence::High,
        };
        merged.witnesses.iter().map(counted).max().unwrap_or(Confidence::Low)
    }
}

fn standing(merged: &Merged<'_>) -> Standing {
    let is_front = agreement::depth(merged) < PageDepth::Deep;
    let has = |fits: fn(&Witness<'_>) -> bool| merged.witnesses.iter().any(fits);
    match is_front {
        true if has(|witness| witness.candidate.fit.host) => Standing::Home,
        false if has(|witness| witness.candidate.fit.host) => Standing::Within,
        true if has(|witness| witness.candidate.fit.kin) => Standing::Kin,
        true => Standing::Front,
        false => Standing::Elsewhere,
    }
}

#[cfg(test)]
mod tests;
