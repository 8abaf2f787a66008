use std::{sync::Arc, time::Duration};

use super::*;
use crate::{
    model::{
        CommonName, Confidence, Dataset, Property, PropertyDeclaration, PropertyReference, Referral,
        ResultItem, Schema, Server, Service, Status, StatusCode,
    },
    protocol::{Request, decode_answer, decode_request},
};

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE cnrp PUBLIC \"-//IETF//DTD CNRP 1.0//EN\" \"http://ietf.org/dtd/cnrp-1.0.dtd\">\n";

fn text(document: Vec<u8>) -> String {
    String::from_utf8(document).unwrap()
}

/// The lines within `results`.
fn lines(answer: &Answer) -> Vec<String> {
    let document = text(encode_answer(answer, true));
    let inner = document.split_once("<results>").unwrap().1.split_once("</results>").unwrap().0;
    inner.split('\n').skip(1).map(str::to_owned).collect()
}

fn result(service: &Arc<Service>, id: &str) -> ResultItem {
    ResultItem {
        commonname: "x".to_owned(),
        id: id.to_owned(),
        uri: "https://x.example/".to_owned(),
        description: String::new(),
        properties: Vec::new(),
        service: Arc::clone(service),
        dataset: None,
        score: 1.0,
        confidence: Confidence::High,
        why: None,
    }
}

fn answered_by(service: &Arc<Service>) -> Answer {
    Answer { service: Some(Arc::clone(service)), ..Answer::default() }
}

#[test]
fn r16_d5_a_typical_answer_is_written_as_expected() {
    let own = Arc::new(Service {
        ttl: Some(Duration::from_secs(43_200)),
        datasets: vec![
            Dataset {
                uri: Some("urn:example:en".to_owned()),
                properties: vec![Property::new("Language", "RFC1766", "en-US")],
            },
            Dataset { uri: Some("urn:example:fr".to_owned()), properties: Vec::new() },
        ],
        description: Some("Names & <things>".to_owned()),
        ..Service::named("urn:example:names")
    });
    let partner = Arc::new(Service::named("urn:example:partner"));
    let unused_id = Arc::new(Service::named("urn:example:far"));
    let boeing = ResultItem {
        commonname: "Boeing".to_owned(),
        uri: "https://www.boeing.com/?a=1&b=2".to_owned(),
        description: "Aircraft & rockets".to_owned(),
        properties: vec![
            Property::new("language", "rfc1766", "en-US"),
            Property::new("X-Confidence", "x-level", "high"),
        ],
        dataset: Some("urn:example:fr".to_owned()),
        confidence: Confidence::Medium,
        ..result(&own, "handbook.1.Boeing")
    };
    let answer = Answer {
        service: Some(Arc::clone(&own)),
        results: vec![
            boeing,
            ResultItem { dataset: Some("urn:example:undeclared".to_owned()), ..result(&partner, "2") },
        ],
        referrals: vec![Referral { service: unused_id, dataset: None }],
        statuses: vec![
            Status::new(StatusCode::PROPERTIES_IGNORED, "colour"),
            Status::about(
                StatusCode::REFERRAL_SERVER_UNAVAILABLE,
                "partner: timed-out",
                Arc::new(Service::named("urn:example:partner")),
            ),
        ],
    };
    let expected = format!(
        "{HEAD}<cnrp>\n<results>\n\
         <service ttl=\"43200\" id=\"i0\"><serviceuri>urn:example:names</serviceuri><dataset><property name=\"dataseturi\" type=\"uri\">urn:example:en</property><property name=\"language\" type=\"rfc1766\">en-US</property></dataset><dataset id=\"i1\"><property name=\"dataseturi\" type=\"uri\">urn:example:fr</property></dataset><description>Names &amp; &lt;things&gt;</description></service>\n\
         <service id=\"i2\"><serviceuri>urn:example:partner</serviceuri><dataset id=\"i3\"><property name=\"dataseturi\" type=\"uri\">urn:example:undeclared</property></dataset></service>\n\
         <service id=\"i4\"><serviceuri>urn:example:far</serviceuri></service>\n\
         <resourcedescriptor><commonname>Boeing</commonname><id>handbook.1.Boeing</id><resourceuri>https://www.boeing.com/?a=1&amp;b=2</resourceuri><serviceref ref=\"i0\"/><datasetref ref=\"i1\"/><description>Aircraft &amp; rockets</description><property name=\"language\" type=\"rfc1766\">en-US</property><property name=\"x-confidence\" type=\"x-level\">medium</property></resourcedescriptor>\n\
         <resourcedescriptor><commonname>x</commonname><id>2</id><resourceuri>https://x.example/</resourceuri><serviceref ref=\"i2\"/><datasetref ref=\"i3\"/><description></description><property name=\"x-confidence\" type=\"x-level\">high</property></resourcedescriptor>\n\
         <referral><serviceref ref=\"i4\"/></referral>\n\
         <status code=\"3.1.1\">colour</status>\n\
         <status code=\"3.2.1\" ref=\"i2\">partner: timed-out</status></results>\n</cnrp>\n"
    );
    assert_eq!(text(encode_answer(&answer, true)), expected);
}

