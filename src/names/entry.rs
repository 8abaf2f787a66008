//! What an index holds, and what it gives back.

use super::Life;
use crate::model::{Likeness, Property};

/// One resource of a map and what it is called.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Entry {
    pub name: String,
    /// Other names, each as good as the first.
    pub aliases: Vec<String>,
    /// Where it leads; may hold the parameters `{rest}` and `{query}` ([`super::parameters`]).
    pub uri: String,
    /// Where the name alone leads, if `uri` has parameters; empty: where `uri` leads without them.
    pub plain: String,
    pub description: String,
    pub properties: Vec<Property>,
    /// When it is answered.
    pub life: Life,
    /// Who looks after it. For the operator; no answer carries it.
    pub owner: String,
    /// What the operator should know. No answer carries it.
    pub note: String,
}

impl Entry {
    /// Every name it goes by, the first one first.
    pub fn names(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.name).chain(&self.aliases)
    }
}

/// An entry that a name may mean.
#[derive(Debug, Clone, PartialEq)]
pub struct Match {
    pub entry: Entry,
    pub likeness: Likeness,
}
