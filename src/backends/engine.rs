//! What the generic types have in common: an engine is an address with places in it, headers, a
//! key, and where in its replies the results are.
//!
//! The key goes into the request and nowhere else: not into what the cache knows a request by, and
//! not into the address that relative links of a reply are relative to.

use bytes::Bytes;
use http::Response;
use schemars::JsonSchema;
use serde::Deserialize;
use url::Url;

use super::{
    Setting,
    endpoint::Endpoint,
    template::{KEY, UrlTemplate},
};
use crate::{
    config::{
        Options, Problems,
        values::{Headers, Secret},
    },
    model::{Ask, Failure, NameQuery, Reason},
};

/// Options of an engine. `results`, `title`, `link` and `description` are RFC 9535 paths for `json`,
/// and CSS selectors for `html`, which may end in `@attribute` to take that in place of the text.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EngineOptions {
    /// The address to ask, with `{query}` and perhaps `{language}`, `{country}` and `{key}`:
    /// `https://engine.example/api?q={query}&hl={language}`.
    url: String,
    /// Further request headers; `{key}` in a value stands for the key.
    #[serde(default)]
    headers: Headers,
    /// The secret that stands wherever `url` or `headers` have `{key}`.
    key: Option<Secret>,
    /// Where the results are in the reply: `$.hits.items[*]` or `li.result`.
    pub(super) results: String,
    /// Where the title is in a result: `$.name` or `h3`.
    pub(super) title: String,
    /// Where the address is in a result: `$.link` or `a@href`. It may be relative to `url`. In
    /// `html`, `href` is meant where no attribute is named.
    pub(super) link: String,
    /// Where the description is in a result: `$.summary` or `p`.
    pub(super) description: Option<String>,
}

/// An engine that is asked by GET.
pub(super) struct Engine {
    template: UrlTemplate,
    key: Option<Secret>,
    endpoint: Endpoint,
}

/// What an engine replied, and the address, without the key, to which its links are relative.
pub(super) struct Answered {
    pub(super) base: Url,
    pub(super) reply: Response<Bytes>,
}

impl Engine {
    /// The engine of these options, whose replies are no larger than `body` bytes.
    ///
    /// # Errors
    /// What is wrong with the options `url`, `headers` and `key`.
    pub(super) fn new(
        options: &Options,
        setting: &Setting<'_>,
        read: &EngineOptions,
        body: usize,
    ) -> Result<Self, Problems> {
        let wrong = |message: String| options.wrong("url", &message);
        let template = UrlTemplate::parse(&read.url).map_err(wrong)?;
        let url = template.sample().map_err(wrong)?;
        let headers = headers(options, read, template.has_key())?;
        let endpoint = Endpoint::new(options, setting, &url, headers, body)?;
        Ok(Self { template, key: read.key.clone(), endpoint })
    }

    /// What would be asked, the key left out.
    pub(super) fn request(&self, query: &NameQuery) -> Ask {
        match self.template.fill(query.name.folded(), &query.hints, "") {
            Some(url) => Ask::Request(url.into()),
            None => Ask::Skip(Reason::NotAsked),
        }
    }

    /// Asks; `None` where there is nothing to ask.
    ///
    /// # Errors
    /// Where no whole reply came.
    pub(super) async fn ask(
        &self,
        query: &NameQuery,
        accept: &'static str,
    ) -> Result<Option<Answered>, Failure> {
        let address = |key| self.template.fill(query.name.shown(), &query.hints, key);
        let key = self.key.as_ref().map_or("", Secret::expose);
        let Some((base, url)) = address("").zip(address(key)) else { return Ok(None) };
        let reply = self.endpoint.get(url.as_str(), accept).await?;
        Ok(Some(Answered { base, reply }))
    }
}

/// The headers with the key in its places; a key has a place, and a place has a key.
fn headers(options: &Options, read: &EngineOptions, is_in_url: bool) -> Result<Headers, Problems> {
    let is_in_headers = read.headers.have(KEY);
    match &read.key {
        None if is_in_url || is_in_headers => {
            Err(options.wrong("", "the key \"key\" is required: `url` or `headers` has a `{key}`"))
        }
        Some(_) if !is_in_url && !is_in_headers => {
            Err(options.wrong("key", "expected a `{key}` in `url` or `headers`: it would be sent nowhere"))
        }
        Some(key) if is_in_headers => read.headers.filled(KEY, key).ok_or_else(|| {
            options.wrong("key", "expected ASCII without control characters, as it is sent in a header")
        }),
        _ => Ok(read.headers.clone()),
    }
}

#[cfg(test)]
mod tests;
