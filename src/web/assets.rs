//! The files that pages are made with: style, script, icon.

use bytes::Bytes;
use http::{HeaderValue, Response, header};

use super::{Page, page::guard};

const ASSETS: [(&str, &str, &str); 4] = [
    ("/assets/style.css", "text/css; charset=utf-8", include_str!("assets/style.css")),
    ("/assets/suggest.js", "text/javascript; charset=utf-8", include_str!("assets/suggest.js")),
    ("/assets/links.js", "text/javascript; charset=utf-8", include_str!("assets/links.js")),
    ("/assets/icon.svg", "image/svg+xml", include_str!("assets/icon.svg")),
];

/// The file at `path`; `None` if there is none.
pub fn asset(path: &str) -> Option<Page> {
    let (_, kind, text) = ASSETS.iter().find(|(at, _, _)| *at == path)?;
    let mut page = Response::new(Bytes::from_static(text.as_bytes()));
    let headers = page.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    // Asked about again after a release, at little cost: each has an entity tag.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("max-age=3600"));
    guard(&mut page);
    Some(page)
}

/// Whether there is a file at `path`.
pub fn is_asset(path: &str) -> bool {
    ASSETS.iter().any(|(at, _, _)| *at == path)
}
