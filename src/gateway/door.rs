//! The door as its callers see it: what they bring, what they get, and nothing of how it is done.

use std::{net::IpAddr, sync::Arc, time::SystemTime};

use bytes::Bytes;
use url::Url;

use crate::model::{Answer, BoxFuture, CommonName, Question, Reason, Service, Suggestion, Via};

/// How a question reached us: everything beside its bytes that can alter the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// How it came.
    pub transport: Transport,
    /// Who asks, as far as the transport knows.
    pub client: IpAddr,
    /// The `charset` parameter of the media type, where there was one (D33).
    pub charset: Option<String>,
    /// Whether text around the document was taken off before it got here, which earns 3.1.2 (D12).
    pub trimmed: bool,
    /// Gateways that the question has come through (D37).
    pub via: Via,
}

/// The transports of a CNRP document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Transport {
    Http,
    /// One datagram, answered by one of at most so many bytes (D23).
    Udp {
        most: usize,
    },
    /// A message of mail, from a listener or on a command's standard input.
    Smtp,
    /// A command in this process.
    Local,
}

/// A reply to a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// A CNRP document, valid against the DTD, UTF-8. Over UDP it is cut to fit, and empty where
    /// nothing fits.
    pub document: Bytes,
    /// Whether the request was understood as a query or servicequery; UDP is silent otherwise (D23).
    pub understood: bool,
}

/// Answers questions. Transports hold it as an object, so that what answers can be swapped
/// behind it without a socket noticing.
pub trait Door: Send + Sync {
    /// Answers a CNRP document with a CNRP document. Never fails: what cannot be read is answered
    /// with the status that says so.
    fn answer<'a>(&'a self, document: &'a [u8], context: &'a Context) -> BoxFuture<'a, Reply>;

    /// Answers a question that is already read, for pages, JSON and commands.
    fn resolve<'a>(&'a self, question: &'a Question, context: &'a Context) -> BoxFuture<'a, Answer>;

    /// Up to `limit` names that what was typed may become, one for each resource. Nothing is asked of
    /// anybody else for it. A door without names of its own has nothing to suggest.
    fn suggest<'a>(
        &'a self,
        _typed: &'a CommonName,
        _limit: usize,
        _context: &'a Context,
    ) -> BoxFuture<'a, Vec<Suggestion>> {
        Box::pin(async { Vec::new() })
    }

    /// Where a name leads for certain, an http or https address; `None` where people had better choose
    /// among the results.
    fn certain<'a>(&'a self, name: &'a CommonName, context: &'a Context) -> BoxFuture<'a, Option<Url>>;

    /// Answers a document without waiting for anybody, from what is held in memory; `None` where that
    /// does not say what the name is. For when there is no room for another question.
    fn answer_at_hand(&self, _document: &[u8], _context: &Context) -> Option<Reply> {
        None
    }

    /// [`resolve`](Self::resolve) from what is at hand, as [`answer_at_hand`](Self::answer_at_hand) is.
    fn resolve_at_hand(&self, _question: &Question, _context: &Context) -> Option<Answer> {
        None
    }

    /// [`certain`](Self::certain) from what is at hand.
    fn certain_at_hand(&self, _name: &CommonName, _context: &Context) -> Option<Url> {
        None
    }

    /// Our service object, in full.
    fn service(&self) -> Arc<Service>;
}

/// What the operator's pages show and do. The composition implements it.
pub trait Control: Send + Sync {
    /// Whether questions are answered: not before everything is bound, and not while draining.
    fn is_ready(&self) -> bool;

    /// Version, uptime, and each backend's state.
    fn status(&self) -> serde_json::Value;

    /// How each source is, in the order of the configuration.
    fn sources(&self) -> Vec<SourceHealth>;

    /// Every metric, in the text format of Prometheus.
    fn metrics(&self) -> String;

    /// Lifts the suspension of the backend of that name, and gives its state; `None` where there is
    /// no such backend.
    fn resume(&self, backend: &str) -> Option<serde_json::Value>;

    /// Has the configuration read again, and gives its generation once it is in force.
    ///
    /// # Errors
    /// What is wrong with it, as a list; the one that was in force still is.
    fn reload(&self) -> BoxFuture<'_, Result<serde_json::Value, serde_json::Value>>;
}

/// How a source is, as far as everybody may know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceHealth {
    /// Its configured name.
    pub name: String,
    /// Its configured type.
    pub kind: String,
    /// Why it is not asked now, and until when; `None` where it is.
    pub pause: Option<(Reason, SystemTime)>,
    /// Why it gave no answer when it was last asked; `None` where it gave one, or never was.
    pub failing: Option<Reason>,
}
