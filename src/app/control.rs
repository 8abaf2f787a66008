//! What the operator's pages show of the running program.

use std::{
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use arc_swap::ArcSwap;
use serde_json::{Value, json};

use super::{reload::Wishes, spans::Telling};
use crate::{
    cache::{Filling, OutcomeCache},
    config::Problems,
    gateway::{Control, Gateway, SourceHealth},
    guard::{BudgetState, State, TierState},
    model::{BoxFuture, BudgetReading, CacheReading, Metrics, Reason, rfc3339, unix_seconds},
    resolver::Source,
    transport::Tls,
};

/// Whoever has asked within this time whether it is ready asks again.
const WATCHFUL: Duration = Duration::from_secs(60);

/// Left alone, for it failed or asked to be.
const SUSPENDED: &str = "suspended";
/// A budget of it has nothing left.
const SPENT: &str = "spent";

/// The running program, as the operator sees it.
pub(super) struct Running {
    pub(super) current: ArcSwap<Current>,
    pub(super) metrics: Arc<Metrics>,
    started: Instant,
    is_ready: AtomicBool,
    /// Since when it is on its way out.
    leaving: OnceLock<Instant>,
    /// When somebody last asked whether it is.
    asked_whether_ready: Mutex<Option<Instant>>,
    /// Why the folder of `state` can't be used, if so: then budgets are shut.
    unusable_state: Option<String>,
    pub(super) last_reload: Mutex<Option<LastReload>>,
    wishes: Wishes,
}

/// What is in force.
pub(super) struct Current {
    pub(super) gateway: Arc<Gateway>,
    pub(super) tls: Option<Arc<Tls>>,
    /// Of the configuration, counted from 1: the one of the start.
    pub(super) generation: u32,
    pub(super) drain: Duration,
    /// Of what its backends said.
    pub(super) cache: OutcomeCache,
    pub(super) telling: Arc<Telling>,
}

/// How the last reload went.
pub(super) struct LastReload {
    pub(super) at: SystemTime,
    pub(super) problems: Problems,
}

impl Running {
    /// A program with the configuration of its start, which is not ready yet.
    pub(super) fn new(
        current: Current,
        metrics: Arc<Metrics>,
        started: Instant,
        unusable_state: Option<String>,
        wishes: Wishes,
    ) -> Self {
        Self {
            current: ArcSwap::from_pointee(current),
            metrics,
            started,
            is_ready: AtomicBool::new(false),
            leaving: OnceLock::new(),
            asked_whether_ready: Mutex::default(),
            unusable_state,
            last_reload: Mutex::default(),
            wishes,
        }
    }

    /// What is in force is not what the file says, which can't be used: told as a reload that was
    /// rejected, until one is not.
    pub(super) fn stands_in(&self, problems: Problems) {
        tracing::error!("the last good configuration is in force, as the file can't be used: {problems}");
        self.metrics.reload_rejected();
        *self.last_reload.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(LastReload { at: SystemTime::now(), problems });
    }

    /// What was wrong with the configuration that was read last, where something was.
    pub(super) fn rejected(&self) -> Option<Problems> {
        let last = self.last_reload.lock().unwrap_or_else(PoisonError::into_inner);
        last.as_ref().map(|last| last.problems.clone()).filter(|problems| !problems.is_empty())
    }

    /// From now on questions are answered.
    pub(super) fn ready(&self) {
        self.is_ready.store(true, Ordering::Release);
    }

    /// From now on balancers are to look elsewhere.
    pub(super) fn unready(&self) {
        self.is_ready.store(false, Ordering::Release);
        self.leaving.get_or_init(Instant::now);
    }

    /// What is left of the time that it may take to leave: twice that of `drain`, and none where it was not
    /// told to.
    pub(super) fn time_to_leave(&self) -> Duration {
        let gone = self.leaving.get().map_or(Duration::MAX, Instant::elapsed);
        self.current.load().drain.saturating_mul(2).saturating_sub(gone)
    }

    /// Whether somebody looks from time to time whether it is ready.
    pub(super) fn is_watched(&self) -> bool {
        let asked = *self.asked_whether_ready.lock().unwrap_or_else(PoisonError::into_inner);
        asked.is_some_and(|at| at.elapsed() < WATCHFUL)
    }

    fn gateway(&self) -> Arc<Gateway> {
        Arc::clone(&self.current.load().gateway)
    }

    fn cache(&self) -> Value {
        let Filling { entries, bytes, most_bytes } = self.current.load().cache.filling();
        let gateway = self.gateway();
        let readings = gateway.sources().iter().map(|source| self.metrics.cache_reading(&source.name));
        let CacheReading { fresh, stale, shared, miss } = readings.sum();
        json!({
            "entries": entries,
            "bytes": bytes,
            "size": most_bytes,
            "fresh": fresh,
            "stale": stale,
            "shared": shared,
            "miss": miss,
        })
    }

    fn last_reload(&self) -> Option<Value> {
        let last = self.last_reload.lock().unwrap_or_else(PoisonError::into_inner);
        last.as_ref().map(|last| {
            json!({
                "at": rfc3339(unix_seconds(last.at)),
                "result": if last.problems.is_empty() { "applied" } else { "rejected" },
                "problems": listed(&last.problems),
            })
        })
    }
}

impl Control for Running {
    fn is_ready(&self) -> bool {
        *self.asked_whether_ready.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        self.is_ready.load(Ordering::Acquire)
    }

    fn status(&self) -> Value {
        json!({
            "version": env!("CARGO_PKG_VERSION"),
            "uptime_seconds": self.started.elapsed().as_secs(),
            "generation": self.current.load().generation,
            "last_reload": self.last_reload(),
            "ready": self.is_ready.load(Ordering::Acquire),
            "unusable_state": self.unusable_state,
            "cache": self.cache(),
            "shared_cache": self.tier().map(tier),
            "backends": self.gateway().sources().iter().map(state).collect::<Vec<_>>(),
        })
    }

    fn reload(&self) -> BoxFuture<'_, Result<Value, Value>> {
        Box::pin(async {
            let verdict = self.wishes.wish("POST /reload").await;
            let generation = |generation| json!({ "generation": generation });
            verdict.map(generation).map_err(|problems| listed(&problems))
        })
    }

    fn sources(&self) -> Vec<SourceHealth> {
        self.gateway().sources().iter().map(health).collect()
    }

    fn metrics(&self) -> String {
        let gateway = self.gateway();
        self.metrics.observe(gateway.sources().iter().map(|source| {
            let state = source.guard.state();
            let budgets = state.budgets.iter().map(reading).collect();
            (source.name.as_str(), state.suspension.is_some(), budgets)
        }));
        self.metrics.observe_tier(self.tier().is_some_and(|tier| tier.pause.is_some()));
        self.metrics.text()
    }

    fn resume(&self, backend: &str) -> Option<Value> {
        let gateway = self.gateway();
        let source = gateway.sources().iter().find(|source| source.name == backend)?;
        if source.guard.resume() {
            tracing::info!(backend, "its suspension is lifted");
        }
        Some(state(source))
    }
}

