//! Sockets: what listens, who may connect and how often, and how bytes on a wire become a
//! question for the door and its answer bytes again.
//!
//! [`bind`] opens every socket before anything is announced, except those that were open before the process
//! began ([`inherited`]); [`Serving`] accepts, operators first, until it is told
//! to stop, lets what is in flight finish, and takes another configuration meanwhile. A connection takes its place in the [`crowd`],
//! which sheds the slow when it is full. Behind a load balancer it first says who it is for
//! ([`proxy_header`]). On an https listener it shakes hands first ([`tls`]);
//! [`connection`] drives it and closes it when it idles. A request goes to the [`front`], which
//! knows the client ([`client`]), its limit ([`admit`]) and the route: a CNRP [`document`], or a
//! page of [`web`](crate::web). [`udp`] is the same for datagrams, [`smtp`] for
//! [`mail`](crate::mail).

mod accept;
mod admit;
mod body;
mod client;
mod connection;
mod counters;
mod crowd;
mod date;
mod document;
mod encoding;
mod framing;
mod front;
mod inherited;
mod listen;
mod media;
mod pages;
mod proxy_header;
mod reached;
mod refusals;
mod serving;
mod settings;
pub mod smtp;
mod spans;
mod tls;
mod udp;
mod via;

#[cfg(test)]
mod tests;

pub use inherited::Inherited;
pub use listen::{Addresses, BindError, Bound, bind, bind_with};
pub use serving::Serving;
pub use settings::{ClientLimit, Settings, SmtpSettings};
pub use tls::{Tls, TlsError, TlsFiles};
