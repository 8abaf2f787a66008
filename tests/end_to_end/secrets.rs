//! No secret is in anything that the program prints, whatever goes wrong: the logs, the operator's
//! pages, answers, and what commands say.

use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Command, Output, Stdio},
};

use crate::support::{MEDIA_TYPE, Reply, Upstream, document, program};

const KEY: &str = "kEy-5f0c1a9b7e";
const HEADER: &str = "hEader-77d2c4e1";
const TOKEN: &str = "tOken-90ab31cc5d";

/// Says the secrets back in every way an upstream could, by a word in the request.
fn indiscreet(line: &str) -> Reply {
    let body =
        format!("{{\"message\": \"wrong key {KEY} {HEADER}\", \"url\": \"https://x.example/?k={KEY}\"}}");
    let has = |word: &str| line.contains(word);
    match () {
        () if has("unauthorised") => Reply::Http(401, "X-Key: kEy-5f0c1a9b7e\r\n", body.into_bytes()),
        () if has("redirected") => {
            Reply::Http(302, "Location: http://127.0.0.1:1/?k=kEy-5f0c1a9b7e\r\n", Vec::new())
        }
        () if has("garbled") => Reply::Garbage,
        () if has("reset") => Reply::Reset,
        () if has("truncated") => Reply::Truncate,
        () if has("broken") => Reply::Http(500, "Content-Type: text/html\r\n", body.into_bytes()),
        () => Reply::Json(body),
    }
}

const WORDS: [&str; 7] =
    ["unauthorised", "redirected", "garbled", "reset", "truncated", "broken", "malformed"];

fn with_secrets(command: &mut Command) -> &mut Command {
    command.env("CNRP_TEST_KEY", KEY).env("RUST_LOG", "warn,cnrp_gateway=trace")
}

fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned()).concat()
}

fn assert_discreet(text: &str, place: &str) {
    for secret in [KEY, HEADER, TOKEN] {
        assert!(!text.contains(secret), "a secret is in {place}: {text}");
    }
}

fn configuration(folder: &Path, upstream: &str) -> String {
    std::fs::write(folder.join("header"), format!("{HEADER}\n")).unwrap();
    std::fs::write(folder.join("token"), format!("{TOKEN}\n")).unwrap();
    // One backend for each word, so that none is suspended for another's failure.
    let backend = |word: &&str| {
        format!(
            "  - {{name: {word}, type: brave, url: \"{upstream}/{word}\", key: {{env: CNRP_TEST_KEY}}, \
             headers: {{x-further: {{file: header}}}}}}\n"
        )
    };
    let backends: String = WORDS.iter().map(backend).collect();
    format!(
        "listen: {{http: [\"127.0.0.1:0\"], admin: \"127.0.0.1:0\"}}\nadmin: {{token: {{file: token}}}}\n\
         trace: {{otlp: \"{upstream}/unauthorised\", headers: {{x-further: {{file: header}}}}}}\nbackends:\n{backends}"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_in_what_a_running_gateway_says() {
    let upstream = Upstream::start(indiscreet).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gateway.yaml");
    std::fs::write(&path, configuration(folder.path(), &upstream.url())).unwrap();
    let mut process = with_secrets(program().args(["serve", "--config"]).arg(&path))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
    let listeners: Vec<_> = lines.by_ref().take_while(|line| line != "ready").collect();
    let url = |kind: &str| {
        let address = listeners.iter().find_map(|line| line.strip_prefix(kind)?.strip_prefix(' '));
        format!("http://{}", address.expect("a listener"))
    };
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let ask = document("<query><commonname>acme</commonname></query>");
    let reply = client.post(url("http")).header("content-type", MEDIA_TYPE).body(ask).send().await.unwrap();
    assert_discreet(&reply.text().await.unwrap(), "an answer");
    let json = client.get(format!("{}/resolve?q=acme", url("http"))).send().await.unwrap();
    assert_discreet(&json.text().await.unwrap(), "JSON");
    for (token, status) in [(TOKEN, 200), ("wrong", 401)] {
        for page in ["/status", "/metrics"] {
            let page = client.get(format!("{}{page}", url("admin"))).bearer_auth(token).send().await.unwrap();
            assert_eq!(page.status(), status);
            assert_discreet(&format!("{:?}", page.headers()), "a header");
            assert_discreet(&page.text().await.unwrap(), "the operator's pages");
        }
    }
    assert!(upstream.calls().len() >= WORDS.len(), "each was asked: {:?}", upstream.calls());
    Command::new("kill").args(["-TERM", &process.id().to_string()]).status().unwrap();
    let mut log = String::new();
    process.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    assert_eq!(process.wait().unwrap().code(), Some(0));
    assert!(!log.is_empty());
    assert_discreet(&log, "the log");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_in_what_commands_say() {
    let upstream = Upstream::start(indiscreet).await;
    let folder = tempfile::tempdir().unwrap();
    let good = configuration(folder.path(), &upstream.url());
    let in_place = good.replacen("{env: CNRP_TEST_KEY}", KEY, 1);
    let unknown = format!("{good}    kee: x\n");
    for (nth, config) in [good, in_place, unknown].into_iter().enumerate() {
        let path = folder.path().join("gateway.yaml");
        std::fs::write(&path, config).unwrap();
        for arguments in [vec!["check"], vec!["resolve", "acme"], vec!["explain", "acme", "--format", "json"]]
        {
            let output =
                with_secrets(program().args(&arguments).arg("--config").arg(&path)).output().unwrap();
            assert_discreet(&said(&output), &format!("{arguments:?} of configuration {nth}"));
        }
    }
}
