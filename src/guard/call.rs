//! One call to a backend: within its place and its time, and what its end means.

use std::{fmt, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::FutureExt;
use tokio::{
    sync::oneshot,
    time::{timeout, timeout_at},
};

use super::ask::{Inner, Leave};
use crate::{
    cache::{Key, Landing},
    model::{
        Backend, CommonName, Failure, NameQuery, Note, OpenSpan, Prepared, Reason, SpanKind, TraceContext,
        prepare,
    },
};

/// Asks the backend and prepares what it says. A panic in either is a failure of the backend like
/// any garbage it may send.
pub(super) async fn ask(backend: &dyn Backend, query: &NameQuery) -> Landing {
    let asked = async {
        let reply = backend.ask(query).await?;
        Ok(Arc::new(prepare(reply, &query.name, backend.vouched())))
    };
    let panicked = |_| Err(Failure::new(Reason::Malformed, "the backend panicked"));
    AssertUnwindSafe(asked).catch_unwind().await.unwrap_or_else(panicked)
}

/// A call that nobody waits for but the table of flights: it belongs to its own task.
pub(super) struct Call {
    pub(super) guard: Arc<Inner>,
    pub(super) key: Key,
    pub(super) query: NameQuery,
    /// For a client, not ahead of demand.
    pub(super) is_asked: bool,
}

/// How a call ended.
enum End {
    Answered(Landing),
    /// It found no place among the calls at once, which says nothing of the backend.
    Crowded,
}

/// Takes the flight out of the table, also where its task is thrown away half-way.
struct Airborne {
    guard: Arc<Inner>,
    key: Key,
}

impl Drop for Airborne {
    fn drop(&mut self) {
        self.guard.standing.flights.table().remove(&self.key);
    }
}

impl Call {
    /// Makes the call, stores what it brought, and lands. In this order: whoever no longer finds
    /// the flight finds its outcome in the cache. What other gateways are to know is told them
    /// when nobody waits any more. Without `leave` the second tier is asked first.
    pub(super) async fn fly(self, leave: Option<Leave>, land: oneshot::Sender<Landing>) {
        let airborne = Airborne { guard: Arc::clone(&self.guard), key: self.key.clone() };
        let (landing, turn) = match leave {
            Some(leave) => (self.make(leave).await, None),
            None => self.make_unless_known().await,
        };
        drop(airborne);
        // Nobody may be left to hear it.
        let _ = land.send(landing.clone());
        if let Some(turn) = turn {
            self.share(turn, &landing).await;
        }
    }

    /// Makes the call, and draws the consequences of its end.
    pub(super) async fn make(&self, leave: Leave) -> Landing {
        let end = self.end(&leave).await;
        self.settle(end, leave)
    }

    /// The place is waited for as long as the timeout, and so is the ledger, and the call then has all of
    /// that time: a call that began with what the queue or a slow disk left of it would be one more that
    /// ends for nothing.
    async fn end(&self, leave: &Leave) -> End {
        let patience = self.guard.policy.timeout;
        let Ok(Ok(_place)) = timeout(patience, self.guard.standing.places.acquire()).await else {
            return End::Crowded;
        };
        if let Err(failure) = pay_ahead(leave, patience).await {
            return End::Answered(Err(failure));
        }
        let within = TraceContext::current().map(|context| context.part());
        let mut span = within.as_ref().map(|part| self.begin(part, "ask"));
        let asked_at = self.guard.clock.now();
        let asking = TraceContext::carried(within, ask(self.guard.backend.as_ref(), &self.query));
        let asked = timeout_at(asked_at + patience, asking).await;
        self.guard.meter.took(self.guard.clock.now().saturating_duration_since(asked_at));
        let landing = asked.unwrap_or_else(|_| Err(timed_out(patience)));
        span.iter_mut().for_each(|span| note(span, &landing));
        End::Answered(landing)
    }

    /// Begins the span of `what` is done for it.
    pub(super) fn begin(&self, part: &TraceContext, what: &'static str) -> OpenSpan {
        let name = &self.guard.name;
        let span = part.begin(SpanKind::Client, || format!("{what} {name}").into());
        span.note("cnrp.backend", || name.clone().into());
        span
    }

    /// Draws the consequences of the end for breaker, metrics and cache: once for the call,
    /// however many wait for it.
    fn settle(&self, end: End, leave: Leave) -> Landing {
        let guard = &self.guard;
        let Leave { permit, claim } = leave;
        // It sends nothing any more.
        drop(claim);
        let landing = match end {
            End::Answered(landing) => landing,
            End::Crowded => {
                guard.meter.failed(Reason::RateLimited);
                return Err(Failure::new(Reason::RateLimited, "too many calls at once"));
            }
        };
        match &landing {
            Ok(reply) => {
                if permit.succeeded() {
                    tracing::info!(backend = %guard.name, "it answers again");
                    Inner::keep_suspension(guard);
                }
                guard.count(&landing);
                guard.answered();
                keep(guard, self.key.clone(), reply, self.is_asked);
            }
            Err(failure) => {
                guard.count(&landing);
                let pause = permit.failed(failure, guard.clock.now());
                let (request_id, trace_id) =
                    TraceContext::current().map(|context| (context.request_id(), context.trace_id())).unzip();
                let told = told(failure, &self.query.name);
                tracing::warn!(backend = %guard.name, failure = %told, paused_for = ?pause, request_id, trace_id, "a call failed");
                if pause.is_some() {
                    guard.meter.suspended(failure.reason);
                    Inner::keep_suspension(guard);
                }
                guard.remember(failure);
                guard.cache.note(self.key.clone(), landing.clone());
            }
        }
        landing
    }
}

/// Notes how a call ended, in the words of the metrics.
fn note(span: &mut OpenSpan, landing: &Landing) {
    let (word, found) = match landing {
        Ok(reply) if reply.is_empty() => ("empty", 0),
        Ok(reply) => ("found", reply.candidates.len()),
        Err(failure) => (failure.reason.word(), 0),
    };
    span.note("cnrp.outcome", || word.into());
    span.note("cnrp.results", || Note::count(found));
    if let Err(failure) = landing {
        // No more: whoever failed may have repeated the name.
        span.fail(|| failure.reason.word().to_owned());
    }
}

/// What the log says of it: its reason alone where the detail has the name that was asked, which somebody
/// who was asked repeated. In whatever spelling of what stands between its letters, as in an address.
fn told<'f>(failure: &'f Failure, name: &CommonName) -> &'f dyn fmt::Display {
    let letters = |text: &str| -> String {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    match letters(&failure.detail).contains(&letters(name.shown())) {
        true => &failure.reason,
        false => failure,
    }
}

