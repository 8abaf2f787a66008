//! Guessing: a name may well have a domain of its own. Domains are made of the name and looked
//! up; one that leads to public addresses is a result.
//!
//! DNS says little, and lies at times: names are for sale, and some resolvers and registries have
//! an address for everything. So what is parked comes last and never with confidence, and an
//! address that a name nobody has gets too is no evidence; see [`wildcard`].

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use futures_util::future::join_all;
use schemars::{JsonSchema, Schema, schema_for};
use serde::Deserialize;

use wildcard::Wildcard;

use super::{Built, Setting};
use crate::{
    config::{Options, Problems},
    model::{
        Ask, Backend, BoxFuture, Confidence, Failure, Family, Hit, NameQuery, Reason, Reply, Toll,
        registrable_domain,
    },
    upstream::{Dns, Missing, is_public},
};

mod candidates;
mod country;
mod parking;
mod wildcard;

/// The port of DNS.
const PORT: u16 = 53;

/// How long an answer is good at least and at most, whatever its records say.
const TTL: std::ops::RangeInclusive<Duration> = Duration::from_secs(60)..=Duration::from_secs(24 * 60 * 60);

/// Options of a `dns` backend.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct GuessOptions {
    /// Resolvers to ask, as `ADDRESS` or `ADDRESS:PORT`; none: the system's.
    #[serde(default)]
    servers: Vec<String>,
    /// Suffixes to try, most likely first. Those of a hinted country come before them.
    #[serde(default = "usual_tlds")]
    tlds: Vec<String>,
}

fn usual_tlds() -> Vec<String> {
    ["com", "org", "net"].map(str::to_owned).to_vec()
}

struct Guesser {
    dns: Dns,
    toll: Option<Arc<dyn Toll>>,
    tlds: Vec<String>,
    /// How long the second round of questions, which only casts doubt, may take.
    doubt_for: Duration,
    seed: u64,
}

/// A domain that has public addresses, its own or under `www.`.
struct Site {
    domain: String,
    has_www: bool,
    addresses: Vec<IpAddr>,
    ttl: Duration,
    /// Whether the other of the two could not be found out.
    is_half: bool,
}

pub(super) fn schema() -> Schema {
    schema_for!(GuessOptions)
}

pub(super) fn build(options: &Options, setting: &Setting<'_>) -> Built {
    let read: GuessOptions = options.read()?;
    let servers = read.servers.iter().map(|text| server(options, text)).collect::<Result<Vec<_>, _>>()?;
    let tlds = read.tlds.iter().map(|text| suffix(options, text)).collect::<Result<Vec<_>, _>>()?;
    // Both rounds fit into the time that will be waited, with some to spare.
    let patience = setting.timeout * 5 / 8;
    let doubt_for = setting.timeout / 4;
    Ok(Arc::new(Guesser {
        dns: setting.lines.dns(setting.name, &servers, patience),
        toll: setting.toll.clone(),
        tlds,
        doubt_for,
        seed: setting.seed,
    }))
}

fn server(options: &Options, text: &str) -> Result<SocketAddr, Problems> {
    let bare = text.trim_matches(['[', ']']).parse().map(|ip: IpAddr| SocketAddr::new(ip, PORT));
    text.parse().or(bare).map_err(|_| {
        options
            .wrong("servers", &format!("`{text}` is no address; expected one like `127.0.0.1:53` or `::1`"))
    })
}

fn suffix(options: &Options, text: &str) -> Result<String, Problems> {
    let bare = text.trim().trim_matches('.');
    idna::domain_to_ascii_strict(bare).ok().filter(|suffix| !suffix.is_empty()).ok_or_else(|| {
        options.wrong("tlds", &format!("`{text}` is no suffix of names; expected one like `com` or `co.uk`"))
    })
}

impl Backend for Guesser {
    fn family(&self) -> Family {
        Family::DNS
    }

    fn speaks_for_us(&self) -> bool {
        true
    }

    fn request(&self, query: &NameQuery) -> Ask {
        let domains = candidates::domains(query.name.shown(), &query.hints, &self.tlds);
        if domains.is_empty() { Ask::Skip(Reason::NotAsked) } else { Ask::Request(domains.join(" ")) }
    }

    fn upkeep(&self) {
        self.dns.upkeep();
    }

    fn ask<'a>(&'a self, query: &'a NameQuery) -> BoxFuture<'a, Result<Reply, Failure>> {
        Box::pin(async move {
            // What one name costs in questions to a resolver is not worth counting: it is one.
            if let Some(toll) = &self.toll {
                toll.pay().await?;
            }
            let domains = candidates::domains(query.name.shown(), &query.hints, &self.tlds);
            self.guess(domains).await
        })
    }
}

