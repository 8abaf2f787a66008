//! The configuration as the operator wrote it: YAML with units, secrets by reference, and every
//! mistake told at once with its file, line, column, key and what was expected.
//!
//! The text becomes a tree that knows where everything stands, the tree becomes the types of
//! `settings` and `backend`. What `type:` chooses is left as [`Options`], which the backend reads
//! into a type of its own, with its mistakes placed just as well. No backend is known here by name.
//!
//! ```
//! # use cnrp_gateway::config;
//! let problems = config::parse("cache:\n  size: lots\n", "gateway.yaml".as_ref()).unwrap_err();
//! assert_eq!(
//!     problems.to_string(),
//!     "gateway.yaml:2:9: cache.size: expected a size such as 512B, 64KiB, 64MiB or 2GiB, found \"lots\""
//! );
//! ```

mod backend;
mod checks;
mod de;
mod expect;
mod files;
mod halt;
mod nearest;
mod options;
mod problem;
mod read;
mod record;
mod schema;
mod secrets;
mod settings;
mod stamp;
mod trace;
mod tree;
pub mod values;
mod yaml;

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
    time::Duration,
};

pub use backend::{Backend, Dataset, When};
pub use expect::{Expectation, Expected};
pub use files::open;
pub use nearest::unknown;
pub use options::Options;
pub use problem::{Problem, Problems};
pub use record::{REDACTED, has_credentials, recorded};
pub use schema::schema;
pub use secrets::Secrets;
pub use settings::{
    Admin, Cache, Limits, Listen, Log, LogFormat, Matching, PerClient, Referrals, Service, Shared, Smtp, Tls,
    Web,
};
pub use stamp::{Stamp, Stamps};
pub use trace::Trace;

use crate::model::SiteRule;

use options::Section;
use read::Others;
use settings::Settings;
use tree::{Entry, Node, Place, Source, Value};

/// A configuration. Every key that was not written has its default.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where it was read from.
    pub file: PathBuf,
    /// What relative paths are relative to.
    pub folder: PathBuf,
    pub service: Service,
    pub listen: Listen,
    pub web: Web,
    pub limits: Limits,
    pub cache: Cache,
    pub matching: Matching,
    /// The operator's own list of popular domains.
    pub popularity: Option<PathBuf>,
    /// In the order of the file: the first that fits decides.
    pub sites: Vec<SiteRule>,
    /// The folder for what must survive a restart, as written.
    pub state: Option<PathBuf>,
    pub admin: Admin,
    /// How long answers under way get when the gateway stops.
    pub drain: Duration,
    pub log: Log,
    /// Who is told of what is done for requests.
    pub trace: Trace,
    /// What answers must be, in the order of the file.
    pub expect: Vec<Expectation>,
    /// In the order of the file.
    pub backends: Vec<Backend>,
    settings: Section,
}

impl Config {
    /// The problem `message` about a key outside `backends`, such as `listen.tls.cert`, for what
    /// only the floors above can judge.
    pub fn wrong(&self, key: &str, message: &str) -> Problems {
        self.settings.wrong(key, message)
    }

    /// The files from which secrets were read, as they were then: also those of backends, once these have
    /// read their options.
    pub fn secret_files(&self) -> Stamps {
        self.settings.secret_files()
    }
}

/// The longest configuration that is read.
const LONGEST: u64 = 64 << 20;

/// Reads a configuration from a file.
///
/// # Errors
/// Every mistake in it; the one that it can't be read has line 0.
pub fn load(path: &Path) -> Result<Config, Problems> {
    parse(&text_of(path)?, path)
}

/// The text of a configuration file, for [`parse`] or [`examine`].
///
/// # Errors
/// Where it can't be read, is not UTF-8, or is longer than any configuration; or where nothing stands in it. That
/// would mean every default, and no backend; but it is what a full disk leaves of a file, or what stands there
/// while it is being written. Whoever wants the defaults of a file says so with `{}`.
pub fn text_of(path: &Path) -> Result<String, Problems> {
    let source = Source::new(path, false);
    let as_a_whole = |message: String| source.problem(Place { line: 0, column: 0 }, "", message);
    let unreadable = |error: std::io::Error| as_a_whole(format!("can't be read: {error}"));
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(unreadable)?;
    // What is no plain file has no length that could be asked beforehand.
    file.take(LONGEST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > LONGEST {
        return Err(as_a_whole(format!("is longer than a configuration may be, {LONGEST} bytes")).into());
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let read = error.as_bytes().iter().take(error.utf8_error().valid_up_to());
        let line = 1 + read.filter(|byte| **byte == b'\n').count();
        Problems::from(source.problem(Place { line, column: 1 }, "", "expected UTF-8, found other bytes"))
    })?;
    if says_nothing(&text) {
        return Err(as_a_whole("is empty; expected keys such as `backends`".to_owned()).into());
    }
    Ok(text)
}

