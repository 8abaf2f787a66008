//! A real Redis, a proxy that makes it slow, and a server in its place that talks nonsense.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use super::Server;

/// A Redis that keeps nothing on the disk.
pub(crate) fn redis() -> Server {
    Server::start("redis-server", "redis-server", |address| arguments(address, &[]))
}

/// The same at an address that is free, with more options.
pub(crate) fn redis_at(address: SocketAddr, options: &[&str]) -> Server {
    Server::start_at(address, "redis-server", "redis-server", |address| arguments(address, options))
}

fn arguments(address: SocketAddr, options: &[&str]) -> Vec<String> {
    let port = address.port().to_string();
    let basic = ["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
    basic.iter().chain(options).map(|text| (*text).to_owned()).collect()
}

/// A proxy to a server, that holds every answer back for a while.
pub(crate) struct Delayed {
    pub(crate) address: SocketAddr,
    milliseconds: Arc<AtomicU64>,
}

impl Delayed {
    pub(crate) async fn before(server: SocketAddr, delay: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let delayed = Self { address, milliseconds: Arc::default() };
        delayed.delay(delay);
        let milliseconds = Arc::clone(&delayed.milliseconds);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(server).await.expect("the server");
                tokio::spawn(join(client, server, Arc::clone(&milliseconds)));
            }
        });
        delayed
    }

    /// From now on it holds answers back for so long, on connections that stand as well.
    pub(crate) fn delay(&self, delay: Duration) {
        let milliseconds = u64::try_from(delay.as_millis()).expect("not too long");
        self.milliseconds.store(milliseconds, Ordering::Relaxed);
    }
}

async fn join(client: TcpStream, server: TcpStream, milliseconds: Arc<AtomicU64>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    tokio::spawn(async move { tokio::io::copy(&mut from_client, &mut to_server).await });
    let mut buffer = vec![0; 65_536];
    while let Ok(length @ 1..) = from_server.read(&mut buffer).await {
        tokio::time::sleep(Duration::from_millis(milliseconds.load(Ordering::Relaxed))).await;
        if to_client.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}

/// A server at a free address that says `words` to whatever it is told, for as long as the test runs.
pub(crate) async fn babbler(at: SocketAddr, words: Vec<u8>) {
    let listener = TcpListener::bind(at).await.expect("a free address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let words = words.clone();
            tokio::spawn(async move {
                let mut buffer = [0; 4096];
                while stream.read(&mut buffer).await.is_ok_and(|length| length > 0) {
                    if stream.write_all(&words).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
}
