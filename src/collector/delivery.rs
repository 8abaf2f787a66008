//! The task that sends: what waits, a batch at a time; a batch that could not be taken just then once more,
//! a little later.

use std::{mem, time::Duration};

use bytes::Bytes;
use http::{Response, StatusCode, header};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep, timeout_at},
};
use tokio_util::sync::CancellationToken;

use super::{Collector, otlp};
use crate::model::{Failure, Reason, Span, SpanMeter};

/// The most spans of a batch.
const BATCH: usize = 512;

/// How long the first span of a batch waits for others.
const GATHERING: Duration = Duration::from_secs(1);

/// How long is waited before a batch is sent again, each time that it was not taken. Then it is given up:
/// what comes meanwhile waits, and there is room for so much only.
const PAUSES: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];

/// The longest pause that a collector may ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

pub(super) struct Delivery {
    collector: Collector,
    meter: SpanMeter,
    spans: mpsc::Receiver<Span>,
    /// The process ends: what there is is sent without waiting for more.
    leaving: CancellationToken,
    is_failing: bool,
}

/// Why a batch was not taken.
struct Trouble {
    failure: Failure,
    /// Whether it may be taken later.
    passes: bool,
}

impl Delivery {
    pub(super) fn new(
        collector: Collector,
        meter: SpanMeter,
        spans: mpsc::Receiver<Span>,
        leaving: CancellationToken,
    ) -> Self {
        Self { collector, meter, spans, leaving, is_failing: false }
    }

    /// Sends until no more can come.
    pub(super) async fn run(mut self) {
        let mut batch = Vec::new();
        while self.gather(&mut batch).await {
            self.deliver(&mem::take(&mut batch)).await;
        }
    }

    /// Fills a batch. False where nothing is left and no more will come.
    async fn gather(&mut self, batch: &mut Vec<Span>) -> bool {
        let mut until = None;
        while batch.len() < BATCH {
            let taken = self.take(batch, until).await;
            if taken == 0 {
                break;
            }
            until = until.or_else(|| Some(Instant::now() + GATHERING));
        }
        !batch.is_empty()
    }

    /// Takes what is there, or what comes first `until` then, if that is a bound. None once the time is
    /// over, or nothing is left and no more will come.
    async fn take(&mut self, batch: &mut Vec<Span>, until: Option<Instant>) -> usize {
        let room = BATCH.saturating_sub(batch.len());
        let leaving = self.leaving.clone();
        let coming = async {
            match until {
                Some(until) => timeout_at(until, self.spans.recv_many(batch, room)).await.unwrap_or_default(),
                None => self.spans.recv_many(batch, room).await,
            }
        };
        match leaving.run_until_cancelled(coming).await {
            Some(taken) => taken,
            None => {
                self.spans.close();
                self.spans.recv_many(batch, room).await
            }
        }
    }

    async fn deliver(&mut self, batch: &[Span]) {
        let body = otlp::request(&self.collector.resource, batch);
        let count = batch.len() as u64;
        let mut pauses = PAUSES.into_iter();
        loop {
            // Read before: who is told to leave meanwhile tries once more.
            let is_leaving = self.leaving.is_cancelled();
            match self.send(body.clone()).await {
                Ok(rejected) => return self.sent(count, rejected),
                Err(trouble) => {
                    self.complain(&trouble.failure);
                    let pause = pauses.next().filter(|_| trouble.passes && !is_leaving);
                    let Some(pause) = pause else { break };
                    let asked = trouble.failure.retry_after.unwrap_or_default().min(LONGEST_PAUSE);
                    self.leaving.run_until_cancelled(sleep(pause.max(asked))).await;
                }
            }
        }
        self.meter.failed.inc_by(count);
    }

    /// Sends a batch: how many of it were thrown away, as they were not as the collector wants them, and why.
    async fn send(&self, body: Bytes) -> Result<(u64, String), Trouble> {
        match self.collector.send(body).await {
            Ok(reply) if reply.status().is_success() => Ok(otlp::rejected(reply.body())),
            Ok(reply) => Err(trouble(&reply)),
            Err(failure) => Err(Trouble { failure, passes: true }),
        }
    }

    fn sent(&mut self, count: u64, (rejected, why): (u64, String)) {
        let rejected = rejected.min(count);
        self.meter.sent.inc_by(count - rejected);
        self.meter.failed.inc_by(rejected);
        if rejected > 0 {
            let why = format!("it rejects spans: {why:.200}");
            self.complain(&Failure::new(Reason::Refused, why));
        } else if mem::take(&mut self.is_failing) {
            tracing::info!(collector = %self.collector.url, "spans reach the collector again");
        }
    }

    fn complain(&mut self, failure: &Failure) {
        if !mem::replace(&mut self.is_failing, true) {
            let url = &self.collector.url;
            tracing::warn!(collector = %url, %failure, "spans don't reach the collector; no more is said of it until they do");
        }
    }
}

/// That a collector answered with this status.
pub(super) fn refused(status: StatusCode) -> Failure {
    let reason = match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Reason::Unauthorised,
        _ => Reason::HttpError,
    };
    Failure::new(reason, format!("it answered {status}"))
}

/// What a status other than success means. Those that pass are of the specification.
fn trouble(reply: &Response<Bytes>) -> Trouble {
    let passes = matches!(reply.status().as_u16(), 429 | 502 | 503 | 504);
    let after = reply.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
    let retry_after = after.and_then(|text| text.parse().ok()).map(Duration::from_secs);
    Trouble { failure: Failure { retry_after, ..refused(reply.status()) }, passes }
}
