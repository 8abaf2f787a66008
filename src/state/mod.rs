//! What must survive a restart: a [`Folder`] of one process, and in it small [`Record`]s.
//!
//! A record is mostly a few hundred bytes that are written often and must never be believed when they are
//! torn. Its two last versions are kept, each in a file of its own with a checksum, and a new one
//! takes the place of the older by rename once it is on the disk. So a crash leaves the last version
//! whole, and if the disk loses it the one before is there; whoever reads is told so.

mod folder;
mod record;
mod seal;

pub use folder::{Folder, Unusable};
pub use record::{Found, Record};
