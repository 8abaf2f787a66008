//! From a checked configuration to the parts of a gateway.

use std::{collections::hash_map::RandomState, fs::File, hash::BuildHasher, io::Read, sync::Arc};

use flate2::read::MultiGzDecoder;

use xxhash_rust::xxh3::xxh3_64;

use super::{datasets, keeping::Keeping};
use crate::{
    backends::{Chain, REGISTRY, Setting, unserved},
    cache::{OutcomeCache, PacketCache},
    config::{self, Config, Problems, Referrals, values::Secret},
    gateway::{Description, Gateway, OwnService, Parts, Selection},
    guard::{Guard, Means, Policy, Rate},
    model::{Backend, Clock, Family, Metrics, Property, Service, SystemClock},
    resolver::{Popularity, Ranking, Source, Timing, Voice, When},
    transport::{Tls, TlsError, TlsFiles},
    upstream::{Lines, Store},
};

/// What the program tells the world that it is, where neither the configuration nor a socket says so.
const NAMELESS: &str = "urn:cnrp-gateway";

/// The share of the cache's memory that whole replies get: one part in this many.
const PACKETS_SHARE: u64 = 8;

/// What backends have to do with of the world outside.
#[derive(Clone)]
pub(super) struct World {
    pub(super) lines: Lines,
    pub(super) clock: Arc<dyn Clock>,
    /// Drawn once for each start, so that strangers can't know it.
    pub(super) seed: u64,
}

impl World {
    /// The world as it is.
    pub(super) fn real() -> Self {
        Self { lines: Lines::default(), clock: Arc::new(SystemClock), seed: RandomState::new().hash_one(0) }
    }
}

/// Builds every backend, in the order of the configuration.
///
/// # Errors
/// Every mistake in the options of all of them.
pub(super) fn backends(
    config: &Config,
    world: &World,
    keeping: &Keeping,
) -> Result<Vec<Arc<dyn Backend>>, Problems> {
    let mut problems = Problems::default();
    let mut built = Vec::new();
    let chain = Chain {
        pseudonym: pseudonym(config, world.seed),
        follows: config.matching.referrals == Referrals::Follow,
        ..Chain::default()
    };
    for backend in &config.backends {
        match build(backend, config, world, keeping, &chain) {
            Ok(one) => built.push(one),
            Err(wrong) => problems.extend(wrong),
        }
    }
    chain.places.get_or_init(|| built.iter().flat_map(|backend| backend.places()).collect());
    if problems.is_empty() { Ok(built) } else { Err(problems) }
}

/// What `Via` headers call us (D37): the same for replicas, which have one serviceuri, and only ours
/// where none is configured.
fn pseudonym(config: &Config, seed: u64) -> String {
    let number = config.service.uri.as_ref().map_or(seed, |uri| xxh3_64(uri.0.as_bytes()));
    format!("cnrp-{number:016x}")
}

fn build(
    backend: &config::Backend,
    config: &Config,
    world: &World,
    keeping: &Keeping,
    chain: &Chain,
) -> Result<Arc<dyn Backend>, Problems> {
    let Some(known) = REGISTRY.iter().find(|known| known.kind == backend.kind) else {
        if let Some(why) = unserved(&backend.kind) {
            return Err(backend.wrong("type", why));
        }
        let kinds: Vec<_> = REGISTRY.iter().map(|known| known.kind).collect();
        return Err(backend.wrong("type", &config::unknown(&backend.kind, &kinds)));
    };
    let setting = Setting {
        name: &backend.name,
        folder: &config.folder,
        clock: Arc::clone(&world.clock),
        lines: world.lines.clone(),
        timeout: backend.timeout,
        toll: keeping.toll(&backend.name),
        seed: world.seed,
        chain: Chain {
            service: backend.service.clone(),
            dataset: backend.dataset.as_ref().map(|dataset| dataset.uri.0.clone()),
            ..chain.clone()
        },
    };
    known.build(&backend.options, &setting)
}

/// Reads the certificate of the https listeners, where the configuration names one.
///
/// # Errors
/// What is wrong with its files.
pub(super) fn tls(config: &Config) -> Result<Option<Arc<Tls>>, Problems> {
    let Some(named) = &config.listen.tls else { return Ok(None) };
    let files = TlsFiles {
        cert: config.folder.join(&named.cert),
        key: config.folder.join(&named.key),
        client_ca: named.client_ca.as_ref().map(|path| config.folder.join(path)),
    };
    let wrong = |error: TlsError| config.wrong(&format!("listen.tls.{}", error.file), &error.message);
    Tls::load(files).map(|tls| Some(Arc::new(tls))).map_err(wrong)
}

