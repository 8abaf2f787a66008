//! Whether a document without rows is an answer: an engine that finds nothing sends an empty list, or
//! leaves the list out of what held it; one that refuses sends something else with the status 200.

use serde_json::Value;
use serde_json_path::JsonPath;

/// What an answer has even when it has no rows. Of the path `$.hits.items[*]` that is `$.hits`. A list
/// at the top of the document, as of `$.items[*]`, has to be there itself: whatever is sent has a top.
pub(super) enum Container {
    /// The document is the list.
    Document,
    /// A part of the document.
    Part(JsonPath),
}

impl Container {
    /// That of the rows at `results`, which is a path.
    pub(super) fn of(results: &str) -> Self {
        let list = if names_items(results) { shorter(results) } else { Some(results.trim()) };
        let Some(list) = list.filter(|list| *list != "$") else { return Self::Document };
        let holder = shorter(list).filter(|holder| *holder != "$").unwrap_or(list);
        JsonPath::parse(holder).map_or(Self::Document, Self::Part)
    }

    /// Whether it is in `document`.
    pub(super) fn is_in(&self, document: &Value) -> bool {
        match self {
            Self::Document => document.is_array(),
            Self::Part(path) => !path.query(document).is_empty(),
        }
    }
}

/// Whether the last segment of a path selects the items of a list: a wildcard, a filter, a place or a
/// slice, and not a name.
fn names_items(path: &str) -> bool {
    let last = path.trim().strip_prefix(shorter(path).unwrap_or_default()).unwrap_or_default();
    let selector = last.trim_start_matches('.');
    match selector.strip_prefix('[') {
        Some(inside) => !inside.trim_start().starts_with(['"', '\'']),
        None => selector == "*",
    }
}

/// The path without its last segment: the longest part before a segment that is a path itself. `None`
/// for the document.
fn shorter(path: &str) -> Option<&str> {
    let path = path.trim();
    let mut starts = path.match_indices(['.', '[']).map(|(start, _)| start).collect::<Vec<_>>();
    starts.reverse();
    starts.into_iter().find_map(|start| path.get(..start).filter(|part| JsonPath::parse(part).is_ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_without_rows_is_an_answer_where_what_holds_them_is_there() {
        for (results, answers, others) in [
            (
                "$.hits.items[*]",
                r#"{"hits":{"items":[]}} {"hits":{}} {"hits":null}"#,
                r#"{} null [] {"error":"x"}"#,
            ),
            ("$.hits.items", r#"{"hits":{}}"#, r#"{} null []"#),
            ("$.items[*]", r#"{"items":[]} {"items":null}"#, r#"{} null [] {"error":"x"}"#),
            ("$.items", r#"{"items":[]}"#, r#"{} {"error":"x"}"#),
            ("$['items'][*]", r#"{"items":[]}"#, "{}"),
            ("$.items[?@.kind=='a.b[c']", r#"{"items":[]} {"items":[{"kind":"x"}]}"#, "{} []"),
            ("$.items.*", r#"{"items":[]}"#, "{}"),
            ("$.items[0:5]", r#"{"items":[]}"#, "{}"),
            ("$..items[*]", r#"{"a":{"items":[]}}"#, r#"{} {"error":"x"}"#),
            ("$[*]", "[]", r#"{} null {"error":"x"}"#),
            ("$", "[]", "{} null"),
        ] {
            let container = Container::of(results);
            let is_in = |text: &str| container.is_in(&serde_json::from_str(text).unwrap());
            assert!(answers.split(' ').all(is_in), "{results}");
            assert!(!others.split(' ').any(is_in), "{results}");
        }
    }
}
