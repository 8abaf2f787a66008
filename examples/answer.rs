//! The smallest CNRP service there is: reads a request on stdin and writes its answer to stdout.
//!
//! ```text
//! echo '<cnrp><query><commonname>boeing</commonname></query></cnrp>' | cargo run --example answer
//! ```
//!
//! What is here beside the codec is a table of two names. Whatever the request holds, the answer is
//! valid against the DTD; what could not be understood is said in it.

use std::{
    io::{self, Read, Write},
    sync::Arc,
    time::Duration,
};

use cnrp_gateway::{
    model::{Answer, CommonName, Confidence, ResultItem, Service, Status, StatusCode, Target},
    protocol::{self, Request},
};

/// Names and where they lead.
const NAMES: [(&str, &str); 2] =
    [("Boeing", "https://www.boeing.com/"), ("Toys R Us", "https://www.toysrus.com/")];

/// The longest name understood, in characters.
const NAME_LIMIT: usize = 1024;

/// Answers a document with a document.
pub(crate) fn answer(document: &[u8]) -> Vec<u8> {
    let answer = match protocol::decode_request(document, None, NAME_LIMIT) {
        Ok(decoded) => reply(&decoded.request, decoded.statuses),
        Err(refusal) => Answer::fatal(refusal),
    };
    protocol::encode_answer(&answer, true)
}

/// `earned` are the statuses that reading the request earned.
fn reply(request: &Request, earned: Vec<Status>) -> Answer {
    let service = Arc::new(Service {
        ttl: Some(Duration::from_secs(3600)),
        description: Some("An example".to_owned()),
        ..Service::named("urn:example:two-names")
    });
    let mut answer = Answer { service: Some(Arc::clone(&service)), statuses: earned, ..Answer::default() };
    let Request::Query(question) = request else { return answer };
    // Hints are understood, and what could not be used of them is said; with two names there is
    // nothing to order.
    answer.statuses.extend(protocol::read_properties(&question.properties).statuses);
    let wanted = |name: &str| match &question.target {
        Target::Name(asked) => CommonName::new(name).is_some_and(|name| name.key() == asked.key()),
        Target::Id(id) => id == name,
    };
    let found = NAMES.iter().filter(|(name, _)| wanted(name));
    answer.results = found.map(|(name, uri)| result(name, uri, &service)).collect();
    if answer.results.is_empty() {
        answer.statuses.push(Status::new(StatusCode::NOTHING_MATCHED, "nothing matched"));
    }
    answer
}

fn result(name: &str, uri: &str, service: &Arc<Service>) -> ResultItem {
    ResultItem {
        commonname: name.to_owned(),
        id: name.to_owned(),
        uri: uri.to_owned(),
        description: String::new(),
        properties: Vec::new(),
        service: Arc::clone(service),
        dataset: None,
        score: 1.0,
        confidence: Confidence::High,
        why: None,
    }
}

fn main() -> io::Result<()> {
    let mut document = Vec::new();
    io::stdin().read_to_end(&mut document)?;
    io::stdout().write_all(&answer(&document))
}
