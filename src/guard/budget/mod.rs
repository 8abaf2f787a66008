//! Budgets: how many requests a day and a month an upstream may be sent, counted so that none is
//! ever sent too many.
//!
//! A budget is what was bought, so it is counted as the upstream counts: every request, in calendar
//! days and months of its zone. The counts are a [`tally`], which is written down before a request
//! is sent, a block of requests at a time; what a process that is killed had reserved and not sent
//! is lost, and nothing else. Over a month what may be spent grows with time ([`pace`]). The
//! [`Purse`] joins the three. Where several
//! gateways share a budget, it is counted in their store as well ([`fleet`]).

mod account;
mod fleet;
mod ledger;
mod pace;
mod purse;
mod state;
mod tally;

pub use purse::{Claim, Purse};
pub use state::BudgetState;

use crate::model::{CalendarUnit, Zone};

/// What may be spent on one backend.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Budgets {
    /// Requests in each unit. Of several for one unit the smallest holds.
    pub limits: Vec<(CalendarUnit, u32)>,
    /// The zone in which the upstream's days and months begin.
    pub zone: Zone,
}

#[cfg(test)]
mod tests;
