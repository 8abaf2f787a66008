//! Certain: whether an answer is sure enough to take somebody there without asking.
//!
//! A result list lets people judge; a redirect does not. So it wants more than high confidence: the
//! word of the operator or of another CNRP service, or DNS among the families that agree, which nobody
//! can fake by writing pages; and nobody else who is as strongly meant.

use url::Url;

use super::{Ranked, Standing, Voice, hints::Distance};
use crate::model::{Confidence, Family, Likeness, Tier, Vouched};

/// The address to go to at once, http or https, in ASCII; `None` where nothing is certain.
pub fn certain(ranked: &[Ranked<'_>], voices: &[Voice]) -> Option<Url> {
    let (first, others) = ranked.split_first()?;
    let is_rival =
        |other: &Ranked<'_>| strength(other) <= strength(first) && other.merged.site() != first.merged.site();
    if !is_sure(first) || others.iter().any(is_rival) {
        return None;
    }
    let target = Url::parse(first.uri(voices)).ok()?;
    (matches!(target.scheme(), "http" | "https") && target.has_host()).then_some(target)
}

fn is_sure(result: &Ranked<'_>) -> bool {
    let terms = &result.terms;
    let is_asserted = terms.tier == Tier::Asserted && terms.authority <= Vouched::ByService;
    let has_dns = result.corroborated_by.as_ref().is_some_and(|families| families.contains(Family::DNS));
    result.confidence == Confidence::High && (is_asserted || has_dns)
}

/// How strongly a result is meant: less is more.
fn strength(result: &Ranked<'_>) -> (bool, Tier, Likeness, Vouched, Distance, Standing) {
    let terms = &result.terms;
    let is_unpinned = !terms.pinned;
    (is_unpinned, terms.tier, terms.likeness, terms.authority, terms.distance, terms.standing)
}
