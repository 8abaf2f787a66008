//! A partner that answers, fails, lies, or has been through us already.

mod referrals;

use std::{
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
};

use super::*;
use crate::{
    model::{Confidence, Likeness, SystemClock, prepare},
    upstream::{
        Lines,
        tests::{Act, Fixture},
    },
};

const MEDIA: &str = "application/cnrp+xml";

fn build_with(yaml: &str, chain: Chain) -> Built {
    build_paying(yaml, chain, None)
}

fn build_paying(yaml: &str, chain: Chain, toll: Option<Arc<dyn Toll>>) -> Built {
    let setting = Setting {
        name: "partner",
        folder: Path::new("."),
        clock: Arc::new(SystemClock),
        lines: Lines::default(),
        timeout: Duration::from_millis(600),
        toll,
        seed: 1,
        chain,
    };
    build(&Options::from_yaml(yaml).unwrap(), &setting)
}

fn chain() -> Chain {
    Chain { pseudonym: "us".to_owned(), ..Chain::default() }
}

fn partner(url: &str, mode: &str) -> Arc<dyn Backend> {
    build_with(&format!("{{url: '{url}', mode: {mode}}}"), chain()).unwrap()
}

fn query(name: &str) -> NameQuery {
    NameQuery::plain(CommonName::new(name).unwrap())
}

fn document(inner: &str) -> Act {
    let text = format!(
        "<cnrp><results><service id='i0' ttl='60'><serviceuri>urn:partner</serviceuri></service>\
         <service id='i1'><serviceuri>urn:origin</serviceuri><dataset id='i2'>\
         <property name='dataseturi'>urn:set</property></dataset></service>{inner}</results></cnrp>"
    );
    Act::ok(MEDIA, text)
}

fn resource(name: &str, id: &str, uri: &str, rest: &str) -> String {
    format!(
        "<resourcedescriptor><commonname>{name}</commonname><id>{id}</id><resourceuri>{uri}</resourceuri>\
         <serviceref ref='i1'/><datasetref ref='i2'/><description>d</description>{rest}</resourcedescriptor>"
    )
}

fn confidence(level: &str) -> String {
    format!("<property name='X-Confidence' type='x-level'>{level}</property>")
}

async fn asked(act: Act) -> Result<Reply, Failure> {
    let server = Fixture::always(act).await;
    partner(&server.url, "chain").ask(&query("Boeing")).await
}

#[tokio::test]
async fn r13_a_result_keeps_its_origin_its_dataset_and_its_id() {
    let reply = asked(document(&resource("Boeing", "77", "https://b.example/", ""))).await.unwrap();
    let hit = &reply.hits[0];
    assert_eq!(hit.service.as_ref().unwrap().uri, "urn:origin");
    assert_eq!((hit.dataset.as_deref(), hit.entry.as_deref()), (Some("urn:set"), Some("77")));
    assert!(!reply.degraded);
}

#[tokio::test]
async fn certainty_is_never_laundered() {
    let of = |name: &str, level: Option<&str>| {
        let rest = level.map(confidence).unwrap_or_default();
        asked(document(&resource(name, "1", "https://b.example/", &rest)))
    };
    for (name, level, likeness, ceiling) in [
        ("boeing", None, Likeness::Same, None),
        ("Boeing", Some("low"), Likeness::Same, Some(Confidence::Low)),
        ("The Boeing Company", Some("high"), Likeness::Form, Some(Confidence::High)),
        ("The Boeing Company", Some("medium"), Likeness::Mention, Some(Confidence::Medium)),
        ("The Boeing Company", None, Likeness::Mention, None),
        ("Boeing", Some("absolute"), Likeness::Same, None),
    ] {
        let hit = of(name, level).await.unwrap().hits.remove(0);
        assert_eq!((hit.likeness, hit.ceiling), (likeness, ceiling), "{name} {level:?}");
        assert!(hit.properties.is_empty());
    }
}

#[tokio::test]
async fn r1_a_result_without_an_absolute_uri_is_dropped() {
    let rows = ["/relative", "b.example", "", "https://kept.example/"];
    let rows: String = rows.iter().map(|uri| resource("Boeing", "1", uri, "")).collect();
    let reply = asked(document(&rows)).await.unwrap();
    let kept = prepare(reply, &query("Boeing").name, Vouched::ByService).candidates;
    assert_eq!(kept.iter().map(|one| one.url.shown()).collect::<Vec<_>>(), ["https://kept.example/"]);
}

/// The codes and words of what is said of a reply.
fn said(reply: &Reply) -> Vec<String> {
    reply.remarks.iter().map(|remark| format!("{} {}", remark.code, remark.message)).collect()
}

