//! `cnrp serve`: runs the gateway until it is told to stop.

use std::io;
use std::path::PathBuf;

use clap::Args;

use super::{Exit, runtime};
use crate::app::{self, Failure};

/// Arguments of `cnrp serve`.
#[derive(Debug, Clone, Args)]
pub struct ServeArgs {
    /// The configuration; without one, well-known names and DNS on this machine alone
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Serves. A line for each listener and `ready` go to stdout, logs to stderr.
pub(super) fn run(args: &ServeArgs) -> Result<Exit, Failure> {
    // Before the runtime, which has threads.
    let inherited = app::Inherited::from_environment();
    let loaded = app::load(args.config.as_deref())?;
    runtime(true)?.block_on(app::serve(loaded, inherited, io::stdout()))?;
    Ok(Exit::Done)
}
