//! The objects of an answer, each in the DTD's order.

use super::{
    super::vocabulary as v,
    listing::{Listed, Listing, Origin},
    writer::Writer,
};
use crate::model::{
    Answer, Dataset, Property, PropertyDeclaration, PropertyReference, ResultItem, Schema, Status,
};

/// The id of a resource that has no id, nor a URI that could stand for one (D4).
const NO_ID: &str = "none";

/// Writes what stands within `results`.
pub(super) struct AnswerWriter<'w, 'a> {
    writer: &'w mut Writer,
    listing: Listing<'a>,
}

impl<'w, 'a> AnswerWriter<'w, 'a> {
    pub(super) fn new(writer: &'w mut Writer, listing: Listing<'a>) -> Self {
        Self { writer, listing }
    }

    pub(super) fn write(mut self, answer: &Answer) {
        let mut next_id = self.listing.next_id;
        for listed in &self.listing.services {
            next_id = service(self.writer, listed, next_id);
        }
        for (place, result) in answer.results.iter().enumerate() {
            self.result(result, self.listing.results.get(place).copied());
        }
        for origin in &self.listing.referrals {
            self.writer.raw("\n<referral>");
            references(self.writer, &self.listing, Some(*origin));
            self.writer.raw("</referral>");
        }
        for (place, told) in answer.statuses.iter().enumerate() {
            let about = self.listing.statuses.get(place).copied().flatten();
            status(self.writer, told, about.and_then(|service| self.listing.service_id(service)));
        }
    }

    fn result(&mut self, result: &ResultItem, origin: Option<Origin>) {
        let writer = &mut *self.writer;
        writer.raw("\n<resourcedescriptor>");
        writer.element("commonname", &result.commonname);
        let ids = [result.id.as_str(), result.uri.as_str()];
        writer.element("id", ids.into_iter().find(|id| has_text(id)).unwrap_or(NO_ID));
        writer.element("resourceuri", &result.uri);
        references(writer, &self.listing, origin);
        writer.element("description", &result.description);
        let is_ours = |name: &str| is_confidence(name) || is_confidence(&v::sent(name));
        let others = result.properties.iter().filter(|property| !is_ours(&property.name));
        others.for_each(|other| property(writer, other));
        writer.named_property(v::X_CONFIDENCE, v::X_LEVEL, result.confidence.word());
        writer.raw("</resourcedescriptor>");
    }
}

/// Whether anything of `text` is left once it is written and read again.
fn has_text(text: &str) -> bool {
    !text.chars().all(may_be_lost)
}

/// Whether a reader would take this name for `x-confidence`. Ours is the only one in a result: with
/// a second one a source could claim more certainty than it was given.
fn is_confidence(name: &str) -> bool {
    let kept = name.chars().filter(|c| !may_be_lost(*c)).map(|c| c.to_ascii_lowercase());
    kept.eq(v::X_CONFIDENCE.chars())
}

/// Whether writing drops this character, or reading trims it.
fn may_be_lost(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}')
}

/// Writes a status about the service of the id `about`.
pub(super) fn status(writer: &mut Writer, status: &Status, about: Option<usize>) {
    writer.raw("\n<status code=\"");
    writer.number(usize::from(status.code.class));
    writer.raw(".");
    writer.number(usize::from(status.code.subject));
    writer.raw(".");
    writer.number(usize::from(status.code.detail));
    writer.raw("\"");
    if let Some(id) = about {
        writer.id("ref", id);
    }
    writer.raw(">");
    writer.text(&status.message);
    writer.raw("</status>");
}

fn references(writer: &mut Writer, listing: &Listing<'_>, origin: Option<Origin>) {
    writer.raw("<serviceref");
    if let Some(id) = origin.and_then(|origin| listing.service_id(origin.service)) {
        writer.id("ref", id);
    }
    writer.raw("/>");
    if let Some(id) = origin.and_then(|origin| listing.dataset_id(origin)) {
        writer.raw("<datasetref");
        writer.id("ref", id);
        writer.raw("/>");
    }
}

