//! The resolver: from a query to ranked resources.
//!
//! One asynchronous step between pure ones: [`plan()`] says which sources the query is for,
//! [`gather()`] asks them all at once within one deadline, [`merge()`] joins what is the same
//! resource, [`rank()`] puts resources in order. It knows nothing of XML, HTTP, or what is behind
//! a source.

mod gather;
mod hints;
mod merge;
mod ordinary_words;
mod plan;
mod rank;
mod source;

pub use gather::{Timing, gather};
pub use merge::{Merged, Witness, merge};
pub use plan::{When, plan};
pub use rank::{Ranked, Terms, Voice, rank};
pub use source::Source;
