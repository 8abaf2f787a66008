//! What survives a restart, a kill and a full disk: what was spent, and who is suspended.

use std::{
    fs,
    path::Path,
    time::{Duration, SystemTime},
};

use serde_json::Value;

use crate::support::{Gateway, Reply, Upstream, json, program, run_with, searxng, with_own_mounts};

/// A zone in which it is about noon, so that no day begins while a test runs.
fn noon() -> String {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let hour = since.as_secs() / 3600 % 24;
    // The signs of these names are those of POSIX: west of Greenwich is positive.
    match hour {
        12 => "UTC".to_owned(),
        0..12 => format!("Etc/GMT-{}", 12 - hour),
        _ => format!("Etc/GMT+{}", hour - 12),
    }
}

async fn knowing() -> Upstream {
    Upstream::start(|_| searxng(&[("https://a.example/", "A", "")])).await
}

/// Times are long: what a request costs the disk is part of its call, and a busy disk is slow.
fn config(upstream: &Upstream, state: &Path, budget: &str) -> String {
    format!(
        "state: {}\nlimits: {{deadline: 20s}}\n\
         backends: [{{name: s, type: searxng, url: \"{}\", timeout: 15s, rate: {budget}, zone: {}}}]\n",
        state.display(),
        upstream.url(),
        noon()
    )
}

async fn status(gateway: &Gateway) -> Value {
    json(gateway.get("admin", "/status").await).await["backends"][0].take()
}

async fn metric(gateway: &Gateway, name: &str) -> Option<String> {
    let text = gateway.get("admin", "/metrics").await.text().await.unwrap();
    let line = text.lines().find(|line| line.starts_with(name) && !line.starts_with('#'))?;
    line.rsplit(' ').next().map(str::to_owned)
}

/// Asks for many names at once, of a gateway that may end meanwhile.
fn ask_for(gateway: &Gateway, names: std::ops::Range<usize>) -> tokio::task::JoinHandle<()> {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = gateway.url("http");
    tokio::spawn(async move {
        let asked = names.map(|name| client.get(format!("{url}/resolve?q=name{name}")).send());
        futures_util::future::join_all(asked).await;
    })
}

#[tokio::test]
async fn killed_again_and_again_it_spends_its_budget_and_no_more() {
    const BUDGET: usize = 300;
    let state = tempfile::tempdir().unwrap();
    let upstream = knowing().await;
    let config = config(&upstream, state.path(), &format!("{BUDGET}/d"));
    for round in 0..8 {
        let gateway = Gateway::start(&config);
        let asking = ask_for(&gateway, round * 100..round * 100 + 30);
        tokio::time::sleep(Duration::from_millis(40 + 25 * round as u64)).await;
        // Dropped, it is killed by SIGKILL.
        drop(gateway);
        asking.await.unwrap();
    }
    let before = upstream.calls().len();
    assert!((20..BUDGET).contains(&before), "{before} requests in the rounds that were cut short");
    let gateway = Gateway::start(&config);
    for round in 0..10 {
        ask_for(&gateway, 1000 + round * 40..1040 + round * 40).await.unwrap();
    }
    let sent = upstream.calls().len();
    assert!((BUDGET * 95 / 100..=BUDGET).contains(&sent), "{sent} requests");
    let shown = status(&gateway).await;
    assert_eq!((&shown["budgets"][0]["left"], &shown["budgets"][0]["spent"]), (&0.into(), &BUDGET.into()));
    assert_eq!((&shown["state"], &shown["reason"]), (&"spent".into(), &"budget-spent".into()));
    assert_eq!((&shown["until"], &shown["next_probe"]), (&shown["budgets"][0]["ends"], &Value::Null));
    let about = gateway.get("http", "/about").await.text().await.unwrap();
    assert!(about.contains(" UTC: budget-spent") && !about.contains("class=\"well\""), "{about}");
    assert_eq!(gateway.ask("another", &[]).await.codes(), ["4.2.1"]);
    for (name, value) in [("left", "0"), ("limit", "300"), ("warned_ratio", "0.9")] {
        let shown =
            metric(&gateway, &format!("cnrp_backend_budget_{name}{{backend=\"s\",period=\"day\"}}")).await;
        assert_eq!(shown.as_deref(), Some(value), "{name}");
    }
}

/// Wikidata takes two requests for a name that it has.
#[tokio::test]
async fn a_question_of_two_requests_spends_two() {
    let state = tempfile::tempdir().unwrap();
    let base = Upstream::start(|line| {
        Reply::Json(match line.contains("action=wbgetentities") {
            true => r#"{"entities": {"Q66": {"claims": {}}}}"#.to_owned(),
            false => r#"{"search": [{"id": "Q66", "label": "Boeing", "description": "x"}]}"#.to_owned(),
        })
    })
    .await;
    let config = format!(
        "state: {}\nbackends: [{{type: wikidata, url: \"{}\", contact: a@b.example, rate: 5/d, zone: {}}}]\n",
        state.path().display(),
        base.url(),
        noon()
    );
    let gateway = Gateway::start(&config);
    gateway.ask("boeing", &[]).await;
    assert_eq!((base.calls().len(), &status(&gateway).await["budgets"][0]["spent"]), (2, &2.into()));
}

