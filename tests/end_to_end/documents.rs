//! The documents tell the truth: every session in them is run, every configuration is checked.
//!
//! In a document, a `yaml` block that begins with `# NAME.yaml` is a file of that name, and so is a block
//! marked `csv NAME.csv`. A `console`
//! block is a session in a folder that holds these files: lines after `$ ` are commands, the others
//! are what they print, where `...` stands for any text. A session that speaks to 127.0.0.1:1096, or by
//! https to 127.0.0.1:8443, is given a gateway that runs with the file last shown before it, and the
//! certificates that the sessions before it have made.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::support::{Authority, Gateway, run};

/// A fenced block of a document.
struct Block {
    language: String,
    text: String,
}

fn blocks(document: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut open: Option<Block> = None;
    for line in document.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(language)) => {
                open = Some(Block { language: language.to_owned(), text: String::new() });
            }
            (Some(_), Some(_)) => found.extend(open.take()),
            (Some(block), None) => block.text.push_str(&format!("{line}\n")),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is not closed");
    found
}

fn documents() -> Vec<(PathBuf, Vec<Block>)> {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let in_docs = std::fs::read_dir(project.join("docs")).expect("docs").map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = in_docs.filter(|path| path.extension().is_some_and(|e| e == "md")).collect();
    paths.extend([project.join("README.md"), project.join("CONTRIBUTING.md")]);
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), blocks(&std::fs::read_to_string(path).unwrap()))).collect()
}

/// The file that a block is, and its name.
fn file(block: &Block) -> Option<(&str, &str)> {
    if let Some(name) = block.language.strip_prefix("csv ") {
        return Some((name, &block.text));
    }
    let name = block.text.lines().next()?.strip_prefix("# ")?;
    (block.language == "yaml" && name.ends_with(".yaml") && !name.contains([' ', '/']))
        .then_some((name, &block.text))
}

/// Whether `printed` is `expected`, in which `...` stands for any text.
fn matches(expected: &str, printed: &str) -> bool {
    let mut parts = expected.split("...");
    let Some(mut rest) = parts.next().and_then(|first| printed.strip_prefix(first)) else { return false };
    let parts: Vec<_> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

/// The addresses at which documents show a gateway, by the kind of listener.
const SHOWN: [(&str, &str); 2] = [("http", "127.0.0.1:1096"), ("https", "127.0.0.1:8443")];

/// A gateway for a session that speaks to one: with the configuration that was `shown`, on free ports.
fn serve(session: &str, shown: Option<&str>, folder: &Path) -> Option<Gateway> {
    if !SHOWN.iter().any(|(_, address)| session.contains(address)) {
        return None;
    }
    let config = on_free_ports(shown.expect("a configuration is shown"));
    let made = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let made = made.filter(|path| path.extension().is_some_and(|ending| ending == "pem"));
    let made: Vec<(String, String)> = made
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect();
    let made: Vec<_> = made.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    Some(Gateway::start_with(&config, &made))
}

fn on_free_ports(config: &str) -> String {
    let mut parts = config.split("127.0.0.1:");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        format!("{text}127.0.0.1:0{}", part.trim_start_matches(|c: char| c.is_ascii_digit()))
    })
}

/// Where each address that is shown really is.
fn standing(gateway: &Gateway) -> Vec<(&'static str, String)> {
    let real = |kind| gateway.addresses(kind).first().map(ToString::to_string);
    SHOWN.iter().filter_map(|(kind, shown)| Some((*shown, real(kind)?))).collect()
}

/// Runs a session; gives what was wrong. `standing`: what stands for which address.
fn play(session: &str, folder: &Path, standing: &[(&str, String)]) -> Vec<String> {
    let mut wrong = Vec::new();
    for step in session.split("$ ").filter(|step| !step.trim().is_empty()) {
        let mut lines = step.lines().peekable();
        let mut command = lines.next().unwrap_or_default().to_owned();
        while let Some(start) = command.strip_suffix('\\') {
            command = format!("{start}{}", lines.next().unwrap_or_default());
        }
        let expected: String = lines.map(|line| format!("{line}\n")).collect();
        let program = Path::new(env!("CARGO_BIN_EXE_cnrp")).parent().unwrap();
        let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
        let real = standing.iter().fold(command.clone(), |text, (shown, real)| text.replace(shown, real));
        let output = Command::new("bash")
            .args(["-c", &format!("{real} 2>&1")])
            .env("PATH", path)
            .current_dir(folder)
            .output()
            .expect("bash");
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        let printed = standing.iter().fold(printed, |text, (shown, real)| text.replace(real, shown));
        if !matches(expected.trim_end(), printed.trim_end()) {
            wrong.push(format!("$ {command}\nexpected:\n{expected}\nprinted:\n{printed}"));
        }
    }
    wrong
}

