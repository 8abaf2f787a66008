//! The gateway from outside: the real program, real sockets, upstreams on loopback. Each document
//! that it sends is judged by `xmllint` against the DTD.

// A test that panics has failed, which is what it is for; what one prints is its transcript.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::string_slice
)]

mod backends;
mod browser;
mod chains;
mod commands;
mod datagrams;
mod deployed;
mod documents;
mod expectations;
mod explain;
mod faults;
mod files;
mod hostile;
mod https;
mod leaving;
mod limits;
mod listeners;
mod logs;
mod mail;
mod manual;
mod matching;
mod mutated;
mod names;
mod pages;
mod pretenders;
mod probe;
mod queries;
mod redirects;
mod reloads;
mod rollouts;
mod secrets;
mod shared;
mod snapshots;
mod soak;
mod state;
mod strangers;
mod suggestions;
mod supervised;
mod support;
mod swaps;
mod traces;
