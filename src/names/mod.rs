//! The index of static names: which entries a name may mean, without looking at them all.
//!
//! Every way to write an entry's name that should find it is put into one table of keys when the
//! index is built: its key as it stands, without its legal form, its initials, the label of its
//! address. A question is then a lookup or two ([`NameIndex::exact`]); when that finds nothing, a
//! walk to every key one slip of the finger away ([`NameIndex::near`]). The table is a finite
//! state transducer, which holds ten million keys in little room and can be walked letter by
//! letter. What somebody has typed of a name so far is completed by the same table, and by a second
//! one of the words further in ([`NameIndex::suggest`]).
//!
//! An index is a sequence of bytes ([`mod@format`] draws it) that is built once and only read after
//! that. A map of some thousand names is built in memory when it is read; one of millions is a file
//! that [`IndexWriter`] wrote and of which only the keys are held in memory.

mod beginnings;
mod build;
mod checksum;
mod counted;
mod entry;
mod error;
mod format;
mod groups;
mod image;
mod in_order;
mod index;
mod initials;
mod inner;
mod jamo;
mod keys;
mod life;
mod meaning;
pub mod parameters;
mod phrase;
mod phrases;
mod record;
mod records;
mod replace;
mod rows;
mod sketch;
mod slip;
mod sort;
mod suggest;
mod table;
mod table_writer;
mod tape;
mod typed;
mod value;
mod walk;
mod writer;

use crate::model::{forms, legal_forms};

pub use build::{Ambiguous, Summary};
pub use entry::{Entry, Match};
pub use error::IndexError;
pub use index::NameIndex;
pub use life::{Life, Moment};
pub use suggest::{Suggested, Telling};
pub use writer::IndexWriter;
