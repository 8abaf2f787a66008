//! Services that ask, and refer to, one another: in rings, in vain, and in good order.

use std::{
    net::TcpListener,
    sync::{Arc, OnceLock},
};

use crate::{
    matching::NAMES,
    support::{Gateway, Read, Reply, Upstream, run, run_with},
};

const HEADER: &str = "Content-Type: application/cnrp+xml\r\n";

/// The answer of the service `uri`: a resource of its own, and a referral to `next` if there is one.
fn answer(uri: &str, next: Option<&str>) -> Reply {
    let host = uri.trim_start_matches("http://").replace([':', '/'], "-");
    let far = next.map_or_else(String::new, |next| {
        format!(
            "<service id='i9'><serviceuri>{next}</serviceuri></service><referral><serviceref ref='i9'/></referral>"
        )
    });
    let text = format!(
        "<cnrp><results><service id='i0'><serviceuri>{uri}</serviceuri></service><resourcedescriptor>\
         <commonname>Acme</commonname><id>1</id><resourceuri>https://{host}.example/</resourceuri>\
         <serviceref ref='i0'/><description/></resourcedescriptor>{far}</results></cnrp>"
    );
    Reply::Http(200, HEADER, text.into())
}

/// As many services as wanted, each of which refers to the next, and the last to the first.
async fn referral_ring(size: usize) -> Vec<Upstream> {
    let urls: Arc<OnceLock<Vec<String>>> = Arc::default();
    let mut ring = Vec::new();
    for place in 0..size {
        let urls = Arc::clone(&urls);
        let start = Upstream::start(move |_| {
            let urls = urls.get().unwrap();
            answer(&urls[place], Some(&urls[(place + 1) % size]))
        });
        ring.push(start.await);
    }
    urls.set(ring.iter().map(|one| format!("{}/", one.url())).collect()).unwrap();
    ring
}

