//! The service object: who answers, from which datasets, through which servers, and by which
//! schema (RFC 3367 sections 4.2.3 and 4.2.6).

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Property;

/// A CNRP service. Identified by its `uri` alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// The serviceuri, absolute (R1, R11).
    pub uri: String,
    /// How long this object may be kept since it was retrieved.
    pub ttl: Option<Duration>,
    pub datasets: Vec<Dataset>,
    pub servers: Vec<Server>,
    pub description: Option<String>,
    pub properties: Vec<Property>,
    /// Sent in answer to a servicequery; left out where the service only names an origin.
    pub schema: Option<Schema>,
}

impl Service {
    /// A service of which only the serviceuri is known.
    pub fn named(uri: impl Into<String>) -> Self {
        Self { uri: uri.into(), ..Self::default() }
    }
}

/// A set of names and their resources (RFC 3367 section 4.2.3.1).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dataset {
    /// The dataseturi, absolute. `None` for a stranger's dataset that declares none.
    pub uri: Option<String>,
    /// Everything else that describes it: description, language, ...
    pub properties: Vec<Property>,
}

/// Where a service is reached (RFC 3367 section 4.2.3.2).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Server {
    pub uri: String,
    pub properties: Vec<Property>,
}

/// Which properties a service knows, and where each may stand (RFC 3367 section 4.2.6).
/// References are indexes into `declarations`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schema {
    pub declarations: Vec<PropertyDeclaration>,
    pub query: Vec<PropertyReference>,
    pub resource: Vec<PropertyReference>,
    pub service: Vec<PropertyReference>,
}

/// A property and the types its values may have.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PropertyDeclaration {
    pub name: String,
    pub types: Vec<String>,
    /// Which of `types` is the default.
    pub default: Option<usize>,
}

/// The use of a declared property in one of the schemas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PropertyReference {
    pub declaration: usize,
    pub required: bool,
}
