//! Reading a request's body: so many bytes, in so much time, and not a byte more.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};

/// How much of a body that is too large is read and thrown away. Closing on a client that is
/// still sending makes its system discard the answer, so one that sends only a little too much
/// gets to read it.
const DISCARDED: usize = 1024 * 1024;

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
    body: Incoming,
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

async fn collect(mut body: Incoming, most: usize) -> Result<Bytes, BodyError> {
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
