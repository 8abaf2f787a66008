//! `cnrp resolve`: asks for a name and shows what was found.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::question::QuestionArgs;
use super::terminal::{print, remark, stderr_page, stdout_page};
use super::{Exit, runtime};
use crate::app::{self, Failure};
use crate::model::{Answer, Question};
use crate::render::text;

/// Arguments of `cnrp resolve`.
#[derive(Debug, Clone, Args)]
pub struct ResolveArgs {
    #[command(flatten)]
    question: QuestionArgs,

    /// Asks this service, an http(s) URL or `HOST[:PORT]`, rather than resolving in this process
    #[arg(long, value_name = "URI")]
    server: Option<String>,

    /// How the answer is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// The configuration to resolve with; without one, the embedded default
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people: results on stdout, remarks on stderr
    Text,
    /// For scripts: what GET /resolve answers
    Json,
    /// The CNRP document
    Xml,
}

/// Asks, shows, and says what it amounts to.
pub(super) fn run(args: &ResolveArgs) -> Result<Exit, Failure> {
    let question = args.question.question().map_err(Failure::Usage)?;
    let answer = runtime(false)?.block_on(ask(args, &question))?;
    show(&question, &answer, args.format);
    Ok(Exit::of_answer(&answer))
}

async fn ask(args: &ResolveArgs, question: &Question) -> Result<Answer, Failure> {
    match &args.server {
        Some(server) => app::ask(server, question).await,
        None => Ok(app::resolve(app::load(args.config.as_deref())?, question).await),
    }
}

fn show(question: &Question, answer: &Answer, format: Format) {
    match format {
        Format::Text => {
            print(&text::results(answer, stdout_page()));
            remark(&text::remarks(answer, stderr_page()));
        }
        Format::Json => print(&app::json(question, answer)),
        Format::Xml => print(&app::xml(answer)),
    }
}
