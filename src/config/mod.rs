//! The configuration as the operator wrote it.

mod options;
mod problem;

pub use options::Options;
pub use problem::{Problem, Problems};
