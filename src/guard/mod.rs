//! What stands between the resolver and a backend: a [`Guard`], the only way to ask one.
//!
//! A question goes through it in this order. *Outcome cache*: what is fresh is answered at once,
//! and so is what has just failed. *Flight*: equal requests share one call, which is a task of its
//! own and outlives the client that began it. *Breaker*: a backend that keeps failing, or asks to
//! be left alone, is not called for a while. *Budgets*: what may be spent on it in a day and a month.
//! *Rates*: what the operator allows towards it in a shorter time. *Place*: so many calls at once. *Timeout*, *call*, *preparation* of what came back, and the cache again.
//! An expired answer waits beside the flight, to serve when that fails or takes too long.
//!
//! A guard knows nothing of the backend behind it but the [`crate::model::Backend`] trait.

mod ask;
mod breaker;
mod budget;
mod call;
mod flight;
mod limits;
mod memory;
mod pause;
mod policy;
mod shared;
mod state;
mod tier;
mod underway;

pub use ask::{Guard, Means};
pub use budget::{BudgetState, Budgets, Claim, Purse};
pub use memory::Memory;
pub use policy::{Policy, Rate};
pub use state::{LastFailure, State, Suspension};
pub use tier::{Tier, TierState};
pub use underway::{Asked, Underway};

#[cfg(test)]
mod tests;
