//! An answer as it is kept outside the process, where others may have written, cut or changed it.
//!
//! `cnrp VERSION STALE FRESH SAID LENGTH CHECKSUM`, a line, and then JSON: which backend and request it
//! answers, and the reply. Times are in milliseconds, `SAID` since 1970. The checksum, XXH3, is of all
//! else. What does not read exactly as it was written, or answers something else, is nothing.

use std::{
    borrow::Cow,
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

use super::{Key, Term};
use crate::model::{Prepared, Reply};

/// The version of the form, and of what stands in it. To be raised with any change of either; the
/// test below tells when.
const VERSION: u32 = 1;

/// The longest that is written or read, in bytes. A page of results takes a few thousand.
pub const LONGEST: usize = 256 << 10;

/// An answer that was read again.
#[derive(Debug, Clone, PartialEq)]
pub struct Unsealed {
    /// To be prepared again, as it may come from anybody.
    pub reply: Reply,
    pub term: Term,
    /// When its source gave it, by the clock of whoever asked.
    pub said: SystemTime,
}

#[derive(Serialize, Deserialize)]
struct Content<'a> {
    backend: u64,
    request: Cow<'a, str>,
    reply: Reply,
}

/// The name under which the answer to a request is kept: of bounded length, and another for another
/// version.
pub fn name(key: &Key) -> String {
    format!("cnrp:{VERSION}:{:016x}:{:032x}", key.backend, xxh3_128(key.request.as_bytes()))
}

/// What the sealed form begins with, before the time for which it may serve stale.
pub fn beginning() -> String {
    format!("cnrp {VERSION} ")
}

/// The sealed form of an answer that was given at `said`; `None` where it is too long to be kept.
pub fn seal(key: &Key, reply: &Prepared, term: Term, said: SystemTime) -> Option<Vec<u8>> {
    let content =
        Content { backend: key.backend, request: Cow::Borrowed(&key.request), reply: reply.reply() };
    let content = serde_json::to_vec(&content).ok()?;
    let said = said.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    let sealed = written([milliseconds(term.stale), milliseconds(term.fresh), milliseconds(said)], &content);
    (sealed.len() <= LONGEST).then_some(sealed)
}

/// Reads a sealed answer; `None` where it is not whole, of another version, or no answer to this request.
pub fn unseal(key: &Key, sealed: &[u8]) -> Option<Unsealed> {
    if sealed.len() > LONGEST {
        return None;
    }
    let end = sealed.iter().position(|byte| *byte == b'\n')?;
    let (line, content) = sealed.split_at_checked(end)?;
    let content = content.get(1..)?;
    let mut numbers =
        std::str::from_utf8(line).ok()?.strip_prefix(&beginning())?.split(' ').map(str::parse::<u64>);
    let times = [numbers.next()?.ok()?, numbers.next()?.ok()?, numbers.next()?.ok()?];
    // Written anew, it has to come out the same: so nothing in the line is left to chance.
    if written(times, content) != sealed {
        return None;
    }
    let Content { backend, request, reply } = serde_json::from_slice(content).ok()?;
    let [stale, fresh, said] = times.map(Duration::from_millis);
    let said = SystemTime::UNIX_EPOCH.checked_add(said)?;
    let is_the_answer = backend == key.backend && request == key.request;
    is_the_answer.then_some(Unsealed { reply, term: Term { fresh, stale }, said })
}

fn written(times: [u64; 3], content: &[u8]) -> Vec<u8> {
    let [stale, fresh, said] = times;
    let line = format!("{}{stale} {fresh} {said} {}", beginning(), content.len());
    let sum = xxh3_64(content) ^ xxh3_64(line.as_bytes());
    let mut sealed = format!("{line} {sum:016x}\n").into_bytes();
    sealed.extend_from_slice(content);
    sealed
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
