//! Running the gateway: sockets first, then `ready`, then questions until told to stop.

use std::{
    io::Write,
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::{Failure, Loaded, build, control::Running, expect, keeping::Keeping, logging, notify};
use crate::{
    config::{self, Config},
    gateway::{Control, Door},
    model::{Answer, Backend, Metrics},
    protocol,
    transport::{self, Addresses, ClientLimit, Inherited, Settings, SmtpSettings, Tls},
};

/// How often backends are given the chance to keep themselves up to date: a names file takes
/// effect within twice that.
const UPKEEP: Duration = Duration::from_secs(1);

/// How long a connection may take to send a request head, and how long it may idle.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a body of at most `limits.request_size` may take.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a mail server may take for a command, or for the whole of a message.
const MAIL_TIMEOUT: Duration = Duration::from_secs(60);
/// Most connections at once.
const CONNECTIONS: usize = 10_000;

/// Runs the gateway until it is told to stop. A line for each socket and then `ready` go to
/// `announce`, once every socket is bound or taken from those that are `inherited`.
///
/// # Errors
/// An address can't be listened on, or an answer is not as the configuration expects.
pub async fn serve(
    loaded: Loaded,
    mut inherited: Inherited,
    mut announce: impl Write,
) -> Result<(), Failure> {
    let started = Instant::now();
    let Loaded { config, backends, ranking, tls, mut keeping } = loaded;
    logging::start(config.log.format);
    let unusable_state = keeping.open(&config)?;
    match &unusable_state {
        Some(why) => warn_of_lost_state(why),
        None => warn_of_forgetting(&keeping),
    }
    warn_of_parts(&keeping);
    let metrics = Arc::new(Metrics::default());
    let bound = transport::bind_with(&addresses(&config), &mut inherited);
    let bound = bound.map_err(|error| Failure::Service(error.to_string()))?;
    warn_of_left_over(&inherited);
    drop(inherited);
    let stop = CancellationToken::new();
    // Before `ready`, so that whoever waits for it may stop us at once.
    stop_on_signals(stop.clone())?;
    let gateway = build::gateway(&config, backends.clone(), &keeping, ranking, &bound.serveruris(), &metrics);
    let gateway = Arc::new(gateway);
    for unmet in expect::hold(&gateway, &config).await? {
        tracing::warn!("{unmet}");
    }
    let running = Arc::new(Running {
        gateway: Arc::clone(&gateway),
        metrics: Arc::clone(&metrics),
        started,
        is_ready: AtomicBool::new(true),
        unusable_state,
    });
    let lines = bound.announce().join("\n");
    // Nobody has to listen: a closed stdout is no reason not to serve.
    let _ = writeln!(announce, "{lines}\nready").and_then(|()| announce.flush());
    notify::ready();
    notify::watch();
    keep_up(backends, tls.clone(), stop.clone());
    unready_on(stop.clone(), Arc::clone(&running));
    let door: Arc<dyn Door> = gateway;
    let control: Arc<dyn Control> = running;
    transport::serve(bound, door, control, settings(&config, tls), &metrics, stop, config.drain).await;
    // What a call still under way spends from here on it reserves anew.
    let _ = tokio::task::spawn_blocking(move || keeping.settle()).await;
    Ok(())
}

fn warn_of_lost_state(why: &str) {
    tracing::error!(
        "state: {why}; until it is mended and the gateway started again, no backend with a budget by day or month \
         is asked, and suspensions are forgotten at the end"
    );
}

fn warn_of_left_over(inherited: &Inherited) {
    let left = inherited.left();
    if !left.is_empty() {
        let sockets = left.join(", ");
        tracing::warn!(%sockets, "nothing answers on these sockets from the service manager: `listen` does not name them");
    }
}

fn warn_of_forgetting(keeping: &Keeping) {
    let names = keeping.forgetful();
    if !names.is_empty() {
        let names = names.join(", ");
        tracing::warn!(backends = %names, "budgets by day and month begin anew with each start: `state` is not set");
    }
}

/// Who shares a cache may take its budgets to be shared as well.
fn warn_of_parts(keeping: &Keeping) {
    let names = keeping.budgeted();
    if keeping.store().is_some() && !names.is_empty() {
        let names = names.join(", ");
        tracing::warn!(backends = %names, "`cache.shared` counts no budgets by day and month: give each gateway its part");
    }
}

fn stop_on_signals(stop: CancellationToken) -> Result<(), Failure> {
    let listen =
        |kind| signal(kind).map_err(|error| Failure::Service(format!("can't wait for signals: {error}")));
    let (mut terminate, mut interrupt) = (listen(SignalKind::terminate())?, listen(SignalKind::interrupt())?);
    let mut hangup = listen(SignalKind::hangup())?;
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = terminate.recv() => break,
                _ = interrupt.recv() => break,
                // Left alone it would end the process, when all that was meant is "read again".
                _ = hangup.recv() => {
                    notify::reloading();
                    tracing::warn!("SIGHUP: names files are reread by themselves; any other change wants a restart");
                    notify::ready();
                }
            }
        }
        tracing::info!("stopping: requests under way are finished");
        stop.cancel();
    });
    Ok(())
}

/// From the moment it is told to stop, it is not ready, so that balancers look elsewhere.
fn unready_on(stop: CancellationToken, running: Arc<Running>) {
    tokio::spawn(async move {
        stop.cancelled().await;
        running.is_ready.store(false, Ordering::Release);
        notify::stopping();
    });
}

/// Lets backends and the certificate keep themselves up to date, on a thread that may block.
fn keep_up(backends: Vec<Arc<dyn Backend>>, tls: Option<Arc<Tls>>, stop: CancellationToken) {
    let backends: Arc<[_]> = backends.into();
    tokio::spawn(async move {
        while stop.run_until_cancelled(tokio::time::sleep(UPKEEP)).await.is_some() {
            let (backends, tls) = (Arc::clone(&backends), tls.clone());
            let round = move || {
                tls.iter().for_each(|tls| tls.upkeep());
                backends.iter().for_each(|backend| backend.upkeep());
            };
            // A backend that panics keeps what it has.
            let _ = tokio::task::spawn_blocking(round).await;
        }
    });
}

fn addresses(config: &Config) -> Addresses {
    let listen = &config.listen;
    Addresses {
        http: listen.http.clone(),
        https: listen.https.clone(),
        udp: listen.udp.clone(),
        smtp: listen.smtp.as_ref().map(|smtp| smtp.address),
        admin: Some(listen.admin),
    }
}

fn settings(config: &Config, tls: Option<Arc<Tls>>) -> Settings {
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
