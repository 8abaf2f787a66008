//! What is written down of what a backend and the network say to each other.

use std::{collections::BTreeMap, net::IpAddr, time::Duration};

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{HeaderName, Request, Response, header};
use serde::{Deserialize, Serialize};

use super::super::{Found, Missing};
pub use crate::config::REDACTED;
use crate::model::{Failure, Reason};

/// The headers of a reply that backends read; no other is written down.
const HEADERS: [&str; 11] = [
    "age",
    "cache-control",
    "cf-mitigated",
    "content-language",
    "content-type",
    "date",
    "expires",
    "retry-after",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
];

/// One question to the network, and its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    /// The configured name of the backend that asked.
    pub backend: String,
    pub asked: Asked,
    /// `None`: nothing had come by the time the question was answered.
    pub answer: Option<Answered>,
    /// From the question to its answer, in milliseconds.
    pub took_ms: u64,
}

/// What a backend asks of the network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Asked {
    /// An HTTP request, its headers left out.
    Http {
        method: String,
        url: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        body: Option<Body>,
    },
    /// The addresses of a host.
    Addresses(String),
    /// The name servers of a domain.
    NameServers(String),
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Answered {
    Http {
        status: u16,
        headers: BTreeMap<String, String>,
        body: Body,
    },
    Addresses {
        addresses: Vec<IpAddr>,
        ttl_s: u64,
    },
    NameServers(Vec<String>),
    /// The name does not exist.
    NoSuchName,
    /// The name exists, without such records.
    NoRecords,
    /// The network failed; the reason is one of the closed list.
    Failed {
        reason: String,
        detail: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after_s: Option<u64>,
    },
}

/// The body of a message: as text where it is UTF-8.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Body {
    Text(String),
    Bytes { base64: String },
}

impl Body {
    /// The body of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text(text.to_owned()),
            Err(_) => Self::Bytes { base64: BASE64_STANDARD.encode(bytes) },
        }
    }

    /// Its bytes; those of no base64 are none.
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.clone().into_bytes(),
            Self::Bytes { base64 } => BASE64_STANDARD.decode(base64).unwrap_or_default(),
        }
    }
}

impl Asked {
    /// What an HTTP request asks.
    pub(super) fn of(request: &Request<Bytes>) -> Self {
        Self::Http {
            method: request.method().to_string(),
            url: request.uri().to_string(),
            body: (!request.body().is_empty()).then(|| Body::of(request.body())),
        }
    }
}

/// What is said over a line, as it is written down and read again.
pub(in super::super) trait Spoken: Sized {
    fn written(&self) -> Answered;
    /// Reads what was written; what does not fit the question is a failure.
    fn read(answered: Answered) -> Self;
    fn failed(failure: Failure) -> Self;
}

impl Spoken for Result<Response<Bytes>, Failure> {
    fn written(&self) -> Answered {
        let reply = match self {
            Ok(reply) => reply,
            Err(failure) => return written(failure),
        };
        let header = |name: &&str| {
            let value = reply.headers().get(*name)?;
            Some(((*name).to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        };
        Answered::Http {
            status: reply.status().as_u16(),
            headers: HEADERS.iter().filter_map(header).collect(),
            body: Body::of(reply.body()),
        }
    }

    fn read(answered: Answered) -> Self {
        let Answered::Http { status, headers, body } = answered else { return Err(failure(answered)) };
        let mut reply = Response::builder().status(status);
        for (name, value) in headers.iter().filter(|(name, _)| *name != header::CONTENT_ENCODING.as_str()) {
            reply = reply.header(HeaderName::try_from(name).map_err(|_| misfit())?, value);
        }
        reply.body(Bytes::from(body.bytes())).map_err(|_| misfit())
    }

    fn failed(failure: Failure) -> Self {
        Err(failure)
    }
}

impl Spoken for Result<Found, Missing> {
    fn written(&self) -> Answered {
        match self {
            Ok(Found { addresses, ttl }) => {
                Answered::Addresses { addresses: addresses.clone(), ttl_s: ttl.as_secs() }
            }
            Err(missing) => missed(missing),
        }
    }

    fn read(answered: Answered) -> Self {
        match answered {
            Answered::Addresses { addresses, ttl_s } if !addresses.is_empty() => {
                Ok(Found { addresses, ttl: Duration::from_secs(ttl_s) })
            }
            other => Err(missing(other)),
        }
    }

    fn failed(failure: Failure) -> Self {
        Err(Missing::Failed(failure))
    }
}

impl Spoken for Result<Vec<String>, Missing> {
    fn written(&self) -> Answered {
        match self {
            Ok(servers) => Answered::NameServers(servers.clone()),
            Err(missing) => missed(missing),
        }
    }

    fn read(answered: Answered) -> Self {
        match answered {
            Answered::NameServers(servers) => Ok(servers),
            other => Err(missing(other)),
        }
    }

    fn failed(failure: Failure) -> Self {
        Err(Missing::Failed(failure))
    }
}

fn missed(missing: &Missing) -> Answered {
    match missing {
        Missing::NoSuchName => Answered::NoSuchName,
        Missing::NoRecords => Answered::NoRecords,
        Missing::Failed(failure) => written(failure),
    }
}

fn missing(answered: Answered) -> Missing {
    match answered {
        Answered::NoSuchName => Missing::NoSuchName,
        Answered::NoRecords => Missing::NoRecords,
        other => Missing::Failed(failure(other)),
    }
}

fn written(failure: &Failure) -> Answered {
    Answered::Failed {
        reason: failure.reason.word().to_owned(),
        detail: failure.detail.clone(),
        retry_after_s: failure.retry_after.map(|pause| pause.as_secs()),
    }
}

fn failure(answered: Answered) -> Failure {
    let Answered::Failed { reason, detail, retry_after_s } = answered else { return misfit() };
    let Some(reason) = Reason::parse(&reason) else { return misfit() };
    Failure { retry_after: retry_after_s.map(Duration::from_secs), ..Failure::new(reason, detail) }
}

fn misfit() -> Failure {
    Failure::new(Reason::Malformed, "the record holds an answer that does not fit its question")
}
