//! A row of what somebody may be typing.

/// A name that goes on from what was typed, and where it leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    pub name: String,
    /// Empty where there is none.
    pub description: String,
    pub uri: String,
    /// Whether it goes on from what was typed only if a letter slipped.
    pub has_slipped: bool,
}
