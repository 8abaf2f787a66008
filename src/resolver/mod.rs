//! plan, gather, merge, rank, select.

mod hints;
mod merge;
mod ordinary_words;
mod plan;
mod rank;
pub use merge::*;
pub use plan::*;
pub use rank::*;
