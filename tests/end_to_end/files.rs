//! Names files and indexes: read again when they change, and the old content kept while the new is
//! wrong.

use std::time::{Duration, Instant};

use crate::support::{Gateway, run, with_own_mounts};

const CONFIG: &str = "backends: [{name: n, type: static, files: [names.csv]}]";

/// Asks until the answer is `expected`; a changed file has five seconds to take effect.
async fn comes_to(gateway: &Gateway, name: &str, expected: &[&str]) {
    let started = Instant::now();
    loop {
        let uris = gateway.ask(name, &[]).await.uris();
        if uris == expected {
            return;
        }
        assert!(started.elapsed() < Duration::from_secs(5), "{name}: {uris:?}, not {expected:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn a_changed_file_takes_effect_and_a_broken_one_does_not() {
    let gateway =
        Gateway::start_with(CONFIG, &[("names.csv", "name,uri\nAcme Widgets,https://one.example/\n")]);
    let path = gateway.folder.path().join("names.csv");
    comes_to(&gateway, "acme widgets", &["https://one.example/"]).await;

    std::fs::write(&path, "name,uri\nAcme Widgets,https://two.example/\n").unwrap();
    comes_to(&gateway, "acme widgets", &["https://two.example/"]).await;

    std::fs::write(&path, "name,uri\nAcme Widgets,no address at all\n").unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    comes_to(&gateway, "acme widgets", &["https://two.example/"]).await;

    // Replaced by rename, as editors and ConfigMaps do it.
    let other = gateway.folder.path().join("other.csv");
    std::fs::write(&other, "url,name,mood\nhttps://three.example/,Acme Widgets,fine\n").unwrap();
    std::fs::rename(&other, &path).unwrap();
    comes_to(&gateway, "acme widgets", &["https://three.example/"]).await;
}

#[tokio::test]
async fn a_pipe_for_a_file_of_names_is_refused_and_holds_nobody_up() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("names.csv");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for key in ["files: [names.csv]", "index: names.csv"] {
        let config = folder.path().join("gateway.yaml");
        std::fs::write(&config, format!("backends: [{{name: n, type: static, {key}}}]")).unwrap();
        for command in ["check", "serve", "resolve"] {
            let arguments = [command, "--config", config.to_str().unwrap(), "x"];
            let (code, out, err) = run(if command == "resolve" { &arguments } else { &arguments[..3] });
            assert_eq!((code, out.as_str()), (2, ""), "{err}");
            let (file, what) = ("names.csv", "can't be read: it is a pipe, a socket or a device");
            assert!(err.contains(file) && err.contains(what), "{err}");
        }
    }
    // One that takes the place of a file while it serves is left alone.
    let gateway = Gateway::start_with(CONFIG, &[("names.csv", "name,uri\nAcme,https://one.example/\n")]);
    std::fs::rename(&pipe, gateway.folder.path().join("names.csv")).unwrap();
    tokio::time::sleep(Duration::from_millis(2500)).await;
    comes_to(&gateway, "acme", &["https://one.example/"]).await;
    assert_eq!(gateway.stop("-TERM"), Some(0));
}

/// Runs `cnrp index build`.
fn build(rows: &str, index: &std::path::Path) {
    let names = index.with_extension("csv");
    std::fs::write(&names, format!("name,uri\n{rows}")).unwrap();
    let (code, out, err) = run(&["index", "build", names.to_str().unwrap(), "-o", index.to_str().unwrap()]);
    assert!(code == 0 && err.is_empty(), "{out}{err}");
}

#[tokio::test]
async fn an_index_serves_and_is_replaced_while_it_does() {
    let folder = tempfile::tempdir().unwrap();
    let index = folder.path().join("names.idx");
    build("Acme Widgets,https://one.example/\n", &index);
    let gateway =
        Gateway::start(&format!("backends: [{{name: n, type: static, index: {}}}]", index.display()));
    comes_to(&gateway, "acme widgets", &["https://one.example/"]).await;
    comes_to(&gateway, "widgets acme", &["https://one.example/"]).await;

    build("Acme Widgets,https://two.example/\n", &index);
    comes_to(&gateway, "acme widgets", &["https://two.example/"]).await;

    let torn = folder.path().join("torn");
    std::fs::write(&torn, &std::fs::read(&index).unwrap()[..200]).unwrap();
    std::fs::rename(&torn, &index).unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    comes_to(&gateway, "acme widgets", &["https://two.example/"]).await;

    build("Acme Widgets,https://three.example/\n", &index);
    comes_to(&gateway, "acme widgets", &["https://three.example/"]).await;
}

#[test]
fn the_index_commands_say_how_it_went() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (names, index) = (path("names.csv"), path("names.idx"));
    std::fs::write(&names, "name,uri\nAcme,https://a.example/\nAcme,https://b.example/\nbroken\n").unwrap();
    let (code, out, err) = run(&["index", "build", &names, "-o", &index, "--strict"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("names.csv:4:1: has 1 columns") && err.contains("1 malformed rows"), "{err}");
    let (code, out, _) = run(&["index", "build", &names, "-o", &index]);
    assert!(code == 0 && out.contains("1 names lead to several addresses\n  acme: 2 addresses\n"), "{out}");
    let (code, out, _) = run(&["index", "stat", &index]);
    assert_eq!((code, out), (0, format!("{index}: 2 names, 1 keys\n")));
    let (code, out, _) = run(&["index", "get", &index, "ACME"]);
    assert_eq!((code, out.lines().count()), (0, 2));
    assert_eq!(run(&["index", "get", &index, "nobody"]).0, 1);
    let (code, _, err) = run(&["index", "stat", &names]);
    assert!(code == 2 && err.contains("names.csv is no index of names"), "{err}");
    let (code, _, err) = run(&["index", "build", &path("none.csv"), "-o", &index]);
    assert!(code == 2 && err.contains("none.csv: can't be read"), "{err}");
}

/// A disk of its own, too small for the index: what was there stays, and nothing is left behind.
#[test]
fn a_full_disk_is_told_and_leaves_the_old_index() {
    let disk = tempfile::tempdir().unwrap();
    let names = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
    let rows: String = (0..40_000).map(|i| format!("Name {i},https://{i}.example/\n")).collect();
    std::fs::write(names.path(), format!("name,uri\n{rows}")).unwrap();
    let script = format!(
        "mount -t tmpfs -o size=1m tmpfs {disk} && cd {disk} && echo old > names.idx && \
         {cnrp} index build {names} -o names.idx; echo $?; cat names.idx; ls",
        disk = disk.path().display(),
        cnrp = env!("CARGO_BIN_EXE_cnrp"),
        names = names.path().display(),
    );
    let (out, err) = with_own_mounts(&script);
    assert_eq!(out, "3\nold\nnames.idx\n", "{err}");
    assert!(err.contains("names.idx: can't be written: No space left on device"), "{err}");
}
