//! Flights: calls under way, so that equal requests share one.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use futures_util::{FutureExt, future::Shared};
use tokio::{sync::oneshot, time::Instant};

use crate::{
    cache::{Key, Landing},
    model::{Failure, Reason},
};

/// A call under way. Every clone sees the same end of it.
#[derive(Debug, Clone)]
pub(super) struct Flight {
    pub(super) began: Instant,
    landing: Shared<oneshot::Receiver<Landing>>,
}

impl Flight {
    /// A flight that began at `began`, and the end at which it lands.
    pub(super) fn new(began: Instant) -> (Self, oneshot::Sender<Landing>) {
        let (land, landing) = oneshot::channel();
        (Self { began, landing: landing.shared() }, land)
    }

    /// How it ended. A task that died without a word was a fault of ours or of the backend's, and
    /// must not leave anybody waiting.
    pub(super) async fn landed(&self) -> Landing {
        let lost = |_| Err(Failure::new(Reason::Malformed, "the call ended without an outcome"));
        self.landing.clone().await.unwrap_or_else(lost)
    }
}

/// The flights of one backend.
#[derive(Debug, Default)]
pub(super) struct Flights(Mutex<HashMap<Key, Flight>>);

impl Flights {
    /// The table, locked. Never held across an await.
    pub(super) fn table(&self) -> MutexGuard<'_, HashMap<Key, Flight>> {
        // Inserting and removing leave the table whole wherever a thread dies.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
