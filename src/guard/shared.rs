//! A call where there is a second tier: what other gateways know is not asked again, and what they are
//! asking already is waited for.

use std::{sync::Arc, time::Duration};

use super::{
    Tier,
    breaker::Permit,
    call::Call,
    tier::{Aged, Nearly, Seen, Turn},
};
use crate::{
    cache::{Landing, Term},
    model::{Prepared, TraceContext, prepare},
};

/// How soon what another gateway is asking for is looked for again; then after twice as long, and so on.
const FIRST_LOOK: Duration = Duration::from_millis(4);
/// The longest between two looks: what another brings is late by that at most.
const LONGEST_LOOK: Duration = Duration::from_millis(32);

/// Beyond its timeout, how long a call has the turn: for the ways to the tier and back.
const MARGIN: Duration = Duration::from_millis(100);

impl Call {
    /// Takes the answer of another gateway, or makes the call. With the turn that is to be ended.
    pub(super) async fn make_unless_known(&self) -> (Landing, Option<Turn>) {
        let Some(tier) = &self.guard.tier else { return (self.make_if_allowed().await, None) };
        let part = TraceContext::current().map(|context| context.part());
        let span = part.as_ref().map(|part| self.begin(part, "look up"));
        let looked = self.look(tier).await;
        let word = if looked.is_ok() { "fresh" } else { "miss" };
        // It is over before a call is made.
        span.into_iter().for_each(|span| span.note("cnrp.outcome", || word.into()));
        match looked {
            Ok(known) => (Ok(known), None),
            Err(turn) => (self.make_if_allowed().await, Some(turn)),
        }
    }

    async fn make_if_allowed(&self) -> Landing {
        match self.guard.leave() {
            Ok(leave) => self.make(leave).await,
            Err(refusal) => {
                if self.is_asked {
                    self.guard.meter.failed(refusal.reason);
                }
                Err(refusal)
            }
        }
    }

    /// Tells the other gateways what the call brought, and that it is over.
    pub(super) async fn share(&self, turn: Turn, landing: &Landing) {
        let Some(tier) = &self.guard.tier else { return };
        let known = landing.as_ref().ok().filter(|reply| !reply.degraded);
        let answer = known.map(|reply| (reply.as_ref(), self.guard.policy.term(reply)));
        tier.finish(&self.key, turn, answer).await;
    }

    /// Looks for an answer in the tier until there is one, or the turn is not another's, or it was waited
    /// for long enough. Waits that were in vain, one after the other, are no longer made for a while.
    async fn look(&self, tier: &Tier) -> Result<Arc<Prepared>, Turn> {
        let until = self.guard.clock.now() + self.guard.policy.wait_for_another();
        let mut waiting = None;
        let lasting = self.guard.policy.timeout + MARGIN;
        let nearly = if self.is_asked { Nearly::Never } else { Nearly::Tenth };
        let mut pause = FIRST_LOOK;
        loop {
            let Seen { answer, turn } = tier.look_up(&self.key, lasting, nearly).await;
            let known = answer.and_then(|answer| self.take(tier, answer));
            let is_over = known.is_some() || turn != Turn::Anothers;
            if is_over {
                waiting.take().map(Permit::succeeded);
            }
            if let Some(known) = known {
                if let Turn::Ours(_) = turn {
                    tier.finish(&self.key, turn, None).await;
                }
                return Ok(known);
            }
            if is_over || !tier.is_waited_for(&mut waiting, until) {
                tier.missed();
                return Err(turn);
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_LOOK);
        }
    }

    /// Keeps an answer of another gateway, as old as it is; gives it if it answers this call. Ahead of
    /// demand only one does that was refreshed already.
    fn take(&self, tier: &Tier, Aged { answer, age }: Aged) -> Option<Arc<Prepared>> {
        let vouched = self.guard.backend.vouched();
        let reply = Arc::new(prepare(answer.reply, &self.query.name, vouched));
        let own = self.guard.policy.term(&reply);
        let fresh = own.fresh.min(answer.term.fresh);
        let term = Term { fresh, stale: own.stale.min(answer.term.stale) };
        self.guard.cache.keep_aged(self.key.clone(), &reply, term, age, self.is_asked);
        let enough = if self.is_asked { fresh } else { fresh - fresh / 10 };
        let is_the_answer = age < enough;
        tier.found(is_the_answer);
        is_the_answer.then_some(reply)
    }
}
