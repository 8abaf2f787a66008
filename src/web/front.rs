//! The front page: what this is and how to ask it.

use bytes::Bytes;
use http::{HeaderValue, Response, header};

use super::Page;

const TEXT: &str = "\
This is a CNRP gateway: it resolves common names to resources (RFC 3367).

Programs POST a CNRP document to / as application/cnrp+xml.
Scripts and people ask for JSON:

    GET /resolve?q=NAME
    GET /resolve?q=NAME&language=fr-FR&geography=FR&start=1&length=5
    GET /resolve?id=ID

A browser goes straight to what a name certainly means:

    GET /go/NAME
";

/// The front page.
pub fn front() -> Page {
    let mut page = Response::new(Bytes::from_static(TEXT.as_bytes()));
    let headers = page.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("max-age=3600"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    );
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    page
}
