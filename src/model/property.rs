//! Properties: the named, typed strings of which CNRP objects are made (RFC 3367 section 4.1).

use serde::{Deserialize, Serialize};

/// The type of a property that names none (the DTD's default).
pub const FREEFORM: &str = "freeform";

/// One property. Names and types are compared without regard to ASCII case (D7).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Property {
    /// What is described: `language`, `geography`, `category`, `range`, `dataseturi`, ...
    pub name: String,
    /// How the value is to be read: `rfc1766`, `iso3166-1`, `freeform`, ...
    pub kind: String,
    pub value: String,
}

impl Property {
    /// A property of the given name, type and value.
    pub fn new(name: impl Into<String>, kind: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), kind: kind.into(), value: value.into() }
    }

    /// Whether this is the property `name`, in any spelling of case.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}
