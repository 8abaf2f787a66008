//! How long a failure keeps us away from a backend: a table by reason.

use std::time::Duration;

use crate::model::{Failure, Reason};

/// Longest time for which a source's own "come back later" is believed. A source that says a year
/// must not be lost for a year; one probe an hour costs it nothing.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(3600);
/// The longest pause of all.
pub(super) const LONGEST: Duration = Duration::from_secs(86_400);
/// Shortest time that is believed, so that "at once" does not become a tight loop.
const SHORTEST_RETRY_AFTER: Duration = Duration::from_secs(1);

/// When to stay away, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rule {
    /// After so many failures in a row.
    after: u32,
    /// The first pause; each that follows without a success between doubles it.
    first: Duration,
    most: Duration,
}

/// Load and refusals are believed at once, as asking again makes them worse. A line that breaks
/// is tried a few times, and probed soon: a restart takes seconds. `None`: the failure is ours,
/// or about one answer, and says nothing of the backend.
fn rule(reason: Reason) -> Option<Rule> {
    let rule = |after, first, most| {
        let (first, most) = (Duration::from_secs(first), Duration::from_secs(most));
        Some(Rule { after, first, most })
    };
    match reason {
        Reason::RateLimited | Reason::Quota => rule(1, 180, 3600),
        // Most likely a wrong key, which only the operator can mend.
        Reason::Unauthorised => rule(1, 180, 3600),
        // Whoever shows a captcha has taken us for a robot; each further request confirms it.
        Reason::Captcha => rule(1, 3600, LONGEST.as_secs()),
        Reason::TimedOut
        | Reason::Unreachable
        | Reason::Refused
        | Reason::Reset
        | Reason::Tls
        | Reason::HttpError
        | Reason::Malformed => rule(5, 5, 300),
        Reason::NotAsked
        | Reason::Loop
        | Reason::BudgetSpent
        | Reason::Suspended
        | Reason::TooLarge
        | Reason::Unsafe => None,
    }
}

/// What a failure means for the calls after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Consequence {
    /// It says nothing of the backend.
    None,
    /// One more in a row.
    Counted,
    /// No calls for so long.
    Pause(Duration),
}

/// What `failure` means, if it is the `in_a_row`th and `pauses` pauses came before it without a
/// success between.
pub(super) fn consequence(failure: &Failure, in_a_row: u32, pauses: u32) -> Consequence {
    if failure.is_ours {
        return Consequence::None;
    }
    // A source that asks for a second each time is refused by longer pauses as well.
    if let Some(asked) = failure.retry_after {
        let asked = asked.clamp(SHORTEST_RETRY_AFTER, LONGEST_RETRY_AFTER);
        return Consequence::Pause(doubled(asked, pauses).min(LONGEST_RETRY_AFTER));
    }
    let Some(rule) = rule(failure.reason) else { return Consequence::None };
    if in_a_row < rule.after && pauses == 0 {
        return Consequence::Counted;
    }
    Consequence::Pause(doubled(rule.first, pauses).min(rule.most))
}

fn doubled(first: Duration, pauses: u32) -> Duration {
    first.saturating_mul(1_u32.checked_shl(pauses).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(reason: Reason, in_a_row: u32, pauses: u32) -> Option<u64> {
        match consequence(&Failure::new(reason, ""), in_a_row, pauses) {
            Consequence::Pause(pause) => Some(pause.as_secs()),
            _ => None,
        }
    }

    #[test]
    fn a_line_that_breaks_is_tried_five_times_and_then_doubled_to_a_cap() {
        assert_eq!(seconds(Reason::Reset, 4, 0), None);
        assert_eq!(seconds(Reason::Reset, 5, 0), Some(5));
        let pauses: Vec<_> = (1..9).filter_map(|pauses| seconds(Reason::TimedOut, 1, pauses)).collect();
        assert_eq!(pauses, [10, 20, 40, 80, 160, 300, 300, 300]);
        assert_eq!(seconds(Reason::Reset, 1, u32::MAX), Some(300));
    }

    #[test]
    fn who_asks_to_be_left_alone_is_believed_at_once() {
        assert_eq!(seconds(Reason::RateLimited, 1, 0), Some(180));
        assert_eq!(seconds(Reason::Unauthorised, 1, 3), Some(1440));
        assert_eq!(seconds(Reason::Captcha, 1, 0), Some(3600));
    }

    #[test]
    fn retry_after_is_honoured_within_bounds() {
        let asked = |seconds| Failure {
            retry_after: Some(Duration::from_secs(seconds)),
            ..Failure::new(Reason::HttpError, "503")
        };
        let pause = |seconds| consequence(&asked(seconds), 1, 0);
        assert_eq!(pause(60), Consequence::Pause(Duration::from_secs(60)));
        assert_eq!(pause(0), Consequence::Pause(Duration::from_secs(1)));
        assert_eq!(pause(31_536_000), Consequence::Pause(Duration::from_secs(3600)));
        let again = |pauses| consequence(&asked(60), 1, pauses);
        assert_eq!(again(2), Consequence::Pause(Duration::from_secs(240)));
        assert_eq!(again(40), Consequence::Pause(Duration::from_secs(3600)));
    }

    #[test]
    fn what_is_no_fault_of_the_backend_has_no_consequence() {
        for reason in [Reason::NotAsked, Reason::Loop, Reason::BudgetSpent, Reason::Unsafe, Reason::TooLarge]
        {
            assert_eq!(consequence(&Failure::new(reason, ""), 100, 0), Consequence::None, "{reason}");
        }
        assert_eq!(consequence(&Failure::without_descriptors(), 100, 0), Consequence::None);
    }
}
