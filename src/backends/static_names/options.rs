//! The options of a static map, as the operator writes them.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Allowed, bounded, rows::check_uri};
use crate::{
    config::{Options, Problems, values::Properties},
    model::CommonName,
    names::Entry,
};

/// Names written down: in the configuration itself, in files, or both.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct StaticOptions {
    /// Names, the best known first.
    names: Vec<NameOption>,
    /// Files of names, relative to the configuration file: CSV with a header
    /// (name,uri,description,aliases,language,geography,category), YAML or JSON lines, each also
    /// with `.gz`. Read again when they change. `builtin:starter` is the map of well-known names
    /// inside the program.
    pub(super) files: Vec<PathBuf>,
    /// A file that `cnrp index build` wrote, for names by the million. Opened again when it is
    /// replaced. Its names come after those of `names` and `files`.
    pub(super) index: Option<PathBuf>,
    /// Whether a name one slip of the finger away is found where no other is, or one with its words
    /// in another order, one missing or one too many.
    pub(super) fuzzy: bool,
    /// Schemes that can run code or read files where they are followed (javascript, data,
    /// vbscript, blob, file, ...) and that names may lead to all the same.
    allow_schemes: Vec<String>,
}

impl Default for StaticOptions {
    fn default() -> Self {
        Self { names: Vec::new(), files: Vec::new(), index: None, fuzzy: true, allow_schemes: Vec::new() }
    }
}

/// A name and where it leads.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NameOption {
    name: String,
    /// Other names for the same.
    #[serde(default)]
    aliases: Vec<String>,
    /// An absolute URI.
    uri: String,
    #[serde(default)]
    description: String,
    /// What the resource is about: `language`, `geography`, `category`, or a name that begins with
    /// `x-`; each a value, a list of values, or a value with its type.
    #[serde(default)]
    properties: Properties,
}

impl StaticOptions {
    pub(super) fn allowed(&self) -> Allowed {
        self.allow_schemes.iter().map(|scheme| scheme.trim_end_matches(':').to_ascii_lowercase()).collect()
    }

    /// The entries of the names written in the configuration itself.
    pub(super) fn entries(&self, options: &Options, allowed: &Allowed) -> Result<Vec<Entry>, Problems> {
        let mut problems = Problems::default();
        let mut entries = Vec::with_capacity(self.names.len());
        for (place, option) in self.names.iter().enumerate() {
            let mut wrong = |key: &str, message: &str| {
                problems.0.extend(options.wrong(&format!("names[{place}].{key}"), message).0);
            };
            if CommonName::new(&option.name).is_none() {
                wrong("name", "is empty; expected a common name");
            }
            if let Err(message) = check_uri(&option.uri, allowed) {
                wrong("uri", &message);
            }
            entries.push(option.entry());
        }
        if problems.0.is_empty() { Ok(entries) } else { Err(bounded(problems, 0)) }
    }
}

impl NameOption {
    fn entry(&self) -> Entry {
        Entry {
            name: self.name.clone(),
            aliases: self.aliases.clone(),
            uri: self.uri.trim().to_owned(),
            description: self.description.clone(),
            properties: self.properties.0.clone(),
        }
    }
}
