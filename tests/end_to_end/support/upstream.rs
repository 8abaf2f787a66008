//! An upstream on loopback that answers, or fails, as a test wants.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// What the upstream does with a request.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// Answers with these bytes as JSON.
    Json(String),
    /// Answers with status, extra header lines and body.
    Http(u16, &'static str, Vec<u8>),
    /// Closes the connection hard, without a word.
    Reset,
    /// Never answers.
    Hang,
    /// Begins an answer, and goes on with a byte now and then.
    Drip,
    /// Says something that is not HTTP.
    Garbage,
    /// Promises more than it sends.
    Truncate,
}

/// A running upstream; it ends with the test's runtime.
pub(crate) struct Upstream {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    listening: tokio::task::JoinHandle<()>,
}

/// A request that came: its head and its body.
#[derive(Clone)]
struct Seen {
    head: String,
    body: Vec<u8>,
}

impl Upstream {
    /// Starts one that answers every request as `reply` says, given its request line.
    pub(crate) async fn start(reply: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_slow(Duration::ZERO, reply).await
    }

    /// The same, but it thinks for `delay` first.
    pub(crate) async fn start_slow(
        delay: Duration,
        reply: impl Fn(&str) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let (reply, all) = (Arc::new(reply), Arc::clone(&seen));
        let listening = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (reply, seen) = (Arc::clone(&reply), Arc::clone(&all));
                tokio::spawn(async move { converse(stream, delay, &*reply, &seen).await });
            }
        });
        Self { address, seen, listening }
    }

    /// Nothing listens from now on: connections are refused.
    pub(crate) fn close(&self) {
        self.listening.abort();
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The request lines so far.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.heads().iter().map(|head| head.lines().next().unwrap_or_default().to_owned()).collect()
    }

    /// The heads of the requests so far.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.seen.lock().unwrap().iter().map(|seen| seen.head.clone()).collect()
    }

    /// Their bodies.
    pub(crate) fn bodies(&self) -> Vec<Vec<u8>> {
        self.seen.lock().unwrap().iter().map(|seen| seen.body.clone()).collect()
    }

    /// Ends; from then on nobody listens there.
    pub(crate) async fn stop(self) {
        self.listening.abort();
        let _ = self.listening.await;
    }
}

async fn converse(
    mut stream: TcpStream,
    delay: Duration,
    reply: &(impl Fn(&str) -> Reply + Send + Sync),
    seen: &Mutex<Vec<Seen>>,
) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        match stream.read(&mut byte).await {
            Ok(1) => head.push(byte[0]),
            _ => return,
        }
    }
    let head = String::from_utf8_lossy(&head);
    // A body that nobody reads makes a reset of a close.
    let length =
        head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    if stream.read_exact(&mut body).await.is_err() {
        return;
    }
    let line = head.lines().next().unwrap_or_default().to_owned();
    seen.lock().unwrap().push(Seen { head: head.into_owned(), body });
    tokio::time::sleep(delay).await;
    let bytes = match reply(&line) {
        Reply::Json(body) => response(200, "Content-Type: application/json\r\n", body.as_bytes(), 0),
        Reply::Http(status, headers, body) => response(status, headers, &body, 0),
        Reply::Truncate => response(200, "Content-Type: application/json\r\n", b"{\"results\": [", 500),
        Reply::Garbage => b"\x00\xff\xfenot http at all\r\n\r\n".to_vec(),
        Reply::Reset => {
            let _ = socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO));
            return;
        }
        Reply::Hang => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            return;
        }
        Reply::Drip => return drip(&mut stream).await,
    };
    let _ = stream.write_all(&bytes).await;
    let _ = stream.shutdown().await;
}

async fn drip(stream: &mut TcpStream) {
    for byte in response(200, "Content-Type: application/json\r\n", &[b' '; 4096], 0) {
        if stream.write_all(&[byte]).await.is_err() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn response(status: u16, headers: &str, body: &[u8], missing: usize) -> Vec<u8> {
    let length = body.len() + missing;
    let head =
        format!("HTTP/1.1 {status} X\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n");
    [head.as_bytes(), body].concat()
}

/// A SearXNG reply with these results: (url, title, content).
pub(crate) fn searxng(results: &[(&str, &str, &str)]) -> Reply {
    let results: Vec<_> = results
        .iter()
        .map(|(url, title, content)| serde_json::json!({"url": url, "title": title, "content": content, "engine": "x"}))
        .collect();
    Reply::Json(serde_json::json!({"query": "q", "results": results}).to_string())
}
