//! From the bytes of a reply to text, in whatever encoding it is written or claims to be.

use std::borrow::Cow;

use bytes::Bytes;
use encoding_rs::{Encoding, UTF_8};
use http::{Response, header::CONTENT_TYPE};

/// How far into a page its `<meta charset>` is looked for, by the HTML standard.
const META_WITHIN: usize = 1024;

/// The body as text. A byte order mark decides, then the charset of the content type, then the XML
/// declaration or, in a page, its `meta` element, else UTF-8. What can't be read becomes U+FFFD: one bad title must
/// not cost the other results.
pub fn text(reply: &Response<Bytes>) -> Cow<'_, str> {
    let body = reply.body();
    let declared =
        declared(reply).or_else(|| in_declaration(body)).or_else(|| in_meta(body)).unwrap_or(UTF_8);
    declared.decode(body).0
}

/// The media type of a reply, in lower case and without parameters; empty where it has none.
pub(super) fn media_type(reply: &Response<Bytes>) -> String {
    let value = content_type(reply);
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn content_type(reply: &Response<Bytes>) -> &str {
    reply.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn declared(reply: &Response<Bytes>) -> Option<&'static Encoding> {
    content_type(reply).split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let is_charset = name.trim().eq_ignore_ascii_case("charset");
        is_charset.then(|| Encoding::for_label(value.trim().trim_matches('"').as_bytes()))?
    })
}

/// The encoding that an XML declaration names. Such a document can be read as ASCII, so it is not
/// UTF-16 whatever it says.
fn in_declaration(body: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(body.get(..META_WITHIN).unwrap_or(body));
    let (declaration, _) = head.strip_prefix("<?xml")?.split_once("?>")?;
    let (_, value) = declaration.split_once("encoding")?;
    let label = value.trim_start().strip_prefix('=')?.trim_start().trim_matches(['"', '\'']);
    Encoding::for_label(label.split(['"', '\'']).next()?.as_bytes()).map(Encoding::output_encoding)
}

/// The encoding that a page's own `meta` element names. Such a page can be read as ASCII, so it
/// is not UTF-16 whatever it says.
fn in_meta(body: &[u8]) -> Option<&'static Encoding> {
    let head = body.get(..META_WITHIN).unwrap_or(body).to_ascii_lowercase();
    let head = String::from_utf8_lossy(&head);
    let element = head.split("<meta").skip(1).find(|element| element.contains("charset"))?;
    let (_, value) = element.split_once("charset")?;
    let label = value.trim_start().strip_prefix('=')?.trim_start().trim_start_matches(['"', '\'']);
    let label = label.split(['"', '\'', ';', '>', ' ', '/']).next()?;
    Encoding::for_label(label.as_bytes()).map(Encoding::output_encoding)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(content_type: &str, body: &[u8]) -> String {
        let reply = Response::builder().header(CONTENT_TYPE, content_type);
        text(&reply.body(Bytes::copy_from_slice(body)).unwrap()).into_owned()
    }

    #[test]
    fn a_text_is_read_in_the_encoding_it_declares() {
        assert_eq!(read("text/html; charset=ISO-8859-1", b"Citro\xebn"), "Citroën");
        assert_eq!(read("text/html;Charset=\"shift_jis\"", b"\x93\x8c\x8b\x9e"), "東京");
        assert_eq!(read("text/html", b"<meta charset='windows-1252'>\x80"), "<meta charset='windows-1252'>€");
        let old = b"<META http-equiv=content-type content=\"text/html; charset=latin1\">\xe9";
        assert!(read("text/html", old).ends_with('é'));
        let feed = b"<?xml version='1.0' encoding='ISO-8859-1' ?><rss>\xe9</rss>";
        assert!(read("text/xml", feed).ends_with("é</rss>"));
        assert_eq!(read("application/json", "東京".as_bytes()), "東京");
    }

    #[test]
    fn a_byte_order_mark_beats_a_wrong_declaration() {
        assert_eq!(read("text/html; charset=latin1", "\u{feff}é".as_bytes()), "é");
        assert_eq!(read("application/json", b"\xff\xfe[\x00]\x00"), "[]");
    }

    #[test]
    fn what_cannot_be_read_spoils_itself_alone() {
        assert_eq!(read("text/plain; charset=nonsense", b"a\xffb"), "a\u{fffd}b");
        assert_eq!(read("", b""), "");
    }
}
