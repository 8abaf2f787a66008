//! Rules about sites: what the operator knows better than any evidence.

use schemars::JsonSchema;
use serde::Deserialize;

use super::written::{Written, written};
use crate::model::{CommonName, Effect, HostPattern, SiteRule};

/// A host and every host below it; with `*.` in front those below it alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteHost(pub HostPattern);

impl Written for SiteHost {
    const NAME: &'static str = "SiteHost";
    const EXPECTED: &'static str = "a host without scheme and port, such as example.com or *.example.com";
    const PATTERN: &'static str = "^(\\*\\.)?[^/:@\\s*]+$";

    fn read(text: &str) -> Option<Self> {
        HostPattern::parse(text).map(Self)
    }
}

written!(SiteHost);

/// One rule: which results it is for, and exactly one of weight, drop and pin.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SiteEntry {
    /// The host, and every host below it; `*.example.com` is those below it alone
    pub host: SiteHost,
    /// What the path begins with, in whole segments; none: every page
    pub path: Option<String>,
    /// The name that it holds for, however it is written; none: every name
    pub name: Option<String>,
    /// How many times its votes count
    pub weight: Option<f64>,
    /// It is no result
    #[serde(default)]
    pub drop: bool,
    /// It is first, and taken for asserted by the operator
    #[serde(default)]
    pub pin: bool,
}

/// A rule, checked.
#[derive(Debug, Deserialize)]
#[serde(try_from = "SiteEntry")]
pub(in super::super) struct ListedSite(SiteRule);

impl TryFrom<SiteEntry> for ListedSite {
    type Error = String;

    /// # Errors
    /// What is wrong with keys that are right by themselves.
    fn try_from(entry: SiteEntry) -> Result<Self, String> {
        let effect = match (entry.weight, entry.drop, entry.pin) {
            (Some(weight), false, false) if weight > 0.0 && weight.is_finite() => Effect::Weight(weight),
            (Some(weight), false, false) => return Err(format!("expected a weight above 0, found {weight}")),
            (None, true, false) => Effect::Drop,
            (None, false, true) => Effect::Pin,
            _ => return Err("expected exactly one of `weight`, `drop: true` and `pin: true`".to_owned()),
        };
        let name = entry.name.as_deref().map(|name| CommonName::new(name).ok_or("expected a name in `name`"));
        let name = name.transpose()?;
        if effect == Effect::Pin && name.is_none() {
            return Err(
                "expected a `name` beside `pin`: a site is first for one name, not for all".to_owned()
            );
        }
        let path = entry.path.unwrap_or_default().trim_matches('/').to_owned();
        Ok(Self(SiteRule { host: entry.host.0, path, name, effect }))
    }
}

impl From<ListedSite> for SiteRule {
    fn from(listed: ListedSite) -> Self {
        listed.0
    }
}
