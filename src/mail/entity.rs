//! An entity of MIME (RFC 2045): headers, a body, and the body as it was before the journey. A
//! message is one, and so is each part of a multipart.
//!
//! The walk over parts is our own, with bounds, since the parser's has none on nesting: it makes
//! a tree of nested messages that can be as deep as the message is long. Headers and transfer
//! encodings are the parser's. Character sets are left alone: what encoding a document is in is
//! told by more than its charset (D33).

use std::borrow::Cow;

use mail_parser::{
    ContentType, HeaderName, HeaderValue, Message, MessageParser,
    decoders::{base64::base64_decode, quoted_printable::quoted_printable_decode},
};

/// One entity.
pub(super) struct Entity<'a> {
    /// `None` where there are no headers that could be read.
    headers: Option<Message<'a>>,
    body: &'a [u8],
}

/// Headers beyond this are not read: no honest message has as many bytes of them.
const MOST_HEADERS: usize = 64 * 1024;

impl<'a> Entity<'a> {
    /// Takes the headers off, up to the first empty line.
    pub(super) fn read(bytes: &'a [u8]) -> Self {
        let (head, body) = split(bytes);
        let head = head.get(..MOST_HEADERS).unwrap_or(head);
        Self { headers: parser().parse_headers(head), body }
    }

    /// A header's value; of several the last one.
    pub(super) fn header(&self, name: &'static str) -> Option<&HeaderValue<'a>> {
        self.values(name).last()
    }

    /// A header's values in the order of the message, so that the one last added is the first.
    pub(super) fn values(&self, name: &'static str) -> impl Iterator<Item = &HeaderValue<'a>> {
        self.any_of([name])
    }

    /// The same of several headers, as they stand among each other.
    pub(super) fn any_of<const N: usize>(
        &self,
        names: [&'static str; N],
    ) -> impl Iterator<Item = &HeaderValue<'a>> {
        let names = names.map(HeaderName::parse);
        let headers = self.headers.as_ref().map(Message::headers).unwrap_or_default();
        let is_one = move |name: &HeaderName<'_>| names.iter().flatten().any(|known| known == name);
        headers.iter().filter(move |header| is_one(&header.name)).map(|header| &header.value)
    }

    /// The text of a header, trimmed; empty where the header is.
    pub(super) fn text(&self, name: &'static str) -> Option<&str> {
        self.header(name).map(|value| value.as_text().unwrap_or_default().trim())
    }

    /// The media type in lower case, `text/plain` where none is given (RFC 2045 section 5.2).
    pub(super) fn kind(&self) -> String {
        let kind = self.content_type().map(|kind| (kind.ctype(), kind.subtype().unwrap_or_default()));
        let (kind, subtype) = kind.unwrap_or(("text", "plain"));
        format!("{kind}/{subtype}").to_ascii_lowercase()
    }

    /// A parameter of the media type.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.content_type()?.attribute(name)
    }

    /// The name of the file that a part is meant to be saved as (RFC 2183 section 2.3), or that its
    /// media type gives.
    pub(super) fn file_name(&self) -> Option<&str> {
        let disposition = self.header("Content-Disposition").and_then(HeaderValue::as_content_type);
        disposition.and_then(|given| given.attribute("filename")).or_else(|| self.parameter("name"))
    }

    fn content_type(&self) -> Option<&ContentType<'a>> {
        self.header("Content-Type")?.as_content_type()
    }

    /// The body as it came.
    pub(super) fn raw(&self) -> &'a [u8] {
        self.body
    }

    /// The body without its transfer encoding; as it came where that can't be undone.
    pub(super) fn body(&self) -> Cow<'a, [u8]> {
        let encoding = self.text("Content-Transfer-Encoding").unwrap_or_default().to_ascii_lowercase();
        let decoded = match encoding.as_str() {
            "base64" => base64_decode(self.body),
            "quoted-printable" => quoted_printable_decode(self.body),
            _ => None,
        };
        decoded.map_or(Cow::Borrowed(self.body), Cow::Owned)
    }

    /// The parts of a multipart: what stands between the lines of its boundary (RFC 2046 section
    /// 5.1.1). One that is cut short ends with the message.
    pub(super) fn parts(&self) -> Vec<&'a [u8]> {
        let Some(boundary) = self.parameter("boundary").filter(|boundary| !boundary.is_empty()) else {
            return Vec::new();
        };
        let mut parts = Vec::new();
        let mut begun = None;
        for line in lines(self.body) {
            let Some(after) = delimited(line.text, boundary) else { continue };
            if let Some(start) = begun.replace(line.end) {
                parts.extend(self.body.get(start..line.start));
            }
            if after.starts_with(b"--") {
                return parts;
            }
        }
        parts.extend(begun.and_then(|start| self.body.get(start..)));
        parts
    }
}

