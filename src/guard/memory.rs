//! A suspension outlives the process: a program that is restarted because nothing is found must not
//! ask again whoever has just refused it.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize};

use super::{breaker::Pause, pause::LONGEST};
use crate::{
    model::{Clock, Reason},
    state::{Folder, Found, Record},
};

/// Where the suspension of one backend is written down.
#[derive(Debug)]
pub struct Memory {
    record: Mutex<Record>,
    found: Option<Written>,
}

/// A suspension as it is written. The wall clock is what two processes have in common.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    reason: String,
    /// Milliseconds since 1970.
    until: u64,
    pauses: u32,
}

impl Memory {
    /// That of the backend `name`, and what was found in it. What can't be read is no suspension:
    /// the next call finds out for itself.
    pub fn open(folder: &Arc<Folder>, name: &str) -> Self {
        let (record, found) = folder.record(&format!("suspension-{name}"));
        let found = match found {
            Found::Whole(bytes) | Found::Behind(bytes) => serde_json::from_slice(&bytes).unwrap_or_default(),
            Found::Nothing => None,
            Found::Lost => {
                tracing::warn!(backend = name, "whether it was suspended can't be read: it is asked");
                None
            }
        };
        Self { record: Mutex::new(record), found }
    }

    /// The pause that was going on. A clock that was put back does not make it longer than any
    /// pause is.
    pub(super) fn recalled(&self, clock: &dyn Clock) -> Option<Pause> {
        let Written { reason, until, pauses } = self.found.as_ref()?;
        let reason = Reason::parse(reason)?;
        let until = SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(*until))?;
        let left = until.duration_since(clock.wall()).unwrap_or_default().min(LONGEST);
        Some(Pause { reason, until: clock.now() + left, pauses: *pauses })
    }

    /// Writes down what `current` says once it is this one's turn to write, so that of several at
    /// a time the last one written is true. Waits for the disk.
    pub(super) fn write(&self, backend: &str, clock: &dyn Clock, current: impl FnOnce() -> Option<Pause>) {
        let mut record = self.record.lock().unwrap_or_else(PoisonError::into_inner);
        let written = current().map(|pause| written(pause, clock));
        let result = serde_json::to_vec(&written).map_err(Into::into).and_then(|bytes| record.write(&bytes));
        if let Err(error) = result {
            tracing::warn!(backend, %error, "a suspension can't be written down; a restart will not know of it");
        }
    }
}

fn written(pause: Pause, clock: &dyn Clock) -> Written {
    let until = clock.wall() + pause.until.saturating_duration_since(clock.now());
    let since = until.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Written {
        reason: pause.reason.word().to_owned(),
        until: u64::try_from(since.as_millis()).unwrap_or(u64::MAX),
        pauses: pause.pauses,
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    /// A wall clock that a test sets; the other stands still.
    struct Wall(Instant, u64);

    impl Clock for Wall {
        fn now(&self) -> Instant {
            self.0
        }

        fn wall(&self) -> SystemTime {
            SystemTime::UNIX_EPOCH + Duration::from_secs(self.1)
        }
    }

    #[test]
    fn what_is_left_of_a_pause_is_recalled() {
        let outer = tempfile::tempdir().unwrap();
        let folder = Folder::open(outer.path()).unwrap();
        let start = Instant::now();
        let pause = Pause { reason: Reason::Captcha, until: start + Duration::from_secs(3600), pauses: 2 };
        Memory::open(&folder, "a").write("a", &Wall(start, 1_000_000), || Some(pause));
        let left = |wall: u64| {
            let memory = Memory::open(&folder, "a");
            let recalled = memory.recalled(&Wall(start, wall)).unwrap();
            assert_eq!((recalled.reason, recalled.pauses), (Reason::Captcha, 2));
            (recalled.until - start).as_secs()
        };
        assert_eq!([left(1_000_600), left(1_003_600), left(2_000_000)], [3000, 0, 0]);
        assert_eq!(left(10), LONGEST.as_secs());
        Memory::open(&folder, "a").write("a", &Wall(start, 0), || None);
        assert_eq!(Memory::open(&folder, "a").recalled(&Wall(start, 0)), None);
        assert_eq!(Memory::open(&folder, "b").recalled(&Wall(start, 0)), None);
    }
}
