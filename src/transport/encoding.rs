//! Compression of responses: gzip, where the client asks for it and it is worth the work.

use std::io::Write;

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::web::{Page, quality::quality_of};

/// Below this many bytes a response fits in one packet anyway.
const WORTHWHILE: usize = 1024;

/// Compresses the body of `page` if the request with these headers accepts that.
pub(super) fn encode(page: &mut Page, request: &HeaderMap) {
    // Of what was not modified the length is not known here, and its good answer may have had this header
    // (RFC 9110 section 15.4.5).
    let is_unsent = page.status() == StatusCode::NOT_MODIFIED;
    if page.body().len() < WORTHWHILE && !is_unsent {
        return;
    }
    page.headers_mut().append(header::VARY, HeaderValue::from_static("accept-encoding"));
    if is_unsent || !accepts_gzip(request) {
        return;
    }
    let Some(packed) = gzip(page.body()) else { return };
    *page.body_mut() = packed;
    page.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
}

fn gzip(body: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 2), Compression::fast());
    encoder.write_all(body).ok()?;
    encoder.finish().ok().map(Bytes::from)
}

/// What is said of gzip by name counts, before what is said of any coding.
fn accepts_gzip(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|line| line.to_str().ok());
    let codings = lines.flat_map(|line| line.split(',')).map(|element| {
        let mut parts = element.split(';').map(str::trim);
        (parts.next().unwrap_or_default(), quality_of(parts))
    });
    let mut any = 0;
    for (coding, quality) in codings {
        match coding {
            "*" => any = quality,
            _ if coding.eq_ignore_ascii_case("gzip") || coding.eq_ignore_ascii_case("x-gzip") => {
                return quality > 0;
            }
            _ => {}
        }
    }
    any > 0
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;

    use super::*;

    fn request(accept: &str) -> HeaderMap {
        [(header::ACCEPT_ENCODING, accept.parse().unwrap())].into_iter().collect()
    }

    #[test]
    fn gzip_is_used_where_it_is_accepted() {
        for (accept, expected) in [
            ("gzip", true),
            ("deflate, GZIP;q=0.5", true),
            ("*", true),
            ("identity", false),
            ("gzip;q=0, *", false),
            ("*;q=0", false),
            ("", false),
        ] {
            assert_eq!(accepts_gzip(&request(accept)), expected, "{accept}");
        }
        assert!(!accepts_gzip(&HeaderMap::new()));
    }

    #[test]
    fn only_what_is_large_is_compressed() {
        let mut small = Page::new(Bytes::from_static(b"small"));
        encode(&mut small, &request("gzip"));
        assert_eq!(small.body().as_ref(), b"small");

        let mut unsent = Page::default();
        *unsent.status_mut() = StatusCode::NOT_MODIFIED;
        encode(&mut unsent, &request("gzip"));
        assert_eq!(
            (&unsent.headers()["vary"], unsent.headers().len()),
            (&"accept-encoding".parse().unwrap(), 1)
        );

        let text = "CNRP ".repeat(1000);
        let mut large = Page::new(Bytes::from(text.clone()));
        encode(&mut large, &request("gzip"));
        assert_eq!(large.headers()["content-encoding"], "gzip");
        assert!(large.body().len() < 500);
        let mut read = String::new();
        GzDecoder::new(large.body().as_ref()).read_to_string(&mut read).unwrap();
        assert_eq!(read, text);
    }
}
