//! The codec on the path of every request: an ordinary query in, an ordinary answer out.

// What a bench is made of is fixed, and wrong input should stop it.
#![allow(clippy::expect_used)]

use std::{sync::Arc, time::Duration};

use cnrp_gateway::{
    model::{Answer, CommonName, Confidence, Property, Question, ResultItem, Service, Target},
    protocol::{Request, decode_answer, decode_request, encode_answer, encode_question, read_properties},
};

fn main() {
    divan::main();
}

fn query() -> Vec<u8> {
    let properties = vec![
        Property::new("language", "rfc1766", "en-US"),
        Property::new("geography", "iso3166-1", "US"),
        Property::new("range", "start-length", "1-5"),
    ];
    encode_question(&Question {
        target: Target::Name(CommonName::new("Boeing").expect("a name")),
        properties,
    })
}

fn answer() -> Answer {
    let service = Arc::new(Service {
        ttl: Some(Duration::from_secs(43_200)),
        description: Some("Example names".to_owned()),
        ..Service::named("urn:example:names")
    });
    let results = (0..5).map(|place| ResultItem {
        commonname: format!("Boeing {place}"),
        id: format!("handbook.0123456789abcde{place}.Boeing"),
        uri: format!("https://www.boeing.com/{place}?a=1&b=2"),
        description: "Aircraft & rockets, and what else a page says of itself in a line or two".to_owned(),
        properties: vec![
            Property::new("language", "rfc1766", "en-US"),
            Property::new("geography", "iso3166-1", "US"),
        ],
        service: Arc::clone(&service),
        dataset: None,
        score: 1.0 / f64::from(place + 1),
        confidence: Confidence::High,
        why: None,
    });
    Answer { results: results.collect(), service: Some(service), ..Answer::default() }
}

#[divan::bench]
fn decode_an_ordinary_query(bencher: divan::Bencher<'_, '_>) {
    let document = query();
    bencher.bench_local(|| decode_request(divan::black_box(&document), None, 1024));
}

#[divan::bench]
fn decode_and_read_its_properties(bencher: divan::Bencher<'_, '_>) {
    let document = query();
    bencher.bench_local(|| match decode_request(divan::black_box(&document), None, 1024) {
        Ok(decoded) => match decoded.request {
            Request::Query(question) => read_properties(&question.properties).hints.sent.len(),
            Request::ServiceQuery => 0,
        },
        Err(_) => 0,
    });
}

#[divan::bench]
fn encode_five_results(bencher: divan::Bencher<'_, '_>) {
    let answer = answer();
    bencher.bench_local(|| encode_answer(divan::black_box(&answer), true));
}

#[divan::bench]
fn round_trip_of_five_results(bencher: divan::Bencher<'_, '_>) {
    let answer = answer();
    bencher.bench_local(|| decode_answer(&encode_answer(divan::black_box(&answer), true), None));
}
