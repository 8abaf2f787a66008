//! What is kept beyond a request, and beyond the process where `state` says where: what was spent of
//! budgets, and which backends are suspended.

use std::{collections::HashMap, path::Path, sync::Arc};

use crate::{
    config::{self, Config, Problems, values::Period},
    guard::{Budgets, Memory, Purse},
    model::{CalendarUnit, Clock, Toll},
    state::{Folder, Unusable},
    upstream::Store,
};

/// The purses of the backends that have budgets, and the folder of `state`.
pub(super) struct Keeping {
    purses: HashMap<String, Purse>,
    folder: Option<Arc<Folder>>,
    /// What several gateways share.
    store: Option<Store>,
}

impl Keeping {
    /// Purses for a configuration. Until a folder is opened, what is spent is counted in memory.
    pub(super) fn new(config: &Config, clock: &Arc<dyn Clock>, store: Option<Store>) -> Self {
        let purse = |backend: &config::Backend| {
            let purse = Purse::new(&backend.name, budgets(backend), Arc::clone(clock))?;
            Some((backend.name.clone(), purse))
        };
        Self { purses: config.backends.iter().filter_map(purse).collect(), folder: None, store }
    }

    /// Opens the folder of `state`, if there is one, for this process alone. Where it can't be made or
    /// written to, the gateway still serves: nothing is spent of any budget, as nothing could be
    /// counted, no suspension outlives the process, and this says why.
    ///
    /// # Errors
    /// Where another process has it.
    pub(super) fn open(&mut self, config: &Config) -> Result<Option<String>, Problems> {
        match self.join(config) {
            Ok(()) => Ok(None),
            Err(unusable) if unusable.is_held() => Err(config.wrong("state", &unusable.to_string())),
            Err(unusable) => Ok(Some(self.shut(&unusable))),
        }
    }

    /// The same for a command that does without: also where another process has the folder, nothing is
    /// spent of any budget, and this says why. Mostly a gateway runs that has it.
    pub(super) fn open_or_shut(&mut self, config: &Config) -> Option<String> {
        let why = self.join(config).map_err(|unusable| self.shut(&unusable)).err()?;
        let has_budgets = !self.purses.is_empty();
        has_budgets.then(|| format!("backends with budgets by day or month are not asked: {why}"))
    }

    fn join(&mut self, config: &Config) -> Result<(), Unusable> {
        let Some(path) = path(config) else { return Ok(()) };
        let folder = Folder::open(&path)?;
        self.purses.values().try_for_each(|purse| purse.keep_in(&folder))?;
        self.folder = Some(folder);
        Ok(())
    }

    /// Shuts the purses, and gives the reason in words.
    fn shut(&self, unusable: &Unusable) -> String {
        let why = unusable.to_string();
        self.purses.values().for_each(|purse| purse.shut(&why));
        why
    }

    /// Names of the backends whose budgets a restart would give anew, in order.
    pub(super) fn forgetful(&self) -> Vec<&str> {
        if self.folder.is_some() { Vec::new() } else { self.budgeted() }
    }

    /// Names of the backends that have budgets, in order.
    pub(super) fn budgeted(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.purses.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    pub(super) fn purse(&self, backend: &str) -> Option<Purse> {
        self.purses.get(backend).cloned()
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
    pub(super) fn memory(&self, backend: &str) -> Option<Memory> {
        self.folder.as_ref().map(|folder| Memory::open(folder, backend))
    }

    /// Gives back what was reserved of budgets and not spent, as the process ends.
    pub(super) fn settle(&self) {
        self.purses.values().for_each(Purse::settle);
    }
}

fn path(config: &Config) -> Option<std::path::PathBuf> {
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