/// Whether there is no more in it than comments, the marks of a document, and `null`.
fn says_nothing(text: &str) -> bool {
    let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
    let mut said = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    said.all(|line| matches!(line, "---" | "..." | "null" | "~"))
}

/// Reads a configuration from text. `path` is the file that messages name, and relative paths are
/// relative to its folder.
///
/// # Errors
/// Every mistake in it.
pub fn parse(text: &str, path: &Path) -> Result<Config, Problems> {
    match examine(text, path) {
        (config, problems) if problems.is_empty() => Ok(config),
        (_, problems) => Err(problems),
    }
}

/// Reads as much of a configuration as can be read, and every mistake in it. What is wrong has its
/// default, so that whoever builds the backends can add their mistakes to these.
pub fn examine(text: &str, path: &Path) -> (Config, Problems) {
    examine_from(text, Source::new(path, false))
}

fn examine_from(text: &str, source: Source) -> (Config, Problems) {
    let (root, mut problems) = yaml::read(text, &source);
    let mut root = root.unwrap_or_else(Node::empty);
    spell_out_web(&mut root);
    spell_out_shared(&mut root);
    let list = root.take("backends");
    let (settings, wrong) = read::read::<Settings>(&root, "", &source, Others::Keys(&["backends"]));
    problems.extend(wrong);
    let settings = settings.unwrap_or_default();
    problems.extend(checks::check(&settings, &root, &source));
    let (backends, wrong) = backends_of(list, &source);
    problems.extend(wrong);
    (assemble(settings, backends, Section::new(root, String::new(), source)), problems)
}

/// `web: false` is short for `web: {enabled: false}`.
fn spell_out_web(root: &mut Node) {
    if let Some(web) = root.get_mut("web")
        && web.plain().is_some()
        && !web.is_null()
    {
        spell_out(web, "enabled");
    }
}

/// `shared: "redis://..."` is short for `shared: {url: "redis://..."}`.
fn spell_out_shared(root: &mut Node) {
    let shared = root.get_mut("cache").and_then(|cache| cache.get_mut("shared"));
    if let Some(shared) = shared.filter(|shared| shared.text().is_some()) {
        spell_out(shared, "url");
    }
}

/// Makes a mapping of a value, which has it under `key`.
fn spell_out(node: &mut Node, key: &str) {
    let place = node.place;
    let entry = Entry { key: key.to_owned(), place, node: node.clone() };
    *node = Node { place, value: Value::Mapping(vec![entry]) };
}

fn backends_of(entry: Option<Entry>, source: &Source) -> (Vec<Backend>, Problems) {
    match entry.map(|entry| entry.node) {
        Some(Node { value: Value::List(list), .. }) => backend::read_all(list, source),
        Some(node) if !node.is_null() => {
            let message = format!("expected a list of backends, found {}", node.describe());
            (Vec::new(), source.problem(node.place, "backends", message).into())
        }
        _ => (Vec::new(), Problems::default()),
    }
}

fn assemble(settings: Settings, backends: Vec<Backend>, section: Section) -> Config {
    let source = section.source();
    let Settings {
        service,
        listen,
        web,
        limits,
        cache,
        matching,
        popularity,
        sites,
        state,
        admin,
        drain,
        log,
        trace,
        expect,
    } = settings;
    Config {
        file: source.file.to_path_buf(),
        folder: source.folder().to_path_buf(),
        service,
        listen,
        web,
        limits,
        cache,
        matching,
        popularity,
        sites,
        state,
        admin,
        drain: drain.0,
        log,
        trace,
        expect: expect::read(expect, section.node().get("expect")),
        backends,
        settings: section,
    }
}

#[cfg(test)]
mod tests;
