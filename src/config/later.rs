//! Keys of the configuration that this version does not serve. Nothing is accepted silently: such
//! a key may stand there with its default, and otherwise its place is told.

use super::{
    Problems,
    tree::{Entry, Node, Source},
};

/// Keys that are to come, outside `backends`. A key stands before the mapping it lies in.
const SETTINGS: &[&str] = &["cache.shared"];

/// Takes the keys that are to come out of the settings, and reports those that are set.
pub(super) fn take_settings(root: &mut Node, source: &Source) -> Problems {
    let mut problems = Problems::default();
    for path in SETTINGS {
        let (outer, key) = path.split_once('.').unwrap_or(("", path));
        let mapping = if outer.is_empty() { Some(&mut *root) } else { root.get_mut(outer) };
        let entry = mapping.and_then(|mapping| mapping.take(key));
        report(entry, path, source, &mut problems);
    }
    problems
}

fn report(entry: Option<Entry>, path: &str, source: &Source, problems: &mut Problems) {
    if let Some(entry) = entry.filter(|entry| !entry.node.is_nothing()) {
        problems.add(source.problem(entry.place, path, "not supported by this version; leave it out"));
    }
}
