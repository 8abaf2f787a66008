//! What is built into the program: the configuration that holds when no file is given, and the
//! names it knows. No file and no network are needed to answer.

use std::path::Path;

use crate::config::{self, Config, Problems};

const CONFIGURATION: &str = include_str!("../../config/default.yaml");

/// The files that the embedded configuration names, by the path it names them with.
const FILES: [(&str, &[u8]); 1] = [("starter/names.csv", include_bytes!("../../config/starter/names.csv"))];

/// What messages call the embedded configuration.
const NAME: &str = "(embedded default)";

/// The configuration that holds when no file is given.
pub(super) fn config() -> (Config, Problems) {
    config::examine(CONFIGURATION, Path::new(NAME))
}

/// A file that the embedded configuration names; `None` for any other.
pub(super) fn file(path: &str) -> Option<&'static [u8]> {
    FILES.iter().find(|(name, _)| *name == path).map(|(_, content)| *content)
}

/// Whether this is the embedded configuration.
pub(super) fn is_embedded(config: &Config) -> bool {
    config.file == Path::new(NAME)
}
