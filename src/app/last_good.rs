//! The configuration that was in force last, kept as it is written in the folder of `state`: secrets
//! stay the references that they are. It stands in at a start whose own file can't be used, where the
//! operator allows that on the command line: a file that can't be read can't allow anything.

use std::{path::Path, sync::Arc};

use super::{Failure, Loaded, Origin, World, built};
use crate::{
    config::{self, Stamp},
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

/// Reads the configuration that was kept in `state`, in the place of the file at `path`, which could
/// not be used for the reason `instead_of`.
///
/// # Errors
/// Nothing was kept there that can be used; the text gives both reasons.
pub fn load_last_good(path: &Path, state: &Path, instead_of: &Failure) -> Result<Loaded, Failure> {
    let instead_of = instead_of.to_string();
    let both = |why: String| Failure::Usage(format!("{instead_of}\n--last-good: {why}"));
    let stamp = Stamp::of(path);
    let text = recall(state).map_err(both)?;
    let (config, problems) = config::examine(&text, path);
    let loaded = built(config, problems, &World::real(), None);
    let loaded =
        loaded.map_err(|problems| both(format!("what was kept can't be used either\n{problems}")))?;
    let instead_of = Some(instead_of);
    let origin = Some(Origin { path: path.to_owned(), stamp, text, instead_of });
    Ok(Loaded { origin, ..loaded })
}

fn recall(state: &Path) -> Result<String, String> {
    let folder = Folder::open(state).map_err(|unusable| unusable.to_string())?;
    let text = match folder.record(NAME).1 {
        Found::Whole(text) | Found::Behind(text) => String::from_utf8(text).ok(),
        Found::Nothing => return Err(format!("{}: no configuration was kept there yet", state.display())),
        Found::Lost => None,
    };
    text.ok_or_else(|| format!("{}: the configuration that was kept there is damaged", state.display()))
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
            std::fs::write(path.join(file), "drain: 3s").unwrap();
        }
        assert!(recall(path).unwrap_err().contains("is damaged"));
    }
}
