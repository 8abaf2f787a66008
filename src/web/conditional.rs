//! Entity tags: what a client has already, it need not be sent again (RFC 9110 section 13).

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use xxhash_rust::xxh3::xxh3_64;

use super::Page;

/// Gives a good answer its tag, and leaves its body away where the request has it already. The tag
/// is weak, as the same body may be sent compressed.
pub fn tag(page: &mut Page, request: &HeaderMap) {
    if page.status() != StatusCode::OK {
        return;
    }
    let tag = format!("W/\"{:016x}\"", xxh3_64(page.body()));
    let is_known = matches(request, &tag);
    let Ok(value) = HeaderValue::from_str(&tag) else { return };
    page.headers_mut().insert(header::ETAG, value);
    if is_known {
        *page.status_mut() = StatusCode::NOT_MODIFIED;
        *page.body_mut() = Bytes::new();
        page.headers_mut().remove(header::CONTENT_TYPE);
    }
}

fn matches(request: &HeaderMap, tag: &str) -> bool {
    let opaque = tag.trim_start_matches("W/");
    let lines = request.get_all(header::IF_NONE_MATCH).iter().filter_map(|line| line.to_str().ok());
    let mut known = lines.flat_map(|line| line.split(',')).map(str::trim);
    known.any(|one| one == "*" || one.trim_start_matches("W/") == opaque)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(known: &str) -> Page {
        let mut page = Page::new(Bytes::from_static(b"names"));
        let request = [(header::IF_NONE_MATCH, known.parse().unwrap())].into_iter().collect();
        tag(&mut page, &request);
        page
    }

    #[test]
    fn what_a_client_has_is_not_sent_again() {
        let whole = asked("\"other\"");
        assert_eq!((whole.status(), whole.body().as_ref()), (StatusCode::OK, b"names".as_ref()));
        let tag = whole.headers()["etag"].to_str().unwrap();
        for known in [tag, tag.trim_start_matches("W/"), &format!("\"x\", {tag}"), "*"] {
            let saved = asked(known);
            assert_eq!((saved.status(), saved.body().len()), (StatusCode::NOT_MODIFIED, 0), "{known}");
            assert_eq!(saved.headers()["etag"], tag);
        }
    }
}
