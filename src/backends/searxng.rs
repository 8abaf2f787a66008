//! A SearXNG instance: many engines behind one JSON reply, already merged and ordered.
//!
//! The instance must list `json` among its `search.formats`, which is not so as it is shipped,
//! and its limiter must let us through.

use std::sync::Arc;

use schemars::{JsonSchema, Schema, schema_for};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::{
    Built, Setting,
    endpoint::{Endpoint, MOST_ROWS, hit},
};
use crate::{
    config::{
        Options,
        values::{Headers, HttpUrl},
    },
    model::{Ask, Backend, BoxFuture, Failure, Family, Hints, Hit, NameQuery, Reason, Reply},
    upstream::{Bounds, json, looks_like_html},
};

/// The limiter refuses whoever does not take HTML at all.
const ACCEPT: &str = "application/json, text/html;q=0.1";

/// Options of a `searxng` backend.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Searxng {
    /// Where the instance is, without `/search`: `http://127.0.0.1:8888`.
    url: HttpUrl,
    /// Further request headers.
    #[serde(default)]
    headers: Headers,
    /// The categories of engines to ask, such as `general`; none: what the instance has set.
    #[serde(default)]
    categories: Vec<String>,
    /// 0 none, 1 moderate, 2 strict; left out: what the instance has set.
    #[serde(default)]
    #[schemars(range(max = 2))]
    safe_search: Option<u8>,
}

struct Instance {
    /// Everything of the address but the question itself.
    search: Url,
    endpoint: Endpoint,
}

pub(super) fn schema() -> Schema {
    schema_for!(Searxng)
}

pub(super) fn build(options: &Options, setting: &Setting<'_>) -> Built {
    let read: Searxng = options.read()?;
    let HttpUrl(mut search) = read.url;
    if read.safe_search.is_some_and(|level| level > 2) {
        return Err(options.wrong("safe_search", "expected 0 (none), 1 (moderate) or 2 (strict)"));
    }
    let endpoint = Endpoint::new(options, setting, &search, read.headers, Bounds::default().body)?;
    search.set_path(&format!("{}/search", search.path().trim_end_matches('/')));
    search.set_fragment(None);
    let mut parameters = search.query_pairs_mut();
    parameters.append_pair("format", "json");
    if !read.categories.is_empty() {
        parameters.append_pair("categories", &read.categories.join(","));
    }
    if let Some(level) = read.safe_search {
        parameters.append_pair("safesearch", &level.to_string());
    }
    drop(parameters);
    Ok(Arc::new(Instance { search, endpoint }))
}

impl Instance {
    /// The address that asks for `name`; `None` where nothing is left of it to ask.
    fn address(&self, name: &str, hints: &Hints) -> Option<Url> {
        let question = without_syntax(name);
        let mut address = self.search.clone();
        address.query_pairs_mut().append_pair("q", &question);
        if let Some(language) = language(hints) {
            address.query_pairs_mut().append_pair("language", &language);
        }
        (!question.is_empty()).then_some(address)
    }

    async fn search(&self, query: &NameQuery) -> Result<Reply, Failure> {
        let Some(address) = self.address(query.name.shown(), &query.hints) else {
            return Ok(Reply::default());
        };
        let reply = self.endpoint.get(address.as_str(), ACCEPT).await?;
        let document = json(&reply).map_err(|mut failure| {
            if failure.reason == Reason::Unauthorised && looks_like_html(&reply) {
                failure.detail.push_str("; is `json` listed in the instance's `search.formats`?");
            }
            failure
        })?;
        read(&document)
    }
}

impl Backend for Instance {
    fn family(&self) -> Family {
        Family("searxng")
    }

    fn request(&self, query: &NameQuery) -> Ask {
        match self.address(query.name.folded(), &query.hints) {
            Some(address) => Ask::Request(address.into()),
            None => Ask::Skip(Reason::NotAsked),
        }
    }

    fn ask<'a>(&'a self, query: &'a NameQuery) -> BoxFuture<'a, Result<Reply, Failure>> {
        Box::pin(self.search(query))
    }
}

/// The name without what SearXNG takes for its own syntax at the start of a word: `!bang`,
/// `!!bang` (which sends the asker away), `:language`, `<timeout`.
fn without_syntax(name: &str) -> String {
    let words = name.split_whitespace().map(|word| word.trim_start_matches(['!', ':', '<']));
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The language in the only form that is understood: `fr` or `fr-CA`.
fn language(hints: &Hints) -> Option<String> {
    let range = hints.language()?;
    let primary = Some(range.primary()).filter(|primary| matches!(primary.len(), 2 | 3))?;
    let region = range.region().filter(|region| region.len() == 2);
    Some(region.map_or_else(|| primary.to_owned(), |region| format!("{primary}-{region}")))
}

fn read(document: &Value) -> Result<Reply, Failure> {
    let Some(results) = document.get("results").and_then(Value::as_array) else {
        let (reason, what) = match document.get("error").and_then(Value::as_str) {
            Some(error) => (Reason::HttpError, format!("the instance says: {error:.200}")),
            None => (Reason::Malformed, "expected a list `results`".to_owned()),
        };
        return Err(Failure::new(reason, what));
    };
    let infoboxes = list(document, "infoboxes").iter().flat_map(official_sites);
    let hits: Vec<Hit> = infoboxes.chain(results.iter().filter_map(row)).take(MOST_ROWS).collect();
    // No engine answered: nobody said that there is no such name.
    let degraded = hits.is_empty() && !list(document, "unresponsive_engines").is_empty();
    Ok(Reply { hits, degraded, ..Reply::default() })
}

fn row(result: &Value) -> Option<Hit> {
    let url = text(result, "url")?;
    let base = Url::parse(url).ok()?;
    hit(&base, text(result, "title")?.to_owned(), url, text(result, "content")?.to_owned())
}

/// The addresses that an infobox calls official: what an encyclopaedia knows of the name.
fn official_sites(infobox: &Value) -> Vec<Hit> {
    let described = text(infobox, "infobox").zip(text(infobox, "content"));
    let Some((title, content)) = described else { return Vec::new() };
    let links = list(infobox, "urls").iter().filter(|link| {
        link.get("official").and_then(Value::as_bool).unwrap_or_default()
            || text(link, "title").is_some_and(|title| title.to_lowercase().starts_with("official"))
    });
    let sites = links.filter_map(|link| text(link, "url")).filter_map(|url| {
        let base = Url::parse(url).ok()?;
        hit(&base, title.to_owned(), url, content.to_owned())
    });
    sites.collect()
}

/// The text of a field: empty where it is absent or null, `None` where it is something else.
fn text<'a>(row: &'a Value, field: &str) -> Option<&'a str> {
    match row.get(field) {
        None | Some(Value::Null) => Some(""),
        Some(value) => value.as_str(),
    }
}

fn list<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value.get(field).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}
