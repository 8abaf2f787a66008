//! Replies of 200 that are no answer: errors, and rows that are no list.

use super::*;

/// Errors that come with 200, in nobody's documented words, and the lists of rows as something else.
fn no_answers(specimen: &Specimen) -> Vec<String> {
    let [before, _, after] = specimen.around;
    let in_place_of_rows =
        |other: &str| format!("{}{other}{}", before.trim_end_matches('['), after.trim_start_matches(']'));
    let mut bodies: Vec<_> = [r#""x""#, "7", r#"{"error": "x"}"#].map(in_place_of_rows).into();
    if specimen.kind != "json" {
        // Some engine writes an empty list so, and any may be configured there.
        bodies.push(in_place_of_rows("{}"));
    }
    bodies.extend(
        [
            "{}",
            "null",
            r#"{"error": {"code": 429, "message": "quota exceeded"}}"#,
            r#"{"httpCode": 429, "httpReason": "Too Many Requests"}"#,
            r#"{"message": "Too Many Requests"}"#,
        ]
        .map(str::to_owned),
    );
    bodies
}

/// Only a reply that says so may be remembered as "no such name".
#[tokio::test]
async fn an_error_in_a_reply_of_200_is_not_nothing_found() {
    for specimen in SPECIMENS.iter().filter(|specimen| specimen.is_json()) {
        let bodies = no_answers(specimen);
        let acts = bodies.iter().map(|body| Act::ok(specimen.media, body.clone())).collect();
        for (reply, body) in specimen.ask_each(acts).await.into_iter().zip(bodies) {
            let failure = reply.expect_err(&format!("{}: {body}", specimen.kind));
            assert!(
                matches!(failure.reason, Reason::Malformed | Reason::HttpError),
                "{}: {body}: {failure}",
                specimen.kind
            );
        }
    }
}
