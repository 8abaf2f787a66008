//! A YAML document as a tree in which everything knows its place in the file.

use std::{path::Path, sync::Arc};

use super::{Problem, nearest::quoted, stamp::Looked};

/// Where something begins; both count from 1, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) line: usize,
    pub(super) column: usize,
}

impl Place {
    /// The beginning of a file.
    pub(super) const START: Self = Self { line: 1, column: 1 };
}

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) value: Value,
}

/// What a value is, as written: what a scalar means is for whoever asks.
#[derive(Debug, Clone)]
pub(super) enum Value {
    /// `is_plain`: written without quotes, so that it may be a number, `true` or nothing.
    Scalar {
        text: String,
        is_plain: bool,
    },
    List(Vec<Node>),
    Mapping(Vec<Entry>),
}

/// One key of a mapping and its value.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) place: Place,
    pub(super) node: Node,
}

/// The file that a tree was read from.
#[derive(Debug, Clone)]
pub(super) struct Source {
    pub(super) file: Arc<Path>,
    /// Whether secrets are withheld: [`REDACTED`](super::REDACTED) stands for each, wherever it would
    /// be read from.
    pub(super) is_record: bool,
    /// From where secrets were read.
    pub(super) secret_files: Looked,
}

impl Source {
    pub(super) fn new(file: &Path, is_record: bool) -> Self {
        Self { file: file.into(), is_record, secret_files: Looked::default() }
    }

    /// A mistake in this file.
    pub(super) fn problem(&self, place: Place, key: &str, message: impl Into<String>) -> Problem {
        Problem {
            file: self.file.to_path_buf(),
            line: place.line,
            column: place.column,
            key: key.to_owned(),
            message: message.into(),
        }
    }

    /// What relative paths are relative to.
    pub(super) fn folder(&self) -> &Path {
        self.file.parent().unwrap_or(Path::new(""))
    }
}

impl Node {
    /// What was written here and below, without where: equal for two nodes that mean the same,
    /// whatever the order of their keys.
    pub(super) fn canonical(&self) -> String {
        match &self.value {
            Value::Scalar { text, is_plain } => format!("{is_plain}{text:?}"),
            Value::List(items) => {
                format!("[{}]", items.iter().map(Self::canonical).collect::<Vec<_>>().join(","))
            }
            Value::Mapping(entries) => {
                let mut pairs: Vec<_> = entries
                    .iter()
                    .map(|entry| format!("{:?}:{}", entry.key, entry.node.canonical()))
                    .collect();
                pairs.sort_unstable();
                format!("{{{}}}", pairs.join(","))
            }
        }
    }

    /// A mapping without keys: what an empty file means.
    pub(super) fn empty() -> Self {
        Self { place: Place::START, value: Value::Mapping(Vec::new()) }
    }

    /// Whether nothing was written here, or `null`, or `~`.
    pub(super) fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, is_plain: true }
            if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// Whether what was written means the same as if it were not: nothing, or a list, a mapping or a
    /// text of nothing.
    pub(super) fn is_nothing(&self) -> bool {
        match &self.value {
            Value::Scalar { text, .. } => self.is_null() || text.is_empty(),
            Value::List(items) => items.is_empty(),
            Value::Mapping(entries) => entries.is_empty(),
        }
    }

    /// The text of a scalar that is something.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } if !self.is_null() => Some(text),
            _ => None,
        }
    }

    /// The text of a scalar written without quotes.
    pub(super) fn plain(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, is_plain: true } => Some(text),
            _ => None,
        }
    }

    /// The keys of a mapping; none for anything else.
    pub(super) fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Mapping(entries) => entries,
            _ => &[],
        }
    }

    /// The value of a key.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|entry| entry.key == key).map(|entry| &entry.node)
    }

    /// The value of a key, to be changed.
    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut Self> {
        let Value::Mapping(entries) = &mut self.value else { return None };
        entries.iter_mut().find(|entry| entry.key == key).map(|entry| &mut entry.node)
    }

    /// Takes a key out of a mapping.
    pub(super) fn take(&mut self, key: &str) -> Option<Entry> {
        let Value::Mapping(entries) = &mut self.value else { return None };
        let place = entries.iter().position(|entry| entry.key == key)?;
        Some(entries.remove(place))
    }

    /// Where `path` (`limits.per_client.burst`, `names[3].uri`) stands, or as much of it as there is.
    pub(super) fn place_of(&self, path: &str) -> Place {
        let mut node = self;
        for step in path.split(['.', '[']).filter(|step| !step.is_empty()) {
            let next = match (&node.value, step.strip_suffix(']')) {
                (Value::List(items), Some(index)) => index.parse().ok().and_then(|at: usize| items.get(at)),
                _ => node.get(step),
            };
            let Some(next) = next else { break };
            node = next;
        }
        node.place
    }

    /// What stands here, for a message that says what was expected instead.
    pub(super) fn describe(&self) -> String {
        match &self.value {
            Value::List(_) => "a list".to_owned(),
            Value::Mapping(_) => "a mapping".to_owned(),
            Value::Scalar { .. } if self.is_null() => "nothing".to_owned(),
            // An address may carry a user's password.
            Value::Scalar { text, .. } if text.contains("://") && text.contains('@') => {
                "an address with credentials".to_owned()
            }
            // Without quotes, so that a number is told from text of the same digits.
            Value::Scalar { text, is_plain: true } if text.parse::<f64>().is_ok() => text.clone(),
            Value::Scalar { text, .. } => quoted(text),
        }
    }
}
