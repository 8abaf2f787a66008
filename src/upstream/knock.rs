//! Knocking at a port: whether something is there, and what it says.
//!
//! What is heard is anybody's bytes, bounded in number and time, and believed by nobody: inside TLS
//! no certificate is verified, as what answers is to be named and not trusted.

mod unverified;

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use rustls::{AlertDescription, pki_types::ServerName};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpStream, UdpSocket},
    time::{Instant, timeout, timeout_at},
};
use tokio_rustls::TlsConnector;

/// How long a connection may take to be made, and then to be secured.
const CONNECT: Duration = Duration::from_millis(900);

/// How long to wait for a server that speaks first, as those of mail and of remote logins do, before
/// it is spoken to.
const LISTEN: Duration = Duration::from_millis(250);

/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(3);

/// How long the rest of a greeting may take once its beginning is there.
const REST: Duration = Duration::from_millis(100);

/// Most bytes that are listened to.
const MOST: usize = 64 * 1024;

/// What came of knocking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Knock {
    /// Nothing listens there.
    Closed,
    /// Nobody answers at all.
    Filtered,
    /// There is no way to that address.
    Unreachable(String),
    /// Something is there and said this; nothing, if it is empty.
    Heard(Vec<u8>),
}

/// What came of asking for TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Secured {
    /// No TLS is spoken there.
    No,
    /// TLS is spoken, and not with us, for this reason.
    Refused(String),
    /// This was said inside; nothing, if it is empty.
    Heard(Vec<u8>),
}

/// Connects, and says `request` to whatever does not speak first.
pub async fn tcp(address: SocketAddr, request: &[u8]) -> Knock {
    match connect(address).await {
        Ok(mut stream) => Knock::Heard(converse(&mut stream, request).await.unwrap_or_default()),
        Err(knock) => knock,
    }
}

/// Connects, and says `request` at once, to what is known to wait until it is spoken to.
pub async fn tcp_at_once(address: SocketAddr, request: &[u8]) -> Knock {
    let mut stream = match connect(address).await {
        Ok(stream) => stream,
        Err(knock) => return knock,
    };
    let mut heard = Vec::new();
    // One that hangs up on us has said nothing.
    let _ = say(&mut stream, request, &mut heard).await;
    Knock::Heard(heard)
}

/// What [`tcp`] does inside TLS, to a server that is called `host`.
pub async fn tls(address: SocketAddr, host: &str, request: &[u8]) -> Secured {
    let (Some(client), Ok(stream)) = (unverified::client(), connect(address).await) else {
        return Secured::No;
    };
    let name = ServerName::try_from(host.to_owned()).unwrap_or(ServerName::IpAddress(address.ip().into()));
    let handshake = TlsConnector::from(client).connect(name, stream);
    let mut stream = match timeout(CONNECT, handshake).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return refused(&error).map_or(Secured::No, Secured::Refused),
        Err(_) => return Secured::No,
    };
    match converse(&mut stream, request).await {
        Ok(heard) => Secured::Heard(heard),
        // In TLS 1.3 a server that misses our certificate says so once the handshake is over for us.
        Err(error) => refused(&error).map_or(Secured::Heard(Vec::new()), Secured::Refused),
    }
}

/// Why a server that speaks TLS refused us, if that is what the error means.
fn refused(error: &io::Error) -> Option<String> {
    match error.get_ref()?.downcast_ref()? {
        rustls::Error::AlertReceived(alert) => Some(alerted(*alert)),
        rustls::Error::PeerIncompatible(_) => {
            Some("it offers no version or cipher of TLS that we have".into())
        }
        _ => None,
    }
}

