//! The keys that every backend has, whatever its type.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

use super::{
    Options, Problems,
    nearest::{nearest, unknown_key},
    options::Section,
    read::{self, Others},
    tree::{Node, Source},
    values::{
        BackendName, Language, OneOrMany, Rate, Span, Uri, ZoneName, at_least_one, converted, converted_some,
        optional_duration, positive_duration, positive_number,
    },
};
use crate::model::{LanguageRange, Zone};

/// A source of names, as configured.
#[derive(Debug, Clone)]
pub struct Backend {
    /// Unique; letters, digits and dashes.
    pub name: String,
    /// The `type:` that says what it is.
    pub kind: String,
    /// Its share in the fused ranking, above 0.
    pub weight: f64,
    /// How long one call may take.
    pub timeout: Duration,
    /// What the upstream may be asked; none: as much as there is to ask.
    pub rates: Vec<Rate>,
    /// The zone in which the days and months of `rates` begin.
    pub zone: Zone,
    /// The most calls at a time.
    pub concurrency: usize,
    /// How long its answers are good, where the upstream does not say.
    pub ttl: Option<Duration>,
    /// The dataset it serves.
    pub dataset: Option<Dataset>,
    /// The serviceuri under which answers name it; `None`: made from our own.
    pub service: Option<String>,
    pub when: When,
    /// It is asked only where the lower stages gave nothing that is surely meant; from 1.
    pub stage: u32,
    /// The rest, for the type to read.
    pub options: Options,
    section: Section,
}

impl Backend {
    /// A number for the definition as written: the same for the same definition, wherever it stands
    /// in the file. Secrets are written by reference, so none goes into it.
    pub fn fingerprint(&self) -> u64 {
        xxhash_rust::xxh3::xxh3_64(self.section.canonical().as_bytes())
    }

    /// The whole of it as written.
    pub(super) fn written(&self) -> &Node {
        self.section.node()
    }

    /// The problem `message` about one of the keys that every backend has, such as `type`; an
    /// empty `key`: about the whole backend.
    pub fn wrong(&self, key: &str, message: &str) -> Problems {
        self.section.wrong(key, message)
    }
}

/// A set of names that can be asked for by its URI (RFC 3367 section 4.2.3.1)
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dataset {
    /// The dataseturi, an absolute URI
    pub uri: Uri,
    /// What it holds, in a line
    pub description: Option<String>,
    /// The languages of its names
    #[serde(default, deserialize_with = "converted_some::<_, Language, _>")]
    #[schemars(with = "OneOrMany<Language>")]
    pub language: Vec<LanguageRange>,
}

/// Which queries a backend is asked; an empty condition holds for every query
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct When {
    /// Hinted languages, matched by their primary subtag; a query that hints none fits
    #[serde(deserialize_with = "converted_some::<_, Language, _>")]
    #[schemars(with = "OneOrMany<Language>")]
    pub languages: Vec<LanguageRange>,
    /// Hinted categories
    #[serde(deserialize_with = "lower_case")]
    #[schemars(with = "OneOrMany<String>")]
    pub categories: Vec<String>,
    /// The fewest words of the name
    pub min_words: usize,
    /// The most words of the name; 0: no bound
    pub max_words: usize,
}

