//! The answer: what a service says to a query, before any format is chosen and after any format
//! was read. The codec writes and reads it, JSON and text show it, the client returns it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Property, Service, Status, StatusCode, Why};

/// A service's answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// Who answers. `None` only in a fatal answer, which is one lone status (D2).
    pub service: Option<Arc<Service>>,
    /// In decreasing relevance (R9), the range already applied.
    pub results: Vec<ResultItem>,
    pub referrals: Vec<Referral>,
    pub statuses: Vec<Status>,
}

impl Answer {
    /// An answer that is one lone status: the query could not be served at all.
    pub fn fatal(status: Status) -> Self {
        Self { statuses: vec![status], ..Self::default() }
    }

    /// The status that says why there is nothing else: a failure, for now or for good (classes 4 and
    /// 5), in front of neither results nor referrals. `None` where there is an answer, and be it that
    /// nothing was found.
    pub fn failure(&self) -> Option<&Status> {
        let is_bare = self.results.is_empty() && self.referrals.is_empty();
        self.statuses.iter().find(|status| is_bare && status.code.is_failure())
    }

    /// Whether one of its statuses has this code.
    pub fn says(&self, code: StatusCode) -> bool {
        self.statuses.iter().any(|status| status.code == code)
    }

    /// Whether a status says that something is missing (3.2.x, RFC 3367 appendix B).
    pub fn is_incomplete(&self) -> bool {
        self.statuses.iter().any(|status| status.code.is_incomplete())
    }
}

/// One resource, as answered: the resourcedescriptor of RFC 3367 section 4.2.2.1.
#[derive(Debug, Clone, PartialEq)]
pub struct ResultItem {
    pub commonname: String,
    /// Opaque, and never empty (D4).
    pub id: String,
    /// The resourceuri, absolute.
    pub uri: String,
    pub description: String,
    pub properties: Vec<Property>,
    /// The service of origin (R13).
    pub service: Arc<Service>,
    /// The dataseturi of origin, one of `service.datasets`.
    pub dataset: Option<String>,
    /// Falls down the list; comparable within one answer only.
    pub score: f64,
    pub confidence: Confidence,
    /// Why it is here; another service's answer does not say.
    pub why: Option<Why>,
}

/// A place where un-fetched results are (RFC 3367 section 4.2.5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Referral {
    pub service: Arc<Service>,
    /// A dataseturi of `service.datasets`.
    pub dataset: Option<String>,
}

/// How sure we are that a resource is what was meant. Ordered: `Low < Medium < High`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    Low,
    Medium,
    High,
}

impl Confidence {
    /// The word that answers carry (D20).
    pub fn word(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }

    /// Reads the word back, in any case.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::High, Self::Medium, Self::Low]
            .into_iter()
            .find(|level| level.word().eq_ignore_ascii_case(word.trim()))
    }
}

/// The kind of evidence for a resource, best first: `Asserted < Corroborated < ...`, so that
/// sorting by tier puts the best evidence in front.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Tier {
    /// A: a naming source says that exactly this name is this resource.
    #[serde(rename = "A")]
    Asserted,
    /// B: two or more families agree on the site, and it fits the name.
    #[serde(rename = "B")]
    Corroborated,
    /// C: one family, and it fits the name.
    #[serde(rename = "C")]
    OneWitness,
    /// D: the name is one slip away from a name that a naming source knows.
    #[serde(rename = "D")]
    Slip,
    /// E: everything else.
    #[serde(rename = "E")]
    Mention,
}

impl Tier {
    /// The letter for it.
    pub fn letter(self) -> char {
        match self {
            Self::Asserted => 'A',
            Self::Corroborated => 'B',
            Self::OneWitness => 'C',
            Self::Slip => 'D',
            Self::Mention => 'E',
        }
    }

    /// The confidence this evidence earns by itself.
    pub fn confidence(self) -> Confidence {
        match self {
            Self::Asserted | Self::Corroborated => Confidence::High,
            Self::OneWitness => Confidence::Medium,
            Self::Slip | Self::Mention => Confidence::Low,
        }
    }
}
