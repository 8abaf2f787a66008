//! DuckDuckGo's instant answers: which site is a subject's own, where DuckDuckGo knows it.
//!
//! Not a web search: for most names it has nothing. The interface is open, not documented any more,
//! and careless with types and content types, so the body alone decides what a reply is. Its summary
//! is Wikipedia's and leads there, so it is no second witness for that page and is left out.

use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use schemars::{JsonSchema, Schema, schema_for};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::{
    Built, Setting,
    api::{Api, Asking, Question, place},
    endpoint::{Endpoint, MOST_ROWS},
    fields::{found, optional_list, text, unescaped},
};
use crate::{
    config::{
        Options,
        values::{Headers, HttpUrl},
    },
    model::{Failure, Family, Hints, Hit, Reason, Reply},
    upstream::{Bounds, json},
};

/// Fields of an answer, there also where it says nothing: an object with none of them is something else,
/// such as an error in a reply of 200.
const FIELDS: [&str; 5] = ["Type", "Heading", "Results", "RelatedTopics", "AbstractText"];

/// Options of a `duckduckgo` backend.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct DuckDuckGo {
    /// Where it is; left out: `https://api.duckduckgo.com`.
    url: Option<HttpUrl>,
    /// Further request headers.
    #[serde(default)]
    headers: Headers,
}

struct InstantAnswers {
    /// All of the address but the question.
    ask: Url,
}

pub(super) fn schema() -> Schema {
    schema_for!(DuckDuckGo)
}

pub(super) fn build(options: &Options, setting: &Setting<'_>) -> Built {
    let read: DuckDuckGo = options.read()?;
    let mut ask = place(options, read.url, "https://api.duckduckgo.com", "/")?;
    let endpoint = Endpoint::new(options, setting, &ask, read.headers, Bounds::default().body)?;
    for (name, value) in [
        ("format", "json"),
        ("no_redirect", "1"),
        ("no_html", "1"),
        ("skip_disambig", "1"),
        ("t", "cnrp-gateway"),
    ] {
        ask.query_pairs_mut().append_pair(name, value);
    }
    Ok(Arc::new(Asking { api: InstantAnswers { ask }, endpoint, key: None }))
}

impl Api for InstantAnswers {
    fn family(&self) -> Family {
        Family("duckduckgo")
    }

    /// A name that begins with `!` is a command there.
    fn question(&self, name: &str, _hints: &Hints) -> Option<Question> {
        let name = name.trim_start_matches(['!', ' ']);
        let mut url = self.ask.clone();
        url.query_pairs_mut().append_pair("q", name);
        (!name.is_empty()).then(|| url.into())
    }

    fn read(&self, reply: &Response<Bytes>) -> Result<Reply, Failure> {
        let document = json(reply)?;
        if !FIELDS.iter().any(|field| document.get(field).is_some()) {
            return Err(Failure::new(Reason::Malformed, "expected an object with the fields of an answer"));
        }
        Ok(Reply::of(official_sites(&document)?))
    }
}

/// The sites that are the subject's own, under the subject's name.
fn official_sites(document: &Value) -> Result<Vec<Hit>, Failure> {
    let subject = text(document, "Heading").unwrap_or_default();
    let summary = text(document, "AbstractText").unwrap_or_default();
    let links = optional_list(document, "Results")?.iter().filter_map(|result| text(result, "FirstURL"));
    let links = links.chain(text(document, "OfficialWebsite"));
    let sites = links.filter_map(|link| found(unescaped(subject), link, unescaped(summary)));
    Ok(sites.take(MOST_ROWS).collect())
}
