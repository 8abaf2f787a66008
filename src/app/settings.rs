//! From a configuration to what the transports are told of it.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use bytes::Bytes;

use crate::{
    config::{self, Config},
    model::{Answer, Tracer},
    protocol,
    transport::{Addresses, ClientLimit, Settings, SmtpSettings, Tls},
};

/// How long a connection may take to send a request head, and how long it may idle.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a body of at most `limits.request_size` may take.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a mail server may take for a command, or for the whole of a message.
const MAIL_TIMEOUT: Duration = Duration::from_secs(60);
/// Most connections at once.
const CONNECTIONS: usize = 10_000;

/// Where to listen.
pub(super) fn addresses(config: &Config) -> Addresses {
    let listen = &config.listen;
    Addresses {
        http: listen.http.clone(),
        https: listen.https.clone(),
        udp: listen.udp.clone(),
        smtp: listen.smtp.as_ref().map(|smtp| smtp.address),
        admin: Some(listen.admin),
    }
}

/// The rules of every listener.
pub(super) fn settings(config: &Config, tls: Option<Arc<Tls>>, tracer: Arc<Tracer>) -> Settings {
    let limits = &config.limits;
    let client = &limits.per_client;
    let at_least_one = |count| NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN);
    Settings {
        request_size: limits.request_size,
        header_timeout: HEADER_TIMEOUT,
        body_timeout: BODY_TIMEOUT,
        connections: CONNECTIONS,
        in_flight: limits.in_flight,
        per_client: ClientLimit {
            count: at_least_one(client.rate.count),
            period: client.rate.period.length(),
            burst: at_least_one(client.burst),
            exempt: client.exempt.clone(),
        },
        trusted_proxies: limits.trusted_proxies.clone(),
        proxy_protocol: config.listen.proxy_protocol.clone(),
        hosts: config.listen.hosts.clone(),
        web: config.web.enabled,
        origins: config.web.origins.clone(),
        admin_token: config.admin.token.clone(),
        name_length: limits.name_length,
        results: limits.results,
        tls,
        smtp: config.listen.smtp.as_ref().map(smtp),
        tracer,
        encode,
    }
}

fn smtp(listen: &config::Smtp) -> SmtpSettings {
    SmtpSettings {
        mailbox: listen.mailbox.clone(),
        relay: listen.relay,
        allow: listen.allow.clone(),
        peers: listen.peers.clone(),
        patience: MAIL_TIMEOUT,
    }
}

fn encode(answer: &Answer) -> Bytes {
    Bytes::from(protocol::encode_answer(answer, true))
}
