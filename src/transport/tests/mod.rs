//! The transports over real sockets, in front of a scripted door.

mod documents;
mod https;
mod pages;
mod patience;
mod proxied;
mod smtp;
mod udp;

use std::{net::SocketAddr, num::NonZeroU32, sync::Arc, time::Duration};

use bytes::Bytes;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

use super::{Addresses, Bound, ClientLimit, Serving, Settings, bind};
use crate::{
    gateway::{Context, Control, Door, Reply, SourceHealth, Transport},
    model::{
        Answer, BoxFuture, CommonName, Metrics, Question, Service, Status, StatusCode, Suggestion, Target,
    },
};

/// Answers at once with what it was asked, unless the document or name says otherwise.
struct Script;

impl Door for Script {
    fn answer<'a>(&'a self, document: &'a [u8], context: &'a Context) -> BoxFuture<'a, Reply> {
        Box::pin(async move {
            let text = String::from_utf8_lossy(document).into_owned();
            let number = |word: &str| text.trim().strip_prefix(word).and_then(|number| number.parse().ok());
            if let Some(wait) = number("slow:") {
                tokio::time::sleep(Duration::from_millis(wait)).await;
            }
            let document = match (number("long:"), context.transport) {
                (_, Transport::Udp { most }) if text.trim() == "most" => most.to_string(),
                (Some(length), _) => "x".repeat(usize::try_from(length).unwrap()),
                (None, _) => format!("{}|{:?}|{:?}|{text}", context.client, context.charset, context.via.0),
            };
            Reply { document: document.into(), understood: !text.starts_with("garbage") }
        })
    }

    fn resolve<'a>(&'a self, question: &'a Question, context: &'a Context) -> BoxFuture<'a, Answer> {
        Box::pin(async move {
            match &question.target {
                Target::Name(name) if name.shown() == "down" => {
                    Answer::fatal(Status::new(StatusCode::FAILED, "all failed"))
                }
                _ => Answer {
                    service: Some(self.service()),
                    statuses: vec![Status::new(StatusCode::NOTHING_MATCHED, context.client.to_string())],
                    ..Answer::default()
                },
            }
        })
    }

    fn answer_at_hand(&self, document: &[u8], _: &Context) -> Option<Reply> {
        document.starts_with(b"static").then(|| Reply { document: "at hand".into(), understood: true })
    }

    fn resolve_at_hand(&self, question: &Question, _: &Context) -> Option<Answer> {
        let Target::Name(name) = &question.target else { return None };
        (name.shown() == "static").then(Answer::default)
    }

    fn certain_at_hand(&self, name: &CommonName, _: &Context) -> Option<url::Url> {
        (name.shown() == "static").then(|| "https://static.example/".parse().unwrap())
    }

    fn suggest<'a>(
        &'a self,
        typed: &'a CommonName,
        limit: usize,
        context: &'a Context,
    ) -> BoxFuture<'a, Vec<Suggestion>> {
        Box::pin(async move {
            let row = Suggestion {
                name: format!("{} {limit}", typed.shown()),
                description: context.client.to_string(),
                uri: "https://x.example/".into(),
                has_slipped: false,
            };
            vec![row]
        })
    }

    fn certain<'a>(&'a self, _: &'a CommonName, _: &'a Context) -> BoxFuture<'a, Option<url::Url>> {
        Box::pin(async { None })
    }

    fn service(&self) -> Arc<Service> {
        Arc::new(Service::named("urn:test:gateway"))
    }
}

impl Control for Script {
    fn is_ready(&self) -> bool {
        false
    }

    fn status(&self) -> serde_json::Value {
        serde_json::json!({ "version": "1" })
    }

    fn metrics(&self) -> String {
        "# EOF\n".into()
    }

    fn resume(&self, backend: &str) -> Option<serde_json::Value> {
        (backend == "searx").then(|| serde_json::json!({ "name": backend }))
    }

    fn reload(&self) -> BoxFuture<'_, Result<serde_json::Value, serde_json::Value>> {
        Box::pin(async { Ok(serde_json::json!({ "generation": 2 })) })
    }

    fn sources(&self) -> Vec<SourceHealth> {
        Vec::new()
    }
}

