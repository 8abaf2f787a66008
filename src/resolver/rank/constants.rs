//! The numbers of ranking, all of them: what each is, and why it is that. `examples/evaluate` prints
//! them with the figures that they give.

use crate::model::{FEWEST_INITIALS, SHORTEST_PART};

/// The constant k of weighted reciprocal rank fusion: a vote is weight / (k + rank). Cormack, Clarke
/// and Buettcher (2009) take 60, for lists in which many documents are relevant. A name has one
/// answer, so the first places have to count for more: with 4, a first place outweighs a second by
/// 20 %, and two families that put a site fourth still outweigh one that puts it first, which with 2
/// they would not. Fitted over recorded worlds: the middle of the values that do best (`docs/ranking.md`).
pub const RANK_CONSTANT: f64 = 4.0;

/// How many families have to agree before a site counts as corroborated: independent sources are
/// few, and two of them rarely make the same mistake.
pub const ENOUGH_FAMILIES: usize = 2;

/// Shortest label, in characters, that is taken for an imitation of a well-known one when nothing
/// but ASCII letters and digits is in it: `l0l` and `lol` are both names.
pub const SHORTEST_IMITATION: usize = 5;

/// The popularity of a domain that a list has without saying how popular it is; 1 is the most
/// popular there is, 0 is one that no list has.
pub const LISTED: f64 = 0.2;

/// Every number by its name, with those by which a host is akin to a name, which stand beside their use
/// in the model.
pub const CONSTANTS: [(&str, f64); 6] = [
    ("RANK_CONSTANT", RANK_CONSTANT),
    ("ENOUGH_FAMILIES", ENOUGH_FAMILIES as f64),
    ("SHORTEST_IMITATION", SHORTEST_IMITATION as f64),
    ("LISTED", LISTED),
    ("SHORTEST_PART", SHORTEST_PART as f64),
    ("FEWEST_INITIALS", FEWEST_INITIALS as f64),
];
