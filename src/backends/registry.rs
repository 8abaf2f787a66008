//! The table of backend types. A new one is a file beside this and a line here.

use std::{
    path::Path,
    sync::{Arc, OnceLock},
    time::Duration,
};

use url::Url;

use super::{
    brave, cnrp,
    discreet::discreet,
    dns, duckduckgo, html, json, kagi, marginalia, mojeek, opensearch, searxng, static_names,
    wikimedia::{wikidata, wikipedia},
};
use crate::{
    config::{Options, Problems},
    model::{Backend, Clock, Toll},
    upstream::Lines,
};

/// What a backend is built from, beside its options.
pub struct Setting<'a> {
    /// Its configured name.
    pub name: &'a str,
    /// What relative paths are relative to: the folder of the configuration file.
    pub folder: &'a Path,
    pub clock: Arc<dyn Clock>,
    /// How it reaches what it asks.
    pub lines: Lines,
    /// How long it will be waited for: what takes longer is thrown away.
    pub timeout: Duration,
    /// Paid for each request to the upstream, where they are counted.
    pub toll: Option<Arc<dyn Toll>>,
    /// A number that strangers can't know, drawn once for each start of the process.
    pub seed: u64,
    pub chain: Chain,
}

/// What a backend has to know that asks other gateways.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chain {
    /// What `Via` headers call us (D37).
    pub pseudonym: String,
    /// The serviceuri that the configuration gives the backend.
    pub service: Option<String>,
    /// The dataset that it is configured to serve.
    pub dataset: Option<String>,
    /// Whether referrals are followed for the client.
    pub follows: bool,
    /// Where every other service is reached that the configuration names, so that a referral may lead
    /// there as well. Known once all backends are built.
    pub places: Arc<OnceLock<Vec<Url>>>,
}

/// A backend that was built, or what is wrong with its options.
pub type Built = Result<Arc<dyn Backend>, Problems>;

/// One type of backend.
pub struct Registration {
    /// The `type:` of the configuration.
    pub kind: &'static str,
    build: fn(&Options, &Setting<'_>) -> Built,
    /// The JSON Schema of its options.
    pub schema: fn() -> schemars::Schema,
}

impl Registration {
    /// Builds a backend of this type, which says none of its secrets.
    ///
    /// # Errors
    /// Every mistake in its options.
    pub fn build(&self, options: &Options, setting: &Setting<'_>) -> Built {
        let backend = (self.build)(options, setting)?;
        Ok(discreet(backend, options.secrets(self.kind)))
    }
}

/// Every type of backend.
pub const REGISTRY: &[Registration] = &[
    Registration { kind: "static", build: static_names::build, schema: static_names::schema },
    Registration { kind: "dns", build: dns::build, schema: dns::schema },
    Registration { kind: "cnrp", build: cnrp::build, schema: cnrp::schema },
    Registration { kind: "searxng", build: searxng::build, schema: searxng::schema },
    Registration { kind: "brave", build: brave::build, schema: brave::schema },
    Registration { kind: "kagi", build: kagi::build, schema: kagi::schema },
    Registration { kind: "mojeek", build: mojeek::build, schema: mojeek::schema },
    Registration { kind: "marginalia", build: marginalia::build, schema: marginalia::schema },
    Registration { kind: "duckduckgo", build: duckduckgo::build, schema: duckduckgo::schema },
    Registration { kind: "wikipedia", build: wikipedia::build, schema: wikipedia::schema },
    Registration { kind: "wikidata", build: wikidata::build, schema: wikidata::schema },
    Registration { kind: "opensearch", build: opensearch::build, schema: opensearch::schema },
    Registration { kind: "json", build: json::build, schema: json::schema },
    Registration { kind: "html", build: html::build, schema: html::schema },
];

/// Engines that there is no type for, and why: an operator who looks for one is told what to take.
const UNSERVED: &[(&str, &str)] = &[
    (
        "google",
        "Google's Custom Search JSON API takes no new customers and ends on 1 January 2027, so there is no type for \
         it; take `brave`, `kagi`, `mojeek`, or a `searxng` that asks Google",
    ),
    (
        "bing",
        "the Bing Web Search API was switched off on 11 August 2025; take `brave`, `kagi`, `mojeek`, or a `searxng` \
         that asks Bing",
    ),
];

/// Why there is no type for a well-known engine; `None` for a word that is none.
pub fn unserved(kind: &str) -> Option<&'static str> {
    UNSERVED.iter().find(|(known, _)| *known == kind).map(|(_, why)| *why)
}
