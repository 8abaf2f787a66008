//! One datagram out, one datagram back (D23).
//!
//! The socket is connected, so that only who was asked is heard, and a closed port is told from
//! silence. Datagrams get lost, so the question is sent again after a while.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use tokio::{
    net::UdpSocket,
    time::{Instant, timeout_at},
};

use super::HostLookup;
use crate::model::{BoxFuture, Exchange, Failure, Reason};

/// After how long a question that was not answered is sent again.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often a question is sent.
const SENDINGS: usize = 3;
/// The longest datagram there is.
const LONGEST: usize = 65_535;

/// A client that sends the body of a request to `udp://HOST:PORT`. It goes wherever it is told, so it
/// is for places that the command line names.
pub struct UdpClient {
    lookup: Arc<dyn HostLookup>,
}

impl UdpClient {
    /// A client that finds hosts by `lookup`.
    pub fn new(lookup: Arc<dyn HostLookup>) -> Self {
        Self { lookup }
    }

    async fn address(&self, uri: &http::Uri) -> Result<SocketAddr, Failure> {
        let place = uri.host().zip(uri.port_u16()).filter(|_| uri.scheme_str() == Some("udp"));
        let (host, port) = place.ok_or_else(|| {
            Failure::new(Reason::Unsafe, format!("{uri} is no place for datagrams; expected udp://HOST:PORT"))
        })?;
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let ip = match bare.parse() {
            Ok(ip) => Some(ip),
            Err(_) => self.lookup.addresses(host.to_owned()).await?.into_iter().next(),
        };
        let ip = ip.ok_or_else(|| Failure::new(Reason::Unreachable, format!("{host} has no address")))?;
        Ok(SocketAddr::new(ip, port))
    }

    async fn ask(&self, request: &http::Request<Bytes>) -> Result<http::Response<Bytes>, Failure> {
        let to = self.address(request.uri()).await?;
        let socket = connected(to).await.map_err(|error| failure(&error))?;
        let mut reply = vec![0; LONGEST];
        let mut garbage = None;
        for _ in 0..SENDINGS {
            socket.send(request.body()).await.map_err(|error| failure(&error))?;
            let end = Instant::now() + PATIENCE;
            while let Ok(received) = timeout_at(end, socket.recv(&mut reply)).await {
                let length = received.map_err(|error| failure(&error))?;
                let datagram = Bytes::copy_from_slice(reply.get(..length).unwrap_or_default());
                if may_be_document(&datagram) {
                    return Ok(http::Response::new(datagram));
                }
                garbage = Some(datagram);
            }
        }
        let silence =
            || Failure::new(Reason::TimedOut, format!("no datagram came back in answer to {SENDINGS}"));
        garbage.map(http::Response::new).ok_or_else(silence)
    }
}

/// Whether a datagram may be a document in UTF-8. Anybody can send another in the server's name, so one
/// that is none does not end the wait.
fn may_be_document(datagram: &[u8]) -> bool {
    let text = datagram.strip_prefix(b"\xef\xbb\xbf").unwrap_or(datagram);
    text.trim_ascii_start().starts_with(b"<")
}

/// A socket that hears `to` alone. Towards this machine it stays on this machine.
async fn connected(to: SocketAddr) -> std::io::Result<UdpSocket> {
    let from: IpAddr = match to.ip() {
        IpAddr::V4(ip) if ip.is_loopback() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(ip) if ip.is_loopback() => Ipv6Addr::LOCALHOST.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((from, 0)).await?;
    socket.connect(to).await?;
    Ok(socket)
}

fn failure(error: &std::io::Error) -> Failure {
    let reason = match error.kind() {
        std::io::ErrorKind::ConnectionRefused => Reason::Refused,
        _ => Reason::Unreachable,
    };
    Failure::new(reason, error.to_string())
}

impl Exchange for UdpClient {
    fn exchange(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, Failure>> {
        Box::pin(async move { self.ask(&request).await })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upstream::SystemHosts;

    async fn ask(uri: String) -> Result<Bytes, Failure> {
        let request = http::Request::post(uri).body(Bytes::from_static(b"question")).unwrap();
        let client = UdpClient::new(Arc::new(SystemHosts));
        client.exchange(request).await.map(http::Response::into_body)
    }

    #[tokio::test]
    async fn a_question_that_was_lost_is_sent_again_and_garbage_is_no_answer() {
        let server = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let uri = format!("udp://{}/", server.local_addr().unwrap());
        let answering = tokio::spawn(async move {
            let mut buffer = [0; 100];
            let (first, _) = server.recv_from(&mut buffer).await.unwrap();
            let (second, from) = server.recv_from(&mut buffer).await.unwrap();
            server.send_to(b"garbage", from).await.unwrap();
            server.send_to(b" <answer/>", from).await.unwrap();
            (first, second)
        });
        assert_eq!(ask(uri).await.unwrap(), " <answer/>");
        assert_eq!(answering.await.unwrap(), (8, 8));
    }

    #[tokio::test]
    async fn a_closed_port_is_told_at_once() {
        let closed = UdpSocket::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let failure = ask(format!("udp://{closed}/")).await.unwrap_err();
        assert_eq!(failure.reason, Reason::Refused);
    }

    #[tokio::test]
    async fn other_places_are_refused() {
        for uri in ["http://127.0.0.1:1/", "udp://127.0.0.1/"] {
            assert_eq!(ask(uri.to_owned()).await.unwrap_err().reason, Reason::Unsafe, "{uri}");
        }
    }
}
