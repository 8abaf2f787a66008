//! A purse: what may be spent on one backend, and the only way to spend it.
//!
//! A question may begin while something is left and the month's pace allows for it: that is
//! [`Purse::admit`]. Each of its requests is then paid for by [`Toll::pay`], which only the budget
//! itself refuses: a question of two requests is not given up after the first for its pace.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use arc_swap::{ArcSwap, ArcSwapOption};

use super::{
    BudgetState, Budgets,
    account::Account,
    fleet::Rest,
    ledger::Ledger,
    pace::allowance,
    state::spent,
    tally::{Date, Tally},
};
use crate::{
    guard::Tier,
    model::{BoxFuture, CalendarUnit, Clock, Failure, Toll, rfc3339, unix_seconds},
    state::{Folder, Unusable},
};

/// A block is at most one part in this many of the smallest budget: five hundred kills in a month,
/// each of which loses a block, lose less than a twentieth of it.
const BLOCKS: u64 = 10_000;

/// Shares of a budget, in per cent, at which the operator is warned.
const WARNINGS: [u8; 2] = [75, 90];

/// The budgets of one backend. Clones share them.
#[derive(Clone)]
pub struct Purse(Arc<Inner>);

pub(super) struct Inner {
    pub(super) name: String,
    /// Another with a reload.
    pub(super) terms: ArcSwap<Terms>,
    pub(super) clock: Arc<dyn Clock>,
    /// Locked while it is written, which takes milliseconds, so never on a thread that must not wait.
    /// Before `account` where both are.
    pub(super) ledger: Mutex<Ledger>,
    account: Mutex<Account>,
    /// Where the counts are that hold for several gateways, if anywhere.
    pub(super) tier: ArcSwapOption<Tier>,
    /// Whoever reserves there has it.
    pub(super) turn: tokio::sync::Mutex<()>,
}

/// What a request is to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Request {
    /// Its first, which is kept for it: within the month's pace.
    First,
    /// Any that is sent now.
    Sent,
}

pub(super) struct Terms {
    pub(super) budgets: Budgets,
    /// Requests that are reserved at a time.
    pub(super) block: u64,
}

/// A question that may spend, until it is dropped.
pub struct Claim(Purse);

impl Claim {
    /// Has its first request written down before it is sent. Writing waits for the disk, and this is to be
    /// awaited before the upstream's time begins. What is never sent is kept for another question; what a
    /// question sends beside its first request waits for the disk where it must.
    ///
    /// # Errors
    /// Why nothing may be spent.
    pub async fn prepare(&self) -> Result<(), Failure> {
        self.0.obtain(Request::First).await
    }
}

impl Purse {
    /// A purse of the backend `name`, whose counts live in memory; `None` where there is no budget.
    pub fn new(name: &str, budgets: Budgets, clock: Arc<dyn Clock>) -> Option<Self> {
        let date = date(&budgets, clock.as_ref());
        let warned = vec![0; budgets.limits.len()];
        let terms = Terms::of(budgets)?;
        let account = Account {
            tally: Tally::default(),
            date,
            reserved: 0,
            promised: 0,
            pending: 0,
            warned,
            is_in_memory: true,
        };
        Some(Self(Arc::new(Inner {
            name: name.to_owned(),
            terms: ArcSwap::from_pointee(terms),
            clock,
            ledger: Mutex::new(Ledger::Memory),
            account: Mutex::new(account),
            tier: ArcSwapOption::empty(),
            turn: tokio::sync::Mutex::default(),
        })))
    }

    /// From now on the counts are kept in `folder`, and begin with those that are there.
    ///
    /// # Errors
    /// Where they can't be written.
    pub fn keep_in(&self, folder: &Arc<Folder>) -> Result<(), Unusable> {
        let inner = &self.0;
        let terms = inner.terms.load();
        let date = date(&terms.budgets, inner.clock.as_ref());
        let opened = Ledger::open(folder, &inner.name, &date, terms.block);
        let (ledger, tally) = opened.map_err(|error| folder.unusable(&error))?;
        let mut place = lock(&inner.ledger);
        let mut account = lock(&inner.account);
        (account.tally, account.date, account.is_in_memory) = (tally, date, false);
        account.warned = inner.levels(&account);
        *place = ledger;
        Ok(())
    }

