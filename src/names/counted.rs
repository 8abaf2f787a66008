//! A writer that knows how much it has written: so each part of an index knows where it stands.

use std::io::{self, Write};

use super::format::Extent;

/// Counts what goes through it.
pub(super) struct Counted<W> {
    out: W,
    at: u64,
}

impl<W> Counted<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out, at: 0 }
    }

    /// How many bytes have been written.
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    /// What was written since `start`.
    pub(super) fn since(&self, start: u64) -> Extent {
        Extent { start, length: self.at - start }
    }

    pub(super) fn into_inner(self) -> W {
        self.out
    }
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.at += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
