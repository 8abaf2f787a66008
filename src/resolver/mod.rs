//! The resolver: from a query to ranked resources.
//!
//! One asynchronous step between pure ones: [`plan()`] says which sources the query is for,
//! [`gather()`] asks them all at once within one deadline, [`merge()`] joins what is the same
//! resource, [`rank()`] puts resources in order. It knows nothing of XML, HTTP, or what is behind
//! a source.

mod gather;
mod hints;
mod lookalike;
mod merge;
mod ordinary_words;
mod plan;
mod popularity;
mod rank;
mod sites;
mod source;

pub use gather::{Timing, gather};
pub use lookalike::Lookalike;
pub use merge::{Merged, Witness, merge};
pub use plan::{When, plan};
pub use popularity::{LARGEST as LARGEST_POPULARITY, ListError, Popularity};
pub use rank::{
    Evidence, Families, ListPlace, Ranked, Ranking, Standing, Terms, Testimony, Voice, arrange, constants,
    rank,
};
pub use sites::{Effect, HostPattern, SiteRule};
pub use source::Source;
