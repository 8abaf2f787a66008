//! The span of a request: what came, by which transport, and what became of it. Its name is of a closed
//! set, whatever was asked for.

use http::{Method, request::Parts};

use super::front::Place;
use crate::{
    model::{Note, OpenSpan, SpanKind, TraceContext},
    web::{Page, go},
};

/// Paths that are the same for everybody.
const ROUTES: [&str; 7] =
    ["/", "/resolve", "/suggest", "/service", "/about", "/opensearch.xml", "/openapi.json"];

/// Methods that HTTP knows (RFC 9110 section 9, RFC 5789).
const METHODS: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];

/// Begins the span of a request over HTTP.
pub(super) fn http(context: &TraceContext, parts: &Parts, place: &Place) -> OpenSpan {
    let (method, path) = (&parts.method, parts.uri.path());
    let span = context.begin(SpanKind::Server, || match (known(method).unwrap_or("HTTP"), route(path)) {
        (method, Some(route)) => format!("{method} {route}").into(),
        (method, None) => method.into(),
    });
    let is_document = method == Method::POST && path == "/";
    span.note("cnrp.transport", || if is_document { "http" } else { "json" }.into());
    span.note("http.request.method", || known(method).unwrap_or("_OTHER").into());
    span.note("url.scheme", || if place.is_secure { "https" } else { "http" }.into());
    if let Some(route) = route(path) {
        span.note("http.route", || route.into());
    }
    span
}

/// Notes what is said to it.
pub(super) fn answered(span: &mut OpenSpan, page: &Page) {
    let status = page.status();
    span.note("http.response.status_code", || Note::Number(status.as_u16().into()));
    if status.is_server_error() {
        span.fail(|| status.to_string());
    }
}

/// Begins the span of what came by `transport`, which is no HTTP.
pub(super) fn other(context: &TraceContext, transport: &'static str, name: &'static str) -> OpenSpan {
    let span = context.begin(SpanKind::Server, || name.into());
    span.note("cnrp.transport", || transport.into());
    span
}

fn known(method: &Method) -> Option<&'static str> {
    METHODS.into_iter().find(|known| *known == method.as_str())
}

fn route(path: &str) -> Option<&'static str> {
    if path.starts_with(go::PREFIX) {
        return Some("/go/{name}");
    }
    ROUTES.into_iter().find(|known| *known == path)
}

#[cfg(test)]
mod tests {
    use super::route;

    #[test]
    fn no_name_stands_in_a_route() {
        for (path, named) in [
            ("/", Some("/")),
            ("/resolve", Some("/resolve")),
            ("/go/boeing", Some("/go/{name}")),
            ("/go/jira/ABC-1", Some("/go/{name}")),
            ("/boeing", None),
            ("/resolve/boeing", None),
            ("*", None),
        ] {
            assert_eq!(route(path), named, "{path}");
        }
    }
}
