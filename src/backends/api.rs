//! What the types for particular services share: one request with a key, one reply.
//!
//! An [`Api`] says what it would ask and reads what comes back. The key is put in only when the
//! request is sent, so what is remembered, logged or compared never holds it.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, header};
use serde_json::Value;
use url::Url;

use super::endpoint::Endpoint;
use crate::{
    config::{
        Options, Problems,
        values::{HttpUrl, Secret},
    },
    model::{Ask, Backend, BoxFuture, Failure, Family, Hints, NameQuery, Reason, Reply},
    upstream::{json, judge, retry_after, text},
};

/// Most characters of an upstream's own words that go into a log.
const MOST_SAID: usize = 100;

/// A service with an interface of its own.
pub(super) trait Api: Send + Sync {
    /// The family whose vote it casts.
    fn family(&self) -> Family;

    /// What it would be asked for `name`; `None` where it takes no such name.
    fn question(&self, name: &str, hints: &Hints) -> Option<Question>;

    /// Reads a reply, whatever its status.
    ///
    /// # Errors
    /// What the refusal means that came in place of an answer.
    fn read(&self, reply: &Response<Bytes>) -> Result<Reply, Failure>;
}

/// A request without its key: a body makes it a POST of JSON.
pub(super) struct Question {
    pub(super) url: Url,
    pub(super) body: Option<String>,
}

impl From<Url> for Question {
    fn from(url: Url) -> Self {
        Self { url, body: None }
    }
}

