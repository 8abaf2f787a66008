//! Any engine that answers with JSON: its address and the paths into its reply are configuration.

use std::sync::Arc;

use schemars::{JsonSchema, Schema, schema_for};
use serde::Deserialize;
use serde_json::Value;
use serde_json_path::JsonPath;
use url::Url;

use super::{
    Built, Setting,
    endpoint::{Endpoint, MOST_ROWS, hit},
    template::UrlTemplate,
};
use crate::{
    config::{Options, Problems, values::Headers},
    model::{Ask, Backend, BoxFuture, Failure, Family, Hit, NameQuery, Reason, Reply},
    upstream::{Bounds, json},
};

const ACCEPT: &str = "application/json, */*;q=0.5";

/// Options of a `json` backend. Paths are those of RFC 9535.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Json {
    /// The address to ask, with `{query}` and perhaps `{language}` and `{country}`:
    /// `https://engine.example/api?q={query}&hl={language}`.
    url: String,
    /// Further request headers.
    #[serde(default)]
    headers: Headers,
    /// Where the results are in the reply: `$.hits.items[*]`.
    results: String,
    /// Where the title is in a result: `$.name`.
    title: String,
    /// Where the address is in a result: `$.link`. May be relative to `url`.
    link: String,
    /// Where the description is in a result: `$.summary`.
    description: Option<String>,
}

struct Engine {
    template: UrlTemplate,
    endpoint: Endpoint,
    paths: Paths,
}

struct Paths {
    results: JsonPath,
    title: JsonPath,
    link: JsonPath,
    description: Option<JsonPath>,
}

pub(super) fn schema() -> Schema {
    schema_for!(Json)
}

pub(super) fn build(options: &Options, setting: &Setting<'_>) -> Built {
    let read: Json = options.read()?;
    let (template, url) = template(options, &read.url)?;
    let path = |key: &str, text: &str| {
        JsonPath::parse(text).map_err(|error| {
            let at = error.position();
            options
                .wrong(key, &format!("`{text}` is no RFC 9535 path, at character {at}: {}", error.message()))
        })
    };
    let paths = Paths {
        results: path("results", &read.results)?,
        title: path("title", &read.title)?,
        link: path("link", &read.link)?,
        description: read.description.map(|text| path("description", &text)).transpose()?,
    };
    let endpoint = Endpoint::new(options, setting, &url, read.headers, Bounds::default().body)?;
    Ok(Arc::new(Engine { template, endpoint, paths }))
}

/// Reads the option `url` of a generic engine, with a sample of the addresses it makes.
///
/// # Errors
/// What is wrong with it.
pub(super) fn template(options: &Options, text: &str) -> Result<(UrlTemplate, Url), Problems> {
    let wrong = |message: String| options.wrong("url", &message);
    let template = UrlTemplate::parse(text).map_err(wrong)?;
    let sample = template.sample().map_err(wrong)?;
    Ok((template, sample))
}

impl Backend for Engine {
    fn family(&self) -> Family {
        Family("json")
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
            Ok(Reply::of(self.paths.hits(&url, &json(&reply)?)))
        })
    }
}

impl Paths {
    fn hits(&self, base: &Url, document: &Value) -> Vec<Hit> {
        let found = self.results.query(document).all();
        // A path to the list means its items.
        let rows: Vec<&Value> = match found.as_slice() {
            [Value::Array(items)] => items.iter().collect(),
            _ => found,
        };
        rows.into_iter().take(MOST_ROWS).filter_map(|row| self.hit(base, row)).collect()
    }

    fn hit(&self, base: &Url, row: &Value) -> Option<Hit> {
        let link = text(&self.link, row)?;
        let description = self.description.as_ref().and_then(|path| text(path, row));
        hit(base, text(&self.title, row).unwrap_or_default(), &link, description.unwrap_or_default())
    }
}

/// The first text or number at `path`.
fn text(path: &JsonPath, row: &Value) -> Option<String> {
    path.query(row).all().into_iter().find_map(|value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}