fn encode(answer: &Answer) -> Bytes {
    format!("<!DOCTYPE cnrp \"x\">\n<cnrp>{}</cnrp>", answer.statuses[0].code).into()
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
            period: Duration::from_secs(60),
            burst: NonZeroU32::new(5).unwrap(),
            exempt: vec!["127.0.0.0/8".parse().unwrap()],
        },
        trusted_proxies: Vec::new(),
        proxy_protocol: Vec::new(),
        hosts: vec!["names.lan".into()],
        web: true,
        origins: vec!["https://pages.example".into()],
        admin_token: None,
        name_length: 1024,
        results: 100,
        tls: None,
        smtp: None,
        tracer: Arc::default(),
        encode,
    }
}

struct Running {
    http: SocketAddr,
    https: SocketAddr,
    udp: SocketAddr,
    admin: SocketAddr,
    smtp: Option<SocketAddr>,
    metrics: Metrics,
    stop: CancellationToken,
    serving: JoinHandle<()>,
}

/// In front of a [`Script`], until `stop`.
fn serve(
    bound: Bound,
    settings: Settings,
    metrics: &Metrics,
    stop: CancellationToken,
    drain: Duration,
) -> impl Future<Output = ()> + Send + use<> {
    let serving = Serving::begin(bound, Arc::new(Script), Arc::new(Script), settings, metrics);
    serving.open();
    async move {
        let stopped = async {
            stop.cancelled().await;
            drain
        };
        serving.until(stopped).await;
    }
}

async fn start(change: impl FnOnce(&mut Settings)) -> Running {
    let mut settings = settings();
    change(&mut settings);
    let any = "127.0.0.1:0".parse().unwrap();
    let addresses = Addresses {
        http: vec![any],
        https: vec![any],
        udp: vec![any],
        smtp: settings.smtp.as_ref().map(|_| any),
        admin: Some(any),
    };
    let bound = bind(&addresses).unwrap();
    let (http, https) = (bound.http[0].local_addr().unwrap(), bound.https[0].local_addr().unwrap());
    let udp = bound.udp[0].local_addr().unwrap();
    let admin = bound.admin.as_ref().unwrap().local_addr().unwrap();
    let smtp = bound.smtp.as_ref().map(|listener| listener.local_addr().unwrap());
    let (metrics, stop) = (Metrics::default(), CancellationToken::new());
    let drain = Duration::from_secs(5);
    let serving = tokio::spawn(serve(bound, settings, &metrics, stop.clone(), drain));
    Running { http, https, udp, admin, smtp, metrics, stop, serving }
}

/// A response as it came over the wire.
#[derive(Debug)]
struct Told {
    status: u16,
    head: String,
    body: String,
}

impl Told {
    fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

/// A client that writes HTTP by hand.
struct Wire {
    stream: TcpStream,
    unread: Vec<u8>,
}

impl Wire {
    async fn to(address: SocketAddr) -> Self {
        Self { stream: TcpStream::connect(address).await.unwrap(), unread: Vec::new() }
    }

    async fn send(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).await.unwrap();
    }

    /// The next response; `None` if the connection was closed.
    async fn next(&mut self) -> Option<Told> {
        self.told(true).await
    }

    async fn told(&mut self, has_body: bool) -> Option<Told> {
        let end = loop {
            if let Some(at) = self.unread.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            self.more().await?;
        };
        let head = String::from_utf8(self.unread.drain(..end).collect()).unwrap();
        let mut told =
            Told { status: head.split(' ').nth(1).unwrap().parse().unwrap(), head, body: String::new() };
        let length: usize = told.header("content-length").map_or(0, |length| length.parse().unwrap());
        if has_body {
            while self.unread.len() < length {
                self.more().await?;
            }
            told.body =
                String::from_utf8_lossy(&self.unread.drain(..length).collect::<Vec<_>>()).into_owned();
        }
        Some(told)
    }

    async fn more(&mut self) -> Option<()> {
        let mut piece = [0; 4096];
        let size = self.stream.read(&mut piece).await.unwrap_or(0);
        self.unread.extend(&piece[..size]);
        (size > 0).then_some(())
    }

    async fn ask(&mut self, text: &str) -> Told {
        self.send(text).await;
        self.next().await.expect("a response")
    }
}

/// One request over a connection of its own.
async fn ask(address: SocketAddr, text: &str) -> Told {
    Wire::to(address).await.ask(text).await
}

/// `POST /` with further header lines, each with its line end.
fn post(headers: &str, body: &str) -> String {
    format!(
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/cnrp+xml\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")
}
