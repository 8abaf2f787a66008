//! The only way to the network: HTTP and DNS clients with bounds on everything that a stranger
//! could make large, slow or dangerous.
//!
//! [`HttpClient`] sends one request and reads one reply, within its time, its size and its
//! addresses; [`judge()`] and [`json`] make an answer or a [`Failure`] of the reply. [`Dns`] looks
//! names up. Every failure leaves here with one of the [`Reason`]s, so that no floor above needs
//! to know what a socket, a handshake or a response code is.
//!
//! [`Failure`]: crate::model::Failure
//! [`Reason`]: crate::model::Reason

mod address;
mod dns;
mod failure;
mod hosts;
mod http;
mod judge;
mod text;

pub use address::is_public;
pub use dns::{Dns, Found, Missing};
pub use hosts::{HostLookup, SystemHosts};
pub use http::{Bounds, HttpClient, USER_AGENT};
pub use judge::{asks_for_a_person, json, judge, looks_like_html};
pub use text::text;

#[cfg(test)]
pub(crate) mod tests;
