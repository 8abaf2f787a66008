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
    Open { pause: Pause, is_probed: bool },
}

/// A time without calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pause {
    pub(super) reason: Reason,
    pub(super) until: Instant,
    /// How many there were, this one included, without a success between.
    pub(super) pauses: u32,
}

/// One backend's breaker.
#[derive(Debug, Clone)]
pub(super) struct Breaker {
    position: Arc<Mutex<Position>>,
    rule: Rule,
}

/// What a failure means, by how many there were in a row and how many pauses before it.
pub(super) type Rule = fn(&Failure, u32, u32) -> Consequence;

/// The leave to make one call, which is to be told how it ended. A probe that is dropped without
/// a word leaves the next call to be the probe.
#[derive(Debug)]
pub(super) struct Permit {
    breaker: Breaker,
    is_probe: bool,
}

impl Breaker {
    /// One that begins with this pause, if there is one.
    pub(super) fn new(recalled: Option<Pause>) -> Self {
        let open = |pause| Position::Open { pause, is_probed: false };
        let position = recalled.map_or(Position::Closed { failures: 0 }, open);
        Self { position: Arc::new(Mutex::new(position)), rule: consequence }
    }

    /// A closed one of what is no backend.
    pub(super) fn by(rule: Rule) -> Self {
        Self { position: Arc::new(Mutex::new(Position::Closed { failures: 0 })), rule }
    }

    /// Asks for leave to call.
    pub(super) fn admit(&self, now: Instant) -> Result<Permit, Pause> {
        let mut position = self.position();
        let is_probe = match &mut *position {
            Position::Closed { .. } => false,
            Position::Open { pause, is_probed } if now >= pause.until && !*is_probed => {
                *is_probed = true;
                true
            }
            Position::Open { pause, .. } => return Err(*pause),
        };
        Ok(Permit { breaker: self.clone(), is_probe })
    }

    /// The pause that no success has ended yet. Once it is over, the next call is the probe, or one
    /// that is under way.
    pub(super) fn pause(&self) -> Option<Pause> {
        match *self.position() {
            Position::Open { pause, .. } => Some(pause),
            Position::Closed { .. } => None,
        }
    }

    /// Ends the pause, if there is one, as if a call had been answered. Returns whether there was.
    pub(super) fn lift(&self) -> bool {
        let lifted = std::mem::replace(&mut *self.position(), Position::Closed { failures: 0 });
        matches!(lifted, Position::Open { .. })
    }

    /// [`lift`](Self::lift), where that is why there is a pause.
    pub(super) fn lift_for(&self, reason: Reason) {
        let mut position = self.position();
        if matches!(*position, Position::Open { pause, .. } if pause.reason == reason) {
            *position = Position::Closed { failures: 0 };
        }
    }

