//! The guard itself: the way of a question, step by step.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, Waker},
    time::Duration,
};

use tokio::sync::Semaphore;

use super::{
    Asked, Claim, LastFailure, Memory, Policy, Purse, State, Suspension, Tier, TierState, Underway,
    breaker::{Breaker, Pause, Permit},
    call::{self, Call},
    flight::{Flight, Flights},
    limits::Limits,
    underway::Waiting,
};
use crate::{
    cache::{Kept, Key, Landing, OutcomeCache, Stale},
    model::{
        Ask, Backend, BackendMeter, BoxFuture, Clock, Failure, Freshness, NameQuery, Outcome, Reason,
        TraceContext,
    },
};

/// How long an answer from memory holds, generations apart: long enough to be worth keeping, short
/// enough that nobody has to think of what else could make it old.
const HELD: Duration = Duration::from_secs(60);

/// A backend and everything that stands before it.
pub struct Guard(Arc<Inner>);

/// What a guard works with.
pub struct Means {
    pub cache: OutcomeCache,
    pub clock: Arc<dyn Clock>,
    pub meter: BackendMeter,
    /// What may be spent, where that is counted. The backend has it too, and pays from it for each
    /// request that it sends.
    pub purse: Option<Purse>,
    /// Where suspensions are written down, if anywhere.
    pub memory: Option<Arc<Memory>>,
    /// What other gateways know, where they share it.
    pub tier: Option<Tier>,
}

/// Leave to make one call.
pub(super) struct Leave {
    pub(super) permit: Permit,
    /// Where there is a budget to spend of.
    pub(super) claim: Option<Claim>,
}

/// What a guard and its calls share.
pub(super) struct Inner {
    pub(super) name: String,
    pub(super) backend: Arc<dyn Backend>,
    fingerprint: u64,
    pub(super) policy: Policy,
    pub(super) cache: OutcomeCache,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) meter: BackendMeter,
    pub(super) standing: Arc<Standing>,
    purse: Option<Purse>,
    memory: Option<Arc<Memory>>,
    pub(super) tier: Option<Tier>,
}

/// How we stand with an upstream. It outlives the guard where a reload leaves the backend as it was.
pub(super) struct Standing {
    pub(super) flights: Flights,
    /// One for each call at once.
    pub(super) places: Semaphore,
    breaker: Breaker,
    limits: Limits,
    last_failure: Mutex<Option<LastFailure>>,
}

/// What is known of a request before anything is called.
enum Recalled {
    /// The answer. `refresh`: a new one is better fetched now.
    Answer { outcome: Outcome, refresh: bool },
    /// A call is wanted; an expired answer may serve if that fails.
    Wanting(Option<Stale>),
}

impl Guard {
    /// A guard for the backend that the configuration calls `name`. `fingerprint` is of the
    /// backend's definition without secrets: guards with equal ones share their cached outcomes.
    pub fn new(
        name: &str,
        backend: Arc<dyn Backend>,
        fingerprint: u64,
        policy: Policy,
        means: Means,
    ) -> Self {
        let recalled = means.memory.as_ref().and_then(|memory| memory.recalled(means.clock.as_ref()));
        let standing = Arc::new(Standing::new(&policy, &means.clock, recalled));
        Self::of(name.to_owned(), backend, fingerprint, policy, means, standing)
    }

    /// A guard for the same backend built anew, as a reload does: calls under way, places, rates and
    /// suspension are those of `before`, if that is of the same definition. Otherwise it is another
    /// upstream with which nothing has happened yet.
    pub fn after(
        before: &Self,
        backend: Arc<dyn Backend>,
        fingerprint: u64,
        policy: Policy,
        means: Means,
    ) -> Self {
        let standing = if before.0.fingerprint == fingerprint {
            // What was refused may be allowed with the secret that was read again.
            before.0.standing.breaker.lift_for(Reason::Unauthorised);
            Arc::clone(&before.0.standing)
        } else {
            Arc::new(Standing::new(&policy, &means.clock, None))
        };
        Self::of(before.0.name.clone(), backend, fingerprint, policy, means, standing)
    }

    fn of(
        name: String,
        backend: Arc<dyn Backend>,
        fingerprint: u64,
        policy: Policy,
        means: Means,
        standing: Arc<Standing>,
    ) -> Self {
        let Means { cache, clock, meter, purse, memory, tier } = means;
        let inner =
            Inner { name, backend, fingerprint, policy, cache, clock, meter, standing, purse, memory, tier };
        Self(Arc::new(inner))
    }

    /// The backend behind it.
    pub fn backend(&self) -> &Arc<dyn Backend> {
        &self.0.backend
    }

