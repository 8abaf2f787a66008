//! Marginalia: a small index of the small web.
//!
//! <https://about.marginalia-search.com/article/api/>. Its refusals are plain text; its answers say
//! under which licence they are, which goes out with each result.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderName, Response};
use schemars::Schema;
use serde_json::Value;
use url::Url;

use super::{
    Built, Setting,
    api::{Api, Asking, Key, Place, Question, bounded_count, place, quoted},
    endpoint::{Endpoint, MOST_ROWS},
    fields::{Row, text},
    keyed::{self, Keyed},
};
use crate::{
    config::Options,
    model::{FREEFORM, Failure, Family, Hints, Hit, Property, Reason, Reply},
    upstream::{self, Bounds, judge},
};

/// The property that carries the licence.
const LICENCE: &str = "x-license";

const ROW: Row = Row { title: "title", link: "url", description: "description" };

/// Most results that may be asked for.
const MOST: u32 = 100;

struct Search {
    /// All of the address but the question.
    search: Url,
}

pub(super) fn schema() -> Schema {
    keyed::schema(MOST)
}

pub(super) fn build(options: &Options, setting: &Setting<'_>) -> Built {
    let read: Keyed = options.read()?;
    let count = bounded_count(options, read.count, MOST)?;
    let mut search = place(options, read.url, "https://api2.marginalia-search.com", "/search")?;
    let endpoint = Endpoint::new(options, setting, &search, read.headers, Bounds::default().body)?;
    if let Some(count) = count {
        search.query_pairs_mut().append_pair("count", &count.to_string());
    }
    if let Some(level) = read.safe_search {
        search.query_pairs_mut().append_pair("nsfw", if level.is_on() { "0" } else { "1" });
    }
    let key = Key::new(options, Place::Header(HeaderName::from_static("api-key"), ""), read.key)?;
    Ok(Arc::new(Asking { api: Search { search }, endpoint, key: Some(key) }))
}

impl Api for Search {
    fn family(&self) -> Family {
        Family("marginalia")
    }

    fn question(&self, name: &str, _hints: &Hints) -> Option<Question> {
        let mut url = self.search.clone();
        url.query_pairs_mut().append_pair("query", name);
        Some(url.into())
    }

    fn read(&self, reply: &Response<Bytes>) -> Result<Reply, Failure> {
        judge(reply).map_err(|failure| refined(failure, &upstream::text(reply)))?;
        let document = upstream::json(reply)?;
        let Some(rows) = document.get("results").and_then(Value::as_array) else {
            return Err(Failure::new(Reason::Malformed, "expected a list `results`"));
        };
        let licence = text(&document, "license").filter(|licence| !licence.is_empty());
        let licence: Vec<_> =
            licence.map(|terms| Property::new(LICENCE, FREEFORM, terms)).into_iter().collect();
        // In the order given: its `quality` is the better the lower it is.
        let hits = rows.iter().filter_map(|row| ROW.hit(row)).take(MOST_ROWS);
        Ok(Reply::of(hits.map(|hit| Hit { properties: licence.clone(), ..hit }).collect()))
    }
}

/// A refusal with what its plain text adds to the status.
fn refined(failure: Failure, said: &str) -> Failure {
    let reason = match failure.reason {
        Reason::RateLimited if said.contains("Daily") => Reason::Quota,
        Reason::HttpError if said.contains("API-Key") => Reason::Unauthorised,
        _ => return failure,
    };
    Failure { reason, detail: format!("{}: {}", failure.detail, quoted(said)), ..failure }
}
