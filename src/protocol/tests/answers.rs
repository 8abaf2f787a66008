//! Arbitrary answers, hostile strings in every place.

use std::{sync::Arc, time::Duration};

use proptest::{collection::vec, option, prelude::*, strategy::ValueTree, test_runner::TestRunner};

use super::{
    expected::{clean, clean_all},
    xmllint::assert_valid,
};
use crate::{
    model::{
        Answer, Confidence, Dataset, Property, PropertyDeclaration, PropertyReference, Referral, ResultItem,
        Schema, Server, Service, Status, StatusCode,
    },
    protocol::{decode_answer, encode_answer, vocabulary as v},
};

fn hostile() -> impl Strategy<Value = String> {
    const PIECES: [&str; 18] = [
        "]]>",
        "<![CDATA[",
        "&amp;",
        "&",
        "<",
        "\"",
        "'",
        "-->",
        "&#0;",
        "\u{0}",
        "\u{1b}",
        "\u{fffe}",
        "\u{ffff}",
        "\r\n",
        "\t",
        " ",
        "i0",
        "東",
    ];
    let piece = prop_oneof![
        any::<char>().prop_map(String::from),
        proptest::sample::select(&PIECES[..]).prop_map(str::to_owned),
        "[a-z ]{0,8}",
    ];
    vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

fn property() -> impl Strategy<Value = Property> {
    let name = prop_oneof![
        Just("Language".to_owned()),
        Just("x-y".to_owned()),
        Just("x-confidence".to_owned()),
        hostile()
    ];
    let kind = prop_oneof![Just("RFC1766".to_owned()), Just(String::new()), hostile()];
    (name, kind, hostile()).prop_map(|(name, kind, value)| Property::new(name, kind, value))
}

fn properties() -> impl Strategy<Value = Vec<Property>> {
    vec(property(), 0..3)
}

fn schema() -> impl Strategy<Value = Schema> {
    let declaration = (hostile(), vec(hostile(), 0..3), option::of(0..4_usize))
        .prop_map(|(name, types, default)| PropertyDeclaration { name, types, default });
    let references = || {
        let reference = (0..5_usize, any::<bool>());
        vec(reference.prop_map(|(declaration, required)| PropertyReference { declaration, required }), 0..3)
    };
    (vec(declaration, 0..4), references(), references(), references()).prop_map(
        |(declarations, query, resource, service)| Schema { declarations, query, resource, service },
    )
}

fn service() -> impl Strategy<Value = Service> {
    let dataset = (0..3_u8, hostile(), properties()).prop_map(|(nth, end, properties)| Dataset {
        uri: (nth > 0).then(|| format!("urn:d{nth}{end}.")),
        properties,
    });
    let server = (hostile(), properties()).prop_map(|(uri, properties)| Server { uri, properties });
    let described = (hostile(), option::of(hostile()), option::of(any::<u32>()));
    (described, vec(dataset, 0..3), vec(server, 0..2), properties(), option::of(schema())).prop_map(
        |((uri, description, ttl), datasets, servers, properties, schema)| Service {
            uri,
            description,
            ttl: ttl.map(|seconds| Duration::from_secs(u64::from(seconds))),
            datasets,
            servers,
            properties,
            schema,
        },
    )
}

pub(super) fn answer() -> impl Strategy<Value = Answer> {
    vec(service().prop_map(Arc::new), 1..4).prop_flat_map(|services| {
        let any_service = proptest::sample::select(services.clone());
        let dataset = prop_oneof![Just(None), Just(Some(0_usize)), Just(Some(1)), Just(Some(9))];
        let origin = (any_service, dataset).prop_map(|(service, nth)| {
            // One of its own, or one that it does not declare.
            let uri = nth.map(|nth| match service.datasets.get(nth) {
                Some(dataset) => dataset.uri.clone().unwrap_or_else(|| "urn:other".to_owned()),
                None => "urn:undeclared".to_owned(),
            });
            (service, uri)
        });
        let levels = proptest::sample::select(vec![Confidence::Low, Confidence::Medium, Confidence::High]);
        let texts = (hostile(), hostile(), hostile(), hostile());
        let result = (texts, properties(), origin.clone(), levels).prop_map(
            |((commonname, id, uri, description), properties, (service, dataset), confidence)| ResultItem {
                commonname,
                id,
                uri,
                description,
                properties,
                service,
                dataset,
                score: 1.0,
                confidence,
                why: None,
            },
        );
        let referral = origin.clone().prop_map(|(service, dataset)| Referral { service, dataset });
        let code = (1..=5_u8, 0..=999_u16, 0..=999_u16);
        let status =
            (code, hostile(), option::of(origin)).prop_map(|((class, subject, detail), message, about)| {
                Status {
                    code: StatusCode::new(class, subject, detail),
                    message,
                    about: about.map(|(service, _)| service),
                }
            });
        let own = option::weighted(0.9, Just(Arc::clone(&services[0])));
        (own, vec(result, 0..4), vec(referral, 0..3), vec(status, 0..3)).prop_map(
            |(service, results, referrals, statuses)| Answer { service, results, referrals, statuses },
        )
    })
}

/// Everything of a result but its id, which may stand in for an empty one.
fn told(result: &ResultItem) -> (String, String, String, Vec<Property>, Confidence, String, Option<String>) {
    let mut properties = clean_all(&result.properties);
    properties.retain(|property| !property.is(v::X_CONFIDENCE));
    (
        clean(&result.commonname),
        clean(&result.uri),
        clean(&result.description),
        properties,
        result.confidence,
        clean(&result.service.uri),
        result.dataset.as_deref().map(clean),
    )
}

fn told_of_status(status: &Status) -> (StatusCode, String, Option<String>) {
    (status.code, clean(&status.message), status.about.as_ref().map(|service| clean(&service.uri)))
}

fn assert_survives(answer: &Answer) {
    let read = decode_answer(&encode_answer(answer, true), None).expect("our own answer is read");
    let Some(own) = &answer.service else {
        let first: Vec<_> = answer.statuses.iter().take(1).collect();
        assert_eq!(
            read.statuses.iter().map(|status| status.code).collect::<Vec<_>>(),
            first.iter().map(|status| status.code).collect::<Vec<_>>()
        );
        assert_eq!((read.service, read.results.len(), read.referrals.len()), (None, 0, 0));
        return;
    };
    let written = read.service.as_ref().expect("our service");
    assert_eq!(written.uri, clean(&own.uri));
    assert_eq!(written.ttl, own.ttl);
    assert_eq!(written.description, own.description.as_deref().map(clean).filter(|text| !text.is_empty()));
    assert_eq!(written.properties, clean_all(&own.properties));
    assert_eq!(written.servers.len(), own.servers.len());
    assert!(written.datasets.len() >= own.datasets.len());
    assert_eq!(written.schema.is_some(), own.schema.is_some());
    assert_eq!(
        read.results.iter().map(told).collect::<Vec<_>>(),
        answer.results.iter().map(told).collect::<Vec<_>>()
    );
    assert!(read.results.iter().all(|result| !result.id.is_empty()));
    let referrals = |answer: &Answer| {
        let referrals = answer.referrals.iter();
        referrals
            .map(|referral| (clean(&referral.service.uri), referral.dataset.as_deref().map(clean)))
            .collect::<Vec<_>>()
    };
    assert_eq!(referrals(&read), referrals(answer));
    let statuses = |answer: &Answer| answer.statuses.iter().map(told_of_status).collect::<Vec<_>>();
    assert_eq!(statuses(&read), statuses(answer));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn r19_any_answer_survives_the_way_out_and_back(answer in answer()) {
        assert_survives(&answer);
    }
}

#[test]
fn r19_whatever_answer_is_written_is_valid() {
    let mut runner = TestRunner::deterministic();
    let documents =
        (0..400).map(|nth| encode_answer(&answer().new_tree(&mut runner).unwrap().current(), nth % 2 == 0));
    assert_valid(&documents.collect::<Vec<_>>());
}
