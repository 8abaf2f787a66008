//! The one door: every transport, page and command asks here, and nowhere else.

mod door;

pub use door::{Context, Control, Door, Reply, Transport};
