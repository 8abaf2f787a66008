//! What is counted of each backend. Whatever bears the name of one goes when no configuration has it any
//! more: else it would be told of as it was last, and warned of, until the process ends.

use std::{
    collections::{BTreeSet, HashSet},
    sync::{Mutex, MutexGuard, PoisonError, atomic::AtomicU64},
};

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

use super::{BackendMeter, BudgetReading, CacheReading, Reason};

/// What the outcome cache had.
const CACHE_RESULTS: [&str; 4] = ["fresh", "stale", "miss", "shared"];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabels {
    backend: String,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CacheLabels {
    backend: String,
    result: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct BackendLabels {
    backend: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SuspensionLabels {
    backend: String,
    reason: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct BudgetLabels {
    backend: String,
    period: &'static str,
}

/// The metrics of all backends.
pub(super) struct BackendMetrics {
    outcomes: Family<OutcomeLabels, Counter>,
    call_seconds: Family<BackendLabels, Histogram>,
    cache: Family<CacheLabels, Counter>,
    suspensions: Family<SuspensionLabels, Counter>,
    suspended: Family<BackendLabels, Gauge>,
    budget_limit: Family<BudgetLabels, Gauge>,
    budget_left: Family<BudgetLabels, Gauge>,
    budget_warned: Family<BudgetLabels, Gauge<f64, AtomicU64>>,
    known: Mutex<Known>,
}

/// What there are series of.
#[derive(Default)]
struct Known {
    metered: BTreeSet<String>,
    observed: BTreeSet<String>,
    budgets: HashSet<BudgetLabels>,
}

impl BackendMetrics {
    /// None yet, with calls counted in `buckets`.
    pub(super) fn registered(registry: &mut Registry, buckets: fn() -> Histogram) -> Self {
        let all = Self {
            outcomes: Family::default(),
            call_seconds: Family::new_with_constructor(buckets),
            cache: Family::default(),
            suspensions: Family::default(),
            suspended: Family::default(),
            budget_limit: Family::default(),
            budget_left: Family::default(),
            budget_warned: Family::default(),
            known: Mutex::default(),
        };
        registry.register(
            "backend_outcomes",
            "What became of asking each backend: found, empty, or the reason it gave no answer",
            all.outcomes.clone(),
        );
        registry.register(
            "backend_call_seconds",
            "How long calls to each backend took",
            all.call_seconds.clone(),
        );
        registry.register(
            "cache_results",
            "Outcome cache by backend: fresh, stale, miss, shared (another's call was waited for)",
            all.cache.clone(),
        );
        registry.register(
            "backend_suspensions",
            "Suspensions that began, by their reason",
            all.suspensions.clone(),
        );
        registry.register(
            "backend_suspended",
            "1 while a backend is not called, or was not and has not answered since",
            all.suspended.clone(),
        );
        registry.register(
            "backend_budget_limit",
            "Requests that a backend may be sent in a day or month",
            all.budget_limit.clone(),
        );
        registry.register(
            "backend_budget_left",
            "Requests that a backend may still be sent in this day or month",
            all.budget_left.clone(),
        );
        registry.register(
            "backend_budget_warned_ratio",
            "The share of a budget that was last warned of: 0, 0.75 or 0.9",
            all.budget_warned.clone(),
        );
        all
    }

    pub(super) fn meter(&self, name: &str) -> BackendMeter {
        self.known().metered.insert(name.to_owned());
        let outcome = |word| self.outcomes.get_or_create_owned(&outcome(name, word));
        let cache = |result| self.cache.get_or_create_owned(&cached(name, result));
        BackendMeter {
            found: outcome("found"),
            empty: outcome("empty"),
            failed: Reason::ALL.map(|reason| outcome(reason.word())),
            call_seconds: self.call_seconds.get_or_create_owned(&backend(name)),
            fresh: cache("fresh"),
            stale: cache("stale"),
            miss: cache("miss"),
            shared: cache("shared"),
            suspensions: Reason::ALL
                .map(|reason| self.suspensions.get_or_create_owned(&suspension(name, reason))),
        }
    }

    pub(super) fn cache_reading(&self, name: &str) -> CacheReading {
        let count = |result| self.cache.get_or_create_owned(&cached(name, result)).get();
        CacheReading {
            fresh: count("fresh"),
            stale: count("stale"),
            shared: count("shared"),
            miss: count("miss"),
        }
    }

    /// See [`Metrics::observe`](super::Metrics::observe).
    pub(super) fn observe<'a>(&self, backends: impl Iterator<Item = (&'a str, bool, Vec<BudgetReading>)>) {
        let mut known = self.known();
        let (mut observed, mut budgets) = (BTreeSet::new(), HashSet::new());
        for (name, is_suspended, readings) in backends {
            self.suspended.get_or_create_owned(&backend(name)).set(is_suspended.into());
            observed.insert(name.to_owned());
            for reading in readings {
                let labels = BudgetLabels { backend: name.to_owned(), period: reading.unit.word() };
                self.observe_budget(&labels, &reading);
                budgets.insert(labels);
            }
        }
        for gone in known.observed.difference(&observed) {
            self.suspended.remove(&backend(gone));
        }
        for gone in known.budgets.difference(&budgets) {
            self.budget_limit.remove(gone);
            self.budget_left.remove(gone);
            self.budget_warned.remove(gone);
        }
        (known.observed, known.budgets) = (observed, budgets);
    }

    fn observe_budget(&self, labels: &BudgetLabels, reading: &BudgetReading) {
        let set = |family: &Family<BudgetLabels, Gauge>, value: u64| {
            family.get_or_create_owned(labels).set(i64::try_from(value).unwrap_or(i64::MAX));
        };
        set(&self.budget_limit, reading.limit);
        set(&self.budget_left, reading.left);
        self.budget_warned.get_or_create_owned(labels).set(f64::from(reading.warned) / 100.0);
    }

    /// See [`Metrics::forget_all_but`](super::Metrics::forget_all_but).
    pub(super) fn forget_all_but(&self, names: &BTreeSet<&str>) {
        let mut known = self.known();
        for gone in known.metered.iter().filter(|name| !names.contains(name.as_str())) {
            for word in ["found", "empty"].into_iter().chain(Reason::ALL.map(Reason::word)) {
                self.outcomes.remove(&outcome(gone, word));
            }
            for result in CACHE_RESULTS {
                self.cache.remove(&cached(gone, result));
            }
            for reason in Reason::ALL {
                self.suspensions.remove(&suspension(gone, reason));
            }
            self.call_seconds.remove(&backend(gone));
        }
        known.metered.retain(|name| names.contains(name.as_str()));
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // Names too many or too few at worst, wherever a thread died.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn backend(name: &str) -> BackendLabels {
    BackendLabels { backend: name.to_owned() }
}

fn outcome(name: &str, outcome: &'static str) -> OutcomeLabels {
    OutcomeLabels { backend: name.to_owned(), outcome }
}

fn cached(name: &str, result: &'static str) -> CacheLabels {
    CacheLabels { backend: name.to_owned(), result }
}

fn suspension(name: &str, reason: Reason) -> SuspensionLabels {
    SuspensionLabels { backend: name.to_owned(), reason: reason.word() }
}

#[cfg(test)]
mod tests {
    use super::super::{CalendarUnit, Metrics};
    use super::*;

    #[test]
    fn of_a_backend_that_is_no_more_nothing_is_told() {
        let metrics = Metrics::default();
        let before = metrics.text();
        let reading = |unit| BudgetReading { unit, limit: 100, left: 5, warned: 75 };
        let (day, month) = (reading(CalendarUnit::Day), reading(CalendarUnit::Month));
        metrics.backend("a").found.inc();
        metrics.backend("b").miss.inc();
        metrics.observe([("a", true, vec![day, month]), ("b", false, vec![])].into_iter());
        let text = metrics.text();
        for line in [
            "cnrp_backend_suspended{backend=\"a\"} 1\n",
            "cnrp_backend_budget_limit{backend=\"a\",period=\"month\"} 100\n",
            "cnrp_backend_budget_warned_ratio{backend=\"a\",period=\"day\"} 0.75\n",
            "cnrp_backend_outcomes_total{backend=\"a\",outcome=\"found\"} 1\n",
            "cnrp_cache_results_total{backend=\"b\",result=\"miss\"} 1\n",
        ] {
            assert!(text.contains(line), "{line}: {text}");
        }
        metrics.observe([("a", true, vec![day])].into_iter());
        metrics.forget_all_but(&BTreeSet::from(["a"]));
        let text = metrics.text();
        assert!(!text.contains("backend=\"b\"") && !text.contains("period=\"month\""), "{text}");
        assert!(text.contains("cnrp_backend_budget_left{backend=\"a\",period=\"day\"} 5\n"), "{text}");
        assert!(text.contains("cnrp_backend_outcomes_total{backend=\"a\",outcome=\"found\"} 1\n"), "{text}");
        metrics.observe(std::iter::empty());
        metrics.forget_all_but(&BTreeSet::new());
        assert_eq!(metrics.text(), before);
    }
}
