//! A cursor over a piece of markup.

use super::characters::{is_name_char, is_name_start, is_space};

/// What is left of a piece of markup, and where the piece ends in the document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scan<'a> {
    pub(super) rest: &'a str,
    end: usize,
}

impl<'a> Scan<'a> {
    /// A cursor over `source`, which begins at the byte `at` of the document.
    pub(super) fn new(source: &'a str, at: usize) -> Self {
        Self { rest: source, end: at + source.len() }
    }

    /// The byte of the document that comes next.
    pub(super) fn at(&self) -> usize {
        self.end - self.rest.len()
    }

    /// Skips white space; whether there was any.
    pub(super) fn space(&mut self) -> bool {
        let before = self.rest.len();
        self.rest = self.rest.trim_start_matches(is_space);
        self.rest.len() < before
    }

    /// Skips `expected`; whether it was there.
    pub(super) fn eat(&mut self, expected: &str) -> bool {
        let after = self.rest.strip_prefix(expected);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    /// Skips everything up to and including `end`; whether it was there.
    pub(super) fn past(&mut self, end: &str) -> bool {
        let after = self.rest.split_once(end).map(|(_, after)| after);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    /// An XML name.
    pub(super) fn name(&mut self) -> Option<&'a str> {
        if !self.rest.starts_with(is_name_start) {
            return None;
        }
        let length = self.rest.find(|c| !is_name_char(c)).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(name)
    }

    /// `=`, with white space about it.
    pub(super) fn equals(&mut self) -> bool {
        self.space();
        let found = self.eat("=");
        self.space();
        found
    }

    /// What stands between two quotes of the same kind.
    pub(super) fn quoted(&mut self) -> Option<&'a str> {
        let quote = self.rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let (value, rest) = self.rest.get(1..)?.split_once(quote)?;
        self.rest = rest;
        Some(value)
    }
}