/// Where a service wants its key.
pub(super) enum Place {
    /// In this header, after this scheme.
    Header(HeaderName, &'static str),
    /// In the query of the address, under this name.
    Parameter(&'static str),
}

/// A key and where it goes.
pub(super) struct Key {
    place: Place,
    secret: Secret,
}

impl Key {
    /// The option `key`, to be sent at `place`.
    ///
    /// # Errors
    /// Where the secret can't stand in a header; it is not shown.
    pub(super) fn new(options: &Options, place: Place, secret: Secret) -> Result<Self, Problems> {
        match HeaderValue::try_from(secret.expose()) {
            Ok(_) => Ok(Self { place, secret }),
            Err(_) => Err(options.wrong("key", "expected a key without line breaks and control characters")),
        }
    }
}

/// A backend that asks one service.
pub(super) struct Asking<A> {
    pub(super) api: A,
    pub(super) endpoint: Endpoint,
    /// None for services that want none.
    pub(super) key: Option<Key>,
}

impl<A: Api> Asking<A> {
    /// The request for `question`, with the key.
    fn request(&self, question: Question) -> Result<Request<Bytes>, Failure> {
        let Question { mut url, body } = question;
        let mut headers = HeaderMap::new();
        match &self.key {
            Some(Key { place: Place::Parameter(name), secret }) => {
                url.query_pairs_mut().append_pair(name, secret.expose());
            }
            Some(Key { place: Place::Header(name, scheme), secret }) => {
                let value = HeaderValue::try_from(format!("{scheme}{}", secret.expose()));
                let mut value = value.map_err(|_| unsendable())?;
                value.set_sensitive(true);
                headers.insert(name, value);
            }
            None => {}
        }
        let mut request = match body {
            None => Request::get(url.as_str()).body(Bytes::new()),
            Some(body) => Request::post(url.as_str())
                .header(header::CONTENT_TYPE, "application/json")
                .body(Bytes::from(body)),
        }
        .map_err(|_| unsendable())?;
        request.headers_mut().extend(headers);
        Ok(request)
    }

    async fn answer(&self, question: Question) -> Result<Reply, Failure> {
        let reply = self.endpoint.ask(self.request(question)?, "application/json").await?;
        self.api.read(&reply)
    }
}

/// Says nothing of the request, as its address may hold the key.
fn unsendable() -> Failure {
    Failure::new(Reason::Malformed, "no request can be made of the name")
}

impl<A: Api> Backend for Asking<A> {
    fn family(&self) -> Family {
        self.api.family()
    }

    fn request(&self, query: &NameQuery) -> Ask {
        match self.api.question(query.name.folded(), &query.hints) {
            Some(Question { url, body: None }) => Ask::Request(url.into()),
            Some(Question { url, body: Some(body) }) => Ask::Request(format!("{url} {body}")),
            None => Ask::Skip(Reason::NotAsked),
        }
    }

    fn ask<'a>(&'a self, query: &'a NameQuery) -> BoxFuture<'a, Result<Reply, Failure>> {
        Box::pin(async move {
            let Some(question) = self.api.question(query.name.shown(), &query.hints) else {
                return Ok(Reply::default());
            };
            self.answer(question).await
        })
    }
}

/// The JSON document of a reply. `refusal` says what a document means that is no answer, which is
/// more than its status tells, and may come with any status.
///
/// # Errors
/// As `refusal` says, else as the status or the lack of a document does.
pub(super) fn document(
    reply: &Response<Bytes>,
    refusal: impl Fn(&Value) -> Option<Failure>,
) -> Result<Value, Failure> {
    let Err(failure) = judge(reply) else {
        let document = json(reply)?;
        return match refusal(&document) {
            Some(failure) => Err(asking_for(retry_after(reply), failure)),
            None => Ok(document),
        };
    };
    let said = serde_json::from_str(&text(reply)).ok().and_then(|document| refusal(&document));
    Err(match said {
        // It says no more than that it failed, and its status may say why.
        Some(said) if said.reason == Reason::HttpError => Failure { detail: said.detail, ..failure },
        Some(said) => asking_for(failure.retry_after, said),
        None => failure,
    })
}

/// The failure with the pause that the reply's header asks for, which counts before any other.
pub(super) fn asking_for(pause: Option<Duration>, failure: Failure) -> Failure {
    Failure { retry_after: pause.or(failure.retry_after), ..failure }
}

/// What an upstream says, for a log: short, on one line, and quoted.
pub(super) fn quoted(said: &str) -> String {
    format!("{:?}", said.chars().take(MOST_SAID).collect::<String>())
}

/// Where the upstream is: as configured, or where it usually is. `path` is that of its interface,
/// which the option `url` may end in or leave out.
///
/// # Errors
/// Where it usually is no address, which no configuration can cause.
pub(super) fn place(
    options: &Options,
    configured: Option<HttpUrl>,
    usual: &str,
    path: &str,
) -> Result<Url, Problems> {
    let usual = || Url::parse(usual).map_err(|error| options.wrong("url", &error.to_string()));
    Ok(with_path(configured.map_or_else(usual, |HttpUrl(url)| Ok(url))?, path))
}

/// `url` with the `path` of an interface at its end, where it is not there already.
pub(super) fn with_path(mut url: Url, path: &str) -> Url {
    let base = url.path().trim_end_matches('/');
    url.set_path(&format!("{}{path}", base.strip_suffix(path).unwrap_or(base)));
    url.set_fragment(None);
    url
}

/// Reads the option `count`, which the upstream takes up to `most`.
///
/// # Errors
/// Where it is out of bounds.
pub(super) fn bounded_count(
    options: &Options,
    count: Option<u32>,
    most: u32,
) -> Result<Option<u32>, Problems> {
    match count {
        Some(count) if !(1..=most).contains(&count) => {
            Err(options.wrong("count", &format!("expected a whole number from 1 to {most}, found {count}")))
        }
        count => Ok(count),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_says_why_where_the_document_does_not() {
        let refusal = |_: &Value| Some(Failure::new(Reason::HttpError, "it says \"UNKNOWN\""));
        for (status, reason) in [
            (401, Reason::Unauthorised),
            (402, Reason::Quota),
            (403, Reason::Unauthorised),
            (429, Reason::RateLimited),
            (500, Reason::HttpError),
        ] {
            let reply = Response::builder().status(status).header("retry-after", "60");
            let failure = document(&reply.body(Bytes::from_static(b"{}")).unwrap(), refusal).unwrap_err();
            assert_eq!(
                (failure.reason, failure.detail.as_str()),
                (reason, "it says \"UNKNOWN\""),
                "{status}"
            );
            assert_eq!(failure.retry_after, Some(Duration::from_secs(60)), "{status}");
        }
        let known = |_: &Value| Some(Failure::new(Reason::Quota, "all is spent"));
        let reply = Response::builder().status(401).body(Bytes::from_static(b"{}")).unwrap();
        assert_eq!(document(&reply, known).unwrap_err().reason, Reason::Quota, "what it says is more");
    }
}
