//! `cnrp resolve`: asks for a name and shows what was found.

use std::path::PathBuf;

use clap::Args;

use super::format::Format;
use super::question::QuestionArgs;
use super::terminal::{note, print, remark, stderr_page, stdout_page};
use super::{Exit, runtime, service};
use crate::app::{self, Failure};
use crate::client::{Endpoint, Referrals};
use crate::model::{Answer, Question};
use crate::protocol::go::{GoServer, GoUri};
use crate::render::text;

/// Arguments of `cnrp resolve`.
#[derive(Debug, Clone, Args)]
pub struct ResolveArgs {
    #[command(flatten)]
    question: QuestionArgs,

    /// Asks this service rather than resolving in this process: an http(s) or go: URI, udp://HOST:PORT,
    /// HOST or HOST:PORT
    #[arg(long, value_name = "URI")]
    server: Option<String>,

    /// Trusts the authorities in this file, certificates in PEM, beside the system's
    #[arg(long, value_name = "FILE", requires = "server")]
    ca: Option<PathBuf>,

    /// Shows referrals to other services instead of asking them as well
    #[arg(long)]
    no_follow: bool,

    /// How the answer is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// The configuration to resolve with in this process; without one, the embedded default
    #[arg(long, value_name = "FILE", conflicts_with = "server")]
    config: Option<PathBuf>,
}

/// Most results shown on a terminal at once: the first are what is looked for.
const MOST_SHOWN: usize = 10;

/// Asks, shows, and says what it amounts to.
pub(super) fn run(args: &ResolveArgs) -> Result<Exit, Failure> {
    let (question, server) = match args.question.read().map_err(Failure::Usage)? {
        GoUri::Anywhere(question) => (question, args.server.as_deref().map(endpoint).transpose()?),
        GoUri::At(server, question) => (question, Some(only(args, &server)?)),
        GoUri::Server(server) => {
            return service::show(&only(args, &server)?, args.ca.as_deref(), args.format);
        }
    };
    let runtime = runtime(false)?;
    let answer = match runtime.block_on(ask(args, &question, server.as_ref())) {
        Ok(answer) => answer,
        Err(failure) => {
            if let Some(answer) = failure.answer().filter(|_| args.format != Format::Text) {
                show(args, &question, &answer)?;
            }
            return Err(failure);
        }
    };
    show(args, &question, &answer)?;
    Ok(Exit::of_answer(&answer))
}

/// The server that a command line names.
pub(super) fn endpoint(text: &str) -> Result<Endpoint, Failure> {
    Endpoint::parse(text).map_err(Failure::Usage)
}

/// The server of a URI, which must be all that says who answers.
fn only(args: &ResolveArgs, server: &GoServer) -> Result<Endpoint, Failure> {
    let besides = match (&args.server, &args.config) {
        (Some(other), _) => format!("--server {other}"),
        (None, Some(file)) => format!("--config {}", file.display()),
        (None, None) => return Endpoint::of_go(server).map_err(Failure::Usage),
    };
    Err(Failure::Usage(format!("the URI names the server {server}, and {besides}; expected one of the two")))
}

async fn ask(args: &ResolveArgs, question: &Question, server: Option<&Endpoint>) -> Result<Answer, Failure> {
    let referrals = if args.no_follow { Referrals::Leave } else { Referrals::Follow };
    match server {
        Some(server) => app::ask(server, args.ca.as_deref(), question, referrals).await,
        None => {
            let mut loaded = app::load(args.config.as_deref())?;
            note(loaded.join_state().as_deref());
            Ok(app::resolve(loaded, question, referrals).await)
        }
    }
}

fn show(args: &ResolveArgs, question: &Question, answer: &Answer) -> Result<(), Failure> {
    match args.format {
        Format::Text => {
            let page = stdout_page();
            let is_cut = page.width.is_some() && !args.question.is_ranged();
            let (shown, more) =
                if is_cut { cut(answer, MOST_SHOWN) } else { (answer.clone(), String::new()) };
            print(&text::results(&shown, page))?;
            remark(&(more + &text::remarks(answer, stderr_page())));
            Ok(())
        }
        Format::Json => print(&app::json(question, answer)),
        Format::Xml => print(&app::xml(answer)),
    }
}

/// The answer with its first results, and how to see the others.
fn cut(answer: &Answer, most: usize) -> (Answer, String) {
    let left = answer.results.len().saturating_sub(most);
    let results = answer.results.iter().take(most).cloned().collect();
    let more = if left == 0 { String::new() } else { format!("{left} more: --range {}-{left}\n", most + 1) };
    (Answer { results, ..answer.clone() }, more)
}
