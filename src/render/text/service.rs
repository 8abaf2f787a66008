//! A service as a person reads it: what it is called, what it serves, where it is reached, and by
//! which properties it may be asked.

use std::time::Duration;

use super::{Page, Style, clean, properties};
use crate::model::{Dataset, PropertyReference, Schema, Server, Service};

/// The service object. What it does not say is left out.
pub fn service(service: &Service, page: Page) -> String {
    let mut lines = vec![page.paint(Style::Name, &clean(&service.uri))];
    let description = service.description.iter().map(|text| clean(text));
    let about = [properties(&service.properties)].into_iter().filter(|text| !text.is_empty());
    lines.extend(description.chain(about).map(|text| format!("   {text}")));
    lines.extend(service.ttl.filter(|ttl| !ttl.is_zero()).map(|ttl| {
        format!("   {}", page.paint(Style::Faint, &format!("may be kept for {}", in_words(ttl))))
    }));
    let schema = service.schema.as_ref();
    let parts = [
        ("Serves", service.datasets.iter().map(|one| dataset(one, page)).collect()),
        ("Reached at", service.servers.iter().map(|one| server(one, page)).collect()),
        ("May be asked by", schema.map(|schema| uses(schema, &schema.query)).unwrap_or_default()),
        ("Describes resources by", schema.map(|schema| uses(schema, &schema.resource)).unwrap_or_default()),
    ];
    for (heading, list) in parts.into_iter().filter(|(_, list): &(_, Vec<String>)| !list.is_empty()) {
        lines.push(format!("\n{heading}:"));
        lines.extend(list.into_iter().map(|line| format!("   {line}")));
    }
    lines.join("\n") + "\n"
}

fn dataset(dataset: &Dataset, page: Page) -> String {
    let name = dataset.uri.as_deref().map_or_else(|| "a dataset without a name".to_owned(), clean);
    told(&page.paint(Style::Address, &name), &properties(&dataset.properties))
}

fn server(server: &Server, page: Page) -> String {
    told(&page.paint(Style::Address, &clean(&server.uri)), &properties(&server.properties))
}

fn told(what: &str, about: &str) -> String {
    if about.is_empty() { what.to_owned() } else { format!("{what} ({about})") }
}

/// The properties of one of the schemas, with their types, the default first.
fn uses(schema: &Schema, references: &[PropertyReference]) -> Vec<String> {
    let shown = references.iter().filter_map(|reference| {
        let declared = schema.declarations.get(reference.declaration)?;
        let default = declared.default.and_then(|place| declared.types.get(place));
        let others = declared.types.iter().filter(|kind| Some(*kind) != default);
        let types: Vec<_> = default.into_iter().chain(others).map(|kind| clean(kind)).collect();
        let needed = if reference.required { ", required" } else { "" };
        Some(format!("{}{needed}", told(&clean(&declared.name), &types.join(", "))))
    });
    shown.collect()
}

/// A span in the largest unit in which it is a whole number.
fn in_words(span: Duration) -> String {
    let seconds = span.as_secs();
    let units = [(86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second")];
    let whole = units.into_iter().find(|(length, _)| seconds.is_multiple_of(*length));
    let (count, unit) = whole.map_or((seconds, "second"), |(length, unit)| (seconds / length, unit));
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Property, PropertyDeclaration};

    fn described() -> Service {
        let declared = |name: &str, types: &[&str]| PropertyDeclaration {
            name: name.to_owned(),
            types: types.iter().map(|kind| (*kind).to_owned()).collect(),
            default: Some(types.len() - 1),
        };
        let used = |declaration, required| PropertyReference { declaration, required };
        Service {
            uri: "urn:example:names".to_owned(),
            ttl: Some(Duration::from_secs(43_200)),
            datasets: vec![Dataset {
                uri: Some("urn:example:handbook".to_owned()),
                properties: vec![
                    Property::new("description", "freeform", "The handbook"),
                    Property::new("language", "rfc1766", "en"),
                ],
            }],
            servers: vec![Server { uri: "http://127.0.0.1:1096/".to_owned(), properties: Vec::new() }],
            description: Some("Names of\u{1b}[2J Example".to_owned()),
            properties: vec![Property::new("category", "freeform", "companies")],
            schema: Some(Schema {
                declarations: vec![
                    declared("language", &["freeform", "rfc1766"]),
                    declared("colour", &["x-hue"]),
                ],
                query: vec![used(0, false), used(1, true), used(7, false)],
                resource: vec![used(0, false)],
                service: Vec::new(),
            }),
        }
    }

    #[test]
    fn r18_a_service_is_shown_whole() {
        assert_eq!(
            service(&described(), Page::default()),
            "\
urn:example:names
   Names of[2J Example
   category companies
   may be kept for 12 hours

Serves:
   urn:example:handbook (description The handbook, language en)

Reached at:
   http://127.0.0.1:1096/

May be asked by:
   language (rfc1766, freeform)
   colour (x-hue), required

Describes resources by:
   language (rfc1766, freeform)
"
        );
    }

    #[test]
    fn a_service_that_says_little_is_shown_in_little() {
        assert_eq!(service(&Service::named("urn:x"), Page::default()), "urn:x\n");
    }

    #[test]
    fn a_span_is_said_in_its_own_unit() {
        let words = |seconds| in_words(Duration::from_secs(seconds));
        assert_eq!(
            [words(1), words(90), words(3600), words(172_800)],
            ["1 second", "90 seconds", "1 hour", "2 days"]
        );
    }
}
