//! Composition: the only place where things are built and joined.

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use crate::model::{Answer, Question, Reason};

/// A checked configuration.
#[derive(Debug, Default)]
pub struct Config;

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

/// What one question to a backend showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// The backend's name.
    pub name: String,
    /// Why it gave no answer; `None` if it gave one.
    pub failure: Option<Reason>,
    pub took: Duration,
}

/// Reads the configuration; without a path, the embedded default.
pub fn load(_path: Option<&Path>) -> Result<Config, Failure> {
    Ok(Config)
}

/// Runs the gateway until it is told to stop.
pub async fn serve(_config: Config, _announce: impl Write) -> Result<(), Failure> {
    Err(Failure::Service("not joined yet".into()))
}

/// Answers a question in this process.
pub async fn resolve(_config: Config, _question: &Question, _follow: bool) -> Result<Answer, Failure> {
    Err(Failure::Service("not joined yet".into()))
}

/// Asks another service.
pub async fn ask(_server: &str, _question: &Question, _follow: bool) -> Result<Answer, Failure> {
    Err(Failure::Service("not joined yet".into()))
}

/// Builds everything that the configuration names, without serving.
pub fn check(_config: Config) -> Result<(), Failure> {
    Ok(())
}

/// Asks each backend one question.
pub async fn check_upstreams(_config: Config) -> Result<Vec<Health>, Failure> {
    Ok(Vec::new())
}

/// The JSON Schema of the configuration.
pub fn schema() -> String {
    String::new()
}

/// The answer as `GET /resolve` gives it.
pub fn json(_question: &Question, _answer: &Answer) -> String {
    String::new()
}

/// The answer as a CNRP document.
pub fn xml(_answer: &Answer) -> String {
    String::new()
}