#[tokio::test(flavor = "multi_thread")]
async fn r17_a_ring_of_referrals_is_walked_once() {
    let ring = referral_ring(3).await;
    let (code, out, err) = run(&["resolve", "Acme", "--server", &ring[0].url(), "--format", "xml"]);
    assert_eq!(code, 0, "{err}");
    let answer = Read::new(out.as_bytes());
    assert_eq!(answer.uris().len(), 3, "one merged document");
    assert!(answer.results.first("referral").is_none());
    assert_eq!(ring.iter().map(|one| one.calls().len()).collect::<Vec<_>>(), [1, 1, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_ring_is_left_after_four_hops() {
    let ring = referral_ring(7).await;
    let (code, out, _) = run(&["resolve", "Acme", "--server", &ring[0].url(), "--format", "xml"]);
    let answer = Read::new(out.as_bytes());
    assert_eq!((code, answer.uris().len()), (0, 5));
    assert_eq!(answer.results.all("referral").count(), 1);
    assert_eq!(ring.iter().map(|one| one.calls().len()).sum::<usize>(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn r16_referrals_are_left_alone_when_they_are_to_be() {
    let ring = referral_ring(2).await;
    let (code, out, _) = run(&["resolve", "Acme", "--server", &ring[0].url(), "--no-follow"]);
    assert!(code == 0 && out.contains("More may be known to:"), "{out}");
    assert!(ring[1].calls().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn d6_a_range_goes_on_behind_a_referral_and_past_the_end_says_how_many_there_are() {
    let other = Gateway::start(
        "backends: [{name: n, type: static, names: [{name: Acme, uri: \"https://acme3.example/\"}]}]",
    );
    let first = Gateway::start(&format!(
        "backends:
  - {{name: n, type: static, names: [{{name: Acme, uri: \"https://acme1.example/\"}}, {{name: Acme, uri: \"https://acme2.example/\"}}]}}
  - {{name: other, type: cnrp, url: \"{}\", mode: refer}}
",
        other.url("http")
    ));
    let server = first.url("http");
    for (range, expected) in [("2-2", &["acme2", "acme3"][..]), ("3-2", &["acme3"])] {
        let (code, out, err) =
            run(&["resolve", "Acme", "--server", &server, "--range", range, "--format", "xml"]);
        let expected: Vec<_> = expected.iter().map(|host| format!("https://{host}.example/")).collect();
        assert_eq!((code, Read::new(out.as_bytes()).uris()), (0, expected), "{range}: {err}");
    }
    let (code, _, err) = run(&["resolve", "Acme", "--server", &server, "--range", "4-2"]);
    assert!(code == 1 && err.contains("there are only 3 results, and the range begins at 4"), "{code} {err}");
}

/// This many names, `Acme` each of them, as a static map.
fn acmes(count: usize) -> String {
    let name = |nth: usize| format!("{{name: Acme, uri: \"https://a{nth:03}.example/\"}}");
    let names: Vec<_> = (1..=count).map(name).collect();
    format!("{{name: n, type: static, names: [{}]}}", names.join(", "))
}

#[tokio::test(flavor = "multi_thread")]
async fn d6_a_range_reaches_the_rest_of_what_a_partner_gives_in_parts() {
    for (most, has) in [(100, 150), (5, 12)] {
        let far = Gateway::start(&format!("limits: {{results: {most}}}\nbackends: [{}]", acmes(has)));
        let near = Gateway::start(&format!(
            "backends: [{{name: far, type: cnrp, timeout: 5s, url: \"{}\"}}]\nlimits: {{deadline: 5s}}",
            far.url("http")
        ));
        let ask = |start: usize, length: usize| {
            let range = format!("{start}-{length}");
            let server = near.url("http");
            run(&["resolve", "Acme", "--server", &server, "--range", &range, "--format", "xml"])
        };
        for (start, length, given) in [(most + 1, 3, 3), (most - 1, 4, 4), (has, 1, 1), (has - 1, 5, 2)] {
            let (code, out, err) = ask(start, length);
            let answer = Read::new(out.as_bytes());
            let expected: Vec<_> =
                (start..).take(given).map(|nth| format!("https://a{nth:03}.example/")).collect();
            assert_eq!(
                (code, answer.uris(), answer.codes()),
                (0, expected, vec![]),
                "{start}-{length}: {err}"
            );
        }
        let (code, out, _) = ask(has + 1, 1);
        let past = format!("there are only {has} results, and the range begins at {}", has + 1);
        assert!(code == 1 && out.contains(&past), "{out}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn r13_r17_a_dataset_that_a_partner_denies_is_on_no_result() {
    let inner = "<status code='3.1.5'>no such</status></results>";
    let far = Upstream::start(move |_| {
        let Reply::Http(status, head, body) = answer("urn:far", None) else { panic!("no answer") };
        let body = String::from_utf8(body).unwrap().replace("</results>", inner);
        Reply::Http(status, head, body.into())
    })
    .await;
    let near = Gateway::start(&format!(
        "backends: [{{name: far, type: cnrp, url: \"{}\", dataset: {{uri: \"urn:set\"}}}}]",
        far.url()
    ));
    let ask = |more: &[&str]| {
        let server = near.url("http");
        let words = [&["resolve", "Acme", "--server", &server, "--format", "xml"], more].concat();
        let (code, out, err) = run(&words);
        assert_eq!(code, 0, "{err}");
        out
    };
    let asked_for = ask(&["--property", "dataseturi:uri=urn:set"]);
    assert!(!asked_for.contains("<datasetref"), "{asked_for}");
    assert_eq!(Read::new(asked_for.as_bytes()).codes(), ["3.1.5"]);
    let whole = ask(&[]);
    assert!(!whole.contains("<datasetref") && Read::new(whole.as_bytes()).codes().is_empty(), "{whole}");
}

#[test]
fn d6_a_range_past_the_end_says_how_many_results_there_are() {
    let config = "backends: [{name: n, type: static, names: [{name: Acme, uri: \"https://acme.example/\"}]}]";
    let (code, _, err) = run_with(config, &["resolve", "Acme", "--range", "2-1"]);
    assert!(code == 1 && err.contains("there is only 1 result, and the range begins at 2 [2.1.0]"), "{err}");
}

/// Ports that nobody listens on.
fn free_ports<const N: usize>() -> [u16; N] {
    let held: Vec<_> = (0..N).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    std::array::from_fn(|place| held[place].local_addr().unwrap().port())
}

/// Three gateways, each of which asks the next, with one name of its own. Their grace is as long as
/// their deadline, so that a slow machine leaves nobody behind.
fn ring_of_gateways() -> [Gateway; 3] {
    let ports = free_ports::<3>();
    std::array::from_fn(|place| {
        let (own, next) = (ports[place], ports[(place + 1) % 3]);
        Gateway::start(&format!(
            "service: {{uri: \"urn:test:g{place}\"}}
listen: {{http: [\"127.0.0.1:{own}\"], admin: \"127.0.0.1:0\"}}
limits: {{grace: 2400ms}}
backends:
  - {{name: own, type: static, names: [{{name: Acme, uri: \"https://acme{place}.example/\"}}]}}
  - {{name: next, type: cnrp, url: \"http://127.0.0.1:{next}\"}}
"
        ))
    })
}

/// How many questions a gateway has answered.
async fn answered(gateway: &Gateway) -> u64 {
    let metrics = gateway.get("admin", "/metrics").await.text().await.unwrap();
    let line = metrics.lines().find(|line| line.starts_with("cnrp_answer_seconds_count"));
    line.unwrap_or_else(|| panic!("{metrics}")).rsplit(' ').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn d37_a_question_goes_round_a_ring_of_three_once() {
    let ring = ring_of_gateways();
    let answer = ring[0].ask("Acme", &[]).await;
    assert_eq!(answer.first_uri(), "https://acme0.example/");
    let mut uris = answer.uris();
    uris.sort();
    assert_eq!(uris, ["https://acme0.example/", "https://acme1.example/", "https://acme2.example/"]);
    let mut counts = Vec::new();
    for gateway in &ring {
        counts.push(answered(gateway).await);
    }
    assert_eq!(counts, [2, 1, 1], "three calls, the last of which comes home");
}

/// Two gateways that ask each other; the first has a source of its own besides, the second has none.
fn pair_of_gateways() -> [Gateway; 2] {
    let ports = free_ports::<2>();
    std::array::from_fn(|place| {
        let own = match place {
            0 => {
                "  - {name: own, type: static, names: [{name: Quartz Watch, uri: \"https://q.example/\"}]}\n"
            }
            _ => "",
        };
        let [here, there] = [ports[place], ports[1 - place]];
        Gateway::start(&format!(
            "listen: {{http: [\"127.0.0.1:{here}\"], admin: \"127.0.0.1:0\"}}
limits: {{grace: 2400ms}}
backends:
{own}  - {{name: other, type: cnrp, url: \"http://127.0.0.1:{there}\"}}
"
        ))
    })
}

#[tokio::test]
async fn d37_gateways_that_ask_each_other_do_not_wait_for_each_other() {
    let [first, second] = pair_of_gateways();
    for number in 0..10 {
        let name = format!("zzqq{number}");
        let answers = tokio::join!(first.ask(&name, &[]), second.ask(&name, &[]));
        for answer in [answers.0, answers.1] {
            assert!(!answer.results.text_of("status").contains("timed-out"), "{number}");
            assert_eq!(answer.codes(), ["3.2.1", "2.1.0"], "{number}");
        }
    }
}

#[tokio::test]
async fn d37_what_was_left_out_of_a_circle_is_not_missing_where_it_is_asked_for() {
    let [first, second] = pair_of_gateways();
    assert_eq!(first.ask("Quartz Watch", &[]).await.first_uri(), "https://q.example/");
    assert_eq!(second.ask("Quartz Watch", &[]).await.first_uri(), "https://q.example/");
}

#[tokio::test]
async fn d37_a_question_that_came_round_is_answered_and_says_so() {
    let ring = ring_of_gateways();
    let answer = ring[0].ask("zzqqxx", &[]).await;
    assert_eq!(
        answer.codes(),
        ["3.2.1", "2.1.0"],
        "what came round was asked no further, and the answer says so"
    );
    let document = crate::support::document("<query><commonname>Acme</commonname></query>");
    let via = (0..9).map(|hop| format!("1.1 hop{hop}")).collect::<Vec<_>>().join(", ");
    let reply = ring[0].send_with("via", &via, document.into_bytes()).await;
    let answer = Read::new(&reply.bytes().await.unwrap());
    assert_eq!((answer.uris().len(), answer.codes()), (1, vec!["3.2.1".to_owned()]));
    assert!(answer.results.text_of("status").contains("loop"));
}

#[tokio::test]
async fn d37_a_gateway_with_nothing_of_its_own_is_not_broken_by_a_question_that_came_round() {
    let gateway = Gateway::start("backends: [{name: next, type: cnrp, url: \"http://127.0.0.1:1\"}]\n");
    let document = crate::support::document("<query><commonname>Acme</commonname></query>");
    let via = ["1.1 x"; 9].join(", ");
    let reply = gateway.send_with("via", &via, document.into_bytes()).await;
    assert_eq!(Read::new(&reply.bytes().await.unwrap()).codes(), ["3.2.1", "2.1.0"]);
    assert_eq!(gateway.ask("Acme", &[]).await.codes(), ["4.2.3"], "where it is asked, it has failed");
}

#[tokio::test]
async fn a_partner_that_talks_nonsense_is_named_and_takes_nothing_from_the_others() {
    let nonsense: [Reply; 6] = [
        Reply::Garbage,
        Reply::Http(200, HEADER, b"<html>hello</html>".to_vec()),
        Reply::Http(200, HEADER, vec![b' '; 10_000_000]),
        Reply::Http(
            200,
            HEADER,
            b"<cnrp><results><status code='4.2.1'>busy</status></results></cnrp>".to_vec(),
        ),
        Reply::Http(503, "Retry-After: 5\r\n", Vec::new()),
        Reply::Truncate,
    ];
    for reply in nonsense {
        let shown = format!("{reply:.60?}");
        let partner = Upstream::start(move |_| reply.clone()).await;
        let gateway = Gateway::start(&format!(
            "{NAMES}  - {{name: partner, type: cnrp, url: \"{}\", service: \"urn:test:partner\"}}\n",
            partner.url()
        ));
        let answer = gateway.ask("Boeing", &[]).await;
        assert_eq!(answer.first_uri(), "https://www.boeing.com/", "{shown:.80}");
        assert_eq!(
            (answer.codes(), answer.blamed("3.2.1")),
            (vec!["3.2.1".into()], vec!["urn:test:partner".into()])
        );
        assert_eq!(partner.calls().len(), 1);
    }
}

#[tokio::test]
async fn r13_d27_what_a_partner_gave_comes_under_its_name_and_can_be_asked_for_by_id() {
    let partner = Upstream::start(|_| answer("urn:test:partner", None)).await;
    let gateway = Gateway::start(&format!(
        "backends: [{{name: partner, type: cnrp, url: \"{}\", when: {{categories: weather}}}}]\n",
        partner.url()
    ));
    let answer = gateway.ask("Acme", &[("category", "freeform", "weather")]).await;
    let resource = answer.resources()[0].clone();
    let origin = &resource.first("serviceref").unwrap().attributes["ref"];
    assert_eq!(answer.service(origin).unwrap().text_of("serviceuri"), "urn:test:partner");
    let again = gateway.ask_id(&resource.text_of("id")).await;
    assert_eq!(again.uris(), [resource.text_of("resourceuri")]);
    assert_eq!(again.resources()[0].text_of("id"), resource.text_of("id"));
}

#[tokio::test(flavor = "multi_thread")]
async fn r17_a_partner_that_is_ourselves_is_told_as_a_loop_and_not_referred_to() {
    let partner = Upstream::start(|_| answer("urn:test:gateway", None)).await;
    let config = format!(
        "service: {{uri: \"urn:test:gateway\"}}\nbackends: [{{name: us, type: cnrp, url: \"{}\", mode: refer}}]\n",
        partner.url()
    );
    let answer = Gateway::start(&config).ask("Acme", &[]).await;
    assert!(answer.results.first("referral").is_none());
    assert_eq!(answer.codes(), ["3.2.1", "2.1.0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_follows_to_where_its_configuration_leads() {
    let partner = Upstream::start(|_| answer("urn:test:partner", None)).await;
    let config = format!("backends: [{{type: cnrp, url: \"{}\", mode: refer}}]\n", partner.url());
    let (code, out, err) = run_with(&config, &["resolve", "Acme"]);
    assert!(code == 0 && out.contains("from urn:test:partner"), "{out}{err}");
    let (code, out, _) = run_with(&config, &["resolve", "Acme", "--no-follow"]);
    assert!(code == 0 && out.contains("More may be known to:\n   urn:test:partner"), "{out}");
}

#[tokio::test(flavor = "multi_thread")]
async fn u1_u2_go_uris_are_asked_where_they_say() {
    let gateway = Gateway::start(&format!(
        "listen: {{http: [\"127.0.0.1:0\"], udp: [\"127.0.0.1:0\"], admin: \"127.0.0.1:0\"}}\n{NAMES}"
    ));
    let at = gateway.address("http");
    let found = |uri: &str| {
        let (code, out, err) = run(&["resolve", uri, "--format", "xml"]);
        assert_eq!(code, 0, "{uri}: {err}");
        Read::new(out.as_bytes())
    };
    let answer = found(&format!("GO://{at}?Boeing"));
    assert_eq!(answer.first_uri(), "https://www.boeing.com/");
    let id =
        answer.resources()[0].text_of("id").replace('=', "%3D").replace('%', "%25").replace("%253D", "%3D");
    assert_eq!(found(&format!("go://{at}?id={id}")).first_uri(), "https://www.boeing.com/");
    for args in [vec!["resolve", &format!("go://{at}")], vec!["service", "--server", &at.to_string()]] {
        let (code, out, err) = run(&args);
        assert!(
            code == 0 && out.starts_with("urn:test:gateway\n") && out.contains("May be asked by:"),
            "{out}{err}"
        );
    }
    let udp = format!("udp://{}", gateway.address("udp"));
    let (code, out, err) = run(&["resolve", "Boeing", "--server", &udp]);
    assert!(code == 0 && out.contains("https://www.boeing.com/"), "{out}{err}");
    for wrong in ["go:", "go:%zz", "go:a;b", "go:id=5", "go://u@h?x"] {
        let (code, out, err) = run(&["resolve", wrong]);
        assert!(code == 2 && out.is_empty() && err.contains(wrong), "{wrong}: {err}");
    }
}
