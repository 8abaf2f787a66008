//! Another CNRP service's list keeps its order (R9, D36): it is taken from its head as the lists
//! are merged, so what the service put further down waits for what it put above.
//!
//! Only what nobody but the service attests as well as it does is bound so. Where our own means say
//! the same, the result is theirs, and its place is ours to choose.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
};

use super::ListPlace;

/// Puts ranked items in an order that keeps every CNRP service's list; `bound` says of each in which
/// list it stands, and where.
pub(super) fn keep<T>(ranked: Vec<T>, bound: &[Option<ListPlace>]) -> Vec<T> {
    if bound.iter().all(Option::is_none) {
        return ranked;
    }
    let mut places: Vec<Option<T>> = ranked.into_iter().map(Some).collect();
    order(bound).into_iter().filter_map(|place| places.get_mut(place)?.take()).collect()
}

/// The places in their final order: of all that is free and all heads of lists, always the best first.
fn order(bound: &[Option<ListPlace>]) -> Vec<usize> {
    let mut lists: BTreeMap<usize, Vec<(usize, usize)>> = BTreeMap::new();
    for (place, bound) in bound.iter().enumerate() {
        if let Some(bound) = bound {
            lists.entry(bound.source).or_default().push((bound.rank, place));
        }
    }
    for list in lists.values_mut() {
        // Its end is its head, so that taking from it is cheap.
        list.sort_unstable_by(|a, b| b.cmp(a));
    }
    let heads: Vec<usize> = lists.values_mut().filter_map(Vec::pop).map(|(_, place)| place).collect();
    let free = bound.iter().enumerate().filter(|(_, bound)| bound.is_none()).map(|(place, _)| place);
    let mut open: BinaryHeap<Reverse<usize>> = free.chain(heads).map(Reverse).collect();
    let mut order = Vec::with_capacity(bound.len());
    while let Some(Reverse(place)) = open.pop() {
        order.push(place);
        let next = bound.get(place).copied().flatten().and_then(|bound| lists.get_mut(&bound.source)?.pop());
        open.extend(next.map(|(_, place)| Reverse(place)));
    }
    order
}
