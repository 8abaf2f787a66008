//! `cnrp serve`: runs the gateway until it is told to stop.

use std::io;
use std::path::PathBuf;

use clap::Args;

use super::{Exit, run_to_end};
use crate::app::{self, Failure};

/// Arguments of `cnrp serve`.
#[derive(Debug, Clone, Args)]
pub struct ServeArgs {
    /// The configuration; without one, well-known names and DNS on this machine alone
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// The folder of `state`: where the configuration can't be used, the one that was in force last is
    #[arg(long, value_name = "FOLDER", requires = "config")]
    last_good: Option<PathBuf>,
}

/// Serves. A line for each listener and `ready` go to stdout, logs to stderr.
pub(super) fn run(args: &ServeArgs) -> Result<Exit, Failure> {
    // Before the runtime, which has threads.
    let inherited = app::Inherited::from_environment();
    let loaded = match (&args.config, &args.last_good) {
        (Some(path), Some(state)) => app::load_or_last_good(path, state)?,
        (path, _) => app::load(path.as_deref())?,
    };
    run_to_end(true, app::serve(loaded, inherited, io::stdout()))??;
    Ok(Exit::Done)
}
