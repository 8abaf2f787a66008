//! Every link in the documents leads to a file of the project, and to a heading that it has.

use std::fs;
use std::path::Path;

use super::source::{files_under, project};

/// The targets of `[text](target)` outside code.
fn links(markdown: &str) -> Vec<String> {
    let mut fenced = false;
    let prose = markdown.lines().filter(|line| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        !fence && !fenced
    });
    let targets = prose.flat_map(|line| line.split("](").skip(1).map(str::to_owned).collect::<Vec<_>>());
    targets.filter_map(|rest| rest.split([')', ' ']).next().map(str::to_owned)).collect()
}

/// The anchor of a heading, as code hosts make it.
fn anchor(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = text.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn is_broken(document: &Path, link: &str) -> bool {
    if link.contains("://") || link.starts_with("mailto:") {
        return false;
    }
    let (path, heading) = link.split_once('#').unwrap_or((link, ""));
    let target = match path {
        "" => document.to_owned(),
        _ => document.parent().unwrap().join(path),
    };
    if !target.exists() {
        return true;
    }
    let has_heading = || {
        let text = fs::read_to_string(&target).unwrap_or_default();
        text.lines().any(|line| line.starts_with('#') && anchor(line) == heading)
    };
    !heading.is_empty() && !has_heading()
}

#[test]
fn every_link_leads_somewhere() {
    let documents = files_under(project(), "md");
    assert!(documents.iter().any(|document| document.ends_with("README.md")));
    let mut broken = Vec::new();
    for document in documents {
        let text = fs::read_to_string(&document).unwrap();
        let lost = links(&text).into_iter().filter(|link| is_broken(&document, link));
        broken.extend(lost.map(|link| format!("{}: {link}", document.display())));
    }
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn a_broken_link_is_seen() {
    let readme = project().join("README.md");
    assert_eq!(links("see [a](b.md#c) and [d](e)\n```\n[f](g)\n```\n"), ["b.md#c", "e"]);
    assert!(is_broken(&readme, "no-such-file.md"));
    assert!(is_broken(&readme, "#no-such-heading"));
    assert!(!is_broken(&readme, "Cargo.toml"));
    assert_eq!(anchor("## Add a backend: step by step"), "add-a-backend-step-by-step");
}
