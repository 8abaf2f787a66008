use std::time::Duration;

use super::*;
use crate::model::{Property, PropertyReference};

fn answer(inner: &str) -> Result<Answer, String> {
    let document = format!("<cnrp><results>{inner}</results></cnrp>");
    decode_answer(document.as_bytes(), None).map_err(|invalid| invalid.reason)
}

const SERVICE: &str = "<service id='i0'><serviceuri>urn:a</serviceuri><dataset id='d0'><property name='dataseturi'>urn:d</property></dataset></service>";
const RESOURCE: &str = "<commonname>x</commonname><id>1</id><resourceuri>https://x.example/</resourceuri>";

fn resource(rest: &str) -> String {
    format!("{SERVICE}<resourcedescriptor>{RESOURCE}{rest}</resourcedescriptor>")
}

#[test]
fn r16_the_rfc_s_answer_is_read() {
    let read = decode_answer(include_bytes!("../../../fixtures/rfc3367/answer.xml"), None).unwrap();
    assert_eq!(read.service.as_ref().unwrap().uri, "http://acmecorp.com");
    let results: Vec<_> =
        read.results.iter().map(|result| (result.uri.as_str(), result.service.uri.as_str())).collect();
    let expected = [
        ("http://www.fidonet.ca", "http://acmecorp.com"),
        ("http://host:port/bla", "http://serverfarm.acmecorp.com"),
    ];
    assert_eq!(results, expected);
    assert!(read.results[0].score > read.results[1].score);
    assert_eq!(read.referrals[0].service.uri, "http://servers.acmecorp.co.uk");
    let status = Status::new(StatusCode::PROPERTIES_IGNORED, "The language property 'fr-CA' was ignored");
    assert_eq!(read.statuses, [status]);
}

#[test]
fn r12_datasets_of_the_rfc_s_answer_are_read() {
    let read = decode_answer(include_bytes!("../../../fixtures/rfc3367/datasets-answer.xml"), None).unwrap();
    assert_eq!(read.results[0].dataset.as_deref(), Some("urn:oid:1.2.3.4.666.5.4.3.1"));
    assert_eq!(read.results[1].dataset, None);
    assert_eq!(read.referrals[0].dataset.as_deref(), Some("urn:oid:1.2.3.4.666.10.9.8.7.6"));
    assert_eq!(read.service.unwrap().datasets.len(), 2);
}

#[test]
fn r18_the_rfc_s_service_is_read_in_full() {
    let read =
        decode_answer(include_bytes!("../../../fixtures/rfc3367/servicequery-answer.xml"), None).unwrap();
    let service = read.service.unwrap();
    assert_eq!((service.uri.as_str(), service.ttl), ("urn:foo:bar", Some(Duration::from_secs(43_200))));
    assert_eq!(service.servers[1].uri, "smtp://host2.acmecorp.com:4321/foo?");
    assert_eq!(service.description.as_deref(), Some("This is the Acme CNRP Service"));
    assert_eq!(
        service.properties[1],
        Property::new("BannerAdServer", "uri", "http://adserver.acmecorp.com/")
    );
    let schema = service.schema.as_ref().unwrap();
    assert_eq!(schema.declarations[0].types, ["freeform", "domainname"]);
    assert_eq!((schema.declarations[0].default, schema.declarations[1].default), (Some(0), Some(0)));
    assert_eq!(schema.query, [PropertyReference { declaration: 0, required: true }]);
    assert_eq!(schema.service, [PropertyReference { declaration: 1, required: true }]);
}

#[test]
fn d2_a_lone_status_is_a_fatal_answer() {
    let read = answer("<status code='4.2.3'>no</status>").unwrap();
    assert_eq!(read, Answer::fatal(Status::new(StatusCode::FAILED, "no")));
    assert_eq!(answer(""), Ok(Answer::default()), "the DTD allows an answer of nothing");
}

#[test]
fn d20_confidence_is_never_made_up() {
    let confidence = |properties: &str| {
        answer(&resource(&format!("<serviceref ref='i0'/>{properties}"))).unwrap().results.remove(0)
    };
    let said = confidence("<property name='X-Confidence' type='x-level'> HIGH </property>");
    assert_eq!((said.confidence, said.properties.len()), (Confidence::High, 1));
    assert_eq!(confidence("").confidence, Confidence::Low);
    assert_eq!(confidence("<property name='x-confidence'>sure</property>").confidence, Confidence::Low);
}

