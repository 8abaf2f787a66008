//! An answer as a client sees it: judged by `xmllint`, then read by a plain XML parser that is not
//! the gateway's own, so that a mistake in the codec can't hide itself.

#[path = "../../../src/protocol/tests/xmllint.rs"]
mod xmllint;

use std::{collections::HashMap, fs::OpenOptions, io::Write, path::Path};

use quick_xml::{Reader, events::Event};

/// An element of the answer, with its text and children.
#[derive(Debug, Clone, Default)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: HashMap<String, String>,
    pub(crate) text: String,
    pub(crate) children: Vec<Element>,
}

impl Element {
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    pub(crate) fn first(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    pub(crate) fn text_of(&self, name: &str) -> String {
        self.first(name).map(|child| child.text.trim().to_owned()).unwrap_or_default()
    }
}

/// A response document, read.
pub(crate) struct Read {
    pub(crate) results: Element,
}

impl Read {
    /// Reads `document`, which must be valid.
    pub(crate) fn new(document: &[u8]) -> Self {
        assert_valid(&[document.to_vec()]);
        let root = parse(std::str::from_utf8(document).expect("UTF-8"));
        Self { results: root.first("results").expect("a results element").clone() }
    }

    /// The same of many, which are judged together.
    pub(crate) fn all(documents: &[Vec<u8>]) -> Vec<Self> {
        // As many as fit into one command.
        documents.chunks(500).for_each(assert_valid);
        let root = |document: &Vec<u8>| parse(std::str::from_utf8(document).expect("UTF-8"));
        let results = |root: Element| root.first("results").expect("a results element").clone();
        documents.iter().map(|document| Self { results: results(root(document)) }).collect()
    }

    pub(crate) fn codes(&self) -> Vec<String> {
        self.results.all("status").map(|status| status.attributes["code"].clone()).collect()
    }

    pub(crate) fn resources(&self) -> Vec<&Element> {
        self.results.all("resourcedescriptor").collect()
    }

    pub(crate) fn uris(&self) -> Vec<String> {
        self.resources().iter().map(|resource| resource.text_of("resourceuri")).collect()
    }

    /// The uri of the first resource, empty if there is none.
    pub(crate) fn first_uri(&self) -> String {
        self.uris().into_iter().next().unwrap_or_default()
    }

    /// The service that has this id in the document.
    pub(crate) fn service(&self, id: &str) -> Option<&Element> {
        self.results.all("service").find(|service| service.attributes.get("id").is_some_and(|own| own == id))
    }

    /// The serviceuris that statuses of this code refer to.
    pub(crate) fn blamed(&self, code: &str) -> Vec<String> {
        let blamed = self.results.all("status").filter(|status| status.attributes["code"] == code);
        blamed
            .map(|status| status.attributes.get("ref").and_then(|id| self.service(id)))
            .map(|service| service.map(|service| service.text_of("serviceuri")).unwrap_or_default())
            .collect()
    }
}

/// Fails unless `xmllint` accepts every document against the DTD.
pub(crate) fn assert_valid(documents: &[Vec<u8>]) {
    xmllint::assert_valid(documents);
    tally(documents.len());
}

/// Adds to the count that `scripts/test` prints at the end of the run.
fn tally(judged: usize) {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("judged");
    let mut file = OpenOptions::new().create(true).append(true).open(path).expect("a tally");
    writeln!(file, "{judged}").expect("a tally");
}

fn parse(text: &str) -> Element {
    let mut reader = Reader::from_str(text);
    let mut open = vec![Element::default()];
    loop {
        match reader.read_event().expect("well-formed") {
            Event::Start(start) => open.push(element(&start)),
            Event::Empty(start) => {
                let child = element(&start);
                open.last_mut().unwrap().children.push(child);
            }
            Event::End(_) => {
                let child = open.pop().unwrap();
                open.last_mut().unwrap().children.push(child);
            }
            Event::Text(piece) => open.last_mut().unwrap().text.push_str(&piece.xml10_content()),
            Event::GeneralRef(reference) => {
                let known = match reference.resolve_char_ref().expect("a reference") {
                    Some(character) => character,
                    None => match reference.as_ref() {
                        "lt" => '<',
                        "gt" => '>',
                        "amp" => '&',
                        "quot" => '"',
                        "apos" => '\'',
                        other => panic!("an entity of its own: {other}"),
                    },
                };
                open.last_mut().unwrap().text.push(known);
            }
            Event::Eof => break,
            _ => {}
        }
    }
    let root = open.pop().unwrap();
    root.first("cnrp").expect("a cnrp element").clone()
}

fn element(start: &quick_xml::events::BytesStart<'_>) -> Element {
    let attributes = start.attributes().map(|attribute| {
        let attribute = attribute.expect("an attribute");
        let value = attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0).expect("a value");
        (attribute.key.as_ref().to_owned(), value.into_owned())
    });
    let attributes = attributes.collect();
    Element { name: start.name().as_ref().to_owned(), attributes, ..Element::default() }
}
