//! TLS for the https listeners, and for mail after STARTTLS: a certificate, its key and, where clients have to show one as well,
//! the authority that theirs come from.
//!
//! The files are read again when they change. A handshake goes by what is in force when it begins,
//! and a connection keeps what it began with, so a renewed certificate drops nobody. Files that do
//! not hold together are reported once, and what was in force stays.

mod files;
mod handshake;

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use arc_swap::ArcSwap;
use rustls::ServerConfig;

pub use files::{TlsError, TlsFiles};
pub(super) use handshake::{shake_hands, take_over};

/// What listeners show and ask of their clients.
pub struct Tls {
    files: TlsFiles,
    current: ArcSwap<ServerConfig>,
    /// The fingerprint of what was last read, good or not.
    seen: Mutex<u64>,
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tls({:?})", self.files)
    }
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// A file that can't be read or holds something else, or a key that is not the certificate's.
    pub fn load(files: TlsFiles) -> Result<Self, TlsError> {
        let contents = files.read();
        let seen = Mutex::new(files::fingerprint(&contents));
        let current = ArcSwap::from_pointee(files.judge(&contents?)?);
        Ok(Self { files, current, seen })
    }

    /// Takes in files that have changed. To be called every second or two, where it may block.
    pub fn upkeep(&self) {
        let contents = self.files.read();
        let fingerprint = files::fingerprint(&contents);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::replace(&mut *seen, fingerprint) == fingerprint {
            return;
        }
        match contents.and_then(|contents| self.files.judge(&contents)) {
            Ok(renewed) => {
                self.current.store(Arc::new(renewed));
                tracing::info!("tls: the certificate was read anew");
            }
            Err(error) => tracing::warn!("tls keeps the certificate that it has: {error}"),
        }
    }

    fn current(&self) -> Arc<ServerConfig> {
        self.current.load_full()
    }
}

#[cfg(test)]
mod tests;
