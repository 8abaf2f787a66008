//! The types of backends, one file each, and the table of them.

mod registry;
pub mod static_names;

pub use registry::{Built, REGISTRY, Registration, Setting};
