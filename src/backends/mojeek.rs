//! Mojeek: a small index of its own.
//!
//! <https://www.mojeek.com/support/api/search/>. It takes its key in the address, and says what went
//! wrong in `response.status`, whatever the HTTP status is.

use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use schemars::Schema;
use serde_json::Value;
use url::Url;

use super::{
    Built, Setting,
    api::{Api, Asking, Key, Place, Question, bounded_count, document, place, quoted},
    endpoint::{Endpoint, MOST_ROWS},
    fields::{Row, text},
    keyed::{self, Keyed},
};
use crate::{
    config::Options,
    model::{Failure, Family, Hints, Reason, Reply},
    upstream::Bounds,
};

/// How strongly pages of the hinted language and country are preferred, of 100, as Mojeek advises.
const BOOST: &str = "10";

const ROW: Row = Row { title: "title", link: "url", description: "desc" };

/// Most results that may be asked for.
const MOST: u32 = 100;

struct Search {
    /// All of the address but the question, the hints and the key.
    search: Url,
}

pub(super) fn schema() -> Schema {
    keyed::schema(MOST)
}

pub(super) fn build(options: &Options, setting: &Setting<'_>) -> Built {
    let read: Keyed = options.read()?;
    let count = bounded_count(options, read.count, MOST)?;
    let mut search = place(options, read.url, "https://www.mojeek.com", "/search")?;
    let endpoint = Endpoint::new(options, setting, &search, read.headers, Bounds::default().body)?;
    let mut parameters = search.query_pairs_mut();
    parameters.append_pair("fmt", "json");
    if let Some(count) = count {
        parameters.append_pair("t", &count.to_string());
    }
    if let Some(level) = read.safe_search {
        parameters.append_pair("safe", if level.is_on() { "1" } else { "0" });
    }
    drop(parameters);
    let key = Key::new(options, Place::Parameter("api_key"), read.key)?;
    Ok(Arc::new(Asking { api: Search { search }, endpoint, key: Some(key) }))
}

impl Api for Search {
    fn family(&self) -> Family {
        Family("mojeek")
    }

    fn question(&self, name: &str, hints: &Hints) -> Option<Question> {
        let mut url = self.search.clone();
        let mut parameters = url.query_pairs_mut();
        parameters.append_pair("q", name);
        if let Some(language) = hints.language() {
            parameters.append_pair("lb", &language.primary().to_uppercase()).append_pair("lbb", BOOST);
        }
        if let Some(country) = hints.country() {
            parameters.append_pair("rb", &country).append_pair("rbb", BOOST);
        }
        drop(parameters);
        Some(url.into())
    }

    fn read(&self, reply: &Response<Bytes>) -> Result<Reply, Failure> {
        let document = document(reply, refusal)?;
        let results = document.get("response").and_then(|response| response.get("results"));
        match results.and_then(Value::as_array) {
            Some(rows) => Ok(Reply::of(rows.iter().filter_map(|row| ROW.hit(row)).take(MOST_ROWS).collect())),
            None => Err(Failure::new(Reason::Malformed, "expected a list `response.results`")),
        }
    }
}

/// What a status other than `OK` means.
fn refusal(document: &Value) -> Option<Failure> {
    let status = text(document.get("response")?, "status")?;
    if status.is_empty() || status == "OK" {
        return None;
    }
    let says = |word: &str| status.to_lowercase().contains(word);
    let reason = if says("limit") {
        Reason::Quota
    } else if says("key") || says("authori") || says("denied") {
        Reason::Unauthorised
    } else {
        Reason::HttpError
    };
    Some(Failure::new(reason, format!("Mojeek says {}", quoted(status))))
}
