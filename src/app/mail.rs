//! Answering one message in this process.

use std::{collections::hash_map::RandomState, hash::BuildHasher, net::Ipv4Addr, time::SystemTime};

use super::{Loaded, build};
use crate::{
    mail::{self, Desk, Incoming, Stamp},
    model::{MailAddress, Metrics},
};

/// The longest message that is read with this configuration, in bytes.
pub fn longest_mail(loaded: &Loaded) -> usize {
    mail::longest(loaded.config.limits.request_size)
}

/// The message that answers `message`; `None` where it deserves none. The answer comes from
/// `mailbox`, or else from that of `listen.smtp`, or else from whom the message was sent to.
pub async fn answer_mail(loaded: Loaded, message: &[u8], mailbox: Option<&MailAddress>) -> Option<Vec<u8>> {
    let config = &loaded.config;
    let gateway = build::gateway(config, loaded.backends, loaded.ranking, &[], &Metrics::default());
    let configured = config.listen.smtp.as_ref().map(|smtp| &smtp.mailbox);
    let request_size = config.limits.request_size;
    let desk = Desk { mailbox: mailbox.or(configured), request_size, door: &gateway };
    let incoming = Incoming { message, sender: None, peer: Ipv4Addr::LOCALHOST.into() };
    let stamp = Stamp { at: SystemTime::now(), unique: RandomState::new().hash_one(0) };
    mail::answer(incoming, desk, stamp).await.ok().map(|reply| reply.message)
}
