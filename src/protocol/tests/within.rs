//! Answers in so many bytes and no more: whatever is cut is valid, honest, and a beginning of the
//! whole (D23).

use std::sync::Arc;

use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};

use super::{answers::answer, xmllint::assert_valid};
use crate::{
    model::{Answer, Confidence, ResultItem, Server, Service, Status, StatusCode},
    protocol::{decode_answer, encode_answer, encode_within},
};

/// What every datagram could hold.
const DATAGRAM: usize = 1232;

fn servers() -> Vec<Server> {
    let uris = ["mailto:names@example.com", "http://names.example.com/", "https://names.example.com/"];
    uris.map(|uri| Server { uri: uri.to_owned(), ..Server::default() }).to_vec()
}

fn of_results(count: usize) -> Answer {
    let own = Arc::new(Service {
        description: Some("Names of Example, Inc.".to_owned()),
        ..Service::named("urn:example:names")
    });
    let result = |nth| ResultItem {
        commonname: format!("Acme {nth}"),
        id: format!("names.{nth}"),
        uri: format!("https://acme{nth}.example/"),
        description: String::new(),
        properties: Vec::new(),
        service: Arc::clone(&own),
        dataset: None,
        score: 1.0,
        confidence: Confidence::High,
        why: None,
    };
    Answer { results: (0..count).map(result).collect(), service: Some(own), ..Answer::default() }
}

fn read(document: &[u8]) -> Answer {
    decode_answer(document, None).expect("what is cut is read")
}

fn codes(answer: &Answer) -> Vec<String> {
    answer.statuses.iter().map(|status| status.code.to_string()).collect()
}

#[test]
fn d23_what_fits_is_left_as_it_is() {
    let answer = of_results(1);
    let whole = encode_answer(&answer, true);
    assert_eq!(encode_within(&answer, &servers(), whole.len()), Some(whole.clone()));
    assert_ne!(encode_within(&answer, &servers(), whole.len() - 1), Some(whole));
}

#[test]
fn d23_the_lowest_ranked_results_go_and_the_answer_says_where_they_are() {
    let cut = read(&encode_within(&of_results(40), &servers(), DATAGRAM).unwrap());
    assert!((2..8).contains(&cut.results.len()), "{}", cut.results.len());
    for (nth, result) in cut.results.iter().enumerate() {
        assert_eq!(result.commonname, format!("Acme {nth}"));
    }
    assert_eq!(codes(&cut), ["3.2.0"]);
    let own = cut.service.unwrap();
    assert_eq!((own.uri.as_str(), own.servers.len()), ("urn:example:names", 1));
    assert_eq!(own.servers[0].uri, "http://names.example.com/");
    assert_eq!(own.description.as_deref(), Some("Names of Example, Inc."));
}

#[test]
fn d23_results_come_before_what_surrounds_them() {
    let mut answer = of_results(5);
    let wordy = "word ".repeat(180);
    answer.statuses = vec![Status::new(StatusCode::PROPERTIES_IGNORED, wordy.as_str()); 3];
    let cut = read(&encode_within(&answer, &servers(), DATAGRAM).unwrap());
    assert_eq!(codes(&cut), ["3.1.1", "3.2.0"]);
    assert!(!cut.results.is_empty());

    let own = Service { description: Some(wordy), ..Service::named("urn:example:names") };
    answer.service = Some(Arc::new(own));
    let cut = read(&encode_within(&answer, &servers(), DATAGRAM).unwrap());
    assert!(!cut.results.is_empty());
    assert_eq!(cut.service.unwrap().description, None);
}

#[test]
fn d23_where_our_service_does_not_fit_there_is_a_lone_status_or_nothing() {
    let answer = of_results(5);
    let lone = encode_within(&answer, &servers(), 200).unwrap();
    assert!(!String::from_utf8_lossy(&lone).contains("DOCTYPE"));
    let lone = read(&lone);
    assert_eq!(
        (lone.service, codes(&Answer::fatal(lone.statuses[0].clone()))),
        (None, vec!["3.2.0".to_owned()])
    );
    let shortest = encode_within(&answer, &servers(), 120).unwrap();
    assert_eq!(read(&shortest).statuses[0].message, "");
    assert_eq!(encode_within(&answer, &servers(), 60), None);
}

#[test]
fn d23_a_fatal_answer_keeps_its_code() {
    let fatal = Answer::fatal(Status::new(StatusCode::TOO_COMPLEX, "x".repeat(300)));
    assert_eq!(read(&encode_within(&fatal, &servers(), 420).unwrap()).statuses, fatal.statuses);
    let bare = read(&encode_within(&fatal, &servers(), 200).unwrap());
    assert_eq!((bare.statuses[0].code, bare.statuses[0].message.as_str()), (StatusCode::TOO_COMPLEX, ""));
}

/// What remains of an answer that was cut.
fn assert_is_a_beginning(cut: &Answer, answer: &Answer) {
    let whole = read(&encode_answer(answer, true));
    assert!(cut.results.len() <= whole.results.len());
    for (kept, result) in cut.results.iter().zip(&whole.results) {
        assert_eq!((&kept.commonname, &kept.id, &kept.uri), (&result.commonname, &result.id, &result.uri));
        assert_eq!(kept.service.uri, result.service.uri);
        assert_eq!(kept.dataset, result.dataset);
    }
    if let Some(own) = &cut.service {
        assert_eq!(Some(&own.uri), whole.service.as_ref().map(|own| &own.uri));
    }
    match &answer.service {
        Some(_) => assert!(cut.statuses.iter().any(|status| status.code == StatusCode::INCOMPLETE)),
        None => assert_eq!(cut.statuses[0].code, whole.statuses[0].code),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn d23_no_answer_is_longer_than_it_may_be(answer in answer(), most in 0..=DATAGRAM) {
        let Some(document) = encode_within(&answer, &servers(), most) else { return Ok(()) };
        prop_assert!(document.len() <= most);
        if document != encode_answer(&answer, true) {
            assert_is_a_beginning(&read(&document), &answer);
        }
    }
}

#[test]
fn d23_whatever_is_cut_is_valid() {
    let mut runner = TestRunner::deterministic();
    let cut = (0..400).filter_map(|nth| {
        let answer = answer().new_tree(&mut runner).unwrap().current();
        encode_within(&answer, &servers(), 100 + nth * 3)
    });
    assert_valid(&cut.collect::<Vec<_>>());
}
