//! Answering one message in this process.

use std::{collections::hash_map::RandomState, hash::BuildHasher, net::Ipv4Addr, time::SystemTime};

use super::{Loaded, build};
use crate::{
    mail::{self, Desk, Incoming, Silence, Stamp},
    model::{MailAddress, Metrics},
};

/// The longest message that is read with this configuration, in bytes.
pub fn longest_mail(loaded: &Loaded) -> usize {
    mail::longest(loaded.config.limits.request_size)
}

/// The message that answers `message`. The answer comes from
/// `mailbox`, or else from that of `listen.smtp`, or else from whom a mail
/// server says it was delivered to. Those
/// who may ask are those of `listen.smtp`, or else everybody.
///
/// # Errors
/// The reason why the message deserves no answer.
pub async fn answer_mail(
    loaded: Loaded,
    message: &[u8],
    mailbox: Option<&MailAddress>,
) -> Result<Vec<u8>, Silence> {
    let config = &loaded.config;
    let listener = config.listen.smtp.as_ref();
    let mailbox = mailbox.or(listener.map(|smtp| &smtp.mailbox)).cloned();
    // Known before the gateway is made, as its service object names it.
    let mailbox = mailbox.or_else(|| mail::delivered_to(message));
    let servers = mailbox.as_ref().map(MailAddress::uri);
    let gateway = build::gateway(
        config,
        loaded.backends,
        &loaded.keeping,
        loaded.ranking,
        servers.as_slice(),
        &Metrics::default(),
    );
    let desk = Desk {
        mailbox: mailbox.as_ref(),
        allow: listener.map(|smtp| smtp.allow.as_slice()),
        request_size: config.limits.request_size,
        door: &gateway,
    };
    let incoming = Incoming { message, sender: None, peer: Ipv4Addr::LOCALHOST.into() };
    let stamp = Stamp { at: SystemTime::now(), unique: RandomState::new().hash_one(0) };
    let reply = mail::answer(incoming, desk, stamp).await;
    loaded.keeping.settle().await;
    reply.map(|reply| reply.message)
}
