//! The counts of one backend, by day and month: plain numbers, as they are written down.

use serde::{Deserialize, Serialize};

use crate::model::{CalendarUnit, Stretch};

/// Days, and months, that are remembered. A clock that goes back to one of them finds what was
/// spent then.
const REMEMBERED: usize = 8;

/// A count that no budget can match.
const CLOSED: u64 = u64::MAX;

/// The day and the month that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Date {
    pub(super) day: Stretch,
    pub(super) month: Stretch,
}

impl Date {
    pub(super) fn stretch(&self, unit: CalendarUnit) -> Stretch {
        match unit {
            CalendarUnit::Day => self.day,
            CalendarUnit::Month => self.month,
        }
    }
}

/// How many requests were sent, or reserved to be sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tally {
    /// The most by which the version that follows this one can differ from it.
    pub(super) block: u64,
    day: History,
    month: History,
}

impl Tally {
    pub(super) fn spent(&self, unit: CalendarUnit, date: &Date) -> u64 {
        self.history(unit).count(date.stretch(unit))
    }

    /// Counts requests.
    pub(super) fn add(&mut self, date: &Date, requests: u64) {
        self.day.add(date.day, requests);
        self.month.add(date.month, requests);
    }

    /// Counts at least so many in a unit, as others were told of more.
    pub(super) fn raise(&mut self, unit: CalendarUnit, date: &Date, requests: u64) {
        let (stretch, missing) = (date.stretch(unit), requests.saturating_sub(self.spent(unit, date)));
        match unit {
            CalendarUnit::Day => self.day.add(stretch, missing),
            CalendarUnit::Month => self.month.add(stretch, missing),
        }
    }

    /// Counts requests no longer that were never sent.
    pub(super) fn take_back(&mut self, date: &Date, requests: u64) {
        self.day.take_back(date.day, requests);
        self.month.take_back(date.month, requests);
    }

    /// Allows for a version that came after this one and is lost: it had one more block, for any of
    /// the times that are remembered or for the present; and no time between them is known.
    pub(super) fn allow_for_a_loss(&mut self, date: &Date) {
        for (history, now) in [(&mut self.day, date.day), (&mut self.month, date.month)] {
            history.add(now, 0);
            for count in &mut history.counts {
                count.requests = count.requests.saturating_add(self.block);
            }
            history.floor = history.floor.max(now.start);
        }
    }

    /// What is left where nothing can be read: all of it may have been spent.
    pub(super) fn closed(date: &Date) -> Self {
        let mut tally = Self::default();
        tally.add(date, CLOSED);
        tally.day.floor = date.day.start;
        tally.month.floor = date.month.start;
        tally
    }

