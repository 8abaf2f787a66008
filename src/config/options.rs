//! A backend's own part of the configuration, not yet read: only the backend knows its keys.

use serde::de::DeserializeOwned;

use super::{Problem, Problems};

/// The mapping of one backend, with its place in the file, less the keys every backend has.
#[derive(Debug, Clone)]
pub struct Options {
    text: String,
}

impl Options {
    /// Reads a mapping from YAML text of its own, for tests and for what is not in a file.
    ///
    /// # Errors
    /// Where the text is no mapping.
    pub fn from_yaml(text: &str) -> Result<Self, Problems> {
        Ok(Self { text: text.to_owned() })
    }

    /// Reads the options as the backend's own type; every mistake at once, each with its place.
    ///
    /// # Errors
    /// Every mistake in these options.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Problems> {
        serde_saphyr::from_str(&self.text).map_err(|error| self.wrong("", &error.to_string()))
    }

    /// The problem `message` about `key` of these options (empty: about all of them), for what
    /// only the backend can judge.
    pub fn wrong(&self, key: &str, message: &str) -> Problems {
        Problems(vec![Problem {
            file: "options".into(),
            line: 1,
            column: 1,
            key: key.to_owned(),
            message: message.to_owned(),
        }])
    }
}
