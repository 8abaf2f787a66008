//! Pages for people: HTML from the templates of `web/templates`, in the language of the reader.
//!
//! A page is whole without its script, which only adds suggestions. It asks no other host, and its
//! policy lets a browser do nothing that the page has no use for.

use askama::Template;
use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};

pub mod about;
mod host;
mod language;
pub mod operator;
pub mod search;
pub mod trouble;
mod why;
mod words;

pub use language::language;
pub use words::Words;

use super::Page;

/// Styles and script come from us, questions go to us, and nobody may put us in a frame. Names
/// that lead elsewhere are links, which no policy of ours holds back.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
                      img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What every page says of the service and knows of the reader.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    /// What the service calls itself.
    pub service: &'a str,
    pub words: &'static Words,
}

/// The page that `template` makes.
fn html(status: StatusCode, template: &impl Template) -> Page {
    // The templates write to memory and call nothing that fails.
    let body = template.render().unwrap_or_default();
    let mut page = Response::new(Bytes::from(body));
    *page.status_mut() = status;
    let headers = page.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("accept-language, accept"));
    guard(&mut page);
    page
}

/// The headers by which a browser keeps to what a page is for.
pub(super) fn guard(page: &mut Page) {
    let headers = page.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
}
