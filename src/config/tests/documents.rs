//! Every configuration that we hand out can be loaded: the files of `config/`, and each example of
//! the documentation.

use std::{fs, path::Path};

use super::super::{load, parse};

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn every_example_can_be_loaded() {
    let names = ["default", "minimal", "full", "go-links", "metasearch"];
    for name in names {
        let path = project().join("config").join(name).with_extension("yaml");
        let config = load(&path).unwrap_or_else(|problems| panic!("{problems}"));
        assert!(!config.backends.is_empty(), "{name} has backends");
    }
}

/// The text between a line "```yaml" and the next "```", each with its line.
fn fenced(markdown: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut inside = false;
    for (at, line) in markdown.lines().enumerate() {
        match (inside, line) {
            (false, "```yaml") => {
                inside = true;
                found.push((at + 1, String::new()));
            }
            (true, "```") => inside = false,
            (true, line) => found.last_mut().unwrap().1.push_str(&format!("{line}\n")),
            _ => {}
        }
    }
    found
}

#[test]
fn every_example_of_the_documentation_can_be_loaded() {
    let markdown = fs::read_to_string(project().join("docs/configuration.md")).unwrap();
    let examples = fenced(&markdown);
    assert!(examples.len() >= 10, "only {} examples", examples.len());
    for (line, text) in examples {
        if let Err(problems) = parse(&text, "example".as_ref()) {
            panic!("docs/configuration.md, example in line {line}:\n{problems}");
        }
    }
}
