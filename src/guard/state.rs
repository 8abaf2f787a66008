//! How a backend is doing, for `/status`.

use std::time::SystemTime;

use crate::model::{Failure, Reason};

/// How a backend is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// It is not called for a while; `None` while it works.
    pub suspension: Option<Suspension>,
    /// Calls under way.
    pub in_flight: usize,
    /// How the last call that failed did so, however long ago.
    pub last_failure: Option<LastFailure>,
}

/// Why a backend is not called, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suspension {
    pub reason: Reason,
    pub until: SystemTime,
}

/// A failure, and when it happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastFailure {
    pub failure: Failure,
    pub at: SystemTime,
}