/// The store that several gateways share, where the configuration names one. Nothing is connected yet.
///
/// # Errors
/// What is wrong with its address.
pub(super) fn store(config: &Config) -> Result<Option<Store>, Problems> {
    let Some(shared) = &config.cache.shared else { return Ok(None) };
    let password = shared.password.as_ref().map(Secret::expose);
    let store = Store::new(&shared.url.0, shared.user.as_deref(), password);
    store.map(Some).map_err(|error| config.wrong("cache.shared.url", &error))
}

/// Reads what ranking knows beside what the sources say. A list of popular domains ends in `.gz` if it
/// is packed.
///
/// # Errors
/// What is wrong with the operator's list, with its line.
pub(super) fn ranking(config: &Config) -> Result<Ranking, Problems> {
    let sites = config.sites.clone();
    let Some(named) = &config.popularity else { return Ok(Ranking { sites, ..Ranking::default() }) };
    let path = config.folder.join(named);
    let wrong = |error: String| config.wrong("popularity", &format!("{}: {error}", path.display()));
    let file = File::open(&path).map_err(|error| wrong(format!("can't be read: {error}")))?;
    let bytes: Box<dyn Read> = match path.extension() {
        Some(ending) if ending == "gz" => Box::new(MultiGzDecoder::new(file)),
        _ => Box::new(file),
    };
    let popularity = Popularity::read(bytes).map_err(|error| wrong(error.to_string()))?;
    Ok(Ranking { popularity, sites })
}

/// Joins backends and configuration to a gateway whose listeners have these `serveruris`, and is in force.
pub(super) fn gateway(
    config: &Config,
    backends: Vec<Arc<dyn Backend>>,
    keeping: &Keeping,
    ranking: Ranking,
    serveruris: &[String],
    metrics: &Metrics,
) -> Gateway {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let ground = Ground::new(config, clock);
    let gateway = gateway_on(&ground, config, backends, keeping, ranking, serveruris, metrics);
    keeping.take_effect();
    gateway
}

/// What a gateway is built on.
pub(super) struct Ground<'a> {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) cache: OutcomeCache,
    /// The sources of the gateway before, so that we stand with upstreams as we did.
    pub(super) before: &'a [Source],
}

impl Ground<'_> {
    /// With nothing before.
    pub(super) fn new(config: &Config, clock: Arc<dyn Clock>) -> Self {
        Self { cache: cache(config, Arc::clone(&clock)), clock, before: &[] }
    }
}

/// An empty cache for outcomes.
pub(super) fn cache(config: &Config, clock: Arc<dyn Clock>) -> OutcomeCache {
    OutcomeCache::new(config.cache.size - for_packets(config), clock)
}

fn for_packets(config: &Config) -> u64 {
    config.cache.size / PACKETS_SHARE
}

/// The same, on another ground.
pub(super) fn gateway_on(
    ground: &Ground<'_>,
    config: &Config,
    backends: Vec<Arc<dyn Backend>>,
    keeping: &Keeping,
    ranking: Ranking,
    serveruris: &[String],
    metrics: &Metrics,
) -> Gateway {
    let used = backends.iter().flat_map(|backend| backend.declares()).collect();
    let own = own_service(config, serveruris, used);
    let Ground { clock, cache, before } = ground;
    let packets = PacketCache::new(for_packets(config), Arc::clone(clock));
    let tier = keeping.tier(metrics);
    let sources = config.backends.iter().zip(backends).map(|(settings, backend)| {
        let means = Means {
            cache: cache.clone(),
            clock: Arc::clone(clock),
            meter: metrics.backend(&settings.name),
            purse: keeping.purse(&settings.name),
            memory: keeping.memory(&settings.name),
            tier: tier.clone(),
        };
        let (print, policy) = (settings.fingerprint(), policy(config, settings));
        let guard = match before.iter().find(|source| source.name == settings.name) {
            Some(source) => Guard::after(&source.guard, Arc::clone(&backend), print, policy, means),
            None => Guard::new(&settings.name, Arc::clone(&backend), print, policy, means),
        };
        source(settings, guard, backend.as_ref(), &own.brief)
    });
    let sources = sources.collect();
    let timing = Timing { deadline: config.limits.deadline, grace: config.limits.grace };
    let selection = Selection { most: config.limits.results, strict_hints: config.matching.strict_hints };
    let name_limit = config.limits.name_length;
    Gateway::new(
        Parts {
            own,
            sources,
            timing,
            selection,
            ranking,
            name_limit,
            packets,
            clock: Arc::clone(clock),
            tells_names: config.log.names,
        },
        metrics,
    )
}

