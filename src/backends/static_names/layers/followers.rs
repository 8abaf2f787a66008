//! Aliases of names that only the index below the layers has. Each is an entry among the others, so that it is
//! found in every way in which a name is, with what it follows in the place of an address. That is looked for
//! in the index whenever the alias is found: an index that takes the place of another needs no word with the
//! layers.

use crate::{model::CommonName, names::Entry};

/// What no address begins with.
const MARK: &str = "-> ";

/// An entry that stands for what the index has of `target`.
pub(super) fn of(alias: &Entry, target: &CommonName) -> Entry {
    Entry { uri: format!("{MARK}{}", target.shown()), ..alias.clone() }
}

/// The name that an entry follows; `None` for one that leads somewhere itself.
pub(in crate::backends::static_names) fn target(entry: &Entry) -> Option<CommonName> {
    entry.uri.strip_prefix(MARK).and_then(CommonName::new)
}
