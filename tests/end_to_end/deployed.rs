//! What is deployed fits the program: configurations within manifests and packages are right, and every
//! metric that a rule or a dashboard asks for is one of those in `docs/operations.md`, and none of those is forgotten.

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

/// With an engine or without, the image is the same.
#[test]
fn the_image_that_is_built_without_an_engine_is_that_of_the_containerfile() {
    let containerfile = fs::read_to_string(deploy("Containerfile")).unwrap();
    let script = fs::read_to_string(deploy("image.sh")).unwrap();
    let said = |word: &str| {
        let line = containerfile.lines().find_map(|line| line.strip_prefix(word));
        line.unwrap_or_else(|| panic!("there is no {word}")).trim().to_owned()
    };
    let words = |list: &str| -> Vec<String> { serde_json::from_str(list).unwrap() };
    assert!(script.contains(&format!("--config.user {} ", said("USER "))));
    assert!(script.contains(&format!("--config.env {} ", said("ENV "))));
    assert!(script.contains(&format!("--config.stopsignal {} ", said("STOPSIGNAL "))));
    let ports: Vec<_> =
        said("EXPOSE ").split(' ').map(|port| format!("--config.exposedports {port} ")).collect();
    assert!(ports.iter().all(|port| script.contains(port)), "{ports:?}");
    assert!(script.contains(&format!("--config.entrypoint {} ", words(&said("ENTRYPOINT ")).join(" "))));
    assert_eq!(words(&said("CMD ")), ["serve", "--config", "/etc/cnrp/config.yaml"]);
    assert!(script.contains("--config.cmd serve --config.cmd=--config --config.cmd /etc/cnrp/config.yaml "));
}

/// What systemd opens is what the configuration of the package listens on: otherwise nobody answers there.
#[test]
fn the_sockets_of_the_unit_are_those_of_the_configuration_beside_it() {
    let unit = fs::read_to_string(deploy("activation/cnrp.socket")).unwrap();
    let opened =
        |kind: &str| -> Vec<&str> { unit.lines().filter_map(|line| line.strip_prefix(kind)).collect() };
    let text = fs::read_to_string(deploy("debian/config.yaml")).unwrap();
    let config: serde_json::Value = serde_saphyr::from_str(&text).unwrap();
    assert_eq!(serde_json::json!(opened("ListenStream=")), config["listen"]["http"]);
    assert_eq!(serde_json::json!(opened("ListenDatagram=")), config["listen"]["udp"]);
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

/// Those of the table in `docs/operations.md`.
fn documented() -> BTreeSet<String> {
    let operations = fs::read_to_string(deploy("../docs/operations.md")).unwrap();
    let rows = operations.lines().filter(|line| line.starts_with("| `cnrp_"));
    rows.flat_map(|row| metrics(row.split('|').nth(1).unwrap())).collect()
}

#[test]
fn rules_and_dashboard_ask_for_metrics_that_there_are_and_for_all_of_them() {
    let documented = documented();
    let mut shown = BTreeSet::new();
    for file in ["prometheus/rules.yaml", "prometheus/alerts.yaml", "grafana/dashboard.json"] {
        let asked = metrics(&fs::read_to_string(deploy(file)).unwrap());
        assert!(!asked.is_empty(), "{file} asks for nothing");
        let unknown: Vec<_> = asked.difference(&documented).collect();
        assert!(unknown.is_empty(), "{file} asks for {unknown:?}, which docs/operations.md does not have");
        shown.extend(asked);
    }
    let unseen: Vec<_> = documented.difference(&shown).collect();
    assert!(unseen.is_empty(), "neither rules nor dashboard show {unseen:?}");
}

/// Each alert has a row that says what it means, and is told of in a test of the rules.
#[test]
fn every_alert_is_explained_and_tried() {
    let text = fs::read_to_string(deploy("prometheus/alerts.yaml")).unwrap();
    let alerts: Vec<_> = text.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    let (guide, tests) = (deploy("../docs/deploy.md"), deploy("prometheus/alerts_test.yaml"));
    let (guide, tests) = (fs::read_to_string(guide).unwrap(), fs::read_to_string(tests).unwrap());
    assert!(alerts.len() > 5, "{alerts:?}");
    for alert in alerts {
        assert!(guide.contains(&format!("| `{alert}` |")), "docs/deploy.md says nothing of {alert}");
        let tried = tests.split(&format!("alertname: {alert}\n")).nth(1).unwrap_or_default();
        assert!(tried.trim_start().starts_with("exp_alerts:\n"), "{alert} never fires in a test");
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
