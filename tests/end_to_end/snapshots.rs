//! Answers that survive a restart: a gateway whose network is gone says what it was told before.

use std::{
    fs,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use cnrp_gateway::state::{Folder, Found};

use crate::support::{Gateway, Upstream, free_port, program, searxng, with_own_mounts};

const KEY: &str = "kEy-2b81d07f44";

async fn knowing() -> Upstream {
    Upstream::start(|_| searxng(&[("https://a.example/", "A", "")])).await
}

/// A configuration whose backend has a key, and whose answers are fresh for `ttl`.
fn config(upstream: &Upstream, folder: &Path, ttl: &str) -> String {
    let (state, key) = (folder.join("state"), folder.join("key"));
    fs::write(&key, KEY).unwrap();
    format!(
        "state: {}\ncache: {{ttl: {ttl}}}\nbackends:\n  - {{name: s, type: searxng, url: \"{}\", \
         headers: {{x-key: {{file: {}}}}}}}\n",
        state.display(),
        upstream.url(),
        key.display()
    )
}

async fn metric(gateway: &Gateway, name: &str) -> Option<String> {
    let text = gateway.get("admin", "/metrics").await.text().await.unwrap();
    let line = text.lines().find(|line| line.starts_with(name))?;
    line.rsplit(' ').next().map(str::to_owned)
}

/// Asks a gateway that then ends, so that it has written down what it was told.
async fn ask_and_end(config: &str) {
    let gateway = Gateway::start(config);
    assert_eq!(gateway.ask("A", &[]).await.uris(), ["https://a.example/"]);
    assert_eq!(gateway.stop("-TERM"), Some(0));
}

#[tokio::test]
async fn without_a_network_what_was_asked_before_is_answered_fresh_or_stale() {
    for (ttl, is_stale) in [("1h", false), ("1s", true)] {
        let (folder, upstream) = (tempfile::tempdir().unwrap(), knowing().await);
        let config = config(&upstream, folder.path(), ttl);
        ask_and_end(&config).await;
        assert_eq!(upstream.calls().len(), 1);
        upstream.stop().await;
        tokio::time::sleep(Duration::from_millis(1100)).await;
        let gateway = Gateway::start(&config);
        assert_eq!(metric(&gateway, "cnrp_cache_recalled ").await.as_deref(), Some("1"));
        assert_eq!(gateway.ask("A", &[]).await.uris(), ["https://a.example/"], "{ttl}");
        let result = if is_stale { "stale" } else { "fresh" };
        let counted = format!("cnrp_cache_results_total{{backend=\"s\",result=\"{result}\"}}");
        assert_eq!(metric(&gateway, &counted).await.as_deref(), Some("1"), "{ttl}");
    }
}

/// The program under libfaketime: the clocks are as `time` says, and what it waits for comes accordingly.
fn under(time: &str) -> Command {
    let mut program = program();
    program.env("LD_PRELOAD", "/usr/$LIB/faketime/libfaketime.so.1").env("FAKETIME", time);
    program
}

/// The end of a process that is killed writes nothing down, so all that is left of it is what it wrote
/// while it ran: its minute is over in three seconds.
#[tokio::test]
async fn what_was_asked_is_written_down_every_minute_so_that_a_kill_leaves_it() {
    let (folder, upstream) = (tempfile::tempdir().unwrap(), knowing().await);
    let config = config(&upstream, folder.path(), "12h");
    let patient = format!(
        "limits: {{deadline: 60s}}\n{}",
        config.replace("type: searxng", "type: searxng, timeout: 60s")
    );
    let gateway = Gateway::start_by(under("+0 x20"), &patient);
    assert_eq!(gateway.ask("A", &[]).await.uris(), ["https://a.example/"]);
    let written = "cnrp_cache_snapshots_total{result=\"written\"}";
    let started = Instant::now();
    while metric(&gateway, written).await.as_deref() != Some("1") {
        assert!(started.elapsed() < Duration::from_secs(30), "nothing was written in minutes");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(started.elapsed() > Duration::from_secs(1), "it waits for a minute");
    assert_eq!(gateway.stop("-KILL"), None);
    upstream.stop().await;
    // An hour later, as the clock of the one that was killed was quick.
    let gateway = Gateway::start_by(under("+1h"), &patient);
    assert_eq!(metric(&gateway, "cnrp_cache_recalled ").await.as_deref(), Some("1"));
    assert_eq!(gateway.ask("A", &[]).await.uris(), ["https://a.example/"]);
}

#[tokio::test]
async fn what_is_kept_is_for_the_same_backend_alone_and_has_no_secret() {
    let (folder, upstream) = (tempfile::tempdir().unwrap(), knowing().await);
    let first = config(&upstream, folder.path(), "1h");
    ask_and_end(&first).await;
    for file in fs::read_dir(folder.path().join("state")).unwrap() {
        let content = fs::read(file.unwrap().path()).unwrap();
        assert!(!String::from_utf8_lossy(&content).contains(KEY));
    }
    ask_and_end(&first).await;
    assert_eq!(upstream.calls().len(), 1, "it is known");
    ask_and_end(&first.replace("x-key", "x-other")).await;
    assert_eq!(upstream.calls().len(), 2, "another backend is asked");
}

#[tokio::test]
async fn what_is_torn_or_of_another_version_is_not_believed() {
    let (folder, upstream) = (tempfile::tempdir().unwrap(), knowing().await);
    let config = config(&upstream, folder.path(), "1h");
    ask_and_end(&config).await;
    let file = folder.path().join("state/answers.1");
    let whole = fs::read(&file).unwrap();
    fs::write(&file, &whole[..whole.len() - 1]).unwrap();
    ask_and_end(&config).await;
    assert_eq!(upstream.calls().len(), 2, "torn");
    ask_and_end(&config).await;
    assert_eq!(upstream.calls().len(), 2, "it begins anew, and is whole again");
    {
        let state = Folder::open(&folder.path().join("state")).unwrap();
        let (mut record, found) = state.record("answers");
        let (Found::Whole(now) | Found::Behind(now)) = found else { panic!("{found:?}") };
        let now = String::from_utf8(now).unwrap();
        assert!(now.starts_with("cnrp-answers 1 "), "{now}");
        record.write(now.replacen("cnrp-answers 1 ", "cnrp-answers 0 ", 1).as_bytes()).unwrap();
    }
    ask_and_end(&config).await;
    assert_eq!(upstream.calls().len(), 3, "an older version");
}

/// A disk of its own, which is full before the gateway ends.
#[tokio::test(flavor = "multi_thread")]
async fn on_a_full_disk_the_gateway_ends_well_and_leaves_no_half_of_it() {
    let (disk, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let upstream = knowing().await;
    let (file, http) = (folder.path().join("gateway.yaml"), free_port());
    let listen = format!("listen: {{http: [\"127.0.0.1:{http}\"], admin: \"127.0.0.1:0\"}}\n");
    let config = config(&upstream, folder.path(), "1h");
    let state = format!("{}/state", folder.path().display());
    let config = config.replacen(&state, &format!("{}/state", disk.path().display()), 1);
    fs::write(&file, format!("{listen}{config}")).unwrap();
    let script = format!(
        "mount -t tmpfs -o size=64k tmpfs {disk}\n{cnrp} serve --config {file} > {folder}/said & gateway=$!\n\
         until grep -q ready {folder}/said; do sleep 0.05; done\ncat /dev/zero > {disk}/rest\n\
         {cnrp} resolve A --server http://127.0.0.1:{http}; kill $gateway; wait $gateway; echo $?; ls {disk}/state",
        disk = disk.path().display(),
        folder = folder.path().display(),
        file = file.display(),
        cnrp = env!("CARGO_BIN_EXE_cnrp"),
    );
    let (out, err) = with_own_mounts(&script);
    assert!(out.contains("https://a.example/\n") && out.contains("\n0\n"), "{out}{err}");
    assert!(err.contains("answers can't be kept under `state`"), "{err}");
    assert!(!out.contains("answers"), "{out}");
}
