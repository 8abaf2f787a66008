//! Calendar days and months as people count them: in a time zone, whose data is part of the program.

use std::time::SystemTime;

use jiff::{Timestamp, civil::Date, tz::TimeZone};

/// A time zone of the IANA database, such as `America/Los_Angeles`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

/// What a calendar is divided into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CalendarUnit {
    Day,
    Month,
}

/// One day or one month: from `start` to before `end`, in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    pub start: i64,
    pub end: i64,
}

impl CalendarUnit {
    pub const ALL: [Self; 2] = [Self::Day, Self::Month];

    /// The one word for it, in `/status` and metrics.
    pub fn word(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
        }
    }
}

impl Default for Zone {
    /// UTC.
    fn default() -> Self {
        Self(TimeZone::UTC)
    }
}

impl Zone {
    /// The zone of that name; `None` if there is none.
    pub fn named(name: &str) -> Option<Self> {
        TimeZone::get(name).ok().map(Self)
    }

    /// The day or month in which `at` lies. A day on which the clocks are put on or back is shorter
    /// or longer. Beyond the year 9999, and as long before our era, there is one for ever.
    pub fn stretch(&self, unit: CalendarUnit, at: SystemTime) -> Stretch {
        self.bounds(unit, at).unwrap_or(Stretch { start: i64::MIN, end: i64::MAX })
    }

    fn bounds(&self, unit: CalendarUnit, at: SystemTime) -> Option<Stretch> {
        let today = Timestamp::try_from(at).ok()?.to_zoned_datetime(self.0.clone()).date();
        let (first, next) = match unit {
            CalendarUnit::Day => (today, today.tomorrow().ok()?),
            CalendarUnit::Month => (today.first_of_month(), today.last_of_month().tomorrow().ok()?),
        };
        Some(Stretch { start: self.begins(first)?, end: self.begins(next)? })
    }

    fn begins(&self, date: Date) -> Option<i64> {
        Some(date.to_zoned_datetime(self.0.clone()).ok()?.timestamp().as_second())
    }
}

/// Seconds since 1970, rounded down; what lies before is 0.
pub fn unix_seconds(at: SystemTime) -> i64 {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// A moment for people and programs, to the second: `2026-11-25T02:21:38Z` (RFC 3339).
pub fn rfc3339(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(|_| "never".to_owned(), |moment| moment.to_string())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(text: &str) -> SystemTime {
        text.parse::<Timestamp>().unwrap().try_into().unwrap()
    }

    fn shown(zone: &str, unit: CalendarUnit, moment: &str) -> (String, String) {
        let Stretch { start, end } = Zone::named(zone).unwrap().stretch(unit, at(moment));
        (rfc3339(start), rfc3339(end))
    }

    fn pair(start: &str, end: &str) -> (String, String) {
        (start.to_owned(), end.to_owned())
    }

    #[test]
    fn a_day_begins_and_ends_where_its_zone_says() {
        let moment = "2026-11-25T02:21:38Z";
        let utc = Zone::default().stretch(CalendarUnit::Day, at(moment));
        assert_eq!(rfc3339(utc.start), "2026-11-25T00:00:00Z");
        let there = shown("America/Los_Angeles", CalendarUnit::Day, moment);
        assert_eq!(there, pair("2026-11-24T08:00:00Z", "2026-11-25T08:00:00Z"));
    }

    #[test]
    fn the_day_on_which_clocks_change_has_another_length() {
        let spring = shown("Europe/Berlin", CalendarUnit::Day, "2026-03-29T12:00:00Z");
        assert_eq!(spring, pair("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"));
        // At midnight there, so that the day begins at one o'clock.
        let gap = shown("America/Santiago", CalendarUnit::Day, "2026-09-06T12:00:00Z");
        assert_eq!(gap, pair("2026-09-06T04:00:00Z", "2026-09-07T03:00:00Z"));
    }

    #[test]
    fn months_have_their_own_lengths() {
        let month = |moment| shown("Asia/Tokyo", CalendarUnit::Month, moment);
        let leap = pair("2028-01-31T15:00:00Z", "2028-02-29T15:00:00Z");
        assert_eq!(month("2028-02-29T14:59:59Z"), leap);
        assert_eq!(month("2028-02-29T15:00:00Z").0, leap.1);
    }

    #[test]
    fn a_name_that_is_no_zone_and_a_clock_beyond_reason_are_no_panic() {
        for name in ["", "Mars/Olympus", "../etc/passwd", "Europe"] {
            assert_eq!(Zone::named(name), None, "{name}");
        }
        let beyond = SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 40);
        let ever = Zone::default().stretch(CalendarUnit::Month, beyond);
        assert_eq!(ever, Stretch { start: i64::MIN, end: i64::MAX });
        assert_eq!(rfc3339(i64::MAX), "never");
    }
}
