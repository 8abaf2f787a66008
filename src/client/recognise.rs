//! Recognising what listens at a port by what it says to a servicequery: a CNRP service, another
//! HTTP server, or something else altogether.

use std::sync::Arc;

use crate::{
    model::{Answer, Service, StatusCode},
    protocol,
};

/// How long a datagram is made with trailing spaces: a reply is never longer than its request (D23).
const PADDED: usize = 1200;

/// How much of what is none of our business is kept, in bytes or characters: enough for a greeting.
const GREETING: usize = 120;

/// What something turned out to speak.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Speech {
    /// CNRP.
    Cnrp {
        /// Its service object; `None` if all it sent was a status.
        service: Option<Arc<Service>>,
        /// The first status.
        status: Option<StatusCode>,
    },
    /// HTTP, with an answer that is no CNRP.
    Http {
        status: Option<u16>,
        /// What it calls itself.
        server: Option<String>,
    },
    /// It answered with a record of TLS (RFC 8446 section 5.1).
    Tls,
    /// It said something else, of which this is the first line, as far as it is text.
    Other(String),
    /// It said nothing.
    Silent,
}

/// A servicequery to `host` over HTTP/1.0, so that the answer comes in one piece and has an end.
pub fn servicequery_over_http(host: &str) -> Vec<u8> {
    let document = protocol::encode_servicequery();
    let length = document.len();
    let head = format!(
        "POST / HTTP/1.0\r\nHost: {host}\r\nContent-Type: application/cnrp+xml\r\n\
         Accept: application/cnrp+xml\r\nContent-Length: {length}\r\n\r\n"
    );
    [head.into_bytes(), document].concat()
}

/// A servicequery as a datagram (D23).
pub fn servicequery_datagram() -> Vec<u8> {
    let mut datagram = protocol::encode_servicequery();
    datagram.resize(datagram.len().max(PADDED), b' ');
    datagram
}

/// What `heard` is, which something said to a servicequery or before.
pub fn recognise(mut heard: &[u8]) -> Speech {
    // A stranger may send any number of these, so they are passed over one by one and not by recursion.
    while let Some(rest) = after_interim(heard) {
        heard = rest;
    }
    match heard {
        [] => Speech::Silent,
        [b'H', b'T', b'T', b'P', b'/', ..] => http(heard),
        // An alert, or a handshake, of any version there has been.
        [21 | 22, 3, 0..=4, ..] => Speech::Tls,
        _ => cnrp(heard).unwrap_or_else(|| other(heard)),
    }
}

fn cnrp(document: &[u8]) -> Option<Speech> {
    let Answer { service, statuses, .. } = protocol::decode_answer(document, None).ok()?;
    Some(Speech::Cnrp { service, status: statuses.first().map(|status| status.code) })
}

/// What follows a reply that only says that another will come (RFC 9110 section 15.2).
fn after_interim(heard: &[u8]) -> Option<&[u8]> {
    let (head, body) = parted(heard)?;
    let is_interim =
        head.starts_with(b"HTTP/") && matches!(code(&String::from_utf8_lossy(head)), Some(100..=199));
    (is_interim && !body.is_empty()).then_some(body)
}

/// Head and body of a reply, if its head is whole.
fn parted(heard: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = heard.windows(4).position(|four| four == b"\r\n\r\n")?;
    heard.split_at_checked(end + 4)
}

/// The status code in the head of a reply.
fn code(head: &str) -> Option<u16> {
    head.split_whitespace().nth(1)?.parse().ok()
}

fn http(heard: &[u8]) -> Speech {
    let (head, body) = parted(heard).unwrap_or((heard, &[]));
    let head = String::from_utf8_lossy(head);
    let status = code(&head);
    let is_chunked = field(&head, "transfer-encoding")
        .is_some_and(|coding| coding.to_ascii_lowercase().ends_with("chunked"));
    let spoken = if is_chunked { cnrp(&unchunked(body)) } else { cnrp(body) };
    spoken.unwrap_or_else(|| Speech::Http { status, server: field(&head, "server").map(|name| short(&name)) })
}

fn short(text: &str) -> String {
    text.chars().take(GREETING).collect()
}

/// The value of a field of the head of a reply.
fn field(head: &str, name: &str) -> Option<String> {
    let mut fields = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    fields.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned())
}

