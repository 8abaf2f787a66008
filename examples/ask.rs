//! Asks a CNRP service for a name, and the services that it refers to:
//!
//! ```text
//! cargo run --example ask -- 127.0.0.1:1096 toys r us
//! ```
//!
//! The client decides what to ask whom; how requests travel is up to the program. Here that is the
//! library's own HTTP client, which goes to the server named on the command line wherever it is, and
//! to servers that an answer names only if they are on the public internet. A program with an HTTP
//! client of its own implements [`Exchange`] instead.

// A command speaks on its standard streams.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::{process::ExitCode, sync::Arc, time::Duration};

use cnrp_gateway::{
    client::{self, Endpoint, Inquiry, Network, Referrals},
    model::{CommonName, Exchange, Property, Question, Target},
    upstream::{Bounds, HttpClient, SystemHosts, USER_AGENT},
};

/// Asks `server` for `name`, and gives a line for each result.
///
/// # Errors
/// A sentence for the user.
pub(crate) async fn ask(server: &str, name: &str) -> Result<Vec<String>, String> {
    let server = Endpoint::parse(server)?;
    let question = Question {
        target: Target::Name(CommonName::new(name).ok_or("the name is empty")?),
        // Hints order the results; they never hide any.
        properties: vec![Property::new("language", "rfc1766", "en")],
    };
    let bounds = Bounds::default();
    let named = HttpClient::new(server.url(), bounds, USER_AGENT, Arc::new(SystemHosts));
    let named: Box<dyn Exchange> = Box::new(named.map_err(|error| error.to_string())?);
    let others = HttpClient::for_referrals(&[], Vec::new(), bounds, USER_AGENT, Arc::new(SystemHosts));
    let others = others.map_err(|error| error.to_string())?;

    let inquiry = Inquiry::at(server, question, Referrals::Follow);
    let network = Network { first: &*named, others: &others, via: None };
    let answer =
        client::ask(inquiry, network, Duration::from_secs(10)).await.map_err(|error| error.to_string())?;

    let line = |result: &cnrp_gateway::model::ResultItem| {
        format!(
            "{}  {}  ({} confidence, from {})",
            result.commonname,
            result.uri,
            result.confidence.word(),
            result.service.uri
        )
    };
    Ok(answer.results.iter().map(line).collect())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let server = arguments.next().unwrap_or_default();
    let name = arguments.collect::<Vec<_>>().join(" ");
    match ask(&server, &name).await {
        Ok(lines) => {
            println!("{}", lines.join("\n"));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
