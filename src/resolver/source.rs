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
    /// The service under which answers name it, until it says what it is.
    pub service: Arc<Service>,
    /// The dataset it serves, by its dataseturi.
    pub dataset: Option<String>,
    pub when: When,
    /// It is asked only where the sources of lower stages gave nothing of tier A or B; from 1.
    pub stage: u32,
    /// Whether it is another CNRP service, which has status codes of its own (D18).
    pub is_cnrp: bool,
}

impl Source {
    /// The service under which answers name it: what it turned out to be, if it has said so.
    pub fn named(&self) -> Arc<Service> {
        self.guard.backend().service().unwrap_or_else(|| Arc::clone(&self.service))
    }
}
