//! The only way to the network: HTTP, UDP, DNS and SMTP clients with bounds on everything that a
//! stranger could make large, slow or dangerous.
//!
//! [`HttpClient`] sends one request and reads one reply, within its time, its size and its
//! addresses, [`UdpClient`] one datagram; [`judge()`] and [`json`] make an answer or a [`Failure`] of
//! the reply. [`Dns`] looks names up. Every failure of theirs leaves here with one of the
//! [`Reason`]s, so that no floor above needs to know what a socket, a handshake or a response code
//! is. [`MailRelay`] hands messages to a mail server.
//!
//! [`knock`] finds out what listens at a port, and [`holder`] which process of this machine does.
//!
//! [`Failure`]: crate::model::Failure
//! [`Reason`]: crate::model::Reason

mod address;
mod dns;
mod failure;
mod hosts;
mod http;
mod judge;
pub mod knock;
mod lines;
mod machine;
mod relay;
mod roots;
mod store;
mod text;
mod udp;

pub use address::is_public;
pub use dns::{Dns, Found, Missing};
pub use hosts::{HostLookup, SystemHosts};
pub use http::{Bounds, HttpClient, USER_AGENT};
pub use judge::{Received, asks_for_a_person, json, judge, looks_like_html, retry_after};
pub use knock::{Knock, Secured};
pub use lines::{Answered, Asked, Body, Lines, Player, REDACTED, Recorder, Said};
pub use machine::{Holder, holder, is_of_this_machine};
pub use relay::{MailRelay, RelayFailure};
pub use roots::Roots;
pub use store::{Part, Store};
pub use text::text;
pub use udp::UdpClient;

#[cfg(test)]
pub(crate) mod tests;
