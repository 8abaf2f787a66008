//! Requests: a query or a servicequery, read from a stranger's document.
//!
//! What has one sensible reading is understood, and a status says what was repaired (D12). What
//! has none, or more than one, is refused with its place (D13).

use std::borrow::Cow;

use super::{
    Invalid, encoding,
    repairs::{Repairs, shown},
    vocabulary::FREEFORM,
    xml::{self, Element},
};
use crate::model::{CommonName, Property, Question, Status, StatusCode, Target};

/// A request that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    pub request: Request,
    /// Earned by reading: 3.1.2 with what was repaired, where something was.
    pub statuses: Vec<Status>,
}

impl Decoded {
    /// The same, of a document that its transport had to repair before: 3.1.2 tells of that too.
    #[must_use]
    pub fn repaired(mut self, what: &str) -> Self {
        let repairs = |status: &&mut Status| status.code == StatusCode::INVALID_XML_UNDERSTOOD;
        match self.statuses.iter_mut().find(repairs) {
            Some(status) => status.message = format!("{what}; {}", status.message),
            None => self.statuses.push(Status::new(StatusCode::INVALID_XML_UNDERSTOOD, what)),
        }
        self
    }
}

/// What a client asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// For resources, by name or id. Properties are as written, trimmed, [`FREEFORM`] where they
    /// name no type.
    Query(Question),
    /// For the service object.
    ServiceQuery,
}

/// Reads a request. `charset` is the media type's parameter (D33), `name_limit` the most characters
/// of a name (D31).
///
/// # Errors
///
/// The lone status to answer with: 4.1.0 with line, column and reason for what can't be understood,
/// an answer among it; 4.2.0 for a name that is too long.
pub fn decode_request(document: &[u8], charset: Option<&str>, name_limit: usize) -> Result<Decoded, Status> {
    let decoded = encoding::decode(document, charset)?;
    let tree = xml::read(&decoded.text)?;
    let mut reading = Reading { name_limit, repairs: Repairs::default() };
    if let Some(repair) = decoded.repair() {
        reading.repairs.note(|| repair);
    }
    if let Some(name) = tree.doctype.filter(|name| *name != "cnrp") {
        reading.repairs.note(|| format!("the DOCTYPE of {} was ignored", shown(name)));
    }
    let request = reading.document(tree.root()?)?;
    Ok(Decoded { request, statuses: reading.repairs.into_status().into_iter().collect() })
}

/// Whether a document that is no request is an answer, in whatever spelling of names and encoding: whoever tells its
/// sender so is told the same in turn.
pub fn is_answer(document: &[u8], charset: Option<&str>) -> bool {
    let Ok(decoded) = encoding::decode(document, charset) else { return false };
    let Ok(tree) = xml::read(&decoded.text) else { return false };
    let mut reading = Reading { name_limit: 0, repairs: Repairs::default() };
    let mut is_results = |element| reading.known(element) == Some("results");
    tree.root().is_ok_and(|root| is_results(root) || root.children().any(is_results))
}

/// The elements that a request may hold, and `results`, which says that it is none.
const KNOWN: [&str; 7] = ["property", "commonname", "query", "cnrp", "id", "servicequery", "results"];

struct Reading {
    name_limit: usize,
    repairs: Repairs,
}

/// The parts of a query, as they stand.
#[derive(Default)]
struct Parts<'t> {
    name: Option<Element<'t>>,
    id: Option<Element<'t>>,
    properties: Vec<Property>,
}

impl Reading {
    fn document(&mut self, root: Element<'_>) -> Result<Request, Status> {
        match self.known(root) {
            Some("cnrp") => self.body(root),
            Some(kind @ ("query" | "servicequery")) => {
                self.repairs.note(|| format!("<{kind}> was read without the <cnrp> about it"));
                self.request(kind, root)
            }
            _ => Err(root.invalid(format!("<cnrp> was expected, not <{}>", shown(root.name()))).into()),
        }
    }

    fn body(&mut self, cnrp: Element<'_>) -> Result<Request, Status> {
        self.attributes(cnrp, &[]);
        self.no_text(cnrp);
        let mut found = None;
        for child in cnrp.children() {
            match self.known(child) {
                Some(kind @ ("query" | "servicequery" | "results")) => {
                    if found.replace((kind, child)).is_some() {
                        return Err(child.invalid("a second request; a document holds one").into());
                    }
                }
                _ => self.ignore(child, cnrp),
            }
        }
        match found {
            Some((kind, child)) => self.request(kind, child),
            None => Err(cnrp.invalid("<query> or <servicequery> was expected within <cnrp>").into()),
        }
    }

    fn request(&mut self, kind: &str, element: Element<'_>) -> Result<Request, Status> {
        self.attributes(element, &[]);
        self.no_text(element);
        match kind {
            "query" => self.query(element).map(Request::Query),
            "servicequery" => {
                element.children().for_each(|child| self.ignore(child, element));
                Ok(Request::ServiceQuery)
            }
            _ => Err(element.invalid("this is an answer; a query or servicequery was expected").into()),
        }
    }

