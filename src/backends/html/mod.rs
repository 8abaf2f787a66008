//! Any engine that answers with a page: its address and the CSS selectors into its page are
//! configuration.
//!
//! Parsing a page can't be interrupted, so what goes into the parser is bounded instead: the size
//! of the page, how deep it nests, and how many pages are parsed at a time.

use std::sync::Arc;

use schemars::{JsonSchema, Schema, schema_for};
use serde::Deserialize;
use tokio::sync::Semaphore;
use url::Url;

use self::selection::Selections;
use super::{Built, Setting, endpoint::Endpoint, json::template, template::UrlTemplate};
use crate::{
    config::{Options, values::Headers},
    model::{Ask, Backend, BoxFuture, Failure, Family, Hit, NameQuery, Reason, Reply},
    upstream::{asks_for_a_person, judge, looks_like_html, text},
};

mod depth;
mod selection;

const ACCEPT: &str = "text/html, application/xhtml+xml, */*;q=0.5";

/// Largest page, in bytes: result pages are a tenth of it, and time to parse grows with it.
const PAGE_LIMIT: usize = 512 * 1024;

/// Pages parsed at a time, in all of the process: a hostile page may keep a processor busy for a
/// moment, but not all of them.
static PARSERS: Semaphore = Semaphore::const_new(2);

/// Options of an `html` backend. A selector is CSS, and may end in `@attribute` to take that
/// attribute in place of the text: `a.title@href`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Html {
    /// The address to ask, with `{query}` and perhaps `{language}` and `{country}`:
    /// `https://engine.example/search?q={query}`.
    url: String,
    /// Further request headers.
    #[serde(default)]
    headers: Headers,
    /// The elements that are results: `li.result`.
    results: String,
    /// The title, within a result: `h3`.
    title: String,
    /// The address, within a result: `a@href`. May be relative to `url`. Without an attribute,
    /// `href` is meant.
    link: String,
    /// The description, within a result: `p`.
    description: Option<String>,
}

struct Engine {
    template: UrlTemplate,
    endpoint: Endpoint,
    selections: Arc<Selections>,
}

pub(super) fn schema() -> Schema {
    schema_for!(Html)
}

pub(super) fn build(options: &Options, setting: &Setting<'_>) -> Built {
    let read: Html = options.read()?;
    let (template, url) = template(options, &read.url)?;
    let selections =
        Selections::read(options, &read.results, &read.title, &read.link, read.description.as_deref())?;
    let endpoint = Endpoint::new(options, setting, &url, read.headers, PAGE_LIMIT)?;
    Ok(Arc::new(Engine { template, endpoint, selections: Arc::new(selections) }))
}

impl Backend for Engine {
    fn family(&self) -> Family {
        Family("html")
    }

    fn request(&self, query: &NameQuery) -> Ask {
        match self.template.fill(query.name.folded(), &query.hints) {
            Some(url) => Ask::Request(url.into()),
            None => Ask::Skip(Reason::NotAsked),
        }
    }

    fn ask<'a>(&'a self, query: &'a NameQuery) -> BoxFuture<'a, Result<Reply, Failure>> {
        Box::pin(async move {
            let Some(url) = self.template.fill(query.name.shown(), &query.hints) else {
                return Ok(Reply::default());
            };
            let reply = self.endpoint.get(url.as_str(), ACCEPT).await?;
            judge(&reply)?;
            if !looks_like_html(&reply) {
                return Err(Failure::new(Reason::Malformed, "expected a page"));
            }
            let hits = parsed(text(&reply).into_owned(), url, Arc::clone(&self.selections)).await?;
            if hits.is_empty() && asks_for_a_person(&reply) {
                return Err(Failure::new(Reason::Captcha, "the page wants to see a person"));
            }
            Ok(Reply::of(hits))
        })
    }
}

/// Parses a page on a thread that may be kept busy. The permit goes with the work, which goes on
/// where nobody waits for it any more.
async fn parsed(page: String, base: Url, selections: Arc<Selections>) -> Result<Vec<Hit>, Failure> {
    let unfinished = |_| Failure::new(Reason::Malformed, "the page could not be parsed");
    let permit = PARSERS.acquire().await.map_err(|_| Failure::new(Reason::Suspended, "shutting down"))?;
    let work = tokio::task::spawn_blocking(move || {
        let _parsing = permit;
        if depth::is_too_deep(&page) {
            return Err(Failure::new(Reason::TooLarge, format!("nested over {} deep", depth::DEEPEST)));
        }
        Ok(selections.hits(&page, &base))
    });
    work.await.map_err(unfinished)?
}