#[tokio::test]
async fn r1_d18_what_is_dropped_for_its_uri_is_told() {
    let row = |uri: &str| resource("Boeing", "1", uri, "");
    let kept = "https://kept.example/";
    for (rows, hits) in [
        (row("http://host:port/bla"), 0),
        (row("http://host:port/bla") + &row(kept), 1),
        ("<service id='n'><serviceuri>foo</serviceuri></service><referral><serviceref ref='n'/></referral>".into(), 0),
    ] {
        let reply = asked(document(&rows)).await.unwrap();
        assert_eq!((reply.hits.len(), reply.degraded), (hits, false), "{rows}");
        assert_eq!(said(&reply), ["3.2.1 malformed"], "{rows}");
    }
    assert!(said(&asked(document(&row(kept))).await.unwrap()).is_empty());
}

#[tokio::test]
async fn r1_a_name_of_a_service_that_is_no_uri_is_sent_to_nobody() {
    let spaced = resource("Boeing", "1", "https://b.example/", "");
    let Act::Reply(_, _, body) = document(&spaced) else { panic!("no document") };
    let body = String::from_utf8(body).unwrap().replace("urn:origin", "urn:a b");
    let reply = asked(Act::ok(MEDIA, body)).await.unwrap();
    assert_eq!(reply.hits[0].service, None);
}

#[tokio::test]
async fn r17_who_has_no_such_dataset_answers_from_its_default_one_and_that_is_told() {
    let row = resource("Boeing", "1", "https://b.example/", "").replace("<datasetref ref='i2'/>", "");
    for (status, code) in [
        ("<status code='3.1.3'/>", Some("3.1.3")),
        ("<status code='3.1.5'/>", Some("3.1.5")),
        ("<status code='3.1.5' ref='i1'/>", None),
        ("<status code='3.1.1'/>", None),
    ] {
        let server = Fixture::always(document(&(row.clone() + status))).await;
        let of = async |dataset: Option<&str>| {
            let chain = Chain { dataset: dataset.map(str::to_owned), ..chain() };
            let partner = build_with(&format!("url: '{}'", server.url), chain).unwrap();
            partner.ask(&query("Boeing")).await.unwrap()
        };
        let reply = of(Some("urn:far")).await;
        let told = code.map(|code| {
            format!("{code} dataseturi urn:far: not served there; the default dataset was asked")
        });
        assert_eq!((said(&reply), reply.degraded), (told.into_iter().collect(), false), "{status}");
        assert!(reply.hits[0].dataset.is_none());
        assert!(said(&of(None).await).is_empty(), "it was asked for none");
    }
}

fn ranged(start: usize, length: usize) -> NameQuery {
    NameQuery { range: Range { start, length: Some(length) }, ..query("Boeing") }
}

#[test]
fn d6_a_range_is_asked_for_in_steps_of_a_hundred_from_the_first_result_on() {
    let asked = |query: NameQuery| {
        let partner = partner("http://127.0.0.1:1", "chain");
        let Ask::Request(text) = partner.request(&query) else { panic!("not asked") };
        text.split_once("start-length\">").map(|(_, rest)| rest.split('<').next().unwrap().to_owned())
    };
    assert_eq!((asked(query("Boeing")), asked(ranged(1, 100))), (None, None));
    for (start, length, range) in [
        (2, 5, "1-100"),
        (11, 10, "1-100"),
        (99, 5, "1-200"),
        (1, 150, "1-200"),
        (999_999_999, 100, "1-1000"),
    ] {
        assert_eq!(asked(ranged(start, length)).as_deref(), Some(range), "{start}-{length}");
    }
    let entry = NameQuery { entry: Some("7".to_owned()), ..ranged(101, 5) };
    assert_eq!(asked(entry), None);
}

#[tokio::test]
async fn an_answer_that_is_incomplete_or_old_is_not_worth_remembering_long() {
    for (code, degraded) in
        [("3.2.0", true), ("3.2.1", true), ("1.2.0", true), ("2.1.0", false), ("3.1.1", false)]
    {
        let reply = asked(document(&format!("<status code='{code}'>x</status>"))).await.unwrap();
        assert_eq!(reply.degraded, degraded, "{code}");
    }
    let circle = asked(document("<status code='3.2.1'>us: loop</status>")).await.unwrap();
    assert!(!circle.degraded, "a circle is left out each time");
    let rows = resource("Boeing", "1", "javascript:alert(1)", "");
    let hostile = asked(document(&rows)).await.unwrap();
    assert_eq!((hostile.degraded, hostile.remarks[0].message.as_str()), (false, "unsafe"), "so is this");
    let both = asked(document(&format!("{rows}<status code='3.2.1'>web: reset</status>"))).await.unwrap();
    assert_eq!((both.degraded, both.remarks[0].message.as_str()), (true, "reset"));
}

