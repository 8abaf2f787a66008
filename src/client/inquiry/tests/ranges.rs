//! Ranges: which part of what all services have together is wanted, and in how many questions it is had.

use super::*;

#[test]
fn d6_the_length_of_a_range_holds_for_what_all_services_gave_together() {
    let ranged = |range: &str| {
        let mut question = question("Acme", &[]);
        question.properties.push(Property::new("range", "start-length", range));
        let inquiry = Inquiry::at(place("http://a.example/"), question, Referrals::Follow);
        let say = |errand: &Errand| match errand.hop {
            0 => Ok(answer("http://a.example/", &["http://b.example/"])),
            _ => Ok(answer("http://b.example/", &[])),
        };
        run(inquiry, say).1
    };
    assert_eq!(uris_of(&ranged("1-1")), ["http://a.example/acme"]);
    assert_eq!(uris_of(&ranged("1-5")), ["http://a.example/acme", "http://b.example/acme"]);
}

/// What a service with this many results gives for the range that it is asked for.
fn part(uri: &str, held: usize, errand: &Errand, referrals: &[&str]) -> Answer {
    let whole = answer(uri, referrals);
    let range = protocol::read_properties(&errand.question.properties).range;
    let nth = |nth: usize| ResultItem { uri: format!("{uri}{nth}"), ..whole.results[0].clone() };
    let results = (range.start..=held).take(range.length.unwrap_or(held)).map(nth).collect();
    Answer { results, ..whole.clone() }
}

#[test]
fn d6_a_range_counts_the_results_of_all_services_together() {
    let ranged = |range: &str| {
        let mut question = question("Acme", &[]);
        question.properties.push(Property::new("range", "start-length", range));
        let inquiry = Inquiry::at(place("http://a.example/"), question, Referrals::Follow);
        run(inquiry, |errand| {
            Ok(match errand.to.uri() {
                "http://a.example/" => part("a:", 3, errand, &["http://b.example/", "http://c.example/"]),
                "http://b.example/" => part("b:", 2, errand, &[]),
                _ => part("c:", 1, errand, &[]),
            })
        })
    };
    for (range, expected, calls) in [
        ("1-9", &["a:1", "a:2", "a:3", "b:1", "b:2", "c:1"][..], 3),
        ("2-3", &["a:2", "a:3", "b:1"], 5),
        ("3-1", &["a:3"], 3),
        // What ends before it is asked for is asked whether it ends there.
        ("4-2", &["b:1", "b:2"], 5),
        ("5-9", &["b:2", "c:1"], 7),
        ("7-2", &[], 7),
    ] {
        let (asked, found) = ranged(range);
        assert_eq!((uris_of(&found), asked.len()), (expected.to_vec(), calls), "{range}");
    }
    let said = ranged("7-2").1.statuses;
    assert_eq!(
        said,
        [Status::new(StatusCode::NOTHING_MATCHED, "there are only 6 results, and the range begins at 7")]
    );
}

#[test]
fn d6_what_the_first_service_has_before_the_range_is_no_result_of_others() {
    let mut question = question("Acme", &[]);
    question.properties.push(Property::new("range", "start-length", "2-2"));
    let inquiry = Inquiry::at(place("http://a.example/"), question, Referrals::Follow);
    let (_, found) = run(inquiry, |errand| {
        let mut answer = part("a:", 1, errand, if errand.hop == 0 { &["http://b.example/"] } else { &[] });
        if errand.hop > 0 {
            answer.results.push(part("b:", 1, errand, &[]).results.remove(0));
        }
        Ok(answer)
    });
    assert_eq!(uris_of(&found), ["b:1"]);
}

#[test]
fn d6_where_nobody_says_what_lies_before_the_range_the_first_answer_stands() {
    let mut question = question("Acme", &[]);
    question.properties.push(Property::new("range", "start-length", "4-2"));
    let nothing = || Answer { results: Vec::new(), ..answer("http://a.example/", &["http://b.example/"]) };
    for (refused, word) in [
        (Ok(Answer::fatal(Status::new(StatusCode::TOO_BUSY, "later"))), "rate-limited: "),
        (Err(Failure::new(Reason::Reset, "gone").into()), "reset: gone; "),
    ] {
        let inquiry = Inquiry::at(place("http://a.example/"), question.clone(), Referrals::Follow);
        let (asked, found) = run(inquiry, |errand| {
            let is_before = errand.question.properties.iter().any(|property| property.value == "1-3");
            if is_before { refused.clone() } else { Ok(nothing()) }
        });
        assert_eq!(asked, ["http://a.example/", "http://a.example/"]);
        assert_eq!((found.referrals.len(), found.statuses[0].code), (1, StatusCode::INCOMPLETE));
        assert!(found.statuses[0].message.starts_with(word), "{:?}", found.statuses);
    }
}