impl Guesser {
    async fn guess(&self, domains: Vec<String>) -> Result<Reply, Failure> {
        let asked = domains.len();
        let looked_up = join_all(domains.into_iter().map(|domain| self.site(domain))).await;
        let mut sites = Vec::new();
        let mut failures = Vec::new();
        for result in looked_up {
            match result {
                Ok(site) => sites.extend(site),
                Err(failure) => failures.push(failure),
            }
        }
        if failures.len() == asked
            && let Some(failure) = failures.pop()
        {
            return Err(failure);
        }
        let degraded = !failures.is_empty() || sites.iter().any(|site| site.is_half);
        let ttl = sites.iter().map(|site| site.ttl.clamp(*TTL.start(), *TTL.end())).min();
        Ok(Reply { hits: self.doubted(sites).await, ttl, degraded, ..Reply::default() })
    }

    /// Looks a domain up, with and without `www.`; `None` if it leads nowhere, or into a private
    /// network, or to a parking service. Where only one of the two could be found out, that one
    /// has to do.
    async fn site(&self, domain: String) -> Result<Option<Site>, Failure> {
        let www = format!("www.{domain}");
        let answers: [_; 2] = tokio::join!(self.dns.addresses(&domain), self.dns.addresses(&www)).into();
        let has_www = matches!(answers, [_, Ok(_)]);
        let mut found = Vec::new();
        let mut failure = None;
        for answer in answers {
            match answer {
                Ok(one) => found.push(one),
                Err(Missing::Failed(why)) => failure = Some(why),
                Err(Missing::NoSuchName | Missing::NoRecords) => {}
            }
        }
        let is_half = failure.is_some();
        if let Some(failure) = failure.filter(|_| found.is_empty()) {
            return Err(failure);
        }
        let ttl = found.iter().map(|found| found.ttl).min().unwrap_or_default();
        let addresses: Vec<IpAddr> = found.into_iter().flat_map(|found| found.addresses).collect();
        let counts = |ip: &IpAddr| is_public(*ip) && !parking::holds_address(*ip);
        let live = !addresses.is_empty() && addresses.iter().all(counts);
        Ok(live.then_some(Site { domain, has_www, addresses, ttl, is_half }))
    }

    /// The hits of the sites that stand up to doubt, then those that are parked. What could not be
    /// found out in time casts no doubt.
    async fn doubted(&self, sites: Vec<Site>) -> Vec<Hit> {
        let (parked, wildcards) = tokio::join!(
            join_all(sites.iter().map(|site| self.in_time(self.is_parked(&site.domain)))),
            self.wildcards(&sites),
        );
        let mut hits = Vec::new();
        let mut for_sale = Vec::new();
        for (site, parked) in sites.iter().zip(parked) {
            let wildcard = wildcards.get(suffix_of(&site.domain));
            if wildcard.is_some_and(|wildcard| wildcard.may_have_given(&site.addresses)) {
                continue;
            }
            if parked == Some(true) {
                for_sale.push(Hit { ceiling: Some(Confidence::Low), ..site.hit() });
            } else {
                hits.push(site.hit());
            }
        }
        hits.append(&mut for_sale);
        hits
    }

    async fn is_parked(&self, domain: &str) -> bool {
        let domain = registrable_domain(domain).unwrap_or(domain);
        let servers = self.dns.name_servers(domain).await.unwrap_or_default();
        servers.iter().any(|server| parking::holds_server(server))
    }

    /// What each suffix of `sites` gives to names that nobody has, where it gives them anything.
    async fn wildcards<'a>(&self, sites: &'a [Site]) -> BTreeMap<&'a str, Wildcard> {
        let suffixes: BTreeSet<&str> = sites.iter().map(|site| suffix_of(&site.domain)).collect();
        let probes = suffixes.into_iter().map(|suffix| async move {
            let answers = join_all(wildcard::labels(suffix, self.seed).map(|label| async move {
                let probe = format!("{label}.{suffix}");
                Some(self.in_time(self.dns.addresses(&probe)).await?.ok()?.addresses)
            }));
            Some((suffix, Wildcard::of(answers.await.into_iter().flatten())?))
        });
        join_all(probes).await.into_iter().flatten().collect()
    }

    async fn in_time<T>(&self, question: impl Future<Output = T>) -> Option<T> {
        tokio::time::timeout(self.doubt_for, question).await.ok()
    }
}

impl Site {
    /// The hit is called by its host: a title of our own making would look like evidence.
    fn hit(&self) -> Hit {
        let www = if self.has_www { "www." } else { "" };
        Hit::mention(self.domain.clone(), format!("https://{www}{}/", self.domain), "")
    }
}

/// What a domain is registered under: `co.uk` of `boots.co.uk`.
fn suffix_of(domain: &str) -> &str {
    domain.split_once('.').map_or(domain, |(_, suffix)| suffix)
}

#[cfg(test)]
mod tests;
