//! The served path as a ratio: `POST /` for a cached name, against a bare hyper server that reads
//! the body and sends 900 fixed bytes. Twice: through our transport alone, to a door that answers
//! at once, and through the whole gateway, with a static map and a search engine whose answer is
//! in the cache. The same load, in alternating runs, so that what else the machine does hurts all
//! alike.

// A bench that panics has failed, and what it prints is its result.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::{
    convert::Infallible,
    future::pending,
    io::{self, Write},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    num::NonZeroU32,
    sync::{Arc, mpsc},
    time::{Duration, Instant},
};

use bytes::Bytes;
use cnrp_gateway::{
    app,
    gateway::{Context, Control, Door, Reply, SourceHealth},
    model::{Answer, BoxFuture, Metrics, Question, Service},
    transport::{Addresses, ClientLimit, Serving, Settings, bind},
};
use http::{HeaderValue, Request, Response, header};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    runtime::{Builder, Runtime},
};

const ANSWER: Bytes = Bytes::from_static(&[b'x'; 900]);
const CONNECTIONS: usize = 16;
const RUNS: usize = 7;
const RUN: Duration = Duration::from_secs(1);

/// A door that answers at once.
struct Fixed;

impl Door for Fixed {
    fn answer<'a>(&'a self, _: &'a [u8], _: &'a Context) -> BoxFuture<'a, Reply> {
        Box::pin(async { Reply { document: ANSWER, understood: true } })
    }

    fn resolve<'a>(&'a self, _: &'a Question, _: &'a Context) -> BoxFuture<'a, Answer> {
        Box::pin(async { Answer::default() })
    }

    fn certain<'a>(
        &'a self,
        _: &'a cnrp_gateway::model::CommonName,
        _: &'a Context,
    ) -> BoxFuture<'a, Option<url::Url>> {
        Box::pin(async { None })
    }

    fn service(&self) -> Arc<Service> {
        Arc::new(Service::default())
    }
}

impl Control for Fixed {
    fn is_ready(&self) -> bool {
        true
    }

    fn status(&self) -> serde_json::Value {
        serde_json::Value::Null
    }

    fn metrics(&self) -> String {
        String::new()
    }

    fn resume(&self, _: &str) -> Option<serde_json::Value> {
        None
    }

    fn reload(&self) -> BoxFuture<'_, Result<serde_json::Value, serde_json::Value>> {
        Box::pin(async { Ok(serde_json::Value::Null) })
    }

    fn sources(&self) -> Vec<SourceHealth> {
        Vec::new()
    }
}

fn settings() -> Settings {
    Settings {
        request_size: 64 * 1024,
        header_timeout: Duration::from_secs(10),
        body_timeout: Duration::from_secs(10),
        connections: 10_000,
        in_flight: 1024,
        per_client: ClientLimit {
            count: NonZeroU32::MIN,
            period: Duration::from_secs(1),
            burst: NonZeroU32::MIN,
            exempt: vec![IpAddr::V4(Ipv4Addr::LOCALHOST).into()],
        },
        trusted_proxies: Vec::new(),
        proxy_protocol: Vec::new(),
        hosts: Vec::new(),
        web: true,
        origins: Vec::new(),
        admin_token: None,
        name_length: 1024,
        results: 100,
        tls: None,
        smtp: None,
        tracer: Arc::default(),
        encode: |_| ANSWER,
    }
}

/// One thread each for a server and the load, as there may be no more than two cores.
fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

fn start_ours(server: &Runtime) -> SocketAddr {
    let _within = server.enter();
    let bound =
        bind(&Addresses { http: vec!["127.0.0.1:0".parse().unwrap()], ..Addresses::default() }).unwrap();
    let address = bound.announce()[0].split(' ').nth(1).unwrap().parse().unwrap();
    let door = Arc::new(Fixed);
    let serving = Serving::begin(bound, door.clone(), door, settings(), &Metrics::default());
    serving.open();
    server.spawn(async move { serving.until(pending()).await });
    address
}

/// What the search engine says: one page that agrees with the map, and one beside it.
const FOUND: &str = r#"{"results": [{"url": "https://www.boeing.com/", "title": "Boeing: The Boeing Company"},
    {"url": "https://en.wikipedia.org/wiki/Boeing", "title": "Boeing - Wikipedia"}]}"#;

