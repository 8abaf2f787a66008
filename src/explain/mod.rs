//! Explaining an answer: every decision that led to it, as JSON and as text, and a record from which
//! it can be decided again.
//!
//! An [`Account`] is made afterwards, of the values that gathering gave and of merging and ranking
//! them once more, which is pure. So the served path does nothing for it. What an upstream takes, and
//! what a backend says from memory, is seen by a [`Watched`] backend, which exists only while
//! something is explained.
//!
//! A [`Record`] holds what the backends said, each in the form in which it is read: whole replies of
//! the network, and the hits of those that answer from memory, in whose place a [`Recalled`] stands
//! when the record is replayed.

mod account;
mod observe;
mod recalled;
mod record;
mod text;
mod watched;

pub use account::{Account, BackendAccount, Dropped, ResultAccount, Understood};
pub use observe::account;
pub use recalled::Recalled;
pub use record::{Memory, Record, RecordError, Then};
pub use text::text;
pub use watched::Watched;
