//! Questions that a command asks: of a gateway in this process, of another service, of each backend.

use std::{net::Ipv4Addr, path::Path, sync::Arc, time::Instant};

use super::{Failure, Health, Loaded, build};
use crate::{
    client::{self, Endpoint},
    gateway::{Context, Door, Transport},
    model::{Answer, CommonName, Metrics, NameQuery, Outcome, Question, Reason, Via},
    resolver::Timing,
    upstream::{Bounds, HttpClient, Roots, SystemHosts, USER_AGENT},
};

/// The name by which `check` tries a backend: known to about every source there is.
const WELL_KNOWN: &str = "Wikipedia";

/// Answers a question in this process.
pub async fn resolve(loaded: Loaded, question: &Question) -> Answer {
    let gateway = build::gateway(&loaded.config, loaded.backends, &[], &Metrics::default());
    let context = Context {
        transport: Transport::Local,
        client: Ipv4Addr::LOCALHOST.into(),
        charset: None,
        via: Via::default(),
    };
    gateway.resolve(question, &context).await
}

/// Asks another service, at an http(s) URL or `HOST[:PORT]`. `ca` is a file of authorities that are
/// trusted beside the system's.
///
/// # Errors
/// The file can't be read, the service can't be reached, or what it answers is no valid answer.
pub async fn ask(server: &str, ca: Option<&Path>, question: &Question) -> Result<Answer, Failure> {
    let roots = ca.map(Roots::read).transpose().map_err(Failure::Usage)?.unwrap_or_default();
    let endpoint = Endpoint::parse(server).map_err(Failure::Usage)?;
    let failed = |error: &dyn std::fmt::Display| format!("{endpoint}: {error}");
    let http =
        HttpClient::trusting(roots, endpoint.url(), Bounds::default(), USER_AGENT, Arc::new(SystemHosts))
            .map_err(|failure| Failure::Service(failed(&failure)))?;
    client::ask(&http, &endpoint, question).await.map_err(|error| match error {
        client::Error::Unreached(_) => Failure::Service(failed(&error)),
        client::Error::Invalid(_) => Failure::InvalidAnswer(failed(&error)),
    })
}

/// Asks each backend one question, one after the other, so that none is blamed for another's load.
pub async fn check_upstreams(loaded: Loaded) -> Vec<Health> {
    let limits = loaded.config.limits.clone();
    let gateway = build::gateway(&loaded.config, loaded.backends, &[], &Metrics::default());
    let timing = Timing { deadline: limits.deadline, grace: limits.deadline };
    let Some(name) = CommonName::new(WELL_KNOWN) else { return Vec::new() };
    let query = NameQuery::plain(name);
    let mut health = Vec::new();
    for source in gateway.sources() {
        let started = Instant::now();
        let outcome = gateway.try_source(source, &query, timing).await;
        let failure = match outcome {
            Outcome::Found { .. } | Outcome::Empty { .. } | Outcome::Skipped(Reason::NotAsked) => None,
            Outcome::Skipped(reason) => Some(reason),
            Outcome::Failed(failure) => Some(failure.reason),
            Outcome::Late => Some(Reason::TimedOut),
        };
        health.push(Health { name: source.name.clone(), failure, took: started.elapsed() });
    }
    health
}
