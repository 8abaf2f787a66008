//! The command line: what can be asked of the program, one file for each command.
//!
//! A command reads its arguments, has [`crate::app`] do the work, and shows what came of it.
//! Results go to stdout, everything else to stderr, and the [`Exit`] code says how it went.

mod check;
mod completions;
mod exit;
mod explain;
mod export;
mod format;
mod healthcheck;
mod import;
mod index;
mod lint;
mod mail;
mod man;
mod probe;
mod question;
mod resolve;
mod schema;
mod serve;
mod service;
mod terminal;

pub use exit::Exit;

use std::ffi::OsString;

use clap::{Parser, Subcommand};
use tokio::runtime::{Builder, Runtime};

use crate::app::Failure;

/// A name resolver for what people say.
#[derive(Debug, Clone, Parser)]
#[command(name = "cnrp", version, propagate_version = true, arg_required_else_help = true, after_help = EXITS)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// The commands.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Runs the gateway
    Serve(serve::ServeArgs),
    /// Asks for a name and shows what was found
    Resolve(resolve::ResolveArgs),
    /// Asks the running gateway whether it is ready
    Healthcheck(healthcheck::HealthcheckArgs),
    /// Answers a message of mail on standard input with one on standard output
    Mail(mail::MailArgs),
    /// Shows what a service offers
    Service(service::ServiceArgs),
    /// Says whether a configuration is right, without serving
    Check(check::CheckArgs),
    /// Tells every decision about one name, and records it so that it can be decided again
    Explain(explain::ExplainArgs),
    /// Builds an index of names by the million, or looks into one
    Index(index::IndexArgs),
    /// Converts names from other systems to CSV on standard output
    Import(import::ImportArgs),
    /// Writes the names in force for other programs
    Export(export::ExportArgs),
    /// Says what may be a mistake in the names of a configuration
    Lint(lint::LintArgs),
    /// Says what listens at the ports of CNRP on a machine
    Probe(probe::ProbeArgs),
    /// Prints the JSON Schema of the configuration, for editors
    Schema,
    /// Prints a script with which a shell completes commands and options
    Completions(completions::CompletionsArgs),
    /// Prints the manual page
    Man,
}

const EXITS: &str = "\
Exit codes: 0 done (resolve: something found), 1 nothing found (lint: findings, healthcheck: not
ready), 2 usage or configuration error, 3 the service failed or could not be reached, 4 the answer was refused as invalid.";

/// Runs the program with these arguments, the first of which is its name.
pub fn run(args: impl IntoIterator<Item = OsString>) -> Exit {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let outcome = match &cli.command {
        Command::Serve(args) => serve::run(args),
        Command::Resolve(args) => resolve::run(args),
        Command::Healthcheck(args) => healthcheck::run(args),
        Command::Mail(args) => mail::run(args),
        Command::Service(args) => service::run(args),
        Command::Check(args) => check::run(args),
        Command::Explain(args) => explain::run(args),
        Command::Index(args) => index::run(args),
        Command::Import(args) => import::run(args),
        Command::Export(args) => export::run(args),
        Command::Lint(args) => lint::run(args),
        Command::Probe(args) => probe::run(args),
        Command::Schema => schema::run(),
        Command::Completions(args) => completions::run(args),
        Command::Man => man::run(),
    };
    outcome.unwrap_or_else(|failure| failed(&failure))
}

/// Shows what clap has to say: help and version on stdout, what is wrong on stderr.
fn usage(error: &clap::Error) -> Exit {
    if error.use_stderr() {
        let _ = error.print();
        return Exit::Usage;
    }
    match terminal::told(error.print()) {
        Ok(()) => Exit::Done,
        Err(failure) => failed(&failure),
    }
}

fn failed(failure: &Failure) -> Exit {
    terminal::remark(&format!("cnrp: {failure}\n"));
    Exit::of_failure(failure)
}

/// The runtime of a command: a question needs one thread, a service all there are.
fn runtime(is_service: bool) -> Result<Runtime, Failure> {
    let mut builder = if is_service { Builder::new_multi_thread() } else { Builder::new_current_thread() };
    builder.enable_all().build().map_err(|error| Failure::Service(format!("can't start: {error}")))
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::Cli;

    fn error(args: &[&str]) -> String {
        Cli::try_parse_from(args).unwrap_err().to_string()
    }

    #[test]
    fn the_grammar_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn commands_are_read_as_the_documents_write_them() {
        for args in [
            "cnrp serve",
            "cnrp serve --config gateway.yaml",
            "cnrp healthcheck --config gateway.yaml --live",
            "cnrp resolve toys r us",
            "cnrp resolve BMW --property geography=DE --property language:rfc1766=de --range 1-5",
            "cnrp resolve --id handbook:1 --format json",
            "cnrp resolve BMW --server 127.0.0.1:1096 --format xml",
            "cnrp resolve BMW --server https://names.example.com --ca ca.pem",
            "cnrp resolve BMW --config gateway.yaml --format text",
            "cnrp mail --config gateway.yaml --mailbox cnrp@names.example.com",
            "cnrp resolve go:bmw;geography=FR --no-follow",
            "cnrp service",
            "cnrp service --server udp://127.0.0.1 --format xml",
            "cnrp check --config gateway.yaml --upstreams",
            "cnrp explain toys r us --config gateway.yaml --property geography=DE --format json",
            "cnrp explain BMW --save record.json",
            "cnrp explain --replay record.json",
            "cnrp index build a.csv b.jsonl.gz -o names.idx --strict",
            "cnrp index stat names.idx",
            "cnrp index get names.idx toys r us",
            "cnrp import golink links.jsonl",
            "cnrp import bookmarks - --strict",
            "cnrp export golink --config gateway.yaml --backend handbook",
            "cnrp lint --config gateway.yaml --online --format json",
            "cnrp probe",
            "cnrp probe names.example.com:1096",
            "cnrp schema",
            "cnrp completions bash",
            "cnrp man",
        ] {
            assert!(Cli::try_parse_from(args.split(' ')).is_ok(), "{args}");
        }
    }

    #[test]
    fn mistakes_are_explained() {
        assert!(error(&["cnrp", "resolve"]).contains("NAME"));
        assert!(error(&["cnrp", "resolve", "BMW", "--id", "x"]).contains("cannot be used with"));
        assert!(error(&["cnrp", "resolve", "BMW", "--format", "yaml"]).contains("text, json, xml"));
        assert!(error(&["cnrp", "resolve", "BMW", "--range", "0-5"]).contains("expected START-LENGTH"));
        assert!(error(&["cnrp", "explain"]).contains("NAME"));
        assert!(error(&["cnrp", "explain", "--replay", "x", "--save", "y"]).contains("cannot be used with"));
        assert!(error(&["cnrp", "resolv", "BMW"]).contains("resolve"));
    }

    #[test]
    fn options_of_which_one_would_be_ignored_are_refused() {
        for args in [
            "cnrp resolve BMW --server names.example --config gateway.yaml",
            "cnrp explain --replay record.json --config gateway.yaml",
            "cnrp explain --replay record.json --range 1-5",
            "cnrp resolve BMW --ca ca.pem",
            "cnrp serve --last-good state",
        ] {
            let told = Cli::try_parse_from(args.split(' ')).unwrap_err().to_string();
            let is_told = told.contains("cannot be used with") || told.contains("were not provided");
            assert!(is_told, "{args}: {told}");
        }
    }
}
