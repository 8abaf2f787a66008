//! What answers must not hold.

use super::{
    HostName, Uri,
    written::{Written, written},
};

/// What is not to be found.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Unwanted {
    /// One resource, by its URI.
    Resource(String),
    /// Everything at a host or below it.
    Host(String),
}

impl Written for Unwanted {
    const NAME: &'static str = "UriOrHost";
    const EXPECTED: &'static str = "an absolute URI or a host name such as names.example.com";
    const PATTERN: &'static str = "^\\S+$";

    fn read(text: &str) -> Option<Self> {
        let host = HostName::read(text).map(|HostName(host)| Self::Host(host));
        host.or_else(|| Uri::read(text).map(|Uri(uri)| Self::Resource(uri)))
    }
}

written!(Unwanted);
