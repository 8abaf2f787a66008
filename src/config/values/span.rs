//! Durations.

use std::time::Duration;

use serde::{
    Deserialize, Deserializer,
    de::{Error, Unexpected},
};

use super::written::{Written, written};

/// A duration: a whole number and a unit, `250ms`, `2s`, `10m`, `12h`, `7d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(pub Duration);

/// A century. Every clock can add it to its time without overflow.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 86_400);

impl Written for Span {
    const NAME: &'static str = "Duration";
    const EXPECTED: &'static str = "a duration such as 250ms, 2s, 10m, 12h or 7d";
    const PATTERN: &'static str = "^[0-9]+(ms|s|m|h|d)$";

    fn read(text: &str) -> Option<Self> {
        let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
        let milliseconds: u64 = match unit {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return None,
        };
        let number: u64 = text.strip_suffix(unit)?.parse().ok()?;
        let span = Duration::from_millis(number.checked_mul(milliseconds)?);
        (span <= LONGEST).then_some(Self(span))
    }
}

written!(Span);

impl From<Span> for Duration {
    fn from(span: Span) -> Self {
        span.0
    }
}

/// For `deserialize_with`: any duration.
pub(in super::super) fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    Ok(Span::deserialize(deserializer)?.0)
}

/// For `deserialize_with`: a duration, or none.
pub(in super::super) fn optional_duration<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Duration>, D::Error> {
    Ok(Option::<Span>::deserialize(deserializer)?.map(|span| span.0))
}

/// For `deserialize_with`: a duration in which something can happen.
pub(in super::super) fn positive_duration<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Duration, D::Error> {
    match Span::deserialize(deserializer)?.0 {
        Duration::ZERO => {
            Err(D::Error::invalid_value(Unexpected::Other("0"), &"a duration longer than zero"))
        }
        span => Ok(span),
    }
}