/// Writes a service; gives the next free id.
fn service(writer: &mut Writer, listed: &Listed<'_>, next_id: usize) -> usize {
    let service = listed.service;
    writer.raw("\n<service");
    if let Some(ttl) = service.ttl {
        writer.raw(" ttl=\"");
        writer.number(usize::try_from(ttl.as_secs()).unwrap_or(usize::MAX));
        writer.raw("\"");
    }
    if let Some(id) = listed.id {
        writer.id("id", id);
    }
    writer.raw(">");
    writer.element("serviceuri", &service.uri);
    datasets(writer, listed);
    servers(writer, listed);
    if let Some(description) = &service.description {
        writer.element("description", description);
    }
    properties(writer, &service.properties);
    let next_id = match &service.schema {
        Some(described) => schema(writer, described, next_id),
        None => next_id,
    };
    writer.raw("</service>");
    next_id
}

fn datasets(writer: &mut Writer, listed: &Listed<'_>) {
    let declared = listed.service.datasets.iter();
    let declared = declared.map(|Dataset { uri, properties }| (uri.as_deref(), properties.as_slice()));
    let added = listed.added.iter().map(|uri| (Some(*uri), [].as_slice()));
    for (place, (uri, described)) in declared.chain(added).enumerate() {
        writer.raw("<dataset");
        if let Some(id) = listed.dataset_id(place) {
            writer.id("id", id);
        }
        writer.raw(">");
        if let Some(uri) = uri {
            writer.named_property(v::DATASETURI, v::URI, uri);
        }
        properties(writer, described);
        writer.raw("</dataset>");
    }
}

fn servers(writer: &mut Writer, listed: &Listed<'_>) {
    let servers = &listed.service.servers;
    // The DTD has no empty list of servers.
    if servers.is_empty() {
        return;
    }
    writer.raw("<servers>");
    for server in servers {
        writer.raw("<server>");
        writer.element("serveruri", &server.uri);
        properties(writer, &server.properties);
        writer.raw("</server>");
    }
    writer.raw("</servers>");
}

fn properties(writer: &mut Writer, properties: &[Property]) {
    properties.iter().for_each(|described| property(writer, described));
}

/// Writes a property, whoever it comes from, so that what is not registered shows it (R6).
fn property(writer: &mut Writer, Property { name, kind, value }: &Property) {
    writer.named_property(&v::sent(name), &v::sent_type(name, kind), value);
}

/// Writes the four schemas (R18). The declarations are numbered from `next_id`, those only that a
/// schema refers to (D5); gives the next free id.
fn schema(writer: &mut Writer, schema: &Schema, next_id: usize) -> usize {
    let uses = [&schema.query, &schema.resource, &schema.service];
    let mut next_id = next_id;
    let mut ids = Vec::with_capacity(schema.declarations.len());
    for place in 0..schema.declarations.len() {
        let is_used = uses.iter().any(|part| part.iter().any(|reference| reference.declaration == place));
        ids.push(is_used.then_some(next_id));
        next_id += usize::from(is_used);
    }
    writer.raw("<propertyschema>");
    for (declared, id) in schema.declarations.iter().zip(&ids) {
        declaration(writer, declared, *id);
    }
    writer.raw("</propertyschema><queryschema>");
    property_references(writer, &schema.query, &ids);
    writer.raw("</queryschema><resourcedescriptorschema>");
    property_references(writer, &schema.resource, &ids);
    writer.raw("</resourcedescriptorschema><serviceschema>");
    property_references(writer, &schema.service, &ids);
    writer.raw("</serviceschema>");
    next_id
}

fn declaration(writer: &mut Writer, declaration: &PropertyDeclaration, id: Option<usize>) {
    writer.raw("<propertydeclaration");
    if let Some(id) = id {
        writer.id("id", id);
    }
    writer.raw(">");
    writer.element("propertyname", &v::sent(&declaration.name));
    for (place, kind) in declaration.types.iter().enumerate() {
        writer.raw("<propertytype");
        if declaration.default == Some(place) {
            writer.attribute("default", "yes");
        }
        writer.raw(">");
        writer.text(&v::sent_type(&declaration.name, kind));
        writer.raw("</propertytype>");
    }
    writer.raw("</propertydeclaration>");
}

/// A reference to what is not declared is left out: it could lead nowhere.
fn property_references(writer: &mut Writer, references: &[PropertyReference], ids: &[Option<usize>]) {
    for reference in references {
        let Some(id) = ids.get(reference.declaration).copied().flatten() else { continue };
        writer.raw("<propertyreference");
        writer.id("ref", id);
        if reference.required {
            writer.attribute("required", "yes");
        }
        writer.raw("/>");
    }
}
