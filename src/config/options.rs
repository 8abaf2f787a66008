//! A backend's own part of the configuration, not yet read: only the backend knows its keys.

use std::{fmt, path::Path, sync::Arc};

use serde::de::DeserializeOwned;

use super::{
    Problems, Secrets, Stamps,
    backend::COMMON,
    read::{self, Others, child},
    record::secrets_in,
    tree::{Node, Source},
    yaml,
};

/// The mapping of one backend, with its place in the file, less the keys every backend has.
#[derive(Debug, Clone)]
pub struct Options {
    section: Section,
}

impl Options {
    /// Reads a mapping from YAML text of its own, for tests and for what is not in a file.
    ///
    /// # Errors
    /// Where the text is not YAML.
    pub fn from_yaml(text: &str) -> Result<Self, Problems> {
        let source = Source::new("options".as_ref(), false);
        match yaml::read(text, &source) {
            (Some(node), problems) if problems.is_empty() => {
                Ok(Self::of(Section::new(node, String::new(), source)))
            }
            (_, problems) => Err(problems),
        }
    }

    pub(super) fn of(section: Section) -> Self {
        Self { section }
    }

    /// Reads the options as the backend's own type; every mistake at once, each with its place.
    /// Unknown keys are among them, whatever the type says of unknown keys.
    ///
    /// # Errors
    /// Every mistake in these options.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Problems> {
        match self.examine() {
            (Some(value), problems) if problems.is_empty() => Ok(value),
            (_, problems) => Err(problems),
        }
    }

    /// Reads options as two types, of which the second has the keys `own` and the first all others: for
    /// what several backends take and one of them has more of. Every mistake in both at once.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn read_both<T: DeserializeOwned, U: DeserializeOwned>(
        &self,
        own: &[&str],
    ) -> Result<(T, U), Problems> {
        let Section { node, path, source } = &self.section;
        let others: Vec<&str> = COMMON.iter().chain(own).copied().collect();
        let (first, mut problems) = read::read(node, path, source, Others::Keys(&others));
        let (second, more) = read::read(node, path, source, Others::All);
        problems.extend(more);
        match (first, second) {
            (Some(first), Some(second)) if problems.is_empty() => Ok((first, second)),
            _ => Err(problems),
        }
    }

    /// The secrets that are named or written here, for whoever takes them out of a text; `kind` is the
    /// type of the backend.
    pub fn secrets(&self, kind: &str) -> Secrets {
        Secrets::new(&secrets_in(&self.section.node, &self.section.source, kind))
    }

    /// The same, with as much as could be read beside the mistakes, for a backend that has more to
    /// say of it.
    pub fn examine<T: DeserializeOwned>(&self) -> (Option<T>, Problems) {
        let Section { node, path, source } = &self.section;
        read::read(node, path, source, Others::Keys(COMMON))
    }

    /// Where `key` of these options stands: the file, the line and the column.
    pub fn place(&self, key: &str) -> (Arc<Path>, usize, usize) {
        let place = self.section.node.place_of(key);
        (Arc::clone(&self.section.source.file), place.line, place.column)
    }

    /// The problem `message` about `key` of these options (empty: about all of them), for what
    /// only the backend can judge. A key further in is `names[3].uri`.
    pub fn wrong(&self, key: &str, message: &str) -> Problems {
        self.section.wrong(key, message)
    }
}

/// A part of the file that outlives its reading. `Debug` shows where it is and not what stands
/// there: a header may be as good as a password.
#[derive(Clone)]
pub(super) struct Section {
    node: Arc<Node>,
    path: String,
    source: Source,
}

impl fmt::Debug for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{} {}", self.source.file.display(), self.line(), self.path)
    }
}

impl Section {
    pub(super) fn new(node: Node, path: String, source: Source) -> Self {
        Self { node: Arc::new(node), path, source }
    }

    pub(super) fn secret_files(&self) -> Stamps {
        self.source.secret_files.stamps()
    }

    /// See [`Node::canonical`].
    pub(super) fn canonical(&self) -> String {
        self.node.canonical()
    }

    /// What was written.
    pub(super) fn node(&self) -> &Node {
        &self.node
    }

    /// The file it stands in.
    pub(super) fn source(&self) -> &Source {
        &self.source
    }

    /// The line it begins in.
    pub(super) fn line(&self) -> usize {
        self.node.place.line
    }

    pub(super) fn wrong(&self, key: &str, message: &str) -> Problems {
        let place = self.node.place_of(key);
        let path = if key.is_empty() { self.path.clone() } else { child(&self.path, key) };
        Problems::from(self.source.problem(place, &path, message))
    }
}