    fn query(&mut self, query: Element<'_>) -> Result<Question, Status> {
        let mut parts = Parts::default();
        for child in query.children() {
            self.part(child, query, &mut parts)?;
        }
        let target = match (parts.name, parts.id) {
            (Some(name), None) => Target::Name(self.name(name)?),
            (None, Some(id)) => Target::Id(self.id(id)?),
            (Some(_), Some(_)) => return Err(query.invalid("a query has a name or an id, not both").into()),
            (None, None) => return Err(query.invalid("a query has a <commonname> or an <id>").into()),
        };
        let mut properties = parts.properties;
        if matches!(target, Target::Id(_)) && !properties.is_empty() {
            self.repairs.note(|| "properties beside an id were ignored".to_owned());
            properties.clear();
        }
        Ok(Question { target, properties })
    }

    fn part<'t>(
        &mut self,
        child: Element<'t>,
        query: Element<'_>,
        parts: &mut Parts<'t>,
    ) -> Result<(), Status> {
        let twice = |kind: &str| Status::from(child.invalid(format!("a second <{kind}>; a query has one")));
        match self.known(child) {
            Some("commonname") => {
                if !parts.properties.is_empty() {
                    self.repairs.note(|| "<commonname> was read after <property>".to_owned());
                }
                parts.name.replace(child).map_or(Ok(()), |_| Err(twice("commonname")))
            }
            Some("id") => parts.id.replace(child).map_or(Ok(()), |_| Err(twice("id"))),
            Some("property") => {
                parts.properties.extend(self.property(child)?);
                Ok(())
            }
            _ => {
                self.ignore(child, query);
                Ok(())
            }
        }
    }

    fn name(&mut self, element: Element<'_>) -> Result<CommonName, Status> {
        self.attributes(element, &[]);
        let typed = self.text(element)?;
        // As it will be shown: what is counted is neither trimmed away nor collapsed (D8).
        let words = typed.split_whitespace().map(|word| word.chars().count() + 1);
        let length = words.sum::<usize>().saturating_sub(1);
        if length > self.name_limit {
            let message = format!("a name of {length} characters; at most {} are accepted", self.name_limit);
            return Err(Status::new(StatusCode::TOO_COMPLEX, message));
        }
        CommonName::new(&typed).ok_or_else(|| element.invalid("the <commonname> is empty").into())
    }

    fn id(&mut self, element: Element<'_>) -> Result<String, Status> {
        self.attributes(element, &[]);
        match self.text(element)? {
            id if id.is_empty() => Err(element.invalid("the <id> is empty").into()),
            id => Ok(id.into_owned()),
        }
    }

    /// A property; `None` for one that names nothing.
    fn property(&mut self, element: Element<'_>) -> Result<Option<Property>, Invalid> {
        self.attributes(element, &["name", "type"]);
        let value = self.text(element)?;
        let Some(name) = attribute(element, "name") else {
            self.repairs.note(|| "a <property> without a name was ignored".to_owned());
            return Ok(None);
        };
        let kind = attribute(element, "type").unwrap_or(FREEFORM);
        Ok(Some(Property::new(name, kind, value)))
    }

    /// The text of an element that holds text alone; of one with markup in it (`Acme<b> X</b>`) all that
    /// there is to read.
    fn text<'t>(&mut self, element: Element<'t>) -> Result<Cow<'t, str>, Invalid> {
        for child in element.children() {
            if let Some(kind) = self.known(child) {
                let holder = shown(element.name());
                return Err(child.invalid(format!("<{kind}> within <{holder}>, which holds text alone")));
            }
            if child.whole_text().is_empty() {
                self.ignore(child, element);
                continue;
            }
            let (inner, outer) = (shown(child.name()), shown(element.name()));
            self.repairs.note(|| format!("the text of <{inner}> was read as part of <{outer}>"));
        }
        Ok(element.whole_text())
    }

    /// Which element of CNRP this is: by its name, or by what its name must mean, in another case or
    /// behind a namespace prefix.
    fn known(&mut self, element: Element<'_>) -> Option<&'static str> {
        let name = element.name();
        if let Some(known) = KNOWN.into_iter().find(|known| *known == name) {
            return Some(known);
        }
        let local = name.rsplit(':').next().unwrap_or(name);
        let known = KNOWN.into_iter().find(|known| known.eq_ignore_ascii_case(local))?;
        self.repairs.note(|| format!("<{}> was read as <{known}>", shown(name)));
        Some(known)
    }

    fn attributes(&mut self, element: Element<'_>, known: &[&str]) {
        for attribute in element.attributes() {
            let name = attribute.name;
            if known.contains(&name) {
                continue;
            }
            let holder = shown(element.name());
            self.repairs.note(|| match known.iter().find(|known| known.eq_ignore_ascii_case(name)) {
                Some(known) => format!("the attribute {name} of <{holder}> was read as {known}"),
                None => format!("the attribute {} of <{holder}> was ignored", shown(name)),
            });
        }
    }

    fn no_text(&mut self, element: Element<'_>) {
        if !element.text().is_empty() {
            self.repairs.note(|| format!("text within <{}> was ignored", shown(element.name())));
        }
    }

    fn ignore(&mut self, child: Element<'_>, holder: Element<'_>) {
        self.repairs
            .note(|| format!("<{}> within <{}> was ignored", shown(child.name()), shown(holder.name())));
    }
}

/// An attribute's value by its exact name, else by its name in another case; never blank.
fn attribute<'t>(element: Element<'t>, name: &str) -> Option<&'t str> {
    let other_case = || {
        let mut attributes = element.attributes().iter();
        let found = attributes.find(|attribute| attribute.name.eq_ignore_ascii_case(name));
        found.map(|attribute| attribute.value.trim())
    };
    element.attribute(name).or_else(other_case).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests;
