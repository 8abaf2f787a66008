//! Wikidata: the official site of what exactly has the name.
//!
//! A naming source. Two calls: which items have the name as their label or as an alias, then the
//! sites that these items state. Items that only begin with the name are looked at where none has
//! it, and are mentions.

use std::{sync::Arc, time::SystemTime};

use schemars::{JsonSchema, Schema, schema_for};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::{
    super::{
        Built, Setting,
        api::{bounded_count, place},
        endpoint::Endpoint,
        fields::{found, list, text},
    },
    API, Asker, FAMILY, languages,
    official_site::official_sites,
    request,
};
use crate::{
    config::{
        Options,
        values::{Headers, HttpUrl},
    },
    model::{
        Ask, Backend, BoxFuture, Clock, CommonName, Failure, Family, Hit, Likeness, NameQuery, Property,
        Reason, Reply, Vouched,
    },
};

/// Items asked for where the configuration says nothing, as many as Wikidata gives unasked.
const COUNT: u32 = 7;

/// The largest reply, in bytes. An item comes with everything it states: of a country that is a
/// megabyte.
const LARGEST: usize = 8 * 1024 * 1024;

/// Options of a `wikidata` backend.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Wikidata {
    /// A mail address or web page by which Wikimedia reaches the operator; its rules want one.
    contact: String,
    /// Where it is; left out: `https://www.wikidata.org`.
    url: Option<HttpUrl>,
    /// Further request headers.
    #[serde(default)]
    headers: Headers,
    /// Items to look at, 1 to 50; left out: 7.
    #[schemars(range(min = 1, max = 50))]
    count: Option<u32>,
}

struct KnowledgeBase {
    asker: Asker,
    endpoint: Endpoint,
    api: Url,
    count: u32,
    clock: Arc<dyn Clock>,
}

/// An item that the search found.
struct Item<'a> {
    id: &'a str,
    label: &'a str,
    description: &'a str,
    likeness: Likeness,
}

pub(in super::super) fn schema() -> Schema {
    schema_for!(Wikidata)
}

pub(in super::super) fn build(options: &Options, setting: &Setting<'_>) -> Built {
    let read: Wikidata = options.read()?;
    let asker = Asker::new(options, &read.contact)?;
    let count = bounded_count(options, read.count, 50)?.unwrap_or(COUNT);
    let api = place(options, read.url, "https://www.wikidata.org", API)?;
    let endpoint = Endpoint::new(options, setting, &api, read.headers, LARGEST)?;
    Ok(Arc::new(KnowledgeBase { asker, endpoint, api, count, clock: Arc::clone(&setting.clock) }))
}

impl KnowledgeBase {
    fn search(&self, name: &str, language: &str) -> Url {
        let mut url = self.api.clone();
        let count = self.count.to_string();
        url.query_pairs_mut().extend_pairs([
            ("action", "wbsearchentities"),
            ("format", "json"),
            ("search", name),
            ("language", language),
            ("uselang", language),
            ("type", "item"),
            ("limit", &count),
        ]);
        url
    }

    fn statements(&self, items: &[Item<'_>]) -> Url {
        let ids: Vec<_> = items.iter().map(|item| item.id).collect();
        let mut url = self.api.clone();
        url.query_pairs_mut().extend_pairs([
            ("action", "wbgetentities"),
            ("format", "json"),
            ("props", "claims"),
            ("ids", &ids.join("|")),
        ]);
        url
    }

    async fn look_up(&self, query: &NameQuery) -> Result<Reply, Failure> {
        let language = language(query);
        let found = self.asker.ask(&self.endpoint, &self.search(query.name.shown(), language)).await?;
        if !found.get("search").is_some_and(Value::is_array) {
            return Err(Failure::new(Reason::Malformed, "expected a list `search`"));
        }
        let items = meant(&found, &query.name, self.count);
        if items.is_empty() {
            return Ok(Reply::default());
        }
        let stated = self.asker.ask(&self.endpoint, &self.statements(&items)).await?;
        let Some(entities) = stated.get("entities") else {
            return Err(Failure::new(Reason::Malformed, "expected an object `entities`"));
        };
        let now = self.clock.wall();
        Ok(Reply::of(items.iter().flat_map(|item| item.hits(entities, language, now)).collect()))
    }
}

/// The language that names are looked up and shown in. Wikidata has names in every language of two
/// letters, and refuses some of the others; a client that hints at one must not have the backend
/// paused for everybody.
fn language(query: &NameQuery) -> &str {
    languages(&query.hints).find(|language| language.len() == 2).unwrap_or("en")
}

/// The items of exactly this name; where there is none, those that begin with it. No more than were
/// asked for: their ids go into the next address.
fn meant<'a>(found: &'a Value, name: &CommonName, most: u32) -> Vec<Item<'a>> {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let items = list(found, "search").iter().filter_map(|row| Item::read(row, name));
    let mut items: Vec<_> = items.take(most).collect();
    if items.iter().any(|item| item.likeness == Likeness::Same) {
        items.retain(|item| item.likeness == Likeness::Same);
    }
    items
}

impl<'a> Item<'a> {
    fn read(row: &'a Value, name: &CommonName) -> Option<Self> {
        // What goes into the next request is an id and nothing else.
        let is_id = |id: &&str| {
            id.strip_prefix('Q')
                .is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
        };
        let matched = row.get("match").and_then(|matched| text(matched, "text"));
        let aliases = list(row, "aliases").iter().filter_map(Value::as_str);
        let mut names = text(row, "label").into_iter().chain(matched).chain(aliases);
        let is_asked = |known: &str| CommonName::new(known).is_some_and(|known| known.key() == name.key());
        Some(Self {
            id: text(row, "id").filter(is_id)?,
            label: text(row, "label")?,
            description: text(row, "description")?,
            likeness: if names.any(is_asked) { Likeness::Same } else { Likeness::Mention },
        })
    }

    fn hits(&self, entities: &Value, language: &str, now: SystemTime) -> Vec<Hit> {
        let Some(entity) = entity(entities, self.id) else { return Vec::new() };
        let sites = official_sites(entity, language, now).into_iter();
        let hits = sites.filter_map(|site| {
            let hit = found(self.label.to_owned(), site.url, self.description.to_owned())?;
            let properties = site.language.map(|tag| Property::new("language", "rfc1766", tag));
            Some(Hit { likeness: self.likeness, properties: properties.into_iter().collect(), ..hit })
        });
        hits.collect()
    }
}

/// The item `id`, or the one that it was joined to since the search index was made.
fn entity<'a>(entities: &'a Value, id: &str) -> Option<&'a Value> {
    let is_joined = |entity: &&Value| entity.pointer("/redirects/from").and_then(Value::as_str) == Some(id);
    entities.get(id).or_else(|| entities.as_object()?.values().find(is_joined))
}

impl Backend for KnowledgeBase {
    fn family(&self) -> Family {
        FAMILY
    }

    fn vouched(&self) -> Vouched {
        Vouched::ByReference
    }

    fn request(&self, query: &NameQuery) -> Ask {
        request(query, |name| self.search(name, language(query)))
    }

    fn ask<'a>(&'a self, query: &'a NameQuery) -> BoxFuture<'a, Result<Reply, Failure>> {
        Box::pin(self.look_up(query))
    }
}
