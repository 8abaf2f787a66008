//! Spans as the messages of OTLP, and what a collector answers to them.

use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use opentelemetry_proto::tonic::{
    collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse},
    common::v1::{AnyValue, ArrayValue, InstrumentationScope, KeyValue, any_value::Value},
    resource::v1::Resource,
    trace::v1::{self as otlp, ResourceSpans, ScopeSpans, status::StatusCode},
};
use prost::Message;

use crate::model::{Note, Span, SpanKind};

/// The form in which they are sent.
pub(super) const MEDIA_TYPE: &str = "application/x-protobuf";

/// Who made the spans within this process.
const SCOPE: &str = "cnrp_gateway";

/// A request with these spans, of the process that `resource` tells of.
pub(super) fn request(resource: &[(&'static str, String)], spans: &[Span]) -> Bytes {
    let attributes = resource.iter().map(|(key, said)| attribute(key, text(said))).collect();
    let scope = InstrumentationScope {
        name: SCOPE.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ..InstrumentationScope::default()
    };
    let scope_spans =
        ScopeSpans { scope: Some(scope), spans: spans.iter().map(entry).collect(), ..ScopeSpans::default() };
    let resource_spans = ResourceSpans {
        resource: Some(Resource { attributes, ..Resource::default() }),
        scope_spans: vec![scope_spans],
        ..ResourceSpans::default()
    };
    ExportTraceServiceRequest { resource_spans: vec![resource_spans] }.encode_to_vec().into()
}

/// How many spans the collector that answered this did not want, and what it says of why. What is no such
/// answer says that it took them all, as its status did.
pub(super) fn rejected(reply: &[u8]) -> (u64, String) {
    let partly = ExportTraceServiceResponse::decode(reply).ok().and_then(|reply| reply.partial_success);
    let partly = partly.unwrap_or_default();
    (u64::try_from(partly.rejected_spans).unwrap_or_default(), partly.error_message)
}

fn entry(span: &Span) -> otlp::Span {
    otlp::Span {
        trace_id: span.trace.to_be_bytes().to_vec(),
        span_id: span.id.to_be_bytes().to_vec(),
        parent_span_id: span.parent.map(|parent| parent.to_be_bytes().to_vec()).unwrap_or_default(),
        name: span.name.clone().into_owned(),
        kind: kind(span.kind).into(),
        start_time_unix_nano: nanoseconds(span.began),
        end_time_unix_nano: nanoseconds(span.ended),
        attributes: span.notes.iter().map(|(key, note)| attribute(key, value(note))).collect(),
        status: span.failure.clone().map(|message| otlp::Status { message, code: StatusCode::Error.into() }),
        ..otlp::Span::default()
    }
}

fn kind(kind: SpanKind) -> otlp::span::SpanKind {
    match kind {
        SpanKind::Internal => otlp::span::SpanKind::Internal,
        SpanKind::Server => otlp::span::SpanKind::Server,
        SpanKind::Client => otlp::span::SpanKind::Client,
    }
}

fn attribute(key: &str, value: Value) -> KeyValue {
    KeyValue { key: key.to_owned(), value: Some(AnyValue { value: Some(value) }), ..KeyValue::default() }
}

fn value(note: &Note) -> Value {
    match note {
        Note::Text(said) => text(said),
        Note::Number(number) => Value::IntValue(*number),
        Note::Yes(is) => Value::BoolValue(*is),
        Note::Texts(texts) => {
            let values = texts.iter().map(|said| AnyValue { value: Some(text(said)) });
            Value::ArrayValue(ArrayValue { values: values.collect() })
        }
    }
}

fn text(text: &str) -> Value {
    Value::StringValue(text.to_owned())
}

fn nanoseconds(at: SystemTime) -> u64 {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
