//! A source: a backend behind its guard, with what the configuration says of it.

use std::sync::Arc;

use super::{When, rank::Voice};
use crate::{guard::Guard, model::Service};

/// One configured backend, as the resolver sees it.
pub struct Source {
    /// Its configured name.
    pub name: String,
    /// Its configured type.
    pub kind: String,
    pub guard: Guard,
    pub voice: Voice,
    /// The service under which answers name it.
    pub service: Arc<Service>,
    /// The dataset it serves, by its dataseturi.
    pub dataset: Option<String>,
    pub when: When,
    /// It is asked only where the sources of lower stages gave nothing of tier A or B; from 1.
    pub stage: u32,
    /// Whether it is another CNRP service, which has status codes of its own (D18).
    pub is_cnrp: bool,
}
