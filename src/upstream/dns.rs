//! Looking names up in DNS, and telling apart what a missing answer can mean.
//!
//! "There is no such name" is an answer, to be remembered; "nobody answered" is none. A lookup is
//! bounded as a whole, whatever the number of servers, retries and record types within it.

use std::{net::IpAddr, net::SocketAddr, time::Duration};

use hickory_resolver::{
    config::{ResolveHosts, ResolverOpts},
    lookup::Lookup,
    net::{DnsError, NetError},
    proto::rr::{Name, RData, RecordType},
};

use super::{
    lines::{Asked, Line},
    machine::has_no_descriptor,
    servers::Servers,
};
use crate::model::{Failure, Reason};

/// The addresses of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// In no particular order; never empty.
    pub addresses: Vec<IpAddr>,
    /// The shortest of the records.
    pub ttl: Duration,
}

/// Why there are no records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// The name does not exist, nor anything below it (NXDOMAIN, RFC 8020).
    NoSuchName,
    /// The name exists, without such records (NODATA).
    NoRecords,
    /// Nobody could say.
    Failed(Failure),
}

impl From<Failure> for Missing {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// A DNS client. It keeps no answers: whoever asks keeps what they make of them.
pub struct Dns {
    servers: Servers,
    patience: Duration,
    /// Where what is said is written down, or was.
    line: Option<Line>,
}

impl Dns {
    /// A client of `servers`, or of the system's where there are none. A lookup takes no longer
    /// than `patience`, within which it is tried twice.
    pub fn new(servers: &[SocketAddr], patience: Duration) -> Self {
        let options = options(patience);
        let of_the_system = servers.is_empty();
        let servers =
            if of_the_system { Servers::of_the_system(options) } else { Servers::of(servers, options) };
        Self { servers, patience, line: None }
    }

    /// The same client, on a line that writes down what is said.
    pub(super) fn over(self, line: Line) -> Self {
        Self { line: Some(line), ..self }
    }

    /// A client that asks no server, but a line on which everything was said before.
    pub(super) fn replayed(line: Line, patience: Duration) -> Self {
        Self { servers: Servers::none("this is a replay"), patience, line: Some(line) }
    }

    /// Follows the system to other servers, where it is the system's that are asked. To be called from
    /// time to time, on a thread that may block.
    pub fn upkeep(&self) {
        self.servers.look_again();
    }

    /// The IPv4 and IPv6 addresses of `host`.
    ///
    /// # Errors
    /// Why there are none. One kind failing does not hide what the other knows.
    pub async fn addresses(&self, host: &str) -> Result<Found, Missing> {
        match &self.line {
            Some(line) => line.said(Asked::Addresses(host.to_owned()), self.ask_addresses(host)).await,
            None => self.ask_addresses(host).await,
        }
    }

    async fn ask_addresses(&self, host: &str) -> Result<Found, Missing> {
        let (v4, v6) = tokio::join!(self.lookup(host, RecordType::A), self.lookup(host, RecordType::AAAA));
        let lookups = [v4, v6];
        let records = || lookups.iter().flatten().flat_map(Lookup::answers);
        let addresses: Vec<IpAddr> = records().filter_map(|record| address(&record.data)).collect();
        if !addresses.is_empty() {
            let ttl = records().map(|record| record.ttl).min().unwrap_or_default();
            return Ok(Found { addresses, ttl: Duration::from_secs(ttl.into()) });
        }
        Err(worst(lookups.into_iter().filter_map(Result::err)))
    }

    /// The names of the servers of the zone `domain`, in lower case, without the last dot.
    ///
    /// # Errors
    /// Why there are none.
    pub async fn name_servers(&self, domain: &str) -> Result<Vec<String>, Missing> {
        match &self.line {
            Some(line) => {
                line.said(Asked::NameServers(domain.to_owned()), self.ask_name_servers(domain)).await
            }
            None => self.ask_name_servers(domain).await,
        }
    }

    async fn ask_name_servers(&self, domain: &str) -> Result<Vec<String>, Missing> {
        let lookup = self.lookup(domain, RecordType::NS).await?;
        let names = lookup.answers().iter().filter_map(|record| match &record.data {
            RData::NS(server) => Some(server.0.to_lowercase().to_ascii().trim_end_matches('.').to_owned()),
            _ => None,
        });
        Ok(names.collect())
    }

    async fn lookup(&self, host: &str, kind: RecordType) -> Result<Lookup, Missing> {
        let asker = self.servers.asker().map_err(|why| Failure::new(Reason::Unreachable, why))?;
        let mut name = Name::from_ascii(host)
            .map_err(|error| Failure::new(Reason::Malformed, format!("{host} is no host name: {error}")))?;
        // Fully qualified: the search list of the machine has no say in what a stranger asks.
        name.set_fqdn(true);
        let lookup = tokio::time::timeout(self.patience, asker.lookup(name, kind)).await;
        let silent = || Failure::new(Reason::TimedOut, "no DNS server answered in time");
        lookup.map_err(|_| silent())?.map_err(|error| missing(&error))
    }
}

fn options(patience: Duration) -> ResolverOpts {
    let mut options = ResolverOpts::default();
    options.cache_size = 0;
    options.use_hosts_file = ResolveHosts::Never;
    // Retries, not tries.
    options.attempts = 1;
    options.timeout = patience / 2;
    options
}

fn address(data: &RData) -> Option<IpAddr> {
    match data {
        RData::A(v4) => Some(IpAddr::V4(v4.0)),
        RData::AAAA(v6) => Some(IpAddr::V6(v6.0)),
        _ => None,
    }
}

fn missing(error: &NetError) -> Missing {
    if error.is_nx_domain() {
        return Missing::NoSuchName;
    }
    if error.is_no_records_found() {
        return Missing::NoRecords;
    }
    let unreached = match error {
        NetError::Io(error) => Some(Some(error.as_ref())),
        NetError::NoConnections => Some(None),
        _ => None,
    };
    if unreached.is_some_and(has_no_descriptor) {
        return Failure::without_descriptors().into();
    }
    let reason = match error {
        NetError::Timeout => Reason::TimedOut,
        NetError::Proto(_) => Reason::Malformed,
        NetError::Io(error) => match error.kind() {
            std::io::ErrorKind::ConnectionRefused => Reason::Refused,
            std::io::ErrorKind::ConnectionReset => Reason::Reset,
            std::io::ErrorKind::TimedOut => Reason::TimedOut,
            _ => Reason::Unreachable,
        },
        _ => Reason::Unreachable,
    };
    let detail = match error {
        NetError::Dns(DnsError::ResponseCode(code)) => format!("the DNS server answered {code}"),
        other => format!("DNS: {other}"),
    };
    Missing::Failed(Failure::new(reason, detail))
}

/// Of the reasons why neither kind of address is there, the one that claims least.
fn worst(reasons: impl Iterator<Item = Missing>) -> Missing {
    let rank = |missing: &Missing| match missing {
        Missing::NoSuchName => 0,
        Missing::NoRecords => 1,
        Missing::Failed(_) => 2,
    };
    reasons.max_by_key(rank).unwrap_or(Missing::NoRecords)
}
