//! Any engine that answers with a page: its address and the CSS selectors into its page are
//! configuration.
//!
//! Parsing a page can't be interrupted, so what goes into the parser is bounded instead: the size
//! of the page, how deep it nests, and how many pages are parsed at a time.

use std::sync::Arc;

use schemars::{Schema, schema_for};
use tokio::sync::Semaphore;
use url::Url;

use self::selection::Selections;
use super::{
    Built, Setting,
    engine::{Answered, Engine, EngineOptions},
};
use crate::{
    config::Options,
    model::{Ask, Backend, BoxFuture, Failure, Family, Hit, NameQuery, Reason, Reply},
    upstream::{asks_for_a_person, judge, looks_like_html, text},
};

pub(crate) mod depth;
mod selection;

const ACCEPT: &str = "text/html, application/xhtml+xml, */*;q=0.5";

/// Largest page, in bytes: result pages are a tenth of it, and time to parse grows with it.
const PAGE_LIMIT: usize = 512 * 1024;

/// Pages parsed at a time, in all of the process: a hostile page may keep a processor busy for a
/// moment, but not all of them.
static PARSERS: Semaphore = Semaphore::const_new(2);

struct Html {
    engine: Engine,
    selections: Arc<Selections>,
}

pub(super) fn schema() -> Schema {
    schema_for!(EngineOptions)
}

pub(super) fn build(options: &Options, setting: &Setting<'_>) -> Built {
    let read: EngineOptions = options.read()?;
    let engine = Engine::new(options, setting, &read, PAGE_LIMIT)?;
    let selections =
        Selections::read(options, &read.results, &read.title, &read.link, read.description.as_deref())?;
    Ok(Arc::new(Html { engine, selections: Arc::new(selections) }))
}

impl Backend for Html {
    fn family(&self) -> Family {
        Family("html")
    }

    fn request(&self, query: &NameQuery) -> Ask {
        self.engine.request(query)
    }

    fn ask<'a>(&'a self, query: &'a NameQuery) -> BoxFuture<'a, Result<Reply, Failure>> {
        Box::pin(async move {
            let Some(Answered { base, reply }) = self.engine.ask(query, ACCEPT).await? else {
                return Ok(Reply::default());
            };
            judge(&reply)?;
            if !looks_like_html(&reply) {
                return Err(Failure::new(Reason::Malformed, "expected a page"));
            }
            let hits = parsed(text(&reply).into_owned(), base, Arc::clone(&self.selections)).await?;
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
