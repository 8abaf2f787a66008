//! An answer as its reader has it: what XML 1.0 can't carry is gone, texts are trimmed, names of
//! properties are spelled and marked as they are sent, and what stands in for nothing is there.

use std::{collections::HashSet, sync::Arc};

use crate::{
    model::{Answer, Dataset, Property, Referral, ResultItem, Schema, Server, Service, Status},
    protocol::vocabulary as v,
};

/// A text as it is read back.
pub(super) fn clean(text: &str) -> String {
    let kept = |c: &char| !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    text.chars().filter(kept).collect::<String>().trim().to_owned()
}

/// Properties as they are read back.
pub(super) fn clean_all(properties: &[Property]) -> Vec<Property> {
    let cleaned = properties.iter().map(|Property { name, kind, value }| {
        Property::new(clean(&v::sent(name)), clean(&v::sent_type(name, kind)), clean(value))
    });
    cleaned.collect()
}

/// The whole answer as it is read back, for services that each have a serviceuri of its own.
pub(super) fn expected(answer: &Answer) -> Answer {
    if answer.service.is_none() {
        let statuses = answer.statuses.iter().take(1).map(|told| status(told, answer));
        return Answer { statuses: statuses.collect(), ..Answer::default() };
    }
    Answer {
        service: answer.service.as_ref().map(|own| service(own, answer)),
        results: answer.results.iter().map(|told| result(told, answer)).collect(),
        referrals: answer.referrals.iter().map(|told| referral(told, answer)).collect(),
        statuses: answer.statuses.iter().map(|told| status(told, answer)).collect(),
    }
}

/// A service, with the datasets that the answer names of it and it does not declare.
fn service(told: &Service, answer: &Answer) -> Arc<Service> {
    let mut datasets: Vec<Dataset> = told.datasets.iter().map(dataset).collect();
    let results = answer.results.iter().map(|result| (&result.service, &result.dataset));
    let referrals = answer.referrals.iter().map(|referral| (&referral.service, &referral.dataset));
    for (of, uri) in results.chain(referrals).filter_map(|(of, uri)| Some((of, clean(uri.as_deref()?)))) {
        if of.uri == told.uri && !datasets.iter().any(|known| known.uri.as_ref() == Some(&uri)) {
            datasets.push(Dataset { uri: Some(uri), properties: Vec::new() });
        }
    }
    Arc::new(Service {
        uri: clean(&told.uri),
        ttl: told.ttl,
        datasets,
        servers: told.servers.iter().map(server).collect(),
        description: told.description.as_deref().map(clean).filter(|text| !text.is_empty()),
        properties: clean_all(&told.properties),
        schema: told.schema.as_ref().map(schema),
    })
}

fn dataset(told: &Dataset) -> Dataset {
    Dataset { uri: told.uri.as_deref().map(clean), properties: clean_all(&told.properties) }
}

fn server(told: &Server) -> Server {
    Server { uri: clean(&told.uri), properties: clean_all(&told.properties) }
}

fn schema(told: &Schema) -> Schema {
    let mut schema = told.clone();
    for declaration in &mut schema.declarations {
        let name = declaration.name.clone();
        declaration.types.iter_mut().for_each(|kind| *kind = clean(&v::sent_type(&name, kind)));
        declaration.name = clean(&v::sent(&name));
    }
    schema
}

fn result(told: &ResultItem, answer: &Answer) -> ResultItem {
    let mut properties = clean_all(&told.properties);
    properties.retain(|property| !property.is(v::X_CONFIDENCE));
    properties.push(Property::new(v::X_CONFIDENCE, v::X_LEVEL, told.confidence.word()));
    // What is nothing to see is nothing to ask for (D4).
    let is_seen = |text: &&str| {
        text.chars().any(|c| !c.is_whitespace() && !c.is_control() && !"\u{fffe}\u{ffff}".contains(c))
    };
    let id = [told.id.as_str(), &told.uri].into_iter().find(is_seen).unwrap_or("none");
    ResultItem {
        commonname: clean(&told.commonname),
        id: clean(id),
        uri: clean(&told.uri),
        description: clean(&told.description),
        properties,
        service: service(&told.service, answer),
        dataset: told.dataset.as_deref().map(clean),
        score: told.score,
        confidence: told.confidence,
        why: None,
    }
}

fn referral(told: &Referral, answer: &Answer) -> Referral {
    let dataset = told.dataset.as_deref().map(clean);
    Referral { service: service(&told.service, answer), dataset }
}

fn status(told: &Status, answer: &Answer) -> Status {
    let about = told.about.as_ref().map(|about| service(about, answer));
    Status { code: told.code, message: clean(&told.message), about }
}

/// Fails unless ids are there, and every letter that XML can carry came through: a check of
/// [`expected`] itself.
pub(super) fn nothing_lost(answer: &Answer, read: &Answer) {
    assert!(read.results.iter().all(|result| !result.id.is_empty()), "D4");
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    for (told, read) in answer.results.iter().zip(&read.results) {
        assert_eq!(letters(&told.commonname), letters(&read.commonname));
        assert_eq!(letters(&told.description), letters(&read.description));
    }
    let uris: HashSet<_> = read.results.iter().map(|result| &result.service.uri).collect();
    assert_eq!(uris.len(), answer.results.iter().map(|r| &r.service.uri).collect::<HashSet<_>>().len());
}
