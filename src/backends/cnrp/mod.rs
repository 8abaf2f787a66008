//! Another CNRP service: asked for us (`chain`), or named to the client (`refer`).
//!
//! What a chained service gives keeps the service and dataset that it came from (R13), its order
//! (R9) and its doubts: nothing is surer here than it was there. Its ids become part of ours, so
//! that resolving one asks it for its own. Every question carries `Via` with our pseudonym, and one
//! that has come through us already goes no further (D37).

mod reply;

use std::{
    collections::BTreeSet,
    sync::{Arc, OnceLock},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use schemars::{JsonSchema, Schema, schema_for};
use serde::Deserialize;
use url::Url;

use super::{
    Built, Chain, Setting,
    endpoint::{Endpoint, MOST_ROWS},
};
use crate::{
    client::{self, Inquiry, Introduction, Network, Referrals},
    config::{
        Options,
        values::{Headers, HttpUrl},
    },
    model::{
        Ask, Backend, BoxFuture, Clock, CommonName, Exchange, Failure, Family, NameQuery, Property, Question,
        Range, Reason, Referral, Reply, Server, Service, Target, Toll, Via, Vouched,
    },
    protocol::{self, vocabulary as v},
    upstream::{Bounds, HttpClient, Lines, SystemHosts, USER_AGENT, judge},
};

/// The most gateways that a question comes through (D37).
const MOST_GATEWAYS: usize = 8;

/// How many results are asked for at once: as many as a gateway gives unless it is told otherwise. A range
/// is asked for in steps of this, so that all of one step are one question.
const STEP: usize = 100;

/// Options of a `cnrp` backend.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Cnrp {
    /// Where the service is reached: `http://cnrp.partner.example:1096`.
    url: HttpUrl,
    /// What becomes of a question.
    #[serde(default)]
    mode: Mode,
    /// Further request headers.
    #[serde(default)]
    headers: Headers,
}

/// What becomes of a question to another service
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Mode {
    /// We ask it, and its results are among ours
    #[default]
    Chain,
    /// The client is referred to it
    Refer,
}

/// The other service.
struct Partner {
    place: client::Endpoint,
    line: Line,
    /// The way to where its referrals lead, if those are followed for the client: to public addresses,
    /// and to the services that the configuration names. Made with the first question, as those are
    /// not all known before.
    others: OnceLock<Result<Box<dyn Exchange>, Failure>>,
    name: String,
    lines: Lines,
    /// What is asked of services that an answer names is asked for this backend, and counts as its.
    toll: Option<Arc<dyn Toll>>,
    mode: Mode,
    chain: Chain,
    patience: Duration,
    said: Introduction,
    clock: Arc<dyn Clock>,
}

pub(super) fn schema() -> Schema {
    schema_for!(Cnrp)
}

pub(super) fn build(options: &Options, setting: &Setting<'_>) -> Built {
    let read: Cnrp = options.read()?;
    let HttpUrl(url) = read.url;
    let place = client::Endpoint::parse(url.as_str()).map_err(|error| options.wrong("url", &error))?;
    let endpoint = Endpoint::new(options, setting, &url, read.headers, Bounds::default().body)?;
    let chain = setting.chain.clone();
    Ok(Arc::new(Partner {
        place,
        line: Line(endpoint),
        others: OnceLock::new(),
        name: setting.name.to_owned(),
        lines: setting.lines.clone(),
        toll: setting.toll.clone(),
        // Whoever follows referrals for clients sends them none.
        mode: if chain.follows { Mode::Chain } else { read.mode },
        chain,
        // Of several services asked, those that answered count when time is up, so it is up here first.
        patience: setting.timeout.mul_f64(0.9),
        said: Introduction::default(),
        clock: Arc::clone(&setting.clock),
    }))
}

/// The way to the service, with the configured headers; what its transport refuses is no reply.
struct Line(Endpoint);

impl Exchange for Line {
    fn exchange(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, Failure>> {
        Box::pin(async move {
            let reply = self.0.send(request).await?;
            match judge(&reply) {
                Ok(_) => Ok(reply),
                Err(failure) => spoken(reply, failure),
            }
        })
    }
}

/// What a reply is that the transport calls a failure: where its body is CNRP, that decides (D15), and
/// only how long to stay away is the transport's to say.
fn spoken(reply: Response<Bytes>, failure: Failure) -> Result<Response<Bytes>, Failure> {
    let Ok(answer) = protocol::decode_answer(reply.body(), None) else { return Err(failure) };
    match answer.failure() {
        Some(status) => Err(Failure { retry_after: failure.retry_after, ..client::refusal(status) }),
        None => Ok(reply),
    }
}

impl Partner {
    fn question(&self, query: &NameQuery, name: CommonName) -> Question {
        if let Some(id) = &query.entry {
            return Question { target: Target::Id(id.clone()), properties: Vec::new() };
        }
        let dataset = self.chain.dataset.as_ref().map(|uri| Property::new(v::DATASETURI, v::URI, uri));
        let range = depth(query).map(|most| Property::new(v::RANGE, v::START_LENGTH, format!("1-{most}")));
        let properties = query.hints.sent.iter().cloned().chain(dataset).chain(range).collect();
        Question { target: Target::Name(name), properties }
    }