fn delimited<'l>(line: &'l [u8], boundary: &str) -> Option<&'l [u8]> {
    line.strip_prefix(b"--")?.strip_prefix(boundary.as_bytes())
}

/// The headers with the empty line behind them, and what follows it.
fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    let empty = lines(bytes).find(|line| line.text.iter().all(u8::is_ascii_whitespace));
    let end = empty.map_or(bytes.len(), |line| line.end);
    bytes.split_at_checked(end).unwrap_or((bytes, b""))
}

/// A line, where it begins, and where the next one does.
struct Line<'a> {
    text: &'a [u8],
    start: usize,
    end: usize,
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = Line<'_>> {
    bytes.split_inclusive(|byte| *byte == b'\n').scan(0, |at, text| {
        let start = *at;
        *at += text.len();
        Some(Line { text, start, end: *at })
    })
}

/// Reads the headers that mean something to us, each in its own way, and skips all others.
fn parser() -> MessageParser {
    let raw = ["Return-Path", "Auto-Submitted", "Precedence", "List-Id", "Delivered-To", "X-Original-To"];
    let parser = MessageParser::new()
        .default_header_ignore()
        .header_content_type(HeaderName::ContentType)
        .header_content_type(HeaderName::ContentDisposition)
        .header_text(HeaderName::ContentTransferEncoding)
        .header_text(HeaderName::Subject)
        .header_address(HeaderName::From)
        .header_id(HeaderName::MessageId)
        .header_id(HeaderName::InReplyTo)
        .header_id(HeaderName::References);
    raw.into_iter().filter_map(HeaderName::parse).fold(parser, MessageParser::header_raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(body: &str) -> Vec<String> {
        let message = format!("Content-Type: multipart/mixed; boundary=\"x y\"\n\n{body}");
        let parts: Vec<_> =
            Entity::read(message.as_bytes()).parts().into_iter().map(<[u8]>::to_vec).collect();
        parts.into_iter().map(|part| String::from_utf8(part).unwrap()).collect()
    }

    #[test]
    fn parts_stand_between_the_lines_of_the_boundary() {
        assert_eq!(
            parts("preamble\n--x y\none\n--x y \r\ntwo\n\n--x y--\nepilogue\n--x y\nno\n"),
            ["one\n", "two\n\n"]
        );
        assert_eq!(parts("--x y\ncut short"), ["cut short"]);
        assert_eq!(parts("none at all"), [""; 0]);
        assert_eq!(parts("--x y\n--x y--"), [""]);
    }

    #[test]
    fn a_part_may_have_no_headers() {
        let entity = Entity::read(b"\r\nhello");
        assert_eq!((entity.kind().as_str(), entity.raw()), ("text/plain", b"hello".as_slice()));
        let entity = Entity::read(b"");
        assert_eq!((entity.kind().as_str(), entity.raw()), ("text/plain", b"".as_slice()));
    }

    #[test]
    fn transfer_encodings_are_undone_and_what_is_none_is_left() {
        let body = |encoding: &str, text: &str| {
            let message = format!("Content-Transfer-Encoding: {encoding}\r\n\r\n{text}");
            Entity::read(message.as_bytes()).body().into_owned()
        };
        assert_eq!(body("BASE64", "aGVs\r\nbG8=\r\n"), b"hello");
        assert_eq!(body("quoted-printable", "caf=E9 =\r\nau lait"), b"caf\xe9 au lait");
        assert_eq!(body("base64", "not base64!"), b"not base64!");
        assert_eq!(body("8bit", "\u{e9}"), "\u{e9}".as_bytes());
    }

    #[test]
    fn a_part_is_named_by_its_disposition_or_else_by_its_type() {
        let name = |headers: &str| {
            let message = format!("{headers}\r\n\r\n");
            Entity::read(message.as_bytes()).file_name().map(str::to_owned)
        };
        let typed = "Content-Type: application/octet-stream; name=\"a.xml\"";
        assert_eq!(name(typed).as_deref(), Some("a.xml"));
        let disposed = format!("{typed}\r\nContent-Disposition: attachment; filename*=UTF-8''b%2Exml");
        assert_eq!(name(&disposed).as_deref(), Some("b.xml"));
        assert_eq!(name("Content-Disposition: inline"), None);
    }

    #[test]
    fn a_header_that_came_twice_has_both_its_values() {
        let entity = Entity::read(b"Delivered-To: a@b\nDELIVERED-to: c@d\n\n");
        let all: Vec<_> =
            entity.values("Delivered-To").filter_map(HeaderValue::as_text).map(str::trim).collect();
        assert_eq!(all, ["a@b", "c@d"]);
    }
}
