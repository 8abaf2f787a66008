//! How a command writes what it found.

use clap::ValueEnum;

/// The formats, of which a command takes those that it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people: results on stdout, remarks on stderr
    Text,
    /// For scripts: what GET /resolve answers
    Json,
    /// The CNRP document
    Xml,
}
