//! `GET /suggest`: what somebody may be typing into the address bar of a browser, in the form of
//! OpenSearch Suggestions 1.1.

use bytes::Bytes;
use http::{HeaderValue, Response, header};
use serde_json::json;

use super::{
    Page,
    resolve::{decoded, digits, put},
};
use crate::model::{CommonName, Suggestion};

/// Rows where nobody says how many.
const USUAL: usize = 10;

/// Most rows, whatever is asked: nobody reads further.
const MOST: usize = 50;

/// What was typed, and how many rows are wanted.
#[derive(Debug, PartialEq, Eq)]
pub struct Beginning {
    /// As it was typed, for the response says it back.
    typed: String,
    pub name: CommonName,
    pub limit: usize,
}

/// Reads what was typed out of the query part of a URL. Parameters of other names are ignored.
///
/// # Errors
/// A sentence for whoever wrote the URL.
pub fn beginning(query: &str, name_length: usize) -> Result<Beginning, String> {
    let (mut q, mut limit) = (None, None);
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        match decoded(name)?.as_str() {
            "q" => put(&mut q, "q", decoded(value)?)?,
            "limit" => put(&mut limit, "limit", rows(&decoded(value)?)?)?,
            _ => {}
        }
    }
    let typed: String = q.ok_or("q is not given: expected the beginning of a name")?;
    let name = CommonName::new(&typed).ok_or("q is empty: expected the beginning of a name")?;
    if name.shown().chars().count() > name_length {
        return Err(format!("q is longer than {name_length} characters"));
    }
    Ok(Beginning { typed, name, limit: limit.unwrap_or(USUAL) })
}

/// How many rows are given to who wants so many.
fn rows(wanted: &str) -> Result<usize, String> {
    let digits = digits("limit", wanted)?;
    // More digits than a number here has are more than the most as well.
    Ok(digits.parse().unwrap_or(MOST).min(MOST))
}

/// The rows: what was typed, and of each row the name, the description and the address.
pub fn response(beginning: &Beginning, rows: &[Suggestion]) -> Page {
    let column = |text: fn(&Suggestion) -> &String| rows.iter().map(text).collect::<Vec<_>>();
    let body = json!([
        beginning.typed,
        column(|row| &row.name),
        column(|row| &row.description),
        column(|row| &row.uri),
    ]);
    let mut page = Response::new(Bytes::from(body.to_string()));
    let headers = page.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-suggestions+json"));
    // Long enough for letters that are taken back and typed again.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=10"));
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_said_back_beside_the_rows() {
        let beginning = beginning("q=+T%C3%B6k&limit=3&x=y", 8).unwrap();
        assert_eq!((beginning.name.shown(), beginning.limit), ("Tök", 3));
        let row = |name: &str, uri: &str| Suggestion {
            name: name.to_owned(),
            description: format!("About {name}"),
            uri: uri.to_owned(),
            has_slipped: false,
        };
        let page =
            response(&beginning, &[row("Tökyo", "https://1.example/"), row("Tök", "https://2.example/")]);
        let body: serde_json::Value = serde_json::from_slice(page.body()).unwrap();
        let expected = json!([
            " Tök",
            ["Tökyo", "Tök"],
            ["About Tökyo", "About Tök"],
            ["https://1.example/", "https://2.example/"],
        ]);
        assert_eq!(body, expected);
        assert_eq!(page.headers()["content-type"], "application/x-suggestions+json");
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (query, said) in [
            ("", "q is not given"),
            ("q=", "q is empty"),
            ("q=%20%E2%80%8B", "q is empty"),
            ("q=a&q=b", "q is given twice"),
            ("q=123456789", "longer than 8 characters"),
            ("q=a&limit=0", "limit is"),
            ("q=a&limit=00", "limit is"),
            ("q=a&limit=", "limit is"),
            ("q=a&limit=many", "limit is"),
            ("q=%ff", "not UTF-8"),
        ] {
            let error = beginning(query, 8).unwrap_err();
            assert!(error.contains(said), "{query}: {error}");
        }
        assert_eq!(beginning("q=a", 8).unwrap().limit, USUAL);
        for more in ["51", "5000", "99999999999999999999999"] {
            assert_eq!(beginning(&format!("q=a&limit={more}"), 8).unwrap().limit, MOST, "{more}");
        }
    }
}
