//! What is counted. Handles are resolved once, when something is built, so that counting on the
//! way of an answer is one atomic addition. Labels are closed sets: configured names and our own
//! words, never a client's name, address or question.

use std::time::Duration;

use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::Registry,
};

use super::Reason;

/// Upper bounds of latency, in seconds: from a cached answer to the longest deadline.
const BUCKETS: [f64; 12] = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    transport: &'static str,
    result: &'static str,
}

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

/// Every metric of the program.
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    answer_seconds: Histogram,
    outcomes: Family<OutcomeLabels, Counter>,
    call_seconds: Family<BackendLabels, Histogram>,
    cache: Family<CacheLabels, Counter>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("cnrp");
        let requests = Family::<RequestLabels, Counter>::default();
        let answer_seconds = Histogram::new(BUCKETS);
        let outcomes = Family::<OutcomeLabels, Counter>::default();
        let call_seconds =
            Family::<BackendLabels, Histogram>::new_with_constructor(|| Histogram::new(BUCKETS));
        let cache = Family::<CacheLabels, Counter>::default();
        registry.register("requests", "Requests by transport and result", requests.clone());
        registry.register(
            "answer_seconds",
            "From a question read to its answer composed",
            answer_seconds.clone(),
        );
        registry.register(
            "backend_outcomes",
            "What became of asking each backend: found, empty, or the reason it gave no answer",
            outcomes.clone(),
        );
        registry.register(
            "backend_call_seconds",
            "How long calls to each backend took",
            call_seconds.clone(),
        );
        registry.register(
            "cache_results",
            "Outcome cache by backend: fresh, stale, miss, shared (another's call was waited for)",
            cache.clone(),
        );
        Self { registry, requests, answer_seconds, outcomes, call_seconds, cache }
    }
}

impl Metrics {
    /// The counter of requests that came by `transport` and ended as `result`.
    pub fn requests(&self, transport: &'static str, result: &'static str) -> Counter {
        self.requests.get_or_create_owned(&RequestLabels { transport, result })
    }

    /// How long answers took.
    pub fn answer_seconds(&self) -> Histogram {
        self.answer_seconds.clone()
    }

    /// The meter of one backend.
    pub fn backend(&self, name: &str) -> BackendMeter {
        let outcome =
            |outcome| self.outcomes.get_or_create_owned(&OutcomeLabels { backend: name.to_owned(), outcome });
        let cache =
            |result| self.cache.get_or_create_owned(&CacheLabels { backend: name.to_owned(), result });
        BackendMeter {
            found: outcome("found"),
            empty: outcome("empty"),
            failed: Reason::ALL.map(|reason| outcome(reason.word())),
            call_seconds: self.call_seconds.get_or_create_owned(&BackendLabels { backend: name.to_owned() }),
            fresh: cache("fresh"),
            stale: cache("stale"),
            miss: cache("miss"),
            shared: cache("shared"),
        }
    }

    /// All of it, as text for Prometheus (OpenMetrics 1.0).
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

/// What is counted of one backend.
pub struct BackendMeter {
    pub found: Counter,
    pub empty: Counter,
    failed: [Counter; Reason::ALL.len()],
    call_seconds: Histogram,
    pub fresh: Counter,
    pub stale: Counter,
    pub miss: Counter,
    pub shared: Counter,
}

impl BackendMeter {
    /// Counts an outcome that was no answer.
    pub fn failed(&self, reason: Reason) {
        if let Some(place) = Reason::ALL.iter().position(|known| *known == reason)
            && let Some(counter) = self.failed.get(place)
        {
            counter.inc();
        }
    }

    /// Notes how long a call took.
    pub fn took(&self, time: Duration) {
        self.call_seconds.observe(time.as_secs_f64());
    }
}
