//! The question that a command line asks: how names, properties and ranges are written there.

use clap::Args;

use crate::model::{CommonName, FREEFORM, Property, Question, Range, Target};
use crate::protocol::go::GoUri;

/// What is asked, and how it is to be narrowed.
#[derive(Debug, Clone, Args)]
pub(super) struct QuestionArgs {
    /// The name, as you would say it; several words need no quotes. A go: URI works as well
    #[arg(value_name = "NAME", required_unless_present = "id", conflicts_with = "id")]
    name: Vec<String>,

    /// Asks for the resource that an earlier answer gave this id
    #[arg(long, value_name = "ID")]
    id: Option<String>,

    /// Says what you prefer, such as geography=DE or language:rfc1766=fr-FR; may be repeated, the best first
    #[arg(long = "property", short = 'p', value_name = "NAME[:TYPE]=VALUE", value_parser = property)]
    properties: Vec<Property>,

    /// Which part of the results: 11-5 gives five of them, from the eleventh on
    #[arg(long, value_name = "START-LENGTH", value_parser = range)]
    range: Option<Property>,
}

impl QuestionArgs {
    /// Whether a part of the results was asked for.
    pub(super) fn is_ranged(&self) -> bool {
        self.range.is_some()
    }

    /// What is asked, and of whom if that is said: a plain name is a `go:` URI for anyone.
    ///
    /// # Errors
    /// A sentence for the user.
    pub(super) fn read(&self) -> Result<GoUri, String> {
        let name = self.name.join(" ");
        let mut asked = match &self.id {
            Some(id) if id.trim().is_empty() => return Err("the id is empty".to_owned()),
            Some(id) => anywhere(Target::Id(id.clone())),
            None if GoUri::is_meant(&name) => name.parse().map_err(|why| format!("{name}: {why}"))?,
            None => anywhere(Target::Name(CommonName::new(&name).ok_or("the name is empty")?)),
        };
        let further = self.properties.iter().chain(&self.range).cloned();
        match &mut asked {
            GoUri::Anywhere(question) | GoUri::At(_, question) => question.properties.extend(further),
            GoUri::Server(_) if further.count() > 0 => {
                return Err(format!("{name} asks for the service itself, which no property narrows"));
            }
            GoUri::Server(_) => {}
        }
        Ok(asked)
    }
}

fn anywhere(target: Target) -> GoUri {
    GoUri::Anywhere(Question { target, properties: Vec::new() })
}

/// Reads `name[:type]=value`. The value may hold anything, `=` and `:` included.
pub(super) fn property(text: &str) -> Result<Property, String> {
    const EXPECTED: &str = "expected NAME=VALUE or NAME:TYPE=VALUE, such as geography=DE";
    let (name, value) = text.split_once('=').ok_or(EXPECTED)?;
    let (name, kind) = name.split_once(':').unwrap_or((name, FREEFORM));
    let parts = [name, kind, value].map(str::trim);
    if parts.iter().any(|part| part.is_empty()) {
        return Err(EXPECTED.to_owned());
    }
    let [name, kind, value] = parts;
    Ok(Property::new(name, kind, value))
}

/// Reads `start-length`; both count from 1 (D6). What would be read as no range at all is refused.
pub(super) fn range(text: &str) -> Result<Property, String> {
    let number = |part: &str| part.trim().parse().ok().filter(|number| (1..=Range::MOST).contains(number));
    let parts = text.split_once('-').and_then(|(start, length)| Some((number(start)?, number(length)?)));
    let (start, length) = parts
        .ok_or_else(|| format!("expected START-LENGTH, both from 1 up to {}, such as 1-5", Range::MOST))?;
    Ok(Property::new("range", "start-length", format!("{start}-{length}")))
}

#[cfg(test)]
mod tests {
    use super::{QuestionArgs, property, range};
    use crate::model::Property;

    #[test]
    fn an_id_that_is_blank_is_refused_as_a_name_is() {
        let read = |name: &[&str], id: Option<&str>| {
            let name = name.iter().map(|word| (*word).to_owned()).collect();
            let id = id.map(str::to_owned);
            QuestionArgs { name, id, properties: Vec::new(), range: None }.read()
        };
        for blank in ["", " ", "\t"] {
            assert_eq!(read(&[], Some(blank)), Err("the id is empty".to_owned()));
            assert_eq!(read(&[blank], None), Err("the name is empty".to_owned()));
        }
        assert!(read(&[], Some("a.1.b")).is_ok());
    }

    #[test]
    fn a_property_has_a_name_a_type_and_a_value() {
        assert_eq!(property("geography=DE"), Ok(Property::new("geography", "freeform", "DE")));
        assert_eq!(property("language:rfc1766=fr-FR"), Ok(Property::new("language", "rfc1766", "fr-FR")));
        assert_eq!(property("note=a=b:c"), Ok(Property::new("note", "freeform", "a=b:c")));
        for wrong in ["geography", "=DE", "geography=", ":t=v", "n:=v", ""] {
            assert!(property(wrong).unwrap_err().contains("expected NAME=VALUE"), "{wrong}");
        }
    }

    #[test]
    fn a_range_counts_from_one() {
        assert_eq!(range("11-5"), Ok(Property::new("range", "start-length", "11-5")));
        assert_eq!(range("999999999-1"), Ok(Property::new("range", "start-length", "999999999-1")));
        for wrong in ["0-5", "1-0", "5", "1-", "-5", "1,5", "a-b", "1000000000-5", "1-1000000000"] {
            assert!(range(wrong).is_err(), "{wrong}");
        }
    }
}
