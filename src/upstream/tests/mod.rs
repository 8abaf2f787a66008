//! The clients against real servers on loopback, and those servers, which other tests use too.

mod authority;
mod dns;
mod dns_server;
mod http;
mod http_server;
mod knock;

pub(crate) use authority::{Authority, Pair};
pub(crate) use dns_server::{DnsServer, zone};
pub(crate) use http_server::{Act, Fixture};
