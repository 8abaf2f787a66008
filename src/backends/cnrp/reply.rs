//! What another service's answer is worth here.

use std::sync::Arc;

use url::Url;

use super::super::{Chain, endpoint::MOST_ROWS};
use crate::{
    client,
    config::has_credentials,
    model::{
        Answer, CommonName, Confidence, Failure, Hit, Likeness, NameQuery, Property, Reason, Referral, Reply,
        ResultItem, Server, Service, Status, StatusCode, is_same_uri,
    },
    protocol::vocabulary as v,
};

/// Most referrals passed on; the best come first.
const MOST_REFERRALS: usize = 32;

/// Most characters that are passed on of what a service says of its answer.
const LONGEST_REMARK: usize = 200;

/// Reads an answer to `query`.
///
/// # Errors
/// It says that it failed, and nothing else.
pub(super) fn read(answer: Answer, query: &NameQuery, chain: &Chain) -> Result<Reply, Failure> {
    if let Some(status) = answer.failure() {
        return Err(client::refusal(status));
    }
    let remarks = remarks(&answer.statuses);
    // What went round in a circle is left out each time a question comes this way.
    let degraded = !remarks.iter().all(says_loop);
    // Without a service there is nothing to find: no results at all, or a word about there being none.
    let Some(own) = &answer.service else { return Ok(Reply { degraded, remarks, ..Reply::default() }) };
    let rows = answer.results.into_iter().take(MOST_ROWS);
    let (kept, dropped): (Vec<_>, Vec<_>) = rows.partition(|item| is_absolute(&item.uri));
    if !dropped.is_empty() {
        let count = dropped.len();
        tracing::warn!(service = own.uri, count, "results without an absolute URI were dropped");
    }
    let reading = Reading { own, query, chain };
    let hits = kept.into_iter().map(|item| reading.hit(item)).collect();
    let referrals = answer.referrals.iter().take(MOST_REFERRALS).filter_map(referral).collect();
    Ok(Reply { hits, referrals, ttl: None, degraded, remarks })
}

struct Reading<'a> {
    /// The service that answered.
    own: &'a Arc<Service>,
    query: &'a NameQuery,
    chain: &'a Chain,
}

impl Reading<'_> {
    fn hit(&self, item: ResultItem) -> Hit {
        // Where referrals are followed, only the service's own results are known to be its own word.
        let is_hearsay = self.chain.follows && item.service.uri != self.own.uri;
        let said = item.properties.iter().find(|property| property.is(v::X_CONFIDENCE));
        let said = said.and_then(|property| Confidence::parse(&property.value));
        let likeness = self.likeness(&item.commonname, said);
        Hit {
            name: item.commonname,
            uri: item.uri,
            description: item.description,
            properties: item.properties.into_iter().filter(is_description).collect(),
            likeness,
            entry: Some(item.id).filter(|id| !is_hearsay && !id.trim().is_empty()),
            service: self.origin(&item.service),
            dataset: item.dataset.filter(|uri| is_absolute(uri)),
            ceiling: if is_hearsay {
                said.or(Some(Confidence::Medium)).min(Some(Confidence::Medium))
            } else {
                said
            },
        }
    }

    /// What the service claims: this resource for this name, or for an alias of which it is sure.
    fn likeness(&self, commonname: &str, said: Option<Confidence>) -> Likeness {
        let is_same = CommonName::new(commonname).is_some_and(|name| name.key() == self.query.name.key());
        match said {
            _ if is_same || self.query.entry.is_some() => Likeness::Same,
            Some(Confidence::High) => Likeness::Form,
            _ => Likeness::Mention,
        }
    }

    fn origin(&self, service: &Arc<Service>) -> Option<Arc<Service>> {
        let configured = self.chain.service.as_ref().filter(|_| is_same_uri(&service.uri, &self.own.uri));
        let uri = configured.unwrap_or(&service.uri);
        is_absolute(uri).then(|| Arc::new(Service::named(uri)))
    }
}

fn is_description(property: &Property) -> bool {
    !property.is(v::X_CONFIDENCE)
}

/// A referral as it is passed on (R16): who, where, and for which dataset. An address with somebody's
/// password or key in it is not for our client: it was given to us.
fn referral(referral: &Referral) -> Option<Referral> {
    let Service { uri, servers, .. } = &*referral.service;
    let servers = servers.iter().filter(|server| is_absolute(&server.uri) && !has_credentials(&server.uri));
    let servers =
        servers.map(|server| Server { uri: server.uri.clone(), properties: server.properties.clone() });
    let service = Service { servers: servers.collect(), ..Service::named(uri) };
    let dataset = referral.dataset.clone().filter(|uri| is_absolute(uri) && !has_credentials(uri));
    (is_absolute(uri) && !has_credentials(uri)).then(|| Referral { service: Arc::new(service), dataset })
}

fn is_absolute(uri: &str) -> bool {
    Url::parse(uri.trim()).is_ok()
}

/// What says that the answer is not what it would be at another time: why something is missing in it, where
/// all of that went round in a circle as that (D37), and how old it is, in the service's own words.
fn remarks(statuses: &[Status]) -> Vec<Status> {
    let missing = statuses.iter().filter(|status| status.code.is_incomplete()).map(client::missing);
    let first = missing.reduce(|one, other| if one == Reason::Loop { other } else { one });
    let missing = first.map(|reason| Status::new(StatusCode::REFERRAL_SERVER_UNAVAILABLE, reason.word()));
    let old = statuses.iter().find(|status| status.code == StatusCode::SERVICE_INFORMATION);
    let old = old.map(|status| Status::new(status.code, format!("{:.*}", LONGEST_REMARK, status.message)));
    missing.into_iter().chain(old).collect()
}

fn says_loop(remark: &Status) -> bool {
    remark.code.is_incomplete() && client::missing(remark) == Reason::Loop
}