impl Running {
    fn tier(&self) -> Option<TierState> {
        self.gateway().sources().first().and_then(|source| source.guard.tier())
    }
}

fn tier(state: TierState) -> Value {
    let (reason, until) = state.pause.unzip();
    json!({
        "state": match (reason, state.is_full) {
            (Some(_), _) => "suspended",
            (None, true) => "full",
            (None, false) => "working",
        },
        "reason": reason.map(Reason::word),
        "until": until.map(|until| rfc3339(unix_seconds(until))),
    })
}

/// Problems for a program to read.
fn listed(problems: &Problems) -> Value {
    let each = problems.0.iter().map(|problem| {
        json!({
            "file": problem.file.display().to_string(),
            "line": problem.line,
            "column": problem.column,
            "key": problem.key,
            "message": problem.message,
        })
    });
    each.collect()
}

fn reading(budget: &BudgetState) -> BudgetReading {
    let BudgetState { unit, limit, warned, .. } = *budget;
    BudgetReading { unit, limit, left: budget.left(), warned }
}

fn health(source: &Source) -> SourceHealth {
    let state = source.guard.state();
    let pause = match standing(&state) {
        (SUSPENDED | SPENT, pause) => pause,
        _ => None,
    };
    let failing = state.last_failure.filter(|last| !last.is_over);
    SourceHealth {
        name: source.name.clone(),
        kind: source.kind.clone(),
        pause,
        failing: failing.map(|last| last.failure.reason),
    }
}

