//! How a budget stands, and what is said where nothing may be spent of it.

use crate::model::{CalendarUnit, Failure, Reason, rfc3339};

/// How a budget stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BudgetState {
    pub unit: CalendarUnit,
    pub limit: u64,
    /// By all gateways that share it, as far as this one knows.
    pub spent: u64,
    /// Of what is left, as much as may be spent by now.
    pub available: u64,
    /// The last share that was warned of, in per cent; 0 for none.
    pub warned: u8,
    /// When the next day or month begins, in seconds since 1970.
    pub ends: i64,
}

impl BudgetState {
    /// What is left of it.
    pub fn left(&self) -> u64 {
        self.limit - self.spent
    }

    /// The same where what is reserved already is not there to be reserved again.
    pub(super) fn beside(self, reserved: u64) -> Self {
        let spent = self.spent + self.left().min(reserved);
        Self { spent, available: self.available.saturating_sub(reserved), ..self }
    }

    pub(super) fn refusal(&self) -> Failure {
        let Self { limit, spent: sent, .. } = self;
        let (unit, ends) = (self.unit.word(), rfc3339(self.ends));
        spent(match self.left() {
            0 => format!("all {limit} requests of the {unit} are spent; the next {unit} begins at {ends}"),
            _ => format!(
                "{sent} of {limit} requests of the {unit} are spent, as many as its pace allows by now"
            ),
        })
    }
}

/// That nothing may be spent.
pub(super) fn spent(detail: String) -> Failure {
    Failure::new(Reason::BudgetSpent, detail)
}