    /// The way to other services that an answer names.
    fn others(&self) -> Result<&dyn Exchange, Failure> {
        if !self.chain.follows {
            return Ok(&self.line);
        }
        let made = self.others.get_or_init(|| {
            let places = self.chain.places.get().map_or(&[][..], Vec::as_slice);
            let bounds = Bounds { total: self.patience, ..Bounds::default() };
            let client = || {
                let hosts = Arc::new(SystemHosts);
                let client = HttpClient::for_referrals(places, Vec::new(), bounds, USER_AGENT, hosts)?;
                Ok(client.paying(self.toll.clone()))
            };
            self.lines.http(&self.name, client)
        });
        made.as_deref().map_err(Clone::clone)
    }

    async fn chained(&self, query: &NameQuery) -> Result<Reply, Failure> {
        let referrals = if self.chain.follows { Referrals::Follow } else { Referrals::Leave };
        let question = self.question(query, query.name.clone());
        let mut inquiry = Inquiry::at(self.place.clone(), question, referrals);
        if depth(query).is_some() {
            inquiry = inquiry.in_parts();
        }
        let via = via(&query.via, &self.chain.pseudonym);
        let network = Network { first: &self.line, others: self.others()?, via: Some(&via) };
        let answer = client::ask(inquiry, network, self.patience).await?;
        if let Some(service) = &answer.service {
            self.said.learn(service, self.clock.now());
        }
        reply::read(answer, query, &self.chain)
    }

    /// A referral to the service, under the name that it gives itself.
    async fn referred(&self) -> Result<Reply, Failure> {
        let service = match self.said.current(self.clock.now()) {
            Some(known) => known,
            None => self.introduced().await?,
        };
        let named = self.chain.service.as_deref().unwrap_or(&service.uri);
        let mut servers = reply::servers(&service.servers);
        if servers.is_empty() {
            servers.push(Server { uri: self.place.uri().to_owned(), properties: Vec::new() });
        }
        let referral = Referral {
            service: Arc::new(Service { servers, ..Service::named(named) }),
            dataset: self.chain.dataset.clone(),
        };
        Ok(Reply { referrals: vec![referral], ttl: service.ttl, ..Reply::default() })
    }

    async fn introduced(&self) -> Result<Arc<Service>, Failure> {
        let network = Network { first: &self.line, others: self.others()?, via: None };
        let (service, _) = client::service(network, &self.place).await?;
        if !reply::may_be_told(&service.uri) {
            // It is there, and does not say what it may be called: it is called by its address.
            return Ok(Arc::new(Service::named(self.place.uri())));
        }
        self.said.learn(&service, self.clock.now());
        Ok(service)
    }
}

impl Backend for Partner {
    fn family(&self) -> Family {
        Family::CNRP
    }

    fn vouched(&self) -> Vouched {
        Vouched::ByService
    }

    fn service(&self) -> Option<Arc<Service>> {
        let said = self.said.last().filter(|_| self.chain.service.is_none())?;
        reply::may_be_told(&said.uri).then(|| Arc::new(Service::named(&said.uri)))
    }

    fn places(&self) -> Vec<Url> {
        vec![self.place.url().clone()]
    }

    fn request(&self, query: &NameQuery) -> Ask {
        if is_loop(&query.via, &self.chain.pseudonym) {
            return Ask::Skip(Reason::Loop);
        }
        if self.mode == Mode::Refer {
            return Ask::Request("servicequery".to_owned());
        }
        let name = CommonName::new(query.name.folded()).unwrap_or_else(|| query.name.clone());
        let document = protocol::encode_question(&self.question(query, name));
        let kind = if self.chain.follows { "followed" } else { "chained" };
        let through = through(&query.via);
        Ask::Request(format!("{kind}{through} {}", String::from_utf8_lossy(&document)))
    }

    fn ask<'a>(&'a self, query: &'a NameQuery) -> BoxFuture<'a, Result<Reply, Failure>> {
        match self.mode {
            Mode::Chain => Box::pin(self.chained(query)),
            Mode::Refer => Box::pin(self.referred()),
        }
    }
}

/// How many results are wanted of a service where that is more than what it gives by itself: all up to the end
/// of the range, as those that lie before it are counted here (D6). `None` where its first will do.
fn depth(query: &NameQuery) -> Option<usize> {
    let Range { start, .. } = query.range;
    let end = query.range.end();
    let is_deep = query.entry.is_none() && (start > 1 || end > STEP);
    is_deep.then(|| end.div_ceil(STEP).saturating_mul(STEP).min(MOST_ROWS))
}

/// The gateways a question came through, as a part of what is asked. A partner leaves out what leads back
/// to one of them, so what it says answers no question that came another way. And two gateways that ask each
/// other for one name would wait for each other's call, if what comes from the other joined the call that is
/// under way to it. Sorted, so that the order in which a mesh was crossed makes no difference.
fn through(via: &Via) -> String {
    let hops: BTreeSet<_> = via.0.iter().map(|hop| hop.to_ascii_lowercase()).collect();
    if hops.is_empty() {
        return String::new();
    }
    format!(" through {}", hops.into_iter().collect::<Vec<_>>().join(","))
}

/// Whether a question has come through us already, or through too many.
fn is_loop(via: &Via, pseudonym: &str) -> bool {
    via.0.len() > MOST_GATEWAYS || via.0.iter().any(|hop| hop.eq_ignore_ascii_case(pseudonym))
}

/// The header that says which gateways a question has come through, ours the last.
fn via(via: &Via, pseudonym: &str) -> String {
    let hops = via.0.iter().map(String::as_str).chain([pseudonym]);
    hops.map(|hop| format!("1.1 {hop}")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
