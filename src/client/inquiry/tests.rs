//! Conversations by value: what services say, and what is asked next.

mod ranges;

use super::*;
use crate::{
    model::{CommonName, Confidence, ResultItem, Server, Status, StatusCode},
    protocol,
};

fn question(name: &str, datasets: &[&str]) -> Question {
    let mut properties = vec![Property::new("geography", "iso3166-1", "DE")];
    properties.extend(datasets.iter().map(|uri| Property::new("dataseturi", "uri", *uri)));
    Question { target: Target::Name(CommonName::new(name).unwrap()), properties }
}

fn place(text: &str) -> Endpoint {
    Endpoint::parse(text).unwrap()
}

fn referral(uri: &str, dataset: Option<&str>) -> Referral {
    Referral { service: Arc::new(Service::named(uri)), dataset: dataset.map(str::to_owned) }
}

/// The answer of the service `uri`: one resource, and referrals to these services.
fn answer(uri: &str, referrals: &[&str]) -> Answer {
    let service = Arc::new(Service::named(uri));
    let result = ResultItem {
        commonname: "Acme".to_owned(),
        id: "1".to_owned(),
        uri: format!("{uri}acme"),
        description: String::new(),
        properties: Vec::new(),
        service: Arc::clone(&service),
        dataset: None,
        score: 1.0,
        confidence: Confidence::High,
        why: None,
    };
    let referrals = referrals.iter().map(|uri| referral(uri, None)).collect();
    Answer { service: Some(service), results: vec![result], referrals, statuses: Vec::new() }
}

fn begun(referrals: Referrals) -> Inquiry {
    Inquiry::at(place("http://a.example/"), question("Acme", &[]), referrals)
}

/// Runs an inquiry over services that answer by `say`; gives the places asked and the answer.
fn run(mut inquiry: Inquiry, say: impl Fn(&Errand) -> Result<Answer, Error>) -> (Vec<String>, Answer) {
    let mut asked = Vec::new();
    loop {
        let errands = inquiry.errands();
        if errands.is_empty() {
            return (asked, inquiry.finish().unwrap());
        }
        for errand in errands {
            asked.push(errand.to.to_string());
            inquiry.take(&errand, say(&errand));
        }
    }
}

fn uris_of(answer: &Answer) -> Vec<&str> {
    answer.results.iter().map(|result| result.uri.as_str()).collect()
}

#[test]
fn r17_a_referral_ring_asks_each_service_once_and_the_first_comes_first() {
    let (asked, found) = run(begun(Referrals::Follow), |errand| {
        let (own, next) = match errand.to.uri() {
            "http://a.example/" => ("http://a.example/", "http://b.example"),
            "http://b.example/" => ("http://b.example/", "http://c.example/"),
            _ => ("http://c.example/", "http://A.example"),
        };
        Ok(answer(own, &[next]))
    });
    assert_eq!(asked, ["http://a.example/", "http://b.example/", "http://c.example/"]);
    assert_eq!(uris_of(&found), ["http://a.example/acme", "http://b.example/acme", "http://c.example/acme"]);
    let origins: Vec<_> = found.results.iter().map(|result| result.service.uri.as_str()).collect();
    assert_eq!(origins, ["http://a.example/", "http://b.example/", "http://c.example/"], "R13");
    assert!(found.referrals.is_empty() && found.statuses.is_empty());
    assert!(found.results.windows(2).all(|pair| pair[0].score > pair[1].score));
}

#[test]
fn r16_a_referral_is_left_where_it_is_when_nobody_follows() {
    let (asked, found) = run(begun(Referrals::Leave), |_| Ok(answer("urn:a", &["http://b.example/"])));
    assert_eq!((asked.len(), found.referrals.len()), (1, 1));
}

#[test]
fn a_chain_of_referrals_is_followed_four_deep() {
    let (asked, found) = run(begun(Referrals::Follow), |errand| {
        let own = errand.to.to_string();
        Ok(answer(&own, &[&format!("http://hop{}.example/", errand.hop + 1)]))
    });
    assert_eq!(asked.len(), 1 + MOST_HOPS);
    let left: Vec<_> = found.referrals.iter().map(|referral| referral.service.uri.as_str()).collect();
    assert_eq!(left, ["http://hop5.example/"], "what was not followed is said");
}

