//! What other services may say, as a person sees it at the command line, and a client behind our
//! gateway.

use std::{fs::OpenOptions, process::Command};

use crate::{
    matching::NAMES,
    support::{Gateway, Read, Reply, Upstream, document, program, run},
};

const HEADER: &str = "Content-Type: application/cnrp+xml\r\n";

/// A service that answers everything with these results.
async fn saying(results: &'static str) -> Upstream {
    Upstream::start(move |_| Reply::Http(200, HEADER, format!("<cnrp>{results}</cnrp>").into())).await
}

fn lone(code: &str) -> String {
    format!("<results><status code='{code}'>said so</status></results>")
}

#[tokio::test(flavor = "multi_thread")]
async fn r22_an_answer_of_nothing_is_nothing_found_for_whoever_asked() {
    for results in ["<results/>", "<results></results>", "<results><status code='2.1.0'>x</status></results>"]
    {
        let stranger = saying(results).await;
        let (code, out, err) = run(&["resolve", "Acme", "--server", &stranger.url()]);
        assert_eq!((code, out.as_str()), (1, ""), "{err}");
        assert!(err.starts_with("nothing found: ") && err.contains("[2.1.0]"), "{err}");
        let (_, out, _) = run(&["resolve", "Acme", "--server", &stranger.url(), "--format", "xml"]);
        assert_eq!(Read::new(out.as_bytes()).codes(), ["2.1.0"]);
        let config = format!("{NAMES}  - {{name: partner, type: cnrp, url: \"{}\"}}\n", stranger.url());
        let gateway = Gateway::start(&config);
        assert_eq!(gateway.ask("Acme", &[]).await.codes(), ["2.1.0"], "the partner has not failed");
        assert_eq!(gateway.ask("Acme", &[]).await.codes(), ["2.1.0"]);
        assert_eq!(stranger.calls().len(), 3, "and its answer is remembered");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_refuses_has_failed_and_one_that_talks_nonsense_is_invalid() {
    for (said, expected) in [
        (lone("4.2.1"), 3),
        (lone("4.2.3"), 3),
        (lone("5.2.1"), 3),
        (lone("1.2.0"), 4),
        ("<results/>".to_owned(), 4),
        ("<html>hello</html>".to_owned(), 4),
    ] {
        let stranger = saying(said.clone().leak()).await;
        let (code, out, err) = run(&["service", "--server", &stranger.url()]);
        assert_eq!((code, out.as_str()), (expected, ""), "{said}: {err}");
        let word = if said.contains("4.2.1") { "rate-limited: the service says 4.2.1 said so" } else { "" };
        assert!(err.contains(word), "{err}");
        let (code, out, _) = run(&["service", "--server", &stranger.url(), "--format", "xml"]);
        assert_eq!((code, Read::new(out.as_bytes()).codes()), (expected, vec!["4.2.3".to_owned()]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_gets_a_document_even_of_a_failure() {
    let asked = |server: &str, format: &str| {
        run(&["resolve", "Acme", "--server", server, "--format", format, "--property", "geography=DE"])
    };
    let nonsense = saying("<html>hello</html>").await.url();
    for (server, expected, word) in [("127.0.0.1:1", 3, "refused"), (&nonsense, 4, "not a valid CNRP answer")]
    {
        let (code, out, err) = asked(server, "json");
        let answer: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!((code, &answer["status"][0]["code"]), (expected, &"4.2.3".into()), "{err}");
        assert!(
            answer["status"][0]["message"].as_str().unwrap().contains(word) && err.contains(word),
            "{out}"
        );
        assert_eq!(
            (&answer["query"]["commonname"], &answer["results"]),
            (&"Acme".into(), &serde_json::json!([]))
        );
        let (code, out, err) = asked(server, "xml");
        let answer = Read::new(out.as_bytes());
        assert_eq!((code, answer.codes()), (expected, vec!["4.2.3".to_owned()]), "{err}");
        assert!(answer.results.first("service").is_none() && answer.results.text_of("status").contains(word));
        let (code, out, err) = asked(server, "text");
        assert!(code == expected && out.is_empty() && err.contains(word), "{out}{err}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn d28_results_that_can_run_code_are_not_shown_and_that_is_said() {
    let row = |uri: &str| {
        format!(
            "<resourcedescriptor><commonname>Acme</commonname><id>1</id><resourceuri>{uri}</resourceuri>\
             <serviceref/><description/></resourcedescriptor>"
        )
    };
    let uris = ["javascript:alert(1)", "DATA:text/html,x", "file:///etc/passwd", "https://acme.example/"];
    let results: String = uris.iter().map(|uri| row(uri)).collect();
    let service = "<service><serviceuri>urn:x</serviceuri></service>";
    let stranger = saying(format!("<results>{service}{results}</results>").leak()).await;
    for format in ["text", "json", "xml"] {
        let (code, out, err) = run(&["resolve", "Acme", "--server", &stranger.url(), "--format", format]);
        assert!(code == 0 && out.contains("https://acme.example/"), "{out}{err}");
        assert!(!out.contains("alert") && !out.contains("text/html") && !out.contains("passwd"), "{out}");
        assert!(
            format!("{out}{err}").contains("results whose URI can run code were dropped: 3"),
            "{out}{err}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_referred_to_a_partner_that_talks_nonsense() {
    let nonsense = saying("<html>hello</html>").await;
    let gateway = Gateway::start(&format!(
        "{NAMES}  - {{name: far, type: cnrp, mode: refer, url: \"{}\", service: \"urn:test:far\"}}\n",
        nonsense.url()
    ));
    let answer = gateway.ask("Boeing", &[]).await;
    assert_eq!(answer.blamed("3.2.1"), ["urn:test:far"]);
    assert!(answer.results.text_of("status").contains("malformed"));
    assert!(answer.results.first("referral").is_none() && answer.first_uri() == "https://www.boeing.com/");
}

/// A service that knows nothing itself, and refers to `next`.
async fn referring(next: &str) -> Upstream {
    let results = format!(
        "<cnrp><results><service id='i0'><serviceuri>urn:test:first</serviceuri></service>\
         <service id='i1'><serviceuri>{next}</serviceuri></service><referral><serviceref ref='i1'/></referral>\
         </results></cnrp>"
    );
    Upstream::start(move |_| Reply::Http(200, HEADER, results.clone().into())).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_follows_to_a_private_partner_that_it_is_configured_with_and_to_nobody_else() {
    let found = "<results><service><serviceuri>urn:test:second</serviceuri></service><resourcedescriptor>\
                 <commonname>Acme</commonname><id>1</id><resourceuri>https://acme.example/</resourceuri>\
                 <serviceref/><description/></resourcedescriptor></results>";
    let (second, stranger) = (saying(found).await, saying(found).await);
    for (to, is_partner) in [(&second, true), (&stranger, false)] {
        let first = referring(&to.url()).await;
        // Of itself it is asked for the weather alone, so what comes from it came by the referral.
        let gateway = Gateway::start(&format!(
            "matching: {{referrals: follow}}
backends:
  - {{name: first, type: cnrp, url: \"{}\"}}
  - {{name: second, type: cnrp, url: \"{}\", when: {{categories: weather}}}}
",
            first.url(),
            second.url()
        ));
        let answer = gateway.ask("Acme", &[]).await;
        assert_eq!(
            (answer.uris().len(), to.calls().len()),
            (usize::from(is_partner), usize::from(is_partner))
        );
        assert_eq!(answer.results.all("referral").count(), usize::from(!is_partner));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_sent_to_us_as_a_question_begins_nothing() {
    let partner = saying("<results/>").await;
    let gateway = Gateway::start(&format!("backends: [{{type: cnrp, url: \"{}\"}}]\n", partner.url()));
    for _ in 0..20 {
        let answer = gateway.post(&document("<results><status code='4.1.0'>no</status></results>")).await;
        assert_eq!(answer.codes(), ["4.1.0"]);
    }
    assert!(partner.calls().is_empty(), "{:?}", partner.calls());
}

/// Runs the program with a full disk for its output: exit code and what it says.
fn on_a_full_disk(arguments: &[&str]) -> (i32, String) {
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = program().args(arguments).stdout(full).output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_can_not_write_says_so_and_a_reader_that_went_away_is_no_failure() {
    let gateway = Gateway::start(NAMES);
    let server = gateway.url("http");
    let path = gateway.folder.path().join("gateway.yaml");
    let (config, index) = (path.to_str().unwrap(), path.with_extension("idx"));
    let names = path.with_extension("csv");
    std::fs::write(&names, "name,uri\nAcme,https://acme.example/\n").unwrap();
    let (names, index) = (names.to_str().unwrap(), index.to_str().unwrap());
    for arguments in [
        &["resolve", "Boeing", "--server", &server][..],
        &["resolve", "Boeing", "--server", &server, "--format", "json"],
        &["resolve", "Boeing", "--server", "127.0.0.1:1", "--format", "xml"],
        &["resolve", "Boeing", "--config", config],
        &["service", "--server", &server],
        &["probe", "127.0.0.1:1"],
        &["check", "--config", config],
        &["check", "--config", config, "--upstreams"],
        &["index", "build", names, "-o", index],
        &["index", "stat", index],
        &["index", "get", index, "Acme"],
        &["schema"],
        &["completions", "bash"],
        &["man"],
        &["--help"],
        &["--version"],
    ] {
        let (code, err) = on_a_full_disk(arguments);
        assert_eq!(code, 3, "{arguments:?}: {err}");
        assert!(err.contains("the output can't be written: No space left on device"), "{arguments:?}: {err}");
    }
    let (program, script) =
        (env!("CARGO_BIN_EXE_cnrp"), "set -o pipefail; \"$0\" schema | head -c 1 >/dev/null");
    let output = Command::new("bash").args(["-c", script, program]).output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}
