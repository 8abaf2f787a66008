//! The rules of the house, read off the sources themselves: which floor may import which, which
//! crates only one floor may touch, how long a file may be, and that every link in the documents
//! leads somewhere.

mod documents;
mod floors;
mod source;
mod tidy;
