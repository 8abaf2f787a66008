//! What became of asking one source. An outcome is a value, never an exception: an answer is made of
//! whatever outcomes there are when its deadline comes.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use super::{Failure, Prepared, Reason};

/// Whether what a source said is still within its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    Fresh {
        /// When it is better asked for again; `None` where that is not known yet, so that nothing
        /// made of it may be kept.
        until: Option<Instant>,
    },
    /// Past its time, and served because nothing fresh could be had (RFC 8767).
    Stale {
        /// Since the source said it.
        age: Duration,
    },
}

/// What one source contributes to one answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It knows resources, or services that may, or says that it does not know for now.
    Found { reply: Arc<Prepared>, freshness: Freshness },
    /// It definitely knows nothing of the name.
    Empty { freshness: Freshness },
    /// It was not asked.
    Skipped(Reason),
    /// It was asked, and gave no answer.
    Failed(Failure),
    /// It was left behind at the deadline or the end of the grace; its answer goes into the cache.
    Late,
}

impl Outcome {
    /// What was found, if anything was.
    pub fn found(&self) -> Option<&Prepared> {
        match self {
            Self::Found { reply, .. } => Some(reply),
            _ => None,
        }
    }

    /// Until when an answer made of this outcome may be given again; `None` where it may not, as
    /// something is missing in it, or old.
    pub fn holds_until(&self) -> Option<Instant> {
        match self {
            Self::Found { reply, .. } if !reply.remarks.is_empty() => None,
            Self::Found { freshness: Freshness::Fresh { until }, .. }
            | Self::Empty { freshness: Freshness::Fresh { until } } => *until,
            _ => None,
        }
    }

    /// Why a source that was meant to answer did not. One that was left behind has failed for this
    /// answer (D18); one that the query is not for has not.
    pub fn failure(&self) -> Option<Reason> {
        match self {
            Self::Found { .. } | Self::Empty { .. } | Self::Skipped(Reason::NotAsked) => None,
            Self::Skipped(reason) => Some(*reason),
            Self::Failed(failure) => Some(failure.reason),
            Self::Late => Some(Reason::TimedOut),
        }
    }

    /// The outcome of a prepared reply.
    pub fn of(reply: &Arc<Prepared>, freshness: Freshness) -> Self {
        if reply.is_empty() && reply.remarks.is_empty() {
            Self::Empty { freshness }
        } else {
            Self::Found { reply: Arc::clone(reply), freshness }
        }
    }
}
