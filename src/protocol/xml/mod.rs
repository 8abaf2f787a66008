//! Well-formed XML, and nothing else: text to a small tree with places.
//!
//! The tokeniser below finds tags, comments and references, and pairs start with end tags. It does
//! not check names, attributes, characters, the prolog, that there is one root, or that everything
//! is closed; this layer does. It fetches nothing and expands nothing but the five predefined
//! entities and character references (D14). Depth, elements and attributes are bounded, and time
//! is linear in the length of the text.

mod attributes;
mod characters;
mod flow;
mod prolog;
mod reference;
mod scan;
mod tree;

use std::borrow::Cow;

use quick_xml::{Reader, events::Event};

pub(crate) use characters::is_allowed;
pub(crate) use tree::{Element, Tree};

use self::tree::Node;
use super::{
    Invalid,
    repairs::{cut, shown},
};

/// Deepest nesting of elements. The DTD's deepest is five.
const DEPTH: usize = 64;
/// Most elements of one document: thousands of resources, yet a bound on memory.
const ELEMENTS: usize = 100_000;
/// Most characters of the tokeniser's own reasons, which quote the document.
const REASON: usize = 200;

/// What is wrong, and at which byte.
#[derive(Debug)]
struct Fault {
    at: usize,
    reason: Cow<'static, str>,
}

impl Fault {
    fn new(at: usize, reason: impl Into<Cow<'static, str>>) -> Self {
        Self { at, reason: reason.into() }
    }
}

/// Reads `text`, which must be a well-formed XML 1.0 document.
pub(crate) fn read(text: &str) -> Result<Tree<'_>, Invalid> {
    let mut builder = Builder::new(text);
    match builder.document() {
        Ok(()) => Ok(builder.tree),
        Err(fault) => Err(Invalid::at(text, fault.at, fault.reason)),
    }
}

struct Builder<'a> {
    text: &'a str,
    tree: Tree<'a>,
    /// The places in the tree of the elements not yet closed.
    open: Vec<usize>,
}

impl<'a> Builder<'a> {
    fn new(text: &'a str) -> Self {
        // An element takes some forty bytes of markup and text: few documents make these grow.
        let elements = (text.len() / 40).clamp(4, 256);
        Self { text, tree: Tree::new(text, elements), open: Vec::with_capacity(8) }
    }

    fn document(&mut self) -> Result<(), Fault> {
        characters::check(self.text)?;
        let mut reader = Reader::from_str(self.text);
        reader.config_mut().check_comments = true;
        loop {
            let at = offset(reader.buffer_position());
            let event = reader.read_event().map_err(|error| {
                let reason = cut(&error.to_string(), REASON).to_owned();
                Fault::new(offset(reader.error_position()), reason)
            })?;
            let source = self.text.get(at..offset(reader.buffer_position())).unwrap_or_default();
            match event {
                Event::Start(tag) => self.start(at, source, tag.name().as_ref().len())?,
                Event::Empty(tag) => {
                    self.start(at, source, tag.name().as_ref().len())?;
                    self.end(at + source.len());
                }
                Event::End(_) => self.end(at + source.len()),
                Event::Text(piece) => self.plain(at, piece.into_inner())?,
                Event::CData(piece) => self.piece(at, piece.into_inner())?,
                Event::GeneralRef(name) => self.reference(at, &name.into_inner())?,
                Event::Decl(_) => prolog::declaration(at, source)?,
                Event::PI(instruction) => prolog::instruction(at, instruction.target())?,
                Event::Comment(_) => {}
                Event::DocType(_) => self.doctype(at, source)?,
                Event::Eof => return self.finish(),
            }
        }
    }

