//! Requests whose body has two lengths.
//!
//! A request with both `Content-Length` and `Transfer-Encoding` may end at one place for a proxy
//! and at another for us, and what lies between would be a request that nobody sent (RFC 9112
//! section 6.3). hyper obeys the one, hides the other, and closes the connection afterwards,
//! which is safe; that it happened can be seen only in the bytes as they come. So the head of
//! each request that follows a pause is looked through here, and one of this kind is refused.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{connection::HEAD, crowd::Seat};

/// A connection's stream, which looks at what it reads.
pub(super) struct Watched<S> {
    stream: S,
    seat: Arc<Seat>,
    /// A head that has come in part.
    begun: Vec<u8>,
}

impl<S> Watched<S> {
    pub(super) fn new(stream: S, seat: Arc<Seat>) -> Self {
        Self { stream, seat, begun: Vec::new() }
    }

    fn watch(&mut self, bytes: &[u8]) {
        if !self.begun.is_empty() {
            self.begun.extend_from_slice(bytes);
        }
        let head = if self.begun.is_empty() { bytes } else { &self.begun };
        match has_two_lengths(head) {
            Some(is_ambiguous) => {
                self.seat.note_framing(is_ambiguous);
                self.begun.clear();
            }
            // hyper refuses a longer one.
            None if head.len() > HEAD => self.begun.clear(),
            None if self.begun.is_empty() => self.begun.extend_from_slice(bytes),
            None => {}
        }
    }
}

/// Whether a head names both lengths; `None` while it is not whole.
fn has_two_lengths(head: &[u8]) -> Option<bool> {
    let (mut has_length, mut has_coding, mut has_begun) = (false, false, false);
    let mut lines = head.split(|byte| *byte == b'\n');
    // What follows the last line end is no line yet.
    lines.next_back();
    for line in lines {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() && has_begun {
            return Some(has_length && has_coding);
        }
        has_begun |= !line.is_empty();
        has_length |= is_field(line, b"content-length");
        has_coding |= is_field(line, b"transfer-encoding");
    }
    None
}

fn is_field(line: &[u8], name: &[u8]) -> bool {
    line.get(name.len()) == Some(&b':')
        && line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        // While a request is open, what comes is its body, or waits its turn.
        if !self.seat.is_open() {
            self.watch(buffer.filled().get(before..).unwrap_or_default());
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::has_two_lengths;

    #[test]
    fn two_lengths_are_seen_in_the_head_alone() {
        for (head, expected) in [
            ("POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", Some(true)),
            ("\r\nPOST / HTTP/1.1\nTRANSFER-ENCODING:chunked\ncontent-length:5\n\n", Some(true)),
            ("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nTransfer-Encoding: chunked\r\n\r\n", Some(false)),
            ("POST / HTTP/1.1\r\nX-Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", Some(false)),
            ("POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r", None),
            ("", None),
            ("\r\n\r\n", None),
        ] {
            assert_eq!(has_two_lengths(head.as_bytes()), expected, "{head}");
        }
    }
}
