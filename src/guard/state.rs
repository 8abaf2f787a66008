//! How a backend is doing, for `/status`.

use std::time::SystemTime;

use super::BudgetState;
use crate::model::{Failure, Reason};

/// How a backend is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// It is not called for a while, or was not and has not answered since; `None` while it works.
    pub suspension: Option<Suspension>,
    /// What may still be spent on it; none where nothing is counted.
    pub budgets: Vec<BudgetState>,
    /// Calls under way.
    pub in_flight: usize,
    /// How the last call that failed did so, however long ago.
    pub last_failure: Option<LastFailure>,
}

/// Why a backend is not called, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suspension {
    pub reason: Reason,
    /// From then on the next question is the probe, whose end decides for the others.
    pub until: SystemTime,
    /// Whether that time has come.
    pub is_over: bool,
}

/// A failure, and when it happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastFailure {
    pub failure: Failure,
    pub at: SystemTime,
    /// Whether a call has been answered since.
    pub is_over: bool,
}
