//! The operator's pages: whether it lives, whether it serves, how much, and how the sources are.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};

use super::Page;
use crate::gateway::Control;

const TEXT: &str = "text/plain; charset=utf-8";
const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The page at `path`; `None` if there is none.
pub fn page(path: &str, control: &dyn Control) -> Option<Page> {
    match path {
        "/livez" => Some(plain(StatusCode::OK, TEXT, "alive\n")),
        "/readyz" if control.is_ready() => Some(plain(StatusCode::OK, TEXT, "ready\n")),
        "/readyz" => Some(plain(StatusCode::SERVICE_UNAVAILABLE, TEXT, "not ready\n")),
        "/metrics" => Some(plain(StatusCode::OK, OPENMETRICS, control.metrics())),
        "/status" => Some(plain(StatusCode::OK, "application/json", control.status().to_string())),
        _ => None,
    }
}

fn plain(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Page {
    let mut page = Response::new(body.into());
    *page.status_mut() = status;
    page.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    page.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    page
}
