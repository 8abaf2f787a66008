//! Any engine that answers with JSON: its address and the paths into its reply are configuration.

mod container;

use std::sync::Arc;

use schemars::{Schema, schema_for};
use serde_json::Value;
use serde_json_path::JsonPath;
use url::Url;

use self::container::Container;
use super::{
    Built, Setting,
    endpoint::{MOST_ROWS, hit},
    engine::{Engine, EngineOptions},
};
use crate::{
    config::Options,
    model::{Ask, Backend, BoxFuture, Failure, Family, Hit, NameQuery, Reason, Reply},
    upstream::{Bounds, json},
};

const ACCEPT: &str = "application/json, */*;q=0.5";

struct Json {
    engine: Engine,
    paths: Paths,
}

struct Paths {
    results: JsonPath,
    /// What is there in every answer, also in one that has found nothing.
    container: Container,
    title: JsonPath,
    link: JsonPath,
    description: Option<JsonPath>,
}

pub(super) fn schema() -> Schema {
    schema_for!(EngineOptions)
}

pub(super) fn build(options: &Options, setting: &Setting<'_>) -> Built {
    let read: EngineOptions = options.read()?;
    let path = |key: &str, text: &str| {
        JsonPath::parse(text).map_err(|error| {
            let at = error.position();
            options
                .wrong(key, &format!("`{text}` is no RFC 9535 path, at character {at}: {}", error.message()))
        })
    };
    let engine = Engine::new(options, setting, &read, Bounds::default().body)?;
    let paths = Paths {
        results: path("results", &read.results)?,
        container: Container::of(&read.results),
        title: path("title", &read.title)?,
        link: path("link", &read.link)?,
        description: read.description.map(|text| path("description", &text)).transpose()?,
    };
    Ok(Arc::new(Json { engine, paths }))
}

impl Backend for Json {
    fn family(&self) -> Family {
        Family("json")
    }

    fn request(&self, query: &NameQuery) -> Ask {
        self.engine.request(query)
    }

    fn ask<'a>(&'a self, query: &'a NameQuery) -> BoxFuture<'a, Result<Reply, Failure>> {
        Box::pin(async move {
            let Some(answered) = self.engine.ask(query, ACCEPT).await? else {
                return Ok(Reply::default());
            };
            self.paths.hits(&answered.base, &json(&answered.reply)?).map(Reply::of)
        })
    }
}

impl Paths {
    /// # Errors
    /// Where the document is no answer of this engine.
    fn hits(&self, base: &Url, document: &Value) -> Result<Vec<Hit>, Failure> {
        let found = self.results.query(document).all();
        if found.is_empty() && !self.container.is_in(document) {
            return Err(Failure::new(Reason::Malformed, "it has no list where `results` expects one"));
        }
        // A path to the list means its items.
        let rows: Vec<&Value> = match found.as_slice() {
            [Value::Array(items)] => items.iter().collect(),
            _ => found,
        };
        if !rows.is_empty() && !rows.iter().any(|row| self.may_be_result(row)) {
            return Err(Failure::new(Reason::Malformed, "what `results` finds is no result"));
        }
        Ok(rows.into_iter().take(MOST_ROWS).filter_map(|row| self.hit(base, row)).collect())
    }

    /// Whether a row is what results are made of, or an address itself: an error's text in place of the rows
    /// is neither.
    fn may_be_result(&self, row: &Value) -> bool {
        row.is_object() || row.is_array() || text(&self.link, row).is_some()
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