#[tokio::test]
async fn d18_d37_what_a_service_misses_is_passed_on_and_a_loop_as_what_it_is() {
    let said = async |statuses: &[(&str, &str)]| {
        let statuses: String =
            statuses.iter().map(|(code, text)| format!("<status code='{code}'>{text}</status>")).collect();
        let remarks = asked(document(&statuses)).await.unwrap().remarks;
        remarks.iter().map(|remark| format!("{} {}", remark.code, remark.message)).collect::<Vec<_>>()
    };
    assert_eq!(said(&[("3.2.1", "us: loop")]).await, ["3.2.1 loop"]);
    assert_eq!(said(&[("3.2.1", "us: loop"), ("3.2.0", "web: reset")]).await, ["3.2.1 reset"]);
    assert_eq!(
        said(&[("3.2.0", "some are down"), ("1.2.0", "two days old")]).await,
        ["3.2.1 unreachable", "1.2.0 two days old"]
    );
    assert_eq!(said(&[("3.2.1", "a: timed-out"), ("3.2.1", "us: loop")]).await, ["3.2.1 timed-out"]);
    assert!(said(&[("2.1.0", "nothing"), ("3.1.1", "x")]).await.is_empty());
}

#[tokio::test]
async fn d15_a_busy_partner_is_busy_whatever_its_transport_calls_it() {
    for code in ["4.2.1", "4.2.2"] {
        let body = format!("<cnrp><results><status code='{code}'>x</status></results></cnrp>");
        let failure = asked(Act::Reply(503, "Retry-After: 7\r\n".into(), body.into())).await.unwrap_err();
        assert_eq!(
            (failure.reason, failure.retry_after),
            (Reason::RateLimited, Some(Duration::from_secs(7)))
        );
    }
}

#[tokio::test]
async fn every_failure_has_its_reason() {
    let lone = |code: &str| {
        Act::ok(MEDIA, format!("<cnrp><results><status code='{code}'>x</status></results></cnrp>"))
    };
    for (act, reason) in [
        (Act::Reset, Reason::Reset),
        (Act::Garbage, Reason::Malformed),
        (Act::Truncate, Reason::Malformed),
        (Act::Hang, Reason::TimedOut),
        (Act::Drip, Reason::TimedOut),
        (Act::Flood, Reason::TooLarge),
        (Act::ok(MEDIA, vec![b' '; 10_000_000]), Reason::TooLarge),
        (Act::ok(MEDIA, "<html>hello</html>"), Reason::Malformed),
        (Act::ok(MEDIA, "<cnrp><query><commonname>x</commonname></query></cnrp>"), Reason::Malformed),
        (Act::ok(MEDIA, "<a>".repeat(20_000)), Reason::Malformed),
        (document("<status code='4.2.1'>later</status>"), Reason::RateLimited),
        (document("<status code='3.1.1'>x</status><status code='5.2.1'>gone</status>"), Reason::Unreachable),
        (lone("4.2.1"), Reason::RateLimited),
        (lone("4.2.3"), Reason::Unreachable),
        (lone("4.1.0"), Reason::Refused),
        (Act::Reply(503, "Retry-After: 7\r\n".to_owned(), Vec::new()), Reason::HttpError),
        (Act::Reply(429, String::new(), Vec::new()), Reason::RateLimited),
        (Act::redirect(307, "http://10.0.0.1/"), Reason::Unsafe),
    ] {
        let shown = format!("{act:.60?}");
        let failure = asked(act).await.expect_err(&shown);
        assert_eq!(failure.reason, reason, "{shown:.100}: {failure}");
    }
}

#[tokio::test]
async fn r22_an_answer_without_anything_in_it_is_empty_and_no_failure() {
    for (inner, degraded) in [
        ("", false),
        ("<status code='2.1.0'>nothing</status>", false),
        ("<status code='1.2.0'>hello</status>", true),
        ("<status code='3.2.0'>some are down</status>", true),
    ] {
        let reply = asked(Act::ok(MEDIA, format!("<cnrp><results>{inner}</results></cnrp>"))).await.unwrap();
        assert_eq!((reply.hits.len(), reply.degraded), (0, degraded), "{inner}");
    }
}

