//! The CNRP gateway: a name resolver for what people say.
//!
//! A question comes in at the top and goes down the floors of the house, each of which uses only
//! floors below it. [`transport`] reads it off a socket and hands it to the one door, [`gateway`],
//! which has [`protocol`] make a query of the bytes. The [`resolver`] plans which sources to ask
//! and asks them all at once, each through its [`guard`] and [`cache`], and what must survive a restart is in [`state`]; a source is one of the
//! [`backends`], which look names up in [`names`] or send requests through [`upstream`]. What they
//! find is merged and ranked, and goes back up as an [`model::Answer`], which [`protocol`] writes
//! as XML and [`render`] as JSON or text; [`explain`] tells every decision on the way. A question that comes as a message of mail is found in it,
//! and its answer made a message again, by [`mail`]. [`client`] asks other services, and [`collector`] tells of what is done. [`app`] builds all of it
//! from a [`config`] and joins it; [`cli`] is the command line. Names come from other systems through
//! [`imports`], and [`lint`] looks for mistakes in them.

pub mod app;
pub mod backends;
pub mod cache;
pub mod cli;
pub mod client;
pub mod collector;
pub mod config;
pub mod explain;
pub mod gateway;
pub mod guard;
pub mod imports;
pub mod lint;
pub mod mail;
pub mod model;
pub mod names;
pub mod protocol;
pub mod render;
pub mod resolver;
pub mod state;
pub mod transport;
pub mod upstream;
pub mod web;
