//! What the operator expects of answers: told by `check`, and decisive before `serve` serves.

use crate::support::{Gateway, Reply, Upstream, run_with, searxng};

const NAMES: &str = r#"
listen: {http: ["127.0.0.1:0"], admin: "127.0.0.1:0"}
backends:
  - name: names
    type: static
    names:
      - {name: Boeing, uri: "https://www.boeing.com/"}
      - {name: Mercury, uri: "https://fr.mercury.example/", properties: {language: fr}}
      - {name: Mercury, uri: "https://en.mercury.example/", properties: {language: en}}
"#;

fn with(expect: &str) -> String {
    format!("{NAMES}expect: [{expect}]\n")
}

#[test]
fn what_is_as_expected_is_passed_over() {
    let config = with(
        r#"{name: boeing, top: "http://boeing.com"},
           {name: Boeing, top: ["https://a.example/", "https://www.boeing.com/"]},
           {name: Boeing, absent: [airbus.com, "https://www.boeing.com/careers"]},
           {name: Boeing, any: true}, {name: zzqqxx, any: false},
           {name: Mercury, top: "https://fr.mercury.example/", hints: {language: fr}},
           {name: Mercury, top: "https://en.mercury.example/", hints: {language: en}}"#,
    );
    let (code, out, err) = run_with(&config, &["check"]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.ends_with("gateway.yaml: ok\n"), "{out}");
}

#[test]
fn each_answer_that_is_not_as_expected_is_shown_and_nothing_starts() {
    let config = with(
        r#"{name: boeing, top: "https://www.boeing.example/"}, {name: Boeing, absent: com},
           {name: Boeing, any: true}, {name: zzqqxx, any: true}"#,
    );
    for command in ["check", "serve"] {
        let (code, out, err) = run_with(&config, &[command]);
        assert_eq!((code, out.as_str()), (2, ""), "{err}");
        let lines: Vec<_> = err.lines().map(|line| line.rsplit("gateway.yaml:").next().unwrap()).collect();
        assert_eq!(
            lines,
            [
                "cnrp: 3 answers are not as expected",
                "10: expect[0]: boeing: expected https://www.boeing.example/ first, got https://www.boeing.com/ (high)",
                "10: expect[1]: Boeing: expected no com, got https://www.boeing.com/ (high)",
                "11: expect[3]: zzqqxx: expected something, got nothing",
            ]
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_failed_backend_might_have_known_is_open_and_the_gateway_starts() {
    let down = "  - {name: far, type: searxng, url: \"http://127.0.0.1:1\"}\n";
    let config = with(r#"{name: zzqqxx, any: true}, {name: Boeing, top: "https://www.boeing.com/"}"#)
        .replace("expect:", &format!("{down}expect:"));
    let (code, _, err) = run_with(&config, &["check"]);
    assert_eq!(code, 3, "{err}");
    let open = "gateway.yaml:11: expect[0]: zzqqxx: expected something, got nothing; open, as these failed: far (refused)\n";
    assert!(err.ends_with(open) && err.lines().count() == 1, "{err}");
    let gateway = Gateway::start(&config);
    assert_eq!(gateway.ask("Boeing", &[]).await.uris(), ["https://www.boeing.com/"]);
}

#[test]
fn no_failure_excuses_what_the_own_names_say() {
    let config = with(r#"{name: Boeing, top: "https://boeing.example/"}"#)
        .replace("expect:", "  - {name: far, type: searxng, url: \"http://127.0.0.1:1\"}\nexpect:");
    let (code, _, err) = run_with(&config, &["check"]);
    assert!(code == 2 && err.contains("got https://www.boeing.com/ (high)"), "{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_upstream_finds_is_expected_like_everything_else() {
    let upstream = Upstream::start(|_| searxng(&[("https://bad.example/x", "zzqqxx", "")])).await;
    let backend = format!("  - {{name: s, type: searxng, url: \"{}\"}}\n", upstream.url());
    let config = with("{name: zzqqxx, absent: bad.example}").replace("expect:", &format!("{backend}expect:"));
    let (code, _, err) = run_with(&config, &["check"]);
    assert!(code == 2 && err.contains("expected no bad.example, got https://bad.example/x"), "{err}");
    let broken = Upstream::start(|_| Reply::Http(500, "", Vec::new())).await;
    let config = config.replace(&upstream.url(), &broken.url());
    let (code, _, err) = run_with(&config, &["check"]);
    let open = "expected no bad.example, got nothing; open, as these failed: s (http-error)\n";
    assert!(code == 3 && err.ends_with(open), "it might have been found: {err}");
    let config = config.replace("absent: bad.example", "any: false");
    let (code, _, err) = run_with(&config, &["check"]);
    assert!(code == 3 && err.contains("expected nothing, got nothing; open, as these failed: s"), "{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rate_of_a_backend_is_waited_for() {
    let upstream = Upstream::start(|_| searxng(&[("https://good.example/", "zzqqxx", "")])).await;
    let backend = format!("  - {{name: s, type: searxng, url: \"{}\", rate: 2/s}}\n", upstream.url());
    let names: Vec<_> = (0..4).map(|n| format!("{{name: zzqqxx {n}, any: true}}")).collect();
    let config = with(&names.join(", ")).replace("expect:", &format!("{backend}expect:"));
    let (code, out, err) = run_with(&config, &["check"]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert_eq!(upstream.calls().len(), 4);
}
