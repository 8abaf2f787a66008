//! `cnrp schema`: the JSON Schema of the configuration, so that an editor can help to write one.

use super::Exit;
use super::terminal::print;
use crate::app::{self, Failure};

/// Prints the schema.
pub(super) fn run() -> Result<Exit, Failure> {
    print(&app::schema())?;
    Ok(Exit::Done)
}
