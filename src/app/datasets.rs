//! The datasets that a configuration declares. Several backends may serve one, which is then the union of
//! what they know (D29), and one dataset of the service object whatever its URI is spelt like (R12).

use crate::{
    config,
    model::{Dataset, Property, is_same_uri, showable_description},
    protocol::vocabulary as v,
};

/// Each dataset once, in the order of the file, with all that is said of it.
pub(super) fn declared(backends: &[config::Backend]) -> Vec<Dataset> {
    let mut declared: Vec<Dataset> = Vec::new();
    for written in backends.iter().filter_map(|backend| backend.dataset.as_ref()) {
        let properties = described(written);
        match declared.iter_mut().find(|known| is_at(known, &written.uri.0)) {
            Some(known) => {
                let new = properties.into_iter().filter(|property| !known.properties.contains(property));
                let new: Vec<_> = new.collect();
                known.properties.extend(new);
            }
            None => declared.push(Dataset { uri: Some(written.uri.0.clone()), properties }),
        }
    }
    declared
}

/// The dataseturi of a backend as it is declared, so that everything behind can compare it as text.
pub(super) fn spelt(declared: &[Dataset], uri: &str) -> String {
    let known = declared.iter().find(|known| is_at(known, uri)).and_then(|known| known.uri.as_deref());
    known.unwrap_or(uri).to_owned()
}

fn is_at(dataset: &Dataset, uri: &str) -> bool {
    dataset.uri.as_deref().is_some_and(|known| is_same_uri(known, uri))
}

fn described(dataset: &config::Dataset) -> Vec<Property> {
    let described = dataset.description.iter();
    let described = described.map(|text| showable_description(text)).filter(|text| !text.is_empty());
    let described = described.map(|text| Property::new(v::DESCRIPTION, v::FREEFORM, text));
    let languages = dataset.language.iter();
    described.chain(languages.map(|tag| Property::new(v::LANGUAGE, v::RFC1766, tag.tag()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r12_d29_a_dataset_of_several_backends_is_declared_once_with_all_that_is_said_of_it() {
        let yaml = "backends:\n\
                    - {name: a, type: x, dataset: {uri: \"URN:Example:a\", description: Dogs, language: en}}\n\
                    - {name: b, type: x, dataset: {uri: \"urn:example:b\"}}\n\
                    - {name: c, type: x, dataset: {uri: \"urn:example:a\", description: Dogs, language: [en, fr]}}\n";
        let config = config::parse(yaml, "gateway.yaml".as_ref()).unwrap_or_else(|wrong| panic!("{wrong}"));
        let declared = declared(&config.backends);
        let said = |dataset: &Dataset| {
            let values = dataset.properties.iter().map(|property| property.value.clone());
            (dataset.uri.clone().unwrap_or_default(), values.collect::<Vec<_>>().join(" "))
        };
        assert_eq!(
            declared.iter().map(said).collect::<Vec<_>>(),
            [("URN:Example:a".into(), "Dogs en fr".into()), ("urn:example:b".into(), String::new())]
        );
        assert_eq!(spelt(&declared, "urn:EXAMPLE:a"), "URN:Example:a");
        assert_eq!(spelt(&declared, "urn:example:none"), "urn:example:none");
    }
}
