//! Which datasets a query asks for, and what is said of those we do not have (D29).

use crate::{
    model::{NameQuery, Status, StatusCode, is_same_uri},
    protocol::vocabulary as v,
};

/// Most unknown datasets that one status names.
const NAMED: usize = 5;

/// Leaves in `query` the datasets that we serve, and says what became of the others. With `*` among them
/// that is our default dataset, which holds all that we serve.
pub(super) fn choose(query: &mut NameQuery, served: &[String]) -> Vec<Status> {
    let named = query.datasets.len();
    query.datasets.retain(|uri| uri != v::ANY);
    let is_any = query.datasets.len() < named;
    if query.datasets.is_empty() {
        return Vec::new();
    }
    if served.is_empty() {
        query.datasets.clear();
        let message = "this service has no datasets; the whole of it was asked";
        return vec![Status::new(StatusCode::DATASETS_NOT_SUPPORTED, message)];
    }
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for asked in query.datasets.drain(..) {
        match served.iter().find(|served| is_same_uri(served, &asked)) {
            // As we spell it, so that everything behind can compare it as text.
            Some(served) if !known.contains(served) => known.push(served.clone()),
            Some(_) => {}
            None => unknown.push(asked),
        }
    }
    let ignored = |code, what: &str, uri: &String| Status::new(code, format!("dataseturi {uri}: {what}"));
    let statuses = if known.is_empty() && !is_any {
        let what = "not served here; the default dataset was asked";
        let uris = unknown.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
        let more = if unknown.len() > NAMED { ", ..." } else { "" };
        vec![ignored(StatusCode::DATASET_NOT_SUPPORTED, what, &format!("{uris}{more}"))]
    } else {
        let what = "not served here, and ignored";
        unknown.iter().map(|uri| ignored(StatusCode::PROPERTIES_IGNORED, what, uri)).collect()
    };
    query.datasets = if is_any { Vec::new() } else { known };
    statuses
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::CommonName;

    fn chosen(asked: &[&str], served: &[&str]) -> (Vec<String>, Vec<String>) {
        let mut query = NameQuery::plain(CommonName::new("Fido").unwrap());
        query.datasets = asked.iter().map(|uri| (*uri).to_owned()).collect();
        let codes = choose(&mut query, &texts(served)).iter().map(|status| status.code.to_string()).collect();
        (query.datasets, codes)
    }

    fn texts(list: &[&str]) -> Vec<String> {
        list.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn d29_known_datasets_answer_and_each_other_is_ignored() {
        assert_eq!(chosen(&[], &["urn:a"]), (texts(&[]), texts(&[])));
        assert_eq!(
            chosen(&["urn:b", "urn:a"], &["urn:a", "urn:b"]),
            (texts(&["urn:b", "urn:a"]), texts(&[]))
        );
        assert_eq!(
            chosen(&["urn:a", "urn:x", "urn:y"], &["urn:a"]),
            (texts(&["urn:a"]), texts(&["3.1.1", "3.1.1"]))
        );
    }

    #[test]
    fn r12_d29_any_dataset_is_the_default_one_and_what_is_unknown_beside_it_is_told() {
        let served = ["urn:a", "urn:b"];
        for (asked, ignored) in [
            (&["*"][..], 0),
            (&["urn:a", "*"], 0),
            (&["*", "urn:x"], 1),
            (&["urn:x", "urn:a", "*", "urn:y"], 2),
        ] {
            assert_eq!(chosen(asked, &served), (texts(&[]), vec!["3.1.1".to_owned(); ignored]), "{asked:?}");
        }
        assert_eq!(chosen(&["*"], &[]), (texts(&[]), texts(&[])), "nobody misses a dataset");
        assert_eq!(chosen(&["*", "urn:x"], &[]), (texts(&[]), texts(&["3.1.3"])));
    }

    #[test]
    fn d29_a_dataset_is_known_in_any_spelling_of_its_uri_and_asked_once() {
        let served = ["urn:example:a", "http://names.example/a"];
        assert_eq!(
            chosen(&["URN:Example:a", "HTTP://Names.example/a", "urn:example:a"], &served),
            (texts(&served), texts(&[]))
        );
        assert_eq!(chosen(&["urn:example:A"], &served), (texts(&[]), texts(&["3.1.5"])));
    }

    #[test]
    fn r17_d29_unknown_datasets_alone_leave_the_default_dataset() {
        assert_eq!(chosen(&["urn:x", "urn:y"], &["urn:a"]), (texts(&[]), texts(&["3.1.5"])));
        assert_eq!(chosen(&["urn:x"], &[]), (texts(&[]), texts(&["3.1.3"])));
        let mut query = NameQuery::plain(CommonName::new("Fido").unwrap());
        query.datasets = texts(&["urn:1", "urn:2", "urn:3", "urn:4", "urn:5", "urn:6"]);
        let told = choose(&mut query, &texts(&["urn:a"])).remove(0).message;
        assert_eq!(
            told,
            "dataseturi urn:1, urn:2, urn:3, urn:4, urn:5, ...: not served here; the default dataset was asked"
        );
    }
}
