//! The breaker: whether a backend may be called, by how its last calls ended.
//!
//! It counts calls, not clients: a call that twenty clients share fails once.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::pause::{Consequence, consequence};
use crate::model::{Failure, Reason};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Position {
    /// Calls go through; so many have failed in a row.
    Closed { failures: u32 },
    /// No call until then, and then one, the probe, whose end decides for the others.
    Open { until: Instant, reason: Reason, pauses: u32, is_probed: bool },
}

/// One backend's breaker.
#[derive(Debug, Clone)]
pub(super) struct Breaker(Arc<Mutex<Position>>);

/// The leave to make one call, which is to be told how it ended. A probe that is dropped without
/// a word leaves the next call to be the probe.
#[derive(Debug)]
pub(super) struct Permit {
    breaker: Breaker,
    is_probe: bool,
}

/// No calls now, and why and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Suspended {
    pub(super) reason: Reason,
    pub(super) until: Instant,
}

impl Breaker {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(Position::Closed { failures: 0 })))
    }

    /// Asks for leave to call.
    pub(super) fn admit(&self, now: Instant) -> Result<Permit, Suspended> {
        let mut position = self.position();
        let is_probe = match &mut *position {
            Position::Closed { .. } => false,
            Position::Open { until, is_probed, .. } if now >= *until && !*is_probed => {
                *is_probed = true;
                true
            }
            Position::Open { until, reason, .. } => {
                return Err(Suspended { reason: *reason, until: *until });
            }
        };
        Ok(Permit { breaker: self.clone(), is_probe })
    }

    /// Whether calls are held back at `now`. Past the pause the next call is the probe, so the
    /// backend no longer counts as suspended.
    pub(super) fn suspended(&self, now: Instant) -> Option<Suspended> {
        match *self.position() {
            Position::Open { until, reason, .. } if now < until => Some(Suspended { reason, until }),
            _ => None,
        }
    }

    fn position(&self) -> MutexGuard<'_, Position> {
        // A position is one assignment, so it is whole even where a thread died holding it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit {
    /// The call was answered. Closed => no failures in a row; open => closed, if it was the probe:
    /// an answer to a call from before the pause does not end it.
    pub(super) fn succeeded(mut self) {
        let mut position = self.breaker.position();
        if self.is_probe || matches!(*position, Position::Closed { .. }) {
            *position = Position::Closed { failures: 0 };
        }
        drop(position);
        self.is_probe = false;
    }

    /// The call failed at `now`. Closed => one more failure in a row, or open; open => open for
    /// longer, if it was the probe: a failure of a call from before the pause is no news.
    /// Returns the pause that this began.
    pub(super) fn failed(mut self, failure: &Failure, now: Instant) -> Option<Duration> {
        let mut position = self.breaker.position();
        let (in_a_row, pauses) = match *position {
            Position::Closed { failures } => (failures.saturating_add(1), 0),
            Position::Open { pauses, .. } if self.is_probe => (1, pauses),
            Position::Open { .. } => return None,
        };
        let pause = match consequence(failure, in_a_row, pauses) {
            Consequence::None => return None,
            Consequence::Counted => {
                *position = Position::Closed { failures: in_a_row };
                None
            }
            Consequence::Pause(pause) => {
                let pauses = pauses.saturating_add(1);
                let reason = failure.reason;
                *position = Position::Open { until: now + pause, reason, pauses, is_probed: false };
                Some(pause)
            }
        };
        drop(position);
        self.is_probe = false;
        pause
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if self.is_probe
            && let Position::Open { is_probed, .. } = &mut *self.breaker.position()
        {
            *is_probed = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(reason: Reason) -> Failure {
        Failure::new(reason, "")
    }

    fn seconds(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    /// Opens the breaker by a captcha and returns the end of the pause.
    fn opened(breaker: &Breaker, now: Instant) -> Instant {
        let pause = breaker.admit(now).unwrap().failed(&failure(Reason::Captcha), now);
        now + pause.unwrap()
    }

    #[test]
    fn five_failures_in_a_row_open_it_and_a_success_starts_the_count_again() {
        let (breaker, now) = (Breaker::new(), Instant::now());
        for _ in 0..4 {
            assert_eq!(breaker.admit(now).unwrap().failed(&failure(Reason::Reset), now), None);
        }
        breaker.admit(now).unwrap().succeeded();
        for _ in 0..4 {
            assert_eq!(breaker.admit(now).unwrap().failed(&failure(Reason::Reset), now), None);
        }
        assert_eq!(breaker.suspended(now), None);
        assert_eq!(breaker.admit(now).unwrap().failed(&failure(Reason::TimedOut), now), Some(seconds(5)));
        let suspended = Suspended { reason: Reason::TimedOut, until: now + seconds(5) };
        assert_eq!(breaker.admit(now + seconds(4)).unwrap_err(), suspended);
        assert_eq!(breaker.suspended(now), Some(suspended));
    }

    #[test]
    fn after_the_pause_one_call_is_the_probe() {
        let (breaker, now) = (Breaker::new(), Instant::now());
        let end = opened(&breaker, now);
        assert_eq!(breaker.suspended(end), None);
        let probe = breaker.admit(end).unwrap();
        assert!(breaker.admit(end).is_err(), "a second call would be no probe");
        probe.succeeded();
        assert!(breaker.admit(end).is_ok() && breaker.admit(end).is_ok());
    }

    #[test]
    fn a_probe_that_fails_doubles_the_pause() {
        let (breaker, now) = (Breaker::new(), Instant::now());
        let end = opened(&breaker, now);
        let probe = breaker.admit(end).unwrap();
        assert_eq!(probe.failed(&failure(Reason::Captcha), end), Some(seconds(7200)));
        assert_eq!(breaker.suspended(end).unwrap().until, end + seconds(7200));
    }

    #[test]
    fn a_probe_that_comes_to_nothing_leaves_the_next_call_to_be_it() {
        let (breaker, now) = (Breaker::new(), Instant::now());
        let end = opened(&breaker, now);
        drop(breaker.admit(end).unwrap());
        let unrelated = breaker.admit(end).unwrap();
        assert_eq!(unrelated.failed(&failure(Reason::Unsafe), end), None);
        assert!(breaker.admit(end).is_ok());
    }

    #[test]
    fn calls_from_before_the_pause_do_not_move_it() {
        let (breaker, now) = (Breaker::new(), Instant::now());
        let (late_success, late_failure) = (breaker.admit(now).unwrap(), breaker.admit(now).unwrap());
        let end = opened(&breaker, now);
        late_success.succeeded();
        assert_eq!(late_failure.failed(&failure(Reason::Captcha), now + seconds(9)), None);
        assert_eq!(breaker.suspended(now).unwrap().until, end);
    }
}
