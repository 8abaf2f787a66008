//! The types of backends, one file each, and the table of them.
//!
//! A backend turns a query into a request, and a reply into hits. Limits, caches, clocks and
//! metrics are the guard's; sockets are `upstream`'s. What several types share is here beside
//! them: an [`endpoint`] to send requests to, and the [`engine`] that configuration alone makes.

mod cnrp;
mod dns;
mod endpoint;
mod engine;
mod html;
mod json;
mod registry;
mod searxng;
pub mod static_names;
mod template;

pub use registry::{Built, Chain, REGISTRY, Registration, Setting};

#[cfg(test)]
mod battery;