#[test]
fn d2_an_answer_without_a_service_is_one_lone_status() {
    let own = Arc::new(Service::named("urn:a"));
    let mut answer = Answer::fatal(Status::about(StatusCode::FAILED, "a <b>", Arc::clone(&own)));
    answer.statuses.push(Status::new(StatusCode::TOO_BUSY, "b"));
    answer.results.push(result(&own, "1"));
    assert_eq!(lines(&answer), ["<status code=\"4.2.3\">a &lt;b&gt;</status>"]);
    assert_eq!(lines(&Answer::default()), [""; 0]);
}

#[test]
fn d3_no_match_is_our_service_and_a_status() {
    let mut answer = answered_by(&Arc::new(Service::named("urn:a")));
    answer.statuses.push(Status::new(StatusCode::NOTHING_MATCHED, "nothing matched"));
    let expected = [
        "<service><serviceuri>urn:a</serviceuri></service>",
        "<status code=\"2.1.0\">nothing matched</status>",
    ];
    assert_eq!(lines(&answer), expected);
}

#[test]
fn d4_an_id_is_never_empty() {
    let own = Arc::new(Service::named("urn:a"));
    let mut answer = answered_by(&own);
    answer.results = vec![result(&own, " \u{0}"), ResultItem { uri: String::new(), ..result(&own, "") }];
    let written = lines(&answer);
    assert!(written[1].contains("<id>https://x.example/</id>"));
    assert!(written[2].contains("<id>none</id>"));
}

#[test]
fn r6_what_another_service_made_up_is_marked_on_its_way_out() {
    let own = Arc::new(Service {
        properties: vec![Property::new("BannerAdServer", "uri", "http://ads.example/")],
        ..Service::named("urn:a")
    });
    let properties =
        vec![Property::new("Geography", "zip", "94043"), Property::new("confidence", "", "high")];
    let answer =
        Answer { results: vec![ResultItem { properties, ..result(&own, "1") }], ..answered_by(&own) };
    let written = text(encode_answer(&answer, true));
    assert!(written.contains("<property name=\"x-BannerAdServer\" type=\"x-uri\">"), "{written}");
    assert!(written.contains("<property name=\"geography\" type=\"x-zip\">"), "{written}");
    assert_eq!(written.matches("confidence").count(), 1, "a mark makes no second one: {written}");
}

#[test]
fn d17_characters_that_xml_cannot_carry_are_dropped_and_the_rest_survives() {
    let hostile = "a\u{0}\u{8}\u{b}\u{1f}\u{fffe}\u{ffff}]]><b a=\"'\">&amp;\r\n\tö\u{ff0c}\u{fffd}東🛩";
    let kept = "a]]><b a=\"'\">&amp;\r\n\tö\u{ff0c}\u{fffd}東🛩";
    let own = Arc::new(Service::named("urn:a"));
    let mut answer = answered_by(&own);
    let property = Property::new(format!("x-{hostile}"), format!("x-{hostile}"), hostile);
    answer.results =
        vec![ResultItem { properties: vec![property], description: hostile.to_owned(), ..result(&own, "1") }];
    let read = decode_answer(&encode_answer(&answer, true), None).unwrap();
    assert_eq!(read.results[0].description, kept);
    assert_eq!(read.results[0].properties[0], Property::new(format!("x-{kept}"), format!("x-{kept}"), kept));
}

