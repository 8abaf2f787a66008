//! Our service object: what we are, which datasets we serve, where we are reached, and by which
//! properties one may ask (RFC 3367 sections 4.2.3 and 4.2.6, R18).

use std::{sync::Arc, time::Duration};

use crate::{
    model::{Dataset, Property, PropertyDeclaration, PropertyReference, Schema, Server, Service},
    protocol::vocabulary as v,
};

/// What an operator says of the service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Description {
    /// The serviceuri, absolute.
    pub uri: String,
    pub description: Option<String>,
    pub ttl: Duration,
    pub properties: Vec<Property>,
    /// The serveruris as clients reach them.
    pub servers: Vec<String>,
    pub datasets: Vec<Dataset>,
}

/// The same service in two lengths.
#[derive(Debug, Clone)]
pub struct OwnService {
    /// In front of every answer: enough to refer to.
    pub brief: Arc<Service>,
    /// In answer to a servicequery: everything.
    pub full: Arc<Service>,
}

impl OwnService {
    /// Both lengths of the service described.
    pub fn new(described: Description) -> Self {
        let brief = Service {
            uri: described.uri,
            ttl: Some(described.ttl),
            datasets: described.datasets,
            description: described.description,
            ..Service::default()
        };
        let full = Service {
            servers: described
                .servers
                .into_iter()
                .map(|uri| Server { uri, properties: Vec::new() })
                .collect(),
            schema: Some(schema(&described.properties)),
            properties: described.properties,
            ..brief.clone()
        };
        Self { brief: Arc::new(brief), full: Arc::new(full) }
    }
}

/// The properties that every service of ours knows, each with its types, the default first.
const KNOWN: [(&str, &[&str]); 6] = [
    (v::LANGUAGE, &[v::RFC1766, v::FREEFORM]),
    (v::GEOGRAPHY, &[v::ISO3166_1, v::ISO3166_2, v::FREEFORM, v::LAT_LONG, v::POSTALCODE]),
    (v::CATEGORY, &[v::FREEFORM, v::NAICS]),
    (v::RANGE, &[v::START_LENGTH, v::RANGE]),
    (v::DATASETURI, &[v::URI]),
    (v::X_CONFIDENCE, &[v::X_LEVEL]),
];
/// Which of [`KNOWN`] may be asked by.
const IN_QUERY: [usize; 5] = [0, 1, 2, 3, 4];
/// Which of [`KNOWN`] describe a resource.
const IN_RESOURCE: [usize; 4] = [0, 1, 2, 5];

fn schema(own: &[Property]) -> Schema {
    let known = KNOWN.iter().map(|(name, types)| PropertyDeclaration {
        name: (*name).to_owned(),
        types: types.iter().map(|kind| (*kind).to_owned()).collect(),
        default: Some(0),
    });
    let mut declarations: Vec<_> = known.collect();
    let mut service = Vec::new();
    for property in own {
        let declaration =
            declarations.iter().position(|known| property.is(&known.name)).unwrap_or_else(|| {
                let types = vec![property.kind.clone()];
                declarations.push(PropertyDeclaration {
                    name: property.name.clone(),
                    types,
                    default: Some(0),
                });
                declarations.len() - 1
            });
        service.push(declaration);
    }
    service.sort_unstable();
    service.dedup();
    Schema {
        declarations,
        query: references(IN_QUERY),
        resource: references(IN_RESOURCE),
        service: references(service),
    }
}

/// References none of which is required: every hint is optional (R8).
fn references(declarations: impl IntoIterator<Item = usize>) -> Vec<PropertyReference> {
    declarations.into_iter().map(|declaration| PropertyReference { declaration, required: false }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described() -> OwnService {
        OwnService::new(Description {
            uri: "urn:example:names".to_owned(),
            ttl: Duration::from_secs(60),
            properties: vec![
                Property::new("category", "freeform", "companies"),
                Property::new("x-owner", "x-team", "web"),
                Property::new("Category", "freeform", "people"),
            ],
            ..Description::default()
        })
    }

    #[test]
    fn r18_every_property_in_use_is_declared_once_and_referred_to() {
        let schema = described().full.schema.clone().unwrap();
        let name = |reference: &PropertyReference| schema.declarations[reference.declaration].name.as_str();
        let names =
            |references: &[PropertyReference]| references.iter().map(name).collect::<Vec<_>>().join(" ");
        assert_eq!(names(&schema.query), "language geography category range dataseturi");
        assert_eq!(names(&schema.resource), "language geography category x-confidence");
        assert_eq!(names(&schema.service), "category x-owner");
    }

    #[test]
    fn an_ordinary_answer_carries_the_service_without_its_schema() {
        assert!(described().brief.schema.is_none());
    }
}
