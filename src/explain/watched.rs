//! A backend while it is explained: as it is, and what it did is seen.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use url::Url;

use crate::model::{
    Ask, Backend, BoxFuture, Clock, CommonName, Failure, Family, NameQuery, Reply, Service, Suggestion,
    Vouched,
};

/// A backend, and what was seen of it when it was last asked.
pub struct Watched {
    backend: Arc<dyn Backend>,
    clock: Arc<dyn Clock>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    took: Option<Duration>,
    reply: Option<Reply>,
}

impl Watched {
    /// The same backend, watched.
    pub fn new(backend: Arc<dyn Backend>, clock: Arc<dyn Clock>) -> Self {
        Self { backend, clock, seen: Mutex::default() }
    }

    /// How long it took to answer; `None` where it was not asked, or has not answered.
    pub fn took(&self) -> Option<Duration> {
        self.seen().took
    }

    /// What it said, before anything was made of it.
    pub fn reply(&self) -> Option<Reply> {
        self.seen().reply.clone()
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Backend for Watched {
    fn family(&self) -> Family {
        self.backend.family()
    }

    fn vouched(&self) -> Vouched {
        self.backend.vouched()
    }

    fn speaks_for_us(&self) -> bool {
        self.backend.speaks_for_us()
    }

    fn request(&self, query: &NameQuery) -> Ask {
        self.backend.request(query)
    }

    fn generation(&self) -> u64 {
        self.backend.generation()
    }

    fn service(&self) -> Option<Arc<Service>> {
        self.backend.service()
    }

    fn places(&self) -> Vec<Url> {
        self.backend.places()
    }

    fn denies(&self, name: &CommonName) -> bool {
        self.backend.denies(name)
    }

    fn suggest(&self, typed: &CommonName, limit: usize) -> Result<Vec<Suggestion>, Failure> {
        self.backend.suggest(typed, limit)
    }

    fn upkeep(&self) {
        self.backend.upkeep();
    }

    fn ask<'a>(&'a self, query: &'a NameQuery) -> BoxFuture<'a, Result<Reply, Failure>> {
        Box::pin(async move {
            let began = self.clock.now();
            let reply = self.backend.ask(query).await;
            let took = self.clock.now().saturating_duration_since(began);
            *self.seen() = Seen { took: Some(took), reply: reply.as_ref().ok().cloned() };
            reply
        })
    }
}
