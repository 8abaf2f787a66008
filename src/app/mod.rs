//! Composition: the only place where things are built and joined. A configuration goes in, a running
//! gateway comes out; commands call the functions here and know nothing of how it is done.

mod ask;
mod build;
mod control;
mod datasets;
mod embedded;
mod expect;
mod explain;
pub mod health;
mod keeping;
mod last_good;
mod logging;
mod mail;
mod names;
mod notify;
pub mod probe;
mod reload;
mod serve;
mod settings;
mod signals;
mod snapshots;
mod watch;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

pub use ask::{Checked, ask, check, resolve, service};
pub use expect::Unmet;
pub use explain::{Explained, explain, replay};
pub use last_good::load_last_good;
pub use mail::{answer_mail, longest_mail};
pub use names::{exported, lint};
pub use serve::serve;

pub use crate::transport::Inherited;

use build::World;
use keeping::Keeping;

use crate::{
    backends::REGISTRY,
    config::{self, Config, Problems, Stamp, Stamps},
    explain::{self as account, Account},
    model::{self, Answer, Backend, Question, Status, StatusCode},
    protocol, render,
    resolver::Ranking,
    transport::Tls,
};

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The command line or the configuration is wrong; the text names file, line and key.
    #[error("{0}")]
    Usage(String),
    /// The service failed or could not be reached.
    #[error("{0}")]
    Service(String),
    /// A service answered what is no valid answer.
    #[error("{0}")]
    InvalidAnswer(String),
}

impl Failure {
    /// The answer that a program reads which can't tell a failure from silence: one lone status.
    /// `None` where nobody was asked, as the question or the configuration is wrong.
    pub fn answer(&self) -> Option<Answer> {
        match self {
            Self::Usage(_) => None,
            Self::Service(why) | Self::InvalidAnswer(why) => {
                Some(Answer::fatal(Status::new(StatusCode::FAILED, why)))
            }
        }
    }
}

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        let count = problems.0.len();
        let mistakes = if count == 1 { "mistake" } else { "mistakes" };
        Self::Usage(format!("{count} {mistakes} in the configuration\n{problems}"))
    }
}

/// A checked configuration, and what was built of it while it was checked.
pub struct Loaded {
    config: Config,
    backends: Vec<Arc<dyn Backend>>,
    ranking: Ranking,
    tls: Option<Arc<Tls>>,
    keeping: Keeping,
    world: World,
    /// `None` for the embedded default.
    origin: Option<Origin>,
}

/// Where a configuration comes from.
struct Origin {
    path: PathBuf,
    /// How the file was before it was read.
    stamp: Option<Stamp>,
    /// The configuration as it is written.
    text: String,
    /// Why the file could not be used, where this is not what stands in it.
    instead_of: Option<String>,
}

impl Loaded {
    /// Whether something is expected of its answers.
    pub fn expects(&self) -> bool {
        !self.config.expect.is_empty()
    }

    /// Joins what is kept under `state`, for a command that resolves in its own process. Where a
    /// gateway has it already, nothing that costs of a budget is asked; the text says so.
    #[must_use]
    pub fn join_state(&mut self) -> Option<String> {
        self.keeping.open_or_shut(&self.config)
    }
}

impl Loaded {
    /// The files that it was read from, as they were then.
    fn files(&self) -> Stamps {
        let mut files = self.config.secret_files();
        files.extend(self.origin.iter().map(|origin| (origin.path.clone(), origin.stamp.clone())));
        files
    }
}

/// What one question to a backend showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// The backend's name.
    pub name: String,
    pub took: Duration,
    /// What it said, in words; or why it gave no answer.
    pub state: Result<String, model::Failure>,
}

/// Reads the configuration, without a path the embedded default, and builds its backends.
///
/// # Errors
/// Every mistake in it: those of the backends' own options and of the files it names as well as the
/// rest, so that one run shows them all.
pub fn load(path: Option<&Path>) -> Result<Loaded, Failure> {
    Ok(load_in(path, &World::real(), None)?)
}

/// The same in a world that may have had a configuration `before`, whose budgets go on.
fn load_in(path: Option<&Path>, world: &World, before: Option<&Keeping>) -> Result<Loaded, Problems> {
    let Some(path) = path else {
        let (config, problems) = embedded::config();
        return built(config, problems, world, before);
    };
    let stamp = Stamp::of(path);
    let text = config::text_of(path)?;
    let (config, problems) = config::examine(&text, path);
    let origin = Some(Origin { path: path.to_owned(), stamp, text, instead_of: None });
    Ok(Loaded { origin, ..built(config, problems, world, before)? })
}

/// As much of the configuration as can be read, and every mistake in it.
fn examine(path: Option<&Path>) -> Result<(Config, Problems), Problems> {
    Ok(match path {
        Some(path) => config::examine(&config::text_of(path)?, path),
        None => embedded::config(),
    })
}

/// What is built of a configuration in which `problems` were found.
fn built(
    config: Config,
    mut problems: Problems,
    world: &World,
    before: Option<&Keeping>,
) -> Result<Loaded, Problems> {
    let mut take = |wrong| problems.extend(wrong);
    let store = build::store(&config).map_err(&mut take).unwrap_or_default();
    let keeping = match before {
        Some(before) => before.next(&config, store),
        None => Keeping::new(&config, &world.clock, store),
    };
    let backends = build::backends(&config, world, &keeping).map_err(&mut take).unwrap_or_default();
    let ranking = build::ranking(&config).map_err(&mut take).unwrap_or_default();
    let tls = build::tls(&config).map_err(&mut take).unwrap_or_default();
    let loaded = Loaded { config, backends, ranking, tls, keeping, world: world.clone(), origin: None };
    if problems.is_empty() { Ok(loaded) } else { Err(problems) }
}

/// The JSON Schema of the configuration.
pub fn schema() -> String {
    let kinds: Vec<_> = REGISTRY.iter().map(|known| (known.kind, (known.schema)())).collect();
    format!("{:#}\n", config::schema(&kinds))
}

/// The answer as `GET /resolve` gives it.
pub fn json(question: &Question, answer: &Answer) -> String {
    format!("{:#}\n", render::json::answer(question, answer))
}

/// The account of an answer, for programs.
pub fn explanation_json(account: &Account) -> String {
    serde_json::to_string_pretty(account).map_or_else(|_| String::new(), |text| text + "\n")
}

/// The account of an answer, for people.
pub fn explanation_text(account: &Account) -> String {
    account::text(account)
}

/// The answer as a CNRP document.
pub fn xml(answer: &Answer) -> String {
    let mut text = String::from_utf8_lossy(&protocol::encode_answer(answer, true)).into_owned();
    text.push('\n');
    text
}
