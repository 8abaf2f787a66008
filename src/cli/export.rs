//! `cnrp export`: the names in force, for other programs; what can't be carried on stderr.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Exit, import::tell, terminal::print};
use crate::{
    app::{self, Failure},
    imports::Target,
};

/// Arguments of `cnrp export`.
#[derive(Debug, Clone, Args)]
pub struct ExportArgs {
    /// What is written
    #[arg(value_enum)]
    format: Format,

    /// The configuration whose names are written; without one, the embedded default
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Writes the names of this static backend alone
    #[arg(long, value_name = "NAME")]
    backend: Option<String>,
}

/// The formats that names are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Our names files, CSV
    Csv,
    /// Our names files, JSON lines, which can hold everything
    Jsonl,
    /// What golink reads as a snapshot
    Golink,
}

impl From<Format> for Target {
    fn from(format: Format) -> Self {
        match format {
            Format::Csv => Self::Csv,
            Format::Jsonl => Self::JsonLines,
            Format::Golink => Self::Golink,
        }
    }
}

pub(super) fn run(args: &ExportArgs) -> Result<Exit, Failure> {
    let exported = app::exported(args.config.as_deref(), args.backend.as_deref(), args.format.into())?;
    tell(&exported.remarks, ToString::to_string);
    print(&exported.text)?;
    Ok(Exit::Done)
}
