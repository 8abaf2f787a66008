//! Handles to what is counted, each for whoever counts it: [`Metrics`](super::Metrics) gives them out, once,
//! when something is built.

use std::{iter::Sum, time::Duration};

use prometheus_client::metrics::{counter::Counter, histogram::Histogram};

use super::{CalendarUnit, Reason, TraceContext};

/// Where the time of an answer goes.
pub struct Stages {
    /// From bytes to a question.
    pub read: Stage,
    /// From the question to what caches and backends say.
    pub gather: Stage,
    /// From that to an answer: merged, ranked, and cut.
    pub rank: Stage,
    /// From the answer to bytes.
    pub write: Stage,
}

/// One of them.
pub struct Stage {
    pub(super) word: &'static str,
    pub(super) seconds: Histogram,
}

impl Stage {
    /// Notes that it took so long until now.
    pub fn took(&self, time: Duration) {
        self.seconds.observe(time.as_secs_f64());
        TraceContext::stage(self.word, time);
    }
}

/// What became of spans.
pub struct SpanMeter {
    /// The collector has them.
    pub sent: Counter,
    /// There was no room to keep them until it had.
    pub dropped: Counter,
    /// It did not take them.
    pub failed: Counter,
}

/// How a budget stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BudgetReading {
    pub unit: CalendarUnit,
    pub limit: u64,
    pub left: u64,
    /// The share that was last warned of, in per cent.
    pub warned: u8,
}

/// How often the cache was asked, by what became of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CacheReading {
    /// It had what is good still.
    pub fresh: u64,
    /// It had what is too old, and that served.
    pub stale: u64,
    /// A call that was under way was waited for.
    pub shared: u64,
    /// A call was wanted.
    pub miss: u64,
}

impl Sum for CacheReading {
    fn sum<I: Iterator<Item = Self>>(readings: I) -> Self {
        readings.fold(Self::default(), |sum, one| Self {
            fresh: sum.fresh + one.fresh,
            stale: sum.stale + one.stale,
            shared: sum.shared + one.shared,
            miss: sum.miss + one.miss,
        })
    }
}

/// What is counted of one backend.
pub struct BackendMeter {
    pub found: Counter,
    pub empty: Counter,
    pub(super) failed: [Counter; Reason::ALL.len()],
    pub(super) call_seconds: Histogram,
    pub fresh: Counter,
    pub stale: Counter,
    pub miss: Counter,
    pub shared: Counter,
    pub(super) suspensions: [Counter; Reason::ALL.len()],
}

impl BackendMeter {
    /// Counts an outcome that was no answer.
    pub fn failed(&self, reason: Reason) {
        count(&self.failed, reason);
    }

    /// Counts the beginning of a suspension.
    pub fn suspended(&self, reason: Reason) {
        count(&self.suspensions, reason);
    }

    /// Notes how long a call took.
    pub fn took(&self, time: Duration) {
        self.call_seconds.observe(time.as_secs_f64());
    }
}

/// What is counted of the cache that gateways share.
pub struct TierMeter {
    pub fresh: Counter,
    pub stale: Counter,
    pub miss: Counter,
    /// What stood there and was not as a gateway wrote it.
    pub rejected: Counter,
    pub(super) failed: [Counter; Reason::ALL.len()],
}

impl TierMeter {
    /// Counts a use of it that failed.
    pub fn failed(&self, reason: Reason) {
        count(&self.failed, reason);
    }
}

/// Adds one to the counter of `reason` among those of all reasons.
fn count(counters: &[Counter; Reason::ALL.len()], reason: Reason) {
    let counted = Reason::ALL.iter().zip(counters).find(|(known, _)| **known == reason);
    counted.iter().for_each(|(_, counter)| _ = counter.inc());
}