    /// How the second tier is doing, where there is one. It is the same for every guard of a gateway.
    pub fn tier(&self) -> Option<TierState> {
        self.0.tier.as_ref().map(Tier::state)
    }

    /// How the backend is doing.
    pub fn state(&self) -> State {
        self.0.state()
    }

    /// Keeps up to date what is shared with other gateways. Called every second or two, never on the way of
    /// a query.
    pub async fn upkeep(&self) {
        if let Some(purse) = &self.0.purse {
            purse.keep_told().await;
        }
    }

    /// Lifts the suspension, if there is one, so that the next question is asked. Returns whether
    /// there was one.
    pub fn resume(&self) -> bool {
        let lifted = self.0.standing.breaker.lift();
        if lifted {
            Inner::keep_suspension(&self.0);
        }
        lifted
    }

    /// Asks, and waits for the outcome. Never [`Outcome::Late`].
    pub async fn ask(&self, ask: Ask, query: &NameQuery) -> Outcome {
        match self.begin(ask, query) {
            Asked::Done(outcome) => outcome,
            Asked::Underway(mut underway) => underway.settle().await,
        }
    }

    /// Asks: what is known at once is answered at once, without a task, a timer or a wait. `ask`
    /// is what the backend made of `query`. Must be called within a tokio runtime.
    pub fn begin<'a>(&'a self, ask: Ask, query: &'a NameQuery) -> Asked<'a> {
        match ask {
            Ask::Skip(reason) => Asked::Done(Outcome::Skipped(reason)),
            Ask::Local => self.0.local(query),
            Ask::Request(request) => {
                let key = Key { backend: self.0.fingerprint, request };
                self.0.request(key, query)
            }
        }
    }
}

impl Standing {
    fn new(policy: &Policy, clock: &Arc<dyn Clock>, recalled: Option<Pause>) -> Self {
        Self {
            flights: Flights::default(),
            places: Semaphore::new(policy.concurrency.clamp(1, Semaphore::MAX_PERMITS)),
            breaker: Breaker::new(recalled),
            limits: Limits::new(&policy.rates, clock),
            last_failure: Mutex::default(),
        }
    }

    fn last_failure(&self) -> Option<LastFailure> {
        self.last_failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Inner {
    /// A backend that answers from memory is polled once in place. No waker is needed for that:
    /// whoever settles what is left polls it again.
    fn local<'a>(&'a self, query: &'a NameQuery) -> Asked<'a> {
        let mut call: BoxFuture<'a, Landing> = Box::pin(call::ask(self.backend.as_ref(), query));
        match call.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(landing) => {
                self.count(&landing);
                Asked::Done(match landing {
                    Ok(reply) => Outcome::of(&reply, self.held(reply.ttl)),
                    Err(failure) => Outcome::Failed(failure),
                })
            }
            Poll::Pending => Asked::Underway(Underway::local(self, call)),
        }
    }

    /// What is held in memory is as fresh as can be, for as long as the backend's generation stays
    /// and it does not become another by itself.
    fn held(&self, ttl: Option<Duration>) -> Freshness {
        let time = ttl.map_or(HELD, |ttl| ttl.min(HELD));
        Freshness::Fresh { until: Some(self.clock.now() + time) }
    }

    fn request(self: &Arc<Self>, key: Key, query: &NameQuery) -> Asked<'static> {
        if let Recalled::Answer { outcome, refresh } = self.recall(&key) {
            if refresh {
                self.refresh(key, query);
            }
            return Asked::Done(outcome);
        }
        let mut table = self.standing.flights.table();
        // Looked up again under the lock: a flight may have landed since the first look.
        let stale = match self.recall(&key) {
            Recalled::Answer { outcome, .. } => return Asked::Done(outcome),
            Recalled::Wanting(stale) => stale,
        };
        if let Some(flight) = table.get(&key) {
            self.meter.shared.inc();
            return self.wait(key, flight.clone(), stale);
        }
        self.meter.miss.inc();
        match self.launch(&mut table, key.clone(), query, true) {
            Ok(flight) => self.wait(key, flight, stale),
            Err(refusal) => {
                self.meter.failed(refusal.reason);
                Asked::Done(self.outcome(Err(refusal), stale.as_ref()))
            }
        }
    }

