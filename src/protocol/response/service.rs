//! The service objects of an answer, and the ids by which results refer to them.

use std::{borrow::Cow, collections::HashMap, time::Duration};

use super::super::{Invalid, repairs::shown, vocabulary as v, xml::Element};
use crate::model::{Dataset, Property, PropertyDeclaration, PropertyReference, Schema, Server, Service};

/// What an id stands for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Referent {
    /// The service at this place.
    Service(usize),
    /// A dataset of the service at this place.
    Dataset { service: usize, dataset: usize },
    /// Something that no result comes from.
    Other,
}

/// The XML ids of a document, each given once.
#[derive(Debug, Default)]
pub(super) struct Ids<'t>(HashMap<&'t str, Referent>);

impl<'t> Ids<'t> {
    /// Learns the id of `element`, if it has one.
    pub(super) fn learn(&mut self, element: Element<'t>, referent: Referent) -> Result<(), Invalid> {
        let Some(id) = element.attribute("id") else { return Ok(()) };
        match self.0.insert(id, referent) {
            None => Ok(()),
            Some(_) => Err(element.invalid(format!("the id {} stands twice", shown(id)))),
        }
    }

    pub(super) fn get(&self, id: &str) -> Option<Referent> {
        self.0.get(id).copied()
    }
}

/// Reads the service at `place` among the services of an answer.
pub(super) fn read<'t>(element: Element<'t>, place: usize, ids: &mut Ids<'t>) -> Result<Service, Invalid> {
    ids.learn(element, Referent::Service(place))?;
    let uri =
        element.first("serviceuri").ok_or_else(|| element.invalid("a <service> without <serviceuri>"))?;
    let mut datasets = Vec::new();
    for child in element.all("dataset") {
        ids.learn(child, Referent::Dataset { service: place, dataset: datasets.len() })?;
        datasets.push(dataset(child));
    }
    let servers = element.all("servers").flat_map(|servers| servers.all("server"));
    let description = element.first("description").map(Element::whole_text);
    Ok(Service {
        uri: uri.whole_text().into_owned(),
        ttl: element.attribute("ttl").and_then(|ttl| ttl.parse().ok()).map(Duration::from_secs),
        datasets,
        servers: servers.map(server).collect::<Result<_, _>>()?,
        description: description.filter(|text| !text.is_empty()).map(Cow::into_owned),
        properties: element.all("property").map(property).collect(),
        schema: schema(element, ids)?,
    })
}

/// Reads a property; its type is freeform where none is given, as the DTD has it.
pub(super) fn property(element: Element<'_>) -> Property {
    let kind = element.attribute("type").filter(|kind| !kind.is_empty()).unwrap_or(v::FREEFORM);
    Property::new(element.attribute("name").unwrap_or_default(), kind, element.whole_text())
}

/// The first dataseturi names the dataset; everything else describes it.
fn dataset(element: Element<'_>) -> Dataset {
    let mut dataset = Dataset::default();
    for property in element.all("property").map(property) {
        if dataset.uri.is_none() && property.is(v::DATASETURI) && !property.value.is_empty() {
            dataset.uri = Some(property.value);
        } else {
            dataset.properties.push(property);
        }
    }
    dataset
}

fn server(element: Element<'_>) -> Result<Server, Invalid> {
    let uri = element.first("serveruri").ok_or_else(|| element.invalid("a <server> without <serveruri>"))?;
    let properties = element.all("property").map(property).collect();
    Ok(Server { uri: uri.whole_text().into_owned(), properties })
}

fn schema<'t>(service: Element<'t>, ids: &mut Ids<'t>) -> Result<Option<Schema>, Invalid> {
    const PARTS: [&str; 4] = ["propertyschema", "queryschema", "resourcedescriptorschema", "serviceschema"];
    if !service.children().any(|child| PARTS.contains(&child.name())) {
        return Ok(None);
    }
    let declared = service.all("propertyschema").flat_map(|schema| schema.all("propertydeclaration"));
    let declared: Vec<_> = declared.collect();
    for declaration in &declared {
        ids.learn(*declaration, Referent::Other)?;
    }
    let places: HashMap<_, _> = declared
        .iter()
        .enumerate()
        .filter_map(|(place, declaration)| Some((declaration.attribute("id")?, place)))
        .collect();
    let references = |part: &str| {
        let references = service.all(part).flat_map(|schema| schema.all("propertyreference"));
        references.filter_map(|reference| property_reference(reference, &places)).collect()
    };
    Ok(Some(Schema {
        declarations: declared.iter().map(|declaration| declaration_of(*declaration)).collect(),
        query: references("queryschema"),
        resource: references("resourcedescriptorschema"),
        service: references("serviceschema"),
    }))
}

fn declaration_of(element: Element<'_>) -> PropertyDeclaration {
    let types: Vec<_> = element.all("propertytype").collect();
    PropertyDeclaration {
        name: element.first("propertyname").map(|name| name.whole_text().into_owned()).unwrap_or_default(),
        default: types.iter().position(|kind| kind.attribute("default") == Some("yes")),
        types: types.iter().map(|kind| kind.whole_text().into_owned()).collect(),
    }
}

/// A reference to a property that this service declares; one that leads elsewhere says nothing.
fn property_reference(element: Element<'_>, places: &HashMap<&str, usize>) -> Option<PropertyReference> {
    let declaration = *places.get(element.attribute("ref")?)?;
    Some(PropertyReference { declaration, required: element.attribute("required") == Some("yes") })
}