fn source(settings: &config::Backend, guard: Guard, backend: &dyn Backend, own: &Arc<Service>) -> Source {
    let service = match &settings.service {
        Some(uri) => Arc::new(Service::named(uri)),
        None if backend.speaks_for_us() => Arc::clone(own),
        None => Arc::new(Service::named(named_under(&own.uri, &settings.name))),
    };
    Source {
        name: settings.name.clone(),
        kind: settings.kind.clone(),
        guard,
        voice: Voice { family: backend.family(), weight: settings.weight, vouched: backend.vouched() },
        service,
        dataset: settings.dataset.as_ref().map(|dataset| datasets::spelt(&own.datasets, &dataset.uri.0)),
        when: When {
            languages: settings.when.languages.clone(),
            categories: settings.when.categories.clone(),
            min_words: settings.when.min_words,
            max_words: settings.when.max_words,
        },
        stage: settings.stage,
        is_cnrp: backend.family() == Family::CNRP,
    }
}

/// The serviceuri of a backend: ours with its name added, so that no internal host shows.
fn named_under(own: &str, name: &str) -> String {
    let is_urn = own.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("urn:"));
    if is_urn { format!("{own}:{name}") } else { format!("{}/{name}", own.trim_end_matches('/')) }
}

fn policy(config: &Config, settings: &config::Backend) -> Policy {
    let rates = settings.rates.iter().filter(|rate| !rate.period.is_budget());
    let rates = rates.map(|rate| Rate { count: rate.count, per: rate.period.length() });
    Policy {
        timeout: settings.timeout,
        concurrency: settings.concurrency,
        rates: rates.collect(),
        ttl: settings.ttl.unwrap_or(config.cache.ttl),
        negative_ttl: config.cache.negative_ttl,
        stale: config.cache.stale,
        stale_after: config.cache.stale_after,
        deadline: config.limits.deadline,
    }
}

/// Our service object; `used` are properties that resources of ours have.
fn own_service(config: &Config, serveruris: &[String], used: Vec<Property>) -> OwnService {
    let described = &config.service;
    let uri = described.uri.as_ref().map(|uri| uri.0.clone());
    let (mailboxes, bound): (Vec<_>, Vec<_>) =
        serveruris.iter().cloned().partition(|uri| uri.starts_with("mailto:"));
    let uri = uri.or_else(|| bound.first().cloned());
    let mut servers = if described.servers.is_empty() {
        bound
    } else {
        described.servers.iter().map(|uri| uri.0.clone()).collect()
    };
    // A service names its mail target (R21), which no bound address tells.
    servers.extend(mailboxes.into_iter().chain(config.listen.smtp.as_ref().map(|smtp| smtp.mailbox.uri())));
    servers.dedup();
    OwnService::new(Description {
        uri: uri.unwrap_or_else(|| NAMELESS.to_owned()),
        description: described.description.clone(),
        ttl: described.ttl,
        properties: described.properties.clone(),
        used,
        servers,
        datasets: datasets::declared(&config.backends),
    })
}

#[cfg(test)]
mod tests {
    use super::{NAMELESS, named_under, own_service};
    use crate::config;

    #[test]
    fn r21_a_mailbox_is_named_beside_all_other_servers_and_gives_the_service_no_name() {
        let named = |yaml: &str, servers: &[&str]| {
            let config =
                config::parse(yaml, "gateway.yaml".as_ref()).unwrap_or_else(|wrong| panic!("{wrong}"));
            let servers: Vec<_> = servers.iter().map(|uri| (*uri).to_owned()).collect();
            let own = own_service(&config, &servers, Vec::new()).full;
            (
                own.uri.clone(),
                own.servers.iter().map(|server| server.uri.clone()).collect::<Vec<_>>().join(" "),
            )
        };
        let (mail, web) = ("mailto:cnrp@names.example", "http://127.0.0.1:1096/");
        let told = |uri: &str, servers: &str| (uri.to_owned(), servers.to_owned());
        assert_eq!(named("", &[mail]), told(NAMELESS, mail));
        assert_eq!(named("", &[web]), told(web, web));
        let configured = "service: {uri: \"urn:example:n\", servers: [\"https://names.example/\"]}\n";
        assert_eq!(
            named(configured, &[mail]),
            told("urn:example:n", &format!("https://names.example/ {mail}"))
        );
        let listener = "listen: {smtp: {address: \"127.0.0.1:0\", mailbox: cnrp@names.example, relay: \"127.0.0.1:25\"}}\n";
        assert_eq!(named(listener, &[mail]), told(NAMELESS, mail));
    }

    #[test]
    fn a_backend_is_named_under_our_own_serviceuri() {
        assert_eq!(named_under("urn:example:names", "searx"), "urn:example:names:searx");
        assert_eq!(named_under("https://names.example/", "searx"), "https://names.example/searx");
        assert_eq!(named_under("https://names.example", "searx"), "https://names.example/searx");
    }
}
