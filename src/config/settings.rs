//! The keys of the configuration outside `backends`, with their defaults.
//!
//! The doc comments of fields are what `cnrp schema` and so an editor shows; they have no full stop.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use ipnet::IpNet;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    expect::ExpectationEntry,
    trace::Trace,
    values::{
        Address, HostName, ListedProperty, ListedSite, Mailbox, Net, OneOrMany, Origin, Period,
        PropertyEntry, Rate, Secret, Senders, SiteEntry, Size, Span, StoreUrl, Uri, at_least_one, converted,
        converted_list, converted_some, duration, positive_duration,
    },
};
use crate::model::{MailAddress, MailPattern, Property, SiteRule};

/// Everything outside `backends`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "Configuration")]
pub(super) struct Settings {
    pub(super) service: Service,
    pub(super) listen: Listen,
    pub(super) web: Web,
    pub(super) limits: Limits,
    pub(super) cache: Cache,
    pub(super) matching: Matching,
    /// A list of well-known domains, CSV with a column `domain` and perhaps `rank` or `weight`; none: the one
    /// that is built in
    pub(super) popularity: Option<PathBuf>,
    /// What the operator knows of sites better than any evidence; the first rule that fits decides
    #[serde(deserialize_with = "converted_list::<_, ListedSite, _>")]
    #[schemars(with = "Vec<SiteEntry>")]
    pub(super) sites: Vec<SiteRule>,
    /// A folder for what must survive a restart: budgets, suspensions, answers; none: nothing does
    pub(super) state: Option<PathBuf>,
    pub(super) admin: Admin,
    pub(super) drain: Drain,
    pub(super) log: Log,
    pub(super) trace: Trace,
    /// What answers must be: checked by `check`, and before a configuration takes effect
    pub(super) expect: Vec<ExpectationEntry>,
}

/// What we say of ourselves
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Service {
    /// The serviceuri, an absolute URI; none: that of the first bound listener
    pub uri: Option<Uri>,
    /// What the service is, in a line
    pub description: Option<String>,
    /// How long clients may keep the service object
    #[serde(deserialize_with = "duration")]
    #[schemars(with = "Span")]
    pub ttl: Duration,
    /// Properties of the service
    #[serde(deserialize_with = "converted_list::<_, ListedProperty, _>")]
    #[schemars(with = "Vec<PropertyEntry>")]
    pub properties: Vec<Property>,
    /// The serveruris as clients reach them; none: those of the bound listeners
    pub servers: Vec<Uri>,
}

impl Default for Service {
    fn default() -> Self {
        Self { uri: None, description: None, ttl: hours(12), properties: Vec::new(), servers: Vec::new() }
    }
}

/// The addresses we answer at
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Listen {
    /// CNRP over HTTP, and the pages
    #[serde(deserialize_with = "converted_list::<_, Address, _>")]
    #[schemars(with = "Vec<Address>")]
    pub http: Vec<SocketAddr>,
    /// The same inside TLS, with the certificate under tls
    #[serde(deserialize_with = "converted_list::<_, Address, _>")]
    #[schemars(with = "Vec<Address>")]
    pub https: Vec<SocketAddr>,
    /// The certificate of https, and of smtp after STARTTLS; its files are read again when they change
    pub tls: Option<Tls>,
    /// Load balancers whose connections to http and https begin with a header of the PROXY protocol; theirs must
    #[serde(deserialize_with = "converted_list::<_, Net, _>")]
    #[schemars(with = "Vec<Net>")]
    pub proxy_protocol: Vec<IpNet>,
    /// CNRP over UDP
    #[serde(deserialize_with = "converted_list::<_, Address, _>")]
    #[schemars(with = "Vec<Address>")]
    pub udp: Vec<SocketAddr>,
    /// CNRP by mail; none: no mail is taken
    pub smtp: Option<Smtp>,
    /// Health, metrics and status
    #[serde(deserialize_with = "converted::<_, Address, _>")]
    #[schemars(with = "Address")]
    pub admin: SocketAddr,
    /// Further Host names under which loopback listeners serve pages, JSON and admin
    #[serde(deserialize_with = "converted_list::<_, HostName, _>")]
    #[schemars(with = "Vec<HostName>")]
    pub hosts: Vec<String>,
}

