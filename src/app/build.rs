//! From a checked configuration to the parts of a gateway.

use std::{collections::hash_map::RandomState, hash::BuildHasher, net::SocketAddr, sync::Arc};

use crate::{
    backends::{REGISTRY, Setting, unserved},
    cache::OutcomeCache,
    config::{self, Config, Problems},
    gateway::{Description, Gateway, OwnService, Parts, Selection},
    guard::{Guard, Policy, Rate},
    model::{Backend, Clock, Dataset, Metrics, Property, Service, SystemClock},
    protocol::vocabulary as v,
    resolver::{Source, Timing, Voice, When},
};

/// What the program tells the world that it is, where neither the configuration nor a socket says so.
const NAMELESS: &str = "urn:cnrp-gateway";

/// Builds every backend, in the order of the configuration.
///
/// # Errors
/// Every mistake in the options of all of them.
pub(super) fn backends(config: &Config) -> Result<Vec<Arc<dyn Backend>>, Problems> {
    let mut problems = Problems::default();
    let mut built = Vec::new();
    // Drawn once for each start, so that strangers can't know it.
    let seed = RandomState::new().hash_one(0);
    for backend in &config.backends {
        match build(backend, config, seed) {
            Ok(one) => built.push(one),
            Err(wrong) => problems.extend(wrong),
        }
    }
    if problems.is_empty() { Ok(built) } else { Err(problems) }
}

fn build(backend: &config::Backend, config: &Config, seed: u64) -> Result<Arc<dyn Backend>, Problems> {
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
        clock: Arc::new(SystemClock),
        timeout: backend.timeout,
        seed,
    };
    (known.build)(&backend.options, &setting)
}

/// Joins backends and configuration to a gateway that is reached at `http`.
pub(super) fn gateway(
    config: &Config,
    backends: Vec<Arc<dyn Backend>>,
    http: &[SocketAddr],
    metrics: &Metrics,
) -> Gateway {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let own = own_service(config, http);
    let cache = OutcomeCache::new(config.cache.size, Arc::clone(&clock));
    let sources = config.backends.iter().zip(backends).map(|(settings, backend)| {
        let guard = Guard::new(
            &settings.name,
            Arc::clone(&backend),
            settings.fingerprint(),
            policy(config, settings),
            cache.clone(),
            Arc::clone(&clock),
            metrics.backend(&settings.name),
        );
        source(settings, guard, backend.as_ref(), &own.brief)
    });
    let sources = sources.collect();
    let timing = Timing { deadline: config.limits.deadline, grace: config.limits.grace };
    let selection = Selection { most: config.limits.results, strict_hints: config.matching.strict_hints };
    let name_limit = config.limits.name_length;
    Gateway::new(Parts { own, sources, timing, selection, name_limit, clock }, metrics)
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
        dataset: settings.dataset.as_ref().map(|dataset| dataset.uri.0.clone()),
        when: When {
            languages: settings.when.languages.clone(),
            categories: settings.when.categories.clone(),
            min_words: settings.when.min_words,
            max_words: settings.when.max_words,
        },
        stage: settings.stage,
        is_cnrp: false,
    }
}

/// The serviceuri of a backend: ours with its name added, so that no internal host shows.
fn named_under(own: &str, name: &str) -> String {
    let is_urn = own.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("urn:"));
    if is_urn { format!("{own}:{name}") } else { format!("{}/{name}", own.trim_end_matches('/')) }
}

fn policy(config: &Config, settings: &config::Backend) -> Policy {
    let rate = |rate: &config::values::Rate| Rate { count: rate.count, per: rate.period.length() };
    Policy {
        timeout: settings.timeout,
        concurrency: settings.concurrency,
        rates: settings.rates.iter().map(rate).collect(),
        ttl: settings.ttl.unwrap_or(config.cache.ttl),
        negative_ttl: config.cache.negative_ttl,
        stale: config.cache.stale,
        stale_after: config.cache.stale_after,
    }
}

fn own_service(config: &Config, http: &[SocketAddr]) -> OwnService {
    let described = &config.service;
    // An address that means "all of mine" is none at which a client could reach us.
    let reached: Vec<String> =
        http.iter().filter(|at| !at.ip().is_unspecified()).map(|at| format!("http://{at}/")).collect();
    let uri = described.uri.as_ref().map(|uri| uri.0.clone());
    let servers = if described.servers.is_empty() {
        reached.clone()
    } else {
        described.servers.iter().map(|uri| uri.0.clone()).collect()
    };
    OwnService::new(Description {
        uri: uri.or_else(|| reached.first().cloned()).unwrap_or_else(|| NAMELESS.to_owned()),
        description: described.description.clone(),
        ttl: described.ttl,
        properties: described.properties.clone(),
        servers,
        datasets: config
            .backends
            .iter()
            .filter_map(|backend| backend.dataset.as_ref())
            .map(dataset)
            .collect(),
    })
}

fn dataset(dataset: &config::Dataset) -> Dataset {
    let described = dataset.description.iter();
    let described = described.map(|text| Property::new(v::DESCRIPTION, v::FREEFORM, text.as_str()));
    let languages = dataset.language.iter();
    let languages = languages.map(|tag| Property::new(v::LANGUAGE, v::RFC1766, tag.as_str()));
    Dataset { uri: Some(dataset.uri.0.clone()), properties: described.chain(languages).collect() }
}

#[cfg(test)]
mod tests {
    use super::named_under;

    #[test]
    fn a_backend_is_named_under_our_own_serviceuri() {
        assert_eq!(named_under("urn:example:names", "searx"), "urn:example:names:searx");
        assert_eq!(named_under("https://names.example/", "searx"), "https://names.example/searx");
        assert_eq!(named_under("https://names.example", "searx"), "https://names.example/searx");
    }
}
