//! Time zones.

use super::written::{Written, written};
use crate::model::Zone;

/// The name of a time zone, `America/Los_Angeles`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneName(pub Zone);

impl Written for ZoneName {
    const NAME: &'static str = "ZoneName";
    const EXPECTED: &'static str = "a time zone such as UTC, Europe/Berlin or America/Los_Angeles";
    const PATTERN: &'static str = "^[A-Za-z0-9+/_-]+$";

    fn read(text: &str) -> Option<Self> {
        Zone::named(text).map(Self)
    }
}

written!(ZoneName);

impl From<ZoneName> for Zone {
    fn from(name: ZoneName) -> Self {
        name.0
    }
}
