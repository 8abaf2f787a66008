//! Seeing that the configuration's file, or one with a secret in it, is another one. They are looked at, not
//! subscribed to ([`Stamp`]).

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use super::reload::Wishes;
use crate::config::{Stamp, Stamps};

/// How often they are looked at. Two looks have to agree, so a change takes effect within twice that, and
/// a file that is being written is left alone.
const LOOK: Duration = Duration::from_secs(1);

/// The files of a configuration as they were when they were read last, whether that was of any use or not.
#[derive(Clone, Default)]
pub(super) struct LastRead(Arc<Mutex<Stamps>>);

impl LastRead {
    /// From now on the files are these.
    pub(super) fn set(&self, files: Stamps) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = files;
    }

    /// Notes how they all are, before they are read again: what changes meanwhile is read once more.
    pub(super) fn look(&self) {
        self.set(self.now());
    }

    /// Whether they still are as they were.
    pub(super) fn is_unchanged(&self) -> bool {
        self.now() == self.get()
    }

    fn get(&self) -> Stamps {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn now(&self) -> Stamps {
        self.get().into_keys().map(|path| (path.clone(), Stamp::of(&path))).collect()
    }
}

/// Has the configuration read again whenever one of its files is another than the one read last.
pub(super) async fn watch(last_read: LastRead, wishes: Wishes) {
    let mut before = Stamps::new();
    loop {
        tokio::time::sleep(LOOK).await;
        let at = last_read.clone();
        let now = tokio::task::spawn_blocking(move || at.now()).await.unwrap_or_default();
        let known = last_read.get();
        let is_news = |(path, stamp): (&PathBuf, &Option<Stamp>)| {
            stamp.is_some()
                && before.get(path) == Some(stamp)
                && known.get(path).is_some_and(|it| it != stamp)
        };
        if now.iter().any(is_news) {
            // How it went is in the log. A file that is not as it has to be is not read a second time.
            let _ = wishes.wish("a file changed").await;
        }
        before = now;
    }
}
