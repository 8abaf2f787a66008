//! A scripted collector, under time that only tests move.

use std::{
    collections::VecDeque,
    io::{self, Write},
    sync::{Arc, Mutex},
    time::UNIX_EPOCH,
};

use opentelemetry_proto::tonic::{
    collector::trace::v1::{
        ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
    },
    common::v1::{self as otlp_common, any_value::Value},
    trace::v1::{self as otlp, ResourceSpans},
};
use prost::Message;
use tokio::time::{Instant, advance, sleep};

use super::*;
use crate::model::{BoxFuture, Metrics, Note, Reason, SpanKind};

/// What becomes of a request.
#[derive(Clone)]
enum Turn {
    Status(u16, Bytes),
    RetryAfter(u16, &'static str),
    Unreachable,
    Hangs,
}

/// Says what is on its script, then that all is well; keeps when it was asked, and with what.
#[derive(Clone, Default)]
struct Script(Arc<Mutex<Scripted>>);

#[derive(Default)]
struct Scripted {
    turns: VecDeque<Turn>,
    asked: Vec<(Instant, Request<Bytes>)>,
}

impl Script {
    fn of(turns: &[Turn]) -> Self {
        let script = Self::default();
        script.0.lock().unwrap().turns.extend(turns.iter().cloned());
        script
    }

    /// How many spans each request had, and the whole seconds since `start` at which it came.
    fn seen(&self, start: Instant) -> Vec<(u64, usize)> {
        let asked = &self.0.lock().unwrap().asked;
        asked.iter().map(|(at, request)| ((*at - start).as_secs(), spans_of(request).len())).collect()
    }
}

impl Exchange for Script {
    fn exchange(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, Failure>> {
        let mut script = self.0.lock().unwrap();
        script.asked.push((Instant::now(), request));
        let turn = script.turns.pop_front().unwrap_or(Turn::Status(200, Bytes::new()));
        Box::pin(async move {
            let reply = |status: u16, body| Response::builder().status(status).body(body).unwrap();
            match turn {
                Turn::Status(status, body) => Ok(reply(status, body)),
                Turn::RetryAfter(status, after) => {
                    let mut reply = reply(status, Bytes::new());
                    reply.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(after));
                    Ok(reply)
                }
                Turn::Unreachable => Err(Failure::new(Reason::Unreachable, "nobody is there")),
                Turn::Hangs => std::future::pending().await,
            }
        })
    }
}

fn told(request: &Request<Bytes>) -> ResourceSpans {
    let mut request = ExportTraceServiceRequest::decode(request.body().clone()).unwrap();
    assert_eq!(request.resource_spans.len(), 1);
    request.resource_spans.remove(0)
}

fn spans_of(request: &Request<Bytes>) -> Vec<otlp::Span> {
    told(request).scope_spans.remove(0).spans
}

fn span(id: u64) -> Span {
    Span {
        trace: 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736,
        id,
        parent: None,
        name: "POST /".into(),
        kind: SpanKind::Server,
        began: UNIX_EPOCH + Duration::from_millis(1_600_000_000_500),
        ended: UNIX_EPOCH + Duration::from_millis(1_600_000_000_750),
        notes: Vec::new(),
        failure: None,
    }
}

fn collector(script: &Script) -> Collector {
    let url = "http://collector.example:4318".parse().unwrap();
    let headers = HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_static("Bearer x"))]);
    Collector::new(Box::new(script.clone()), &url, &headers, "7")
}

/// Sends to what follows the script; `sent`, `dropped` and `failed` are counted.
fn exporter(script: &Script) -> (Exporter, impl Fn() -> [u64; 3]) {
    let metrics = Metrics::default();
    let exporter = Exporter::begin(collector(script), metrics.spans());
    (exporter, move || {
        let SpanMeter { sent, dropped, failed } = metrics.spans();
        [sent.get(), dropped.get(), failed.get()]
    })
}

#[tokio::test(start_paused = true)]
async fn spans_go_in_batches_that_are_full_or_a_second_old() {
    let (start, script) = (Instant::now(), Script::default());
    let (exporter, counted) = exporter(&script);
    (0..600).for_each(|id| exporter.take(span(id)));
    sleep(Duration::from_millis(500)).await;
    assert_eq!(script.seen(start), [(0, 512)], "the rest waits for more");
    sleep(Duration::from_secs(1)).await;
    assert_eq!((script.seen(start), counted()), (vec![(0, 512), (1, 88)], [600, 0, 0]));
    sleep(Duration::from_secs(60)).await;
    assert_eq!(script.seen(start).len(), 2, "nothing is sent where there is nothing");
}

