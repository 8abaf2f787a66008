//! What the transports count. Handles are resolved once: counting a request is one atomic
//! addition.

use prometheus_client::metrics::counter::Counter;

use crate::model::Metrics;

/// Connections of which no request was read.
#[derive(Clone)]
pub(super) struct TurnedAway {
    /// Closed, as every place was taken by somebody who is owed an answer.
    pub(super) no_place: Counter,
    /// Times that one could not be accepted for want of a descriptor; it is tried again.
    pub(super) no_descriptor: Counter,
    /// Closed, as a load balancer's did not begin with a header of the PROXY protocol.
    pub(super) no_header: Counter,
}

impl TurnedAway {
    pub(super) fn new(metrics: &Metrics) -> Self {
        Self {
            no_place: metrics.connections_refused("places"),
            no_descriptor: metrics.connections_refused("descriptors"),
            no_header: metrics.connections_refused("proxy-header"),
        }
    }
}

/// What became of the requests of one transport.
#[derive(Clone)]
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
