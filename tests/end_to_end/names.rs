//! Names from outside: lives that begin and end under a running gateway, parameters, what is denied,
//! and the commands that look after names.

use std::time::{Duration, SystemTime};

use crate::support::{Gateway, Upstream, document, json, run, run_with, searxng};

fn since_1970() -> Duration {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap()
}

/// A second after the beginning of 1970 as configurations have it.
fn time(second: u64) -> String {
    let output =
        std::process::Command::new("date").args(["-u", "-d", &format!("@{second}"), "+%FT%TZ"]).output();
    String::from_utf8(output.unwrap().stdout).unwrap().trim().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_changes_at_the_second_whatever_was_kept_of_it() {
    // An edge in whole seconds that leaves the gateway the time to start.
    let edge = Duration::from_secs(since_1970().as_secs() + 4);
    let edge_shown = time(edge.as_secs());
    let csv = format!(
        "name,uri,valid_from,valid_until\nFair,urn:x:old,,{edge_shown}\nFair,urn:x:new,{edge_shown},\n"
    );
    let gateway = Gateway::start_with(
        "backends: [{name: n, type: static, files: [names.csv]}]",
        &[("names.csv", &csv)],
    );
    let (mut before, mut after) = (0, 0);
    while after < 20 {
        let asked = since_1970();
        let uris = gateway.ask("fair", &[]).await.uris();
        let answered = since_1970();
        // What was asked and answered on one side of the edge is certain.
        if answered < edge {
            assert_eq!(uris, ["urn:x:old"], "{:?} before the edge", edge - answered);
            before += 1;
        } else if asked >= edge {
            assert_eq!(uris, ["urn:x:new"], "{:?} after the edge", asked - edge);
            after += 1;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(before > 0, "the gateway was there before the edge");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_has_ended_is_suggested_no_more_however_many_have_asked_it() {
    let end = since_1970().as_secs() + 4;
    let config = format!(
        "limits: {{trusted_proxies: [\"127.0.0.1/32\"]}}\nbackends: [{{name: n, type: static, \
         names: [{{name: Campaign, uri: \"https://camp.example/\", valid_until: \"{}\"}}]}}]",
        time(end)
    );
    let gateway = Gateway::start(&config);
    for client in 1..=5 {
        let question = document("<query><commonname>campaign</commonname></query>");
        let from = format!("192.0.2.{client}");
        gateway.send_with("x-forwarded-for", &from, question.into_bytes()).await;
    }
    let (mut before, mut after) = (0, 0);
    while after < 5 {
        let asked = since_1970();
        let suggested = json(gateway.get("http", "/suggest?q=camp").await).await[1].clone();
        if since_1970() < Duration::from_secs(end) {
            assert_eq!(suggested, serde_json::json!(["Campaign"]));
            before += 1;
        } else if asked >= Duration::from_secs(end) {
            assert_eq!(suggested, serde_json::json!([]));
            after += 1;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(before > 0, "it was suggested before the end");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_follows_a_name_goes_to_its_address_and_an_id_finds_it_again() {
    let config = r#"backends: [{name: n, type: static, names: [{name: jira, uri: "https://jira.example/browse/{rest}"}]}]"#;
    let gateway = Gateway::start(config);
    for name in ["jira ABC-1", "JIRA/ABC-1"] {
        let answer = gateway.ask(name, &[]).await;
        assert_eq!(answer.uris(), ["https://jira.example/browse/ABC-1"]);
        let id = answer.resources()[0].text_of("id");
        assert_eq!(gateway.ask_id(&id).await.uris(), ["https://jira.example/browse/ABC-1"], "{id}");
    }
    assert_eq!(gateway.ask("jira", &[]).await.uris(), ["https://jira.example/browse/"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denied_name_is_answered_by_nobody() {
    let upstream = Upstream::start(|_| searxng(&[("https://evil.example/", "Evil", "")])).await;
    let config = format!(
        "backends:\n  - {{name: n, type: static, names: [{{name: Evil, deny: true}}]}}\n  \
         - {{name: s, type: searxng, url: \"{}\"}}",
        upstream.url()
    );
    let gateway = Gateway::start(&config);
    let answer = gateway.ask("EVIL", &[]).await;
    assert_eq!((answer.codes(), answer.uris()), (vec!["2.1.0".to_owned()], Vec::new()));
    assert_eq!(gateway.ask("evil twin", &[]).await.uris(), ["https://evil.example/"], "another name");
    let id = gateway.ask("evil twin", &[]).await.resources()[0].text_of("id");
    let forged = id.replace("evil%20twin", "evil");
    assert_ne!(id, forged);
    assert_eq!(gateway.ask_id(&forged).await.uris(), [""; 0]);
    let page = json(gateway.get("http", "/resolve?q=evil").await).await;
    assert_eq!(page["results"], serde_json::json!([]));
}

#[test]
fn owners_and_notes_stay_with_the_operator() {
    let config = r#"backends: [{name: n, type: static, names: [{name: Acme, uri: "https://acme.example/", owner: ann, note: secret}]}]"#;
    for format in ["text", "json", "xml"] {
        let (code, out, err) = run_with(config, &["resolve", "acme", "--format", format]);
        assert_eq!(code, 0, "{err}");
        assert!(!out.contains("ann") && !out.contains("secret"), "{out}");
    }
    let (code, out, _) = run_with(config, &["export", "jsonl"]);
    assert!(code == 0 && out.contains("\"owner\":\"ann\",\"note\":\"secret\""), "{out}");
}

#[test]
fn findings_are_told_with_their_place_and_by_the_exit_code() {
    let config = "backends:\n  - name: n\n    type: static\n    names:\n      - {name: A, uri: \"urn:a:b\"}\n      - {name: a, uri: \"urn:a:b\"}\n";
    let (code, out, err) = run_with(config, &["lint"]);
    assert_eq!(code, 1, "{err}");
    assert!(out.ends_with(":6: warning: \"a\" says again what line 5 says of the same name\n"), "{out}");
    let (code, out, _) = run_with(config, &["lint", "--format", "json"]);
    let findings: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &findings[0]["line"], &findings[0]["severity"]), (1, &6.into(), &"warning".into()));
    let (code, out, err) = run_with("backends: [{type: static, names: [{name: X, alias_of: X}]}]", &["lint"]);
    assert!(code == 1 && out.contains(":1: error: alias_of: leads in a circle"), "{out}{err}");
    let (code, out, err) = run(&["lint"]);
    assert!(code == 0 || code == 1, "the starter map can be looked at: {out}{err}");
}

#[test]
fn what_a_gateway_refuses_of_names_above_an_index_lint_finds_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(file("names.csv"), "name,uri\nGone,https://gone.example/\n").unwrap();
    let (code, _, err) = run(&["index", "build", &file("names.csv"), "-o", &file("names.csv")]);
    assert!(
        code == 2 && err.contains("names.csv: is one of the files to be read; expected another"),
        "{err}"
    );
    let (code, _, err) = run(&["index", "build", &file("names.csv"), "-o", &file("n.idx")]);
    assert_eq!(code, 0, "{err}");
    let config = "backends:\n- type: static\n  index: n.idx\n  names:\n  - {name: A, alias_of: gone}\n  - {name: B, alias_of: Gonee}\n";
    std::fs::write(file("c.yaml"), config).unwrap();
    for (command, code) in [("check", 2), ("lint", 1), ("export", 2)] {
        let arguments = [command, "--config", &file("c.yaml"), "csv"];
        let (exit, out, err) = run(if command == "export" { &arguments } else { &arguments[..3] });
        let told = format!("{out}{err}");
        assert!(exit == code && told.contains("c.yaml:6:"), "{command}: {told}");
        assert_eq!(told.matches("\"Gonee\" is no name here").count(), 1, "{command}: {told}");
    }
    std::fs::write(file("n.idx"), "torn").unwrap();
    let (code, out, err) = run(&["lint", "--config", &file("c.yaml")]);
    assert!(code == 1 && out.contains("c.yaml:3: error: ") && out.contains("n.idx"), "{out}{err}");
}

#[test]
fn imports_are_strict_where_they_are_told_to_be() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("links.jsonl");
    std::fs::write(&file, "{\"Short\":\"a\",\"Long\":\"https://a.example/\"}\n{\"Short\":\"me\",\"Long\":\"https://b.example/{{.User}}\"}\n").unwrap();
    let path = file.to_str().unwrap();
    let (code, out, err) = run(&["import", "golink", path]);
    assert_eq!((code, out.as_str()), (0, "name,uri\na,https://a.example/{rest}\n"));
    assert!(err.contains("links.jsonl:2: me: https://b.example/{{.User}} says {{.User}}"), "{err}");
    let (code, out, err) = run(&["import", "golink", path, "--strict"]);
    assert!(code == 2 && out.is_empty() && err.contains("not everything can be carried"), "{out}{err}");
    let (code, _, err) = run(&["import", "bangs", path]);
    assert!(code == 2 && err.contains("expected a JSON array of bangs"), "{err}");
    let (code, _, err) = run(&["export", "csv", "--backend", "nobody"]);
    assert!(code == 2 && err.contains("no static backend is called \"nobody\""), "{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_behind_a_name_is_its_parameter_and_never_leads_elsewhere() {
    let config = r#"backends:
  - type: static
    names:
      - {name: jira, uri: "https://jira.example/browse/{rest}", plain: "https://jira.example/"}
      - {name: AC/DC, uri: "https://acdc.example/"}
      - {name: Evil, deny: true}"#;
    let gateway = Gateway::start(config);
    let browser =
        reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
    for (path, status, location) in [
        ("/go/jira", 302, "https://jira.example/"),
        ("/go/jira/ABC-1", 302, "https://jira.example/browse/ABC-1"),
        ("/go/jira/ABC-1/", 302, "https://jira.example/browse/ABC-1"),
        ("/go/jira/a%20b/c%3Fd%23e", 302, "https://jira.example/browse/a%20b/c%3Fd%23e"),
        ("/go/jira/%2F%2Fevil.example", 302, "https://jira.example/browse///evil.example"),
        ("/go/AC/DC", 302, "https://acdc.example/"),
        ("/go/jira/%2E%2E%2Fadmin", 303, "/?q=jira%2F%2E%2E%2Fadmin"),
        ("/go/evil", 303, "/?q=evil"),
        ("/go/nobody/knows", 303, "/?q=nobody%2Fknows"),
    ] {
        let reply = browser.get(format!("{}{path}", gateway.url("http"))).send().await.unwrap();
        let led = reply.headers()["location"].to_str().unwrap();
        assert_eq!((reply.status().as_u16(), led), (status, location), "{path}");
    }
}
