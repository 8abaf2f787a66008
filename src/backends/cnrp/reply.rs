//! What another service's answer is worth here.

use std::sync::Arc;

use url::Url;

use super::super::{Chain, endpoint::MOST_ROWS};
use crate::{
    client,
    config::has_credentials,
    model::{
        Answer, CommonName, Confidence, Failure, Hit, Likeness, NameQuery, Property, Reason, Referral, Reply,
        ResourceUrl, ResultItem, Server, Service, Status, StatusCode, Vouched, is_same_uri, is_uri,
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
    let Answer { service, results, referrals, mut statuses } = answer;
    // What is dropped here is dropped each time.
    let degraded = statuses.iter().any(is_of_the_moment);
    let is_full = results.len() >= MOST_ROWS;
    let (kept, dropped): (Vec<_>, Vec<_>) =
        results.into_iter().take(MOST_ROWS).partition(|item| is_resource(&item.uri));
    let told: Vec<_> = referrals.iter().take(MOST_REFERRALS).filter_map(referral).collect();
    let lost = dropped.len() + referrals.len().min(MOST_REFERRALS) - told.len();
    if lost > 0 {
        let service = service.as_ref().map_or("", |own| own.uri.as_str());
        tracing::warn!(service, lost, "results and referrals that lead to no absolute URI were dropped");
        statuses.push(missing(Reason::Malformed));
    }
    if is_full && query.range.end() > MOST_ROWS {
        statuses.push(missing(Reason::TooLarge));
    }
    let mut remarks = remarks(&statuses);
    // Without a service there is nothing to find: no results at all, or a word about there being none.
    let Some(own) = &service else { return Ok(Reply { degraded, remarks, ..Reply::default() }) };
    remarks.extend(denial(&statuses, own, chain));
    let reading = Reading { own, query, chain };
    let hits = kept.into_iter().map(|item| reading.hit(item)).collect();
    Ok(Reply { hits, referrals: told, ttl: None, degraded, remarks })
}

/// What is said where something is missing, for a reason of ours.
fn missing(reason: Reason) -> Status {
    Status::new(StatusCode::REFERRAL_SERVER_UNAVAILABLE, reason.word())
}

/// What a service says of the dataset that it was asked for, where it has none such: its default dataset has
/// answered (RFC 3367 section 4.2.5.1).
fn denial(statuses: &[Status], own: &Service, chain: &Chain) -> Option<Status> {
    let dataset = chain.dataset.as_ref()?;
    let is_own =
        |status: &&Status| status.about.as_ref().is_none_or(|about| is_same_uri(&about.uri, &own.uri));
    let denied = statuses.iter().filter(is_own).find(|status| status.code.denies_dataset())?;
    let message = format!("dataseturi {dataset}: not served there; the default dataset was asked");
    Some(Status::new(denied.code, message))
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

/// A referral as it is passed on (R16): who, where, and for which dataset.
fn referral(referral: &Referral) -> Option<Referral> {
    let Service { uri, servers: named, .. } = &*referral.service;
    let service = Service { servers: servers(named), ..Service::named(uri) };
    let dataset = referral.dataset.clone().filter(|uri| may_be_told(uri));
    may_be_told(uri).then(|| Referral { service: Arc::new(service), dataset })
}

/// Of the places where a service says that it is reached, those that are passed on.
pub(super) fn servers(named: &[Server]) -> Vec<Server> {
    let is_told = |server: &&Server| {
        let mut datasets = server.properties.iter().filter(|property| property.is(v::DATASETURI));
        may_be_told(&server.uri) && datasets.all(|property| may_be_told(&property.value))
    };
    let told = named.iter().filter(is_told);
    told.map(|server| Server { uri: server.uri.clone(), properties: server.properties.clone() }).collect()
}

/// Whether a URI of a stranger's is passed on: an absolute one (R1), without anybody's password or key in
/// it, which was given to us and not to our client.
pub(super) fn may_be_told(uri: &str) -> bool {
    is_absolute(uri) && !has_credentials(uri)
}

fn is_absolute(uri: &str) -> bool {
    is_uri(uri.trim()) && Url::parse(uri.trim()).is_ok()
}

/// Whether a resource can be answered with.
fn is_resource(uri: &str) -> bool {
    ResourceUrl::parse(uri, Vouched::ByService).is_some()
}

/// What the client should know of the answer: why something is missing in it, where all of that went round in
/// a circle as that (D37), and how old it is, in the service's own words.
fn remarks(statuses: &[Status]) -> Vec<Status> {
    let lacks = statuses.iter().filter(|status| status.code.is_incomplete());
    let first = lacks.min_by_key(|status| constancy(status)).map(client::missing);
    let old = statuses.iter().find(|status| status.code == StatusCode::SERVICE_INFORMATION);
    let old = old.map(|status| Status::new(status.code, format!("{:.*}", LONGEST_REMARK, status.message)));
    first.map(missing).into_iter().chain(old).collect()
}

/// How surely what a status says is missing will be missing in the next answer. What can run code is dropped
/// from each (D28), and a circle is left out each time a question comes this way.
fn constancy(status: &Status) -> u8 {
    match (status.code, client::missing(status)) {
        (_, Reason::Loop) => 2,
        (StatusCode::INCOMPLETE, Reason::Unsafe) => 1,
        _ => 0,
    }
}

/// Whether a status says that the answer is not what it would be at another time.
fn is_of_the_moment(status: &Status) -> bool {
    status.code == StatusCode::SERVICE_INFORMATION || status.code.is_incomplete() && constancy(status) == 0
}
