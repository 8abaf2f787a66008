//! The pace of a month: how much of its budget may have been spent by now.

use crate::model::Stretch;

/// The share that may be spent at once when a month begins: 1 in this many. Three days ahead of an
/// even pace is room for a busy day, and leaves the others nine tenths of theirs.
const AHEAD: u128 = 10;

/// How many of `limit` requests may have been sent by `now`, in seconds since 1970: a tenth from the
/// start, and the rest evenly, so that all may be spent by the end. What was left over on quiet days
/// stays to be spent.
pub(super) fn allowance(limit: u64, stretch: Stretch, now: i64) -> u64 {
    let seconds = |from: i64, to: i64| u128::from(to.saturating_sub(from).max(0).unsigned_abs());
    let whole = seconds(stretch.start, stretch.end).max(1);
    let passed = seconds(stretch.start, now).min(whole);
    let allowed = u128::from(limit) * (whole + (AHEAD - 1) * passed);
    // Rounded up, so that the smallest budget has something to begin with.
    u64::try_from(allowed.div_ceil(AHEAD * whole)).unwrap_or(limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenth_may_be_spent_at_once_and_all_by_the_end() {
        let stretch = Stretch { start: 1000, end: 2000 };
        let allowed = |now| allowance(2000, stretch, now);
        assert_eq!(
            [allowed(0), allowed(1000), allowed(1500), allowed(2000), allowed(9000)],
            [200, 200, 1100, 2000, 2000]
        );
        assert_eq!(allowance(3, stretch, 1000), 1);
        let ever = Stretch { start: i64::MIN, end: i64::MAX };
        assert!(allowance(u64::from(u32::MAX), ever, 0) <= u64::from(u32::MAX));
    }
}
