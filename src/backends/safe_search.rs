//! How much an engine leaves out of what is not for everybody.

use std::{borrow::Cow, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer,
    de::{Error, Visitor},
};

/// The option `safe_search`, a number as in most engines. Those that know two levels take moderate
/// for strict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum SafeSearch {
    Off = 0,
    Moderate = 1,
    Strict = 2,
}

impl SafeSearch {
    /// For engines that only know on and off.
    pub(super) fn is_on(self) -> bool {
        self > Self::Off
    }

    /// The number, for engines that take it.
    pub(super) fn number(self) -> u8 {
        self as u8
    }
}

impl<'de> Deserialize<'de> for SafeSearch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Level;

        impl Visitor<'_> for Level {
            type Value = SafeSearch;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("0 (none), 1 (moderate) or 2 (strict)")
            }

            fn visit_i64<E: Error>(self, level: i64) -> Result<SafeSearch, E> {
                match level {
                    0 => Ok(SafeSearch::Off),
                    1 => Ok(SafeSearch::Moderate),
                    2 => Ok(SafeSearch::Strict),
                    _ => Err(E::invalid_value(serde::de::Unexpected::Signed(level), &self)),
                }
            }

            fn visit_u64<E: Error>(self, level: u64) -> Result<SafeSearch, E> {
                self.visit_i64(i64::try_from(level).unwrap_or(i64::MAX))
            }
        }

        deserializer.deserialize_any(Level)
    }
}

impl JsonSchema for SafeSearch {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "SafeSearch".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": 0, "maximum": 2 })
    }
}