#[tokio::test(flavor = "multi_thread")]
async fn every_session_in_the_documents_goes_as_written() {
    let mut sessions = 0;
    for (path, blocks) in documents() {
        let folder = tempfile::tempdir().unwrap();
        let mut shown = None;
        for block in &blocks {
            if let Some((name, text)) = file(block) {
                std::fs::write(folder.path().join(name), text).unwrap();
                if block.language == "yaml" {
                    shown = Some(text);
                }
            }
            if block.language == "console" {
                let gateway = serve(&block.text, shown, folder.path());
                let standing = gateway.as_ref().map(standing).unwrap_or_default();
                let wrong = play(&block.text, folder.path(), &standing);
                assert!(wrong.is_empty(), "{}:\n{}", path.display(), wrong.join("\n"));
                sessions += 1;
            }
        }
    }
    assert!(sessions > 0, "no session was found");
}

/// The examples in `config/`, and each `yaml` block of a document as a file in `folder`, beside the
/// certificates that examples name.
fn configurations(folder: &Path) -> Vec<PathBuf> {
    let authority = Authority::new();
    let (cert, key) = authority.pair();
    for (name, pem) in [("cert.pem", cert), ("key.pem", key), ("ca.pem", authority.pem())] {
        std::fs::write(folder.join(name), pem).unwrap();
    }
    let mut files: Vec<PathBuf> = Vec::new();
    for (document, blocks) in documents() {
        for (name, text) in blocks.iter().filter_map(file) {
            std::fs::write(folder.join(name), text).unwrap();
        }
        for (place, block) in blocks.iter().enumerate().filter(|(_, block)| block.language == "yaml") {
            let stem = document.file_stem().unwrap().to_string_lossy();
            let path = folder.join(format!("{stem}-{place}.yaml"));
            std::fs::write(&path, &block.text).unwrap();
            files.push(path);
        }
    }
    let examples = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("config")).unwrap();
    let examples = examples.map(|entry| entry.unwrap().path());
    files.extend(examples.filter(|path| path.extension().is_some_and(|e| e == "yaml")));
    assert!(files.len() > 3, "configurations were found");
    files
}

#[test]
fn every_configuration_in_the_documents_and_beside_them_is_right() {
    let folder = tempfile::tempdir().unwrap();
    for path in configurations(folder.path()) {
        let (code, _, err) = run(&["check", "--config", path.to_str().unwrap()]);
        assert_eq!(code, 0, "{}:\n{err}", path.display());
    }
}

/// An editor that completes keys by the schema marks none of them as wrong.
#[test]
fn the_schema_that_is_printed_finds_every_configuration_valid() {
    let (code, schema, err) = run(&["schema"]);
    assert_eq!(code, 0, "{err}");
    let schema: serde_json::Value = serde_json::from_str(&schema).expect("the schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema is one");
    let folder = tempfile::tempdir().unwrap();
    for path in configurations(folder.path()) {
        let text = std::fs::read_to_string(&path).unwrap();
        // YAML 1.2 booleans, so that NO is Norway, as the program reads it.
        let options = serde_saphyr::options! { strict_booleans: true };
        let document: serde_json::Value = serde_saphyr::from_str_with_options(&text, options).unwrap();
        let wrong: Vec<_> = validator
            .iter_errors(&document)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(wrong.is_empty(), "{}:\n{}", path.display(), wrong.join("\n"));
    }
    assert!(!validator.is_valid(&serde_json::json!({ "limits": { "deadlin": "2s" } })));
}

#[test]
fn a_session_that_lies_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    assert!(play("$ echo one\none\n$ echo two \\\nthree\ntwo three\n", folder.path(), &[]).is_empty());
    assert!(play("$ echo one two three\none...three\n", folder.path(), &[]).is_empty());
    assert_eq!(play("$ echo one\ntwo\n", folder.path(), &[]).len(), 1);
    assert_eq!(play("$ echo one two\none...three\n", folder.path(), &[]).len(), 1);
}
