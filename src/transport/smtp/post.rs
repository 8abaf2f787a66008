//! What becomes of a message: it is answered, and the answer carried off.

use std::{
    collections::hash_map::RandomState,
    hash::BuildHasher,
    net::IpAddr,
    sync::Arc,
    time::{Duration, SystemTime},
};

use http::HeaderMap;

use super::session::{Delivery, Rules};
use crate::{
    mail::{self, Desk, Incoming, Stamp},
    model::{SpanKind, TraceContext},
    transport::{Tls, counters::Counters, front::Front, settings::SmtpSettings, spans},
    upstream::{MailRelay, RelayFailure},
};

/// How long the relay may take. The peer that waits for our word meanwhile has ten minutes for us
/// (RFC 5321 section 4.5.3.2.6).
const RELAY: Duration = Duration::from_secs(30);

/// What all conversations share.
pub(super) struct Post {
    pub(super) settings: SmtpSettings,
    pub(super) rules: Rules,
    front: Arc<Front>,
    relay: MailRelay,
}

impl Post {
    pub(super) fn new(settings: SmtpSettings, front: Arc<Front>) -> Self {
        let rules = Rules {
            mailbox: settings.mailbox.clone(),
            allow: settings.allow.clone(),
            longest: mail::longest(front.settings.request_size),
        };
        let relay = MailRelay::new(settings.relay, settings.mailbox.domain(), RELAY);
        Self { settings, rules, front, relay }
    }

    /// The certificate to show, where one is configured.
    pub(super) fn tls(&self) -> Option<&Tls> {
        self.front.settings.tls.as_deref()
    }

    pub(super) fn counters(&self) -> &Counters {
        &self.front.smtp
    }

    /// Delivers a message that `peer` brought, and says what became of it: 250 only once it is no
    /// longer the peer's to care for.
    pub(super) async fn deliver(&self, delivery: &Delivery, peer: IpAddr) -> String {
        if self.front.admission.admit(peer).is_err() {
            self.counters().limited.inc();
            return "451 4.7.1 too many questions; come again\r\n".into();
        }
        // A bounce. Whom its headers name did not send it.
        let Some(sender) = &delivery.sender else {
            self.counters().refused.inc();
            return "250 2.0.0 taken; it gets no answer: its return path is null\r\n".into();
        };
        let Some(slot) = self.front.slot() else {
            self.counters().overloaded.inc();
            return "451 4.3.2 too busy; come again\r\n".into();
        };
        let incoming = Incoming { message: &delivery.message, sender: Some(sender), peer };
        let desk = Desk {
            mailbox: Some(&self.rules.mailbox),
            allow: Some(&self.rules.allow),
            request_size: self.front.settings.request_size,
            door: &*self.front.door,
        };
        let context = self.front.trace(&HeaderMap::new());
        let span = spans::other(&context, "smtp", "message");
        let answering = async {
            let answered = mail::answer(incoming, desk, stamp()).await;
            drop(slot);
            match answered {
                Ok(reply) => self.send(&reply).await,
                Err(silence) => {
                    self.counters().refused.inc();
                    format!("250 2.0.0 taken; it gets no answer: {silence}\r\n")
                }
            }
        };
        let said = TraceContext::carried(Some(context), answering).await;
        span.note("cnrp.smtp.reply", || said.split(' ').next().unwrap_or_default().to_owned().into());
        said
    }

    async fn send(&self, reply: &mail::Reply) -> String {
        let part = TraceContext::current().map(|context| context.part());
        let mut span = part.as_ref().map(|part| part.begin(SpanKind::Client, || "relay".into()));
        let sent = self.relay.send(&reply.to, &reply.message).await;
        if sent.is_err() {
            // What the relay said of it may name whom it is for.
            span.iter_mut().for_each(|span| span.fail(|| "the relay did not take the answer".to_owned()));
        }
        drop(span);
        match sent {
            Ok(()) => {
                self.counters().answered.inc();
                "250 2.0.0 answered\r\n".into()
            }
            Err(failure) => {
                self.counters().overloaded.inc();
                tracing::warn!(relay = %self.settings.relay, %failure, "an answer was not taken by the relay");
                match failure {
                    // For good: the peer would ask the same again for days.
                    RelayFailure::Refused(500..) => "554 5.4.0 the answer was refused for good\r\n".into(),
                    _ => "451 4.4.1 the answer could not be sent; come again\r\n".into(),
                }
            }
        }
    }
}

/// What sets this reply apart. A random state has keys that no other has.
fn stamp() -> Stamp {
    Stamp { at: SystemTime::now(), unique: RandomState::new().hash_one(0) }
}
