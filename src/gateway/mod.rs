//! The one door: every transport, page and command asks here, and nowhere else.

use std::{net::IpAddr, sync::Arc};

use bytes::Bytes;

use crate::model::{Answer, Question, Service, Via};

/// How a question reached us: everything beside its bytes that can alter the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// How it came.
    pub transport: Transport,
    /// Who asks, as far as the transport knows.
    pub client: IpAddr,
    /// The `charset` parameter of the media type, where there was one (D33).
    pub charset: Option<String>,
    /// Gateways that the question has come through (D37).
    pub via: Via,
}

/// The transports of a CNRP document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Transport {
    Http,
    Udp,
    /// A command in this process.
    Local,
}

/// A reply to a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// A CNRP document, valid against the DTD, UTF-8.
    pub document: Bytes,
    /// Whether the request was understood as a query or servicequery; UDP is silent otherwise (D23).
    pub understood: bool,
}

/// Answers questions.
pub struct Gateway;

impl Gateway {
    /// Answers a CNRP document with a CNRP document. Never fails: what cannot be read is
    /// answered with the status that says so.
    pub async fn answer(&self, _document: &[u8], _context: &Context) -> Reply {
        Reply { document: Bytes::new(), understood: false }
    }

    /// Answers a question that is already read, for pages, JSON and commands.
    pub async fn resolve(&self, _question: &Question, _context: &Context) -> Answer {
        Answer::default()
    }

    /// Our service object, in full.
    pub fn service(&self) -> Arc<Service> {
        Arc::default()
    }
}