    fn wait(self: &Arc<Self>, key: Key, flight: Flight, stale: Option<Stale>) -> Asked<'static> {
        Asked::Underway(Underway::waiting(Waiting { guard: Arc::clone(self), key, flight, stale }))
    }

    fn recall(&self, key: &Key) -> Recalled {
        let stale = match self.cache.kept(key) {
            Some(Kept::Fresh { reply, refresh, until }) => {
                self.meter.fresh.inc();
                let freshness = Freshness::Fresh { until: Some(until) };
                return Recalled::Answer { outcome: Outcome::of(&reply, freshness), refresh };
            }
            Some(Kept::Expired(stale)) => Some(stale),
            None => None,
        };
        match self.cache.moment(key, stale.is_some()) {
            Some(landing) => {
                Recalled::Answer { outcome: self.outcome(landing, stale.as_ref()), refresh: false }
            }
            None => Recalled::Wanting(stale),
        }
    }

    /// Fetches a new answer ahead of demand. Never where that would spend of a day's or a month's
    /// budget, which is for questions.
    fn refresh(self: &Arc<Self>, key: Key, query: &NameQuery) {
        if self.purse.is_some() || self.cache.moment(&key, true).is_some() {
            return;
        }
        let mut table = self.standing.flights.table();
        // Looked up again under the lock: another client's refresh may have landed meanwhile.
        let is_wanted = matches!(self.cache.kept(&key), Some(Kept::Fresh { refresh: true, .. }));
        if is_wanted && !table.contains_key(&key) {
            // A refusal costs nobody anything: the answer at hand is fresh.
            let _ = self.launch(&mut table, key, query, false);
        }
    }

    /// Begins a call, if breaker, budgets and rates allow one; with a second tier they are asked once
    /// that knows no answer.
    fn launch(
        self: &Arc<Self>,
        table: &mut HashMap<Key, Flight>,
        key: Key,
        query: &NameQuery,
        is_asked: bool,
    ) -> Result<Flight, Failure> {
        let leave = if self.tier.is_none() { Some(self.leave()?) } else { None };
        let began = self.clock.now();
        let (flight, land) = Flight::new(began);
        table.insert(key.clone(), flight.clone());
        let call = Call { guard: Arc::clone(self), key, query: query.clone(), is_asked };
        // The call works for the request that began it, whoever else waits for it.
        tokio::spawn(TraceContext::carried(TraceContext::current(), call.fly(leave, land)));
        Ok(flight)
    }

    /// Asks breaker, budgets and rates for leave to make a call. One that then finds no place has spent
    /// of a rate for nothing: a limit may be kept too well, never broken.
    pub(super) fn leave(&self) -> Result<Leave, Failure> {
        let permit = self.standing.breaker.admit(self.clock.now()).map_err(suspension)?;
        let claim = self.purse.as_ref().map(Purse::admit).transpose()?;
        self.standing.limits.take()?;
        Ok(Leave { permit, claim })
    }

    /// Counts how asking the backend ended.
    pub(super) fn count(&self, landing: &Landing) {
        match landing {
            Ok(reply) if reply.is_empty() => {
                self.meter.empty.inc();
            }
            Ok(_) => {
                self.meter.found.inc();
            }
            Err(failure) => self.meter.failed(failure.reason),
        }
    }

    /// Keeps a failure for `/status`.
    pub(super) fn remember(&self, failure: &Failure) {
        let last = LastFailure { failure: failure.clone(), at: self.clock.wall(), is_over: false };
        *self.standing.last_failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(last);
    }

    /// The last failure, if there was one, is history.
    pub(super) fn answered(&self) {
        let mut last = self.standing.last_failure.lock().unwrap_or_else(PoisonError::into_inner);
        last.iter_mut().for_each(|last| last.is_over = true);
    }

    /// Writes down whether the backend is suspended, on a thread that may wait for the disk.
    pub(super) fn keep_suspension(guard: &Arc<Self>) {
        if guard.memory.is_some() {
            let guard = Arc::clone(guard);
            tokio::task::spawn_blocking(move || {
                let current = || guard.standing.breaker.pause();
                guard
                    .memory
                    .iter()
                    .for_each(|memory| memory.write(&guard.name, guard.clock.as_ref(), current));
            });
        }
    }

    fn state(&self) -> State {
        let now = self.clock.now();
        let wall = self.clock.wall();
        let suspension = self.standing.breaker.pause().map(|pause| Suspension {
            reason: pause.reason,
            until: match pause.until.checked_duration_since(now) {
                Some(left) => wall + left,
                None => wall - now.saturating_duration_since(pause.until),
            },
            is_over: pause.until <= now,
        });
        State {
            suspension,
            budgets: self.purse.as_ref().map(Purse::states).unwrap_or_default(),
            in_flight: self.standing.flights.table().len(),
            last_failure: self.standing.last_failure(),
        }
    }
}

/// Why a suspended backend is not called. A pause for load is still load, which passes by itself
/// (D18); every other pause is one word to the client, whose cause `/status` tells.
fn suspension(pause: Pause) -> Failure {
    let cause = pause.reason;
    let reason = if cause.is_temporary_load() { cause } else { Reason::Suspended };
    Failure::new(reason, format!("not called for a while, after: {cause}"))
}
