//! What an operator sets of the transports: `limits`, and what of `listen` and `web` concerns
//! requests.

use std::{net::SocketAddr, num::NonZeroU32, sync::Arc, time::Duration};

use bytes::Bytes;
use ipnet::IpNet;

use super::Tls;
use crate::{
    config::values::Secret,
    model::{Answer, MailAddress, MailPattern, Tracer},
};

/// The limits and rules of every listener.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Most bytes of a document; more is 413.
    pub request_size: usize,
    /// How long a connection may go without a whole request head, or without reading its answer:
    /// the patience for the first byte, for a slow head, and for an idle connection.
    pub header_timeout: Duration,
    /// How long a body may take; longer is 408.
    pub body_timeout: Duration,
    /// Most connections of all public listeners together; fewer where the process may not open
    /// that many descriptors.
    pub connections: usize,
    /// Most questions being answered at once; more are refused (503, 4.2.1).
    pub in_flight: usize,
    pub per_client: ClientLimit,
    /// Peers whose `X-Forwarded-For` and `Forwarded` are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Peers whose connections begin with a header of the PROXY protocol, to http and https.
    pub proxy_protocol: Vec<IpNet>,
    /// Further host names to which loopback listeners answer.
    pub hosts: Vec<String>,
    /// Whether there are pages and JSON beside the documents.
    pub web: bool,
    /// Origins beside our own whose pages may use us.
    pub origins: Vec<String>,
    /// What a request for the operator's pages has to bear, if anything.
    pub admin_token: Option<Secret>,
    /// Most characters of a name (D31).
    pub name_length: usize,
    /// Most results of one answer.
    pub results: usize,
    /// Certificate and key of the https listeners, which without it accept nothing.
    pub tls: Option<Arc<Tls>>,
    /// How mail is answered, where it is taken.
    pub smtp: Option<SmtpSettings>,
    /// Where the traces of requests begin that are no part of another.
    pub tracer: Arc<Tracer>,
    /// Writes an answer as a CNRP document: for refusals, which no door is asked about.
    pub encode: fn(&Answer) -> Bytes,
}

/// The rules of the listener for mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmtpSettings {
    /// The mailbox that is asked, and that answers come from.
    pub mailbox: MailAddress,
    /// The mail server that carries answers.
    pub relay: SocketAddr,
    /// Envelope senders that are heard.
    pub allow: Vec<MailPattern>,
    /// Mail servers that may connect.
    pub peers: Vec<IpNet>,
    /// How long a command may take, and the whole of a message.
    pub patience: Duration,
}

/// How often one client may ask: `count` in each `period`, and `burst` at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientLimit {
    pub count: NonZeroU32,
    pub period: Duration,
    pub burst: NonZeroU32,
    /// Clients without a limit.
    pub exempt: Vec<IpNet>,
}
