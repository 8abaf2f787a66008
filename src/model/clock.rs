//! Time as an argument: a [`Clock`] is handed to whoever needs to know what time it is, so that
//! tests step it and never sleep.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

/// What time it is. Waiting itself is tokio's: under `tokio::time::pause` its instants are the
/// virtual ones, so a paused test and its clock agree.
pub trait Clock: Send + Sync {
    /// Monotonic time, for expiry and deadlines.
    fn now(&self) -> Instant;
    /// Wall-clock time, for dates that people wrote.
    fn wall(&self) -> SystemTime;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn wall(&self) -> SystemTime {
        SystemTime::now()
    }
}

/// The moment by which a query is answered with whatever is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(Instant);

impl Deadline {
    /// The deadline `patience` after `now`.
    pub fn after(now: Instant, patience: Duration) -> Self {
        Self(now + patience)
    }

    /// The moment itself, for `tokio::time::sleep_until`.
    pub fn instant(self) -> Instant {
        self.0
    }

    /// What is left at `now`; zero once it has passed.
    pub fn remaining(self, now: Instant) -> Duration {
        self.0.saturating_duration_since(now)
    }

    /// The earlier of this deadline and `other`.
    pub fn earlier(self, other: Instant) -> Self {
        Self(self.0.min(other))
    }
}
