//! `GET /service` and `GET /openapi.json`: what the service offers, and how a script asks.

use bytes::Bytes;
use http::{HeaderValue, Response, header};

use super::Page;
use crate::{model::Service, render::json};

/// The service object as JSON.
pub fn service(service: &Service) -> Page {
    page("application/json", Bytes::from(json::service(service).to_string()))
}

/// The description of our JSON for programs (OpenAPI 3.1).
pub fn openapi() -> Page {
    page("application/openapi+json", Bytes::from_static(include_bytes!("openapi.json")))
}

fn page(kind: &'static str, body: Bytes) -> Page {
    let mut page = Response::new(body);
    let headers = page.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    page
}
