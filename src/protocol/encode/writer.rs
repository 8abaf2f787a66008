//! The bytes of a document: markup as it is given, strangers' text escaped in one pass.

use super::super::vocabulary as v;
use crate::model::Property;

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
const DOCTYPE: &str =
    "<!DOCTYPE cnrp PUBLIC \"-//IETF//DTD CNRP 1.0//EN\" \"http://ietf.org/dtd/cnrp-1.0.dtd\">\n";

/// A document in the making.
pub(super) struct Writer {
    out: Vec<u8>,
}

impl Writer {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self { out: Vec::with_capacity(bytes) }
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.out
    }

    pub(super) fn prolog(&mut self, with_doctype: bool) {
        self.raw(DECLARATION);
        if with_doctype {
            self.raw(DOCTYPE);
        }
    }

    /// Markup of our own.
    pub(super) fn raw(&mut self, markup: &str) {
        self.out.extend_from_slice(markup.as_bytes());
    }

    /// An element that holds text alone.
    pub(super) fn element(&mut self, name: &str, text: &str) {
        self.raw("<");
        self.raw(name);
        self.raw(">");
        self.text(text);
        self.raw("</");
        self.raw(name);
        self.raw(">");
    }

    /// An attribute, with the space before it.
    pub(super) fn attribute(&mut self, name: &str, value: &str) {
        self.raw(" ");
        self.raw(name);
        self.raw("=\"");
        self.escaped(value, |byte| match byte {
            b'"' => Some("&quot;"),
            b'\t' => Some("&#9;"),
            b'\n' => Some("&#10;"),
            _ => None,
        });
        self.raw("\"");
    }

    /// An attribute that gives or refers to the id of that number (D5).
    pub(super) fn id(&mut self, attribute: &str, number: usize) {
        self.raw(" ");
        self.raw(attribute);
        self.raw("=\"i");
        self.number(number);
        self.raw("\"");
    }

    /// A property, named as appendix A spells it (D7).
    pub(super) fn property(&mut self, property: &Property) {
        self.named_property(&property.name, &property.kind, &property.value);
    }

    pub(super) fn named_property(&mut self, name: &str, kind: &str, value: &str) {
        self.raw("<property");
        self.attribute("name", v::canonical(name));
        self.attribute("type", if kind.is_empty() { v::FREEFORM } else { v::canonical_type(kind) });
        self.raw(">");
        self.text(value);
        self.raw("</property>");
    }

    pub(super) fn text(&mut self, text: &str) {
        self.escaped(text, |_| None);
    }

    /// Decimal digits.
    pub(super) fn number(&mut self, number: usize) {
        if number >= 10 {
            self.number(number / 10);
        }
        self.out.push(b'0' + u8::try_from(number % 10).unwrap_or_default());
    }

    /// Copies `text` in runs, replacing what markup is made of and dropping what XML 1.0 can't carry
    /// (D17). `>` is always replaced, so that no `]]>` can stand in text. `more` adds replacements.
    fn escaped(&mut self, text: &str, more: impl Fn(u8) -> Option<&'static str>) {
        let bytes = text.as_bytes();
        // Everything before it is written or dropped.
        let mut done = 0;
        for (at, byte) in bytes.iter().enumerate() {
            let mut length = 1;
            let replacement = match *byte {
                b'&' => "&amp;",
                b'<' => "&lt;",
                b'>' => "&gt;",
                b'\r' => "&#13;",
                0..=0x8 | 0xb | 0xc | 0xe..=0x1f => "",
                0xef if is_noncharacter(bytes, at) => {
                    length = 3;
                    ""
                }
                other => match more(other) {
                    Some(replacement) => replacement,
                    None => continue,
                },
            };
            self.out.extend_from_slice(bytes.get(done..at).unwrap_or_default());
            self.raw(replacement);
            done = at + length;
        }
        self.out.extend_from_slice(bytes.get(done..).unwrap_or_default());
    }
}

/// Whether U+FFFE or U+FFFF begins at `at`.
fn is_noncharacter(bytes: &[u8], at: usize) -> bool {
    matches!(bytes.get(at..), Some([0xef, 0xbf, 0xbe | 0xbf, ..]))
}
