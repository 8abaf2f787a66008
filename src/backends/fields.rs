//! Reading the rows of a reply whose fields may be missing, null, or something else than documented.
//!
//! Upstreams add fields, leave them out and change their types without notice. A row that makes no
//! sense costs itself alone; a reply is malformed where the list of rows is missing, or is no list.

use scraper::Html;
use serde_json::Value;
use url::Url;

use super::endpoint::{hit, is_private};
use crate::model::{Failure, Hit, Reason};

/// The fields of a row that a hit is made of.
pub(super) struct Row {
    pub(super) title: &'static str,
    pub(super) link: &'static str,
    pub(super) description: &'static str,
}

impl Row {
    /// The hit of a row; `None` where its address is not absolute or a text is none.
    pub(super) fn hit(&self, row: &Value) -> Option<Hit> {
        let description = unescaped(text(row, self.description)?);
        found(unescaped(text(row, self.title)?), text(row, self.link)?, description)
    }
}

/// A hit with an absolute address; `None` where the address is not, or leads into somebody's own network.
pub(super) fn found(title: String, link: &str, description: String) -> Option<Hit> {
    let url = Url::parse(link).ok().filter(|url| !is_private(url))?;
    hit(&url, title, link, description)
}

/// The text of a field: empty where it is absent or null, `None` where it is something else.
pub(super) fn text<'a>(row: &'a Value, field: &str) -> Option<&'a str> {
    match row.get(field) {
        None | Some(Value::Null) => Some(""),
        Some(value) => value.as_str(),
    }
}

/// The list at a field; empty where there is none.
pub(super) fn list<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value.get(field).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The list at a field, of an upstream that leaves out a list of nothing: empty where it is absent or null.
///
/// # Errors
/// Where something else is there, which says nothing of what was found.
pub(super) fn optional_list<'a>(value: &'a Value, field: &str) -> Result<&'a [Value], Failure> {
    match value.get(field) {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(list)) => Ok(list),
        Some(_) => Err(Failure::new(Reason::Malformed, format!("expected a list `{field}`"))),
    }
}

/// The object at a field; `None` where it is absent or null.
///
/// # Errors
/// Where something else is there.
pub(super) fn optional_object<'a>(value: &'a Value, field: &str) -> Result<Option<&'a Value>, Failure> {
    match value.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(object @ Value::Object(_)) => Ok(Some(object)),
        Some(_) => Err(Failure::new(Reason::Malformed, format!("expected an object `{field}`"))),
    }
}

/// A text with its HTML entities resolved and its tags left as they are: engines that say they send
/// plain text send `AT&amp;T`.
pub(super) fn unescaped(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    // Without a `<` no element can begin, so the parser has only entities to resolve.
    Html::parse_fragment(&text.replace('<', "&lt;")).root_element().text().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_on_the_web_finds_nothing_in_an_own_network() {
        let of = |link: &str| found("x".to_owned(), link, String::new()).is_some();
        assert!(of("https://x.example/") && !of("http://127.0.0.1/") && !of("https://x.internal/"));
    }

    #[test]
    fn entities_are_resolved_and_tags_are_text() {
        assert_eq!(unescaped("AT&amp;T &#39;x&#39; &eacute;"), "AT&T 'x' é");
        assert_eq!(unescaped("<b>&lt;i&gt; & so on"), "<b><i> & so on");
        assert_eq!(unescaped("plain <b>"), "plain <b>");
    }
}
