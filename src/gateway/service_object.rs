//! Our service object: what we are, which datasets we serve, where we are reached, and by which
//! properties one may ask (RFC 3367 sections 4.2.3 and 4.2.6, R18).

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use crate::{
    model::{
        Dataset, Property, PropertyDeclaration, PropertyReference, Schema, Server, Service,
        showable_description,
    },
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
    /// Properties that resources are known to have.
    pub used: Vec<Property>,
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
    /// Both lengths of the service described. A description is what pages, CNRP and browsers are told
    /// alike, so it is cleaned here, once; one of which nothing can be shown is none.
    pub fn new(described: Description) -> Self {
        let description = described.description.map(|text| showable_description(&text));
        let brief = Service {
            uri: described.uri,
            ttl: Some(described.ttl),
            datasets: described.datasets,
            description: description.filter(|text| !text.is_empty()),
            ..Service::default()
        };
        let full = Service {
            servers: described
                .servers
                .into_iter()
                .map(|uri| Server { uri, properties: Vec::new() })
                .collect(),
            schema: Some(schema(&described.properties, &brief.datasets, &described.used)),
            properties: described.properties,
            ..brief.clone()
        };
        Self { brief: Arc::new(brief), full: Arc::new(full) }
    }
}

/// A property that every service of ours knows.
struct Known {
    name: &'static str,
    /// The default first.
    types: &'static [&'static str],
    /// Whether one may ask by it.
    in_query: bool,
    /// Whether it describes a resource.
    in_resource: bool,
}

/// One that may be asked by, and describes what is found.
const fn hint(name: &'static str, types: &'static [&'static str]) -> Known {
    Known { name, types, in_query: true, in_resource: true }
}

/// One that only shapes the answer.
const fn wish(name: &'static str, types: &'static [&'static str]) -> Known {
    Known { name, types, in_query: true, in_resource: false }
}

const KNOWN: [Known; 6] = [
    hint(v::LANGUAGE, &[v::RFC1766, v::FREEFORM]),
    hint(v::GEOGRAPHY, &[v::ISO3166_1, v::ISO3166_2, v::FREEFORM, v::LAT_LONG, v::POSTALCODE]),
    hint(v::CATEGORY, &[v::FREEFORM, v::NAICS]),
    wish(v::RANGE, &[v::START_LENGTH, v::RANGE]),
    wish(v::DATASETURI, &[v::URI]),
    Known { name: v::X_CONFIDENCE, types: &[v::X_LEVEL], in_query: false, in_resource: true },
];

/// Where those of [`KNOWN`] stand that are so.
fn places(is_so: impl Fn(&Known) -> bool) -> impl Iterator<Item = usize> {
    KNOWN.iter().enumerate().filter(move |(_, known)| is_so(known)).map(|(place, _)| place)
}

/// What is declared: all that we know, and what `own` properties, those of the datasets and those `used` by
/// resources add to it.
fn schema(own: &[Property], datasets: &[Dataset], used: &[Property]) -> Schema {
    let known = KNOWN.iter().map(|known| PropertyDeclaration {
        name: known.name.to_owned(),
        types: known.types.iter().map(|kind| (*kind).to_owned()).collect(),
        default: Some(0),
    });
    let mut declarations: Vec<_> = known.collect();
    let described = datasets.iter().flat_map(|dataset| &dataset.properties);
    let service: BTreeSet<_> =
        own.iter().chain(described).map(|property| declared(&mut declarations, property)).collect();
    let used: Vec<_> = used.iter().map(|property| declared(&mut declarations, property)).collect();
    let resource: BTreeSet<_> = places(|known| known.in_resource).chain(used).collect();
    Schema {
        query: references(places(|known| known.in_query)),
        resource: references(resource),
        service: references(service),
        declarations,
    }
}

/// Where a property stands among the declarations, which gain what they lack of its name and type.
fn declared(declarations: &mut Vec<PropertyDeclaration>, property: &Property) -> usize {
    let kind = property.kind.clone();
    let Some(place) = declarations.iter().position(|known| property.is(&known.name)) else {
        let name = property.name.clone();
        declarations.push(PropertyDeclaration { name, types: vec![kind], default: Some(0) });
        return declarations.len() - 1;
    };
    if let Some(known) = declarations.get_mut(place)
        && !known.types.iter().any(|known| known.eq_ignore_ascii_case(&kind))
    {
        known.types.push(kind);
    }
    place
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
    fn r18_every_type_in_use_is_declared_and_what_describes_a_dataset() {
        let properties = vec![
            Property::new("category", "x-branch", "retail"),
            Property::new("x-owner", "x-team", "names"),
            Property::new("X-Owner", "x-mail", "names@example.com"),
            Property::new("x-owner", "X-Team", "others"),
        ];
        let datasets = vec![Dataset {
            uri: Some("urn:example:set".to_owned()),
            properties: vec![Property::new(v::DESCRIPTION, v::FREEFORM, "Dogs")],
        }];
        let used = vec![
            Property::new("x-ticker", "x-nyse", "BA"),
            Property::new("language", "rfc1766", "en"),
            Property::new("x-owner", "x-desk", "7"),
        ];
        let schema = OwnService::new(Description { properties, datasets, used, ..Description::default() });
        let schema = schema.full.schema.clone().unwrap();
        let told = |references: &[PropertyReference]| {
            let declared = references.iter().map(|reference| &schema.declarations[reference.declaration]);
            declared.map(|one| format!("{}: {}", one.name, one.types.join(" "))).collect::<Vec<_>>()
        };
        assert_eq!(
            told(&schema.service),
            ["category: freeform naics x-branch", "x-owner: x-team x-mail x-desk", "description: freeform"]
        );
        let beyond_known = ["x-owner: x-team x-mail x-desk", "x-ticker: x-nyse"];
        assert_eq!(told(&schema.resource)[4..], beyond_known);
    }

    #[test]
    fn an_ordinary_answer_carries_the_service_without_its_schema() {
        assert!(described().brief.schema.is_none());
    }

    #[test]
    fn a_description_is_what_can_be_shown_of_it_or_none() {
        let described = |text: &str| {
            let description = Some(text.to_owned());
            OwnService::new(Description { description, ..Description::default() }).full.description.clone()
        };
        assert_eq!(described("a\u{7}b\u{202e}c\u{0} \u{fffe}<x>").as_deref(), Some("abc <x>"));
        for nothing in ["", " ", "\u{0}\u{7}", "\u{200b}"] {
            assert_eq!(described(nothing), None, "{nothing:?}");
        }
    }
}