#[tokio::test(start_paused = true)]
async fn what_is_not_taken_is_sent_three_times_more_where_that_may_help() {
    let says = |status, body: &[u8]| Turn::Status(status, Bytes::copy_from_slice(body));
    let partly = ExportTracePartialSuccess { rejected_spans: 2, error_message: "too long".into() };
    let partly = ExportTraceServiceResponse { partial_success: Some(partly) }.encode_to_vec();
    let hopeless = [says(400, b"")];
    let passing = [Turn::Unreachable, says(503, b""), Turn::RetryAfter(429, "20"), Turn::Unreachable];
    let garbage = [says(200, b"\0\xff{}")];
    let wanting = [says(200, &partly)];
    for (turns, seconds, expected) in [
        (&hopeless[..], &[1][..], [0, 0, 3]),
        (&passing[..2], &[1, 2, 4], [3, 0, 0]),
        (&passing, &[1, 2, 4, 24], [0, 0, 3]),
        (&garbage, &[1], [3, 0, 0]),
        (&wanting, &[1], [1, 0, 2]),
    ] {
        let (start, script) = (Instant::now(), Script::of(turns));
        let (exporter, counted) = exporter(&script);
        (0..3).for_each(|id| exporter.take(span(id)));
        sleep(Duration::from_secs(90)).await;
        let at: Vec<_> = script.seen(start).into_iter().map(|(at, _)| at).collect();
        assert_eq!((&at[..], counted()), (seconds, expected));
    }
}

/// What is logged.
#[derive(Clone, Default)]
struct Logged(Arc<Mutex<Vec<u8>>>);

impl Write for Logged {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn that_spans_are_rejected_is_logged_once_with_the_reason_that_the_collector_gives() {
    let logged = Logged::default();
    let to = logged.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || to.clone()).finish();
    let _collecting = tracing::subscriber::set_default(subscriber);
    let partly = ExportTracePartialSuccess { rejected_spans: 1, error_message: "too long".into() };
    let partly = ExportTraceServiceResponse { partial_success: Some(partly) }.encode_to_vec();
    let turn = Turn::Status(200, partly.into());
    let script = Script::of(&[turn.clone(), turn]);
    let (exporter, counted) = exporter(&script);
    for id in 0..3 {
        exporter.take(span(id));
        sleep(Duration::from_secs(5)).await;
    }
    assert_eq!(counted(), [1, 0, 2]);
    let logged = String::from_utf8(logged.0.lock().unwrap().clone()).unwrap();
    let [rejected, again] = logged.lines().collect::<Vec<_>>()[..] else { panic!("{logged}") };
    assert!(rejected.contains("WARN") && rejected.contains("it rejects spans: too long"), "{logged}");
    assert!(again.contains("again"), "{logged}");
}

#[tokio::test(start_paused = true)]
async fn there_is_room_for_so_many_while_a_collector_hangs_and_the_others_are_counted() {
    let script = Script::of(&[Turn::Hangs]);
    let (exporter, counted) = exporter(&script);
    (0..512).for_each(|id| exporter.take(span(id)));
    sleep(Duration::from_secs(1)).await;
    let before = Instant::now();
    (0..3000).for_each(|id| exporter.take(span(id)));
    assert_eq!((Instant::now(), counted()), (before, [0, 3000 - QUEUE as u64, 0]), "nobody waits");
    exporter.end(Duration::from_secs(5)).await;
    assert_eq!(Instant::now() - before, Duration::from_secs(5), "nor at the end, but so long");
}

#[tokio::test(start_paused = true)]
async fn at_the_end_what_waits_is_sent_at_once_and_no_more_is_taken() {
    let (start, script) = (Instant::now(), Script::of(&[Turn::Unreachable]));
    let (exporter, counted) = exporter(&script);
    (0..1000).for_each(|id| exporter.take(span(id)));
    exporter.end(Duration::from_secs(5)).await;
    exporter.take(span(0));
    assert_eq!(Instant::now(), start);
    assert_eq!((script.seen(start), counted()), (vec![(0, 512), (0, 488)], [488, 1, 512]));
}

