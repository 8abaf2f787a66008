//! The resolver: from a query to ranked resources.
//!
//! One asynchronous step between pure ones: [`plan()`] says which sources the query is for,
//! [`gather()`] asks them all at once within one deadline, [`merge()`] joins what is the same
//! resource, [`rank()`] puts resources in order. It knows nothing of XML, HTTP, or what is behind
//! a source.

mod certain;
mod gather;
mod hints;
mod lookalike;
mod merge;
mod ordinary_words;
mod plan;
mod popularity;
mod rank;
mod sorted_lines;
mod source;

pub use certain::certain;
pub use gather::{Timing, gather, gather_at_hand, gather_named};
pub use lookalike::{Lookalike, worn_by};
pub use merge::{Merged, Witness, merge};
pub use plan::{When, plan};
pub use popularity::{ListError, Popularity, SiteStanding};
pub use rank::{
    Evidence, Families, ListPlace, Ranked, Ranking, Standing, Terms, Testimony, Voice, arrange, constants,
    rank,
};
pub use source::Source;
