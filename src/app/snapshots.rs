//! Answers that outlive the process: a snapshot of the outcome cache under `state`, written every minute
//! and at the end, and read at the start. So a gateway that starts before its network is there, or after
//! a crash, answers what was asked before: fresh where it still is, stale where nothing fresh can be had.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use crate::{
    cache::OutcomeCache,
    config::Config,
    model::{Backend, Clock, Metrics, Vouched},
    state::{Folder, Found, Record},
};

/// The record in the folder.
const NAME: &str = "answers";

/// How often it is written, where there is something new: what a crash loses at most.
pub(super) const EVERY: Duration = Duration::from_secs(60);

/// Where answers are written down.
pub(super) struct Snapshots {
    record: Mutex<Record>,
    clock: Arc<dyn Clock>,
    metrics: Arc<Metrics>,
    /// How much the cache had been told when it was written down last.
    written: AtomicU64,
}

impl Snapshots {
    /// Opens what `folder` has of answers, and takes into `cache` those of the backends in `config`.
    /// Where that is of no use a warning says why, and the cache begins empty. Waits for the disk.
    pub(super) fn recalled(
        folder: &Arc<Folder>,
        cache: &OutcomeCache,
        of: &HashMap<u64, Vouched>,
        clock: &Arc<dyn Clock>,
        metrics: &Arc<Metrics>,
    ) -> Self {
        let (record, found) = folder.record(NAME);
        match recall(found, cache, of, clock.as_ref()) {
            Ok(0) => {}
            Ok(answers) => {
                tracing::info!(answers, "the cache begins with answers from before the start");
                metrics.recalled(answers);
            }
            Err(why) => tracing::warn!("answers from before the start are not used: {why}"),
        }
        let (record, written) = (Mutex::new(record), AtomicU64::new(cache.told()));
        Self { record, clock: Arc::clone(clock), metrics: Arc::clone(metrics), written }
    }

    /// Writes down what `cache` holds, if it was told anything since that was done last. Waits for the
    /// disk. Where that does not take it, the snapshot before stays, and a warning says so.
    pub(super) fn write(&self, cache: &OutcomeCache) {
        let told = cache.told();
        if self.written.load(Ordering::Relaxed) == told {
            return;
        }
        let mut record = self.record.lock().unwrap_or_else(PoisonError::into_inner);
        let result = record.write(&cache.snapshot(self.clock.wall()));
        self.metrics.snapshot(result.is_ok());
        match result {
            Ok(()) => self.written.store(told, Ordering::Relaxed),
            Err(error) => {
                tracing::warn!(%error, "answers can't be kept under `state`; a restart begins with older ones");
            }
        }
    }
}

/// Whose word is that of each backend, by the fingerprint of its definition.
pub(super) fn vouched(config: &Config, backends: &[Arc<dyn Backend>]) -> HashMap<u64, Vouched> {
    let both = config.backends.iter().zip(backends);
    both.map(|(settings, backend)| (settings.fingerprint(), backend.vouched())).collect()
}

fn recall(
    found: Found,
    cache: &OutcomeCache,
    of: &HashMap<u64, Vouched>,
    clock: &dyn Clock,
) -> Result<usize, String> {
    let snapshot = match found {
        Found::Nothing => return Ok(0),
        // The one before is a minute or so older, and as good.
        Found::Whole(snapshot) | Found::Behind(snapshot) => snapshot,
        Found::Lost => return Err("what is left of them under `state` is torn".to_owned()),
    };
    let taken = cache.recall(&snapshot, clock.wall(), |backend| of.get(&backend).copied());
    taken.map_err(|useless| useless.to_string())
}
