//! What the operator's pages show of the running program.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Instant, SystemTime},
};

use serde_json::{Value, json};

use crate::{
    gateway::{Control, Gateway, SourceHealth},
    guard::{BudgetState, TierState},
    model::{BudgetReading, Metrics, Reason, rfc3339, unix_seconds},
    resolver::Source,
};

/// Which configuration is in force, counted from 1: the one of the start, as there is no other.
const GENERATION: u32 = 1;

/// The running program, as the operator sees it.
pub(super) struct Running {
    pub(super) gateway: Arc<Gateway>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) started: Instant,
    pub(super) is_ready: AtomicBool,
    /// Why the folder of `state` can't be used, if so: then budgets are shut.
    pub(super) unusable_state: Option<String>,
}

impl Control for Running {
    fn is_ready(&self) -> bool {
        self.is_ready.load(Ordering::Acquire)
    }

    fn status(&self) -> Value {
        json!({
            "version": env!("CARGO_PKG_VERSION"),
            "uptime_seconds": self.started.elapsed().as_secs(),
            "generation": GENERATION,
            "ready": self.is_ready(),
            "unusable_state": self.unusable_state,
            "shared_cache": self.tier().map(tier),
            "backends": self.gateway.sources().iter().map(state).collect::<Vec<_>>(),
        })
    }

    fn sources(&self) -> Vec<SourceHealth> {
        self.gateway.sources().iter().map(health).collect()
    }

    fn metrics(&self) -> String {
        for source in self.gateway.sources() {
            let state = source.guard.state();
            let budgets = state.budgets.iter().map(reading);
            self.metrics.observe(&source.name, state.suspension.is_some(), budgets);
        }
        if let Some(tier) = self.tier() {
            self.metrics.observe_tier(tier.pause.is_some());
        }
        self.metrics.text()
    }

    fn resume(&self, backend: &str) -> Option<Value> {
        let source = self.gateway.sources().iter().find(|source| source.name == backend)?;
        if source.guard.resume() {
            tracing::info!(backend, "its suspension is lifted");
        }
        Some(state(source))
    }
}

impl Running {
    fn tier(&self) -> Option<TierState> {
        self.gateway.sources().first().and_then(|source| source.guard.tier())
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

fn reading(budget: &BudgetState) -> BudgetReading {
    let BudgetState { unit, limit, warned, .. } = *budget;
    BudgetReading { unit, limit, left: budget.left(), warned }
}

fn health(source: &Source) -> SourceHealth {
    let suspension = source.guard.state().suspension.filter(|suspension| !suspension.is_over);
    SourceHealth {
        name: source.name.clone(),
        kind: source.kind.clone(),
        pause: suspension.map(|suspension| (suspension.reason, suspension.until)),
    }
}

fn state(source: &Source) -> Value {
    let state = source.guard.state();
    let moment = |at: SystemTime| rfc3339(unix_seconds(at));
    let until = state.suspension.as_ref().map(|suspension| moment(suspension.until));
    json!({
        "name": source.name,
        "type": source.kind,
        "state": match &state.suspension {
            None => "working",
            Some(suspension) if suspension.is_over => "probing",
            Some(_) => "suspended",
        },
        "reason": state.suspension.as_ref().map(|suspension| suspension.reason.word()),
        "until": until,
        "next_probe": until,
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
