//! Whole texts, as they are to look.

use std::sync::Arc;

use super::{Page, remarks, results};
use crate::model::{Answer, Confidence, Property, Referral, ResultItem, Service, Status, StatusCode};

const PLAIN: Page = Page { width: Some(60), colour: false };

fn item(name: &str, uri: &str, service: &Arc<Service>, confidence: Confidence) -> ResultItem {
    ResultItem {
        commonname: name.into(),
        id: "id".into(),
        uri: uri.into(),
        description: String::new(),
        properties: vec![Property::new("x-confidence", "x-level", confidence.word())],
        service: Arc::clone(service),
        dataset: None,
        score: 1.0,
        confidence,
        why: None,
    }
}

fn answer() -> Answer {
    let own = Arc::new(Service::named("urn:example:names"));
    let searx = Arc::new(Service::named("urn:example:names:searx"));
    let mut boeing = item("Boeing", "https://www.boeing.com/", &own, Confidence::High);
    boeing.description = "Aircraft & rockets".into();
    boeing.dataset = Some("urn:example:handbook".into());
    boeing.properties.extend([
        Property::new("language", "rfc1766", "en-US"),
        Property::new("geography", "iso3166-1", "US"),
        Property::new("Language", "rfc1766", "en-GB"),
    ]);
    let mut article =
        item("Boeing - Wikipedia", "https://en.wikipedia.org/wiki/Boeing", &searx, Confidence::Low);
    article.description = "The Boeing Company is an American multinational corporation that designs, \
        manufactures, and sells airplanes, rotorcraft, rockets, satellites, and missiles worldwide, and \
        more than that, in a sentence that does not end where it should."
        .into();
    Answer {
        service: Some(own),
        results: vec![boeing, article],
        referrals: vec![Referral {
            service: Arc::new(Service::named("https://partner.example/")),
            dataset: Some("urn:partner:all".into()),
        }],
        statuses: vec![
            Status::about(StatusCode::INCOMPLETE, "timed-out", Arc::new(Service::named("urn:example:slow"))),
            Status::new(StatusCode::PROPERTIES_IGNORED, ""),
        ],
    }
}

#[test]
fn results_are_numbered_and_explained() {
    assert_eq!(
        results(&answer(), PLAIN),
        "\
1. Boeing (high confidence)
   https://www.boeing.com/
   Aircraft & rockets
   language en-US or en-GB, geography US
   from dataset urn:example:handbook

2. Boeing - Wikipedia (low confidence)
   https://en.wikipedia.org/wiki/Boeing
   The Boeing Company is an American multinational
   corporation that designs, manufactures, and sells
   airplanes, rotorcraft, rockets, satellites, and missiles…
   from urn:example:names:searx

More may be known to:
   https://partner.example/ (dataset urn:partner:all)
"
    );
}

#[test]
fn remarks_are_in_words() {
    assert_eq!(
        remarks(&answer(), PLAIN),
        "incomplete: timed-out [3.2.0, about urn:example:slow]\nproperties ignored [3.1.1]\n"
    );
    let nothing = Answer {
        statuses: vec![Status::new(StatusCode::NOTHING_MATCHED, "no resource matches")],
        ..Answer::default()
    };
    assert_eq!(remarks(&nothing, PLAIN), "nothing found: no resource matches [2.1.0]\n");
    assert_eq!(results(&nothing, PLAIN), "");
}

#[test]
fn colours_mark_what_matters() {
    let mut short = answer();
    short.results.truncate(1);
    short.referrals.clear();
    short.statuses.truncate(1);
    let page = Page { colour: true, ..PLAIN };
    assert_eq!(
        results(&short, page),
        "1. \x1b[1mBoeing\x1b[0m \x1b[32m(high confidence)\x1b[0m\n   \
         \x1b[36mhttps://www.boeing.com/\x1b[0m\n   Aircraft & rockets\n   \
         \x1b[2mlanguage en-US or en-GB, geography US\x1b[0m\n   \
         \x1b[2mfrom dataset urn:example:handbook\x1b[0m\n"
    );
    assert_eq!(
        remarks(&short, page),
        "\x1b[1;33mincomplete\x1b[0m: timed-out \x1b[2m[3.2.0, about urn:example:slow]\x1b[0m\n"
    );
}

#[test]
fn numbers_line_up() {
    let own = Arc::new(Service::named("urn:x"));
    let results: Vec<_> =
        (0..10).map(|_| item("Acme", "https://acme.example/", &own, Confidence::Medium)).collect();
    let text = super::results(&Answer { service: Some(own), results, ..Answer::default() }, PLAIN);
    assert!(
        text.starts_with(" 1. Acme (medium confidence)\n    https://acme.example/\n\n 2. Acme"),
        "{text}"
    );
    assert!(text.contains("\n10. Acme"), "{text}");
}

#[test]
fn no_stranger_steers_the_terminal() {
    let own = Arc::new(Service::named("urn:x\u{1b}[31m"));
    let mut hostile = item("A\u{1b}[2J", "https://a.example/\u{7}", &own, Confidence::Low);
    hostile.description = "d\r\n\u{9b}K".into();
    hostile.properties.push(Property::new("n\u{1b}", "t", "v\u{0}"));
    hostile.dataset = Some("urn:d\u{8}".into());
    let answer = Answer {
        service: None,
        results: vec![hostile],
        referrals: vec![Referral { service: Arc::clone(&own), dataset: Some("urn:\u{1b}c".into()) }],
        statuses: vec![Status::about(StatusCode::INCOMPLETE, "m\u{1b}]0;x\u{7}", own)],
    };
    let text = results(&answer, PLAIN) + &remarks(&answer, PLAIN);
    assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text:?}");
}