#[tokio::test]
async fn a_partner_that_answers_garbage_is_nobody_to_refer_to() {
    for (act, reason) in [
        (Act::Garbage, Reason::Malformed),
        (Act::ok(MEDIA, "<html>hello</html>"), Reason::Malformed),
        (
            Act::ok(MEDIA, "<cnrp><results><status code='4.2.1'>x</status></results></cnrp>"),
            Reason::RateLimited,
        ),
    ] {
        let server = Fixture::always(act).await;
        let failure = partner(&server.url, "refer").ask(&query("Boeing")).await.unwrap_err();
        assert_eq!(failure.reason, reason);
    }
}

#[tokio::test]
async fn d37_via_is_sent_with_our_pseudonym_behind_the_others() {
    let server = Fixture::always(document("")).await;
    let mut query = query("Boeing");
    query.via = Via(vec!["one".to_owned(), "two.example:80".to_owned()]);
    partner(&server.url, "chain").ask(&query).await.unwrap();
    let head = server.heads()[0].to_lowercase();
    assert!(
        head.starts_with("post / http/1.1") && head.contains("via: 1.1 one, 1.1 two.example:80, 1.1 us\r\n"),
        "{head}"
    );
}

#[test]
fn d37_a_question_that_came_through_us_or_through_too_many_goes_no_further() {
    let with = |hops: &[&str]| {
        let mut query = query("x");
        query.via = Via(hops.iter().map(|hop| (*hop).to_owned()).collect());
        ["chain", "refer"]
            .map(|mode| partner("http://127.0.0.1:1", mode).request(&query) == Ask::Skip(Reason::Loop))
    };
    assert_eq!(with(&["a", "US", "b"]), [true; 2]);
    assert_eq!(with(&["a"; 8]), [false; 2]);
    assert_eq!(with(&["a"; 9]), [true; 2]);
}

#[test]
fn d37_a_question_that_came_another_way_is_another() {
    let through = |hops: &[&str]| {
        let mut query = query("x");
        query.via = Via(hops.iter().map(|hop| (*hop).to_owned()).collect());
        partner("http://127.0.0.1:1", "chain").request(&query)
    };
    assert_ne!(through(&[]), through(&["a"]), "what leads back to a is left out of it");
    assert_ne!(through(&["a"]), through(&["a", "b"]));
    assert_eq!(through(&["B", "a", "a"]), through(&["A", "b"]), "the same is left out");
}

#[test]
fn what_it_is_asked_is_the_name_the_hints_and_the_dataset() {
    let request = |name: &str, hints: &[Property]| {
        let chain = Chain { dataset: Some("urn:set".to_owned()), ..chain() };
        let partner = build_with("url: 'http://127.0.0.1:1'", chain).unwrap();
        let mut query = query(name);
        query.hints.sent = hints.to_vec();
        let Ask::Request(text) = partner.request(&query) else { panic!("not asked") };
        text
    };
    let french = [Property::new("language", "rfc1766", "fr-FR")];
    let text = request(" BOEING ", &french);
    assert!(
        text.contains("<commonname>boeing</commonname>")
            && text.contains("fr-FR")
            && text.contains("urn:set"),
        "{text}"
    );
    assert_eq!(text, request("boeing", &french));
    assert_ne!(text, request("boeing", &[]));
}

#[tokio::test]
async fn d27_an_id_is_asked_for_as_the_id_that_it_is_there() {
    let server = Fixture::always(document(&resource("Boeing", "77", "https://b.example/", ""))).await;
    let partner = partner(&server.url, "chain");
    let query = NameQuery { entry: Some("77".to_owned()), ..query("77") };
    let Ask::Request(text) = partner.request(&query) else { panic!("not asked") };
    assert!(text.contains("<id>77</id>") && !text.contains("commonname"), "{text}");
    assert_eq!(partner.ask(&query).await.unwrap().hits[0].likeness, Likeness::Same);
}

/// Counts what is paid.
#[derive(Default)]
struct Counted(AtomicUsize);

impl Toll for Counted {
    fn pay(&self) -> BoxFuture<'_, Result<(), Failure>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Box::pin(async { Ok(()) })
    }
}

#[test]
fn wrong_options_are_named() {
    for (yaml, word) in [
        ("url: 'names.example'", "http or https URL"),
        ("url: 'udp://names.example'", "http"),
        ("{url: 'http://x.example/', mode: forward}", "chain"),
        ("mode: chain", "url"),
    ] {
        let problems = build_with(yaml, chain()).err().unwrap();
        assert!(problems.to_string().contains(word), "{yaml}: {problems}");
    }
}