/// How a backend stands, and where it is not asked why, and until when. One whose budget is spent is asked
/// again when the next day or month begins, whatever an operator would lift.
fn standing(state: &State) -> (&'static str, Option<(Reason, SystemTime)>) {
    let suspended = state.suspension.map(|suspension| (suspension.reason, suspension.until));
    let is_over = state.suspension.is_none_or(|suspension| suspension.is_over);
    let spent = state.budgets.iter().filter(|budget| budget.left() == 0).map(|budget| budget.ends).max();
    match (suspended, spent) {
        (Some(pause), _) if !is_over => (SUSPENDED, Some(pause)),
        (_, Some(ends)) => {
            let ends = Duration::from_secs(u64::try_from(ends).unwrap_or_default());
            (SPENT, Some((Reason::BudgetSpent, UNIX_EPOCH + ends)))
        }
        (Some(pause), None) => ("probing", Some(pause)),
        (None, None) => ("working", None),
    }
}

fn state(source: &Source) -> Value {
    let state = source.guard.state();
    let moment = |at: SystemTime| rfc3339(unix_seconds(at));
    let (word, pause) = standing(&state);
    let (reason, until) = pause.unzip();
    json!({
        "name": source.name,
        "type": source.kind,
        "state": word,
        "reason": reason.map(Reason::word),
        "until": until.map(moment),
        "next_probe": until.filter(|_| word != SPENT).map(moment),
        "budgets": state.budgets.iter().map(budget).collect::<Vec<_>>(),
        "in_flight": state.in_flight,
        "last_failure": state.last_failure.map(|last| json!({
            "reason": last.failure.reason.word(),
            "detail": last.failure.detail,
            "at": moment(last.at),
        })),
    })
}

fn budget(budget: &BudgetState) -> Value {
    json!({
        "period": budget.unit.word(),
        "limit": budget.limit,
        "spent": budget.spent,
        "left": budget.left(),
        "available": budget.available,
        "ends": rfc3339(budget.ends),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{guard::Suspension, model::CalendarUnit};

    fn state(suspension: Option<(u64, bool)>, budgets: &[(u64, i64)]) -> State {
        let suspension = suspension.map(|(until, is_over)| Suspension {
            reason: Reason::Captcha,
            until: UNIX_EPOCH + Duration::from_secs(until),
            is_over,
        });
        let budget = |&(spent, ends): &(u64, i64)| BudgetState {
            unit: CalendarUnit::Day,
            limit: 9,
            spent,
            available: 9 - spent,
            warned: 0,
            ends,
        };
        let budgets = budgets.iter().map(budget).collect();
        State { suspension, budgets, in_flight: 0, last_failure: None }
    }

    #[test]
    fn a_backend_whose_budget_is_spent_is_not_working_until_all_that_is_spent_begins_anew() {
        let at = |reason, seconds| Some((reason, UNIX_EPOCH + Duration::from_secs(seconds)));
        for (suspension, budgets, word, pause) in [
            (None, &[(8, 500)][..], "working", None),
            (None, &[(9, 500)], "spent", at(Reason::BudgetSpent, 500)),
            (None, &[(8, 900), (9, 500)], "spent", at(Reason::BudgetSpent, 500)),
            (None, &[(9, 900), (9, 500)], "spent", at(Reason::BudgetSpent, 900)),
            (Some((70, false)), &[(9, 500)], "suspended", at(Reason::Captcha, 70)),
            (Some((70, true)), &[(9, 500)], "spent", at(Reason::BudgetSpent, 500)),
            (Some((70, true)), &[(8, 500)], "probing", at(Reason::Captcha, 70)),
        ] {
            assert_eq!(standing(&state(suspension, budgets)), (word, pause), "{suspension:?} {budgets:?}");
        }
    }
}
