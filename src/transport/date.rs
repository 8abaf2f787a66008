//! The Date of answers (RFC 9110 section 6.6.1). hyper writes one as well, but keeps it until the clock is past the second
//! for which it was written: once a clock was put back, it would tell clients and caches of the future until that comes.

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use arc_swap::ArcSwap;
use http::HeaderValue;

/// Writes the date once a second, whichever way the clock goes.
pub(super) struct Dates(ArcSwap<Written>);

/// A date, and the second for which it was written.
struct Written {
    second: Duration,
    date: HeaderValue,
}

impl Dates {
    pub(super) fn new(wall: SystemTime) -> Self {
        Self(ArcSwap::from_pointee(Written::at(wall)))
    }

    /// The date at `wall`.
    pub(super) fn at(&self, wall: SystemTime) -> HeaderValue {
        let written = self.0.load();
        if written.second == second(wall) {
            return written.date.clone();
        }
        let written = Arc::new(Written::at(wall));
        self.0.store(Arc::clone(&written));
        written.date.clone()
    }
}

impl Written {
    fn at(wall: SystemTime) -> Self {
        let second = second(wall);
        let text = httpdate::fmt_http_date(UNIX_EPOCH + second);
        // A date is ASCII; without a value for it the header would be empty, which clients ignore.
        let date = HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""));
        Self { second, date }
    }
}

/// Whole seconds of a wall clock; the first for one that is before 1970.
fn second(wall: SystemTime) -> Duration {
    let since = wall.duration_since(UNIX_EPOCH).unwrap_or_default();
    Duration::from_secs(since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_follows_the_clock_whichever_way_it_goes() {
        let at = |second, millis| UNIX_EPOCH + Duration::from_secs(second) + Duration::from_millis(millis);
        let dates = Dates::new(at(784_111_777, 0));
        for (wall, expected) in [
            (at(784_111_777, 999), "Sun, 06 Nov 1994 08:49:37 GMT"),
            (at(784_111_778, 0), "Sun, 06 Nov 1994 08:49:38 GMT"),
            (at(784_111_777, 500), "Sun, 06 Nov 1994 08:49:37 GMT"),
            (UNIX_EPOCH - Duration::from_secs(1), "Thu, 01 Jan 1970 00:00:00 GMT"),
        ] {
            assert_eq!(dates.at(wall), expected);
        }
    }
}