#[tokio::test]
async fn a_suspension_is_shown_survives_and_is_lifted() {
    let state = tempfile::tempdir().unwrap();
    let refusing = Upstream::start(|_| Reply::Http(429, "Retry-After: 600\r\n", Vec::new())).await;
    let config = config(&refusing, state.path(), "1000/h");
    let gateway = Gateway::start(&config);
    gateway.ask("one", &[]).await;
    let shown = status(&gateway).await;
    assert_eq!((&shown["state"], &shown["reason"]), (&"suspended".into(), &"rate-limited".into()));
    let until = shown["until"].as_str().unwrap().to_owned();
    assert!(until.len() == 20 && until.ends_with('Z'), "{until} is a moment of RFC 3339");
    assert_eq!(shown["next_probe"], until);
    assert_eq!(metric(&gateway, "cnrp_backend_suspended{backend=\"s\"}").await.as_deref(), Some("1"));
    let began = "cnrp_backend_suspensions_total{backend=\"s\",reason=\"rate-limited\"}";
    assert_eq!(metric(&gateway, began).await.as_deref(), Some("1"));
    assert_eq!(gateway.stop("-TERM"), Some(0));

    let gateway = Gateway::start(&config);
    let shown = status(&gateway).await;
    assert_eq!((&shown["state"], &shown["reason"]), (&"suspended".into(), &"rate-limited".into()));
    gateway.ask("two", &[]).await;
    assert_eq!(refusing.calls().len(), 1);
    let lifted = gateway.post_to("admin", "/resume/s").await;
    assert_eq!((lifted.status().as_u16(), &json(lifted).await["state"]), (200, &"working".into()));
    assert_eq!(gateway.post_to("admin", "/resume/t").await.status(), 404);
    gateway.ask("three", &[]).await;
    assert_eq!(refusing.calls().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_do_not_share_a_folder() {
    let state = tempfile::tempdir().unwrap();
    let upstream = knowing().await;
    let config = config(&upstream, state.path(), "1000/d");
    let gateway = Gateway::start(&config);
    assert_eq!(gateway.ask("one", &[]).await.uris(), ["https://a.example/"]);
    let listen = "listen: {http: [\"127.0.0.1:0\"], admin: \"127.0.0.1:0\"}\n";
    let (code, out, err) = run_with(&format!("{listen}{config}"), &["serve"]);
    assert_eq!((code, out.as_str()), (2, ""));
    let told = format!("gateway.yaml:2:8: state: {}: another process uses it", state.path().display());
    assert!(err.contains(&told), "{err}");
    // A command beside it asks nothing that costs.
    let (code, _, err) = run_with(&config, &["resolve", "two"]);
    assert!(code != 0 && err.contains("another process uses it"), "{code} {err}");
    assert_eq!(upstream.calls().len(), 1);
    drop(gateway);
    let (code, out, err) = run_with(&config, &["resolve", "two"]);
    assert!(code == 0 && out.contains("https://a.example/"), "{code} {out}{err}");
    assert_eq!(upstream.calls().len(), 2);
}

/// A disk of its own, which is full after the first question.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_means_no_call() {
    let (disk, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let upstream = knowing().await;
    let file = folder.path().join("gateway.yaml");
    fs::write(&file, config(&upstream, &disk.path().join("state"), "1000/d")).unwrap();
    let script = format!(
        "mount -t tmpfs -o size=64k tmpfs {disk} && {cnrp} resolve one --config {file}; echo $?; \
         cat /dev/zero > {disk}/rest; {cnrp} resolve two --config {file}; echo $?",
        disk = disk.path().display(),
        file = file.display(),
        cnrp = env!("CARGO_BIN_EXE_cnrp"),
    );
    let (out, err) = with_own_mounts(&script);
    assert!(out.contains("https://a.example/\n") && out.ends_with("\n0\n3\n"), "{out}{err}");
    assert!(err.contains("can't be written to: No space left on device"), "{err}");
    assert_eq!(upstream.calls().len(), 1);
}

/// Nobody can count, so nothing is spent; and what costs nothing is answered.
#[tokio::test]
async fn where_state_cannot_be_written_the_gateway_serves_and_spends_of_no_budget() {
    let upstream = knowing().await;
    let free = format!("  - {{name: free, type: searxng, url: \"{}\"}}\n", upstream.url());
    let backends = format!(
        "backends:\n  - {{name: costly, type: searxng, url: \"{}\", rate: 10/d}}\n{free}",
        upstream.url()
    );
    let gateway = Gateway::start(&format!("state: /proc/none\n{backends}"));
    assert_eq!(gateway.ask("A", &[]).await.uris(), ["https://a.example/"]);
    assert_eq!(upstream.calls().len(), 1, "only the one without a budget");
    let status = json(gateway.get("admin", "/status").await).await;
    let why = status["unusable_state"].as_str().unwrap();
    assert!(why.starts_with("/proc/none: expected a folder that can be made: "), "{why}");
}

/// What a budget costs of safety without `state` is said once, at the start.
#[test]
fn budgets_that_a_restart_forgets_are_told() {
    let config = "listen: {http: [\"127.0.0.1:0\"], admin: \"127.0.0.1:0\"}\n\
                  backends: [{name: s, type: searxng, url: \"http://127.0.0.1:9\", rate: 10/d}]\n";
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("gateway.yaml");
    fs::write(&file, config).unwrap();
    let child = program()
        .args(["serve", "--config", file.to_str().unwrap()])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(700));
    std::process::Command::new("kill").arg(child.id().to_string()).status().unwrap();
    let output = child.wait_with_output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(
        err.contains("budgets by day and month begin anew with each start") && err.contains("backends=s"),
        "{err}"
    );
}
