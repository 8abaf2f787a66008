//! From bytes to text: which character encoding a document is in, and its strict decoding.
//!
//! CNRP is UTF-8 (R3), but legacy clients send what their system has. What counts is, in this
//! order, the byte order mark, the transport's charset parameter, the XML declaration (D33).

use std::borrow::Cow;

use encoding_rs::{DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::{Invalid, repairs::shown};

/// Bytes at the start of a document among which its XML declaration must end. The longest one that
/// makes sense has half as many.
const DECLARATION_LIMIT: usize = 256;

/// A document as text, without byte order mark.
#[derive(Debug)]
pub(super) struct Text<'a> {
    pub(super) text: Cow<'a, str>,
    /// The encoding it had, where that was not UTF-8.
    pub(super) foreign: Option<&'static str>,
    /// What it was said to be in, by the charset or the declaration, where that did not count.
    pub(super) overridden: Option<String>,
}

impl Text<'_> {
    /// What was repaired to read it, in words (D12).
    pub(super) fn repair(&self) -> Option<String> {
        let read = self.foreign.unwrap_or("UTF-8");
        match (&self.overridden, self.foreign) {
            (Some(said), _) => Some(format!("read as {read}, though it is said to be {}", shown(said))),
            (None, Some(_)) => Some(format!("read as {read}; CNRP is UTF-8")),
            (None, None) => None,
        }
    }
}

/// Decodes `document`; a byte sequence that its encoding does not know is an error with its place.
pub(super) fn decode<'a>(document: &'a [u8], charset: Option<&str>) -> Result<Text<'a>, Invalid> {
    let (encoding, bytes) = match Encoding::for_bom(document) {
        Some((encoding, length)) => (encoding, document.get(length..).unwrap_or_default()),
        None => (named(document, charset)?, document),
    };
    // What every encoding of the internet but the wide ones has in common is the same in UTF-8; what is
    // said to be another is told all the same (D11), but ASCII, which is UTF-8.
    if encoding.is_ascii_compatible() && bytes.is_ascii() {
        let is_utf8 = encoding == UTF_8 || said(document, charset).is_some_and(is_ascii);
        let foreign = (!is_utf8).then(|| encoding.name());
        let overridden = overridden(document, charset, encoding).filter(|said| is_utf8 && !is_ascii(said));
        return Ok(Text { text: Cow::Borrowed(utf8(bytes)?), foreign, overridden });
    }
    let overridden = overridden(document, charset, encoding);
    if encoding == UTF_8 {
        return Ok(Text { text: Cow::Borrowed(utf8(bytes)?), foreign: None, overridden });
    }
    // White space before it is ignored by the transport, which knows it in ASCII alone; a declaration is one
    // at the very start only.
    let mut text = transcoded(encoding, bytes)?;
    if text.trim_start().starts_with("<?xml") {
        text = text.trim_start().to_owned();
    }
    let text = Cow::Owned(text);
    Ok(Text { text, foreign: Some(encoding.name()), overridden })
}

/// Of the charset and the declaration the first that says another encoding than was read.
fn overridden(document: &[u8], charset: Option<&str>, read: &'static Encoding) -> Option<String> {
    let is_wide = |encoding: &'static Encoding| encoding == UTF_16LE || encoding == UTF_16BE;
    let is_other = |label: &&str| match Encoding::for_label(label.as_bytes()) {
        Some(said) => said != read && !(is_wide(said) && is_wide(read)),
        None => true,
    };
    let mut said = charset.and_then(label).into_iter().chain(declared(document));
    said.find(is_other).map(str::to_owned)
}

fn utf8(bytes: &[u8]) -> Result<&str, Invalid> {
    std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).and_then(|valid| std::str::from_utf8(valid).ok());
        let before = before.unwrap_or_default();
        Invalid::at(before, before.len(), "these bytes are not UTF-8")
    })
}

fn transcoded(encoding: &'static Encoding, bytes: &[u8]) -> Result<String, Invalid> {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let room = decoder.max_utf8_buffer_length_without_replacement(bytes.len());
    let mut text = String::with_capacity(room.unwrap_or(bytes.len()));
    match decoder.decode_to_string_without_replacement(bytes, &mut text, true).0 {
        DecoderResult::InputEmpty => Ok(text),
        DecoderResult::Malformed(..) | DecoderResult::OutputFull => {
            Err(Invalid::at(&text, text.len(), format!("these bytes are not {}", encoding.name())))
        }
    }
}

