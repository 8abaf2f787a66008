//! The bodies of the fuzz targets, over the corpus that is committed.

// A test that panics has failed, which is what it is for.
#![allow(clippy::unwrap_used, clippy::expect_used)]

// Public for the fuzz targets, which are a crate of their own.
#[allow(unreachable_pub)]
#[path = "../fuzz/bodies.rs"]
mod bodies;

use std::path::Path;

/// Runs `body` over every file of the corpus of `target`, and over each of them cut short.
fn run(target: &str, body: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() > 3, "{} has a corpus", folder.display());
    for file in files {
        let data = std::fs::read(&file).unwrap();
        body(&data);
        for cut in (0..data.len()).step_by(data.len() / 16 + 1) {
            body(data.get(..cut).unwrap_or_default());
        }
    }
}

#[test]
fn requests() {
    run("request", bodies::request);
}

#[test]
fn responses() {
    run("response", bodies::response);
}

#[test]
fn go_uris() {
    run("go_uri", bodies::go_uri);
}

#[test]
fn datagrams() {
    run("datagram", bodies::datagram);
}

#[test]
fn inquiries() {
    run("inquiry", bodies::inquiry);
}

#[test]
fn what_is_said_at_a_port() {
    run("speech", bodies::speech);
}

#[test]
fn conversations_of_smtp() {
    run("smtp", bodies::smtp);
}

#[test]
fn messages_of_mail() {
    run("mime", bodies::mime);
}
