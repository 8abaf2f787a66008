//! Questions that a command asks: of a gateway in this process, of another service, of each backend.

use std::{
    net::{IpAddr, Ipv4Addr},
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use url::Host;

use super::{Failure, Health, Loaded, Unmet, build, expect};
use crate::{
    client::{self, Endpoint, Inquiry, Network, Referrals},
    collector::Collector,
    gateway::{Context, Door, Gateway, Transport},
    model::{
        Answer, CommonName, Exchange, Failure as Failed, Metrics, NameQuery, Outcome, Question, Reason,
        ResultItem, Service, Status, Via,
    },
    upstream::{Bounds, HostLookup, HttpClient, Roots, Store, SystemHosts, USER_AGENT, UdpClient},
};

/// The name by which `check` tries a backend: known to about every source there is.
const WELL_KNOWN: &str = "Wikipedia";

/// How long a command waits for all the services that it asks, one deadline for every referral.
const PATIENCE: Duration = Duration::from_secs(15);

/// How long `check` waits for the store that gateways share: a gateway waits far less, but here it is to
/// be told what is wrong.
const STORE_PATIENCE: Duration = Duration::from_secs(3);

/// Answers a question in this process, and follows the referrals of the answer if it is to.
pub async fn resolve(loaded: Loaded, question: &Question, referrals: Referrals) -> Answer {
    let named: Vec<_> = loaded.backends.iter().flat_map(|backend| backend.places()).collect();
    let gateway = build::gateway(
        &loaded.config,
        loaded.backends,
        &loaded.keeping,
        loaded.ranking,
        &[],
        &Metrics::default(),
    );
    let context = Context {
        transport: Transport::Local,
        client: Ipv4Addr::LOCALHOST.into(),
        charset: None,
        trimmed: false,
        via: Via::default(),
    };
    let answer = gateway.resolve(question, &context).await;
    loaded.keeping.settle().await;
    if answer.referrals.is_empty() {
        return answer;
    }
    // Without a client for it there is nothing to follow with, and the referrals are the answer.
    match HttpClient::for_referrals(&named, Vec::new(), Bounds::default(), USER_AGENT, Arc::new(SystemHosts))
    {
        Ok(others) => {
            let is_open = referrals == Referrals::Follow && answer.results.is_empty();
            let before = if is_open { before(&gateway, question, &context).await } else { Vec::new() };
            let inquiry = Inquiry::from_answer(answer.clone(), before, question.clone(), referrals);
            let network = Network { first: &others, others: &others, via: None };
            client::ask(inquiry, network, PATIENCE).await.unwrap_or(answer)
        }
        Err(_) => answer,
    }
}

/// All that there is before the range of a question, in as many parts as it takes (D6).
async fn before(gateway: &Gateway, question: &Question, context: &Context) -> Vec<ResultItem> {
    let mut before = Vec::new();
    while let Some(next) = client::before_range(question, before.len()) {
        let mut part = gateway.resolve(&next, context).await.results;
        if part.is_empty() {
            break;
        }
        before.append(&mut part);
    }
    before
}

/// Asks the service at `server`, and those that it refers to if they are to be asked. `ca` is a file
/// of authorities that are trusted beside the system's.
///
/// # Errors
/// The file can't be read or is of no use, the service can't be reached, or what it answers is no valid answer.
pub async fn ask(
    server: &Endpoint,
    ca: Option<&Path>,
    question: &Question,
    referrals: Referrals,
) -> Result<Answer, Failure> {
    let (first, others) = ways(server, ca).await?;
    let inquiry = Inquiry::at(server.clone(), question.clone(), referrals);
    let network = Network { first: &*first, others: &others, via: None };
    client::ask(inquiry, network, PATIENCE).await.map_err(|error| told(server, &error))
}

/// Asks the service at `server` what it offers.
///
/// # Errors
/// As of [`ask`].
pub async fn service(server: &Endpoint, ca: Option<&Path>) -> Result<(Arc<Service>, Vec<Status>), Failure> {
    let (first, others) = ways(server, ca).await?;
    let network = Network { first: &*first, others: &others, via: None };
    client::service(network, server).await.map_err(|error| told(server, &error))
}

/// The ways to a server that the command line names, and to places that its answers name. Those may be
/// other ports of that server: it is the user's.
async fn ways(server: &Endpoint, ca: Option<&Path>) -> Result<(Box<dyn Exchange>, HttpClient), Failure> {
    let first = named(server, ca)?;
    let addresses = addresses(server).await;
    let others =
        HttpClient::for_referrals(&[], addresses, Bounds::default(), USER_AGENT, Arc::new(SystemHosts));
    Ok((first, others.map_err(|failure| told(server, &failure.into()))?))
}

/// The way to a server that the command line names.
fn named(server: &Endpoint, ca: Option<&Path>) -> Result<Box<dyn Exchange>, Failure> {
    if ca.is_some() && server.url().scheme() != "https" {
        return Err(Failure::Usage(format!("--ca is for https, and {server} is reached without TLS")));
    }
    let roots = ca.map(Roots::read).transpose().map_err(Failure::Usage)?.unwrap_or_default();
    if server.is_datagram() {
        return Ok(Box::new(UdpClient::new(Arc::new(SystemHosts))));
    }
    let http =
        HttpClient::trusting(roots, server.url(), Bounds::default(), USER_AGENT, Arc::new(SystemHosts));
    http.map(|http| Box::new(http) as Box<dyn Exchange>).map_err(|failure| told(server, &failure.into()))
}

async fn addresses(server: &Endpoint) -> Vec<IpAddr> {
    match server.url().host() {
        Some(Host::Ipv4(ip)) => vec![ip.into()],
        Some(Host::Ipv6(ip)) => vec![ip.into()],
        Some(Host::Domain(host)) => SystemHosts.addresses(host.to_owned()).await.unwrap_or_default(),
        None => Vec::new(),
    }
}

fn told(server: &Endpoint, error: &client::Error) -> Failure {
    let text = format!("{server}: {error}");
    match error {
        client::Error::Unreached(_) => Failure::Service(text),
        client::Error::Invalid(_) => Failure::InvalidAnswer(text),
    }
}

/// What asking a gateway in this process showed.
pub struct Checked {
    /// What is expected and open, as a backend failed.
    pub open: Vec<Unmet>,
    /// How each backend is, where they were tried.
    pub health: Vec<Health>,
}

/// Asks in this process for every name that something is expected of, as `serve` would answer it; and
/// each backend one question, if `upstreams` are to be tried.
///
/// # Errors
/// Every answer that is not as expected.
pub async fn check(loaded: Loaded, upstreams: bool) -> Result<Checked, Failure> {
    let Loaded { config, backends, ranking, mut keeping, collector, .. } = loaded;
    // What other gateways were told shows nothing of how the backends are now.
    keeping.keep_to_itself();
    let gateway = build::gateway(&config, backends, &keeping, ranking, &[], &Metrics::default());
    let open = expect::hold(&gateway, &config).await;
    let mut health = if upstreams { try_upstreams(&gateway).await } else { Vec::new() };
    if let Some(store) = keeping.store().filter(|_| upstreams) {
        health.push(try_store(store).await);
    }
    if let Some(collector) = collector.filter(|_| upstreams) {
        health.push(try_collector(&collector).await);
    }
    keeping.settle().await;
    Ok(Checked { open: open?, health })
}

/// Whether the store that gateways share can be reached, and written to.
async fn try_store(store: &Store) -> Health {
    let started = Instant::now();
    let script = "redis.call('SET', KEYS[1], '', 'PX', 1) return {1}";
    let tried = store.run(script, &["cnrp:check"], &[], STORE_PATIENCE).await;
    let state = tried.map(|_| "takes answers".to_owned());
    Health { name: "cache.shared".to_owned(), took: started.elapsed(), state }
}

/// Whether the collector of spans can be reached, and lets us in.
async fn try_collector(collector: &Collector) -> Health {
    let started = Instant::now();
    let state = collector.try_out().await.map(|()| "takes spans".to_owned());
    Health { name: "trace.otlp".to_owned(), took: started.elapsed(), state }
}

/// One after the other, so that none is blamed for another's load.
async fn try_upstreams(gateway: &Gateway) -> Vec<Health> {
    let Some(name) = CommonName::new(WELL_KNOWN) else { return Vec::new() };
    let query = NameQuery::plain(name);
    let mut health = Vec::new();
    for source in gateway.sources() {
        let started = Instant::now();
        let outcome = gateway.try_source(source, &query).await;
        health.push(Health { name: source.name.clone(), took: started.elapsed(), state: state(&outcome) });
    }
    health
}

fn state(outcome: &Outcome) -> Result<String, Failed> {
    match outcome {
        Outcome::Found { reply, .. } => Ok(match (reply.candidates.len(), reply.referrals.len()) {
            (0, 0) => format!("knows nothing of {WELL_KNOWN} for now"),
            (found, 0) => format!("found {found}"),
            (found, referrals) => format!("found {found}, refers to {referrals}"),
        }),
        Outcome::Empty { .. } => Ok(format!("knows nothing of {WELL_KNOWN}")),
        Outcome::Skipped(Reason::NotAsked) => Ok(format!("takes no names like {WELL_KNOWN}")),
        Outcome::Skipped(reason) => Err(Failed::new(*reason, "")),
        Outcome::Failed(failure) => Err(failure.clone()),
        Outcome::Late => Err(Failed::new(Reason::TimedOut, "no answer in time")),
    }
}
