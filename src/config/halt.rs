//! Why the reading of a value stopped.

use std::fmt;

use serde::de::{Error, Expected, Unexpected};

use super::{
    nearest,
    tree::{Node, Place},
};

/// The first mistake that serde met. The innermost value it passes on its way out gives it its place.
#[derive(Debug)]
pub(super) struct Halt {
    pub(super) message: String,
    /// Whether the message still lacks what was found instead.
    wants_found: bool,
    /// The key that is required and absent.
    pub(super) missing: Option<&'static str>,
    pub(super) at: Option<(String, Place)>,
}

impl Halt {
    /// Something else was expected than what stands there.
    pub(super) fn expected(expected: impl fmt::Display) -> Self {
        Self { wants_found: true, ..Self::custom(format_args!("expected {expected}")) }
    }

    /// Gives the mistake its place, unless a value further in has done so.
    pub(super) fn at(mut self, path: &str, node: &Node) -> Self {
        if self.at.is_none() {
            if self.wants_found {
                self.message = format!("{}, found {}", self.message, node.describe());
            }
            self.at = Some((path.to_owned(), node.place));
        }
        self
    }
}

impl Error for Halt {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self { message: message.to_string(), wants_found: false, missing: None, at: None }
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::expected(expected)
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::expected(expected)
    }

    fn invalid_length(_: usize, expected: &dyn Expected) -> Self {
        Self::expected(expected)
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::custom(nearest::unknown(variant, expected))
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self::custom(nearest::unknown(field, expected))
    }

    fn missing_field(field: &'static str) -> Self {
        Self { missing: Some(field), ..Self::custom(format_args!("the key {field:?} is required")) }
    }
}

impl fmt::Display for Halt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Halt {}
