//! An HTTP server on loopback that answers, or fails, as a test wants; it ends with the runtime.

use std::{
    io::Write,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// What the server does with a request.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// Answers with status, header lines (each with its line end) and body.
    Reply(u16, String, Vec<u8>),
    /// Closes the connection hard.
    Reset,
    /// Closes the connection politely, without a word.
    Close,
    /// Promises more than it sends.
    Truncate,
    /// Says something that is not HTTP.
    Garbage,
    /// Never answers.
    Hang,
    /// A byte of the body every 20 ms, for ever.
    Drip,
    /// A body of spaces without end, of unknown length.
    Flood,
}

impl Act {
    /// A successful reply of a media type.
    pub(crate) fn ok(media: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::Reply(200, format!("Content-Type: {media}\r\n"), body.into())
    }

    /// The same, compressed.
    pub(crate) fn gzip(media: &str, body: &[u8]) -> Self {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(body).unwrap();
        let headers = format!("Content-Type: {media}\r\nContent-Encoding: gzip\r\n");
        Self::Reply(200, headers, encoder.finish().unwrap())
    }

    /// A redirect.
    pub(crate) fn redirect(status: u16, to: &str) -> Self {
        Self::Reply(status, format!("Location: {to}\r\n"), Vec::new())
    }
}

/// A running server.
pub(crate) struct Fixture {
    pub(crate) url: String,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Fixture {
    /// Starts a server that acts on every request as told, given the request's head.
    pub(crate) async fn start(act: impl Fn(&str) -> Act + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let heads: Arc<Mutex<Vec<String>>> = Arc::default();
        let (act, seen) = (Arc::new(act), Arc::clone(&heads));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (act, seen) = (Arc::clone(&act), Arc::clone(&seen));
                tokio::spawn(async move {
                    let Some((stream, head)) = request(stream).await else { return };
                    seen.lock().unwrap().push(head.clone());
                    perform(stream, act(&head)).await;
                });
            }
        });
        Self { url, heads }
    }

    /// A server that always does the same.
    pub(crate) async fn always(act: Act) -> Self {
        Self::start(move |_| act.clone()).await
    }

    /// The heads of the requests so far, each with its body.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

async fn request(mut stream: TcpStream) -> Option<(TcpStream, String)> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let mut head = String::from_utf8_lossy(&head).into_owned();
    let length =
        head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).await.ok()?;
    head.push_str(&String::from_utf8_lossy(&body));
    Some((stream, head))
}

async fn perform(mut stream: TcpStream, act: Act) {
    const CHUNKED: &[u8] =
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    match act {
        Act::Reply(status, headers, body) => {
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status} X\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n"
            );
            let _ = stream.write_all(head.as_bytes()).await;
            let _ = stream.write_all(&body).await;
            let _ = stream.shutdown().await;
        }
        Act::Reset => {
            let _ = socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO));
        }
        Act::Close => {}
        Act::Truncate => {
            let promise = b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"results\": [";
            let _ = stream.write_all(promise).await;
        }
        Act::Garbage => {
            let _ = stream.write_all(b"\x00\xff\xfenot http at all\r\n\r\n").await;
        }
        Act::Hang => tokio::time::sleep(Duration::from_secs(60)).await,
        Act::Drip => {
            let mut sent = stream.write_all(CHUNKED).await;
            while sent.is_ok() {
                tokio::time::sleep(Duration::from_millis(20)).await;
                sent = stream.write_all(b"1\r\n \r\n").await;
            }
        }
        Act::Flood => {
            let chunk = [b"10000\r\n".as_slice(), &[b' '; 0x10000], b"\r\n"].concat();
            let mut sent = stream.write_all(CHUNKED).await;
            while sent.is_ok() {
                sent = stream.write_all(&chunk).await;
            }
        }
    }
}