impl Default for Listen {
    fn default() -> Self {
        Self {
            http: vec![loopback(1096), loopback(2757)],
            https: Vec::new(),
            tls: None,
            proxy_protocol: Vec::new(),
            udp: Vec::new(),
            smtp: None,
            admin: loopback(9096),
            hosts: Vec::new(),
        }
    }
}

/// Certificate and key, each a file in PEM
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// The certificate, and those that lead from it to its authority
    pub cert: PathBuf,
    /// Its private key, without a passphrase
    pub key: PathBuf,
    /// The authorities whose certificates clients have to show; none: clients show none
    pub client_ca: Option<PathBuf>,
}

/// CNRP by mail (RFC 3367 section 7.2)
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Smtp {
    /// Where a mail server hands questions over
    #[serde(default = "smtp_address", deserialize_with = "converted::<_, Address, _>")]
    #[schemars(with = "Address")]
    pub address: SocketAddr,
    /// The mailbox that is asked, and that answers come from
    #[serde(deserialize_with = "converted::<_, Mailbox, _>")]
    #[schemars(with = "Mailbox")]
    pub mailbox: MailAddress,
    /// The mail server that answers are handed to
    #[serde(default = "smtp_relay", deserialize_with = "converted::<_, Address, _>")]
    #[schemars(with = "Address")]
    pub relay: SocketAddr,
    /// Whose questions are answered, by envelope sender; for cnrp mail as well
    #[serde(default = "everybody", deserialize_with = "converted_some::<_, Senders, _>")]
    #[schemars(with = "OneOrMany<Senders>")]
    pub allow: Vec<MailPattern>,
    /// The mail servers that may connect
    #[serde(default = "loopbacks", deserialize_with = "converted_list::<_, Net, _>")]
    #[schemars(with = "Vec<Net>")]
    pub peers: Vec<IpNet>,
}

/// Who may use the operator's pages
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Admin {
    /// What a request has to bear (Authorization: Bearer) but for /livez and /readyz; needed off loopback
    pub token: Option<Secret>,
}

/// The pages and JSON; false leaves POST / alone
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Web {
    /// Whether pages and JSON are served
    pub enabled: bool,
    /// Further origins whose pages may POST to us
    #[serde(deserialize_with = "converted_list::<_, Origin, _>")]
    #[schemars(with = "Vec<Origin>")]
    pub origins: Vec<String>,
}

impl Default for Web {
    fn default() -> Self {
        Self { enabled: true, origins: Vec::new() }
    }
}

/// What one question may cost, and one client
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// The longest common name, in characters (D31)
    #[serde(deserialize_with = "at_least_one")]
    #[schemars(range(min = 1))]
    pub name_length: usize,
    /// An answer is sent by then, with what is there
    #[serde(deserialize_with = "positive_duration")]
    #[schemars(with = "Span")]
    pub deadline: Duration,
    /// How long the others get once an asserted name is in hand
    #[serde(deserialize_with = "duration")]
    #[schemars(with = "Span")]
    pub grace: Duration,
    /// The longest request
    #[serde(deserialize_with = "converted::<_, Size, _>")]
    #[schemars(with = "Size")]
    pub request_size: usize,
    /// The most results of one answer; a range reaches the rest
    #[serde(deserialize_with = "at_least_one")]
    #[schemars(range(min = 1))]
    pub results: usize,
    /// The most questions at a time; more are refused at once
    #[serde(deserialize_with = "at_least_one")]
    #[schemars(range(min = 1))]
    pub in_flight: usize,
    /// What one client may ask
    pub per_client: PerClient,
    /// Proxies whose X-Forwarded-For and Forwarded headers are believed
    #[serde(deserialize_with = "converted_list::<_, Net, _>")]
    #[schemars(with = "Vec<Net>")]
    pub trusted_proxies: Vec<IpNet>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            name_length: 1024,
            deadline: Duration::from_millis(2500),
            grace: Duration::from_millis(300),
            request_size: 64 << 10,
            results: 100,
            in_flight: 1024,
            per_client: PerClient::default(),
            trusted_proxies: Vec::new(),
        }
    }
}

