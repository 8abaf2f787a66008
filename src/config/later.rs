//! Keys of the configuration that this version does not serve. Nothing is accepted silently: such
//! a key may stand there with its default, and otherwise its place is told.

use super::{
    Problems,
    tree::{Entry, Node, Source, Value},
};

/// Keys that are to come, outside `backends`. A key stands before the mapping it lies in.
const SETTINGS: &[&str] = &[
    "listen.https",
    "listen.smtp",
    "listen.proxy_protocol",
    "listen.tls",
    "tls",
    "cache.shared",
    "state",
    "expect",
    "popularity",
    "sites",
    "admin.token",
    "admin",
];

/// Keys that are to come in every backend, with a default that is not empty.
const OF_BACKENDS: &[(&str, &str)] = &[("stage", "1")];

/// Takes the keys that are to come out of the settings, and reports those that are set.
pub(super) fn take_settings(root: &mut Node, source: &Source) -> Problems {
    let mut problems = Problems::default();
    for path in SETTINGS {
        let (outer, key) = path.split_once('.').unwrap_or(("", path));
        let mapping = if outer.is_empty() { Some(&mut *root) } else { root.get_mut(outer) };
        let entry = mapping.and_then(|mapping| mapping.take(key));
        report(entry, "", path, source, &mut problems);
    }
    if let Some(entry) = take_follow(root) {
        let message = "\"follow\" is not supported by this version; expected return";
        problems.add(source.problem(entry.node.place, "matching.referrals", message));
    }
    problems
}

/// Takes the keys that are to come out of the backend at `path`.
pub(super) fn take_of_backend(backend: &mut Node, path: &str, source: &Source) -> Problems {
    let mut problems = Problems::default();
    for (key, default) in OF_BACKENDS {
        report(backend.take(key), default, &format!("{path}.{key}"), source, &mut problems);
    }
    problems
}

/// The one value that is to come of a key that is served.
fn take_follow(root: &mut Node) -> Option<Entry> {
    let matching = root.get_mut("matching")?;
    (matching.get("referrals")?.text()? == "follow").then(|| matching.take("referrals")).flatten()
}

fn report(entry: Option<Entry>, default: &str, path: &str, source: &Source, problems: &mut Problems) {
    if let Some(entry) = entry.filter(|entry| !is_nothing(&entry.node, default)) {
        problems.add(source.problem(entry.place, path, "not supported by this version; leave it out"));
    }
}

fn is_nothing(node: &Node, default: &str) -> bool {
    match &node.value {
        Value::Scalar { text, .. } => node.is_null() || text == default,
        Value::List(items) => items.is_empty(),
        Value::Mapping(entries) => entries.is_empty(),
    }
}
