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
    api::{asking_for, quoted, with_path},
    endpoint::{Endpoint, MOST_ROWS},
    fields::{Row, found, list, text},
    safe_search::SafeSearch,
};
use crate::{
    config::{
        Options,
        values::{Headers, HttpUrl},
    },
    model::{
        Ask, Backend, BoxFuture, CommonName, Confidence, Failure, Family, Hints, Hit, NameQuery, Reason,
        Reply,
    },
    upstream::{Bounds, json, looks_like_html, retry_after},
};

/// The limiter refuses whoever does not take HTML at all.
const ACCEPT: &str = "application/json, text/html;q=0.1";

const ROW: Row = Row { title: "title", link: "url", description: "content" };

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
    safe_search: Option<SafeSearch>,
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
    let HttpUrl(url) = read.url;
    let endpoint = Endpoint::new(options, setting, &url, read.headers, Bounds::default().body)?;
    let mut search = with_path(url, "/search");
    let mut parameters = search.query_pairs_mut();
    parameters.append_pair("format", "json");
    if !read.categories.is_empty() {
        parameters.append_pair("categories", &read.categories.join(","));
    }
    if let Some(level) = read.safe_search {
        parameters.append_pair("safesearch", &level.number().to_string());
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

    /// Asks for the name. Where an instance finds nothing and knows a likelier spelling, it is asked
    /// for that: what it finds then is of another name, and believed as little.
    async fn search(&self, query: &NameQuery) -> Result<Reply, Failure> {
        let Some(address) = self.address(query.name.shown(), &query.hints) else {
            return Ok(Reply::default());
        };
        let (document, reply) = self.answer(&address).await?;
        let correction = correction(&document, &query.name).filter(|_| reply.hits.is_empty());
        let Some(address) = correction.and_then(|spelling| self.address(spelling, &query.hints)) else {
            return Ok(reply);
        };
        let (_, corrected) = self.answer(&address).await?;
        let doubtful = |hit| Hit { ceiling: Some(Confidence::Low), ..hit };
        Ok(Reply { hits: corrected.hits.into_iter().map(doubtful).collect(), ..corrected })
    }

    /// What the instance says, and what that means.
    async fn answer(&self, address: &Url) -> Result<(Value, Reply), Failure> {
        let response = self.endpoint.get(address.as_str(), ACCEPT).await?;
        let document = json(&response).map_err(|mut failure| {
            if failure.reason == Reason::Unauthorised && looks_like_html(&response) {
                failure.detail.push_str("; is `json` listed in the instance's `search.formats`?");
            }
            failure
        })?;
        let reply = read(&document).map_err(|failure| asking_for(retry_after(&response), failure))?;
        Ok((document, reply))
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

/// The language in the only form that is understood: `fr` or `fr-CA`. A language without a region takes
/// the hinted country for it.
fn language(hints: &Hints) -> Option<String> {
    let range = hints.language()?;
    let primary = Some(range.primary()).filter(|primary| matches!(primary.len(), 2 | 3))?;
    let region = range.region().or_else(|| hints.country()).filter(|region| region.len() == 2);
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
    let hits: Vec<Hit> =
        infoboxes.chain(results.iter().filter_map(|row| ROW.hit(row))).take(MOST_ROWS).collect();
    // Where engines kept silent and no other found anything, nobody said that there is no such name.
    match silence(list(document, "unresponsive_engines")) {
        Some(failure) if hits.is_empty() => Err(failure),
        _ => Ok(Reply::of(hits)),
    }
}

/// What it means that these engines gave no answer, each with the instance's message: the reason that
/// keeps us away the shortest, as that engine may answer the next question. `None` where all answered.
fn silence(engines: &[Value]) -> Option<Failure> {
    let said =
        |engine: &Value| Some((engine.get(0)?.as_str()?.to_owned(), engine.get(1)?.as_str()?.to_owned()));
    let reason = |engine| said(engine).map_or(Reason::HttpError, |(_, message)| reason(&message));
    let mildest = engines.iter().map(reason).min_by_key(|reason| match reason {
        Reason::Captcha => 2,
        Reason::RateLimited => 1,
        _ => 0,
    })?;
    let named = engines.iter().filter_map(said).map(|(engine, message)| format!("{engine} ({message})"));
    let named = named.collect::<Vec<_>>().join(", ");
    Some(Failure::new(mildest, format!("engines behind SearXNG gave no answer: {}", quoted(&named))))
}

/// What an engine's message means, such as `Suspended: CAPTCHA`. Messages come in the language of the
/// instance; one that is not known says no more than that the engine failed.
fn reason(message: &str) -> Reason {
    let message = message.to_lowercase();
    let known = [
        ("captcha", Reason::Captcha),
        ("too many requests", Reason::RateLimited),
        ("timeout", Reason::TimedOut),
        ("timed out", Reason::TimedOut),
    ];
    known.iter().find(|(words, _)| message.contains(words)).map_or(Reason::HttpError, |(_, reason)| *reason)
}

/// The addresses that an infobox calls official: what an encyclopaedia knows of the name.
fn official_sites(infobox: &Value) -> Vec<Hit> {
    let described = text(infobox, "infobox").zip(text(infobox, "content"));
    let Some((title, content)) = described else { return Vec::new() };
    let links = list(infobox, "urls").iter().filter(|link| {
        link.get("official").and_then(Value::as_bool).unwrap_or_default()
            || text(link, "title").is_some_and(|title| title.to_lowercase().starts_with("official"))
    });
    let sites = links.filter_map(|link| text(link, "url"));
    sites.filter_map(|url| found(title.to_owned(), url, content.to_owned())).collect()
}

/// The first spelling that the instance proposes, unless it means the same name.
fn correction<'a>(document: &'a Value, name: &CommonName) -> Option<&'a str> {
    let proposed = list(document, "corrections").first()?.as_str()?;
    CommonName::new(proposed).filter(|proposed| proposed.key() != name.key()).map(|_| proposed)
}
