//! What a service said of itself, kept for as long as it said that this holds: the `ttl` of its
//! service object (RFC 3367 section 4.2.3).

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::model::Service;

/// The longest that a service object is believed, whatever it says.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 3600);

/// The service object of one service that is asked again and again.
#[derive(Debug, Default)]
pub struct Introduction(Mutex<Option<Kept>>);

#[derive(Debug)]
struct Kept {
    service: Arc<Service>,
    until: Instant,
}

impl Introduction {
    /// Keeps what the service says of itself at `now`. One without a ttl holds for this moment alone.
    pub fn learn(&self, service: &Arc<Service>, now: Instant) {
        let ttl = service.ttl.unwrap_or_default().min(LONGEST);
        let kept = Kept { service: Arc::clone(service), until: now + ttl };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(kept);
    }

    /// What it said last, if that still holds.
    pub fn current(&self, now: Instant) -> Option<Arc<Service>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().filter(|kept| now < kept.until).map(|kept| Arc::clone(&kept.service))
    }

    /// What it said last, however long ago: enough to call it by its name.
    pub fn last(&self) -> Option<Arc<Service>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().map(|kept| Arc::clone(&kept.service))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_object_is_kept_for_its_ttl() {
        let (introduction, now) = (Introduction::default(), Instant::now());
        assert_eq!(introduction.last(), None);
        let service = |ttl| Arc::new(Service { ttl, ..Service::named("urn:x") });
        introduction.learn(&service(Some(Duration::from_secs(60))), now);
        assert!(introduction.current(now + Duration::from_secs(59)).is_some());
        assert!(introduction.current(now + Duration::from_secs(60)).is_none());
        introduction.learn(&service(None), now);
        assert!(introduction.current(now).is_none() && introduction.last().is_some());
        introduction.learn(&service(Some(Duration::MAX)), now);
        assert!(introduction.current(now + LONGEST).is_none());
    }
}
