//! What the transports count. Handles are resolved once: counting a request is one atomic
//! addition.

use prometheus_client::metrics::counter::Counter;

use crate::model::Metrics;

/// What became of the requests of one transport.
pub(super) struct Counters {
    /// Answered, whatever the answer.
    pub(super) answered: Counter,
    /// Told what was wrong with them (4xx); over UDP: left without a reply.
    pub(super) refused: Counter,
    /// Over the client's limit.
    pub(super) limited: Counter,
    /// Too many in flight, or shutting down.
    pub(super) overloaded: Counter,
}

impl Counters {
    /// The counters of `transport`.
    pub(super) fn of(transport: &'static str, metrics: &Metrics) -> Self {
        let counter = |result| metrics.requests(transport, result);
        Self {
            answered: counter("answered"),
            refused: counter("refused"),
            limited: counter("limited"),
            overloaded: counter("overloaded"),
        }
    }
}
