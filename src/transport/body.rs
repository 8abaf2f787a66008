//! Reading a request's body: so many bytes, in so much time, and not a byte more; and what becomes of one
//! that nobody read.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::Version;
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};

/// How much of a body that is too large is read and thrown away. Closing on a client that is
/// still sending makes its system discard the answer, so one that sends only a little too much
/// gets to read it.
const DISCARDED: usize = 1024 * 1024;

/// How long the rest of a body that nobody reads is waited for. The stream counts as open meanwhile, and
/// a connection has a bounded number of those.
const LINGER: Duration = Duration::from_secs(2);

/// Why there is no body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BodyError {
    TooLarge,
    TooSlow,
    /// The client went away, or what it sent is no HTTP.
    Broken,
}

/// Reads `body` whole. `waits` says that the client sends nothing until it is asked to
/// (`Expect: 100-continue`), so that it can be refused before.
pub(super) async fn read(
    body: &mut Incoming,
    most: usize,
    patience: Duration,
    waits: bool,
) -> Result<Bytes, BodyError> {
    let is_too_large = body.size_hint().lower() > most as u64;
    if is_too_large && waits {
        return Err(BodyError::TooLarge);
    }
    let reading = collect(body, most);
    tokio::time::timeout(patience, reading).await.unwrap_or(Err(if is_too_large {
        BodyError::TooLarge
    } else {
        BodyError::TooSlow
    }))
}

/// Lets go of a body, read or not. What is left of a stream of HTTP/2 is taken in and thrown away while
/// the answer is on its way: a stream that is let go before its end is reset, and some clients (curl 7.88)
/// then lose the answer, though RFC 9113 (section 8.1) has them keep it.
pub(super) fn let_go(body: Incoming, version: Version) {
    if version == Version::HTTP_2 && !body.is_end_stream() {
        tokio::spawn(tokio::time::timeout(LINGER, discard(body)));
    }
}

async fn discard(mut body: Incoming) {
    let mut left = DISCARDED;
    while let Some(Ok(frame)) = body.frame().await {
        let Some(rest) = left.checked_sub(frame.data_ref().map_or(0, Bytes::len)) else { return };
        left = rest;
    }
}

async fn collect(body: &mut Incoming, most: usize) -> Result<Bytes, BodyError> {
    let mut first = Bytes::new();
    let mut whole = BytesMut::new();
    let mut size = 0;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| BodyError::Broken)?.into_data() else { continue };
        size += data.len();
        if size > most + DISCARDED {
            break;
        }
        if size > most {
            // Read on without keeping anything.
            whole = BytesMut::new();
        } else if first.is_empty() {
            first = data;
        } else {
            if whole.is_empty() {
                whole.extend_from_slice(&first);
            }
            whole.extend_from_slice(&data);
        }
    }
    match size {
        _ if size > most => Err(BodyError::TooLarge),
        // A body that came in one piece, as most do, is not copied.
        _ if whole.is_empty() => Ok(first),
        _ => Ok(whole.freeze()),
    }
}