/// The encoding that the transport or the declaration names, else what the first bytes look like.
fn named(document: &[u8], charset: Option<&str>) -> Result<&'static Encoding, Invalid> {
    let Some(label) = said(document, charset) else {
        return Ok(width_of(document).unwrap_or(UTF_8));
    };
    match Encoding::for_label_no_replacement(label.as_bytes()) {
        // Of two bytes each, which comes first is said by the document alone.
        Some(encoding) if encoding == UTF_16LE || encoding == UTF_16BE => width_of(document)
            .ok_or_else(|| Invalid::at("", 0, format!("said to be {}, which it is not", shown(label)))),
        Some(encoding) => Ok(encoding),
        None => Err(Invalid::at("", 0, format!("unknown character encoding {}", shown(label)))),
    }
}

/// The label of its encoding, by the transport or by its declaration.
fn said<'a>(document: &'a [u8], charset: Option<&'a str>) -> Option<&'a str> {
    charset.and_then(label).or_else(|| declared(document))
}

fn is_ascii(label: &str) -> bool {
    ["us-ascii", "ascii"].iter().any(|ascii| label.eq_ignore_ascii_case(ascii))
}

/// A charset without what is about it; blank is none.
fn label(charset: &str) -> Option<&str> {
    let label = charset.trim_matches(['"', '\'', ' ', '\t']);
    (!label.is_empty()).then_some(label)
}

/// UTF-16 without a mark is known by the zero beside the first `<`, or the white space before it.
fn width_of(document: &[u8]) -> Option<&'static Encoding> {
    match document {
        [0, b'<' | b' ' | b'\t' | b'\r' | b'\n', ..] => Some(UTF_16BE),
        [b'<' | b' ' | b'\t' | b'\r' | b'\n', 0, ..] => Some(UTF_16LE),
        _ => None,
    }
}