/// What an alert means (RFC 8446 section 6.2), with its name.
fn alerted(alert: AlertDescription) -> String {
    let meaning = match alert {
        AlertDescription::CertificateRequired => "it wants a client certificate",
        AlertDescription::HandshakeFailure => "no cipher in common, or it wants a client certificate",
        AlertDescription::UnrecognisedName => "it does not go by this name",
        AlertDescription::ProtocolVersion => "no version of TLS in common",
        AlertDescription::NoApplicationProtocol => "it wants another protocol inside",
        _ => "it broke off the handshake",
    };
    format!("{meaning} (alert {alert:?})")
}

/// Sends a datagram and waits for one.
pub async fn udp(address: SocketAddr, datagram: &[u8]) -> Knock {
    match timeout(ANSWER, exchange(address, datagram)).await {
        Ok(Ok(heard)) => Knock::Heard(heard),
        Ok(Err(error)) => missing(&error),
        Err(_) => Knock::Filtered,
    }
}

async fn exchange(address: SocketAddr, datagram: &[u8]) -> io::Result<Vec<u8>> {
    let from: SocketAddr = match address {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(from).await?;
    socket.connect(address).await?;
    socket.send(datagram).await?;
    let mut heard = Vec::with_capacity(MOST);
    socket.recv_buf(&mut heard).await?;
    Ok(heard)
}

async fn connect(address: SocketAddr) -> Result<TcpStream, Knock> {
    match timeout(CONNECT, TcpStream::connect(address)).await {
        Ok(connected) => connected.map_err(|error| missing(&error)),
        Err(_) => Err(Knock::Filtered),
    }
}

fn missing(error: &io::Error) -> Knock {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Knock::Closed,
        io::ErrorKind::TimedOut => Knock::Filtered,
        _ => Knock::Unreachable(error.to_string()),
    }
}

/// What is said to `request`, or before it. The error is that of a stream that said nothing at all.
async fn converse(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), request: &[u8]) -> io::Result<Vec<u8>> {
    let mut heard = Vec::new();
    match timeout(LISTEN, stream.read_buf(&mut heard)).await {
        Ok(Ok(1..)) => hear(stream, &mut heard, REST).await?,
        // It closed without a word.
        Ok(read) => _ = read?,
        Err(_) => {
            say(stream, request, &mut heard).await?;
        }
    }
    Ok(heard)
}

/// Says `request`, and adds what is answered.
async fn say(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    request: &[u8],
    heard: &mut Vec<u8>,
) -> io::Result<()> {
    stream.write_all(request).await?;
    stream.flush().await?;
    hear(stream, heard, ANSWER).await
}

/// Adds what is said within `patience`, up to the end or the most that is listened to.
async fn hear(
    stream: &mut (impl AsyncRead + Unpin),
    heard: &mut Vec<u8>,
    patience: Duration,
) -> io::Result<()> {
    let end = Instant::now() + patience;
    while heard.len() < MOST {
        match timeout_at(end, stream.read_buf(heard)).await {
            Ok(Ok(1..)) => {}
            Ok(Err(error)) if heard.is_empty() => return Err(error),
            _ => break,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was heard of a peer that does this, and how long that took.
    async fn of<F>(act: impl FnOnce(tokio::io::DuplexStream) -> F) -> (Vec<u8>, Duration)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (mut ours, theirs) = tokio::io::duplex(100);
        tokio::spawn(act(theirs));
        let started = Instant::now();
        (converse(&mut ours, b"question").await.unwrap(), started.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_accepts_and_says_nothing_is_waited_for_three_seconds_once_it_was_asked() {
        let silent = of(async |stream| {
            std::future::pending::<()>().await;
            drop(stream);
        });
        assert_eq!(silent.await, (Vec::new(), LISTEN + Duration::from_secs(3)));
        let dripping = of(async |mut stream| {
            tokio::time::sleep(LISTEN).await;
            while stream.write_all(b"x").await.is_ok() {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        });
        let (heard, took) = dripping.await;
        assert!(
            heard.iter().all(|byte| *byte == b'x') && took <= LISTEN + Duration::from_secs(3),
            "{took:?}"
        );
    }
}
