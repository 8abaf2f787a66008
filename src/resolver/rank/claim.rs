//! What one witness's word is worth by itself, before anybody agrees with it.

use serde::Serialize;

use super::{Voice, constants::RANK_CONSTANT};
use crate::{
    model::{Candidate, Confidence, Family, Fit, Likeness, PageDepth, Tier, Vouched},
    resolver::merge::Witness,
};

/// What one witness says of a resource, and what that is worth.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Testimony {
    /// Which source, by its place in the configuration.
    pub source: usize,
    /// Its place in that source's own list, from 1.
    pub rank: usize,
    pub family: Family,
    /// The tier that it earns by itself.
    pub claim: Tier,
    /// What a naming source says of the name.
    pub likeness: Likeness,
    /// How address and title fit.
    pub fit: Fit,
    /// The source's own doubt, which it is never believed beyond.
    pub ceiling: Option<Confidence>,
    /// weight / (k + rank)
    pub vote: f64,
}

impl Testimony {
    /// Weighs one witness's word.
    pub(super) fn of(witness: &Witness<'_>, voice: &Voice) -> Self {
        let candidate = witness.candidate;
        Self {
            source: witness.source,
            rank: witness.rank,
            family: voice.family,
            claim: claim(candidate, voice.vouched),
            likeness: candidate.hit.likeness,
            fit: candidate.fit,
            ceiling: candidate.hit.ceiling,
            vote: vote(witness, voice),
        }
    }
}

/// Whether a source says that exactly the name asked is this resource (tier A). Nothing that
/// others find can move it from there.
pub(in super::super) fn is_asserted(candidate: &Candidate, vouched: Vouched) -> bool {
    claim(candidate, vouched) == Tier::Asserted
}

/// The tier that one witness earns by itself.
pub(super) fn claim(candidate: &Candidate, vouched: Vouched) -> Tier {
    let is_named = vouched != Vouched::BySearch;
    let earned = match candidate.hit.likeness {
        Likeness::Same | Likeness::Form if is_named => Tier::Asserted,
        Likeness::Initials if is_named => Tier::OneWitness,
        Likeness::Slip | Likeness::Words if is_named => Tier::Slip,
        _ if fits(candidate) => Tier::OneWitness,
        _ if candidate.fit.slip => Tier::Slip,
        _ => Tier::Mention,
    };
    // A source's own doubt caps what it is believed for.
    match candidate.hit.ceiling {
        Some(Confidence::Low) => earned.max(Tier::Mention),
        Some(Confidence::Medium) => earned.max(Tier::OneWitness),
        Some(Confidence::High) | None => earned,
    }
}

/// Whether the resource fits the name: its host is the name, its title begins with it, or it is the
/// front of a host akin to it.
fn fits(candidate: &Candidate) -> bool {
    let fit = candidate.fit;
    fit.host || fit.title || fit.kin && candidate.url.depth() < PageDepth::Deep
}

/// Whether what a witness says counts towards agreement: a source that doubts itself agrees with
/// nobody.
pub(super) fn is_believed(witness: &Witness<'_>) -> bool {
    witness.candidate.hit.ceiling != Some(Confidence::Low)
}

/// One witness's vote in the fused rank.
pub(super) fn vote(witness: &Witness<'_>, voice: &Voice) -> f64 {
    let rank = u32::try_from(witness.rank).map_or(f64::from(u32::MAX), f64::from);
    voice.weight / (RANK_CONSTANT + rank)
}
