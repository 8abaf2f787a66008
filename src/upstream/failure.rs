//! From an error of the HTTP client to one of the closed list of reasons.
//!
//! The client's errors say little themselves: what happened is somewhere down the chain of their
//! causes. Their addresses are taken off first, as a query may hold a key and always holds what
//! somebody asked.

use std::{error::Error, io};

use rustls::{AlertDescription, CertificateError};

use super::{machine::has_no_descriptor, roots::is_authority};
use crate::model::{Failure, Reason};

/// How far an exchange had come when it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// No head of a reply yet.
    Request,
    /// The head was there, the body was being read.
    Body,
}

/// The failure that `error` stands for, without the address it happened at.
pub(super) fn classified(error: reqwest::Error, stage: Stage) -> Failure {
    let is_secure = error.url().is_some_and(|url| url.scheme() == "https");
    let error = error.without_url();
    if let Some(own) = causes(&error).find_map(|cause| cause.downcast_ref::<Failure>()) {
        return own.clone();
    }
    let io = causes(&error).filter_map(|cause| cause.downcast_ref::<io::Error>()).last();
    if error.is_connect() && has_no_descriptor(io) {
        return Failure::without_descriptors();
    }
    if is_secure && wants_certificate(&error) {
        let why = "the service wants a client certificate, and there is none to show (CertificateRequired)";
        return Failure::new(Reason::Tls, why);
    }
    if is_secure && stage == Stage::Request && !error.is_connect() && was_dropped(&error) {
        let why = "the service closed the connection behind the handshake; it may be that it wants a client certificate";
        return Failure::new(Reason::Tls, why);
    }
    Failure::new(reason(&error, stage), story(&error))
}

fn reason(error: &reqwest::Error, stage: Stage) -> Reason {
    if error.is_timeout() {
        return Reason::TimedOut;
    }
    // Outer errors of the kind only carry the inner one.
    let kind =
        causes(error).filter_map(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind).last();
    if error.is_connect() {
        return match kind {
            Some(io::ErrorKind::ConnectionRefused) => Reason::Refused,
            Some(io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe) => Reason::Reset,
            Some(io::ErrorKind::TimedOut) => Reason::TimedOut,
            // A handshake that failed arrives as bad data, or as an end in the middle of it.
            Some(io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof) => Reason::Tls,
            _ => Reason::Unreachable,
        };
    }
    if stage == Stage::Body {
        return if kind == Some(io::ErrorKind::ConnectionReset) { Reason::Reset } else { Reason::Malformed };
    }
    let protocol = causes(error).find_map(|cause| cause.downcast_ref::<hyper::Error>());
    match (kind, protocol) {
        (Some(io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe), _) => Reason::Reset,
        // The other side closed without a word.
        (_, Some(error)) if error.is_incomplete_message() || error.is_closed() => Reason::Reset,
        (_, Some(error)) if error.is_parse() => Reason::Malformed,
        (Some(_), _) => Reason::Reset,
        _ => Reason::Malformed,
    }
}

/// The error and its causes, outermost first. What an I/O error was made of counts as its cause;
/// its `source` would be the cause of that.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| cause(*error))
}

fn cause<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>() {
        Some(io) => io.get_ref().map(|inner| inner as &(dyn Error + 'static)),
        None => error.source(),
    }
}

/// Whether a server broke TLS off because we showed no certificate. In TLS 1.3 it says so once the handshake
/// is over for us, where an answer was expected. Inside HTTP/2 only the words of an error
/// of the connection are left, so they are what is looked at.
fn wants_certificate(error: &reqwest::Error) -> bool {
    let alert = rustls::Error::AlertReceived(AlertDescription::CertificateRequired).to_string();
    causes(error).last().is_some_and(|cause| cause.to_string().ends_with(&alert))
}

/// Whether the connection ended under a request that had no answer yet: what a server said last is lost
/// where the library was not waiting for it just then, or was still writing.
fn was_dropped(error: &reqwest::Error) -> bool {
    let is_canceled = |cause: &(dyn Error + 'static)| {
        cause.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_canceled)
    };
    let is_cut = |cause: &(dyn Error + 'static)| {
        let kind = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        matches!(kind, Some(io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset))
    };
    causes(error).any(|cause| is_canceled(cause) || is_cut(cause))
}

/// What happened, in the words of whom it happened to: the errors around it say that a request was
/// sent and what part of the client sent it, which the reason says better.
fn story(error: &reqwest::Error) -> String {
    let distrusted = causes(error).find_map(|cause| match cause.downcast_ref() {
        Some(rustls::Error::InvalidCertificate(why)) => distrusted(why),
        _ => None,
    });
    let last = || causes(error).last().map(ToString::to_string).unwrap_or_default();
    distrusted.map_or_else(last, str::to_owned)
}

/// What a client can do about the certificate of a server, where it is known.
fn distrusted(why: &CertificateError) -> Option<&'static str> {
    match why {
        CertificateError::UnknownIssuer => {
            Some("nobody who is trusted here has signed the server's certificate (UnknownIssuer)")
        }
        why if is_authority(why) => Some(
            "the server's certificate is an authority's (CA:TRUE), which must not be a server's own; expected one \
             with CA:FALSE, one that this authority signed, or that --ca names this very one (CaUsedAsEndEntity)",
        ),
        _ => None,
    }
}
