//! The account of one answer, as `cnrp explain --format json` prints it; `docs/explain.md` has a table
//! of the fields.

use serde::Serialize;

use crate::{
    model::{Confidence, Vouched},
    resolver::{Evidence, Terms},
};

/// Every decision about one name.
#[derive(Debug, Clone, Serialize)]
pub struct Account {
    /// Of this form; it grows when the meaning of a field changes.
    pub version: u32,
    /// The version of the program that decided.
    pub program: &'static str,
    /// When it was asked, as HTTP writes dates.
    pub at: String,
    pub question: Understood,
    /// The backend by which nobody answers this name.
    pub denied_by: Option<String>,
    /// In the order of the configuration.
    pub backends: Vec<BackendAccount>,
    /// In the order of the answer; those outside its range as well.
    pub results: Vec<ResultAccount>,
    /// What was found and is no result.
    pub dropped: Vec<Dropped>,
    pub referrals: Vec<String>,
    pub statuses: Vec<StatusAccount>,
}

/// The question as it was understood.
#[derive(Debug, Clone, Serialize)]
pub struct Understood {
    /// As typed, white space tidied.
    pub name: String,
    /// As search engines are asked, and equal questions are recognised.
    pub folded: String,
    /// As names are compared.
    pub key: String,
    /// With umlauts and their like written out, where there are any.
    pub spelt_out: Option<String>,
    pub words: Vec<String>,
    /// What the client prefers, the best first.
    pub hints: Vec<PropertyAccount>,
    /// The datasets asked for; none is the default dataset.
    pub datasets: Vec<String>,
    /// The first result wanted, from 1.
    pub start: usize,
    /// How many are wanted.
    pub length: usize,
}

/// A property of the question.
#[derive(Debug, Clone, Serialize)]
pub struct PropertyAccount {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub value: String,
}

/// What became of one backend.
#[derive(Debug, Clone, Serialize)]
pub struct BackendAccount {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: String,
    /// Families vote once.
    pub family: &'static str,
    /// Whose word its addresses are.
    pub vouched: Vouched,
    pub weight: f64,
    pub stage: u32,
    /// What it was, or would have been, asked: `memory`, or the request, without its key. Equal
    /// requests share one answer in the cache.
    pub request: Option<String>,
    /// `found`, `empty`, `not-asked`, `failed` or `late`.
    pub outcome: &'static str,
    /// The word of the closed list of reasons, where it gave no answer.
    pub reason: Option<&'static str>,
    /// What happened, in words.
    pub message: Option<String>,
    /// `memory`, `missed`, `fresh` or `stale`; none where it gave nothing.
    pub cache: Option<&'static str>,
    /// How old a stale answer is, in seconds.
    pub age_s: Option<u64>,
    /// How long it took, in milliseconds; none where it was not called, or not waited for.
    pub took_ms: Option<f64>,
    /// In its own order.
    pub hits: Vec<HitAccount>,
    /// The services that it refers to.
    pub referrals: Vec<String>,
}

/// One row of what a backend said.
#[derive(Debug, Clone, Serialize)]
pub struct HitAccount {
    /// From 1.
    pub rank: usize,
    pub name: String,
    pub uri: String,
    /// Equal for rows that are one resource.
    pub identity: String,
}

/// One resource in its place.
#[derive(Debug, Clone, Serialize)]
pub struct ResultAccount {
    /// From 1.
    pub place: usize,
    /// Whether it is within the range asked for.
    pub is_answered: bool,
    pub name: String,
    pub uri: String,
    pub site: String,
    pub confidence: Confidence,
    /// The backend that gives name, id and description.
    pub best: String,
    /// Why it has its tier and its confidence.
    pub evidence: Evidence,
    /// What decides its place, in the order in which it decides.
    pub terms: Terms<'static>,
    /// The term by which it stands before the next: the first that differs, or `list` where the list
    /// of a service has to keep its order.
    pub before_next_by: Option<String>,
}

/// A resource that was found and is no result.
#[derive(Debug, Clone, Serialize)]
pub struct Dropped {
    pub uri: String,
    /// `sites[N]`, the operator's rule, or `strict_hints`.
    pub by: String,
}

/// A status of the answer.
#[derive(Debug, Clone, Serialize)]
pub struct StatusAccount {
    pub code: String,
    pub message: String,
}