#[tokio::test(start_paused = true)]
async fn what_was_taken_is_sent_also_once_another_takes_its_place() {
    let (start, script) = (Instant::now(), Script::default());
    let (exporter, counted) = exporter(&script);
    exporter.take(span(1));
    drop(exporter);
    advance(Duration::from_millis(1)).await;
    sleep(Duration::from_millis(1)).await;
    assert_eq!((script.seen(start), counted()), (vec![(0, 1)], [1, 0, 0]));
}

#[tokio::test]
async fn a_request_is_as_the_protocol_has_it() {
    let script = Script::default();
    let failed = Span {
        parent: Some(0x00f0_67aa_0ba9_02b7),
        kind: SpanKind::Client,
        notes: vec![
            ("cnrp.backend", "dns".into()),
            ("cnrp.results", Note::Number(3)),
            ("cnrp.given_again", Note::Yes(true)),
            ("cnrp.status", Note::Texts(vec!["3.2.0".to_owned()])),
        ],
        failure: Some("timed-out: no answer".to_owned()),
        ..span(2)
    };
    let collector = collector(&script);
    collector.send(super::otlp::request(&collector.resource, &[span(1), failed])).await.unwrap();
    let request = script.0.lock().unwrap().asked.remove(0).1;
    assert_eq!(
        (request.method(), request.uri().to_string()),
        (&Method::POST, "http://collector.example:4318/v1/traces".into())
    );
    assert_eq!(request.headers()[header::CONTENT_TYPE], "application/x-protobuf");
    assert_eq!(request.headers()[header::AUTHORIZATION], "Bearer x");
    let told = told(&request);
    let notes = |attributes: Vec<otlp_common::KeyValue>| -> Vec<_> {
        attributes.into_iter().map(|one| (one.key, one.value.unwrap().value.unwrap())).collect()
    };
    let text = |text: &str| Value::StringValue(text.to_owned());
    let resource = notes(told.resource.unwrap().attributes);
    let version = env!("CARGO_PKG_VERSION");
    let expected =
        [("service.name", "cnrp-gateway"), ("service.version", version), ("service.instance.id", "7")];
    assert_eq!(resource, expected.map(|(key, said)| (key.to_owned(), text(said))));
    let [whole, part] = told.scope_spans[0].spans.as_slice() else { panic!("{:?}", told.scope_spans) };
    let plain = otlp::Span {
        trace_id: 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736_u128.to_be_bytes().to_vec(),
        span_id: 1_u64.to_be_bytes().to_vec(),
        name: "POST /".to_owned(),
        kind: 2,
        start_time_unix_nano: 1_600_000_000_500_000_000,
        end_time_unix_nano: 1_600_000_000_750_000_000,
        ..otlp::Span::default()
    };
    assert_eq!(*whole, plain);
    assert_eq!((&part.parent_span_id[..], part.kind), (&0x00f0_67aa_0ba9_02b7_u64.to_be_bytes()[..], 3));
    let status = otlp::Status { code: 2, message: "timed-out: no answer".to_owned() };
    assert_eq!(part.status, Some(status));
    let codes = otlp_common::AnyValue { value: Some(text("3.2.0")) };
    let codes = Value::ArrayValue(otlp_common::ArrayValue { values: vec![codes] });
    let expected = [
        ("cnrp.backend", text("dns")),
        ("cnrp.results", Value::IntValue(3)),
        ("cnrp.given_again", Value::BoolValue(true)),
        ("cnrp.status", codes),
    ];
    assert_eq!(notes(part.attributes.clone()), expected.map(|(key, value)| (key.to_owned(), value)));
}

#[test]
fn a_collector_is_named_by_its_root_or_by_the_place_for_spans() {
    for (written, expected) in [
        ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
        ("https://otlp.example/otlp/", "https://otlp.example/otlp/v1/traces"),
        ("https://otlp.example/v1/traces", "https://otlp.example/v1/traces"),
        ("https://otlp.example/v1/traces/", "https://otlp.example/v1/traces/"),
    ] {
        assert_eq!(place(&written.parse().unwrap()).as_str(), expected);
    }
}

#[tokio::test]
async fn a_collector_is_tried_out_with_no_span() {
    let script =
        Script::of(&[Turn::Status(200, Bytes::new()), Turn::Status(401, Bytes::new()), Turn::Unreachable]);
    let collector = collector(&script);
    assert_eq!(collector.try_out().await, Ok(()));
    let reason = async || collector.try_out().await.unwrap_err().reason;
    assert_eq!((reason().await, reason().await), (Reason::Unauthorised, Reason::Unreachable));
    assert!(script.0.lock().unwrap().asked.iter().all(|(_, request)| spans_of(request).is_empty()));
}
