//! Composition: the only place where things are built and joined. A configuration goes in, a running
//! gateway comes out; commands call the functions here and know nothing of how it is done.

mod ask;
mod build;
mod control;
mod embedded;
mod logging;
mod mail;
mod names;
pub mod probe;
mod serve;

use std::{path::Path, sync::Arc, time::Duration};

pub use ask::{ask, check_upstreams, resolve, service};
pub use mail::{answer_mail, longest_mail};
pub use names::{exported, lint};
pub use serve::serve;

use crate::{
    backends::REGISTRY,
    config::{self, Config, Problems},
    model::{Answer, Backend, Question, Reason},
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
}

/// What one question to a backend showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// The backend's name.
    pub name: String,
    /// Why it gave no answer; `None` if it gave one.
    pub failure: Option<Reason>,
    pub took: Duration,
}

/// Reads the configuration, without a path the embedded default, and builds its backends.
///
/// # Errors
/// Every mistake in it: those of the backends' own options and of the files it names as well as the
/// rest, so that one run shows them all.
pub fn load(path: Option<&Path>) -> Result<Loaded, Failure> {
    let (config, mut problems) = match path {
        Some(path) => config::examine(&config::text_of(path)?, path),
        None => embedded::config(),
    };
    let mut take = |wrong| problems.extend(wrong);
    let backends = build::backends(&config).map_err(&mut take).unwrap_or_default();
    let ranking = build::ranking(&config).map_err(&mut take).unwrap_or_default();
    let tls = build::tls(&config).map_err(&mut take).unwrap_or_default();
    if problems.is_empty() { Ok(Loaded { config, backends, ranking, tls }) } else { Err(problems.into()) }
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

/// The answer as a CNRP document.
pub fn xml(answer: &Answer) -> String {
    let mut text = String::from_utf8_lossy(&protocol::encode_answer(answer, true)).into_owned();
    text.push('\n');
    text
}