#[test]
fn d21_without_a_reference_it_is_the_first_service() {
    for reference in ["", "<serviceref/>"] {
        let read = answer(&resource(&format!("{reference}<datasetref ref='d0'/>"))).unwrap();
        let result = &read.results[0];
        assert_eq!((result.service.uri.as_str(), result.dataset.as_deref()), ("urn:a", Some("urn:d")));
    }
}

#[test]
fn d22_codes_of_every_class_are_read_and_others_are_information() {
    for (text, code) in [
        ("1.2.0", StatusCode::new(1, 2, 0)),
        ("5.100.999", StatusCode::new(5, 100, 999)),
        (" 3.1.1 ", StatusCode::new(3, 1, 1)),
        ("x", StatusCode::new(1, 0, 0)),
        ("4.1", StatusCode::new(1, 0, 0)),
        ("9.1.1", StatusCode::new(1, 0, 0)),
        ("3.1.1.1", StatusCode::new(1, 0, 0)),
    ] {
        assert_eq!(answer(&format!("<status code='{text}'/>")).unwrap().statuses[0].code, code, "{text}");
    }
}

#[test]
fn what_is_no_code_stands_before_the_words_that_it_came_with() {
    let message = |code: &str| {
        answer(&format!("<status code='{code}'>wat</status>")).unwrap().statuses.remove(0).message
    };
    assert_eq!(
        (message("6.0.0"), message("abc"), message("3.1.1")),
        ("6.0.0 wat".into(), "abc wat".into(), "wat".into())
    );
}

#[test]
fn a_status_is_about_the_service_it_refers_to() {
    for (id, uri) in [("i0", Some("urn:a")), ("d0", Some("urn:a")), ("r0", None)] {
        let read = answer(&format!("{SERVICE}<referral id='r0'/><status code='3.2.0' ref='{id}'/>")).unwrap();
        assert_eq!(read.statuses[0].about.as_ref().map(|service| service.uri.as_str()), uri);
    }
}

#[test]
fn what_an_answer_cannot_be_without_is_asked_for() {
    for (inner, reason) in [
        (
            format!("<resourcedescriptor>{RESOURCE}</resourcedescriptor>"),
            "there is no service that this could be from",
        ),
        (
            format!("{SERVICE}<resourcedescriptor><commonname/><id/></resourcedescriptor>"),
            "<resourceuri> is missing within <resourcedescriptor>",
        ),
        (resource("<serviceref ref='i9'/>"), "no service has the id i9"),
        (resource("<serviceref ref='d0'/>"), "no service has the id d0"),
        (resource("<datasetref ref='i0'/>"), "no dataset has the id i0"),
        ("<service/>".to_owned(), "a <service> without <serviceuri>"),
        ("<status>no</status>".to_owned(), "a <status> without a code"),
        ("<status code='3.2.0' ref='i7'/>".to_owned(), "nothing has the id i7"),
        (format!("{SERVICE}{SERVICE}"), "the id i0 stands twice"),
        (
            "<service><serviceuri/><servers><server/></servers></service>".to_owned(),
            "a <server> without <serveruri>",
        ),
    ] {
        assert_eq!(answer(&inner), Err(reason.to_owned()), "{inner}");
    }
    for document in [
        "<html/>",
        "<cnrp><servicequery/></cnrp>",
        "<cnrp/>",
        "<cnrp><results/><results/></cnrp>",
        "<results/>",
        "{}",
    ] {
        assert!(decode_answer(document.as_bytes(), None).is_err(), "{document}");
    }
}

#[test]
fn an_answer_in_a_legacy_encoding_is_read() {
    let document = b"<?xml version='1.0' encoding='ISO-8859-1'?><cnrp><results><status code='1.0.0'>\xe9</status></results></cnrp>";
    assert_eq!(decode_answer(document, None).unwrap().statuses[0].message, "é");
    let invalid = decode_answer(document, Some("utf-8")).unwrap_err();
    assert_eq!((invalid.line, invalid.column), (1, 80));
}