    fn position(&self) -> MutexGuard<'_, Position> {
        // A position is one assignment, so it is whole even where a thread died holding it.
        self.position.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit {
    /// The call was answered. Closed => no failures in a row; open => closed, if it was the probe:
    /// an answer to a call from before the pause does not end it. Returns whether this ended one.
    pub(super) fn succeeded(mut self) -> bool {
        let mut position = self.breaker.position();
        let was_open = matches!(*position, Position::Open { .. });
        if self.is_probe || !was_open {
            *position = Position::Closed { failures: 0 };
        }
        drop(position);
        std::mem::take(&mut self.is_probe) && was_open
    }

    /// The call failed at `now`. Closed => one more failure in a row, or open; open => open for
    /// longer, if it was the probe: a failure of a call from before the pause is no news.
    /// Returns the pause that this began.
    pub(super) fn failed(mut self, failure: &Failure, now: Instant) -> Option<Duration> {
        let mut position = self.breaker.position();
        let (in_a_row, pauses) = match *position {
            Position::Closed { failures } => (failures.saturating_add(1), 0),
            Position::Open { pause, .. } if self.is_probe => (1, pause.pauses),
            Position::Open { .. } => return None,
        };
        let pause = match (self.breaker.rule)(failure, in_a_row, pauses) {
            Consequence::None => return None,
            Consequence::Counted => {
                *position = Position::Closed { failures: in_a_row };
                None
            }
            Consequence::Pause(length) => {
                let reason = failure.reason;
                let pause = Pause { reason, until: now + length, pauses: pauses.saturating_add(1) };
                *position = Position::Open { pause, is_probed: false };
                Some(length)
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
    fn a_pause_is_lifted_for_its_own_reason_only() {
        let (breaker, now) = (Breaker::new(None), Instant::now());
        opened(&breaker, now);
        breaker.lift_for(Reason::Unauthorised);
        assert!(breaker.pause().is_some());
        breaker.lift_for(Reason::Captcha);
        assert_eq!(breaker.pause(), None);
    }

    #[test]
    fn five_failures_in_a_row_open_it_and_a_success_starts_the_count_again() {
        let (breaker, now) = (Breaker::new(None), Instant::now());
        for _ in 0..4 {
            assert_eq!(breaker.admit(now).unwrap().failed(&failure(Reason::Reset), now), None);
        }
        breaker.admit(now).unwrap().succeeded();
        for _ in 0..4 {
            assert_eq!(breaker.admit(now).unwrap().failed(&failure(Reason::Reset), now), None);
        }
        assert_eq!(breaker.pause(), None);
        assert_eq!(breaker.admit(now).unwrap().failed(&failure(Reason::TimedOut), now), Some(seconds(5)));
        let pause = Pause { reason: Reason::TimedOut, until: now + seconds(5), pauses: 1 };
        assert_eq!(breaker.admit(now + seconds(4)).unwrap_err(), pause);
        assert_eq!(breaker.pause(), Some(pause));
    }

    #[test]
    fn after_the_pause_one_call_is_the_probe() {
        let (breaker, now) = (Breaker::new(None), Instant::now());
        let end = opened(&breaker, now);
        let probe = breaker.admit(end).unwrap();
        assert!(breaker.admit(end).is_err(), "a second call would be no probe");
        assert!(probe.succeeded());
        assert_eq!(breaker.pause(), None);
        assert!(breaker.admit(end).is_ok() && breaker.admit(end).is_ok());
    }

    #[test]
    fn a_probe_that_fails_doubles_the_pause() {
        let (breaker, now) = (Breaker::new(None), Instant::now());
        let end = opened(&breaker, now);
        let probe = breaker.admit(end).unwrap();
        assert_eq!(probe.failed(&failure(Reason::Captcha), end), Some(seconds(7200)));
        assert_eq!(breaker.pause().unwrap().until, end + seconds(7200));
    }

    #[test]
    fn a_probe_that_comes_to_nothing_leaves_the_next_call_to_be_it() {
        let (breaker, now) = (Breaker::new(None), Instant::now());
        let end = opened(&breaker, now);
        drop(breaker.admit(end).unwrap());
        let unrelated = breaker.admit(end).unwrap();
        assert_eq!(unrelated.failed(&failure(Reason::Unsafe), end), None);
        assert!(breaker.admit(end).is_ok());
    }

    #[test]
    fn calls_from_before_the_pause_do_not_move_it() {
        let (breaker, now) = (Breaker::new(None), Instant::now());
        let (late_success, late_failure) = (breaker.admit(now).unwrap(), breaker.admit(now).unwrap());
        let end = opened(&breaker, now);
        assert!(!late_success.succeeded());
        assert_eq!(late_failure.failed(&failure(Reason::Captcha), now + seconds(9)), None);
        assert_eq!(breaker.pause().unwrap().until, end);
    }

    #[test]
    fn a_pause_is_lifted_and_the_next_failures_count_anew() {
        let (breaker, now) = (Breaker::new(None), Instant::now());
        let end = opened(&breaker, now);
        let probe = breaker.admit(end).unwrap();
        assert!(breaker.lift() && !breaker.lift());
        assert_eq!(probe.failed(&failure(Reason::Reset), end), None);
        assert!(breaker.admit(now).is_ok() && breaker.admit(now).is_ok());
    }

    #[test]
    fn a_pause_that_is_recalled_goes_on_and_grows() {
        let now = Instant::now();
        let pause = Pause { reason: Reason::Captcha, until: now + seconds(9), pauses: 1 };
        let breaker = Breaker::new(Some(pause));
        assert_eq!(breaker.admit(now).unwrap_err(), pause);
        let probe = breaker.admit(now + seconds(9)).unwrap();
        assert_eq!(probe.failed(&failure(Reason::Captcha), now + seconds(9)), Some(seconds(7200)));
    }
}