/// The whole gateway, as `cnrp serve` runs it.
fn start_gateway(server: &Runtime) -> SocketAddr {
    let engine = server.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let config = format!(
        "listen: {{http: [\"127.0.0.1:0\"], admin: \"127.0.0.1:0\"}}\n\
         service: {{uri: \"urn:bench:gateway\", description: Bench}}\n\
         backends:\n\
         - {{name: names, type: static, names: [{{name: Boeing, uri: \"https://www.boeing.com/\"}}]}}\n\
         - {{name: searx, type: searxng, url: \"http://{}\"}}\n",
        engine.local_addr().unwrap()
    );
    server.spawn(serve_fixed(engine, Bytes::from_static(FOUND.as_bytes()), "application/json"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gateway.yaml");
    std::fs::write(&path, config).unwrap();
    let (announce, announced) = mpsc::channel();
    let loaded = app::load(Some(&path)).unwrap_or_else(|failure| panic!("{failure}"));
    server.spawn(app::serve(loaded, app::Inherited::default(), Announce(announce)));
    let lines = String::from_utf8(announced.recv().unwrap()).unwrap();
    lines.lines().next().and_then(|line| line.strip_prefix("http ")).unwrap().parse().unwrap()
}

/// Hands on what the gateway announces.
struct Announce(mpsc::Sender<Vec<u8>>);

impl Write for Announce {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        let _ = self.0.send(text.to_vec());
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn start_bare(server: &Runtime) -> SocketAddr {
    let listener = server.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    server.spawn(serve_fixed(listener, ANSWER, "application/cnrp+xml"));
    address
}

async fn serve_fixed(listener: TcpListener, body: Bytes, kind: &'static str) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        let body = body.clone();
        let service = service_fn(move |request| fixed(request, body.clone(), kind));
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn fixed(
    request: Request<Incoming>,
    body: Bytes,
    kind: &'static str,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let _document = request.into_body().collect().await.unwrap().to_bytes();
    let mut response = Response::new(Full::new(body));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    Ok(response)
}

/// Requests a second over kept-alive connections, each of which asks again once it is answered.
fn load(client: &Runtime, address: SocketAddr) -> f64 {
    client.block_on(async {
        let until = Instant::now() + RUN;
        let asking: Vec<_> = (0..CONNECTIONS).map(|_| tokio::spawn(ask_until(address, until))).collect();
        let mut answered = 0;
        for asker in asking {
            answered += asker.await.unwrap();
        }
        f64::from(answered) / RUN.as_secs_f64()
    })
}

async fn ask_until(address: SocketAddr, until: Instant) -> u32 {
    let document = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><cnrp><query><commonname>Boeing</commonname></query></cnrp>";
    let request = format!(
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/cnrp+xml\r\nAccept: application/cnrp+xml\r\nContent-Length: {}\r\n\r\n{document}",
        document.len()
    );
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut buffer = vec![0; 4096];
    let mut answered = 0;
    while Instant::now() < until {
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut size = 0;
        while !is_whole(&buffer[..size]) {
            let read = stream.read(&mut buffer[size..]).await.unwrap();
            assert!(read > 0, "the server closed the connection");
            size += read;
        }
        answered += 1;
    }
    answered
}

fn is_whole(response: &[u8]) -> bool {
    let Some(head) = response.windows(4).position(|four| four == b"\r\n\r\n") else { return false };
    let text = std::str::from_utf8(&response[..head]).unwrap();
    let length = text
        .lines()
        .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let length: usize = length.expect("a length");
    response.len() == head + 4 + length
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

fn main() {
    let (server, client) = (runtime(), runtime());
    let (transport, bare, gateway) = (start_ours(&server), start_bare(&server), start_gateway(&server));
    let mut figures = [Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..RUNS {
        for (figures, address) in figures.iter_mut().zip([bare, transport, gateway]) {
            figures.push(load(&client, address));
        }
    }
    let [bare, transport, gateway] = figures.map(median);
    println!("bare hyper        {bare:7.0}/s");
    println!("our transport     {transport:7.0}/s  ratio {:.2}", transport / bare);
    println!("the whole gateway {gateway:7.0}/s  ratio {:.2}", gateway / bare);
}
