//! `cnrp service`: shows what a service offers.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};

use super::format::Format;
use super::terminal::{print, remark, stderr_page, stdout_page};
use super::{Exit, resolve, run_to_end};
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

    /// How it is written: for people, or as the CNRP document
    #[arg(long, default_value = "text", value_parser = format())]
    format: Format,
}

/// The formats that a service is written in.
fn format() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(["text", "xml"]).try_map(|word| Format::from_str(&word, false))
}

/// Asks the service what it offers, and shows that.
pub(super) fn run(args: &ServiceArgs) -> Result<Exit, Failure> {
    show(&resolve::endpoint(&args.server)?, args.ca.as_deref(), args.format)
}

/// Shows what the service at `server` offers.
pub(super) fn show(server: &Endpoint, ca: Option<&Path>, format: Format) -> Result<Exit, Failure> {
    if format == Format::Json {
        return Err(Failure::Usage(
            "a URI of a server alone asks for the service itself; expected --format text or xml".to_owned(),
        ));
    }
    match run_to_end(false, app::service(server, ca))? {
        Ok((service, statuses)) => {
            let answer = Answer { service: Some(Arc::clone(&service)), statuses, ..Answer::default() };
            if format == Format::Text {
                print(&text::service(&service, stdout_page()))?;
                remark(&text::remarks(&answer, stderr_page()));
            } else {
                print(&app::xml(&answer))?;
            }
            Ok(Exit::Done)
        }
        Err(failure) => {
            if let Some(answer) = failure.answer().filter(|_| format == Format::Xml) {
                print(&app::xml(&answer))?;
            }
            Err(failure)
        }
    }
}
