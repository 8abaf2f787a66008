//! What an entry costs in memory, reckoned, as the allocator does not tell.

use std::mem::size_of;

use super::{Key, Landing};
use crate::model::{Candidate, Prepared, Property, Referral};

/// What the cache itself spends on an entry beside key and value: the node of the table, the
/// timer, the frequency sketch and the shared pointers.
const OVERHEAD: usize = 256;

/// What the facets and the forms of an address add to a candidate on the heap, beside what is
/// counted by length.
const PARSED: usize = 96;

/// Bytes for an answer under `key`.
pub(super) fn of_reply(key: &Key, reply: &Prepared) -> u32 {
    bounded(of_key(key) + prepared(reply))
}

/// Bytes for what is remembered for a moment under `key`.
pub(super) fn of_landing(key: &Key, landing: &Landing) -> u32 {
    let value = match landing {
        Ok(reply) => prepared(reply),
        Err(failure) => failure.detail.capacity(),
    };
    bounded(of_key(key) + value)
}

fn bounded(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

fn of_key(key: &Key) -> usize {
    OVERHEAD + size_of::<Key>() + key.request.capacity()
}

fn prepared(reply: &Prepared) -> usize {
    let candidates: usize = reply.candidates.iter().map(candidate).sum();
    let referrals: usize = reply.referrals.iter().map(referral).sum();
    size_of::<Prepared>() + candidates + referrals
}

fn candidate(candidate: &Candidate) -> usize {
    let hit = &candidate.hit;
    let url = &candidate.url;
    let texts = hit.name.capacity() + hit.uri.capacity() + hit.description.capacity();
    let address = url.shown().len() + url.identity().len() + url.site().len() + url.host().len();
    let origin =
        hit.entry.as_ref().map_or(0, String::capacity) + hit.dataset.as_ref().map_or(0, String::capacity);
    let properties: usize = hit.properties.iter().map(property).sum();
    size_of::<Candidate>() + PARSED + texts + address + origin + properties
}

/// Twice, as the facets hold the values again.
fn property(property: &Property) -> usize {
    size_of::<Property>() + 2 * (property.name.len() + property.kind.len() + property.value.len())
}

/// The service of a referral is mostly its own, so it is counted as if it always were.
fn referral(referral: &Referral) -> usize {
    let service = &referral.service;
    let texts = service.uri.len() + service.description.as_ref().map_or(0, String::len);
    let servers: usize = service.servers.iter().map(|server| server.uri.len()).sum();
    size_of::<Referral>() + size_of::<crate::model::Service>() + texts + servers
}
