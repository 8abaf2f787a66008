//! What a map suggests while a name is typed.

use std::time::SystemTime;

use super::{
    layers::{Left, followers},
    look_up::{Held, LookUp},
};
use crate::{
    model::{CommonName, ResourceUrl, Suggestion, Vouched, is_unsafe_scheme},
    names::{Entry, IndexError, NameIndex, Suggested, parameters},
};

/// Up to `limit` rows, those of the names held before those of the index file below them, and slips
/// last.
pub(super) fn suggestions(
    held: &Held,
    file: Option<&NameIndex>,
    typed: &CommonName,
    limit: usize,
    now: SystemTime,
) -> Result<Vec<Suggestion>, IndexError> {
    let moment = At { held, file, now };
    let mut rows = Vec::new();
    if !held.index.is_empty() {
        rows.extend(held.index.suggest(typed, limit, &|row| moment.of_held(row))?);
    }
    if let Some(file) = file {
        rows.extend(file.suggest(typed, limit, &|row| moment.of_below(row, typed))?);
    }
    let mut rows: Vec<_> = rows.into_iter().filter_map(suggestion).collect();
    rows.sort_by_key(|row| row.has_slipped);
    rows.truncate(limit);
    Ok(rows)
}

/// A map at a moment.
struct At<'a> {
    held: &'a Held,
    file: Option<&'a NameIndex>,
    now: SystemTime,
}

impl At<'_> {
    /// What becomes of a row of the names held: where it is an alias of a name of the index, what that
    /// leads to.
    fn of_held(&self, row: Suggested) -> Result<Option<Suggested>, IndexError> {
        let Some(target) = followers::target(&row.entry) else { return Ok(self.answered(row)) };
        if !row.entry.life.holds(self.now) {
            return Ok(None);
        }
        let mut below = LookUp::at(self.held, self.file, self.now).below(&target)?.into_iter();
        Ok(below.find_map(|entry| self.answered(Suggested { entry, ..row.clone() })))
    }

    /// What becomes of a row of the index below: one that lost an alias is a row if it would be one by the
    /// names that it still has.
    fn of_below(&self, row: Suggested, typed: &CommonName) -> Result<Option<Suggested>, IndexError> {
        let aliases = match self.held.settled.decided.left(&row.entry, self.now) {
            Left::All => return Ok(self.answered(row)),
            Left::Nothing => return Ok(None),
            Left::With(aliases) => aliases,
        };
        let entry = Entry { aliases, ..row.entry };
        let mut again = NameIndex::build(&[entry])?.suggest(typed, 1, &|row| Ok(self.answered(row)))?;
        Ok(again.pop().filter(|again| again.has_slipped == row.has_slipped))
    }

    /// The row, if its entry is answered now.
    fn answered(&self, row: Suggested) -> Option<Suggested> {
        let name = CommonName::new(&row.entry.name)?;
        let is_answered =
            is_plain(&row.entry) && row.entry.life.holds(self.now) && !self.held.denies(&name, self.now);
        is_answered.then_some(row)
    }
}

/// Whether an address may be followed from a list that appears by itself. What the operator allows
/// to be asked for by name (D28) is more than that.
fn is_plain(entry: &Entry) -> bool {
    let url = ResourceUrl::parse(&entry.uri, Vouched::ByOperator);
    url.is_some_and(|url| !is_unsafe_scheme(&url.scheme()))
}

/// The row for an entry, its address as an answer gives it; `None` for a name that leads nowhere without a
/// parameter.
fn suggestion(row: Suggested) -> Option<Suggestion> {
    let uri = parameters::expand(&row.entry, "")?;
    let uri = ResourceUrl::parse(&uri, Vouched::ByOperator)?.shown().to_owned();
    let description = row.entry.description;
    Some(Suggestion { name: row.name, description, uri, has_slipped: row.has_slipped })
}

#[cfg(test)]
mod tests {
    use super::{super::layers::Settled, *};
    use crate::{config::Problems, names::Moment};

    fn entries(names: &[(&str, &str)]) -> Vec<Entry> {
        let entry = |(name, uri): &(&str, &str)| Entry {
            name: (*name).to_owned(),
            uri: (*uri).to_owned(),
            ..Entry::default()
        };
        names.iter().map(entry).collect()
    }

    fn rows(held: &Held, file: &NameIndex, typed: &str, limit: usize) -> Vec<String> {
        let typed = CommonName::new(typed).unwrap();
        let rows = suggestions(held, Some(file), &typed, limit, SystemTime::UNIX_EPOCH).unwrap();
        rows.into_iter().map(|row| row.name).collect()
    }

    #[test]
    fn what_is_held_comes_before_the_index_file_and_slips_last() {
        let names = [("Acme Tools", "https://1.example/"), ("Amce", "https://2.example/")];
        let settled = Settled { entries: entries(&names), ..Settled::default() };
        let held = Held::new(settled, |_| Problems::default()).unwrap();
        let file = [
            ("Acme", "https://3.example/"),
            ("Acme Run", "javascript:run()"),
            ("Amco", "https://4.example/"),
            ("Acme Tab", "java\tscript:run()"),
        ];
        let file = NameIndex::build(&entries(&file)).unwrap();
        assert_eq!(rows(&held, &file, "acme", 10), ["Acme Tools", "Acme"]);
        assert_eq!(rows(&held, &file, "acme", 1), ["Acme Tools"]);
        assert_eq!(rows(&held, &file, "amco", 10), ["Amco", "Amce"]);
    }

    #[test]
    fn what_is_not_answered_now_is_not_suggested() {
        let mut names = entries(&[("Acme Old", "https://1.example/"), ("Acme", "https://2.example/")]);
        names[0].life.until = Some(Moment(0));
        let settled = Settled { entries: names, ..Settled::default() };
        let held = Held::new(settled, |_| Problems::default()).unwrap();
        let file = NameIndex::build(&[]).unwrap();
        assert_eq!(rows(&held, &file, "acme", 10), ["Acme"]);
    }

    #[test]
    fn an_address_is_suggested_as_it_is_answered() {
        let file =
            NameIndex::build(&entries(&[("Acme", "https://例え.テスト/"), ("Acme 2", "HTTPS://x.example")]))
                .unwrap();
        let (held, typed) = (Held::nothing().unwrap(), CommonName::new("acme").unwrap());
        let rows = suggestions(&held, Some(&file), &typed, 10, SystemTime::UNIX_EPOCH).unwrap();
        let uris: Vec<_> = rows.iter().map(|row| row.uri.as_str()).collect();
        assert_eq!(uris, ["https://xn--r8jz45g.xn--zckzah/", "HTTPS://x.example"]);
    }
}
