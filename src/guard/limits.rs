//! Rates towards a backend: how many calls the operator allows it to be sent.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use governor::{
    Quota, RateLimiter, clock, middleware::NoOpMiddleware, nanos::Nanos, state::InMemoryState,
    state::NotKeyed,
};
use tokio::time::Instant;

use super::Rate;
use crate::model::{Clock, Reason};

/// A rate over so long a time is a budget: what is left of it is precious.
const BUDGET: Duration = Duration::from_secs(24 * 3600);

/// Every rate of one backend.
pub(super) struct Limits(Vec<Limit>);

struct Limit {
    per: Duration,
    cells: RateLimiter<NotKeyed, InMemoryState, Ticks, NoOpMiddleware<Nanos>>,
}

/// Our clock as governor reads it: time since the limit was made.
#[derive(Clone)]
struct Ticks {
    clock: Arc<dyn Clock>,
    since: Instant,
}

impl clock::Clock for Ticks {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        self.clock.now().saturating_duration_since(self.since).into()
    }
}

impl Limits {
    pub(super) fn new(rates: &[Rate], clock: &Arc<dyn Clock>) -> Self {
        let mut rates = rates.to_vec();
        // A call that the second refuses must not have spent of the month.
        rates.sort_by_key(|rate| rate.per);
        Self(rates.iter().filter_map(|rate| Limit::new(*rate, clock)).collect())
    }

    /// Takes leave for one call of every rate, or says which kind of rate refused.
    pub(super) fn take(&self) -> Result<(), Reason> {
        match self.0.iter().find(|limit| limit.cells.check().is_err()) {
            None => Ok(()),
            Some(limit) if limit.is_budget() => Err(Reason::BudgetSpent),
            Some(_) => Err(Reason::RateLimited),
        }
    }

    /// Whether every call spends of a day's or a month's budget.
    pub(super) fn has_budget(&self) -> bool {
        self.0.iter().any(Limit::is_budget)
    }
}

impl Limit {
    /// `None` for a rate beyond one call in a nanosecond, which limits nothing.
    fn new(rate: Rate, clock: &Arc<dyn Clock>) -> Option<Self> {
        let count = NonZeroU32::new(rate.count).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::with_period(rate.per / count.get())?.allow_burst(count);
        let ticks = Ticks { clock: Arc::clone(clock), since: clock.now() };
        Some(Self { per: rate.per, cells: RateLimiter::direct_with_clock(quota, ticks) })
    }

    fn is_budget(&self) -> bool {
        self.per >= BUDGET
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SystemClock;

    fn limits(rates: &[(u32, u64)]) -> Limits {
        let rates: Vec<_> =
            rates.iter().map(|&(count, per)| Rate { count, per: Duration::from_secs(per) }).collect();
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        Limits::new(&rates, &clock)
    }

    #[tokio::test(start_paused = true)]
    async fn a_rate_lets_so_many_through_and_comes_back_with_time() {
        let limits = limits(&[(2, 10)]);
        assert_eq!([limits.take(), limits.take()], [Ok(()), Ok(())]);
        assert_eq!(limits.take(), Err(Reason::RateLimited));
        tokio::time::advance(Duration::from_secs(5)).await;
        assert_eq!(limits.take(), Ok(()));
        assert_eq!(limits.take(), Err(Reason::RateLimited));
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_short_rate_refuses_spends_no_budget() {
        let limits = limits(&[(2, 86_400), (1, 1)]);
        assert!(limits.has_budget());
        assert_eq!(limits.take(), Ok(()));
        for _ in 0..10 {
            assert_eq!(limits.take(), Err(Reason::RateLimited));
        }
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(limits.take(), Ok(()));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(limits.take(), Err(Reason::BudgetSpent));
    }

    #[tokio::test(start_paused = true)]
    async fn no_rate_and_an_absurd_rate_limit_nothing() {
        for limits in [limits(&[]), limits(&[(5, 0)])] {
            assert!((0..1000).all(|_| limits.take().is_ok()) && !limits.has_budget());
        }
    }
}
