//! An answer as JSON: the shape that `GET /resolve` and `--format json` promise. Members come in
//! a fixed order, so that equal answers are equal bytes.

use serde_json::{Value, json};

use crate::model::{Answer, Dataset, Property, Question, Referral, ResultItem, Service, Status, Target};

/// The whole answer, with the question that it answers.
pub fn answer(question: &Question, answer: &Answer) -> Value {
    json!({
        "query": query(question),
        "results": answer.results.iter().map(result).collect::<Vec<_>>(),
        "referrals": answer.referrals.iter().map(referral).collect::<Vec<_>>(),
        "status": statuses(&answer.statuses),
    })
}

/// Status messages by themselves: the member `cnrp` of problem details (RFC 9457).
pub fn statuses(statuses: &[Status]) -> Value {
    statuses
        .iter()
        .map(|status| {
            json!({
                "code": status.code.to_string(),
                "message": status.message,
                "service": status.about.as_ref().map(|service| service.uri.as_str()),
            })
        })
        .collect()
}

/// A service object: what a service offers, without the schema of its properties.
pub fn service(service: &Service) -> Value {
    let dataset =
        |dataset: &Dataset| json!({ "uri": dataset.uri, "properties": properties(&dataset.properties) });
    json!({
        "uri": service.uri,
        "description": service.description,
        "ttl_seconds": service.ttl.map(|ttl| ttl.as_secs()),
        "datasets": service.datasets.iter().map(dataset).collect::<Vec<_>>(),
        "servers": service.servers.iter().map(|server| server.uri.as_str()).collect::<Vec<_>>(),
        "properties": properties(&service.properties),
    })
}

fn query(question: &Question) -> Value {
    let (kind, asked) = match &question.target {
        Target::Name(name) => ("commonname", name.shown()),
        Target::Id(id) => ("id", id.as_str()),
    };
    json!({ kind: asked, "properties": properties(&question.properties) })
}

fn result(item: &ResultItem) -> Value {
    json!({
        "commonname": item.commonname,
        "id": item.id,
        "uri": item.uri,
        "description": item.description,
        "service": item.service.uri,
        "dataset": item.dataset,
        "properties": properties(&item.properties),
        "score": item.score,
        "confidence": item.confidence.word(),
    })
}

fn referral(referral: &Referral) -> Value {
    json!({ "service": referral.service.uri, "dataset": referral.dataset })
}

fn properties(properties: &[Property]) -> Value {
    properties
        .iter()
        .map(|property| json!({ "name": property.name, "type": property.kind, "value": property.value }))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::{CommonName, Confidence, StatusCode};

    #[test]
    fn an_answer_has_the_promised_members_in_their_order() {
        let question = Question {
            target: Target::Name(CommonName::new("BMW").unwrap()),
            properties: vec![Property::new("language", "rfc1766", "fr-FR")],
        };
        let service = Arc::new(Service::named("urn:test:gateway"));
        let told = Answer {
            service: Some(Arc::clone(&service)),
            results: vec![ResultItem {
                commonname: "BMW".into(),
                id: "n.1.BMW".into(),
                uri: "https://www.bmw.fr/".into(),
                description: "\"BMW\"".into(),
                properties: vec![Property::new("geography", "iso3166-1", "FR")],
                service: Arc::clone(&service),
                dataset: None,
                score: 0.5,
                confidence: Confidence::High,
                why: None,
            }],
            referrals: vec![Referral { service: Arc::clone(&service), dataset: Some("urn:d".into()) }],
            statuses: vec![
                Status::new(StatusCode::PROPERTIES_IGNORED, "ignored"),
                Status::about(StatusCode::INCOMPLETE, "timed-out", service),
            ],
        };
        let expected = concat!(
            r#"{"query":{"commonname":"BMW","properties":[{"name":"language","type":"rfc1766","value":"fr-FR"}]},"#,
            r#""results":[{"commonname":"BMW","id":"n.1.BMW","uri":"https://www.bmw.fr/","description":"\"BMW\"","#,
            r#""service":"urn:test:gateway","dataset":null,"#,
            r#""properties":[{"name":"geography","type":"iso3166-1","value":"FR"}],"score":0.5,"confidence":"high"}],"#,
            r#""referrals":[{"service":"urn:test:gateway","dataset":"urn:d"}],"#,
            r#""status":[{"code":"3.1.1","message":"ignored","service":null},"#,
            r#"{"code":"3.2.0","message":"timed-out","service":"urn:test:gateway"}]}"#,
        );
        assert_eq!(answer(&question, &told).to_string(), expected);
    }

    #[test]
    fn an_id_is_echoed_as_an_id() {
        let question = Question { target: Target::Id("n.1.x".into()), properties: Vec::new() };
        let told = answer(&question, &Answer::default());
        assert_eq!(
            told.to_string(),
            r#"{"query":{"id":"n.1.x","properties":[]},"results":[],"referrals":[],"status":[]}"#
        );
    }
}
