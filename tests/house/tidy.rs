//! Files that are short, explained and finished.

use super::source::{Source, project, sources};

/// The most lines of a file, its tests and blank lines aside.
const LONGEST: usize = 400;

/// Words that say that something is not done.
const UNFINISHED: &[&str] = &["TODO", "FIXME", "XXX", "todo!(", "unimplemented!(", "#[ignore"];

fn untidy(source: &Source) -> Vec<String> {
    let Source { path, text, code } = source;
    let mut wrong = Vec::new();
    if !text.starts_with("//! ") {
        wrong.push(format!("{path}: does not open with a `//!` paragraph"));
    }
    if source.lines() > LONGEST {
        wrong.push(format!("{path}: {} lines without tests, the most is {LONGEST}", source.lines()));
    }
    for word in UNFINISHED.iter().filter(|word| text.contains(*word)) {
        wrong.push(format!("{path}: says {word}"));
    }
    if code.contains("allow(dead_code)") {
        wrong.push(format!("{path}: keeps dead code"));
    }
    wrong
}

#[test]
fn every_file_is_short_explained_and_finished() {
    let wrong: Vec<String> = sources().iter().flat_map(untidy).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Prints the lines of each file, longest first: `cargo test --test house -- --nocapture lines`.
#[test]
fn lines_of_each_file_are_counted() {
    let mut sizes: Vec<_> = sources().iter().map(|source| (source.lines(), source.path.clone())).collect();
    sizes.sort_by(|a, b| b.cmp(a));
    let median = sizes[sizes.len() / 2].0;
    println!("{} files, median {median} lines without tests and blank lines", sizes.len());
    for (lines, path) in &sizes {
        println!("{lines:5} {path}");
    }
    assert!(median > 0 && median <= 250, "the median file has {median} lines");
}

/// `forbid` can't be undone further in, so the one line is enough.
#[test]
fn the_compiler_forbids_unsafe_code() {
    let manifest = std::fs::read_to_string(project().join("Cargo.toml")).unwrap();
    let lints = manifest.split("[lints.rust]").nth(1).unwrap();
    assert!(lints.lines().any(|line| line == "unsafe_code = \"forbid\""));
}

#[test]
fn untidiness_is_seen() {
    let wrong = |text: &str| untidy(&Source::new("src/model/name.rs", text)).len();
    assert_eq!(wrong("//! Names.\nfn f() {}\n"), 0);
    assert_eq!(wrong("fn f() {}\n"), 1);
    assert_eq!(wrong("//! Names.\n// TODO: finish\nfn f() { todo!() }\n"), 2);
    assert_eq!(wrong(&format!("//! Long.\n{}", "fn f() {}\n".repeat(LONGEST))), 1);
    assert_eq!(
        wrong(&format!("//! Tested.\n#[cfg(test)]\nmod tests {{\n{}}}\n", "f();\n".repeat(LONGEST))),
        0
    );
}
