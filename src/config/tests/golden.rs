//! Messages about mistakes, word for word.

use std::{collections::BTreeMap, fs};

use serde::Deserialize;

use super::super::{
    examine,
    values::{Headers, HttpUrl, OneOrMany, Rate, Secret},
};

/// Options such as a backend has.
#[derive(Debug, Deserialize)]
#[allow(dead_code)]
struct EngineOptions {
    url: HttpUrl,
    key: Option<Secret>,
    #[serde(default)]
    headers: Headers,
    #[serde(default)]
    safe_search: SafeSearch,
    #[serde(default)]
    pages: Vec<Page>,
    count: Option<u8>,
    extra: Option<BTreeMap<String, u32>>,
    rate_of_pages: Option<OneOrMany<Rate>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum SafeSearch {
    #[default]
    Off,
    Moderate,
    Strict,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code)]
struct Page {
    path: String,
    #[serde(default)]
    fold: bool,
}

/// Every mistake of a file and of its backends' options, as `check` would print them.
fn mistakes(text: &str) -> String {
    let (config, mut problems) = examine(text, "gateway.yaml".as_ref());
    for backend in &config.backends {
        problems.extend(backend.options.read::<EngineOptions>().err().unwrap_or_default());
    }
    problems.to_string().replace("gateway.yaml:", "")
}

/// Each file of `fixtures/config/wrong` has its messages beside it. The names of the files say what
/// is tried.
#[test]
fn every_mistake_has_its_message() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/config/wrong");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files: Vec<_> = files.filter(|path| path.extension().is_some_and(|ext| ext == "yaml")).collect();
    let mut differ = String::new();
    for path in &files {
        let found = mistakes(&fs::read_to_string(path).unwrap());
        let expected = fs::read_to_string(path.with_extension("txt")).unwrap_or_default();
        if found != expected.trim_end() {
            differ.push_str(&format!("=== {}\n{found}\n", path.display()));
        }
    }
    assert!(differ.is_empty(), "found, and not what was expected:\n{differ}");
    assert!(files.len() >= 50, "only {} mistakes were tried", files.len());
}

#[test]
fn no_message_shows_a_secret() {
    for text in [
        "backends: [{type: engine, url: \"http://a.example\", key: hunter2}]",
        "backends: [{type: engine, url: \"http://a.example\", key: [hunter2]}]",
        "backends: [{type: engine, url: \"http://a.example\", key: {env: [hunter2]}}]",
        "backends: [{type: engine, url: \"http://a.example\", kye: hunter2}]",
        "backends: [{type: engine, url: \"ftp://me:hunter2@a.example\"}]",
        "backends: [{type: engine, url: \"http://a.example\", headers: {X-Key: \"hunter2\\r\\n\"}}]",
        "backends: [{type: engine, url: \"http://a.example\", key: \"hunter2}]",
    ] {
        let found = mistakes(text);
        assert!(!found.is_empty() && !found.contains("hunter2"), "{text}: {found}");
    }
}

#[test]
fn a_token_that_no_request_can_bear_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    for (token, is_sound) in
        [("s3cret", true), ("a b~!\n", true), ("s3crét", false), ("s3cret ", false), ("\ts3cret", false)]
    {
        fs::write(&file, token).unwrap();
        let found = mistakes(&format!("admin: {{token: {{file: {}}}}}", file.display()));
        let expected = "1:16: admin.token: expected a token of letters, digits and signs of ASCII, without a \
                        blank at either end: no request could bear this one";
        assert_eq!(found, if is_sound { "" } else { expected }, "{token:?}");
    }
}

#[test]
fn a_configuration_for_debugging_shows_no_options() {
    let text = "backends: [{type: engine, url: x, headers: {X-Key: hunter2}}]";
    let shown = format!("{:?}", examine(text, "gateway.yaml".as_ref()).0);
    assert!(shown.contains("gateway.yaml:1 backends[0]") && !shown.contains("hunter2"), "{shown}");
}
