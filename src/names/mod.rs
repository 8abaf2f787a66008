//! The index of static names: which entries a name may mean, without looking at them all.
//!
//! Every way to write an entry's name that should find it is put into one table of keys when the
//! index is built: its key as it stands, without its legal form, its initials, the label of its
//! address. A question is then a lookup or two ([`NameIndex::exact`]); when that finds nothing, a
//! walk to every key one slip of the finger away ([`NameIndex::near`]). The table is a finite
//! state transducer, which holds ten million keys in little room and can be walked letter by
//! letter.

mod forms;
mod index;
mod initials;
mod legal_forms;
mod slip;
mod table;
mod walk;

pub use index::{Entry, Match, NameIndex};
