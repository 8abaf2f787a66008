//! Spans as OTLP has them in JSON: the protobuf's fields in camel case, numbers of 64 bits as text, ids in
//! hexadecimal, members of enumerations by number.

use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use serde::Serialize;

use crate::model::{Note, Span, SpanKind};

/// Who made the spans within this process.
const SCOPE: Scope = Scope { name: "cnrp_gateway", version: env!("CARGO_PKG_VERSION") };

/// `Status.code` for what failed.
const ERROR: u8 = 2;

/// An `ExportTraceServiceRequest` of these spans.
pub(super) fn request(resource: &[(&'static str, String)], spans: &[Span]) -> Bytes {
    let attributes = resource.iter().map(|(key, text)| Attribute { key, value: Value::StringValue(text) });
    let request = Request {
        resource_spans: [ResourceSpans {
            resource: Resource { attributes: attributes.collect() },
            scope_spans: [ScopeSpans { scope: SCOPE, spans: spans.iter().map(entry).collect() }],
        }],
    };
    // Of such types and with such keys there is nothing that JSON can't have.
    Bytes::from(serde_json::to_vec(&request).unwrap_or_default())
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    resource_spans: [ResourceSpans<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResourceSpans<'a> {
    resource: Resource<'a>,
    scope_spans: [ScopeSpans<'a>; 1],
}

#[derive(Serialize)]
struct Resource<'a> {
    attributes: Vec<Attribute<'a>>,
}

#[derive(Serialize)]
struct ScopeSpans<'a> {
    scope: Scope,
    spans: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Scope {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    trace_id: String,
    span_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_span_id: Option<String>,
    name: &'a str,
    kind: u8,
    start_time_unix_nano: String,
    end_time_unix_nano: String,
    attributes: Vec<Attribute<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status<'a>>,
}

#[derive(Serialize)]
struct Status<'a> {
    code: u8,
    message: &'a str,
}

#[derive(Serialize)]
struct Attribute<'a> {
    key: &'a str,
    value: Value<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Value<'a> {
    StringValue(&'a str),
    IntValue(String),
    BoolValue(bool),
    ArrayValue { values: Vec<Value<'a>> },
}

fn entry(span: &Span) -> Entry<'_> {
    Entry {
        trace_id: format!("{:032x}", span.trace),
        span_id: format!("{:016x}", span.id),
        parent_span_id: span.parent.map(|parent| format!("{parent:016x}")),
        name: &span.name,
        kind: kind(span.kind),
        start_time_unix_nano: nanoseconds(span.began),
        end_time_unix_nano: nanoseconds(span.ended),
        attributes: span.notes.iter().map(|(key, note)| Attribute { key, value: value(note) }).collect(),
        status: span.failure.as_deref().map(|message| Status { code: ERROR, message }),
    }
}

fn kind(kind: SpanKind) -> u8 {
    match kind {
        SpanKind::Internal => 1,
        SpanKind::Server => 2,
        SpanKind::Client => 3,
    }
}

fn value(note: &Note) -> Value<'_> {
    match note {
        Note::Text(text) => Value::StringValue(text),
        Note::Number(number) => Value::IntValue(number.to_string()),
        Note::Yes(is) => Value::BoolValue(*is),
        Note::Texts(texts) => {
            Value::ArrayValue { values: texts.iter().map(|text| Value::StringValue(text)).collect() }
        }
    }
}

fn nanoseconds(at: SystemTime) -> String {
    at.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos().to_string()
}
