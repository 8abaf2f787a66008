//! Which services have been asked, and for which of their datasets: loop detection over pairs of
//! serviceuri and dataseturi, as RFC 3367 section 4.2.5.1 has it (R17).

use std::collections::HashSet;

use crate::{
    model::{Answer, Status, StatusCode, is_same_uri, normal_uri},
    protocol::vocabulary as v,
};

/// The nodes visited. No dataset stands for the service's default dataset, and so does `*`.
#[derive(Debug, Default)]
pub(super) struct Visited {
    nodes: HashSet<(String, Option<String>)>,
    /// Services that were visited for whatever dataset there may be.
    whole: HashSet<String>,
}

impl Visited {
    /// Whether asking `service` for `dataset` would be asking again.
    pub(super) fn contains(&self, service: &str, dataset: Option<&str>) -> bool {
        let service = normal(service);
        self.whole.contains(&service) || self.nodes.contains(&(service, named(dataset)))
    }

    /// Marks one node.
    pub(super) fn mark(&mut self, service: &str, dataset: Option<&str>) {
        self.nodes.insert((normal(service), named(dataset)));
    }

    /// Marks what `service` says in `answer` that it looked at, `asked` being the datasets in the
    /// query. Gives those that it did not look at, each of which wants a query of its own.
    pub(super) fn learn<'a>(&mut self, service: &str, asked: &'a [String], answer: &Answer) -> &'a [String] {
        let says = |code| answer.statuses.iter().any(|status| status.code == code && is_own(status, service));
        let is_ambiguous = asked.len() > 1 && says(StatusCode::DATASET_NOT_SUPPORTED);
        if says(StatusCode::DATASETS_NOT_SUPPORTED) || is_ambiguous {
            self.whole.insert(normal(service));
            return &[];
        }
        let looked_at = if says(StatusCode::FIRST_DATASET_ONLY) { asked.len().min(1) } else { asked.len() };
        let (seen, unseen) = asked.split_at_checked(looked_at).unwrap_or((asked, &[]));
        if asked.is_empty() {
            self.mark(service, None);
        }
        for dataset in seen {
            self.mark(service, Some(dataset));
        }
        unseen
    }
}

/// Whether a status is the answering service's own, not one that it passes on.
fn is_own(status: &Status, service: &str) -> bool {
    status.about.as_ref().is_none_or(|about| is_same_uri(&about.uri, service))
}

fn named(dataset: Option<&str>) -> Option<String> {
    dataset.filter(|uri| *uri != v::ANY).map(normal)
}

/// Two spellings of one URI are one service, or dataset: `http://A` and `http://a/`.
fn normal(uri: &str) -> String {
    normal_uri(uri).into_owned()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::Service;

    fn learnt(asked: &[&str], codes: &[StatusCode]) -> (Visited, Vec<String>) {
        let statuses = codes.iter().map(|code| Status::new(*code, "")).collect();
        let asked: Vec<String> = asked.iter().map(|uri| (*uri).to_owned()).collect();
        let mut visited = Visited::default();
        let unseen = visited.learn("urn:s", &asked, &Answer { statuses, ..Answer::default() }).to_vec();
        (visited, unseen)
    }

    #[test]
    fn r12_r17_any_dataset_is_the_default_dataset() {
        let (visited, _) = learnt(&["urn:d", "*"], &[]);
        assert!(visited.contains("urn:s", None) && visited.contains("urn:s", Some("*")));
        assert!(visited.contains("urn:s", Some("urn:d")) && !visited.contains("urn:s", Some("urn:e")));
    }

    #[test]
    fn r17_without_datasets_the_default_dataset_was_visited_and_no_other() {
        let (visited, unseen) = learnt(&[], &[]);
        assert!(visited.contains("urn:s", None) && !visited.contains("urn:s", Some("urn:d")));
        assert!(unseen.is_empty());
    }

    #[test]
    fn r17_datasets_asked_for_were_visited_each_and_the_default_was_not() {
        let (visited, unseen) = learnt(&["urn:d", "urn:e"], &[]);
        assert!(visited.contains("urn:s", Some("urn:d")) && visited.contains("urn:s", Some("urn:e")));
        assert!(!visited.contains("urn:s", None) && unseen.is_empty());
    }

    #[test]
    fn r17_after_3_1_3_the_service_was_visited_for_every_dataset() {
        let (visited, unseen) = learnt(&["urn:d", "urn:e"], &[StatusCode::DATASETS_NOT_SUPPORTED]);
        assert!(visited.contains("urn:s", None) && visited.contains("urn:s", Some("urn:other")));
        assert!(unseen.is_empty());
    }

    #[test]
    fn r17_after_3_1_4_only_the_first_dataset_was_visited() {
        let (visited, unseen) = learnt(&["urn:d", "urn:e", "urn:f"], &[StatusCode::FIRST_DATASET_ONLY]);
        assert!(visited.contains("urn:s", Some("urn:d")) && !visited.contains("urn:s", Some("urn:e")));
        assert_eq!(unseen, ["urn:e", "urn:f"]);
    }

    #[test]
    fn r17_after_3_1_5_that_dataset_was_visited_and_of_several_all() {
        let (visited, _) = learnt(&["urn:d"], &[StatusCode::DATASET_NOT_SUPPORTED]);
        assert!(visited.contains("urn:s", Some("urn:d")) && !visited.contains("urn:s", None));
        let (visited, unseen) = learnt(&["urn:d", "urn:e"], &[StatusCode::DATASET_NOT_SUPPORTED]);
        assert!(visited.contains("urn:s", None) && visited.contains("urn:s", Some("urn:other")));
        assert!(unseen.is_empty());
    }

    #[test]
    fn what_is_said_of_another_service_says_nothing_of_this_one() {
        let other = Arc::new(Service::named("urn:other"));
        let status = Status::about(StatusCode::DATASETS_NOT_SUPPORTED, "", other);
        let mut visited = Visited::default();
        visited.learn(
            "urn:s",
            &["urn:d".to_owned()],
            &Answer { statuses: vec![status], ..Answer::default() },
        );
        assert!(!visited.contains("urn:s", None));
    }

    #[test]
    fn spellings_of_one_uri_are_one_service() {
        let mut visited = Visited::default();
        visited.mark("HTTP://Names.Example", None);
        assert!(visited.contains("http://names.example/", None));
        visited.mark("URN:Example:names", Some("urn:EXAMPLE:d"));
        assert!(visited.contains("urn:example:names", Some("urn:example:d")));
        assert!(!visited.contains("urn:example:Names", Some("urn:example:d")));
    }
}
