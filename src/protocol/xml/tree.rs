//! The tree: elements in document order, each knowing where its subtree ends, so that the whole of
//! it is two vectors and reading goes forwards.

use std::{borrow::Cow, ops::Range};

use super::{super::Invalid, flow};

/// A well-formed document.
#[derive(Debug)]
pub(crate) struct Tree<'a> {
    text: &'a str,
    /// The name that a DOCTYPE gives the root element.
    pub(crate) doctype: Option<&'a str>,
    pub(super) nodes: Vec<Node<'a>>,
    pub(super) attributes: Vec<Attribute<'a>>,
}

#[derive(Debug)]
pub(super) struct Node<'a> {
    pub(super) name: &'a str,
    /// The byte of its `<`.
    pub(super) at: usize,
    /// One past the last byte of its end tag.
    pub(super) closed: usize,
    /// One past the last node of its subtree.
    pub(super) end: usize,
    /// Its part of the tree's attributes.
    pub(super) attributes: Range<usize>,
    /// Its own text, that of its children left out.
    pub(super) text: Cow<'a, str>,
}

/// An attribute, its references resolved and its white space made spaces.
#[derive(Debug)]
pub(crate) struct Attribute<'a> {
    pub(crate) name: &'a str,
    pub(crate) value: Cow<'a, str>,
}

/// An element of a tree.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Element<'t> {
    tree: &'t Tree<'t>,
    node: &'t Node<'t>,
    index: usize,
}

impl<'a> Tree<'a> {
    pub(super) fn new(text: &'a str, elements: usize) -> Self {
        Self {
            text,
            doctype: None,
            nodes: Vec::with_capacity(elements),
            attributes: Vec::with_capacity(elements),
        }
    }

    /// The root element.
    pub(crate) fn root(&self) -> Result<Element<'_>, Invalid> {
        self.element(0).ok_or_else(|| Invalid::at(self.text, 0, "there is no element"))
    }

    fn element(&self, index: usize) -> Option<Element<'_>> {
        self.nodes.get(index).map(|node| Element { tree: self, node, index })
    }
}

impl<'t> Element<'t> {
    pub(crate) fn name(self) -> &'t str {
        self.node.name
    }

    /// Its own text, trimmed (D8); that of its children left out.
    pub(crate) fn text(self) -> &'t str {
        self.node.text.trim()
    }

    /// Its text and that of all within it, in the order of the document, trimmed: what a person
    /// reads who sees no markup.
    pub(crate) fn whole_text(self) -> Cow<'t, str> {
        match self.children().next() {
            None => Cow::Borrowed(self.text()),
            Some(_) => Cow::Owned(flow::text(self.source()).trim().to_owned()),
        }
    }

    /// How the document writes it, from its start tag to its end tag.
    fn source(self) -> &'t str {
        self.tree.text.get(self.node.at..self.node.closed).unwrap_or_default()
    }

    pub(crate) fn attributes(self) -> &'t [Attribute<'t>] {
        self.tree.attributes.get(self.node.attributes.clone()).unwrap_or_default()
    }

    /// The trimmed value of the attribute of exactly this name.
    pub(crate) fn attribute(self, name: &str) -> Option<&'t str> {
        self.attributes()
            .iter()
            .find(|attribute| attribute.name == name)
            .map(|attribute| attribute.value.trim())
    }

    pub(crate) fn children(self) -> impl Iterator<Item = Element<'t>> {
        let mut next = self.index + 1;
        std::iter::from_fn(move || {
            let child = self.tree.element(next).filter(|child| child.index < self.node.end)?;
            next = child.node.end;
            Some(child)
        })
    }

    /// The children of exactly this name.
    pub(crate) fn all(self, name: &str) -> impl Iterator<Item = Element<'t>> {
        self.children().filter(move |child| child.name() == name)
    }

    /// The first child of exactly this name.
    pub(crate) fn first(self, name: &str) -> Option<Element<'t>> {
        self.children().find(|child| child.name() == name)
    }

    /// What is wrong with this element.
    pub(crate) fn invalid(self, reason: impl Into<String>) -> Invalid {
        Invalid::at(self.tree.text, self.node.at, reason)
    }
}
