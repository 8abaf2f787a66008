//! Telling a collector of spans: OTLP over HTTP, in protobuf (OpenTelemetry Protocol 1.x, section OTLP/HTTP).
//!
//! Nobody whose request is told of waits for it. A span goes into a queue that holds so many and no more,
//! and is lost where that is full; a task of its own takes from there, a batch at a time, and tries a batch
//! again that the collector could not take just then. How many were sent and lost is counted, and that a
//! collector can't be reached is logged once, not with each batch.

mod delivery;
mod otlp;

#[cfg(test)]
mod tests;

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use prometheus_client::metrics::counter::Counter;
use tokio::{sync::mpsc, task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::model::{Exchange, Failure, Span, SpanMeter, SpanSink};
use delivery::Delivery;

/// The most spans that wait to be sent: about a megabyte.
const QUEUE: usize = 2048;

/// Where spans are taken, below the address of a collector.
const PATH: &str = "/v1/traces";

/// A collector, and what it is told of who we are.
pub struct Collector {
    exchange: Box<dyn Exchange>,
    url: Url,
    headers: HeaderMap,
    /// Attributes of this process.
    resource: Vec<(&'static str, String)>,
}

impl Collector {
    /// The collector at `url`, as it is configured: its root, or the place for spans itself. Requests to
    /// it bear `headers`, and `instance` sets this process apart from others of its kind.
    pub fn new(exchange: Box<dyn Exchange>, url: &Url, headers: &HeaderMap, instance: &str) -> Self {
        let resource = vec![
            ("service.name", env!("CARGO_PKG_NAME").to_owned()),
            ("service.version", env!("CARGO_PKG_VERSION").to_owned()),
            ("service.instance.id", instance.to_owned()),
        ];
        Self { exchange, url: place(url), headers: headers.clone(), resource }
    }

    /// Whether it takes spans, tried with none.
    ///
    /// # Errors
    /// Why it does not.
    pub async fn try_out(&self) -> Result<(), Failure> {
        let reply = self.send(otlp::request(&self.resource, &[])).await?;
        match reply.status() {
            status if status.is_success() => Ok(()),
            status => Err(delivery::refused(status)),
        }
    }

    async fn send(&self, body: Bytes) -> Result<Response<Bytes>, Failure> {
        let mut request = Request::new(body);
        *request.method_mut() = Method::POST;
        *request.uri_mut() =
            self.url.as_str().parse().map_err(|_| delivery::refused(StatusCode::NOT_FOUND))?;
        *request.headers_mut() = self.headers.clone();
        request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(otlp::MEDIA_TYPE));
        self.exchange.exchange(request).await
    }
}

/// Where spans are taken: what an operator copies out of a manual may name it or not.
fn place(url: &Url) -> Url {
    let mut place = url.clone();
    let path = url.path().trim_end_matches('/');
    if !path.ends_with(PATH) {
        place.set_path(&format!("{path}{PATH}"));
    }
    place
}

/// Sends spans to a collector. Once it is dropped, what was taken is still sent.
pub struct Exporter {
    queue: mpsc::Sender<Span>,
    dropped: Counter,
    leaving: CancellationToken,
    sending: Mutex<Option<JoinHandle<()>>>,
}

impl Exporter {
    /// Begins to send to `collector`. Must be called within a tokio runtime.
    pub fn begin(collector: Collector, meter: SpanMeter) -> Self {
        let (queue, spans) = mpsc::channel(QUEUE);
        let (leaving, dropped) = (CancellationToken::new(), meter.dropped.clone());
        let delivery = Delivery::new(collector, meter, spans, leaving.clone());
        let sending = Mutex::new(Some(tokio::spawn(delivery.run())));
        Self { queue, dropped, leaving, sending }
    }

    /// Takes no more, and waits until what was taken is sent, so long and no longer.
    pub async fn end(&self, within: Duration) {
        self.leaving.cancel();
        let sending = self.sending.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut sending) = sending else { return };
        if timeout(within, &mut sending).await.is_err() {
            sending.abort();
        }
    }
}

impl SpanSink for Exporter {
    fn take(&self, span: Span) {
        if self.queue.try_send(span).is_err() {
            self.dropped.inc();
        }
    }
}
