//! The description by which a browser adds the gateway to its address bar (OpenSearch 1.1).

use askama::Template;
use bytes::Bytes;
use http::{HeaderValue, Response, header};

use super::Page;

/// Longest names that the format allows, in characters.
const SHORT_NAME: usize = 16;
const LONG_NAME: usize = 48;

#[derive(Template)]
#[template(path = "opensearch.xml")]
struct Description<'a> {
    short_name: String,
    long_name: String,
    base: &'a str,
}

/// The description of `service`, whose pages the client reached under `base`, as
/// `https://names.example.com`.
pub fn description(service: &str, base: &str) -> Page {
    let description =
        Description { short_name: cut(service, SHORT_NAME), long_name: cut(service, LONG_NAME), base };
    // The template writes to memory and calls nothing that fails.
    let mut page = Response::new(Bytes::from(description.render().unwrap_or_default()));
    let headers = page.headers_mut();
    let kind = HeaderValue::from_static("application/opensearchdescription+xml");
    headers.insert(header::CONTENT_TYPE, kind);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("max-age=3600"));
    page
}

/// As many whole words of `text` as fit in `most` characters; of a first word that does not, its
/// beginning.
fn cut(text: &str, most: usize) -> String {
    let mut kept = String::new();
    for word in text.split_whitespace() {
        let length = kept.chars().count() + usize::from(!kept.is_empty()) + word.chars().count();
        if length > most {
            break;
        }
        if !kept.is_empty() {
            kept.push(' ');
        }
        kept.push_str(word);
    }
    if kept.is_empty() { text.trim().chars().take(most).collect() } else { kept }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_leads_where_the_client_came_from_and_keeps_to_the_lengths() {
        let page = description("Names & <more> of the Example Corporation", "https://names.example.com");
        let text = String::from_utf8(page.body().to_vec()).unwrap();
        assert!(text.contains("<ShortName>Names &#38; &#60;more&#62;</ShortName>"), "{text}");
        assert!(text.contains(r#"template="https://names.example.com/?q={searchTerms}""#), "{text}");
        assert!(text.contains(r#"template="https://names.example.com/suggest?q={searchTerms}""#), "{text}");
    }
}
