//! Whether a document without rows is an answer: an engine that finds nothing sends an empty list, or
//! leaves the list out of what held it; one that refuses sends something else with the status 200.

use serde_json::Value;
use serde_json_path::JsonPath;

/// What an answer has even when it has no rows. Of the path `$.hits.items[*]` that is `$.hits`. A list
/// at the top of the document, as of `$.items[*]`, has to be there itself: whatever is sent has a top.
pub(super) enum Container {
    /// The document is the list.
    Document,
    /// A part of the document, and the list, which may be left out of it.
    Part { holder: JsonPath, list: JsonPath },
}

impl Container {
    /// That of the rows at `results`, which is a path.
    pub(super) fn of(results: &str) -> Self {
        let list = if names_items(results) { shorter(results) } else { Some(results.trim()) };
        let Some(list) = list.filter(|list| *list != "$") else { return Self::Document };
        let holder = shorter(list).filter(|holder| *holder != "$").unwrap_or(list);
        match (JsonPath::parse(holder), JsonPath::parse(list)) {
            (Ok(holder), Ok(list)) => Self::Part { holder, list },
            _ => Self::Document,
        }
    }

    /// Whether it is in `document`, and what is there can hold rows.
    pub(super) fn is_in(&self, document: &Value) -> bool {
        match self {
            Self::Document => document.is_array(),
            Self::Part { holder, list } => {
                let held = holder.query(document).all();
                !held.is_empty() && held.into_iter().chain(list.query(document).all()).all(may_hold_rows)
            }
        }
    }
}

/// Whether a value may stand where rows are held. Some write an empty list as null, or as `{}` where their
/// language has one kind of table; nobody writes it as a text or a number.
fn may_hold_rows(value: &Value) -> bool {
    value.is_array() || value.is_object() || value.is_null()
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
                r#"{"hits":{"items":[]}} {"hits":{}} {"hits":null} {"hits":{"items":{}}} {"hits":{"items":null}}"#,
                r#"{} null [] {"error":"x"} {"hits":"x"} {"hits":{"items":"x"}} {"hits":{"items":0}} {"hits":false}"#,
            ),
            ("$.hits.items", r#"{"hits":{}}"#, r#"{} null [] {"hits":7}"#),
            ("$.items[*]", r#"{"items":[]} {"items":null}"#, r#"{} null [] {"error":"x"} {"items":"x"}"#),
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
