//! The document that a message holds: its body, or one of its parts.

use std::{borrow::Cow, ops::Range};

use super::entity::Entity;

/// A document as it was written, before any character was decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Question<'a> {
    pub(super) document: Cow<'a, [u8]>,
    /// The `charset` parameter of its media type (D33).
    pub(super) charset: Option<String>,
    /// Whether there was text around it, such as a greeting or a signature.
    pub(super) trimmed: bool,
}

/// Why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Missing {
    #[error(
        "the message holds no CNRP document; expected a part of type application/cnrp+xml, application/xml, \
         text/xml, or a text or file that begins with XML"
    )]
    Nowhere,
    #[error("the document has more than {0} bytes")]
    TooLong(usize),
    #[error("the message has more than {0} bytes")]
    MessageTooLong(usize),
}

/// The most parts that are looked at, over all levels.
const MOST_PARTS: usize = 100;

/// The deepest level that is looked at; the message itself is level 0. Four are more than any
/// mail client makes: mixed, related, alternative, and a message that was passed on.
const DEEPEST: usize = 10;

/// Finds the document of a message, of at most `longest` bytes. Of several, one of our own media
/// type wins over one of another, that over a text, and that over a file of an unknown type; of
/// equals the first.
///
/// # Errors
/// Where there is none among the parts that are looked at, or it is too long.
pub(super) fn find(message: &[u8], longest: usize) -> Result<Question<'_>, Missing> {
    if message.len() > super::longest(longest) {
        return Err(Missing::MessageTooLong(super::longest(longest)));
    }
    let mut search = Search { seen: 0, best: None };
    search.look(message, 0);
    let (_, question) = search.best.ok_or(Missing::Nowhere)?;
    if question.document.len() > longest { Err(Missing::TooLong(longest)) } else { Ok(question) }
}

/// How surely a part is meant as a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// A type that says nothing, such as `application/octet-stream`: what a mail client gives a file
    /// that it does not know.
    Unknown,
    Text,
    Xml,
    Cnrp,
}

struct Search<'a> {
    seen: usize,
    best: Option<(Kind, Question<'a>)>,
}

impl<'a> Search<'a> {
    fn look(&mut self, bytes: &'a [u8], depth: usize) {
        self.seen += 1;
        if self.seen > MOST_PARTS || depth > DEEPEST {
            return;
        }
        let entity = Entity::read(bytes);
        let kind = entity.kind();
        match kind.as_str() {
            "application/cnrp+xml" => self.offer(Kind::Cnrp, &entity),
            "application/xml" | "text/xml" => self.offer(Kind::Xml, &entity),
            "text/plain" => self.offer(Kind::Text, &entity),
            // A message inside is never encoded (RFC 2046 section 5.2.1).
            "message/rfc822" => self.look(entity.raw(), depth + 1),
            _ if kind.starts_with("multipart/") => {
                entity.parts().into_iter().for_each(|part| self.look(part, depth + 1));
            }
            _ if is_something_else(&kind) => {}
            _ => self.offer(Kind::Unknown, &entity),
        }
    }

    fn offer(&mut self, kind: Kind, entity: &Entity<'a>) {
        if self.best.as_ref().is_some_and(|(best, _)| *best >= kind) {
            return;
        }
        let body = trimmed(entity.body());
        let whole = body.len();
        let document = if kind == Kind::Text { alone(body) } else { body };
        let trimmed = document.len() < whole;
        let is_meant = match kind {
            Kind::Cnrp | Kind::Xml => true,
            Kind::Text => begins_xml(&document),
            Kind::Unknown => begins_xml(&document) || is_named_xml(entity),
        };
        if !is_meant {
            return;
        }
        // US-ASCII is what clients say who don't know: the declaration, or UTF-8, knows more.
        let charset = entity.parameter("charset").filter(|charset| !charset.eq_ignore_ascii_case("us-ascii"));
        self.best = Some((kind, Question { document, charset: charset.map(str::to_owned), trimmed }));
    }
}

/// Whether a media type, in lower case, is of something that no document is sent as, though it may
/// begin with XML: a page, or a drawing.
fn is_something_else(kind: &str) -> bool {
    kind == "text/html" || ["image/", "audio/", "video/", "font/"].iter().any(|start| kind.starts_with(start))
}

fn is_named_xml(entity: &Entity<'_>) -> bool {
    let name = entity.file_name().unwrap_or_default();
    name.rsplit_once('.').is_some_and(|(_, ending)| ending.eq_ignore_ascii_case("xml"))
}

/// Without white space about it: an XML declaration stands at the very beginning. Of two bytes
/// that are one character, none is white space.
fn trimmed(body: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    match body {
        wide if wide.contains(&0) => wide,
        Cow::Borrowed(body) => Cow::Borrowed(body.trim_ascii()),
        Cow::Owned(body) => Cow::Owned(body.trim_ascii().to_vec()),
    }
}

/// Without the greeting before it and the signature behind it, which are no part of a document.
fn alone(text: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    let extent = extent(&text);
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.get(extent).unwrap_or(text)),
        Cow::Owned(text) => Cow::Owned(text.get(extent).map(<[u8]>::to_vec).unwrap_or(text)),
    }
}

/// Where in a text its document begins and ends; all of it, as far as that is not to be seen.
fn extent(text: &[u8]) -> Range<usize> {
    const END: &[u8] = b"</cnrp>";
    let start = (0..text.len()).find(|at| text.get(*at..).is_some_and(begins_xml));
    let end = text.windows(END.len()).rposition(|word| word.eq_ignore_ascii_case(END));
    start.unwrap_or(0)..end.map_or(text.len(), |at| at + END.len())
}

/// Whether a text is meant as a document, whatever encoding it is in.
fn begins_xml(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let begins = |start: &[u8]| text.get(..start.len()).is_some_and(|text| text.eq_ignore_ascii_case(start));
    begins(b"<?xml") || begins(b"<!doctype cnrp") || begins(b"<cnrp")
}
