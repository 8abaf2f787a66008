//! Terms: everything that decides the place of a result, and the order that they make.
//!
//! The order of an answer is a pure function of the terms of its results: [`arrange`] looks at nothing
//! else. So whoever is shown the terms can put the results in order again and check us, which is what
//! makes an explanation one. They go through JSON and come back the same.

use std::{borrow::Cow, cmp::Ordering};

use serde::{Deserialize, Serialize};

use super::{super::hints::Distance, lists};
use crate::model::{Likeness, PageDepth, Tier, Vouched};

/// What decides where a result stands, the first term that differs deciding.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Terms<'a> {
    /// A rule of the operator puts it first for this name (`sites`, `pin`).
    pub pinned: bool,
    /// The kind of evidence.
    pub tier: Tier,
    /// How the best naming source's name relates to the name asked; `mention` where none knows it.
    pub likeness: Likeness,
    /// The weightiest of those that assert it: what the operator wrote stands before what a work of
    /// reference says of the same name. Below tier A nobody asserts, and it is a search's word.
    pub authority: Vouched,
    /// How far it is from the client's hints; 0 where all are met, or there are none.
    pub distance: Distance,
    /// The same, of the kinds of hints one after the other, in the order in which they were asked for.
    pub precedence: Distance,
    /// The fused votes, more first: in tier A those for the resource, else those for its site; times
    /// the weight of a rule of the operator (`sites`, `weight`).
    pub votes: f64,
    /// How its address bears the name. A page elsewhere stands behind all others whatever its votes;
    /// among these the votes come first: of two sites that fit, the one that engines prefer is mostly
    /// meant, and the other is somebody else's who has the name for a domain.
    pub standing: Standing,
    /// How popular its site is, from 0 (in no list) to 1, more first.
    pub popularity: f64,
    /// How deep it lies in its host.
    pub depth: PageDepth,
    /// The fused votes for the resource itself: the order of pages of one site.
    pub own_votes: f64,
    /// What the resource is known by, in the order of bytes: so the order is total.
    pub identity: Cow<'a, str>,
    /// Its place in another service's list, which keeps its order (R9); `None` where our own means
    /// attest it as well.
    pub list: Option<ListPlace>,
    /// A hinted property is present and none of its values is wanted: what `strict_hints` filters
    /// (D34). It decides no place.
    pub contradicts: bool,
}

/// How a resource's address bears the name asked, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// The front of a host that is the name.
    Home,
    /// Another page of such a host.
    Within,
    /// The front of a host that is akin to the name.
    Kin,
    /// The front of any other host.
    Front,
    /// A page deep within another host: about what the name means, hardly ever it.
    Elsewhere,
}

impl Terms<'_> {
    /// Whether it is a page about what the name means rather than it, as far as addresses tell. Who
    /// asserts a name says by it which page is meant.
    fn is_about(&self) -> bool {
        self.tier != Tier::Asserted && self.standing == Standing::Elsewhere
    }
}

/// A place in the list of one CNRP service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListPlace {
    /// Which source, by its place in the configuration.
    pub source: usize,
    /// From 1.
    pub rank: usize,
}

impl Ord for Terms<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        (other.pinned.cmp(&self.pinned))
            .then(self.tier.cmp(&other.tier))
            .then(self.likeness.cmp(&other.likeness))
            .then(self.authority.cmp(&other.authority))
            .then(self.distance.cmp(&other.distance))
            .then(self.precedence.cmp(&other.precedence))
            .then(self.is_about().cmp(&other.is_about()))
            .then(other.votes.total_cmp(&self.votes))
            .then(self.standing.cmp(&other.standing))
            .then(other.popularity.total_cmp(&self.popularity))
            .then(self.depth.cmp(&other.depth))
            .then(other.own_votes.total_cmp(&self.own_votes))
            .then_with(|| self.identity.cmp(&other.identity))
    }
}

impl PartialOrd for Terms<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Terms<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Terms<'_> {}

/// Puts what has terms in order: the better first, and every other service's list in its own order.
pub fn arrange<'a, T>(mut items: Vec<T>, terms: impl Fn(&T) -> &Terms<'a>) -> Vec<T> {
    items.sort_by(|a, b| terms(a).cmp(terms(b)));
    let lists: Vec<_> = items.iter().map(|item| terms(item).list).collect();
    lists::keep(items, &lists)
}
