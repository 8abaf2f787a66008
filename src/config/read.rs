//! From a tree to the types that derive `Deserialize`, with every mistake at once.
//!
//! serde stops at the first mistake. So the value that was wrong is left out, as if the key had
//! not been written, and the tree is read again, until all of it is read or nothing is left to
//! leave out.

use std::{cell::RefCell, collections::HashSet};

use serde::de::DeserializeOwned;

use super::{
    Problems,
    de::ValueReader,
    halt::Halt,
    nearest,
    tree::{Entry, Node, Source},
};

/// A file with more mistakes than this is not the kind of file it is taken for.
const MOST_PROBLEMS: usize = 50;

/// Keys of the outermost mapping that are somebody else's to read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Others<'a> {
    /// Every key that the type does not have.
    All,
    /// These; any other is a mistake.
    Keys(&'a [&'a str]),
}

/// One pass over a tree.
pub(super) struct Pass<'a> {
    pub(super) source: &'a Source,
    root: &'a str,
    others: Others<'a>,
    left_out: &'a HashSet<String>,
    unknown: RefCell<Problems>,
}

impl Pass<'_> {
    /// Whether the value at `path` was found to be wrong before.
    pub(super) fn leaves_out(&self, path: &str) -> bool {
        !self.left_out.is_empty() && self.left_out.contains(path)
    }

    /// The keys that a struct with `fields` at `path` may have, for a message.
    pub(super) fn keys(&self, path: &str, fields: &[&str]) -> String {
        let others = match self.others {
            Others::Keys(keys) if path == self.root => keys,
            _ => &[],
        };
        fields.iter().chain(others).copied().collect::<Vec<_>>().join(", ")
    }

    /// Whether a struct with `fields` at `path` has this key; one that nobody knows is written down.
    pub(super) fn knows(&self, path: &str, entry: &Entry, fields: &[&str]) -> bool {
        let key = entry.key.as_str();
        if fields.contains(&key) {
            return true;
        }
        let others = match self.others {
            Others::All if path == self.root => return false,
            Others::Keys(keys) if path == self.root => keys,
            _ => &[],
        };
        if !others.contains(&key) {
            let known: Vec<&str> = fields.iter().chain(others).copied().collect();
            let message = nearest::unknown_key(key, &known);
            self.unknown.borrow_mut().add(self.source.problem(entry.place, &child(path, key), message));
        }
        false
    }
}

/// Reads `node`, which stands at the key path `root`. What can be read is read even where there
/// are mistakes; `None` where too much is missing.
pub(super) fn read<T: DeserializeOwned>(
    node: &Node,
    root: &str,
    source: &Source,
    others: Others<'_>,
) -> (Option<T>, Problems) {
    let mut problems = Problems::default();
    let mut left_out = HashSet::new();
    while problems.0.len() < MOST_PROBLEMS {
        let unknown = RefCell::default();
        let pass = Pass { source, root, others, left_out: &left_out, unknown };
        let value = T::deserialize(ValueReader::new(&pass, root.to_owned(), node));
        problems.extend(pass.unknown.into_inner());
        let halt = match value {
            Ok(value) => return (Some(value), problems),
            Err(halt) => halt.at(root, node),
        };
        let Some(path) = write_down(halt, source, &left_out, &mut problems) else { break };
        if path == root || !left_out.insert(path) {
            break;
        }
    }
    (None, problems)
}

/// Adds the mistake and says which value to leave out. A required key whose value was left out is
/// not missing: its mistake has been told.
fn write_down(
    halt: Halt,
    source: &Source,
    left_out: &HashSet<String>,
    problems: &mut Problems,
) -> Option<String> {
    let (path, place) = halt.at?;
    let is_told = halt.missing.is_some_and(|key| left_out.contains(&child(&path, key)));
    if !is_told {
        problems.add(source.problem(place, &path, halt.message));
    }
    Some(path)
}

/// The path of a key inside the mapping at `path`.
pub(super) fn child(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}
