//! What a map suggests while a name is typed.

use crate::{
    model::{CommonName, Suggestion, is_unsafe_scheme},
    names::{Entry, IndexError, NameIndex, Suggested},
};

/// Up to `limit` rows, those of the first index before those of the others, and slips last.
pub(super) fn suggestions(
    indexes: [Option<&NameIndex>; 2],
    typed: &CommonName,
    limit: usize,
    is_told: impl Fn(&Entry) -> bool,
) -> Result<Vec<Suggestion>, IndexError> {
    let is_told = |entry: &Entry| is_plain(entry) && is_told(entry);
    let mut rows = Vec::new();
    for index in indexes.into_iter().flatten().filter(|index| !index.is_empty()) {
        rows.extend(index.suggest(typed, limit, &is_told)?.into_iter().map(suggestion));
    }
    rows.sort_by_key(|row| row.has_slipped);
    rows.truncate(limit);
    Ok(rows)
}

/// Whether an address may be followed from a list that appears by itself. What the operator allows
/// to be asked for by name (D28) is more than that.
fn is_plain(entry: &Entry) -> bool {
    entry.uri.split_once(':').is_some_and(|(scheme, _)| !is_unsafe_scheme(scheme))
}

fn suggestion(row: Suggested) -> Suggestion {
    let Entry { uri, description, .. } = row.entry;
    Suggestion { name: row.name, description, uri, has_slipped: row.has_slipped }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(names: &[(&str, &str)]) -> NameIndex {
        let entry = |(name, uri): &(&str, &str)| Entry {
            name: (*name).to_owned(),
            uri: (*uri).to_owned(),
            ..Entry::default()
        };
        NameIndex::build(&names.iter().map(entry).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn the_first_index_comes_first_and_slips_last() {
        let own = index(&[("Acme Tools", "https://1.example/"), ("Amce", "https://2.example/")]);
        let file = index(&[("Acme", "https://3.example/"), ("Acme Run", "javascript:run()")]);
        let rows = |typed, limit| {
            let typed = CommonName::new(typed).unwrap();
            let rows = suggestions([Some(&own), Some(&file)], &typed, limit, |_| true).unwrap();
            rows.into_iter().map(|row| row.name).collect::<Vec<_>>()
        };
        assert_eq!(rows("acme", 10), ["Acme Tools", "Acme", "Amce"]);
        assert_eq!(rows("acme", 2), ["Acme Tools", "Acme"]);
    }
}