/// What one client may ask; one of IPv6 is a /56
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PerClient {
    /// The pace that is kept
    pub rate: Rate,
    /// How many may come at once
    #[serde(deserialize_with = "at_least_one")]
    #[schemars(range(min = 1))]
    pub burst: u32,
    /// Clients without a limit
    #[serde(deserialize_with = "converted_list::<_, Net, _>")]
    #[schemars(with = "Vec<Net>")]
    pub exempt: Vec<IpNet>,
}

impl Default for PerClient {
    fn default() -> Self {
        Self { rate: Rate { count: 20, period: Period::Second }, burst: 50, exempt: loopbacks() }
    }
}

/// What is remembered of backends' answers
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Cache {
    /// The most memory it takes
    #[serde(deserialize_with = "converted::<_, Size, _>")]
    #[schemars(with = "Size")]
    pub size: u64,
    /// How long an answer is good, for backends that say nothing
    #[serde(deserialize_with = "duration")]
    #[schemars(with = "Span")]
    pub ttl: Duration,
    /// How long it is remembered that a backend knows nothing
    #[serde(deserialize_with = "duration")]
    #[schemars(with = "Span")]
    pub negative_ttl: Duration,
    /// How long an expired answer may still serve when backends fail (RFC 8767)
    #[serde(deserialize_with = "duration")]
    #[schemars(with = "Span")]
    pub stale: Duration,
    /// ... or are slower than this; at most half the backend's timeout takes effect
    #[serde(deserialize_with = "duration")]
    #[schemars(with = "Span")]
    pub stale_after: Duration,
    /// A Redis or Valkey that several gateways share; none: each remembers for itself
    pub shared: Option<Shared>,
}

/// A Redis or Valkey that several gateways share: what one has asked, the others know
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Shared {
    /// Where it is
    pub url: StoreUrl,
    /// The user of its access list; none: its default user
    pub user: Option<String>,
    /// The password; none: it wants none
    pub password: Option<Secret>,
}

impl Default for Cache {
    fn default() -> Self {
        Self {
            size: 64 << 20,
            ttl: hours(1),
            negative_ttl: Duration::from_secs(60),
            stale: hours(24),
            stale_after: Duration::from_millis(800),
            shared: None,
        }
    }
}

/// How questions are understood
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Matching {
    /// Whether language, geography and category filter instead of rank
    pub strict_hints: bool,
    /// What becomes of referrals to other services
    pub referrals: Referrals,
}

/// What becomes of a referral
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Referrals {
    /// It goes to the client
    #[default]
    Return,
    /// The service that it names is asked for the client
    Follow,
}

/// How long answers under way get when the gateway stops
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(from = "Span")]
#[schemars(with = "Span")]
pub(super) struct Drain(pub(super) Duration);

impl From<Span> for Drain {
    fn from(span: Span) -> Self {
        Self(span.0)
    }
}

impl Default for Drain {
    fn default() -> Self {
        Self(Duration::from_secs(5))
    }
}

/// What is logged, on stderr
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// Lines for people, or JSON
    pub format: LogFormat,
    /// Whether the names that are asked for are logged
    pub names: bool,
}

/// The form of the log
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// A line for people
    #[default]
    Text,
    /// A JSON object a line
    Json,
}

const fn hours(count: u64) -> Duration {
    Duration::from_secs(count * 3_600)
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

fn loopbacks() -> Vec<IpNet> {
    vec![IpNet::from(IPV4_LOOPBACK), IpNet::from(IPV6_LOOPBACK)]
}

fn smtp_address() -> SocketAddr {
    loopback(2525)
}

fn smtp_relay() -> SocketAddr {
    loopback(25)
}

fn everybody() -> Vec<MailPattern> {
    MailPattern::parse("*").into_iter().collect()
}

const IPV4_LOOPBACK: ipnet::Ipv4Net = ipnet::Ipv4Net::new_assert(std::net::Ipv4Addr::new(127, 0, 0, 0), 8);
const IPV6_LOOPBACK: ipnet::Ipv6Net = ipnet::Ipv6Net::new_assert(std::net::Ipv6Addr::LOCALHOST, 128);
