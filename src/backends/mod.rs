//! The types of backends, one file each, and the table of them.

mod registry;

pub use registry::{Built, REGISTRY, Registration, Setting};
