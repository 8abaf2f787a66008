//! A site that says itself how it is searched: OpenSearch 1.1, draft 6.
//!
//! The site publishes a description document with the templates of its addresses. It is fetched when
//! the first name is asked for, and again when it has become old; where that fails the old one
//! serves on. Results come as Atom, as RSS or as suggestions; pages for people are not read (that is
//! what the type `html` is for).

mod description;
mod results;
mod template;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use schemars::{JsonSchema, Schema, schema_for};
use serde::Deserialize;
use tokio::time::Instant;
use url::Url;

use self::{description::Description, template::Filling};
use super::{Built, Setting, endpoint::Endpoint};
use crate::{
    config::{
        Options,
        values::{Headers, HttpUrl, Span},
    },
    model::{Ask, Backend, BoxFuture, Clock, Failure, Family, NameQuery, Reason, Reply},
    upstream::Bounds,
};

/// A description is XML, under a media type of its own or none.
const DESCRIPTION: &str = "application/opensearchdescription+xml, application/xml;q=0.9, */*;q=0.5";

/// How long an old description serves before it is tried again to get a new one.
const RETRY: Duration = Duration::from_secs(60);

/// Options of an `opensearch` backend.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OpenSearch {
    /// The address of the description document; the site is asked at the same scheme, host and port.
    url: HttpUrl,
    /// Further request headers.
    #[serde(default)]
    headers: Headers,
    /// How long a description is good.
    #[serde(default = "a_day")]
    refresh: Span,
    /// Results to ask for, where the site lets one say; left out: what the site gives.
    #[schemars(range(min = 1))]
    count: Option<u32>,
}

struct Site {
    description_at: Url,
    endpoint: Endpoint,
    refresh: Duration,
    count: Option<u32>,
    clock: Arc<dyn Clock>,
    known: Mutex<Option<Known>>,
    /// Held by whoever fetches the description, so that nobody else does.
    fetching: tokio::sync::Mutex<()>,
}

/// A description, and until when it is good.
#[derive(Clone)]
struct Known {
    description: Arc<Description>,
    until: Instant,
}

fn a_day() -> Span {
    Span(Duration::from_secs(86_400))
}

pub(super) fn schema() -> Schema {
    schema_for!(OpenSearch)
}

pub(super) fn build(options: &Options, setting: &Setting<'_>) -> Built {
    let read: OpenSearch = options.read()?;
    let HttpUrl(description_at) = read.url;
    let endpoint = Endpoint::new(options, setting, &description_at, read.headers, Bounds::default().body)?;
    Ok(Arc::new(Site {
        description_at,
        endpoint,
        refresh: read.refresh.0,
        count: read.count,
        clock: Arc::clone(&setting.clock),
        known: Mutex::default(),
        fetching: tokio::sync::Mutex::default(),
    }))
}

impl Site {
    fn known(&self) -> Option<Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, description: &Arc<Description>, good_for: Duration) {
        let known = Known { description: Arc::clone(description), until: self.clock.now() + good_for };
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(known);
    }

    fn fresh(&self) -> Option<Arc<Description>> {
        self.known().filter(|known| self.clock.now() < known.until).map(|known| known.description)
    }

    /// The description; fetched where there is none that is good.
    async fn description(&self) -> Result<Arc<Description>, Failure> {
        if let Some(description) = self.fresh() {
            return Ok(description);
        }
        let _fetching = self.fetching.lock().await;
        if let Some(description) = self.fresh() {
            return Ok(description);
        }
        match (self.fetched().await, self.known()) {
            (Ok(description), _) => {
                let description = Arc::new(description);
                self.keep(&description, self.refresh);
                Ok(description)
            }
            (Err(failure), Some(old)) => {
                let failure = self.endpoint.hushed(&failure.to_string());
                tracing::warn!(%failure, "an OpenSearch description could not be fetched again; the old one stays");
                self.keep(&old.description, RETRY);
                Ok(old.description)
            }
            (Err(failure), None) => {
                Err(Failure { detail: format!("its description: {}", failure.detail), ..failure })
            }
        }
    }

    async fn fetched(&self) -> Result<Description, Failure> {
        let reply = self.endpoint.get(self.description_at.as_str(), DESCRIPTION).await?;
        Description::read(&reply, &self.description_at)
    }

    /// The address that asks for `name`. `None` where it can't be asked for: the site's encoding
    /// lacks its letters.
    fn address(&self, description: &Description, name: &str, query: &NameQuery) -> Option<Url> {
        let language = query.hints.language().map(|range| range.as_str());
        description.template.fill(&Filling { name, language, count: self.count })
    }

    async fn search(&self, query: &NameQuery) -> Result<Reply, Failure> {
        let description = self.description().await?;
        let Some(address) = self.address(&description, query.name.shown(), query) else {
            return Ok(Reply::default());
        };
        // What a client asks must not choose whom we ask.
        if address.origin() != self.description_at.origin() {
            return Err(Failure::new(Reason::Unsafe, "its template leads to another host"));
        }
        let reply = self.endpoint.get(address.as_str(), description.kind.media_type()).await?;
        results::read(&reply, &address, description.kind).map(Reply::of)
    }
}

impl Backend for Site {
    fn family(&self) -> Family {
        Family("opensearch")
    }

    /// Before the description is there, all that could go into a template counts.
    fn request(&self, query: &NameQuery) -> Ask {
        let name = query.name.folded();
        let Some(known) = self.known() else {
            let language = query.hints.language().map(|range| range.as_str()).unwrap_or_default();
            return Ask::Request(format!("{language} {name}"));
        };
        match self.address(&known.description, name, query) {
            Some(address) => Ask::Request(address.into()),
            None => Ask::Skip(Reason::NotAsked),
        }
    }

    fn ask<'a>(&'a self, query: &'a NameQuery) -> BoxFuture<'a, Result<Reply, Failure>> {
        Box::pin(self.search(query))
    }
}