/// What the XML declaration says, read as ASCII, behind the mark of UTF-8 as well.
fn declared(document: &[u8]) -> Option<&str> {
    let document = document.strip_prefix(b"\xef\xbb\xbf").unwrap_or(document);
    let start = document.get(..document.len().min(DECLARATION_LIMIT))?.strip_prefix(b"<?xml")?;
    let end = start.windows(2).position(|pair| pair == b"?>")?;
    let declaration = std::str::from_utf8(start.get(..end)?).ok()?;
    let (_, after) = declaration.split_once("encoding")?;
    let value = after.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    value.split(quote).nth(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(document: &[u8], charset: Option<&str>) -> Result<(String, Option<&'static str>), String> {
        let read = decode(document, charset);
        read.map(|read| (read.text.into_owned(), read.foreign)).map_err(|invalid| invalid.to_string())
    }

    fn declaring(encoding: &str, rest: &[u8]) -> Vec<u8> {
        [format!("<?xml version='1.0' encoding = '{encoding}'?>").as_bytes(), rest].concat()
    }

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn d33_the_mark_counts_before_the_charset_and_the_charset_before_the_declaration() {
        let marked = [b"\xef\xbb\xbf".as_slice(), "é".as_bytes()].concat();
        assert_eq!(text(&marked, Some("ISO-8859-1")), Ok(("é".to_owned(), None)));
        let document = declaring("ISO-8859-1", "é".as_bytes());
        assert!(text(&document, Some("\"utf-8\"")).unwrap().0.ends_with("'?>é"));
        assert!(text(&document, None).unwrap().0.ends_with("'?>Ã©"));
    }

    #[test]
    fn d11_legacy_encodings_are_transcoded() {
        let (read, foreign) = text(&declaring("windows-1252", b"\x80\xe9"), None).unwrap();
        assert!(read.ends_with("€é"));
        assert_eq!(foreign, Some("windows-1252"));
        for (mark, bytes) in
            [("\u{feff}", u16::to_le_bytes as fn(u16) -> [u8; 2]), ("\u{feff}", u16::to_be_bytes)]
        {
            let marked = utf16(&format!("{mark}<é/>"), bytes);
            assert_eq!(text(&marked, Some("utf-8")).unwrap().0, "<é/>");
            let unmarked = utf16("<é/>", bytes);
            assert_eq!(text(&unmarked, None).unwrap().0, "<é/>");
            assert_eq!(text(&unmarked, Some("UTF-16")).unwrap().0, "<é/>");
        }
    }

    #[test]
    fn d33_a_charset_may_be_quoted_in_any_case_and_the_document_begin_with_a_blank() {
        let document = utf16(" \n<é/>", u16::to_le_bytes);
        for charset in ["utf-16le", "UTF-16LE", " \"Utf-16le\" ", "'utf-16'", "\" utf-16le\""] {
            assert_eq!(
                text(&document, Some(charset)),
                Ok((" \n<é/>".to_owned(), Some("UTF-16LE"))),
                "{charset}"
            );
        }
    }

    #[test]
    fn d11_white_space_before_the_declaration_of_a_wide_document_is_ignored() {
        let declared = "<?xml version='1.0' encoding='UTF-16'?>\n<a/>";
        for bytes in [u16::to_le_bytes as fn(u16) -> [u8; 2], u16::to_be_bytes] {
            for lead in ["", " ", "\n", "\r\n\t", "\u{feff}", "\u{feff}\n"] {
                let document = utf16(&format!("{lead}{declared}"), bytes);
                assert_eq!(text(&document, None).unwrap().0, declared, "{lead:?}");
            }
        }
    }

    #[test]
    fn d11_what_was_said_of_the_encoding_and_did_not_count_is_told() {
        let repair = |document: &[u8], charset| decode(document, charset).unwrap().repair();
        let marked = [b"\xef\xbb\xbf".as_slice(), "<é/>".as_bytes()].concat();
        let latin = declaring("ISO-8859-1", "<é/>".as_bytes());
        let behind_mark = |encoding: &str, text: &str| {
            [b"\xef\xbb\xbf".to_vec(), declaring(encoding, text.as_bytes())].concat()
        };
        for (document, charset, expected) in [
            (marked.as_slice(), Some("Latin1"), Some("read as UTF-8, though it is said to be Latin1")),
            (&latin, Some("utf-8"), Some("read as UTF-8, though it is said to be ISO-8859-1")),
            (&latin, None, Some("read as windows-1252; CNRP is UTF-8")),
            (
                &utf16("\u{feff}<é/>", u16::to_be_bytes),
                Some("utf-16"),
                Some("read as UTF-16BE; CNRP is UTF-8"),
            ),
            ("<é/>".as_bytes(), Some("utf8"), None),
            (
                &behind_mark("ISO-8859-1", "<é/>"),
                None,
                Some("read as UTF-8, though it is said to be ISO-8859-1"),
            ),
            (
                &behind_mark("ISO-8859-1", "<a/>"),
                None,
                Some("read as UTF-8, though it is said to be ISO-8859-1"),
            ),
            (&behind_mark("UTF-16", "<a/>"), None, Some("read as UTF-8, though it is said to be UTF-16")),
            (&behind_mark("utf-8", "<a/>"), None, None),
            (&behind_mark("us-ascii", "<a/>"), None, None),
        ] {
            assert_eq!(repair(document, charset).as_deref(), expected);
        }
        for label in ["us-ascii", "ASCII", "utf-8"] {
            assert_eq!(repair(b"<a/>", Some(label)), None, "{label} is UTF-8");
            assert_eq!(repair(&declaring(label, b"<a/>"), None), None, "{label}");
        }
        for (label, name) in
            [("ISO-8859-1", "windows-1252"), ("windows-1252", "windows-1252"), ("shift_jis", "Shift_JIS")]
        {
            let told = Some(format!("read as {name}; CNRP is UTF-8"));
            assert_eq!(repair(b"<a/>", Some(label)), told, "{label}, though it is the same in UTF-8");
            assert_eq!(repair(&declaring(label, b"<a/>"), None), told, "{label}");
        }
    }

    #[test]
    fn d11_undecodable_bytes_are_told_with_their_place() {
        assert_eq!(text(b"<a>\n\xe9", None), Err("line 2, column 1: these bytes are not UTF-8".to_owned()));
        let place = text(b"\xff\xfe\x00", None).unwrap_err();
        assert_eq!(place, "line 1, column 1: these bytes are not UTF-16LE");
        let place = text(b"a\n\x81", Some("shift_jis")).unwrap_err();
        assert_eq!(place, "line 2, column 1: these bytes are not Shift_JIS");
    }

    #[test]
    fn an_encoding_that_is_unknown_or_untrue_is_refused() {
        for document in
            [declaring("no-such", b"<a/>"), declaring("UTF-16", b"<a/>"), declaring("hz-gb-2312", b"")]
        {
            assert!(text(&document, None).is_err());
        }
        assert!(text(b"<a/>", Some("no-such")).is_err());
    }
}
