//! YAML text to a tree with places. What is wrong with the text itself is found here: syntax,
//! a key given twice, an alias that grows without end.

use std::{borrow::Cow, collections::HashMap};

use granit_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, StructureStyle, Tag, options};

use super::{
    Problems,
    read::child,
    tree::{Entry, Node, Place, Source, Value},
};

/// The most values that aliases may add: a few lines of aliases to aliases are millions of values.
const MOST_ALIASED: usize = 100_000;

/// Reads one document; `None` where its syntax is wrong. An empty one is an empty mapping.
pub(super) fn read(text: &str, source: &Source) -> (Option<Node>, Problems) {
    let mut builder = Builder::new(source);
    let options = options! { emit_comments: false };
    for event in Parser::new_from_str_with_options(text, options) {
        let taken = match event {
            Ok((event, span)) => builder.take(event, span),
            Err(error) => Err(builder.syntax(&error)),
        };
        if let Err((place, message)) = taken {
            builder.problems.add(source.problem(place, "", message));
            return (None, builder.problems);
        }
    }
    (Some(builder.root.unwrap_or_else(Node::empty)), builder.problems)
}

/// Nothing can be read after such a mistake.
type Fatal = (Place, String);

/// A list or mapping whose end has not come.
struct Open {
    node: Node,
    anchor: usize,
    is_flow: bool,
    /// The key that waits for its value.
    key: Option<(String, Place)>,
}

struct Builder<'a> {
    source: &'a Source,
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    aliased: usize,
    root: Option<Node>,
    problems: Problems,
}

impl<'a> Builder<'a> {
    fn new(source: &'a Source) -> Self {
        Self {
            source,
            open: Vec::new(),
            anchors: HashMap::new(),
            aliased: 0,
            root: None,
            problems: Problems::default(),
        }
    }

    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Fatal> {
        let place = place(span.start);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let is_plain = style == ScalarStyle::Plain && !self.is_text_by_tag(tag, place);
                let node = Node { place, value: Value::Scalar { text: text.into_owned(), is_plain } };
                self.close(node, anchor)
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.is_text_by_tag(tag, place);
                self.enter(place, Value::List(Vec::new()), style, anchor)
            }
            Event::MappingStart(style, anchor, tag) => {
                self.is_text_by_tag(tag, place);
                self.enter(place, Value::Mapping(Vec::new()), style, anchor)
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(done) => self.close(done.node, done.anchor),
                None => Ok(()),
            },
            Event::Alias(anchor) => self.alias(anchor, place),
            Event::DocumentStart(..) if self.root.is_some() => {
                Err((place, "expected one document, found a second one".to_owned()))
            }
            _ => Ok(()),
        }
    }

    /// Whether the tag makes text of a scalar (`!!str 5`). Tags of an application's own mean
    /// nothing here.
    fn is_text_by_tag(&mut self, tag: Option<Cow<'_, Tag>>, place: Place) -> bool {
        let Some(tag) = tag else { return false };
        if !tag.is_yaml_core_schema() && tag.original() != "!" {
            let message = format!("the tag {} has no meaning here", tag.original());
            self.problems.add(self.source.problem(place, "", message));
        }
        tag.is_yaml_core_schema_tag("str")
    }

    fn enter(
        &mut self,
        place: Place,
        value: Value,
        style: StructureStyle,
        anchor: usize,
    ) -> Result<(), Fatal> {
        if self.waits_for_key() {
            return Err((place, "expected a key, found a list or mapping".to_owned()));
        }
        let node = Node { place, value };
        self.open.push(Open { node, anchor, is_flow: style == StructureStyle::Flow, key: None });
        Ok(())
    }

    fn waits_for_key(&self) -> bool {
        let innermost = self.open.last();
        innermost.is_some_and(|open| matches!(open.node.value, Value::Mapping(_)) && open.key.is_none())
    }

    /// Puts a finished value where it belongs.
    fn close(&mut self, node: Node, anchor: usize) -> Result<(), Fatal> {
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        let Some(open) = self.open.last_mut() else {
            self.root = Some(if node.is_null() { Node::empty() } else { node });
            return Ok(());
        };
        match (&mut open.node.value, open.key.take()) {
            (Value::List(items), _) => items.push(node),
            (Value::Mapping(_), None) => match node.value {
                Value::Scalar { text, .. } => open.key = Some((text, node.place)),
                _ => return Err((node.place, "expected a key, found a list or mapping".to_owned())),
            },
            (Value::Mapping(entries), Some((key, place))) => {
                // The parser places an absent value only where it noticed the absence.
                let node = if node.is_null() { Node { place, ..node } } else { node };
                match entries.iter().find(|entry| entry.key == key).map(|first| first.place.line) {
                    None => entries.push(Entry { key, place, node }),
                    Some(line) => self.given_twice(&key, place, line),
                }
            }
            (Value::Scalar { .. }, _) => {}
        }
        Ok(())
    }

    fn given_twice(&mut self, key: &str, place: Place, first: usize) {
        let outer = self.open.iter().fold(String::new(), |path, open| match (&open.node.value, &open.key) {
            (Value::List(items), _) => format!("{path}[{}]", items.len()),
            (_, Some((key, _))) => child(&path, key),
            _ => path,
        });
        let message = format!("given twice, first in line {first}");
        self.problems.add(self.source.problem(place, &child(&outer, key), message));
    }

    fn alias(&mut self, anchor: usize, place: Place) -> Result<(), Fatal> {
        let Some(node) = self.anchors.get(&anchor) else {
            return Err((place, "this alias stands inside what it names".to_owned()));
        };
        self.aliased += size(node);
        if self.aliased > MOST_ALIASED {
            return Err((place, format!("aliases add more than {MOST_ALIASED} values")));
        }
        let node = node.clone();
        self.close(node, 0)
    }

    /// What the parser could not read. A bracket that was never closed is noticed only at the end
    /// of the file, far from the mistake, so its beginning is told too.
    fn syntax(&self, error: &ScanError) -> Fatal {
        let place = place(*error.marker());
        let unclosed = self.open.iter().rev().find(|open| open.is_flow);
        let message = match unclosed {
            Some(open) => {
                let Place { line, column } = open.node.place;
                let what = if matches!(open.node.value, Value::List(_)) { "list" } else { "mapping" };
                format!("not YAML: {} (the {what} opened in line {line}, column {column})", error.kind())
            }
            None => format!("not YAML: {} in line {}", error.kind(), place.line),
        };
        (place, message)
    }
}

fn size(node: &Node) -> usize {
    match &node.value {
        Value::Scalar { .. } => 1,
        Value::List(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Mapping(entries) => 1 + entries.iter().map(|entry| size(&entry.node)).sum::<usize>(),
    }
}

fn place(marker: Marker) -> Place {
    Place { line: marker.line(), column: marker.col() + 1 }
}
