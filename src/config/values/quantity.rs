//! Sizes and bounded numbers.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, Unexpected, Visitor},
};

use super::written::{Written, written};

/// A size in bytes: a whole number and a unit, `512B`, `64KiB`, `64MiB`, `2GiB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Size(pub u64);

impl Written for Size {
    const NAME: &'static str = "Size";
    const EXPECTED: &'static str = "a size such as 512B, 64KiB, 64MiB or 2GiB";
    const PATTERN: &'static str = "^[0-9]+(B|KiB|MiB|GiB)$";

    fn read(text: &str) -> Option<Self> {
        let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
        let bytes: u64 = match unit {
            "B" => 1,
            "KiB" => 1 << 10,
            "MiB" => 1 << 20,
            "GiB" => 1 << 30,
            _ => return None,
        };
        let number: u64 = text.strip_suffix(unit)?.parse().ok()?;
        number.checked_mul(bytes).filter(|size| usize::try_from(*size).is_ok()).map(Self)
    }
}

written!(Size);

impl From<Size> for u64 {
    fn from(size: Size) -> Self {
        size.0
    }
}

impl From<Size> for usize {
    /// On a machine whose addresses are shorter than the size, as much as there can be.
    fn from(size: Size) -> Self {
        Self::try_from(size.0).unwrap_or(Self::MAX)
    }
}

/// For `deserialize_with`: how many of something, where none would make it useless.
///
/// # Errors
/// Where the value is no whole number, or 0.
pub fn at_least_one<'de, D: Deserializer<'de>, N: TryFrom<u32>>(deserializer: D) -> Result<N, D::Error> {
    let number = deserializer.deserialize_any(AtLeastOne)?;
    N::try_from(number).map_err(|_| D::Error::invalid_value(Unexpected::Unsigned(number.into()), &AtLeastOne))
}

struct AtLeastOne;

impl Visitor<'_> for AtLeastOne {
    type Value = u32;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a whole number from 1 to {}", u32::MAX)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<u32, E> {
        let fits = u32::try_from(number).ok().filter(|number| *number > 0);
        fits.ok_or_else(|| E::invalid_value(Unexpected::Signed(number), &self))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<u32, E> {
        let fits = u32::try_from(number).ok().filter(|number| *number > 0);
        fits.ok_or_else(|| E::invalid_value(Unexpected::Unsigned(number), &self))
    }
}

/// For `deserialize_with`: a part of a whole.
///
/// # Errors
/// Where the value is no number, or not one from 0 to 1.
pub fn share<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    match f64::deserialize(deserializer)? {
        number if (0.0..=1.0).contains(&number) => Ok(number),
        number => Err(D::Error::invalid_value(Unexpected::Float(number), &"a number from 0 to 1")),
    }
}

/// For `deserialize_with`: a number above zero.
///
/// # Errors
/// Where the value is no number, or not above zero.
pub fn positive_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    match f64::deserialize(deserializer)? {
        number if number > 0.0 => Ok(number),
        number => Err(D::Error::invalid_value(Unexpected::Float(number), &"a number above 0")),
    }
}
