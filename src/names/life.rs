//! When an entry is answered: from a moment on, until a moment, to the second.

use std::{
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use jiff::{Timestamp, civil::Date, tz::Offset};

/// The time within which an entry is answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Life {
    /// The first second in which it is; always, if none.
    pub from: Option<Moment>,
    /// The first second in which it no longer is; never, if none.
    pub until: Option<Moment>,
}

/// A second, counted from the beginning of 1970 in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub i64);

/// What people write for a moment, for messages.
const EXPECTED: &str = "expected a day such as 2026-12-31 or a moment such as 2026-12-31T18:00:00+01:00";

impl Life {
    /// Whether it is answered then.
    pub fn holds(self, now: SystemTime) -> bool {
        let now = Moment::of(now);
        self.from.is_none_or(|from| from <= now) && !self.is_over(now)
    }

    /// Whether it is over by then.
    pub fn is_over(self, now: Moment) -> bool {
        self.until.is_some_and(|until| until <= now)
    }

    /// What is left of it outside another life: nothing, one part, or one before and one after.
    pub fn outside(self, other: Life) -> Vec<Life> {
        let before = Life { until: earliest(self.until, other.from), ..self };
        let after = Life { from: self.from.max(other.until), ..self };
        let parts = [other.from.map(|_| before), other.until.map(|_| after)];
        parts.into_iter().flatten().filter(|part| !part.is_never()).collect()
    }

    /// What both have in common; `None` if that is nothing.
    pub fn inside(self, other: Life) -> Option<Life> {
        let common = Life { from: self.from.max(other.from), until: earliest(self.until, other.until) };
        (!common.is_never()).then_some(common)
    }

    fn is_never(self) -> bool {
        self.from.zip(self.until).is_some_and(|(from, until)| until <= from)
    }

    /// How long it stays as it is: until it begins or ends; `None` if that is for ever.
    pub fn changes_after(self, now: SystemTime) -> Option<Duration> {
        let edges = self.from.into_iter().chain(self.until);
        edges.filter_map(|edge| edge.time()?.duration_since(now).ok()).filter(|time| !time.is_zero()).min()
    }
}

/// The earlier of two ends, either of which may be none.
fn earliest(one: Option<Moment>, other: Option<Moment>) -> Option<Moment> {
    one.into_iter().chain(other).min()
}

impl Moment {
    /// The second that a time is in.
    pub fn of(time: SystemTime) -> Self {
        let seconds = time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        Self(i64::try_from(seconds).unwrap_or(i64::MAX))
    }

    /// Reads the moment from which something holds: an RFC 3339 moment, or the beginning of a day in
    /// UTC.
    ///
    /// # Errors
    /// What was expected.
    pub fn beginning(text: &str) -> Result<Self, String> {
        Self::read(text, Some)
    }

    /// Reads the moment until which something holds: an RFC 3339 moment, or the end of a day in UTC, so
    /// that the day itself still counts.
    ///
    /// # Errors
    /// What was expected.
    pub fn end(text: &str) -> Result<Self, String> {
        Self::read(text, |day| day.tomorrow().ok())
    }

    fn read(text: &str, day: impl Fn(Date) -> Option<Date>) -> Result<Self, String> {
        let wrong = || format!("\"{text}\" is no time; {EXPECTED}");
        // RFC 3339 writes a moment with a T or a space, and always with an offset.
        if text.len() > "2026-12-31".len() {
            return text.parse::<Timestamp>().map(|time| Self(time.as_second())).map_err(|_| wrong());
        }
        let date = text.parse::<Date>().ok().and_then(day).ok_or_else(wrong)?;
        let start = Offset::UTC.to_timestamp(date.at(0, 0, 0, 0)).map_err(|_| wrong())?;
        Ok(Self(start.as_second()))
    }

    fn time(self) -> Option<SystemTime> {
        UNIX_EPOCH.checked_add(Duration::from_secs(u64::try_from(self.0).ok()?))
    }
}

/// As RFC 3339 writes it, in UTC.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_second(self.0) {
            Ok(time) => write!(f, "{time}"),
            Err(_) => write!(f, "@{}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> SystemTime {
        Moment::beginning(text).unwrap().time().unwrap()
    }

    #[test]
    fn a_day_counts_from_its_beginning_to_its_end_and_a_moment_to_the_second() {
        let shown = |moment: Result<Moment, String>| moment.unwrap().to_string();
        assert_eq!(shown(Moment::beginning("2026-12-31")), "2026-12-31T00:00:00Z");
        assert_eq!(shown(Moment::end("2026-12-31")), "2027-01-01T00:00:00Z");
        assert_eq!(shown(Moment::end("2026-12-31T18:00:00+01:00")), "2026-12-31T17:00:00Z");
        assert_eq!(shown(Moment::beginning("2026-12-31T18:00:00.9Z")), "2026-12-31T18:00:00Z");
        assert_eq!(shown(Moment::beginning("2026-12-31 18:00:00z")), "2026-12-31T18:00:00Z");
        for wrong in ["31.12.2026", "2026-02-30", "2026-12-31T18:00:00", "soon", "", "9999-99-99"] {
            assert!(Moment::beginning(wrong).unwrap_err().contains("expected a day such as"), "{wrong}");
        }
    }

    #[test]
    fn a_life_is_cut_by_another() {
        let life =
            |from: Option<i64>, until: Option<i64>| Life { from: from.map(Moment), until: until.map(Moment) };
        let always = Life::default();
        let middle = life(Some(10), Some(20));
        assert_eq!(always.outside(always), []);
        assert_eq!(always.outside(middle), [life(None, Some(10)), life(Some(20), None)]);
        assert_eq!(always.outside(life(Some(10), None)), [life(None, Some(10))]);
        assert_eq!(middle.outside(life(Some(10), Some(15))), [life(Some(15), Some(20))]);
        assert_eq!(
            middle.outside(life(Some(12), Some(15))),
            [life(Some(10), Some(12)), life(Some(15), Some(20))]
        );
        assert_eq!(middle.outside(life(None, Some(30))), []);
        assert_eq!(middle.outside(life(Some(20), None)), [middle]);
        assert_eq!(middle.outside(life(None, Some(10))), [middle]);
        assert_eq!(middle.inside(life(Some(15), None)), Some(life(Some(15), Some(20))));
        assert_eq!(middle.inside(life(Some(20), None)), None);
        assert_eq!(always.inside(middle), Some(middle));
    }

    #[test]
    fn a_life_begins_and_ends_at_the_second() {
        let (from, until) = (Moment::beginning("2026-11-25T10:00:00Z"), Moment::end("2026-11-25T10:00:05Z"));
        let life = Life { from: from.ok(), until: until.ok() };
        let almost = at("2026-11-25T10:00:00Z") - Duration::from_millis(1);
        assert!(!life.holds(almost));
        assert_eq!(life.changes_after(almost), Some(Duration::from_millis(1)));
        assert!(life.holds(at("2026-11-25T10:00:00Z")) && life.holds(at("2026-11-25T10:00:04Z")));
        assert_eq!(life.changes_after(at("2026-11-25T10:00:00Z")), Some(Duration::from_secs(5)));
        assert!(!life.holds(at("2026-11-25T10:00:05Z")));
        assert_eq!(life.changes_after(at("2026-11-25T10:00:05Z")), None);
        assert!(Life::default().holds(UNIX_EPOCH));
        assert_eq!(Life::default().changes_after(UNIX_EPOCH), None);
    }
}
