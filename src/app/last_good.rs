//! The configuration that was in force last, kept as it is written in the folder of `state`: secrets
//! stay the references that they are. It stands in at a start whose own file can't be used, where the
//! operator allows that on the command line: a file that can't be read can't allow anything.

use std::{
    fmt::Display,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    Failure, Loaded, Origin, World, built,
    keeping::{self, Keeping},
    load_in,
};
use crate::{
    config::{self, Config, Problems, Stamp},
    state::{Folder, Found},
};

/// The record in the folder.
const NAME: &str = "configuration";

/// Keeps a configuration that is in force. Waits for the disk. Where it can't be written, the one
/// before stays, and a warning says so.
pub(super) fn keep(folder: &Arc<Folder>, text: &str) {
    let (mut record, found) = folder.record(NAME);
    if matches!(&found, Found::Whole(known) if known == text.as_bytes()) {
        return;
    }
    if let Err(error) = record.write(text.as_bytes()) {
        tracing::warn!(%error, "the configuration can't be kept under `state` as the last good one");
    }
}

/// Whether a configuration is kept in this folder once it is in force.
pub(super) fn is_kept_in(state: &Path, config: &Config) -> bool {
    let real = |path: PathBuf| fs::canonicalize(path).ok();
    keeping::path(config).and_then(real).is_some_and(|path| Some(path) == real(state.to_owned()))
}

/// Reads the configuration in the file at `path`, or, where that can't be used, the one that was kept in
/// `state`.
///
/// # Errors
/// Neither can be used; the text gives both reasons.
pub fn load_or_last_good(path: &Path, state: &Path) -> Result<Loaded, Failure> {
    let world = World::real();
    let loaded = load_in(Some(path), &world, None).or_else(|problems| {
        let refusal = Failure::from(problems.clone());
        let stamp = Stamp::of(path);
        let text = recall(state).map_err(|why| neither(&refusal, &why))?;
        let origin =
            Origin { path: path.to_owned(), stamp, text, instead_of: Some(problems), last_good: None };
        stand_in(origin, &world, None).map_err(|why| neither(&refusal, &why))
    })?;
    let origin = loaded.origin.map(|origin| Origin { last_good: Some(state.to_owned()), ..origin });
    Ok(Loaded { origin, ..loaded })
}

/// Builds what was kept, and stands in `origin` in the place of what its file says.
///
/// # Errors
/// What was kept can't be used; the text says why.
pub(super) fn stand_in(origin: Origin, world: &World, before: Option<&Keeping>) -> Result<Loaded, String> {
    let (config, problems) = config::examine(&origin.text, &origin.path);
    let loaded = built(config, problems, world, before).map_err(|problems| unfit(&problems))?;
    Ok(Loaded { origin: Some(origin), ..loaded })
}

/// That what was kept can't be used, for these reasons.
pub(super) fn unfit(problems: &Problems) -> String {
    format!("what was kept can't be used either\n{problems}")
}

/// That the file was refused, and why what was kept can't stand in for it.
pub(super) fn neither(refusal: &Failure, why: &dyn Display) -> Failure {
    Failure::Usage(format!("{refusal}\n--last-good: {why}"))
}

fn recall(state: &Path) -> Result<String, String> {
    let folder = Folder::open(state).map_err(|unusable| unusable.to_string())?;
    kept_in(&folder).map_err(|why| format!("{}: {why}", state.display()))
}

/// The configuration that was kept, as it is written.
pub(super) fn kept_in(folder: &Arc<Folder>) -> Result<String, &'static str> {
    let text = match folder.record(NAME).1 {
        Found::Whole(text) | Found::Behind(text) => String::from_utf8(text).ok(),
        Found::Nothing => return Err("no configuration was kept there yet"),
        Found::Lost => None,
    };
    text.ok_or("the configuration that was kept there is damaged")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_last_is_recalled_and_what_is_damaged_is_not() {
        let outer = tempfile::tempdir().unwrap();
        let path = outer.path();
        assert!(recall(path).unwrap_err().contains("no configuration was kept"));
        let folder = Folder::open(path).unwrap();
        for text in ["drain: 1s", "drain: 2s", "drain: 2s"] {
            keep(&folder, text);
        }
        drop(folder);
        assert_eq!(recall(path).as_deref(), Ok("drain: 2s"));
        for file in ["configuration.0", "configuration.1"] {
            fs::write(path.join(file), "drain: 3s").unwrap();
        }
        assert!(recall(path).unwrap_err().contains("is damaged"));
    }

    #[test]
    fn a_configuration_is_kept_where_its_state_is_and_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        let [state, other] = ["state", "other"].map(|name| folder.path().join(name));
        [&state, &other].iter().for_each(|path| fs::create_dir(path).unwrap());
        let read = |text: &str| config::parse(text, &folder.path().join("gateway.yaml")).unwrap();
        assert!(is_kept_in(&state, &read("state: ./state")));
        assert!(is_kept_in(&other.join("../state"), &read("state: state")));
        assert!(!is_kept_in(&other, &read("state: state")));
        assert!(!is_kept_in(&state, &read("drain: 1s")));
        assert!(!is_kept_in(&folder.path().join("none"), &read("state: none")));
    }
}
