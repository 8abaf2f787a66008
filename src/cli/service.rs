//! `cnrp service`: shows what a service offers.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::terminal::{print, stdout_page};
use super::{Exit, resolve, runtime};
use crate::app::{self, Failure};
use crate::client::Endpoint;
use crate::model::Answer;
use crate::render::text;

/// Arguments of `cnrp service`.
#[derive(Debug, Clone, Args)]
pub struct ServiceArgs {
    /// The service: an http(s) or go: URI, udp://HOST:PORT, HOST or HOST:PORT
    #[arg(long, value_name = "URI", default_value = "localhost")]
    server: String,

    /// Trusts the authorities in this file, certificates in PEM, beside the system's
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,

    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// How a service is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Text,
    /// The CNRP document
    Xml,
}

/// Asks the service what it offers, and shows that.
pub(super) fn run(args: &ServiceArgs) -> Result<Exit, Failure> {
    show(&resolve::endpoint(&args.server)?, args.ca.as_deref(), args.format)
}

/// Shows what the service at `server` offers.
pub(super) fn show(server: &Endpoint, ca: Option<&Path>, format: Format) -> Result<Exit, Failure> {
    let service = runtime(false)?.block_on(app::service(server, ca))?;
    match format {
        Format::Text => print(&text::service(&service, stdout_page())),
        Format::Xml => print(&app::xml(&Answer { service: Some(service), ..Answer::default() })),
    }
    Ok(Exit::Done)
}
