//! The client: asks other CNRP services, over whatever [`Exchange`] it is handed.
//!
//! What is asked of whom, in which order, and what the answers amount to is decided by an
//! [`Inquiry`], a state machine without I/O. [`ask`] drives one over a [`Network`]; [`service`] asks
//! what a service offers (RFC 3367 section 4.2.6). [`Endpoint`] knows where services are reached.
//! [`Introduction`] remembers, for as long as it holds, what a service said of itself.
//!
//! `examples/ask.rs` is a program that uses it.

mod endpoint;
mod errand;
mod gathered;
mod inquiry;
mod introduction;
mod parts;
mod reasons;
mod recognise;
mod visited;
mod whole;
mod window;
mod wire;

pub use endpoint::Endpoint;
pub use errand::Errand;
pub use inquiry::{Inquiry, MOST_ASKED, MOST_HOPS, Referrals};
pub use introduction::Introduction;
pub use reasons::{missing, refusal};
pub use recognise::{Speech, recognise, servicequery_datagram, servicequery_over_http};
pub use window::before_range;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::future::join_all;
use tokio::time::{Instant, timeout_at};

use crate::{
    model::{Answer, Exchange, Failure, Reason, Service, Status},
    protocol,
};

/// Why asking gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Nothing came back, or what came was the transport's own refusal.
    #[error("{0}")]
    Unreached(Failure),
    /// Something came back that is no valid answer.
    #[error("not a valid CNRP answer: {0}")]
    Invalid(String),
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        Self::Unreached(failure)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Unreached(failure) => failure,
            Error::Invalid(why) => Self::new(Reason::Malformed, why),
        }
    }
}

/// How an inquiry reaches services.
#[derive(Clone, Copy)]
pub struct Network<'a> {
    /// To the service asked first, wherever whoever asks said that it is.
    pub first: &'a dyn Exchange,
    /// To services that an answer named. A stranger wrote that, so it must not lead anywhere private.
    pub others: &'a dyn Exchange,
    /// A `Via` header for every request (D37).
    pub via: Option<&'a str>,
}

/// Runs an inquiry to its end, which comes within `patience`: who has not answered by then has failed.
///
/// # Errors
/// The first service can't be reached, refuses by its transport, or answers something invalid.
pub async fn ask(mut inquiry: Inquiry, network: Network<'_>, patience: Duration) -> Result<Answer, Error> {
    let deadline = Instant::now() + patience;
    loop {
        let errands = inquiry.errands();
        if errands.is_empty() {
            return inquiry.finish();
        }
        let replies = errands.iter().map(|errand| run(errand, network, deadline));
        for (errand, reply) in errands.iter().zip(join_all(replies).await) {
            inquiry.take(errand, reply);
        }
    }
}

async fn run(errand: &Errand, network: Network<'_>, deadline: Instant) -> Result<Answer, Error> {
    let exchange = if errand.is_named { network.first } else { network.others };
    let request = wire::request(&errand.to, errand.document(), network.via)?;
    let late = || Failure::new(Reason::TimedOut, "no answer in time");
    let reply = timeout_at(deadline, exchange.exchange(request)).await.map_err(|_| late())??;
    wire::read(&reply)
}

/// Asks the service at `endpoint` what it offers, and returns beside that what it says of its answer: of
/// one that was cut, and could not be had as a whole, that it is incomplete.
///
/// # Errors
/// It can't be reached, refuses by its transport, or answers something invalid.
pub async fn service(
    network: Network<'_>,
    endpoint: &Endpoint,
) -> Result<(Arc<Service>, Vec<Status>), Error> {
    let mut answer = introduced(network.first, endpoint).await?;
    if endpoint.is_datagram() && whole::is_cut(&answer) {
        for place in whole::places(endpoint, &answer) {
            match introduced(network.others, &place).await {
                Ok(whole) if whole.service.is_some() => {
                    answer = whole;
                    break;
                }
                reply => answer.statuses.push(whole::not_had(&place, reply)),
            }
        }
    }
    let refused = answer.failure().map(refusal);
    let service = answer.service.ok_or_else(|| match refused {
        Some(failure) => failure.into(),
        None => Error::Invalid("no service object in it".to_owned()),
    })?;
    Ok((service, answer.statuses))
}

async fn introduced(exchange: &dyn Exchange, endpoint: &Endpoint) -> Result<Answer, Error> {
    let mut document = protocol::encode_servicequery();
    if endpoint.is_datagram() {
        document = errand::padded(document);
    }
    let request = wire::request(endpoint, Bytes::from(document), None)?;
    wire::read(&exchange.exchange(request).await?)
}

#[cfg(test)]
mod tests;
