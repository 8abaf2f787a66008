//! Rates: so many in so long.

use std::{fmt, time::Duration};

use super::written::{Written, written};

/// At most `count` in each period: `50/s`, `100/m`, `1000/h`, `100/d`, `2000/month`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rate {
    /// At least 1.
    pub count: u32,
    pub period: Period,
}

/// What a rate is counted over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Period {
    Second,
    Minute,
    Hour,
    Day,
    Month,
}

impl Period {
    /// How long it is; a month has 30 days.
    pub fn length(self) -> Duration {
        Duration::from_secs(match self {
            Self::Second => 1,
            Self::Minute => 60,
            Self::Hour => 3_600,
            Self::Day => 86_400,
            Self::Month => 30 * 86_400,
        })
    }

    /// Whether such a rate is a budget that is bought, rather than a pace that is kept.
    pub fn is_budget(self) -> bool {
        matches!(self, Self::Day | Self::Month)
    }

    fn unit(self) -> &'static str {
        match self {
            Self::Second => "s",
            Self::Minute => "m",
            Self::Hour => "h",
            Self::Day => "d",
            Self::Month => "month",
        }
    }
}

impl Written for Rate {
    const NAME: &'static str = "Rate";
    const EXPECTED: &'static str = "a rate such as 50/s, 100/m, 1000/h, 100/d or 2000/month";
    const PATTERN: &'static str = "^[0-9]+/(s|m|h|d|month)$";

    fn read(text: &str) -> Option<Self> {
        use Period::{Day, Hour, Minute, Month, Second};
        let (count, unit) = text.split_once('/')?;
        let period = [Second, Minute, Hour, Day, Month].into_iter().find(|period| period.unit() == unit)?;
        let is_whole = count.bytes().all(|byte| byte.is_ascii_digit());
        let count = count.parse().ok().filter(|count| is_whole && *count > 0)?;
        Some(Self { count, period })
    }
}

written!(Rate);

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.count, self.period.unit())
    }
}
