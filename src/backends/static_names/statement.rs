//! What one row of a names file, or one of the names in the configuration, says, and where it says it.

use std::{path::Path, sync::Arc};

use crate::{config::Problem, names::Entry};

/// What is said of a name.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// The names it is about; and where they lead, if they do.
    pub entry: Entry,
    pub says: Says,
    pub place: Place,
}

/// What a statement makes of its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Says {
    /// It leads to the address of the entry.
    Leads,
    /// It is another name of the entries with this name, wherever they lead.
    AliasOf(String),
    /// It is not there, whatever earlier layers say.
    Hidden,
    /// It is answered by nobody.
    Denied,
}

/// Where something was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub file: Arc<Path>,
    /// Counted from 1.
    pub line: usize,
    pub column: usize,
}

impl Place {
    /// A mistake there.
    pub(super) fn problem(&self, key: &str, message: String) -> Problem {
        let Self { file, line, column } = self;
        Problem { file: file.to_path_buf(), line: *line, column: *column, key: key.to_owned(), message }
    }
}