#[test]
fn d19_services_that_nothing_refers_to_are_not_written_and_one_serviceuri_is_one_service() {
    let own = Arc::new(Service { description: Some("ours".to_owned()), ..Service::named("urn:a") });
    let stranger = Arc::new(Service { description: Some("theirs".to_owned()), ..Service::named("urn:a") });
    let mut answer = answered_by(&own);
    answer.results = vec![result(&stranger, "1")];
    let written = lines(&answer);
    assert_eq!(
        written[0],
        "<service id=\"i0\"><serviceuri>urn:a</serviceuri><description>ours</description></service>"
    );
    assert_eq!(written.len(), 2);
}

#[test]
fn d20_a_source_cannot_claim_more_confidence_than_it_was_given() {
    let own = Arc::new(Service::named("urn:a"));
    let mut answer = answered_by(&own);
    let claims =
        ["x-confidence", "X-CONFIDENCE", " x-confidence", "x-confi\u{0}dence", "x-confidence\u{ffff}"];
    let properties = claims.map(|name| Property::new(name, "x-level", "high")).to_vec();
    answer.results = vec![ResultItem { properties, confidence: Confidence::Low, ..result(&own, "1") }];
    let read = decode_answer(&encode_answer(&answer, true), None).unwrap();
    assert_eq!(read.results[0].properties, [Property::new("x-confidence", "x-level", "low")]);
}

#[test]
fn r18_a_service_with_its_schema_is_written_in_full() {
    let declaration = |name: &str, types: &[&str]| PropertyDeclaration {
        name: name.to_owned(),
        types: types.iter().map(|kind| (*kind).to_owned()).collect(),
        default: Some(0),
    };
    let reference = |declaration, required| PropertyReference { declaration, required };
    let own = Arc::new(Service {
        servers: vec![Server { uri: "http://127.0.0.1:1096".to_owned(), properties: Vec::new() }],
        properties: vec![Property::new("category", "", "companies")],
        schema: Some(Schema {
            declarations: vec![
                declaration("x-unused", &[]),
                declaration("language", &["rfc1766", "freeform"]),
            ],
            query: vec![reference(1, true)],
            resource: vec![reference(1, false), reference(9, true)],
            service: Vec::new(),
        }),
        ..Service::named("urn:a")
    });
    let expected = "<service><serviceuri>urn:a</serviceuri><servers><server><serveruri>http://127.0.0.1:1096</serveruri></server></servers><property name=\"category\" type=\"freeform\">companies</property><propertyschema><propertydeclaration><propertyname>x-unused</propertyname></propertydeclaration><propertydeclaration id=\"i0\"><propertyname>language</propertyname><propertytype default=\"yes\">rfc1766</propertytype><propertytype>freeform</propertytype></propertydeclaration></propertyschema><queryschema><propertyreference ref=\"i0\" required=\"yes\"/></queryschema><resourcedescriptorschema><propertyreference ref=\"i0\"/></resourcedescriptorschema><serviceschema></serviceschema></service>";
    assert_eq!(lines(&answered_by(&own)), [expected]);
}

#[test]
fn d23_the_doctype_can_be_left_out() {
    let answer = answered_by(&Arc::new(Service::named("urn:a")));
    let whole = text(encode_answer(&answer, true));
    let doctype = HEAD.split_once('\n').unwrap().1;
    assert_eq!(text(encode_answer(&answer, false)), whole.replace(doctype, ""));
}

#[test]
fn questions_arrive_as_they_were_asked() {
    let properties =
        vec![Property::new("language", "rfc1766", "en-US"), Property::new("geography", "freeform", "<&>\"")];
    let by_name = Question { target: Target::Name(CommonName::new("toys <r> us").unwrap()), properties };
    let by_id = Question { target: Target::Id("a.1;b=c,d".to_owned()), properties: Vec::new() };
    for question in [by_name, by_id] {
        let decoded = decode_request(&encode_question(&question), None, 100).unwrap();
        assert_eq!((decoded.request, decoded.statuses), (Request::Query(question), Vec::new()));
    }
    let decoded = decode_request(&encode_servicequery(), None, 100).unwrap();
    assert_eq!((decoded.request, decoded.statuses), (Request::ServiceQuery, Vec::new()));
}

#[test]
fn d25_a_property_without_a_type_is_asked_without_one() {
    let property = Property::new("Geography", "freeform", "US");
    let question =
        Question { target: Target::Name(CommonName::new("bmw").unwrap()), properties: vec![property] };
    let document = text(encode_question(&question));
    let expected = "<query><commonname>bmw</commonname><property name=\"geography\">US</property></query>";
    assert!(document.starts_with(HEAD) && document.contains(expected), "{document}");
}
