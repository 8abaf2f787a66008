//! The gateway from outside: the real program, real sockets, upstreams on loopback. Each document
//! that it sends is judged by `xmllint` against the DTD.

mod backends;
mod commands;
mod documents;
mod matching;
mod queries;
mod support;
