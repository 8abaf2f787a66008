//! Ten thousand mangled requests from a fixed seed.

use std::collections::BTreeSet;

use super::{dice::Dice, mutator::mangled, xmllint::assert_valid};
use crate::{
    model::{Answer, Status, StatusCode},
    protocol::{Request, decode_request, encode_answer, read_properties},
};

const ROUNDS: usize = 10_000;

#[test]
fn d13_ten_thousand_mutated_requests_are_understood_or_refused() {
    let mut dice = Dice(3367);
    let (mut understood, mut refused) = (0, 0);
    let mut refusals = BTreeSet::new();
    for round in 0..ROUNDS {
        let document = mangled(&mut dice, round);
        let charset = [None, None, None, Some("utf-8"), Some("ISO-8859-1")][dice.roll(5)];
        match decode_request(&document, charset, 64) {
            Ok(decoded) => {
                understood += 1;
                if let Request::Query(question) = &decoded.request {
                    read_properties(&question.properties);
                }
                assert!(
                    decoded.statuses.iter().all(|status| status.code == StatusCode::INVALID_XML_UNDERSTOOD)
                );
            }
            Err(Status { code, message, about }) => {
                refused += 1;
                assert_eq!(about, None);
                assert!(
                    code == StatusCode::TOO_COMPLEX
                        || (code == StatusCode::NOT_INTERPRETABLE && message.starts_with("line ")),
                    "{code} {message}"
                );
                refusals.insert(message);
            }
        }
    }
    println!("{understood} of {ROUNDS} mutated requests understood, {refused} refused");
    assert!(understood >= ROUNDS / 3, "only {understood} understood");
    assert!(refused >= ROUNDS / 5, "only {refused} refused: the mutations are too kind");
    let answers = refusals.iter().take(1000).map(|message| {
        encode_answer(&Answer::fatal(Status::new(StatusCode::NOT_INTERPRETABLE, message.as_str())), true)
    });
    assert_valid(&answers.collect::<Vec<_>>());
}

/// Nothing that grows faster than the document: 64 KiB of the worst takes a moment.
#[test]
fn long_hostile_documents_are_read_in_a_moment() {
    let begun = std::time::Instant::now();
    for unit in [
        "<a>",
        "<a/>",
        "&amp;",
        " ",
        "<!-- -->",
        "]]>",
        "<x y='",
        "&",
        "\r\n",
        "<![CDATA[ ]]>",
        "<commonname>",
        "name",
    ] {
        let inner = unit.repeat(65_536 / unit.len());
        for document in [
            format!("<cnrp><query>{inner}"),
            format!("<{}></b>", "a".repeat(inner.len())),
            format!("<cnrp><query><commonname>{inner}</commonname></query></cnrp>"),
            inner,
        ] {
            if let Err(status) = decode_request(document.as_bytes(), None, 1024) {
                assert!(status.message.len() < 400, "a refusal as long as the request");
            }
        }
    }
    assert!(begun.elapsed() < std::time::Duration::from_secs(10), "{:?}", begun.elapsed());
}
