//! How often a client may ask. Memory is bounded: so many clients are told apart, and whoever
//! comes when that many are known shares one allowance with all others who do.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::NoOpMiddleware,
    nanos::Nanos,
    state::{StateStore, keyed::ShrinkableKeyedStateStore},
};
use ipnet::IpNet;

use super::{
    client::{ClientKey, holds},
    settings::ClientLimit,
};

/// Most clients told apart: some 10 MB at worst.
const CLIENTS: usize = 100_000;

/// The limit of each client.
pub(super) struct Admission<C: Clock = DefaultClock> {
    limiter: RateLimiter<ClientKey, Known, C, NoOpMiddleware<C::Instant>>,
    clock: C,
    exempt: Vec<IpNet>,
}

impl<C: Clock + Clone> Admission<C> {
    /// The limit that `limit` says, by `clock`.
    pub(super) fn new(limit: &ClientLimit, clock: C) -> Self {
        Self::bounded(limit, clock, CLIENTS)
    }

    fn bounded(limit: &ClientLimit, clock: C, clients: usize) -> Self {
        // A rate of more than one in a nanosecond is no limit that could be kept or felt.
        let each = (limit.period / limit.count.get()).max(Duration::from_nanos(1));
        let quota = Quota::with_period(each)
            .unwrap_or_else(|| Quota::per_second(limit.count))
            .allow_burst(limit.burst);
        let limiter = RateLimiter::new(quota, Known::up_to(clients), clock.clone());
        Self { limiter, clock, exempt: limit.exempt.clone() }
    }

    /// Counts a request of `client`.
    ///
    /// # Errors
    /// How long it must wait, if it has asked too often.
    pub(super) fn admit(&self, client: IpAddr) -> Result<(), Duration> {
        if holds(&self.exempt, client) {
            return Ok(());
        }
        let refused = self.limiter.check_key(&ClientKey::of(client)).err();
        refused.map_or(Ok(()), |until| Err(until.wait_time_from(self.clock.now())))
    }

    /// Forgets clients that have their whole allowance again. To be called every few seconds.
    pub(super) fn forget_the_rested(&self) {
        self.limiter.retain_recent();
        self.limiter.shrink_to_fit();
    }
}

/// The state of each known client: when it will have its whole allowance again.
struct Known {
    most: usize,
    states: Mutex<States>,
}

#[derive(Default)]
struct States {
    each: HashMap<ClientKey, Nanos>,
    /// Of all who came when `each` was full.
    shared: Option<Nanos>,
}

impl Known {
    fn up_to(most: usize) -> Self {
        Self { most, states: Mutex::default() }
    }

    fn states(&self) -> MutexGuard<'_, States> {
        // A state is one number: there is no half-written one to fear.
        self.states.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StateStore for Known {
    type Key = ClientKey;

    fn measure_and_replace<T, F, E>(&self, key: &ClientKey, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let states = &mut *self.states();
        let is_full = states.each.len() >= self.most;
        match states.each.get_mut(key) {
            Some(state) => {
                let (verdict, next) = decide(Some(*state))?;
                *state = next;
                Ok(verdict)
            }
            None if is_full => {
                let (verdict, next) = decide(states.shared)?;
                states.shared = Some(next);
                Ok(verdict)
            }
            None => {
                let (verdict, next) = decide(None)?;
                states.each.insert(*key, next);
                Ok(verdict)
            }
        }
    }
}

impl ShrinkableKeyedStateStore<ClientKey> for Known {
    fn retain_recent(&self, drop_below: Nanos) {
        self.states().each.retain(|_, state| *state > drop_below);
    }

    fn shrink_to_fit(&self) {
        let each = &mut self.states().each;
        if each.capacity() > 4 * each.len() {
            each.shrink_to_fit();
        }
    }

    fn len(&self) -> usize {
        self.states().each.len()
    }

    fn is_empty(&self) -> bool {
        self.states().each.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use governor::clock::FakeRelativeClock;

    use super::*;

    fn admission(clients: usize) -> (Admission<FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        let limit = ClientLimit {
            count: NonZeroU32::new(2).unwrap(),
            period: Duration::from_secs(1),
            burst: NonZeroU32::new(3).unwrap(),
            exempt: vec!["127.0.0.0/8".parse().unwrap()],
        };
        (Admission::bounded(&limit, clock.clone(), clients), clock)
    }

    fn from(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_client_has_a_burst_and_then_its_rate() {
        let (admission, clock) = admission(10);
        let ask = || admission.admit(from("192.0.2.1"));
        assert_eq!([ask(), ask(), ask()], [Ok(()); 3]);
        assert_eq!(ask(), Err(Duration::from_millis(500)));
        assert_eq!(admission.admit(from("192.0.2.2")), Ok(()), "another client is not concerned");
        clock.advance(Duration::from_millis(500));
        assert_eq!(ask(), Ok(()));
        assert!(ask().is_err());
    }

    #[test]
    fn the_exempt_have_no_limit() {
        let (admission, _) = admission(10);
        assert!((0..100).all(|_| admission.admit(from("::ffff:127.0.0.1")).is_ok()));
        assert_eq!(admission.limiter.len(), 0);
    }

    #[test]
    fn a_million_addresses_take_no_more_memory_than_those_that_are_told_apart() {
        let limit = ClientLimit {
            count: NonZeroU32::MIN,
            period: Duration::from_secs(1),
            burst: NonZeroU32::MIN,
            exempt: Vec::new(),
        };
        let admission = Admission::new(&limit, FakeRelativeClock::default());
        let known = from("192.0.2.1");
        assert_eq!(admission.admit(known), Ok(()));
        for subscriber in 0..1_000_000_u128 {
            let address = (0x2001_0db8 << 96) | (subscriber << 72);
            let _ = admission.admit(std::net::Ipv6Addr::from(address).into());
        }
        assert_eq!(admission.limiter.len(), CLIENTS);
        assert!(admission.limiter.into_state_store().states().each.capacity() <= 2 * CLIENTS);
    }

    #[test]
    fn those_beyond_the_bound_share_and_the_known_keep_their_own() {
        let (admission, clock) = admission(2);
        assert_eq!(admission.admit(from("192.0.2.1")), Ok(()));
        assert_eq!(admission.admit(from("192.0.2.2")), Ok(()));
        let strangers = (3..10).filter(|i| admission.admit(from(&format!("192.0.2.{i}"))).is_ok());
        assert_eq!(strangers.count(), 3, "one burst for all of them");
        assert_eq!(admission.admit(from("192.0.2.1")), Ok(()));
        assert_eq!(admission.limiter.len(), 2);

        clock.advance(Duration::from_secs(60));
        admission.forget_the_rested();
        assert_eq!(admission.limiter.len(), 0);
        assert_eq!(admission.admit(from("192.0.2.9")), Ok(()));
    }
}
