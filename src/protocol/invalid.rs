//! A document that can't be read: where, and why.

use crate::model::{Status, StatusCode};

/// Why a document could not be read, and at which place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {reason}")]
pub struct Invalid {
    /// Counted from 1.
    pub line: usize,
    /// In characters, counted from 1.
    pub column: usize,
    pub reason: String,
}

impl Invalid {
    /// What is wrong at the byte `offset` of `text`.
    pub(super) fn at(text: &str, offset: usize, reason: impl Into<String>) -> Self {
        let offset = (0..=offset.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let before = text.get(..offset).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default();
        Self {
            line: before.bytes().filter(|byte| *byte == b'\n').count() + 1,
            column: line.chars().count() + 1,
            reason: reason.into(),
        }
    }
}

/// A request that can't be read is answered with the place and the reason (D13).
impl From<Invalid> for Status {
    fn from(invalid: Invalid) -> Self {
        Self::new(StatusCode::NOT_INTERPRETABLE, invalid.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_line_and_a_column_of_characters() {
        let place = |offset| {
            let invalid = Invalid::at("ab\né東c\n", offset, "x");
            (invalid.line, invalid.column)
        };
        assert_eq!(place(0), (1, 1));
        assert_eq!(place(2), (1, 3));
        assert_eq!(place(3), (2, 1));
        assert_eq!(place(8), (2, 3));
        assert_eq!(place(6), (2, 2), "within a character is where it begins");
        assert_eq!(place(99), (3, 1));
    }
}
