//! What the operator allows and expects of one backend.

use std::time::Duration;

use crate::{cache::Term, model::Prepared};

/// Shortest time that a source's own word on freshness counts for: a burst of equal questions
/// must cost one call, whatever the source says.
const SHORTEST_TTL: Duration = Duration::from_secs(1);
/// Longest time that a source's own word counts for: what it got wrong is over in a day.
const LONGEST_TTL: Duration = Duration::from_secs(24 * 3600);

/// Bounds and times of one backend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The longest a call takes; and the longest it waits for its place among those at once.
    pub timeout: Duration,
    /// The most calls at once, at least 1.
    pub concurrency: usize,
    /// The most calls in times shorter than a day; every one of them holds.
    pub rates: Vec<Rate>,
    /// How long an answer is fresh if its source does not say.
    pub ttl: Duration,
    /// How long "knows nothing of it" is fresh, at most.
    pub negative_ttl: Duration,
    /// How much longer an answer may serve when nothing fresh can be had.
    pub stale: Duration,
    /// How long a call may take before an expired answer serves instead.
    pub stale_after: Duration,
    /// How long a client is kept waiting at most.
    pub deadline: Duration,
}

/// So many calls in so long a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// At least 1.
    pub count: u32,
    pub per: Duration,
}

impl Policy {
    /// How long a call is waited for while an expired answer could serve: at most half of the
    /// timeout, as `stale_after` would mean nothing if the call ended before it.
    pub fn patience(&self) -> Duration {
        self.stale_after.min(self.timeout / 2)
    }

    /// How long the call of another gateway is waited for: no longer than ours would be, and so that ours,
    /// where it is made after all, has its time within the deadline. Where that is too short for both, a
    /// quarter of it is for the wait.
    pub(super) fn wait_for_another(&self) -> Duration {
        self.patience().min(self.deadline.saturating_sub(self.timeout).max(self.deadline / 4))
    }

    /// How long `reply` is good.
    ///
    /// "Knows nothing of it" never serves stale. RFC 8767 lets old data stand in for data that
    /// can't be had; an old absence stands in for nothing, and would hide from the client that the
    /// source failed. Its own ttl only shortens `negative_ttl` (RFC 2308 section 5).
    pub(super) fn term(&self, reply: &Prepared) -> Term {
        if reply.is_empty() {
            let fresh = reply.ttl.map_or(self.negative_ttl, |ttl| ttl.min(self.negative_ttl));
            return Term { fresh, stale: Duration::ZERO };
        }
        let fresh = reply.ttl.map_or(self.ttl, |ttl| ttl.clamp(SHORTEST_TTL, LONGEST_TTL));
        Term { fresh, stale: self.stale }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CommonName, Hit, Reply, Vouched, prepare};

    fn policy() -> Policy {
        Policy {
            timeout: Duration::from_millis(1000),
            concurrency: 4,
            rates: Vec::new(),
            ttl: Duration::from_secs(3600),
            negative_ttl: Duration::from_secs(60),
            stale: Duration::from_secs(86_400),
            stale_after: Duration::from_millis(800),
            deadline: Duration::from_millis(2500),
        }
    }

    fn fresh(hits: Vec<Hit>, ttl: Option<u64>) -> Duration {
        let reply = Reply { ttl: ttl.map(Duration::from_secs), ..Reply::of(hits) };
        let prepared = prepare(reply, &CommonName::new("x").unwrap(), Vouched::BySearch);
        policy().term(&prepared).fresh
    }

    #[test]
    fn patience_is_at_most_half_of_the_timeout() {
        assert_eq!(policy().patience(), Duration::from_millis(500));
        let slow = Policy { timeout: Duration::from_secs(5), ..policy() };
        assert_eq!(slow.patience(), Duration::from_millis(800));
    }

    #[test]
    fn the_call_of_another_gateway_leaves_ours_its_time() {
        let wait = |deadline, timeout| {
            let (deadline, timeout) = (Duration::from_millis(deadline), Duration::from_millis(timeout));
            Policy { deadline, timeout, ..policy() }.wait_for_another().as_millis()
        };
        assert_eq!(wait(2500, 1500), 750, "half of the timeout");
        assert_eq!(wait(2500, 2200), 625, "a quarter of the deadline");
        assert_eq!(wait(1000, 600), 300, "patience");
        assert_eq!(wait(1000, 1500), 250, "a call may take longer than the client waits");
        assert_eq!(wait(20_000, 15_000), 800);
    }

    #[test]
    fn the_source_says_how_long_its_answer_is_good_within_reason() {
        let found = || vec![Hit::mention("x", "https://x.example/", "")];
        assert_eq!(fresh(found(), None), Duration::from_secs(3600));
        assert_eq!(fresh(found(), Some(90)), Duration::from_secs(90));
        assert_eq!(fresh(found(), Some(0)), Duration::from_secs(1));
        assert_eq!(fresh(found(), Some(u64::MAX)), Duration::from_secs(86_400));
    }

    #[test]
    fn an_absence_is_good_for_a_short_time_and_never_stale() {
        assert_eq!(fresh(Vec::new(), None), Duration::from_secs(60));
        assert_eq!(fresh(Vec::new(), Some(7200)), Duration::from_secs(60));
        assert_eq!(fresh(Vec::new(), Some(5)), Duration::from_secs(5));
        assert_eq!(policy().term(&Prepared::default()).stale, Duration::ZERO);
    }
}