    fn history(&self, unit: CalendarUnit) -> &History {
        match unit {
            CalendarUnit::Day => &self.day,
            CalendarUnit::Month => &self.month,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct History {
    /// What begins before it and is not among the counts was forgotten, so it counts as spent.
    floor: i64,
    /// In order of time.
    counts: Vec<Count>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Count {
    start: i64,
    end: i64,
    requests: u64,
}

impl Default for History {
    fn default() -> Self {
        Self { floor: i64::MIN, counts: Vec::new() }
    }
}

impl History {
    /// What was spent in a stretch. One that was not counted yet begins with what was spent in those
    /// that overlap it: the zone of the budget was changed, and the same hours must not be had twice.
    fn count(&self, stretch: Stretch) -> u64 {
        if let Some(known) = self.counts.iter().find(|count| count.is(stretch)) {
            return known.requests;
        }
        if stretch.start < self.floor {
            return CLOSED;
        }
        let overlapping =
            self.counts.iter().filter(|count| count.start < stretch.end && stretch.start < count.end);
        overlapping.map(|count| count.requests).fold(0, u64::saturating_add)
    }

    fn add(&mut self, stretch: Stretch, requests: u64) {
        let total = self.count(stretch).saturating_add(requests);
        self.counts.retain(|count| !count.is(stretch));
        let place = self.counts.partition_point(|count| count.start <= stretch.start);
        self.counts.insert(place, Count { start: stretch.start, end: stretch.end, requests: total });
        while self.counts.len() > REMEMBERED {
            let forgotten = self.counts.remove(0);
            self.floor = self.floor.max(forgotten.end);
        }
    }

    fn take_back(&mut self, stretch: Stretch, requests: u64) {
        let known = self.counts.iter_mut().find(|count| count.is(stretch));
        if let Some(known) = known.filter(|known| known.requests != CLOSED) {
            known.requests = known.requests.saturating_sub(requests);
        }
    }
}

impl Count {
    fn is(&self, stretch: Stretch) -> bool {
        self.start == stretch.start && self.end == stretch.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 100;
    const MONTH: i64 = 3000;

    /// The `n`th day of a calendar whose months have thirty.
    fn date(n: i64) -> Date {
        let stretch = |length: i64, n: i64| Stretch { start: n * length, end: (n + 1) * length };
        Date { day: stretch(DAY, n), month: stretch(MONTH, n.div_euclid(30)) }
    }

    fn spent(tally: &Tally, n: i64) -> (u64, u64) {
        (tally.spent(CalendarUnit::Day, &date(n)), tally.spent(CalendarUnit::Month, &date(n)))
    }

    #[test]
    fn a_day_begins_with_nothing_and_its_month_with_what_the_days_before_spent() {
        let mut tally = Tally::default();
        tally.add(&date(0), 3);
        tally.add(&date(1), 4);
        assert_eq!(
            [spent(&tally, 0), spent(&tally, 1), spent(&tally, 2), spent(&tally, 30)],
            [(3, 7), (4, 7), (0, 7), (0, 0)]
        );
        tally.take_back(&date(1), 2);
        assert_eq!(spent(&tally, 1), (2, 5));
    }

    #[test]
    fn a_clock_that_goes_back_finds_what_was_spent_then() {
        let mut tally = Tally::default();
        (0..40).for_each(|n| tally.add(&date(n), 1));
        assert_eq!(spent(&tally, 35), (1, 10));
        assert_eq!(spent(&tally, 31).0, CLOSED, "forgotten, so nothing is left of it");
        assert_eq!(spent(&tally, 31).1, 10);
        // One that was wrong by years does no harm once it is right again.
        tally.add(&date(30_000), 1);
        assert_eq!([spent(&tally, 39).0, spent(&tally, 40).0], [1, 0]);
    }

    #[test]
    fn another_zone_does_not_give_the_same_hours_twice() {
        let mut tally = Tally::default();
        tally.add(&date(1), 7);
        let shifted = Stretch { start: DAY + 30, end: 2 * DAY + 30 };
        tally.add(&Date { day: shifted, ..date(1) }, 1);
        assert_eq!(tally.spent(CalendarUnit::Day, &Date { day: shifted, ..date(1) }), 8);
    }

    #[test]
    fn a_lost_version_may_have_had_one_more_block_and_a_lost_record_anything() {
        let mut tally = Tally { block: 5, ..Tally::default() };
        tally.add(&date(0), 10);
        let mut next_day = tally.clone();
        tally.allow_for_a_loss(&date(0));
        assert_eq!(spent(&tally, 0), (15, 15));
        next_day.allow_for_a_loss(&date(1));
        assert_eq!([spent(&next_day, 0), spent(&next_day, 1)], [(15, 15), (5, 15)]);
        let closed = Tally::closed(&date(5));
        assert_eq!(
            [spent(&closed, 5), spent(&closed, 4), spent(&closed, 6)],
            [(CLOSED, CLOSED), (CLOSED, CLOSED), (0, CLOSED)]
        );
        assert_eq!(spent(&closed, 30), (0, 0));
    }
}