/// Asks for a range of a first service with `first` results that refers to one with 150. Both give at most
/// 100 at once.
fn long(
    first: usize,
    range: &str,
    say: impl Fn(&Errand, Answer) -> Result<Answer, Error>,
) -> (usize, Answer) {
    let mut question = question("Acme", &[]);
    question.properties.push(Property::new("range", "start-length", range));
    let inquiry = Inquiry::at(place("http://a.example/"), question, Referrals::Follow);
    let (asked, found) = run(inquiry, |errand| {
        let mut answer = match errand.hop {
            0 => part("a:", first, errand, &["http://b.example/"]),
            _ => part("b:", 150, errand, &[]),
        };
        answer.results.truncate(100);
        say(errand, answer)
    });
    (asked.len(), found)
}

#[test]
fn d6_a_range_reaches_what_a_service_gives_in_parts_only() {
    let whole = |_: &Errand, answer: Answer| Ok(answer);
    for (first, range, expected) in [
        (0, "120-3", &["b:120", "b:121", "b:122"][..]),
        (150, "151-2", &["b:1", "b:2"]),
        (150, "149-4", &["a:149", "a:150", "b:1", "b:2"]),
        (150, "299-9", &["b:149", "b:150"]),
        (150, "301-1", &[]),
    ] {
        let (_, found) = long(first, range, whole);
        assert_eq!(uris_of(&found), expected, "{range}");
        let said: Vec<_> = found.statuses.iter().map(|status| status.message.as_str()).collect();
        let past = ["there are only 300 results, and the range begins at 301"];
        assert_eq!(said, if expected.is_empty() { &past[..] } else { &[] }, "{range}");
    }
}

#[test]
fn d6_of_a_list_whose_rest_is_not_had_nobody_says_how_long_it_is() {
    let codes = |answer: &Answer| answer.statuses.iter().map(|status| status.code).collect::<Vec<_>>();
    let endless = |errand: &Errand, mut answer: Answer| {
        if errand.hop > 0 {
            answer = part("b:", 1_000_000, errand, &[]);
            answer.results.truncate(100);
        }
        Ok(answer)
    };
    let (asked, found) = long(0, "5000-5", endless);
    assert_eq!((asked, codes(&found)), (3 + MOST_PARTS, vec![StatusCode::INCOMPLETE]));
    let failing = |errand: &Errand, answer: Answer| {
        if errand.held.is_some() { Err(Failure::new(Reason::Reset, "gone").into()) } else { Ok(answer) }
    };
    let (_, found) = long(0, "120-5", failing);
    assert_eq!(codes(&found), [StatusCode::INCOMPLETE]);
    let (_, found) = long(150, "151-5", failing);
    assert_eq!(
        (codes(&found), found.referrals.len()),
        (vec![StatusCode::INCOMPLETE], 1),
        "it begins nobody knows where"
    );
}

#[test]
fn d6_who_takes_no_notice_of_ranges_is_not_asked_for_ever() {
    let (asked, _) = long(0, "120-5", |errand, none| match errand.hop {
        0 => Ok(none),
        _ => Ok(answer("b:", &[])),
    });
    assert_eq!(asked, 4);
}

#[test]
fn d6_a_part_of_nothing_but_unusable_or_known_results_is_no_end() {
    for row in [["javascript:1", "javascript:2", "relative"], ["a:2", "a:3", "a:2"]] {
        let mut question = question("Acme", &[]);
        question.properties.push(Property::new("range", "start-length", "1-100"));
        let inquiry = Inquiry::at(place("http://a.example/"), question, Referrals::Leave).in_parts();
        let (asked, found) = run(inquiry, |errand| {
            let mut answer = part("a:", 9, errand, &[]);
            for result in &mut answer.results {
                let place = result.uri.trim_start_matches("a:").parse::<usize>().unwrap();
                if let Some(other) = place.checked_sub(4).and_then(|place| row.get(place)) {
                    result.uri = (*other).to_owned();
                }
            }
            answer.results.truncate(3);
            Ok(answer)
        });
        assert_eq!(uris_of(&found), ["a:1", "a:2", "a:3", "a:7", "a:8", "a:9"]);
        assert_eq!(asked.len(), 4, "every place is asked for once, and what is behind the last");
    }
}

#[test]
fn d6_all_of_a_range_may_be_wanted_of_each_service() {
    let mut question = question("Acme", &[]);
    question.properties.push(Property::new("range", "start-length", "1-200"));
    let inquiry = Inquiry::at(place("http://a.example/"), question, Referrals::Leave).in_parts();
    let (asked, found) = run(inquiry, |errand| {
        let mut answer = part("a:", 150, errand, &[]);
        answer.results.truncate(100);
        Ok(answer)
    });
    assert_eq!((asked.len(), found.results.len()), (3, 150));
}
