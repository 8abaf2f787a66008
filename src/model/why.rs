//! Why a resource is in an answer, in terms that a person can check.

use super::{Likeness, Tier};

/// The evidence for a resource, and who gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    pub tier: Tier,
    /// How the best witness's name relates to the name asked.
    pub likeness: Likeness,
    /// The sources that found it, of tier B those that agree on its site, by their configured names, the
    /// best witness first.
    pub sources: Vec<String>,
}