    fn start(&mut self, at: usize, source: &'a str, name_length: usize) -> Result<(), Fault> {
        if self.open.is_empty() && !self.tree.nodes.is_empty() {
            return Err(Fault::new(at, "a second root element; a document has one"));
        }
        if self.open.len() >= DEPTH {
            return Err(Fault::new(at, format!("elements nested more than {DEPTH} deep")));
        }
        if self.tree.nodes.len() >= ELEMENTS {
            return Err(Fault::new(at, format!("more than {ELEMENTS} elements")));
        }
        let inner = source.strip_prefix('<').unwrap_or_default();
        let inner = inner.strip_suffix("/>").or_else(|| inner.strip_suffix('>')).unwrap_or_default();
        let (name, rest) = inner.split_at_checked(name_length).unwrap_or_default();
        if !characters::is_name(name) {
            return Err(Fault::new(at, format!("`{}` is no name for an element", shown(name))));
        }
        let first = self.tree.attributes.len();
        attributes::read(rest, at + 1 + name_length, &mut self.tree.attributes)?;
        let attributes = first..self.tree.attributes.len();
        let index = self.tree.nodes.len();
        let text = Cow::Borrowed("");
        self.tree.nodes.push(Node { name, at, closed: at, end: index + 1, attributes, text });
        self.open.push(index);
        Ok(())
    }

    fn end(&mut self, closed: usize) {
        let end = self.tree.nodes.len();
        if let Some(node) = self.open.pop().and_then(|index| self.tree.nodes.get_mut(index)) {
            node.end = end;
            node.closed = closed;
        }
    }

    fn plain(&mut self, at: usize, piece: Cow<'a, str>) -> Result<(), Fault> {
        if let Some(place) = piece.find("]]>") {
            return Err(Fault::new(at + place, "`]]>` in text, where `]]&gt;` is meant"));
        }
        if self.open.is_empty() {
            let blank = piece.len() - piece.trim_start_matches(characters::is_space).len();
            if blank < piece.len() {
                return Err(Fault::new(at + blank, "text outside the root element"));
            }
            return Ok(());
        }
        self.piece(at, piece)
    }

    /// Adds to the text of the innermost open element.
    fn piece(&mut self, at: usize, piece: Cow<'a, str>) -> Result<(), Fault> {
        let node = self.open.last().and_then(|index| self.tree.nodes.get_mut(*index));
        let Some(node) = node else {
            return Err(Fault::new(at, "text outside the root element"));
        };
        let piece = match piece.contains('\r') {
            true => Cow::Owned(flow::lines(&piece).into_owned()),
            false => piece,
        };
        // Values are trimmed, so what is blank so far may go: the usual indentation between
        // elements is never copied.
        if node.text.trim_start().is_empty() {
            node.text = piece;
        } else {
            node.text.to_mut().push_str(&piece);
        }
        Ok(())
    }

    fn reference(&mut self, at: usize, name: &str) -> Result<(), Fault> {
        let character = reference::character(name).map_err(|reason| Fault::new(at, reason))?;
        let node = self.open.last().and_then(|index| self.tree.nodes.get_mut(*index));
        let Some(node) = node else {
            return Err(Fault::new(at, "a reference outside the root element"));
        };
        node.text.to_mut().push(character);
        Ok(())
    }

    fn doctype(&mut self, at: usize, source: &'a str) -> Result<(), Fault> {
        if self.tree.doctype.is_some() || !self.tree.nodes.is_empty() {
            return Err(Fault::new(at, "a DOCTYPE stands once, before the root element"));
        }
        self.tree.doctype = Some(prolog::doctype(at, source)?);
        Ok(())
    }

    fn finish(&self) -> Result<(), Fault> {
        let end = self.text.len();
        match self.open.last().and_then(|index| self.tree.nodes.get(*index)) {
            Some(node) => Err(Fault::new(end, format!("<{}> is not closed", shown(node.name)))),
            None if self.tree.nodes.is_empty() => Err(Fault::new(end, "there is no element")),
            None => Ok(()),
        }
    }
}

/// A document is in memory, so its offsets fit.
fn offset(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests;
