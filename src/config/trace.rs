//! The key `trace`: who is told of what is done for requests.

use schemars::JsonSchema;
use serde::Deserialize;

use super::values::{Headers, HttpUrl, share};

/// Spans of what is done for requests, sent to a collector
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Trace {
    /// A collector that takes OTLP over HTTP, such as http://127.0.0.1:4318; none: nothing is sent
    pub otlp: Option<HttpUrl>,
    /// The share of the requests that is told of where no traceparent says whether, from 0 to 1
    #[serde(deserialize_with = "share")]
    #[schemars(range(min = 0, max = 1))]
    pub share: f64,
    /// Further request headers
    pub headers: Headers,
}

impl Default for Trace {
    fn default() -> Self {
        Self { otlp: None, share: 1.0, headers: Headers::default() }
    }
}