/// Waits until what the call may spend is written down.
async fn pay_ahead(leave: &Leave, patience: Duration) -> Result<(), Failure> {
    let Some(claim) = &leave.claim else { return Ok(()) };
    let late = || format!("its ledger was not written within {patience:?}");
    let paid = timeout(patience, claim.prepare()).await;
    paid.unwrap_or_else(|_| Err(Failure::new(Reason::BudgetSpent, late())))
}

/// An incomplete reply is true for this moment: it answers now, and does not take the place of a
/// complete one.
fn keep(guard: &Inner, key: Key, reply: &Arc<Prepared>, is_asked: bool) {
    if reply.degraded {
        guard.cache.note(key, Ok(Arc::clone(reply)));
    } else {
        guard.cache.keep(key, reply, guard.policy.term(reply), is_asked);
    }
}

pub(super) fn timed_out(after: Duration) -> Failure {
    Failure::new(Reason::TimedOut, format!("no answer within {after:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_said_back_is_not_told_to_the_log() {
        let name = CommonName::new("Zork private").unwrap();
        for (detail, expected) in [
            ("no access for Zork private", "refused"),
            ("GET /?q=zork+PRIVATE: no", "refused"),
            ("nobody listens: zork", "refused: nobody listens: zork"),
        ] {
            let failure = Failure::new(Reason::Refused, detail);
            assert_eq!(told(&failure, &name).to_string(), expected);
        }
    }
}
