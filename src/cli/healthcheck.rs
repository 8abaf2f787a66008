//! `cnrp healthcheck`: asks the running gateway whether it is ready, for what starts and watches it where
//! there is no other program to ask with: a container engine, Kubernetes, a script.

use std::path::PathBuf;

use clap::Args;

use super::terminal::remark;
use super::{Exit, run_to_end};
use crate::app::{self, Failure};

/// Arguments of `cnrp healthcheck`.
#[derive(Debug, Clone, Args)]
pub struct HealthcheckArgs {
    /// The configuration that the gateway runs with, for the address of `listen.admin`; without one, the
    /// embedded default
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Asks whether the process lives (/livez) rather than whether it is ready (/readyz)
    #[arg(long)]
    live: bool,
}

/// Asks. What is wrong goes to stderr, where engines keep it with the state of the container.
pub(super) fn run(args: &HealthcheckArgs) -> Result<Exit, Failure> {
    let admin = app::health::admin(args.config.as_deref())?;
    let page = if args.live { "/livez" } else { "/readyz" };
    match run_to_end(false, app::health::ask(&admin, page))?? {
        Ok(()) => Ok(Exit::Done),
        Err(why) => {
            remark(&format!("cnrp: {why}\n"));
            Ok(Exit::Unhealthy)
        }
    }
}