#[test]
fn a_service_that_refers_to_thousands_begins_no_storm() {
    let many: Vec<String> = (0..5000).map(|n| format!("http://n{n}.example/")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let (asked, found) = run(begun(Referrals::Follow), |errand| Ok(answer(errand.to.uri(), &many)));
    assert_eq!(asked.len(), MOST_ASKED);
    assert_eq!(found.referrals.len(), MOST_REFERRALS - (MOST_ASKED - 1));
}

#[test]
fn one_place_under_many_names_is_asked_once() {
    let behind = |name: &str| {
        let servers = vec![Server { uri: "http://b.example/".to_owned(), properties: Vec::new() }];
        Referral { service: Arc::new(Service { servers, ..Service::named(name) }), dataset: None }
    };
    let (asked, _) = run(begun(Referrals::Follow), |errand| {
        let referrals = (0..9).map(|n| behind(&format!("urn:{}:{n}", errand.hop))).collect();
        Ok(Answer { referrals, ..answer(errand.to.uri(), &[]) })
    });
    assert_eq!(asked, ["http://a.example/", "http://b.example/"]);
}

#[test]
fn r12_a_referral_to_a_dataset_asks_for_it_and_keeps_the_other_properties() {
    let mut inquiry = begun(Referrals::Follow);
    let errand = inquiry.errands().remove(0);
    let referrals = vec![referral("http://b.example/", Some("urn:d")), referral("http://b.example/", None)];
    inquiry.take(&errand, Ok(Answer { referrals, ..answer("urn:a", &[]) }));
    let asked: Vec<_> = inquiry.errands().into_iter().map(|errand| errand.question).collect();
    assert_eq!(asked, [question("Acme", &["urn:d"]), question("Acme", &[])], "two nodes, not one");
}

#[test]
fn r17_after_3_1_4_the_other_datasets_are_asked_for_one_by_one() {
    let inquiry = Inquiry::at(
        place("http://a.example/"),
        question("Acme", &["urn:d", "urn:e", "urn:f"]),
        Referrals::Follow,
    );
    let sent = std::cell::RefCell::new(Vec::new());
    run(inquiry, |errand| {
        let datasets = datasets_of(&errand.question);
        let is_first = datasets.len() > 1;
        sent.borrow_mut().push(datasets);
        let statuses =
            if is_first { vec![Status::new(StatusCode::FIRST_DATASET_ONLY, "")] } else { Vec::new() };
        Ok(Answer { statuses, ..answer("urn:a", &[]) })
    });
    let expected: [&[&str]; 3] = [&["urn:d", "urn:e", "urn:f"], &["urn:e"], &["urn:f"]];
    assert_eq!(*sent.borrow(), expected);
}

#[test]
fn r17_after_3_1_3_no_referral_leads_back_for_a_dataset() {
    let (asked, _) = run(begun(Referrals::Follow), |errand| {
        let back = referral("http://b.example/", Some("urn:other"));
        let referrals = vec![referral("http://b.example/", Some("urn:d")), back];
        let answer = Answer { referrals, ..answer(errand.to.uri(), &[]) };
        if errand.hop == 0 {
            return Ok(Answer { referrals: answer.referrals[..1].to_vec(), ..answer });
        }
        let statuses = vec![Status::new(StatusCode::DATASETS_NOT_SUPPORTED, "")];
        Ok(Answer { statuses, ..answer })
    });
    assert_eq!(asked, ["http://a.example/", "http://b.example/"]);
}

#[test]
fn an_id_is_not_taken_to_another_service() {
    let asked_for = Question { target: Target::Id("5".to_owned()), properties: Vec::new() };
    let inquiry = Inquiry::at(place("http://a.example/"), asked_for, Referrals::Follow);
    let (asked, found) = run(inquiry, |_| Ok(answer("urn:a", &["http://b.example/"])));
    assert_eq!((asked.len(), found.referrals.len()), (1, 1));
}

#[test]
fn a_referral_in_vain_stays_and_its_reason_is_told() {
    let (_, found) = run(begun(Referrals::Follow), |errand| match errand.to.uri() {
        "http://a.example/" => {
            Ok(answer("http://a.example/", &["http://b.example/", "http://c.example/", "urn:nowhere"]))
        }
        "http://b.example/" => Err(Error::Invalid("hello".to_owned())),
        _ => Ok(Answer::fatal(Status::new(StatusCode::TOO_BUSY, "later"))),
    });
    assert_eq!(uris_of(&found), ["http://a.example/acme"]);
    let told: Vec<_> = found.statuses.iter().map(|s| (s.code, s.message.as_str())).collect();
    let code = StatusCode::REFERRAL_SERVER_UNAVAILABLE;
    assert_eq!(
        told,
        [(code, "malformed: hello"), (code, "rate-limited: the service says 4.2.1 later")],
        "each begins with the word of its reason"
    );
    assert_eq!(found.statuses[0].about.as_ref().unwrap().uri, "http://b.example/");
    let left: Vec<_> = found.referrals.iter().map(|referral| referral.service.uri.as_str()).collect();
    assert_eq!(left, ["urn:nowhere", "http://b.example/", "http://c.example/"]);
}

#[test]
fn r22_nothing_matched_is_said_only_where_nothing_did() {
    let nothing = |uri: &str, referrals: &[&str]| Answer {
        results: Vec::new(),
        statuses: vec![Status::new(StatusCode::NOTHING_MATCHED, "")],
        ..answer(uri, referrals)
    };
    let (_, found) = run(begun(Referrals::Follow), |errand| match errand.hop {
        0 => Ok(nothing("http://a.example/", &["http://b.example/"])),
        _ => Ok(answer("http://b.example/", &[])),
    });
    assert!(found.statuses.is_empty() && found.results.len() == 1);
    let (_, found) = run(begun(Referrals::Follow), |errand| match errand.hop {
        0 => Ok(nothing("http://a.example/", &["http://b.example/"])),
        _ => Ok(nothing("http://b.example/", &[])),
    });
    let codes: Vec<_> = found.statuses.iter().map(|status| status.code).collect();
    assert_eq!(codes, [StatusCode::NOTHING_MATCHED]);
}

#[test]
fn a_resource_that_comes_by_two_ways_is_one_result() {
    let (_, found) = run(begun(Referrals::Follow), |errand| {
        Ok(if errand.hop == 0 {
            answer("http://a.example/", &["http://b.example/"])
        } else {
            answer("http://a.example/", &[])
        })
    });
    assert_eq!(uris_of(&found), ["http://a.example/acme"]);
}

#[test]
fn r1_a_result_without_an_absolute_uri_is_dropped_and_that_is_said() {
    let (_, found) = run(begun(Referrals::Follow), |_| {
        let mut answer = answer("urn:a:", &[]);
        let uris = ["/relative", "", "names.example/x", "//names.example", "http://host:port/bla", "tel:+1"];
        answer.results =
            uris.map(|uri| ResultItem { uri: uri.to_owned(), ..answer.results[0].clone() }).to_vec();
        Ok(answer)
    });
    assert_eq!(uris_of(&found), ["http://host:port/bla", "tel:+1"]);
    assert_eq!(found.statuses[0].code, StatusCode::INCOMPLETE);
    assert_eq!(found.statuses[0].message, "malformed: results without an absolute URI were dropped: 4");
}

#[test]
fn d28_what_can_run_code_is_dropped_of_another_service_and_that_is_said() {
    let mut hostile = answer("http://a.example/", &[]);
    let uris = ["JavaScript:alert(1)", " data:text/html,x", "file:///etc/passwd", "mailto:a@b.example"];
    hostile.results =
        uris.map(|uri| ResultItem { uri: uri.to_owned(), ..hostile.results[0].clone() }).to_vec();
    let (_, found) = run(begun(Referrals::Follow), |_| Ok(hostile.clone()));
    assert_eq!(uris_of(&found), ["mailto:a@b.example"]);
    let told: Vec<_> = found.statuses.iter().map(|s| (s.code, s.message.as_str())).collect();
    assert_eq!(told, [(StatusCode::INCOMPLETE, "unsafe: results whose URI can run code were dropped: 3")]);
    // What we answer ourselves is the operator's own word.
    let own =
        Inquiry::from_answer(hostile, Vec::new(), question("Acme", &[]), Referrals::Follow).finish().unwrap();
    assert_eq!(own.results.len(), 4);
}

#[test]
fn r22_an_answer_of_nothing_at_all_is_nothing_found() {
    let codes = |answer: &Answer| answer.statuses.iter().map(|status| status.code).collect::<Vec<_>>();
    let (_, found) = run(begun(Referrals::Follow), |_| Ok(Answer::default()));
    assert_eq!(codes(&found), [StatusCode::NOTHING_MATCHED]);
    let (_, found) =
        run(begun(Referrals::Follow), |_| Ok(Answer::fatal(Status::new(StatusCode::new(3, 1, 0), "odd"))));
    assert_eq!(codes(&found), [StatusCode::new(3, 1, 0)], "a lone status says itself what it is");
    let (_, found) =
        run(begun(Referrals::Follow), |_| Ok(Answer::fatal(Status::new(StatusCode::TOO_BUSY, ""))));
    assert_eq!(codes(&found), [StatusCode::TOO_BUSY], "who failed does not know that there is nothing");
    let (_, found) = run(begun(Referrals::Follow), |errand| match errand.hop {
        0 => Ok(answer("http://a.example/", &["http://b.example/"])),
        _ => Ok(Answer::default()),
    });
    assert!(found.statuses.is_empty() && found.referrals.is_empty(), "it answered: it knows nothing");
}

#[test]
fn a_first_service_that_fails_is_the_failure_of_all() {
    let mut inquiry = begun(Referrals::Follow);
    let errand = inquiry.errands().remove(0);
    inquiry.take(&errand, Err(Error::Invalid("x".to_owned())));
    assert!(inquiry.errands().is_empty());
    assert_eq!(inquiry.finish(), Err(Error::Invalid("x".to_owned())));
}

#[test]
fn an_answer_in_hand_is_where_an_inquiry_may_begin() {
    let first = answer("urn:here", &["http://b.example/"]);
    let inquiry = Inquiry::from_answer(first, Vec::new(), question("Acme", &[]), Referrals::Follow);
    let (asked, found) = run(inquiry, |errand| Ok(answer(errand.to.uri(), &["urn:here"])));
    assert_eq!(asked, ["http://b.example/"]);
    assert_eq!(found.results.len(), 2);
}

#[test]
fn d23_a_datagram_is_padded_and_a_post_is_not() {
    let errand = |to| {
        let mut inquiry = Inquiry::at(place(to), question("Acme", &[]), Referrals::Leave);
        inquiry.errands().remove(0)
    };
    let (datagram, posted) = (errand("udp://a.example").document(), errand("a.example").document());
    assert_eq!(datagram.len(), 1200);
    assert_eq!(datagram.trim_ascii_end(), posted.trim_ascii_end());
}

/// Runs a question by datagram, whose answer is cut, where HTTP answers by `say`.
fn cut(say: impl Fn(&str) -> Result<Answer, Error>) -> (Vec<String>, Answer) {
    let first = place("udp://a.example");
    run(Inquiry::at(first, question("Acme", &[]), Referrals::Follow), |errand| {
        assert_eq!(errand.is_named, errand.to.is_datagram(), "an answer alone leads nowhere private");
        if !errand.to.is_datagram() {
            return say(errand.to.uri());
        }
        let servers = vec![Server { uri: "http://a.example:8080/".to_owned(), properties: Vec::new() }];
        let service = Arc::new(Service { servers, ..Service::named("urn:a:") });
        let statuses = vec![Status::new(StatusCode::INCOMPLETE, "cut")];
        Ok(Answer { service: Some(service), statuses, ..answer("urn:a:", &[]) })
    })
}

#[test]
fn d23_what_was_cut_from_a_datagram_is_asked_for_over_http_at_the_same_host() {
    let two = || {
        let mut whole = answer("urn:a:", &["http://b.example/"]);
        whole.results.push(ResultItem { uri: "urn:a:more".to_owned(), ..whole.results[0].clone() });
        whole
    };
    let (asked, found) = cut(|uri| match uri {
        "http://a.example:8080/" => Ok(two()),
        _ => Ok(answer("http://b.example/", &[])),
    });
    assert_eq!(asked, ["udp://a.example:2757/", "http://a.example:8080/", "http://b.example/"]);
    assert_eq!(uris_of(&found), ["urn:a:acme", "urn:a:more", "http://b.example/acme"]);
    assert!(found.statuses.is_empty());
}

#[test]
fn d23_where_the_whole_is_not_to_be_had_what_fitted_is_the_answer_and_says_so() {
    let (asked, found) = cut(|uri| match uri {
        "http://a.example:8080/" => Err(Failure::new(Reason::Refused, "nobody").into()),
        _ => Ok(Answer::fatal(Status::new(StatusCode::TOO_BUSY, "later"))),
    });
    assert_eq!(asked, ["udp://a.example:2757/", "http://a.example:8080/", "http://a.example:1096/"]);
    assert_eq!(uris_of(&found), ["urn:a:acme"]);
    let said: Vec<_> = found.statuses.iter().map(|status| status.message.as_str()).collect();
    let not_had = "the whole answer could not be had at http://a.example";
    assert_eq!(
        said,
        [
            "cut",
            &format!("{not_had}:8080/: refused: nobody"),
            &format!("{not_had}:1096/: rate-limited: the service says 4.2.1 later")
        ]
    );
    assert!(found.is_incomplete());
}

#[test]
fn d23_d28_an_answer_of_which_results_were_dropped_here_was_not_cut() {
    let first = place("udp://a.example");
    let (asked, found) = run(Inquiry::at(first, question("Acme", &[]), Referrals::Follow), |_| {
        let mut answer = answer("urn:a:", &[]);
        let hostile = ResultItem { uri: "javascript:alert(1)".to_owned(), ..answer.results[0].clone() };
        answer.results.push(hostile);
        Ok(answer)
    });
    assert_eq!(asked, ["udp://a.example:2757/"]);
    let said: Vec<_> = found.statuses.iter().map(|status| status.message.as_str()).collect();
    assert_eq!(said, ["unsafe: results whose URI can run code were dropped: 1"]);
}
