//! Site rules: what the operator knows of sites better than any evidence. A rule names a host, perhaps
//! a path and a name, and does one thing: drops what it fits, puts it first, or weighs its votes.
//!
//! The first rule that fits decides, so an exception stands before what it is an exception from.

use super::{CommonName, ResourceUrl};

/// One rule.
#[derive(Debug, Clone, PartialEq)]
pub struct SiteRule {
    pub host: HostPattern,
    /// What the path begins with, whole segments, without a slash at either end; empty: every path.
    pub path: String,
    /// The name that it is for, by [`CommonName::key`]; `None`: every name.
    pub name: Option<CommonName>,
    pub effect: Effect,
}

/// What a rule does with a result that it fits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Effect {
    /// It is no result.
    Drop,
    /// It is asserted by the operator (tier A), and first.
    Pin,
    /// Its votes count so many times.
    Weight(f64),
}

/// A host and what lies below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPattern {
    /// In the form of DNS, lower case.
    host: String,
    /// Whether the host itself is meant as well as those below it.
    with_itself: bool,
}

impl HostPattern {
    /// Reads `example.com`, which is it and every host below it, or `*.example.com`, which is those
    /// below it alone.
    pub fn parse(text: &str) -> Option<Self> {
        let (host, with_itself) = match text.trim().strip_prefix("*.") {
            Some(below) => (below, false),
            None => (text.trim(), true),
        };
        let host = idna::domain_to_ascii_strict(host.trim_end_matches('.')).ok()?;
        (!host.is_empty() && !host.contains('/')).then_some(Self { host, with_itself })
    }

    fn holds(&self, host: &str) -> bool {
        match host.strip_suffix(self.host.as_str()) {
            Some("") => self.with_itself,
            Some(below) => below.ends_with('.'),
            None => false,
        }
    }
}

impl SiteRule {
    /// Whether the rule is for this resource when this name is asked for.
    pub fn fits(&self, url: &ResourceUrl, name: &CommonName) -> bool {
        let is_its_name = self.name.as_ref().is_none_or(|own| own.key() == name.key());
        is_its_name && self.host.holds(url.host()) && self.holds_path(url.path())
    }

    fn holds_path(&self, path: &str) -> bool {
        let rest = path.strip_prefix('/').unwrap_or(path).strip_prefix(self.path.as_str());
        self.path.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Vouched;

    fn fits(host: &str, path: &str, uri: &str) -> bool {
        let rule = SiteRule {
            host: HostPattern::parse(host).unwrap(),
            path: path.to_owned(),
            name: Some(CommonName::new("Toys R Us").unwrap()),
            effect: Effect::Drop,
        };
        let url = ResourceUrl::parse(uri, Vouched::BySearch).unwrap();
        let is_for_others = rule.fits(&url, &CommonName::new("others").unwrap());
        assert!(!is_for_others);
        rule.fits(&url, &CommonName::new("toys\"r\"us").unwrap())
    }

    #[test]
    fn a_host_is_it_and_what_lies_below_it() {
        assert!(fits("example.com", "", "https://example.com/x"));
        assert!(fits("Example.com", "", "https://a.b.example.com:8443/"));
        assert!(!fits("example.com", "", "https://notexample.com/"));
        assert!(!fits("*.example.com", "", "https://example.com/"));
        assert!(fits("*.example.com", "", "https://www.example.com/"));
        assert!(fits("bücher.example", "", "https://xn--bcher-kva.example/"));
    }

    #[test]
    fn a_path_is_whole_segments() {
        assert!(fits("example.com", "a/b", "https://example.com/a/b/c?q=1"));
        assert!(fits("example.com", "a", "https://example.com/a/"));
        assert!(!fits("example.com", "a", "https://example.com/ab"));
        assert!(!fits("example.com", "a", "https://example.com/"));
    }

    #[test]
    fn what_is_no_host_is_none() {
        for text in ["", "*", "a b", "https://example.com/"] {
            assert_eq!(HostPattern::parse(text), None, "{text}");
        }
    }
}