/// The content of a chunked body as far as it was heard (RFC 9112 section 7.1). A server of HTTP/1.1
/// may send one to a client of HTTP/1.0, though it should not.
fn unchunked(mut body: &[u8]) -> Vec<u8> {
    let mut content = Vec::new();
    while let Ok(httparse::Status::Complete((start, length @ 1..))) = httparse::parse_chunk_size(body) {
        let rest = body.get(start..).unwrap_or_default();
        let (chunk, rest) = rest.split_at(usize::try_from(length).unwrap_or(usize::MAX).min(rest.len()));
        content.extend_from_slice(chunk);
        body = rest.strip_prefix(b"\r\n").unwrap_or_default();
    }
    content
}

fn other(heard: &[u8]) -> Speech {
    let beginning = String::from_utf8_lossy(heard.get(..GREETING).unwrap_or(heard));
    let line = beginning.lines().next().unwrap_or_default();
    Speech::Other(line.replace(char::REPLACEMENT_CHARACTER, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str =
        "<cnrp><results><service><serviceuri>urn:example:names</serviceuri></service></results></cnrp>";

    #[test]
    fn a_cnrp_service_is_known_by_its_service_object() {
        let over_http = format!("HTTP/1.1 200 OK\r\nServer: x\r\n\r\n{DOCUMENT}");
        for heard in [DOCUMENT, &over_http] {
            let Speech::Cnrp { service, status } = recognise(heard.as_bytes()) else { panic!("{heard}") };
            assert_eq!((service.unwrap().uri.as_str(), status), ("urn:example:names", None));
        }
        let busy =
            "HTTP/1.1 503 X\r\n\r\n<cnrp><results><status code=\"4.2.1\">busy</status></results></cnrp>";
        let told = Speech::Cnrp { service: None, status: Some(StatusCode::TOO_BUSY) };
        assert_eq!(recognise(busy.as_bytes()), told);
    }

    #[test]
    fn a_cnrp_service_is_known_however_its_answer_is_framed() {
        let (first, second) = DOCUMENT.split_at(20);
        let chunks = format!("14;x=y\r\n{first}\r\n{:X}\r\n{second}\r\n0\r\n\r\n", second.len());
        let head = "HTTP/1.1 200 OK\r\nServer: x\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n";
        for heard in [format!("{head}{chunks}"), format!("HTTP/1.1 100 Continue\r\n\r\n{head}{chunks}")] {
            assert!(matches!(recognise(heard.as_bytes()), Speech::Cnrp { .. }), "{heard}");
        }
        for broken in ["", "zz\r\n", "ffffffffffffffff\r\nx", "5\r\nab", "0\r\n\r\n", "1\r\na1\r\nb"] {
            let speech = recognise(format!("{head}{broken}").as_bytes());
            assert_eq!(speech, Speech::Http { status: Some(200), server: Some("x".to_owned()) }, "{broken}");
        }
    }

    #[test]
    fn as_many_interim_replies_as_are_listened_to_are_passed_over() {
        let many = "HTTP/ 100\r\n\r\n".repeat(5000);
        let speech = recognise(format!("{many}{DOCUMENT}").as_bytes());
        assert!(matches!(speech, Speech::Cnrp { .. }));
        assert_eq!(recognise(many.as_bytes()), Speech::Http { status: Some(100), server: None });
    }

    #[test]
    fn whatever_else_there_is_is_told_apart() {
        let http = |status, server: Option<&str>| Speech::Http { status, server: server.map(str::to_owned) };
        let other = |text: &str| Speech::Other(text.to_owned());
        for (heard, expected) in [
            (&b""[..], Speech::Silent),
            (
                b"HTTP/1.1 405 Not Allowed\r\nserver:  nginx/1.22.1\r\n\r\n<html>",
                http(Some(405), Some("nginx/1.22.1")),
            ),
            (b"HTTP/1.0 ", http(None, None)),
            (b"HTTP/1.1 200 OK\r\n\r\n<cnrp><results/></cnrp", http(Some(200), None)),
            (b"\x15\x03\x03\0\x02\x02\x46", Speech::Tls),
            (b"\x15\x03", other("\u{15}\u{3}")),
            (b"SSH-2.0-OpenSSH_9.2p1\r\n", other("SSH-2.0-OpenSSH_9.2p1")),
            (b"\xff\xfd\x18", other("\u{18}")),
        ] {
            assert_eq!(recognise(heard), expected, "{:?}", String::from_utf8_lossy(heard));
        }
        let Speech::Other(text) = recognise(&[b'x'; 5000]) else { panic!("it is text") };
        assert_eq!(text.len(), GREETING);
    }

    #[test]
    fn d23_a_datagram_is_padded_so_that_its_reply_may_be_long() {
        assert_eq!(servicequery_datagram().len(), 1200);
        assert!(servicequery_over_http("x").starts_with(b"POST / HTTP/1.0\r\nHost: x\r\n"));
    }
}
