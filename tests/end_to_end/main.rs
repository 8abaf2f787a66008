//! The gateway from outside: the real program, real sockets, upstreams on loopback. Each document
//! that it sends is judged by `xmllint` against the DTD.

// A test that panics has failed, which is what it is for; what one prints is its transcript.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout
)]

mod backends;
mod commands;
mod documents;
mod files;
mod mail;
mod matching;
mod queries;
mod support;