/// The keys as written.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Common {
    /// Names the backend in logs and answers: letters, digits and dashes; by default its type
    name: Option<BackendName>,
    /// What kind of source it is
    #[serde(rename = "type")]
    kind: String,
    /// Its share in the fused ranking
    #[serde(default = "one", deserialize_with = "positive_number")]
    #[schemars(range(min = 0))]
    weight: f64,
    /// How long one call may take
    #[serde(default = "usual_timeout", deserialize_with = "positive_duration")]
    #[schemars(with = "Span")]
    timeout: Duration,
    /// What the upstream may be asked, such as 5/s or [1/s, 100/d, 2000/month]
    #[serde(default)]
    rate: OneOrMany<Rate>,
    /// The time zone in which the upstream's days and months begin
    #[serde(default, deserialize_with = "converted::<_, ZoneName, _>")]
    #[schemars(with = "ZoneName")]
    zone: Zone,
    /// The most calls at a time
    #[serde(default = "usual_concurrency", deserialize_with = "at_least_one")]
    #[schemars(range(min = 1))]
    concurrency: usize,
    /// How long its answers are good, where the upstream does not say; by default cache.ttl
    #[serde(default, deserialize_with = "optional_duration")]
    #[schemars(with = "Option<Span>")]
    ttl: Option<Duration>,
    /// The dataset it serves
    dataset: Option<Dataset>,
    /// The serviceuri under which answers name it; by default our own with the backend's name
    service: Option<Uri>,
    /// Which queries it is asked
    #[serde(default)]
    when: When,
    /// It is asked only where the backends of lower stages gave nothing of tier A or B
    #[serde(default = "first", deserialize_with = "at_least_one")]
    #[schemars(range(min = 1))]
    stage: u32,
}

/// The names of the keys of [`Common`]: what a type's own options can't be called.
pub(super) const COMMON: &[&str] = &[
    "name",
    "type",
    "weight",
    "timeout",
    "rate",
    "zone",
    "concurrency",
    "ttl",
    "dataset",
    "service",
    "when",
    "stage",
];

fn one() -> f64 {
    1.0
}

fn usual_timeout() -> Duration {
    Duration::from_millis(1500)
}

fn usual_concurrency() -> usize {
    16
}

fn first() -> u32 {
    1
}

fn lower_case<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let words = OneOrMany::<String>::deserialize(deserializer)?.0;
    Ok(words.iter().map(|word| word.trim().to_lowercase()).collect())
}

/// Reads the list under `backends`.
pub(super) fn read_all(list: Vec<Node>, source: &Source) -> (Vec<Backend>, Problems) {
    let mut problems = Problems::default();
    let mut backends: Vec<Backend> = Vec::new();
    for (place, node) in list.into_iter().enumerate() {
        let (backend, wrong) = read_one(node, format!("backends[{place}]"), source);
        problems.extend(wrong);
        let Some(backend) = backend else { continue };
        match backends.iter().find(|other| other.name == backend.name) {
            Some(other) => problems.extend(taken(&backend, other)),
            None => backends.push(backend),
        }
    }
    (backends, problems)
}

fn taken(backend: &Backend, other: &Backend) -> Problems {
    let line = other.section.line();
    backend.wrong("name", &format!("the backend in line {line} is named {:?} already", other.name))
}

fn read_one(node: Node, path: String, source: &Source) -> (Option<Backend>, Problems) {
    let (common, mut problems) = read::read::<Common>(&node, &path, source, Others::All);
    if node.get("type").is_none() {
        problems.extend(nearly_type(&node, &path, source));
    }
    let section = Section::new(node, path, source.clone());
    let backend = common.map(|common| Backend {
        name: common.name.map_or_else(|| common.kind.clone(), |name| name.0),
        kind: common.kind,
        weight: common.weight,
        timeout: common.timeout,
        rates: common.rate.0,
        zone: common.zone,
        concurrency: common.concurrency,
        ttl: common.ttl,
        dataset: common.dataset,
        service: common.service.map(String::from),
        when: common.when,
        stage: common.stage,
        options: Options::of(section.clone()),
        section,
    });
    (backend, problems)
}

/// Without a type nobody reads the rest of a backend, so a mistyped `type` would go untold.
fn nearly_type(node: &Node, path: &str, source: &Source) -> Problems {
    let mut problems = Problems::default();
    let meant = |key: &str| !COMMON.contains(&key) && nearest(key, &["type"]).is_some();
    for entry in node.entries().iter().filter(|entry| meant(&entry.key)) {
        let message = unknown_key(&entry.key, &["type"]);
        problems.add(source.problem(entry.place, &read::child(path, &entry.key), message));
    }
    problems
}
