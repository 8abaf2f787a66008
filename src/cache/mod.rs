//! The caches, bounded in bytes: what each backend said to each request, and whole replies.
//!
//! The outcome cache has two stores, so that what is true for a moment never pushes out what is good for an hour.
//! *Kept* holds answers, found or empty, until they are too old even to serve stale. *Moments*
//! holds failures and incomplete replies for seconds, so that the same request is not sent again
//! at once. An entry says itself how old it is, on the clock that the cache was given; moka's own
//! expiry runs on another clock and only gives memory back. The packet cache stands before all of
//! that and saves the work of putting the same answer together again.

mod entry;
mod key;
mod outcomes;
mod packets;
pub mod sealed;
mod snapshot;
mod weight;

pub use entry::{Kept, Stale, Term};
pub use key::Key;
pub use outcomes::{Filling, Landing, OutcomeCache};
pub use packets::PacketCache;
pub use snapshot::Useless;
