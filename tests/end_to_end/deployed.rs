//! What is deployed fits the program: configurations within manifests and packages are right, and every
//! metric that a rule or a dashboard asks for is one of those in `docs/operations.md`.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use crate::support::{run, run_with};

fn deploy(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(path)
}

/// The configurations within a manifest: what stands under `config.yaml: |`, less its indentation.
fn embedded(manifest: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut lines = manifest.lines().peekable();
    while let Some(line) = lines.next() {
        if line.trim() != "config.yaml: |" {
            continue;
        }
        let margin = line.len() - line.trim_start().len() + 2;
        let mut text = String::new();
        while let Some(line) =
            lines.next_if(|line| line.trim().is_empty() || line.starts_with(&" ".repeat(margin)))
        {
            text.push_str(line.get(margin..).unwrap_or_default());
            text.push('\n');
        }
        found.push(text);
    }
    found
}

#[test]
fn every_configuration_that_is_deployed_is_right() {
    for file in ["container.yaml", "debian/config.yaml"] {
        let (code, _, err) = run(&["check", "--config", deploy(file).to_str().unwrap()]);
        assert_eq!(code, 0, "{file}:\n{err}");
    }
    for file in ["kubernetes/deployment.yaml", "kubernetes/sidecar.yaml"] {
        let configurations = embedded(&fs::read_to_string(deploy(file)).unwrap());
        assert_eq!(configurations.len(), 1, "{file}");
        let (code, _, err) = run_with(&configurations[0], &["check"]);
        assert_eq!(code, 0, "{file}:\n{err}");
    }
}

/// The words that begin with `cnrp_`: metrics, and in the rules nothing else does.
fn metrics(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != ':');
    words.filter(|word| word.starts_with("cnrp_")).map(family).collect()
}

/// The metric to which a series belongs: of a histogram there are three.
fn family(series: &str) -> String {
    let ending = ["_bucket", "_sum", "_count"].iter().find_map(|ending| series.strip_suffix(ending));
    ending.unwrap_or(series).to_owned()
}

#[test]
fn rules_and_dashboard_ask_for_metrics_that_there_are() {
    let operations = fs::read_to_string(deploy("../docs/operations.md")).unwrap();
    let rows = operations.lines().filter(|line| line.starts_with("| `cnrp_"));
    let documented: BTreeSet<_> = rows.flat_map(|row| metrics(row.split('|').nth(1).unwrap())).collect();
    for file in ["prometheus/rules.yaml", "prometheus/alerts.yaml", "grafana/dashboard.json"] {
        let asked = metrics(&fs::read_to_string(deploy(file)).unwrap());
        assert!(!asked.is_empty(), "{file} asks for nothing");
        let unknown: Vec<_> = asked.difference(&documented).collect();
        assert!(unknown.is_empty(), "{file} asks for {unknown:?}, which docs/operations.md does not have");
    }
}

/// The dashboard and the alerts ask for what the rules record.
#[test]
fn what_is_asked_of_the_rules_is_recorded() {
    let recorded = |text: &str| -> BTreeSet<String> {
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != ':');
        words.filter(|word| word.starts_with("cnrp:")).map(str::to_owned).collect()
    };
    let rules = recorded(&fs::read_to_string(deploy("prometheus/rules.yaml")).unwrap());
    for file in ["prometheus/alerts.yaml", "grafana/dashboard.json"] {
        let asked = recorded(&fs::read_to_string(deploy(file)).unwrap());
        assert!(!asked.is_empty() && asked.is_subset(&rules), "{file}: {asked:?}");
    }
}

#[test]
fn the_dashboard_has_a_description_and_a_question_for_every_panel() {
    let text = fs::read_to_string(deploy("grafana/dashboard.json")).unwrap();
    let dashboard: serde_json::Value = serde_json::from_str(&text).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    assert!(panels.len() > 5);
    for panel in panels {
        assert!(panel["description"].as_str().is_some_and(|text| !text.is_empty()), "{}", panel["title"]);
        assert!(panel["targets"][0]["expr"].is_string(), "{}", panel["title"]);
    }
}
