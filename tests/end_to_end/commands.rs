//! The command line: what it prints, and its exit codes.

use crate::{
    matching::NAMES,
    support::{Gateway, Reply, Upstream, run, run_with},
};

#[test]
fn a_name_is_resolved_in_process() {
    let (code, out, _) = run_with(NAMES, &["resolve", "Boeing"]);
    assert_eq!(code, 0);
    assert!(out.contains("https://www.boeing.com/") && !out.contains('\u{1b}'), "{out}");
    let (code, out, _) = run_with(NAMES, &["resolve", "boeing", "--format", "json"]);
    let answer: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &answer["results"][0]["uri"]), (0, &"https://www.boeing.com/".into()));
    let (code, out, _) = run_with(NAMES, &["resolve", "zzqqxx"]);
    assert_eq!(code, 1, "{out}");
}

#[test]
fn the_embedded_default_answers_without_a_file() {
    let (code, out, err) = run(&["resolve", "Boeing"]);
    assert!(code == 0 && out.contains("boeing.com"), "{out}{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_asked_over_http() {
    let gateway = Gateway::start(NAMES);
    let server = gateway.url("http");
    let (code, out, err) = run(&["resolve", "Boeing", "--server", &server, "--format", "xml"]);
    assert_eq!(code, 0, "{err}");
    assert_eq!(crate::support::Read::new(out.as_bytes()).first_uri(), "https://www.boeing.com/");
    let (code, _, err) = run(&["resolve", "Boeing", "--server", "http://127.0.0.1:1"]);
    assert_eq!(code, 3, "{err}");
    for body in ["<html>hello</html>", "<cnrp><results>", ""] {
        let header = "Content-Type: application/cnrp+xml\r\n";
        let stranger = Upstream::start(move |_| Reply::Http(200, header, body.into())).await;
        let (code, _, err) = run(&["resolve", "Boeing", "--server", &stranger.url()]);
        assert_eq!(code, 4, "{body}: {err}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_answers_a_servicequery_with_a_failure_is_exit_3_and_what_it_said() {
    for (code, words) in [
        ("4.1.0", "4.1.0 not today"),
        ("4.2.0", "4.2.0 not today"),
        ("4.2.1", "4.2.1 not today"),
        ("4.2.2", "4.2.2 not today"),
        ("4.2.3", "4.2.3 not today"),
        ("5.2.1", "5.2.1 not today"),
    ] {
        let header = "Content-Type: application/cnrp+xml\r\n";
        let said = format!("<cnrp><results><status code=\"{code}\">not today</status></results></cnrp>");
        let refusing = Upstream::start(move |_| Reply::Http(503, header, said.clone().into())).await;
        let (exit, out, err) = run(&["service", "--server", &refusing.url()]);
        assert_eq!((exit, out.as_str()), (3, ""), "{code}: {err}");
        assert!(err.contains(words), "{err}");
        let (exit, out, _) = run(&["service", "--server", &refusing.url(), "--format", "xml"]);
        assert_eq!((exit, crate::support::Read::new(out.as_bytes()).codes()), (3, vec!["4.2.3".to_owned()]));
    }
    for (body, exit) in
        [("<cnrp><results><status code=\"1.2.0\">hello</status></results></cnrp>", 4), ("hello", 4)]
    {
        let stranger = Upstream::start(move |_| Reply::Http(200, "", body.into())).await;
        let (code, out, err) = run(&["service", "--server", &stranger.url()]);
        assert_eq!((code, out.as_str()), (exit, ""), "{body}: {err}");
    }
}

#[test]
fn who_is_to_answer_is_said_once() {
    for (args, words) in [
        ("resolve Boeing --server 127.0.0.1:1 --config none.yaml", "cannot be used with"),
        (
            "resolve go://127.0.0.1:1?Boeing --config none.yaml",
            "the URI names the server 127.0.0.1:1, and --config none.yaml",
        ),
        ("resolve go://127.0.0.1:1 --config none.yaml", "and --config none.yaml; expected one of the two"),
        ("resolve go://127.0.0.1:1?Boeing --server 127.0.0.1:2", "and --server 127.0.0.1:2; expected one"),
        ("resolve Boeing --server 127.0.0.1:1 --ca none.pem", "--ca is for https, and http://127.0.0.1:1/"),
        ("service --server udp://127.0.0.1:1 --ca none.pem", "--ca is for https, and udp://127.0.0.1:1/"),
    ] {
        let (code, out, err) = run(&args.split(' ').collect::<Vec<_>>());
        assert_eq!((code, out.as_str()), (2, ""), "{args}: {err}");
        assert!(err.contains(words), "{args}: {err}");
    }
}

#[test]
fn a_wrong_configuration_is_explained_and_nothing_starts() {
    for (config, words) in [
        ("backends:\n  - {name: a, type: nosuch}\n", "nosuch"),
        ("backends:\n  - {name: a, type: google}\n", "ends on 1 January 2027"),
        ("listn: {}\n", "listen"),
        ("cache:\n  size: lots\n", "64MiB"),
        ("backends:\n  - {name: a, type: searxng, url: \"http://127.0.0.1:1\", ulr: x}\n", "ulr"),
        ("backends: [\n", "line"),
    ] {
        for command in ["check", "serve"] {
            let (code, out, err) = run_with(config, &[command]);
            assert_eq!((code, out.as_str()), (2, ""), "{config}{err}");
            assert!(err.contains(words) && err.contains("gateway.yaml:"), "{err}");
            assert!(err.starts_with("cnrp: 1 mistake in the configuration\n"), "{err}");
        }
    }
    let (code, _, err) = run_with(NAMES, &["check"]);
    assert_eq!(code, 0, "{err}");
}

#[test]
fn the_schema_describes_the_configuration() {
    let (code, out, _) = run(&["schema"]);
    let schema: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(code, 0);
    assert!(schema["properties"]["backends"].is_object());
}

#[test]
fn an_endless_file_is_no_configuration() {
    let (code, _, err) = run(&["check", "--config", "/dev/zero"]);
    assert!(code == 2 && err.contains("is longer than a configuration may be"), "{err}");
}
