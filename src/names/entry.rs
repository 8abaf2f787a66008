//! What an index holds, and what it gives back.

use crate::model::{Likeness, Property};

/// One resource of a map and what it is called.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Entry {
    pub name: String,
    /// Other names, each as good as the first.
    pub aliases: Vec<String>,
    pub uri: String,
    pub description: String,
    pub properties: Vec<Property>,
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