    /// From now on these budgets hold; what was spent of the former counts. Without a limit among
    /// them nothing changes: such a backend has no purse.
    pub fn limit(&self, budgets: Budgets) {
        let Some(terms) = Terms::of(budgets) else { return };
        let inner = &self.0;
        let mut account = lock(&inner.account);
        inner.terms.store(Arc::new(terms));
        account.warned = inner.levels(&account);
    }

    /// From now on nothing is spent, as the counts can't be had.
    pub fn shut(&self, why: &str) {
        let mut place = lock(&self.0.ledger);
        lock(&self.0.account).is_in_memory = false;
        *place = Ledger::Shut(why.to_owned());
    }

    /// Asks for leave to begin a question. One that is under way may spend, so it counts here as if
    /// it had one more request to send.
    ///
    /// # Errors
    /// Why nothing may be spent for now.
    pub fn admit(&self) -> Result<Claim, Failure> {
        let mut account = self.0.account();
        for state in self.0.states(&account) {
            if state.available <= account.pending {
                return Err(state.refusal());
            }
        }
        account.pending += 1;
        Ok(Claim(self.clone()))
    }

    /// Gives back in the ledger what was reserved and not spent; returns it if there is any. Waits for the
    /// disk.
    pub(super) fn settle(&self) -> Option<Rest> {
        let mut ledger = lock(&self.0.ledger);
        let mut account = self.0.account();
        if account.reserved == 0 {
            return None;
        }
        let rest = self.0.rest(&account);
        account.give_back();
        if let Err(why) = ledger.write(&account.tally) {
            tracing::warn!(backend = %self.0.name, %why, "what was reserved of the budget counts as spent");
        }
        Some(rest)
    }

    /// How each budget stands.
    pub fn states(&self) -> Vec<BudgetState> {
        self.0.states(&self.0.account())
    }

    pub(super) fn inner(&self) -> &Inner {
        &self.0
    }

    /// Reserves until there is what the request wants.
    async fn obtain(&self, request: Request) -> Result<(), Failure> {
        while !self.0.take(request) {
            match self.0.tier.load_full() {
                Some(tier) => self.reserve_of_all(&tier, request).await?,
                None => self.on_the_disk(Inner::reserve).await?,
            }
        }
        Ok(())
    }

    /// Does what may wait for the disk on a thread that may.
    pub(super) async fn on_the_disk(
        &self,
        write: impl FnOnce(&Inner) -> Result<(), Failure> + Send + 'static,
    ) -> Result<(), Failure> {
        if lock(&self.0.account).is_in_memory {
            return write(&self.0);
        }
        let inner = Arc::clone(&self.0);
        let written = tokio::task::spawn_blocking(move || write(&inner)).await;
        written.unwrap_or_else(|_| Err(spent("its ledger could not be written".to_owned())))
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut account = lock(&self.0.0.account);
        account.pending = account.pending.saturating_sub(1);
        account.promised = account.promised.min(account.pending);
    }
}

impl Toll for Purse {
    fn pay(&self) -> BoxFuture<'_, Result<(), Failure>> {
        Box::pin(self.obtain(Request::Sent))
    }
}

