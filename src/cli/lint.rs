//! `cnrp lint`: what may be a mistake in names, with the place of each.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Exit, run_to_end, terminal::print};
use crate::{
    app::{self, Failure},
    lint::Finding,
};

/// Arguments of `cnrp lint`.
#[derive(Debug, Clone, Args)]
pub struct LintArgs {
    /// The configuration whose names are looked at; without one, the embedded default
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Asks every target as well whether it is there, a second apart at each host
    #[arg(long)]
    online: bool,

    /// How findings are written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// `FILE:LINE: SEVERITY: TEXT`, a line each
    Text,
    /// An array of objects
    Json,
}

pub(super) fn run(args: &LintArgs) -> Result<Exit, Failure> {
    let findings = run_to_end(false, app::lint(args.config.as_deref(), args.online))??;
    print(&match args.format {
        Format::Text => findings.iter().map(|finding| format!("{finding}\n")).collect(),
        Format::Json => json(&findings),
    })?;
    Ok(if findings.is_empty() { Exit::Done } else { Exit::Findings })
}

fn json(findings: &[Finding]) -> String {
    let text = serde_json::to_string_pretty(findings).unwrap_or_default();
    text + "\n"
}
