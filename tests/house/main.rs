//! The rules of the house, read off the sources themselves: which floor may import which, which
//! crates only one floor may touch, how long a file may be, that every link in the documents leads
//! somewhere, and that the table of conformance is true.

// A test that panics has failed, which is what it is for.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice, clippy::print_stdout)]

mod conformance;
mod documents;
mod floors;
mod source;
mod tidy;
