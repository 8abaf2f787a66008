//! What is said without asking the door: that a client, or everybody, asks too much, that we are
//! closing, and that a request has no document. A document is answered by a document, written once at the start; whoever asked for
//! JSON gets the same status as a problem.

use std::{slice, time::Duration};

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header, request::Parts};

use super::media::{self, Media};
use crate::{
    model::{Answer, Status, StatusCode as Code},
    web::{Page, problem::problem_with},
};

/// Each refusal.
pub(super) struct Refusals {
    pub(super) too_often: Refusal,
    pub(super) too_busy: Refusal,
    pub(super) closing: Refusal,
    pub(super) without_length: Refusal,
}

/// One of them.
pub(super) struct Refusal {
    pub(super) status: Status,
    pub(super) document: Bytes,
}

impl Refusals {
    /// All of them, as documents that `encode` writes.
    pub(super) fn written_by(encode: fn(&Answer) -> Bytes) -> Self {
        let refusal = |code, message: &str| {
            let status = Status::new(code, message);
            Refusal { document: encode(&Answer::fatal(status.clone())), status }
        };
        Self {
            too_often: refusal(Code::TOO_BUSY, "too many requests from this client; try again later"),
            too_busy: refusal(Code::TOO_BUSY, "too many requests in flight; try again in a second"),
            closing: refusal(Code::IN_MAINTENANCE, "this server is shutting down"),
            without_length: refusal(
                Code::NOT_INTERPRETABLE,
                "the request has no document: HTTP needs its length, Content-Length or Transfer-Encoding: chunked",
            ),
        }
    }
}

impl Refusal {
    /// The refusal of a request that may be sent again after `wait`. `document` is the head of
    /// the request if it was for a document.
    pub(super) fn page(&self, status: StatusCode, wait: Duration, document: Option<&Parts>) -> Page {
        let mut page = match document {
            Some(parts) => self.as_document(status, media::accepted(&parts.headers).unwrap_or(Media::Cnrp)),
            None => problem_with(status, &self.status.message, slice::from_ref(&self.status)),
        };
        // Rounded up: a client that comes back too early is refused again.
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        page.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        page
    }

    /// The refusal as a document.
    pub(super) fn as_document(&self, status: StatusCode, media: Media) -> Page {
        let mut page = Response::new(self.document.clone());
        *page.status_mut() = status;
        page.headers_mut().insert(header::CONTENT_TYPE, media.header());
        page
    }
}
