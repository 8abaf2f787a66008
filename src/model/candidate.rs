//! From what a backend says to what can be merged and ranked: a [`Hit`] is a backend's own row,
//! a [`Candidate`] is that row cleaned, its URL made canonical and its fit to the name judged.

use std::{sync::Arc, time::Duration};

use super::{CommonName, Confidence, Property, Referral, Reply, Service};

/// One row of a backend's reply, as the backend gives it: not yet cleaned, not yet safe.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The name under which the backend knows the resource, or the title of the page.
    pub name: String,
    pub uri: String,
    pub description: String,
    pub properties: Vec<Property>,
    /// What a naming source says of the name asked and the name it knows. Other sources say
    /// [`Likeness::Mention`], and the fit is judged from title and host.
    pub likeness: Likeness,
    /// The name a static map keeps this under, or another service's id: what makes an id.
    pub entry: Option<String>,
    /// The service it came from, when that is not the backend itself (chaining).
    pub service: Option<Arc<Service>>,
    pub dataset: Option<String>,
    /// A chained service's own `x-confidence`, never exceeded.
    pub ceiling: Option<Confidence>,
}

impl Hit {
    /// A search engine's row: a title, an address, some words.
    pub fn mention(name: impl Into<String>, uri: impl Into<String>, description: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            uri: uri.into(),
            description: description.into(),
            properties: Vec::new(),
            likeness: Likeness::Mention,
            entry: None,
            service: None,
            dataset: None,
            ceiling: None,
        }
    }
}

/// How a naming source's name relates to the name asked, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Likeness {
    /// Exactly this name or alias, as the normaliser sees it.
    Same,
    /// The same but for a legal form, a leading "the", "&" for "and", or word order that
    /// institutions vary ("University of X").
    Form,
    /// The name's initials.
    Initials,
    /// One slip of the finger away.
    Slip,
    /// No claim about the name at all.
    Mention,
}

/// What a resource is about, parsed once so that hints compare quickly.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facets {
    /// Lower-case language tags.
    pub languages: Vec<String>,
    /// Upper-case ISO 3166 codes, `US` or `US-CA`.
    pub places: Vec<String>,
    /// Lower-case categories.
    pub categories: Vec<String>,
}

/// A prepared hit: safe to show, and ready to be merged and ranked.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    pub hit: Hit,
    pub facets: Facets,
}

/// A reply, prepared once and shared by every answer it goes into.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Prepared {
    pub candidates: Vec<Candidate>,
    pub referrals: Vec<Referral>,
    /// How long the source says that this is good; `None` if it does not say.
    pub ttl: Option<Duration>,
    /// The source itself was incomplete: true for this moment, not worth remembering long.
    pub degraded: bool,
}

impl Prepared {
    /// Whether the source definitely knows nothing of the name.
    pub fn is_empty(&self) -> bool {
        self.candidates.is_empty() && self.referrals.is_empty()
    }
}

/// Cleans a reply to `name` and judges each hit; what is unsafe or no absolute URI is dropped.
pub fn prepare(reply: Reply, _name: &CommonName) -> Prepared {
    let candidates = reply.hits.into_iter().map(|hit| Candidate { hit, facets: Facets::default() }).collect();
    Prepared { candidates, referrals: reply.referrals, ttl: reply.ttl, degraded: reply.degraded }
}
