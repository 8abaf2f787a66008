//! The Wikimedia projects: Wikipedia, which has a page about nearly everything that has a name, and
//! Wikidata, which knows the official site of what has one.
//!
//! Both are open to everybody who says who they are: the operator's contact stands in every request,
//! so that requests are counted by operator and not by program. Both are one family, as one is made
//! from the other.

use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use serde_json::Value;
use url::Url;

use super::{
    api::{asking_for, quoted},
    endpoint::Endpoint,
    fields::text,
};
use crate::{
    config::{Options, Problems},
    model::{Ask, Failure, Family, Hints, NameQuery, Preference, Reason},
    upstream::{USER_AGENT, json, retry_after},
};

mod official_site;
pub(super) mod wikidata;
pub(super) mod wikipedia;

const FAMILY: Family = Family("wikimedia");

/// The path of the interface under every project's host.
const API: &str = "/w/api.php";

/// The longest name asked for, in bytes: no title or label is longer, and the interface refuses more.
const LONGEST: usize = 250;

/// Who asks.
struct Asker(HeaderValue);

impl Asker {
    /// Reads the option `contact`.
    ///
    /// # Errors
    /// Where it is neither a mail address nor a web address, by which somebody could be reached.
    fn new(options: &Options, contact: &str) -> Result<Self, Problems> {
        let is_reachable = contact.contains('@') || contact.contains("://");
        HeaderValue::try_from(format!("{USER_AGENT} ({contact})"))
            .ok()
            .filter(|_| is_reachable && !contact.contains(['(', ')']))
            .map(Self)
            .ok_or_else(|| options.wrong("contact", "expected the operator's mail address or web page"))
    }

    /// Asks the action API at `url`.
    ///
    /// # Errors
    /// What went wrong, also where the API says so in a reply with the status 200.
    async fn ask(&self, endpoint: &Endpoint, url: &Url) -> Result<Value, Failure> {
        let request = Request::get(url.as_str())
            .header(header::USER_AGENT, self.0.clone())
            .body(Bytes::new())
            .map_err(|error| Failure::new(Reason::Malformed, format!("the address to ask: {error}")))?;
        read(&endpoint.ask(request, "application/json").await?)
    }
}

fn read(reply: &Response<Bytes>) -> Result<Value, Failure> {
    let document = json(reply)?;
    let Some(error) = document.get("error") else { return Ok(document) };
    let code = text(error, "code").unwrap_or_default();
    let reason = match code {
        "ratelimited" | "maxlag" => Reason::RateLimited,
        "readapidenied" | "permissiondenied" | "blocked" => Reason::Unauthorised,
        _ => Reason::HttpError,
    };
    let said = Failure::new(reason, format!("the interface says {}", quoted(code)));
    Err(asking_for(retry_after(reply), said))
}

/// The request to `address`, unless the name is longer than any there.
fn request(query: &NameQuery, address: impl FnOnce(&str) -> Url) -> Ask {
    match query.name.folded() {
        name if name.len() > LONGEST => Ask::Skip(Reason::NotAsked),
        name => Ask::Request(address(name).into()),
    }
}

/// The hinted languages by their primary subtags, the most preferred first.
fn languages(hints: &Hints) -> impl Iterator<Item = &str> {
    hints.languages.iter().filter_map(|preference| match preference {
        Preference::Value(range) => Some(range.primary()),
        Preference::Any => None,
    })
}
