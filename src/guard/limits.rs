//! Rates towards a backend: how many calls a second, minute or hour the operator allows it to be
//! sent. What is allowed in a day or a month is a budget.

use std::{num::NonZeroU32, sync::Arc};

use governor::{
    Quota, RateLimiter, clock, middleware::NoOpMiddleware, nanos::Nanos, state::InMemoryState,
    state::NotKeyed,
};
use tokio::time::Instant;

use super::Rate;
use crate::model::{Clock, Failure, Reason};

/// Every rate of one backend.
pub(super) struct Limits(Vec<Limit>);

type Limit = RateLimiter<NotKeyed, InMemoryState, Ticks, NoOpMiddleware<Nanos>>;

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
        // A call that the second refuses must not have spent of the hour.
        rates.sort_by_key(|rate| rate.per);
        Self(rates.iter().filter_map(|rate| limit(*rate, clock)).collect())
    }

    /// Takes leave for one call of every rate.
    pub(super) fn take(&self) -> Result<(), Failure> {
        match self.0.iter().all(|limit| limit.check().is_ok()) {
            true => Ok(()),
            false => Err(Failure::new(Reason::RateLimited, "no more calls are allowed for now")),
        }
    }
}

/// `None` for a rate beyond one call in a nanosecond, which limits nothing.
fn limit(rate: Rate, clock: &Arc<dyn Clock>) -> Option<Limit> {
    let count = NonZeroU32::new(rate.count).unwrap_or(NonZeroU32::MIN);
    let quota = Quota::with_period(rate.per / count.get())?.allow_burst(count);
    let ticks = Ticks { clock: Arc::clone(clock), since: clock.now() };
    Some(RateLimiter::direct_with_clock(quota, ticks))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::SystemClock;

    fn limits(rates: &[(u32, u64)]) -> Limits {
        let rates: Vec<_> =
            rates.iter().map(|&(count, per)| Rate { count, per: Duration::from_secs(per) }).collect();
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        Limits::new(&rates, &clock)
    }

    fn taken<const N: usize>(limits: &Limits) -> [bool; N] {
        [(); N].map(|()| limits.take().is_ok())
    }

    #[tokio::test(start_paused = true)]
    async fn a_rate_lets_so_many_through_and_comes_back_with_time() {
        let limits = limits(&[(2, 10)]);
        assert_eq!(taken(&limits), [true, true, false]);
        assert_eq!(limits.take().unwrap_err().reason, Reason::RateLimited);
        tokio::time::advance(Duration::from_secs(5)).await;
        assert_eq!(taken(&limits), [true, false]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_short_rate_refuses_is_not_missing_in_a_long_one() {
        let limits = limits(&[(2, 3600), (1, 1)]);
        assert_eq!(taken(&limits), [true, false, false, false]);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(taken(&limits), [true]);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(taken(&limits), [false]);
    }

    #[tokio::test(start_paused = true)]
    async fn no_rate_and_an_absurd_rate_limit_nothing() {
        for limits in [limits(&[]), limits(&[(5, 0)])] {
            assert!((0..1000).all(|_| limits.take().is_ok()));
        }
    }
}
