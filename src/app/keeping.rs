//! What is kept beyond a request, and beyond the process where `state` says where: what was spent of
//! budgets, and which backends are suspended.

use std::{
    collections::{HashMap, hash_map::RandomState},
    hash::BuildHasher,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use super::last_good;
use crate::{
    config::{self, Config, Problems, values::Period},
    guard::{Budgets, Memory, Purse, Tier},
    model::{CalendarUnit, Clock, Metrics, Toll},
    state::{Folder, Unusable},
    upstream::Store,
};

/// The purses of a configuration's backends, and what all configurations of a process share.
pub(super) struct Keeping {
    purses: HashMap<String, (Purse, Budgets)>,
    clock: Arc<dyn Clock>,
    shared: Arc<Shared>,
    fleet: Option<Fleet>,
    keeps_to_itself: bool,
}

/// What several gateways share.
#[derive(Clone)]
struct Fleet {
    /// Where it is, as the configuration says.
    place: config::Shared,
    store: Store,
    /// Made once somebody counts how it does.
    tier: OnceLock<Tier>,
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
        Self::of(config, clock, Arc::default(), Fleet::of(config, store))
    }

    /// Those for another configuration of the same process: a backend with the name of one before has
    /// the purse of that one. A `store` where the one before is, with the same password, is that one, with
    /// its connection and what is known of its health.
    pub(super) fn next(&self, config: &Config, store: Option<Store>) -> Self {
        let fleet = self.fleet.as_ref().filter(|fleet| config.cache.shared.as_ref() == Some(&fleet.place));
        let fleet = fleet.cloned().or_else(|| Fleet::of(config, store));
        Self::of(config, &self.clock, Arc::clone(&self.shared), fleet)
    }

    fn of(config: &Config, clock: &Arc<dyn Clock>, shared: Arc<Shared>, fleet: Option<Fleet>) -> Self {
        let tier = fleet.as_ref().and_then(|fleet| fleet.tier.get());
        let purse = |backend: &config::Backend| {
            let budgets = budgets(backend);
            let purse = shared.purse(&backend.name, &budgets, clock, tier)?;
            Some((backend.name.clone(), (purse, budgets)))
        };
        let purses = config.backends.iter().filter_map(purse).collect();
        Self { purses, clock: Arc::clone(clock), shared, fleet, keeps_to_itself: false }
    }

    /// The configuration takes effect: its budgets hold from now on, and are counted where it says. To be
    /// called once there is a gateway.
    pub(super) fn take_effect(&self) {
        let tier = self.fleet.as_ref().and_then(|fleet| fleet.tier.get());
        for (purse, budgets) in self.purses.values() {
            purse.limit(budgets.clone());
            purse.share(tier);
        }
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
        if self.folder().is_some() || self.fleet.is_some() {
            return Vec::new();
        }
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

    /// From now on other gateways' answers are not taken, nor ours given to them. What is spent counts for
    /// all as before.
    pub(super) fn keep_to_itself(&mut self) {
        self.keeps_to_itself = true;
    }

    /// The store that several gateways share, if any.
    pub(super) fn store(&self) -> Option<&Store> {
        self.fleet.as_ref().map(|fleet| &fleet.store)
    }

    /// The second tier of the cache, if there is one that answers may come from. `metrics` count how it
    /// does from the first call on.
    pub(super) fn tier(&self, metrics: &Metrics) -> Option<Tier> {
        let fleet = self.fleet.as_ref()?;
        let new = || {
            let seed = RandomState::new().hash_one(0);
            Tier::new(fleet.store.clone(), Arc::clone(&self.clock), metrics.tier(), seed)
        };
        let tier = fleet.tier.get_or_init(new);
        (!self.keeps_to_itself).then(|| tier.clone())
    }

    /// Where the suspensions of a backend are written down.
    pub(super) fn memory(&self, backend: &str) -> Option<Arc<Memory>> {
        let folder = self.folder()?;
        let mut memories = self.shared.memories.lock().unwrap_or_else(PoisonError::into_inner);
        let open = || Arc::new(Memory::open(folder, backend));
        Some(Arc::clone(memories.entry(backend.to_owned()).or_insert_with(open)))
    }

    /// Gives back what was reserved of budgets and not spent, as the process ends.
    pub(super) async fn settle(&self) {
        let purses = self.shared.purses.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for purse in purses.into_values() {
            purse.end().await;
        }
    }
}

impl Fleet {
    fn of(config: &Config, store: Option<Store>) -> Option<Self> {
        let (place, store) = config.cache.shared.clone().zip(store)?;
        Some(Self { place, store, tier: OnceLock::new() })
    }
}

impl Shared {
    /// The one purse of a backend, kept where the others are; `None` without budgets.
    fn purse(
        &self,
        backend: &str,
        budgets: &Budgets,
        clock: &Arc<dyn Clock>,
        tier: Option<&Tier>,
    ) -> Option<Purse> {
        let made = Purse::new(backend, budgets.clone(), Arc::clone(clock))?;
        let mut purses = self.purses.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = purses.get(backend) {
            return Some(known.clone());
        }
        made.share(tier);
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
