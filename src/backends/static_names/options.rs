//! The options of a static map, as the operator writes them.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, de::Error};

use super::{Allowed, Place, Says, Statement, bounded, rows::mistakes};
use crate::{
    config::{Options, Problems, values::Properties},
    names::{Entry, Life, Moment},
};

/// Names written down: in the configuration itself, in files, or both.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct StaticOptions {
    /// Names, the best known first.
    names: Vec<NameOption>,
    /// Files of names, relative to the configuration file: CSV with a header
    /// (name,uri,description,aliases,language,geography,category), YAML or JSON lines, each also
    /// with `.gz`. Read again when they change. An entry takes the place of those that earlier files
    /// have for its name; `names` have the last word. `builtin:starter` is the map of well-known
    /// names inside the program.
    pub(super) files: Vec<PathBuf>,
    /// A file that `cnrp index build` wrote, for names by the million. Opened again when it is
    /// replaced. What `names` and `files` say of a name takes the place of what it says.
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
    /// An absolute URI. `{rest}` and `{query}` in its path, query or fragment stand for what
    /// follows the name: as a path, and as one piece of text.
    #[serde(default)]
    uri: String,
    /// Where the name alone leads, if `uri` has parameters; by default where it leads without them.
    #[serde(default)]
    plain: String,
    #[serde(default)]
    description: String,
    /// What the resource is about: `language`, `geography`, `category`, or a name that begins with
    /// `x-`; each a value, a list of values, or a value with its type.
    #[serde(default)]
    properties: Properties,
    /// When it is answered: from a day such as 2026-12-31 or a moment such as
    /// 2026-12-31T18:00:00+01:00 on.
    #[serde(default, deserialize_with = "beginning")]
    #[schemars(with = "Option<String>")]
    valid_from: Option<Moment>,
    /// Until when it is answered; a day counts as a whole.
    #[serde(default, deserialize_with = "end")]
    #[schemars(with = "Option<String>")]
    valid_until: Option<Moment>,
    /// Who looks after it; no answer carries it.
    #[serde(default)]
    owner: String,
    /// What the operator should know; no answer carries it.
    #[serde(default)]
    note: String,
    /// The name of the entry that this is another name of, instead of an uri.
    #[serde(default)]
    alias_of: String,
    /// Hides the name, whatever the files say of it.
    #[serde(default)]
    disabled: bool,
    /// Has nobody answer the name: no backend is asked for it.
    #[serde(default)]
    deny: bool,
}

fn beginning<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Moment>, D::Error> {
    moment(deserializer, Moment::beginning)
}

fn end<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Moment>, D::Error> {
    moment(deserializer, Moment::end)
}

fn moment<'de, D: Deserializer<'de>>(
    deserializer: D,
    read: fn(&str) -> Result<Moment, String>,
) -> Result<Option<Moment>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| read(text.trim())).transpose().map_err(D::Error::custom)
}

impl StaticOptions {
    pub(super) fn allowed(&self) -> Allowed {
        self.allow_schemes.iter().map(|scheme| scheme.trim_end_matches(':').to_ascii_lowercase()).collect()
    }

    /// What the names say that are written in the configuration itself, right or wrong; and what is
    /// wrong with them.
    pub(super) fn statements(&self, options: &Options, allowed: &Allowed) -> (Vec<Statement>, Problems) {
        let mut problems = Problems::default();
        let mut statements = Vec::with_capacity(self.names.len());
        for (place, option) in self.names.iter().enumerate() {
            let (entry, says) = (option.entry(), option.says());
            for (key, message) in mistakes(&entry, &says, allowed) {
                problems.0.extend(options.wrong(&format!("names[{place}].{key}"), &message).0);
            }
            let (file, line, column) = options.place(&format!("names[{place}].name"));
            statements.push(Statement { entry, says, place: Place { file, line, column } });
        }
        (statements, bounded(problems, 0))
    }
}

impl NameOption {
    fn entry(&self) -> Entry {
        Entry {
            name: self.name.trim().to_owned(),
            aliases: self.aliases.iter().map(|alias| alias.trim().to_owned()).collect(),
            uri: self.uri.trim().to_owned(),
            plain: self.plain.trim().to_owned(),
            description: self.description.clone(),
            properties: self.properties.0.clone(),
            life: Life { from: self.valid_from, until: self.valid_until },
            owner: self.owner.clone(),
            note: self.note.clone(),
        }
    }

    fn says(&self) -> Says {
        match self {
            Self { disabled: true, .. } => Says::Hidden,
            Self { deny: true, .. } => Says::Denied,
            Self { alias_of, .. } if !alias_of.is_empty() => Says::AliasOf(alias_of.clone()),
            _ => Says::Leads,
        }
    }
}
