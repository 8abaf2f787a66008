//! Answers: what another service says, read.
//!
//! Every document that is valid against the DTD is accepted (R19), and a little more: a missing
//! description or serviceref, elements in another order, elements we don't know. What an answer
//! can't be without is asked for: the place of a resource, and references that lead to a service.

mod service;

use std::sync::Arc;

use self::service::{Ids, Referent, property};
use super::{
    Invalid, encoding,
    repairs::shown,
    vocabulary as v,
    xml::{self, Element},
};
use crate::model::{Answer, Confidence, Referral, ResultItem, Service, Status, StatusCode};

/// Reads an answer. The scores fall by place, as the results of a service do (R9).
///
/// A result's confidence is [`Confidence::Low`] where its service says nothing: certainty is never
/// made up. The property `x-confidence` itself stays in `properties`, so that silence can be told
/// from low.
///
/// # Errors
///
/// The place and reason, for what is no answer or can't be read as one.
pub fn decode_answer(document: &[u8], charset: Option<&str>) -> Result<Answer, Invalid> {
    let decoded = encoding::decode(document, charset)?;
    let tree = xml::read(&decoded.text)?;
    let root = tree.root()?;
    if root.name() != "cnrp" {
        return Err(root.invalid(format!("<cnrp> was expected, not <{}>", shown(root.name()))));
    }
    let results =
        root.first("results").ok_or_else(|| root.invalid("<results> was expected within <cnrp>"))?;
    if root.all("results").count() > 1 {
        return Err(root.invalid("more than one <results>; an answer has one"));
    }
    Reading::new(results)?.answer(results)
}

struct Reading<'t> {
    services: Vec<Arc<Service>>,
    ids: Ids<'t>,
}

/// The service, and the dataseturi, that an object refers to.
struct Origin {
    service: Arc<Service>,
    dataset: Option<String>,
}

impl<'t> Reading<'t> {
    /// Reads the services, and learns the ids of everything that can be referred to.
    fn new(results: Element<'t>) -> Result<Self, Invalid> {
        let mut reading = Self { services: Vec::new(), ids: Ids::default() };
        for child in results.children() {
            match child.name() {
                "service" => {
                    let service = service::read(child, reading.services.len(), &mut reading.ids)?;
                    reading.services.push(Arc::new(service));
                }
                "resourcedescriptor" | "referral" => reading.ids.learn(child, Referent::Other)?,
                _ => {}
            }
        }
        Ok(reading)
    }

    fn answer(&self, results: Element<'t>) -> Result<Answer, Invalid> {
        let mut answer = Answer { service: self.services.first().cloned(), ..Answer::default() };
        for child in results.children() {
            match child.name() {
                "resourcedescriptor" => answer.results.push(self.resource(child, answer.results.len())?),
                "referral" => {
                    let Origin { service, dataset } = self.origin(child)?;
                    answer.referrals.push(Referral { service, dataset });
                }
                "status" => answer.statuses.push(self.status(child)?),
                _ => {}
            }
        }
        Ok(answer)
    }

    fn resource(&self, element: Element<'t>, place: usize) -> Result<ResultItem, Invalid> {
        let Origin { service, dataset } = self.origin(element)?;
        let properties: Vec<_> = element.all("property").map(property).collect();
        let confidence = properties.iter().find(|property| property.is(v::X_CONFIDENCE));
        Ok(ResultItem {
            commonname: required(element, "commonname")?,
            id: required(element, "id")?,
            uri: required(element, "resourceuri")?,
            description: element
                .first("description")
                .map(|child| child.whole_text().into_owned())
                .unwrap_or_default(),
            confidence: confidence
                .and_then(|property| Confidence::parse(&property.value))
                .unwrap_or(Confidence::Low),
            properties,
            service,
            dataset,
            score: 1.0 / f64::from(u32::try_from(place + 1).unwrap_or(u32::MAX)),
            why: None,
        })
    }

    /// Without a reference it is the first service (D21).
    fn origin(&self, element: Element<'t>) -> Result<Origin, Invalid> {
        let service = match reference(element, "serviceref") {
            Some(id) => match self.ids.get(id) {
                Some(Referent::Service(place)) => self.services.get(place),
                _ => return Err(element.invalid(format!("no service has the id {}", shown(id)))),
            },
            None => self.services.first(),
        };
        let service =
            service.ok_or_else(|| element.invalid("there is no service that this could be from"))?;
        let dataset = match reference(element, "datasetref") {
            Some(id) => match self.ids.get(id) {
                Some(Referent::Dataset { service, dataset }) => self.dataset_uri(service, dataset),
                _ => return Err(element.invalid(format!("no dataset has the id {}", shown(id)))),
            },
            None => None,
        };
        Ok(Origin { service: Arc::clone(service), dataset })
    }

    fn dataset_uri(&self, service: usize, dataset: usize) -> Option<String> {
        self.services.get(service)?.datasets.get(dataset)?.uri.clone()
    }

    fn status(&self, element: Element<'t>) -> Result<Status, Invalid> {
        let Some(code) = element.attribute("code") else {
            return Err(element.invalid("a <status> without a code"));
        };
        let about = match element.attribute("ref") {
            Some(id) => match self.ids.get(id) {
                Some(Referent::Service(service) | Referent::Dataset { service, .. }) => {
                    self.services.get(service).cloned()
                }
                Some(Referent::Other) => None,
                None => return Err(element.invalid(format!("nothing has the id {}", shown(id)))),
            },
            None => None,
        };
        let message = element.whole_text();
        let (code, message) = match status_code(code) {
            Some(code) => (code, message.into_owned()),
            // What it is meant to be is for whoever reads it to tell.
            None => (UNDEFINED, format!("{} {message}", shown(code))),
        };
        Ok(Status { code, message, about })
    }
}

/// The text of a child that must be there; it may be blank, as the DTD has it.
fn required(element: Element<'_>, name: &str) -> Result<String, Invalid> {
    let child = element.first(name).map(|child| child.whole_text().into_owned());
    child.ok_or_else(|| element.invalid(format!("<{name}> is missing within <{}>", shown(element.name()))))
}

/// What the child `name` refers to, if it is there and refers to anything.
fn reference<'t>(element: Element<'t>, name: &str) -> Option<&'t str> {
    element.first(name).and_then(|child| child.attribute("ref"))
}

/// What a status is of which the code is none: 1.0.0, undefined information. The DTD allows any text as code, so the
/// answer is valid (R19).
const UNDEFINED: StatusCode = StatusCode::new(1, 0, 0);

/// A code `class.subject.detail`; `None` for a text that is none (RFC 3367 section 4.2.4.3).
fn status_code(text: &str) -> Option<StatusCode> {
    let mut parts = text.split('.').map(str::parse::<u16>);
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(Ok(class @ 1..=5)), Some(Ok(subject @ 0..=999)), Some(Ok(detail @ 0..=999)), None) => {
            Some(StatusCode::new(u8::try_from(class).ok()?, subject, detail))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
