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
    model::Metrics,
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
            "backends": self.gateway.sources().iter().map(state).collect::<Vec<_>>(),
        })
    }

    fn sources(&self) -> Vec<SourceHealth> {
        self.gateway.sources().iter().map(health).collect()
    }

    fn metrics(&self) -> String {
        self.metrics.text()
    }
}

fn health(source: &Source) -> SourceHealth {
    let suspension = source.guard.state().suspension;
    SourceHealth {
        name: source.name.clone(),
        kind: source.kind.clone(),
        pause: suspension.map(|suspension| (suspension.reason, suspension.until)),
    }
}

fn state(source: &Source) -> Value {
    let state = source.guard.state();
    let until = |until: SystemTime| httpdate::fmt_http_date(until);
    json!({
        "name": source.name,
        "type": source.kind,
        "state": if state.suspension.is_some() { "suspended" } else { "working" },
        "reason": state.suspension.as_ref().map(|suspension| suspension.reason.word()),
        "until": state.suspension.as_ref().map(|suspension| until(suspension.until)),
        "in_flight": state.in_flight,
        "last_failure": state.last_failure.map(|last| json!({
            "reason": last.failure.reason.word(),
            "detail": last.failure.detail,
            "at": httpdate::fmt_http_date(last.at),
        })),
    })
}
