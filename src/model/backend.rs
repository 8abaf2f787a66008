//! The one thing every source of names is: a [`Backend`]. It turns a query into a request and a
//! reply into hits. It keeps no cache, limit, clock or metric: the guard around it does.

use std::{fmt, future::Future, pin::Pin, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};

use super::{CommonName, Hit, NameQuery, Property, Reason, Referral, Service, Status, Suggestion, Vouched};

/// A future in a box: what makes [`Backend`] an object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What kind of source a backend is. Families vote once for each site, however many backends
/// of the family there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Family(pub &'static str);

impl Family {
    /// Other CNRP services: their lists keep their order (R9), and they have a status code of their
    /// own (D18).
    pub const CNRP: Self = Self("cnrp");
    /// The names of the internet, guessed: their word makes a redirect certain, and the order in which
    /// they are tried says nothing of which is meant.
    pub const DNS: Self = Self("dns");
}

/// A source of names.
pub trait Backend: Send + Sync {
    /// The family whose vote this backend casts.
    fn family(&self) -> Family;

    /// Whose word its addresses are. What a naming source says of a name is an assertion (static
    /// map, CNRP service, Wikidata), what a search says is a finding.
    fn vouched(&self) -> Vouched {
        Vouched::BySearch
    }

    /// Whether what it knows is our own word: the operator's names, and our own guesses. Answers
    /// then come from our own service, and from one named after the backend otherwise.
    fn speaks_for_us(&self) -> bool {
        false
    }

    /// Whether this query is for this backend, and if so, what the request would be, in a form
    /// in which equal requests are equal strings. Cheap: it is called for every query.
    fn request(&self, query: &NameQuery) -> Ask;

    /// What the operator should know of what it was built of, although it is right: a sentence each.
    fn warnings(&self) -> Vec<String> {
        Vec::new()
    }

    /// Grows whenever what the backend answers from memory changes, so that nothing made of the old
    /// is given again.
    fn generation(&self) -> u64 {
        0
    }

    /// The service that it turned out to be, once it has said so (another CNRP service).
    fn service(&self) -> Option<Arc<Service>> {
        None
    }

    /// The places at which it is asked and that a referral may name as well, private ones among
    /// them: the configuration names them.
    fn places(&self) -> Vec<url::Url> {
        Vec::new()
    }

    /// Properties that its resources are known to have: those that the configuration itself writes. A service
    /// declares what it uses (RFC 3367 section 4.2.6).
    fn declares(&self) -> Vec<Property> {
        Vec::new()
    }

    /// Whether the operator has it that nobody answers this name, whoever knows it.
    fn denies(&self, _name: &CommonName) -> bool {
        false
    }

    /// Up to `limit` of its names that what was typed may become, the best known first and slips last.
    /// Only a backend that holds its names suggests any: it is asked at every letter.
    ///
    /// # Errors
    /// The names can't be read.
    fn suggest(&self, _typed: &CommonName, _limit: usize) -> Result<Vec<Suggestion>, Failure> {
        Ok(Vec::new())
    }

    /// Keeps up to date what the backend holds (files reread). Called every second or two on a
    /// thread that may block, never on the way of a query.
    fn upkeep(&self) {}

    /// Asks. The caller bounds the time; the backend bounds the size.
    fn ask<'a>(&'a self, query: &'a NameQuery) -> BoxFuture<'a, Result<Reply, Failure>>;
}

/// What a backend would do with a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// It answers from memory at once: nothing to cache, limit or share.
    Local,
    /// It would send this request; equal strings get equal answers.
    Request(String),
    /// It has nothing to say to such a query.
    Skip(Reason),
}

/// What a backend said.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// In the backend's own order.
    pub hits: Vec<Hit>,
    /// Other services that may know (CNRP).
    pub referrals: Vec<Referral>,
    /// How long the source says that this is good; `None` if it does not say. Of what is answered
    /// from memory: until it will be another by itself.
    pub ttl: Option<Duration>,
    /// The source itself was incomplete: true for this moment, not worth remembering long.
    pub degraded: bool,
    /// What the source says of its own answer that the client should know (CNRP): that it is incomplete,
    /// or old. At most one of each code.
    pub remarks: Vec<Status>,
}

impl Reply {
    /// A reply of hits alone.
    pub fn of(hits: Vec<Hit>) -> Self {
        Self { hits, ..Self::default() }
    }
}

/// A backend gave no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub reason: Reason,
    /// For the operator's log: what happened, without secrets and without the query.
    pub detail: String,
    /// How long the source asked us to stay away.
    pub retry_after: Option<Duration>,
    /// The cause is here and not with the source, of which it says nothing.
    pub is_ours: bool,
}

impl Failure {
    /// A failure for `reason`, with a detail for the operator.
    pub fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into(), retry_after: None, is_ours: false }
    }
}

impl Failure {
    /// Nothing could be asked, as this process or machine has no file descriptor left. That is load of our
    /// own, which passes by itself.
    pub fn without_descriptors() -> Self {
        let detail = "this gateway has no file descriptor left to ask with";
        Self { is_ours: true, ..Self::new(Reason::RateLimited, detail) }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.reason, self.detail)
    }
}

impl std::error::Error for Failure {}
