//! Why an index can't be used. The messages say what and what was expected; whoever knows the
//! file's name says where.

use std::io;

/// Why an index can't be opened, or one of its entries can't be read.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    #[error("can't be read: {0}")]
    Io(#[from] io::Error),
    #[error("is no index of names; expected a file that `cnrp index build` wrote")]
    Foreign,
    #[error("has format {found}; expected format {expected}: build it again with `cnrp index build`")]
    Version { found: u32, expected: u32 },
    #[error("has {found} bytes; expected {expected}: it was cut short or written over")]
    Length { found: u64, expected: u64 },
    #[error("is damaged: the {part} at byte {at} don't have their checksum; build it again")]
    Damaged { part: &'static str, at: u64 },
}
