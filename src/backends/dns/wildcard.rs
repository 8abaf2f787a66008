//! Suffixes that have an address for everything: some registries sell what is not there, some resolvers
//! show advertisements in the place of what is not.
//!
//! Two names are asked for that nobody has. One would do for a suffix that gives everybody the same
//! addresses: what it gives a name nobody has is no evidence for another. One that gives out the
//! addresses of a pool in turn shows it by two answers that differ, and then no address under it tells
//! anything.

use std::{collections::BTreeSet, net::IpAddr};

use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Names asked for under each suffix.
const PROBES: u64 = 2;

/// What a suffix gives to names that nobody has.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wildcard {
    /// Always these addresses.
    Same(BTreeSet<IpAddr>),
    /// Now these, now those.
    Rotating,
}

impl Wildcard {
    /// From the answers to the probes that had one; `None` where there was none.
    pub(super) fn of(answers: impl Iterator<Item = Vec<IpAddr>>) -> Option<Self> {
        let mut sets = answers.map(BTreeSet::from_iter);
        let first: BTreeSet<IpAddr> = sets.next()?;
        Some(if sets.all(|next| next == first) { Self::Same(first) } else { Self::Rotating })
    }

    /// Whether a name that nobody has might have got these addresses too.
    pub(super) fn may_have_given(&self, addresses: &[IpAddr]) -> bool {
        match self {
            Self::Same(all) => addresses.iter().all(|ip| all.contains(ip)),
            Self::Rotating => true,
        }
    }
}

/// Labels that nobody has, other in every process, so that nobody can make an exception for them; the
/// same within one, so that resolvers remember the answers.
pub(super) fn labels(suffix: &str, seed: u64) -> impl Iterator<Item = String> {
    let hash = move |place| xxh3_64_with_seed(suffix.as_bytes(), seed.wrapping_add(place));
    (0..PROBES).map(move |place| format!("x{:016x}", hash(place)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ips(text: &str) -> Vec<IpAddr> {
        text.split(' ').map(|ip| ip.parse().unwrap()).collect()
    }

    #[test]
    fn the_order_of_addresses_makes_no_other_answer() {
        let of = |answers: [&str; 2]| Wildcard::of(answers.into_iter().map(ips)).unwrap();
        let same = of(["192.0.2.1 192.0.2.2", "192.0.2.2 192.0.2.1"]);
        assert!(same.may_have_given(&ips("192.0.2.2")) && !same.may_have_given(&ips("192.0.2.2 192.0.2.3")));
        let rotating = of(["192.0.2.1", "192.0.2.2"]);
        assert_eq!(rotating, Wildcard::Rotating);
        assert!(rotating.may_have_given(&ips("192.0.2.3")));
        assert_eq!(Wildcard::of(std::iter::empty()), None);
    }

    #[test]
    fn no_label_is_asked_twice() {
        let all: BTreeSet<String> = ["com", "net"].into_iter().flat_map(|suffix| labels(suffix, 7)).collect();
        assert_eq!(all.len(), 4);
        assert!(labels("com", 7).eq(labels("com", 7)) && labels("com", 7).ne(labels("com", 9)));
    }
}
