//! The text of an element with markup in it (`Acme<b> X</b>`), in the order of the document. The tree
//! keeps only each element's own; as hardly any document asks for more, this reads the markup again.

use std::borrow::Cow;

use quick_xml::{Reader, events::Event};

use super::reference;

/// All text within `markup`, which was found to be well-formed before.
pub(super) fn text(markup: &str) -> String {
    let mut reader = Reader::from_str(markup);
    let mut text = String::new();
    loop {
        match reader.read_event() {
            Ok(Event::Text(piece)) => text.push_str(&lines(&piece.into_inner())),
            Ok(Event::CData(piece)) => text.push_str(&lines(&piece.into_inner())),
            Ok(Event::GeneralRef(name)) => text.extend(reference::character(&name.into_inner()).ok()),
            Ok(Event::Eof) | Err(_) => return text,
            Ok(_) => {}
        }
    }
}

/// The text with line ends of LF alone (XML 1.0 section 2.11).
pub(super) fn lines(text: &str) -> Cow<'_, str> {
    match text.contains('\r') {
        true => Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")),
        false => Cow::Borrowed(text),
    }
}
