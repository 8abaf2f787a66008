//! Common names: what a person says, as typed and as compared.
//!
//! This is the one normaliser. Every comparison of two names, wherever they come from, is a
//! comparison of the forms made here, so what people take for one name is decided in one place:
//! [`fold`] takes away how a name was typed (width, case, composed or not, invisible characters),
//! [`letters`] takes away how it was written (diacritics, spaces, punctuation). Letters that only
//! look alike, such as Latin and Cyrillic o, are never taken for each other.

mod fold;
pub(crate) mod forms;
pub(crate) mod legal_forms;
mod letters;

use std::{borrow::Cow, iter};

pub use letters::Script;

/// A common name. Two spellings that people take for the same name have the same [`key`].
///
/// [`key`]: CommonName::key
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CommonName {
    shown: Box<str>,
    folded: Box<str>,
    key: Box<str>,
}

impl CommonName {
    /// Reads a name as typed; `None` if nothing is left after trimming (R7), or nothing that can
    /// be seen.
    pub fn new(typed: &str) -> Option<Self> {
        let shown = collapsed(typed);
        let folded = fold::fold(&shown);
        if folded.is_empty() {
            return None;
        }
        let key = letters::key(&folded);
        Some(Self { key: key.into(), folded: folded.into(), shown: shown.into() })
    }

    /// As typed, trimmed, inner white space collapsed (D8): what is shown and sent on.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// NFKC, case-folded, zero-width characters out, words kept apart by one space: names that a
    /// search engine would take for the same question are equal in this form.
    pub fn folded(&self) -> &str {
        &self.folded
    }

    /// The form that is compared: folded, and without diacritics, spaces and punctuation.
    /// Never empty: a name of punctuation alone keeps it.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The words of the folded form.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.folded.split(' ')
    }

    /// The key of a part of a folded name; empty where the part is punctuation alone.
    pub fn key_of_part(folded: &str) -> String {
        letters::bare_key(folded)
    }

    /// The name with umlauts and their like written out, as people do whose keyboard lacks them:
    /// `Muenchen` for `München`, whose key is `munchen`. `None` where nothing is to be written out.
    pub fn spelt_out(&self) -> Option<Self> {
        letters::spelt_out(&self.folded).and_then(|text| Self::new(&text))
    }

    /// The keys under which a name is kept and asked for: its own, and that with umlauts written out.
    /// Two names that share a key are one name to whoever asks.
    pub fn keys(&self) -> impl Iterator<Item = Cow<'_, str>> {
        let spelt_out = self.spelt_out().map(|name| Cow::Owned(name.key.into_string()));
        iter::once(Cow::Borrowed(self.key())).chain(spelt_out)
    }
}

/// Trimmed, with each run of white space made one space.
fn collapsed(text: &str) -> Cow<'_, str> {
    let is_tidy = text.trim().len() == text.len()
        && !text.contains("  ")
        && !text.contains(|c: char| c != ' ' && c.is_whitespace());
    if is_tidy {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests;
