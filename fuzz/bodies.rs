//! What each fuzz target does with its input: a body panics where a promise is broken. `tests/corpus.rs`
//! runs the same bodies over the committed corpus, so that what was found once stays found.
//!
//! `cargo fuzz run -s none TARGET` runs one (stable Rust has no sanitizers, and the crate no unsafe code
//! that would want them).

use std::{net::Ipv4Addr, sync::Arc, time::Duration};

use cnrp_gateway::{
    cache::PacketCache,
    client::{Endpoint, Error, Inquiry, MOST_ASKED, MOST_HOPS, Referrals},
    gateway::{Context, Description, Door, Gateway, OwnService, Parts, Selection, Transport},
    model::{CommonName, Failure, Metrics, Property, Question, Reason, SystemClock, Target, Via},
    protocol::{self, Request, go::GoUri},
    resolver::{Ranking, Timing},
};

/// A stranger's request: what is understood can be written, and reads as the same question.
pub fn request(data: &[u8]) {
    let Ok(decoded) = protocol::decode_request(data, None, 1024) else { return };
    if let Request::Query(question) = decoded.request {
        let _ = protocol::read_properties(&question.properties);
        let written = protocol::encode_question(&question);
        let again = protocol::decode_request(&written, None, usize::MAX).expect("our own question");
        assert!(again.statuses.is_empty(), "{:?}", again.statuses);
        assert_eq!(same(&again.request), same(&Request::Query(question)));
    }
}

/// A question without what writing may change: the spelling of known words.
fn same(request: &Request) -> String {
    match request {
        Request::ServiceQuery => "servicequery".to_owned(),
        Request::Query(Question { target, properties }) => {
            format!("{target:?} {properties:?}").to_ascii_lowercase()
        }
    }
}

/// A stranger's answer: what is understood can be written, and reads as the same results.
pub fn response(data: &[u8]) {
    let Ok(answer) = protocol::decode_answer(data, None) else { return };
    let written = protocol::encode_answer(&answer, true);
    let again = protocol::decode_answer(&written, None).expect("our own answer");
    if answer.service.is_some() {
        assert_eq!(again.results.len(), answer.results.len());
        assert_eq!(again.referrals.len(), answer.referrals.len());
        assert_eq!(again.statuses.len(), answer.statuses.len());
    }
}

/// A `go:` URI: what is understood is written as what reads the same.
pub fn go_uri(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(uri) = text.parse::<GoUri>() {
        assert_eq!(uri.to_string().parse(), Ok(uri));
    }
    let _ = Endpoint::parse(text);
}

/// A datagram, at the one door: what is answered is ours, no longer than what was asked (D23), and
/// never asks anything.
pub fn datagram(data: &[u8]) {
    let context = Context {
        transport: Transport::Udp { most: data.len() },
        client: Ipv4Addr::LOCALHOST.into(),
        charset: None,
        via: Via::default(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let reply = runtime.block_on(gateway().answer(data, &context));
    if reply.document.is_empty() {
        return;
    }
    assert!(reply.document.len() <= data.len());
    let answer = protocol::decode_answer(&reply.document, None).expect("our own answer");
    assert!(answer.service.is_some() || answer.statuses.len() == 1);
    assert!(
        protocol::decode_request(&reply.document, None, 1024).is_err(),
        "two services would talk for ever"
    );
}

fn gateway() -> Gateway {
    let own = OwnService::new(Description { uri: "urn:example:fuzzed".to_owned(), ..Description::default() });
    let timing = Timing { deadline: Duration::from_secs(1), grace: Duration::from_millis(100) };
    let selection = Selection { most: 100, strict_hints: false };
    let clock = Arc::new(SystemClock);
    let packets = PacketCache::new(0, clock.clone());
    let parts = Parts {
        own,
        sources: Vec::new(),
        timing,
        selection,
        ranking: Ranking::default(),
        name_limit: 1024,
        packets,
        clock,
    };
    Gateway::new(parts, &Metrics::default())
}

/// An inquiry among services that answer with these documents, one after the other, parted by a byte
/// of zero: it ends, within its bounds, and what it gives can be written.
pub fn inquiry(data: &[u8]) {
    let answers: Vec<_> =
        data.split(|byte| *byte == 0).map(|part| protocol::decode_answer(part, None)).collect();
    let question = Question {
        target: Target::Name(CommonName::new("Acme").expect("a name")),
        properties: ["urn:a", "urn:b"].map(|uri| Property::new("dataseturi", "uri", uri)).to_vec(),
    };
    let first = Endpoint::parse("http://first.example/").expect("an endpoint");
    let mut inquiry = Inquiry::at(first, question, Referrals::Follow);
    let mut asked = Vec::new();
    loop {
        let errands = inquiry.errands();
        if errands.is_empty() {
            break;
        }
        for errand in errands {
            assert!(errand.hop <= MOST_HOPS);
            assert!(!asked.contains(&(errand.to.clone(), errand.question.clone())), "asked twice");
            let reply = match answers.get(asked.len() % answers.len()) {
                Some(Ok(answer)) => Ok(answer.clone()),
                Some(Err(invalid)) => Err(Error::Invalid(invalid.to_string())),
                None => Err(Failure::new(Reason::Refused, "nobody").into()),
            };
            asked.push((errand.to.clone(), errand.question.clone()));
            inquiry.take(&errand, reply);
        }
    }
    assert!(asked.len() <= MOST_ASKED, "{} questions", asked.len());
    if let Ok(answer) = inquiry.finish() {
        let written = protocol::encode_answer(&answer, true);
        protocol::decode_answer(&written, None).expect("our own answer");
    }
}
