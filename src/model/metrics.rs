//! What is counted. Handles are resolved once, when something is built, so that counting on the
//! way of an answer is one atomic addition. Labels are closed sets: configured names and our own
//! words, never a client's name, address or question.

use std::collections::BTreeSet;

use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

use super::backend_metrics::BackendMetrics;
use super::{BackendMeter, BudgetReading, CacheReading, Reason, SpanMeter, Stage, Stages, TierMeter};

/// Upper bounds of latency, in seconds: from a cached answer to the longest deadline.
const BUCKETS: [f64; 12] = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    transport: &'static str,
    result: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ResultLabels {
    result: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct BuildLabels {
    version: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RefusalLabels {
    reason: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StageLabels {
    stage: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReasonLabels {
    reason: &'static str,
}

/// Every metric of the program.
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    connections_refused: Family<RefusalLabels, Counter>,
    answer_seconds: Histogram,
    stage_seconds: Family<StageLabels, Histogram>,
    backends: BackendMetrics,
    tier_results: Family<ResultLabels, Counter>,
    tier_failures: Family<ReasonLabels, Counter>,
    tier_suspended: Gauge,
    recalled: Gauge,
    snapshots: Family<ResultLabels, Counter>,
    spans: Family<ResultLabels, Counter>,
    reloads: Family<ResultLabels, Counter>,
    generation: Gauge,
    last_reload: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("cnrp");
        // Not the type for this of OpenMetrics, which the older text format has not.
        let build = Family::<BuildLabels, Gauge>::default();
        build.get_or_create_owned(&BuildLabels { version: env!("CARGO_PKG_VERSION") }).set(1);
        registry.register("build_info", "What is running: the value is always 1", build);
        let connections_refused = Family::<RefusalLabels, Counter>::default();
        registry.register(
            "connections_refused",
            "Connections of which no request was read, by what was missing",
            connections_refused.clone(),
        );
        let requests = Family::<RequestLabels, Counter>::default();
        let answer_seconds = Histogram::new(BUCKETS);
        let stage_seconds =
            Family::<StageLabels, Histogram>::new_with_constructor(|| Histogram::new(BUCKETS));
        registry.register("requests", "Requests by transport and result", requests.clone());
        registry.register(
            "answer_seconds",
            "From a question read to its answer composed",
            answer_seconds.clone(),
        );
        registry.register(
            "stage_seconds",
            "Where the time of a question answered anew goes: read, gather (caches and backends), rank, write",
            stage_seconds.clone(),
        );
        let backends = BackendMetrics::registered(&mut registry, || Histogram::new(BUCKETS));
        let tier_results = Family::<ResultLabels, Counter>::default();
        registry.register(
            "shared_cache_results",
            "The cache that gateways share: fresh (a call saved), stale, miss, rejected (not as a gateway wrote it)",
            tier_results.clone(),
        );
        let tier_failures = Family::<ReasonLabels, Counter>::default();
        registry.register(
            "shared_cache_failures",
            "Uses of the cache that gateways share that failed, by reason",
            tier_failures.clone(),
        );
        let tier_suspended = Gauge::default();
        registry.register(
            "shared_cache_suspended",
            "1 while the cache that gateways share is left alone, or was and has not answered since",
            tier_suspended.clone(),
        );
        let recalled = Gauge::default();
        registry.register(
            "cache_recalled",
            "Answers from before the start with which the cache began",
            recalled.clone(),
        );
        let snapshots = Family::<ResultLabels, Counter>::default();
        registry.register(
            "cache_snapshots",
            "Times that the answers of the cache were written down for a restart, by result",
            snapshots.clone(),
        );
        for result in ["written", "failed"] {
            snapshots.get_or_create_owned(&ResultLabels { result });
        }
        let spans = Family::<ResultLabels, Counter>::default();
        registry.register(
            "trace_spans",
            "Spans of traces: sent, dropped (no room to keep them), failed (the collector did not take them)",
            spans.clone(),
        );
        let generation = Gauge::default();
        registry.register(
            "configuration_generation",
            "Which configuration is in force: 1 is the one of the start",
            generation.clone(),
        );
        let last_reload = Gauge::default();
        registry.register(
            "last_reload_successful",
            "1 unless the configuration was read again and rejected, the last time that it was read",
            last_reload.clone(),
        );
        let reloads = Family::<ResultLabels, Counter>::default();
        registry.register(
            "reloads",
            "Times that the configuration was read again, by result",
            reloads.clone(),
        );
        // There from the start, so that the first one is seen as an increase.
        for result in ["applied", "rejected"] {
            reloads.get_or_create_owned(&ResultLabels { result });
        }
        generation.set(1);
        last_reload.set(1);
        Self {
            registry,
            requests,
            connections_refused,
            answer_seconds,
            stage_seconds,
            backends,
            tier_results,
            tier_failures,
            tier_suspended,
            recalled,
            snapshots,
            spans,
            reloads,
            generation,
            last_reload,
        }
    }
}

impl Metrics {
    /// Notes with how many answers from before the start the cache began.
    pub fn recalled(&self, answers: usize) {
        self.recalled.set(i64::try_from(answers).unwrap_or(i64::MAX));
    }

    /// Counts that the answers of the cache were written down, or could not be.
    pub fn snapshot(&self, is_written: bool) {
        let result = if is_written { "written" } else { "failed" };
        self.snapshots.get_or_create_owned(&ResultLabels { result }).inc();
    }

    /// Notes that another configuration is in force, of this generation.
    pub fn reloaded(&self, generation: u32) {
        self.reloads.get_or_create_owned(&ResultLabels { result: "applied" }).inc();
        self.generation.set(generation.into());
        self.last_reload.set(1);
    }

    /// Notes that a configuration was not as it has to be.
    pub fn reload_rejected(&self) {
        self.reloads.get_or_create_owned(&ResultLabels { result: "rejected" }).inc();
        self.last_reload.set(0);
    }

    /// The counter of requests that came by `transport` and ended as `result`.
    pub fn requests(&self, transport: &'static str, result: &'static str) -> Counter {
        self.requests.get_or_create_owned(&RequestLabels { transport, result })
    }

    /// The counter of connections that were turned away for want of what `reason` says.
    pub fn connections_refused(&self, reason: &'static str) -> Counter {
        self.connections_refused.get_or_create_owned(&RefusalLabels { reason })
    }

    /// How long answers took.
    pub fn answer_seconds(&self) -> Histogram {
        self.answer_seconds.clone()
    }

    /// How long each stage of an answer took.
    pub fn stages(&self) -> Stages {
        let stage = |word| {
            let seconds = self.stage_seconds.get_or_create_owned(&StageLabels { stage: word });
            Stage { word, seconds }
        };
        Stages { read: stage("read"), gather: stage("gather"), rank: stage("rank"), write: stage("write") }
    }

    /// The meter of one backend.
    pub fn backend(&self, name: &str) -> BackendMeter {
        self.backends.meter(name)
    }

    /// How often the cache was asked for what a backend says, and what became of it.
    pub fn cache_reading(&self, backend: &str) -> CacheReading {
        self.backends.cache_reading(backend)
    }

    /// Notes whether each backend is suspended, and its budgets, as they stand when metrics are asked for:
    /// both change with time alone. These are all that there are.
    pub fn observe<'a>(&self, backends: impl Iterator<Item = (&'a str, bool, Vec<BudgetReading>)>) {
        self.backends.observe(backends);
    }

    /// Forgets what was counted of every other backend.
    pub fn forget_all_but(&self, backends: &BTreeSet<&str>) {
        self.backends.forget_all_but(backends);
    }

    /// The meter of the cache that gateways share.
    pub fn tier(&self) -> TierMeter {
        let result = |result| self.tier_results.get_or_create_owned(&ResultLabels { result });
        TierMeter {
            fresh: result("fresh"),
            stale: result("stale"),
            miss: result("miss"),
            rejected: result("rejected"),
            failed: Reason::ALL.map(|reason| {
                self.tier_failures.get_or_create_owned(&ReasonLabels { reason: reason.word() })
            }),
        }
    }

    /// The meter of spans, for whoever sends them.
    pub fn spans(&self) -> SpanMeter {
        let result = |result| self.spans.get_or_create_owned(&ResultLabels { result });
        SpanMeter { sent: result("sent"), dropped: result("dropped"), failed: result("failed") }
    }

    /// Notes whether the cache that gateways share is left alone, as it stands when metrics are asked for.
    pub fn observe_tier(&self, is_suspended: bool) {
        self.tier_suspended.set(is_suspended.into());
    }

    /// All of it, as text for Prometheus (OpenMetrics 1.0).
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