impl Inner {
    /// The account, at the present date.
    pub(super) fn account(&self) -> MutexGuard<'_, Account> {
        let mut account = lock(&self.account);
        let date = date(&self.terms.load().budgets, self.clock.as_ref());
        if date != account.date {
            account.give_back();
            account.date = date;
            account.warned = self.levels(&account);
        }
        account
    }

    fn take(&self, request: Request) -> bool {
        match request {
            Request::First => self.promise(),
            Request::Sent => self.spend(),
        }
    }

    /// Spends one of the reserved requests, if there is one.
    fn spend(&self) -> bool {
        let mut account = self.account();
        if account.reserved == 0 {
            return false;
        }
        account.reserved -= 1;
        account.promised = account.promised.saturating_sub(1);
        self.warn(&mut account);
        true
    }

    /// Keeps one of the reserved requests for a question, if there is one.
    fn promise(&self) -> bool {
        let mut account = self.account();
        let is_free = account.reserved > account.promised;
        account.promised += u64::from(is_free);
        is_free
    }

    /// Reserves a block of requests beside those that are promised: writes down that they are spent. Waits
    /// for the disk.
    fn reserve(&self) -> Result<(), Failure> {
        let mut ledger = lock(&self.ledger);
        let account = self.account();
        if account.reserved > account.promised {
            return Ok(());
        }
        let mut block = self.terms.load().block;
        for state in self.states(&account) {
            let state = state.beside(account.reserved);
            if state.left() == 0 {
                return Err(state.refusal());
            }
            block = block.min(state.left());
        }
        let (date, mut tally) = (account.date, account.tally.clone());
        drop(account);
        tally.add(&date, block);
        ledger.write(&tally).map_err(spent)?;
        let mut account = self.account();
        // Otherwise a new day began meanwhile, and what was reserved for the old one is forfeit.
        if account.date == date {
            account.tally = tally;
            account.reserved += block;
        }
        Ok(())
    }

    pub(super) fn states(&self, account: &Account) -> Vec<BudgetState> {
        let now = unix_seconds(self.clock.wall());
        let terms = self.terms.load();
        let states = terms.budgets.limits.iter().zip(&account.warned).map(|(&(unit, limit), &warned)| {
            let limit = u64::from(limit);
            let stretch = account.date.stretch(unit);
            let spent = account.spent(unit).min(limit);
            let allowed = match unit {
                CalendarUnit::Day => limit,
                CalendarUnit::Month => allowance(limit, stretch, now),
            };
            BudgetState {
                unit,
                limit,
                spent,
                available: allowed.saturating_sub(spent),
                warned,
                ends: stretch.end,
            }
        });
        states.collect()
    }

    /// How far each budget is spent, as the last warning that would be due.
    fn levels(&self, account: &Account) -> Vec<u8> {
        let level = |&(unit, limit): &(CalendarUnit, u32)| {
            let is_past =
                |share: &u8| account.spent(unit).saturating_mul(100) >= u64::from(limit) * u64::from(*share);
            WARNINGS.into_iter().filter(is_past).max().unwrap_or(0)
        };
        self.terms.load().budgets.limits.iter().map(level).collect()
    }

    fn warn(&self, account: &mut Account) {
        let levels = self.levels(account);
        for (state, level) in self.states(account).iter().zip(&levels) {
            if *level > state.warned {
                tracing::warn!(
                    backend = %self.name, spent = state.spent, limit = state.limit, until = %rfc3339(state.ends),
                    "{level} % of the {}'s budget are spent", state.unit.word()
                );
            }
        }
        account.warned = levels;
    }
}

impl Terms {
    /// `None` where there is no limit.
    fn of(budgets: Budgets) -> Option<Self> {
        let smallest = budgets.limits.iter().map(|(_, limit)| u64::from(*limit)).min()?;
        Some(Self { budgets, block: (smallest / BLOCKS).max(1) })
    }
}

impl fmt::Debug for Purse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Purse").field(&self.0.name).field(&self.0.terms.load().budgets).finish()
    }
}

fn date(budgets: &Budgets, clock: &dyn Clock) -> Date {
    let now = clock.wall();
    Date {
        day: budgets.zone.stretch(CalendarUnit::Day, now),
        month: budgets.zone.stretch(CalendarUnit::Month, now),
    }
}

/// What is locked is changed by assignments of whole values, so it is sound wherever a thread died.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
