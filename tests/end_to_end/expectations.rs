//! What the operator expects of answers: told by `check`, and decisive before `serve` serves.

use std::{
    io::Read,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::support::{Gateway, Reply, Upstream, free, program, run, run_with, searxng};

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

/// A process that a test which fails does not leave behind.
struct Watched(Child);

impl Drop for Watched {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A backend that is slow may hold a start up for long: whoever watches is answered, and it can be ended.
#[tokio::test(flavor = "multi_thread")]
async fn while_a_start_waits_for_answers_operators_are_answered_and_a_signal_ends_it() {
    let (silent, admin) = (Upstream::start(|_| Reply::Hang).await, free());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gateway.yaml");
    let config = format!(
        "listen: {{http: [\"127.0.0.1:0\"], admin: \"{admin}\"}}\nlimits: {{deadline: 20s}}\n\
         backends: [{{name: far, type: searxng, url: \"{}\", timeout: 18s}}]\n\
         expect: [{{name: zzqqxx, any: true}}]\n",
        silent.url()
    );
    std::fs::write(&path, config).unwrap();
    let mut gateway = program();
    gateway.args(["serve", "--config"]).arg(&path).stdout(Stdio::piped());
    let mut gateway = Watched(gateway.spawn().unwrap());
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let status = async |page: &str| {
        let reply = client.get(format!("http://{admin}{page}")).send().await;
        reply.map_or(0, |reply| reply.status().as_u16())
    };
    let began = Instant::now();
    while status("/livez").await != 200 {
        assert!(began.elapsed() < Duration::from_secs(10), "nobody answers");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(status("/readyz").await, 503);
    assert_eq!(run(&["healthcheck", "--live", "--config", path.to_str().unwrap()]).0, 0);
    let (told, pid) = (Instant::now(), gateway.0.id().to_string());
    Command::new("kill").args(["-TERM", &pid]).status().unwrap();
    let code = gateway.0.wait().unwrap().code();
    assert!(told.elapsed() < Duration::from_secs(3), "{:?}", told.elapsed());
    let mut said = String::new();
    gateway.0.stdout.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((code, said.as_str()), (Some(0), ""), "it never was ready");
}
