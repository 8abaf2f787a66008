//! The configuration that holds when no file is given. It is built into the program, as are the
//! names that it has the `static` backend read.

use std::path::Path;

use crate::config::{self, Config, Problems};

const CONFIGURATION: &str = include_str!("../../config/default.yaml");

/// What messages call the embedded configuration.
const NAME: &str = "(embedded default)";

/// The configuration that holds when no file is given.
pub(super) fn config() -> (Config, Problems) {
    config::examine(CONFIGURATION, Path::new(NAME))
}
