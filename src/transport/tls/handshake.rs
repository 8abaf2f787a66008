//! The handshake: what comes before the first request on an https connection, and what follows
//! STARTTLS on one of mail.

use std::{io, sync::Arc, time::Duration};

use rustls::ServerConfig;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use super::{super::crowd::Seat, Tls};

/// The type of a record that belongs to a handshake (RFC 8446 section 5.1): the first byte of every
/// TLS connection.
const HANDSHAKE: u8 = 22;

/// What a browser or a script that speaks plain HTTP here gets to read.
const PLAIN_HTTP: &[u8] = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 34\r\n\
    Connection: close\r\n\r\nThis port speaks https, not http.\n";

/// How much of a plain request is read and thrown away, so that closing does not make the client's
/// system discard the answer.
const DISCARDED: u64 = 64 * 1024;

/// Shakes hands within `patience`, unless the seat is told to go first. `None`: there is no more to
/// be done for this connection.
pub(in super::super) async fn shake_hands(
    tls: &Tls,
    stream: TcpStream,
    seat: &Seat,
    patience: Duration,
) -> Option<TlsStream<TcpStream>> {
    tokio::select! {
        shaken = tokio::time::timeout(patience, shake(tls, stream)) => shaken.ok()?.ok()?,
        () = seat.called() => None,
    }
}

/// Goes on inside TLS on a connection where that was asked for. No protocol is agreed on: those of
/// https are not spoken here, and mail has none of its own (RFC 7301).
///
/// # Errors
/// The connection broke, or hands were not shaken.
pub(in super::super) async fn take_over<S: AsyncRead + AsyncWrite + Unpin>(
    tls: &Tls,
    stream: S,
) -> io::Result<TlsStream<S>> {
    let mut config = ServerConfig::clone(&tls.current());
    config.alpn_protocols.clear();
    TlsAcceptor::from(Arc::new(config)).accept(stream).await
}

async fn shake(tls: &Tls, mut stream: TcpStream) -> io::Result<Option<TlsStream<TcpStream>>> {
    let mut first = [0];
    stream.peek(&mut first).await?;
    let [first] = first;
    if first == HANDSHAKE {
        let acceptor = TlsAcceptor::from(tls.current());
        return acceptor.accept(stream).await.map(Some);
    }
    if first.is_ascii_uppercase() {
        stream.write_all(PLAIN_HTTP).await?;
        stream.shutdown().await?;
        tokio::io::copy(&mut stream.take(DISCARDED), &mut tokio::io::sink()).await?;
    }
    Ok(None)
}
