//! The packet cache: the same bytes in the same context get the same reply without being read
//! again, as DNS servers do. It knows nothing of what the bytes mean; whoever keeps a packet says
//! until when it holds, and of which generation of the static names it was made.

use std::sync::Arc;

use bytes::Bytes;
use moka::sync::Cache;
use tokio::time::Instant;

use crate::model::Clock;

/// What a packet takes beside its bytes: its place in the table, its times, what it is about.
const OVERHEAD: usize = 480;

/// Replies by the bytes that they answer.
pub struct PacketCache<T> {
    kept: Cache<Vec<u8>, Packet<T>>,
    clock: Arc<dyn Clock>,
}

#[derive(Clone)]
struct Packet<T> {
    reply: Bytes,
    about: T,
    until: Instant,
    generation: u64,
}

impl<T: Clone + Send + Sync + 'static> PacketCache<T> {
    /// A cache of at most `size_bytes`, keys and overhead included, that tells the time by `clock`.
    pub fn new(size_bytes: u64, clock: Arc<dyn Clock>) -> Self {
        let weight = |key: &Vec<u8>, packet: &Packet<T>| {
            u32::try_from(key.len() + packet.reply.len() + OVERHEAD).unwrap_or(u32::MAX)
        };
        Self { kept: Cache::builder().max_capacity(size_bytes).weigher(weight).build(), clock }
    }

    /// The reply to `key` and what it is about, if one holds now and was made of this generation.
    pub fn get(&self, key: &[u8], generation: u64) -> Option<(Bytes, T)> {
        let packet = self.kept.get(key)?;
        let holds = packet.generation == generation && self.clock.now() < packet.until;
        holds.then_some((packet.reply, packet.about))
    }

    /// Keeps a reply, and what it is about, that holds until then. `generation` is the one that was current before the
    /// reply was made: what changed meanwhile must not be missed.
    pub fn keep(&self, key: Vec<u8>, reply: Bytes, about: T, until: Instant, generation: u64) {
        self.kept.insert(key, Packet { reply, about, until, generation });
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::SystemClock;

    fn cache(size: u64) -> PacketCache<char> {
        PacketCache::new(size, Arc::new(SystemClock))
    }

    #[tokio::test(start_paused = true)]
    async fn a_packet_holds_until_its_time_and_within_its_generation() {
        let cache = cache(10_000);
        let until = Instant::now() + Duration::from_secs(10);
        cache.keep(b"question".to_vec(), Bytes::from_static(b"answer"), 'a', until, 3);
        assert_eq!(cache.get(b"question", 3), Some((Bytes::from_static(b"answer"), 'a')));
        assert_eq!(cache.get(b"question", 4), None);
        assert_eq!(cache.get(b"another", 3), None);
        tokio::time::advance(Duration::from_secs(10)).await;
        assert_eq!(cache.get(b"question", 3), None);
    }

    #[tokio::test]
    async fn memory_is_bounded() {
        let cache = cache(100_000);
        let until = Instant::now() + Duration::from_secs(3600);
        for number in 0..10_000_u32 {
            cache.keep(number.to_be_bytes().to_vec(), Bytes::from(vec![0; 1000]), 'b', until, 0);
        }
        cache.kept.run_pending_tasks();
        assert!(cache.kept.weighted_size() <= 100_000, "{}", cache.kept.weighted_size());
    }
}
