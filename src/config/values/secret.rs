//! Secrets: named in the configuration, never written in it.

use std::{borrow::Cow, env, fmt, io, path::Path};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer,
    de::{Error, Visitor},
};

use super::super::{
    REDACTED, open,
    tree::{Node, Source},
};

/// The name by which the deserializer knows the type.
pub(in super::super) const SECRET: &str = "Secret";

/// A secret, read from where `{env: NAME}` or `{file: PATH}` says. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The secret itself, for the request that needs it and nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(SECRET, Revealed).map(Self)
    }
}

/// Takes the text that the deserializer found.
pub(super) struct Revealed;

impl<'de> Visitor<'de> for Revealed {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(EXPECTED)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        String::deserialize(deserializer)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }
}

impl JsonSchema for Secret {
    fn schema_name() -> Cow<'static, str> {
        SECRET.into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "description": "Where a secret is read from: a variable of the environment, or a file",
            "properties": {
                "env": { "type": "string", "description": "The name of a variable of the environment" },
                "file": { "type": "string", "description": "A file, relative to the configuration file" }
            },
            "additionalProperties": false,
            "minProperties": 1,
            "maxProperties": 1
        })
    }
}

const EXPECTED: &str = "{env: NAME} or {file: PATH}";

/// Reads the secret that `node` names. What goes wrong is said without what stands there: somebody
/// may have written the secret itself.
pub(in super::super) fn reveal(node: &Node, source: &Source) -> Result<String, String> {
    let [entry] = node.entries() else { return Err(misplaced()) };
    if source.is_record {
        return Ok(REDACTED.to_owned());
    }
    let revealed = match (entry.key.as_str(), entry.node.text()) {
        ("env", Some(name)) => {
            env::var(name).map_err(|_| format!("the environment has no readable variable {name}"))
        }
        ("file", Some(path)) => content(&source.folder().join(path), source)
            .map_err(|error| format!("the file {path} can't be read: {error}")),
        _ => return Err(misplaced()),
    }?;
    // An editor ends a file with a line break that is no part of the secret.
    let secret = revealed.trim_end_matches(['\r', '\n']);
    if secret.is_empty() { Err(format!("the {} is empty", what(&entry.key))) } else { Ok(secret.to_owned()) }
}

fn content(path: &Path, source: &Source) -> io::Result<String> {
    source.secret_files.note(path);
    open(path).and_then(io::read_to_string)
}

fn misplaced() -> String {
    format!("expected {EXPECTED}: a secret is not written here")
}

fn what(key: &str) -> &'static str {
    if key == "env" { "variable of the environment" } else { "file" }
}
