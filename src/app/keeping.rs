//! What is kept beyond a request, and beyond the process where `state` says where: what was spent of
//! budgets, and which backends are suspended.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use super::last_good;
use crate::{
    config::{self, Config, Problems, values::Period},
    guard::{Budgets, Memory, Purse},
    model::{CalendarUnit, Clock, Toll},
    state::{Folder, Unusable},
    upstream::Store,
};

/// The purses of a configuration's backends, and what all configurations of a process share.
pub(super) struct Keeping {
    purses: HashMap<String, (Purse, Budgets)>,
    clock: Arc<dyn Clock>,
    shared: Arc<Shared>,
    /// What several gateways share.
    store: Option<Store>,
}

/// What there may be only one of in a process, for two that write the same files would undo each
/// other's work: purses and memories by the name of their backend, also of those that a reload
/// removed, and the folder of `state`.
#[derive(Default)]
struct Shared {
    purses: Mutex<HashMap<String, Purse>>,
    memories: Mutex<HashMap<String, Arc<Memory>>>,
    /// Where it was asked for: the folder, or why it can't be used.
    folder: OnceLock<Result<Arc<Folder>, String>>,
}

impl Keeping {
    /// Purses for a configuration. Until a folder is opened, what is spent is counted in memory.
    pub(super) fn new(config: &Config, clock: &Arc<dyn Clock>, store: Option<Store>) -> Self {
        Self::of(config, clock, Arc::default(), store)
    }

    /// Those for another configuration of the same process: a backend with the name of one before has
    /// the purse of that one.
    pub(super) fn next(&self, config: &Config, store: Option<Store>) -> Self {
        Self::of(config, &self.clock, Arc::clone(&self.shared), store)
    }

    fn of(config: &Config, clock: &Arc<dyn Clock>, shared: Arc<Shared>, store: Option<Store>) -> Self {
        let purse = |backend: &config::Backend| {
            let budgets = budgets(backend);
            let purse = shared.purse(&backend.name, &budgets, clock)?;
            Some((backend.name.clone(), (purse, budgets)))
        };
        let purses = config.backends.iter().filter_map(purse).collect();
        Self { purses, clock: Arc::clone(clock), shared, store }
    }

    /// The configuration takes effect: its budgets hold from now on.
    pub(super) fn take_effect(&self) {
        self.purses.values().for_each(|(purse, budgets)| purse.limit(budgets.clone()));
    }

    /// Opens the folder of `state`, if there is one, for this process alone. Where it can't be made or
    /// written to, the gateway still serves: nothing is spent of any budget, as nothing could be
    /// counted, no suspension outlives the process, and this says why.
    ///
    /// # Errors
    /// Where another process has it.
    pub(super) fn open(&self, config: &Config) -> Result<Option<String>, Problems> {
        match self.join(config) {
            Ok(()) => Ok(None),
            Err(unusable) if unusable.is_held() => Err(config.wrong("state", &unusable.to_string())),
            Err(unusable) => Ok(Some(self.shut(&unusable))),
        }
    }

    /// The same for a command that does without: also where another process has the folder, nothing is
    /// spent of any budget, and this says why. Mostly a gateway runs that has it.
    pub(super) fn open_or_shut(&self, config: &Config) -> Option<String> {
        let why = self.join(config).map_err(|unusable| self.shut(&unusable)).err()?;
        let has_budgets = !self.purses.is_empty();
        has_budgets.then(|| format!("backends with budgets by day or month are not asked: {why}"))
    }

    fn join(&self, config: &Config) -> Result<(), Unusable> {
        let Some(path) = path(config) else { return Ok(()) };
        let folder = Folder::open(&path)?;
        self.purses.values().try_for_each(|(purse, _)| purse.keep_in(&folder))?;
        let _ = self.shared.folder.set(Ok(folder));
        Ok(())
    }

    /// Shuts the purses, and gives the reason in words.
    fn shut(&self, unusable: &Unusable) -> String {
        let why = unusable.to_string();
        self.purses.values().for_each(|(purse, _)| purse.shut(&why));
        let _ = self.shared.folder.set(Err(why.clone()));
        why
    }

    /// The folder of `state`, where there is one that can be used.
    pub(super) fn folder(&self) -> Option<&Arc<Folder>> {
        self.shared.folder.get()?.as_ref().ok()
    }

    /// Keeps a configuration that is in force, where there is a folder for it. Waits for the disk.
    pub(super) fn keep_configuration(&self, text: &str) {
        self.folder().into_iter().for_each(|folder| last_good::keep(folder, text));
    }

    /// Names of the backends whose budgets a restart would give anew, in order.
    pub(super) fn forgetful(&self) -> Vec<&str> {
        if self.folder().is_some() { Vec::new() } else { self.budgeted() }
    }

    /// Names of the backends that have budgets, in order.
    pub(super) fn budgeted(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.purses.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    pub(super) fn purse(&self, backend: &str) -> Option<Purse> {
        self.purses.get(backend).map(|(purse, _)| purse.clone())
    }

    pub(super) fn toll(&self, backend: &str) -> Option<Arc<dyn Toll>> {
        let purse = self.purse(backend)?;
        Some(Arc::new(purse))
    }

    /// Goes on without what several gateways share, and gives it.
    pub(super) fn set_store_aside(&mut self) -> Option<Store> {
        self.store.take()
    }

    /// What several gateways share, if anything.
    pub(super) fn store(&self) -> Option<&Store> {
        self.store.as_ref()
    }

    /// Where the suspensions of a backend are written down.
    pub(super) fn memory(&self, backend: &str) -> Option<Arc<Memory>> {
        let folder = self.folder()?;
        let mut memories = self.shared.memories.lock().unwrap_or_else(PoisonError::into_inner);
        let open = || Arc::new(Memory::open(folder, backend));
        Some(Arc::clone(memories.entry(backend.to_owned()).or_insert_with(open)))
    }

    /// Gives back what was reserved of budgets and not spent, as the process ends.
    pub(super) fn settle(&self) {
        self.shared.purses.lock().unwrap_or_else(PoisonError::into_inner).values().for_each(Purse::settle);
    }
}

impl Shared {
    /// The one purse of a backend, kept where the others are; `None` without budgets.
    fn purse(&self, backend: &str, budgets: &Budgets, clock: &Arc<dyn Clock>) -> Option<Purse> {
        let made = Purse::new(backend, budgets.clone(), Arc::clone(clock))?;
        let mut purses = self.purses.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = purses.get(backend) {
            return Some(known.clone());
        }
        match self.folder.get() {
            Some(Ok(folder)) => {
                if let Err(unusable) = made.keep_in(folder) {
                    made.shut(&unusable.to_string());
                }
            }
            Some(Err(why)) => made.shut(why),
            None => {}
        }
        purses.insert(backend.to_owned(), made.clone());
        Some(made)
    }
}

/// The folder of `state`, if there is one.
pub(super) fn path(config: &Config) -> Option<PathBuf> {
    let path: &Path = config.state.as_deref()?;
    Some(config.folder.join(path))
}

fn budgets(backend: &config::Backend) -> Budgets {
    let limits = backend.rates.iter().filter_map(|rate| {
        let unit = match rate.period {
            Period::Day => CalendarUnit::Day,
            Period::Month => CalendarUnit::Month,
            Period::Second | Period::Minute | Period::Hour => return None,
        };
        Some((unit, rate.count))
    });
    Budgets { limits: limits.collect(), zone: backend.zone.clone() }
}
