//! The types of backends, one file each, and the table of them.
//!
//! A backend turns a query into a request, and a reply into hits. Limits, caches, clocks and
//! metrics are the guard's; sockets are `upstream`'s. What several types share is here beside
//! them: an `endpoint` to send requests to, the `engine` that configuration alone makes, the `api`
//! of a service with a key, the options of those that are `keyed`, and the `fields` of a JSON reply. Whatever any of them says passes
//! through what is `discreet`.

mod api;
mod brave;
mod cnrp;
mod discreet;
mod dns;
mod duckduckgo;
mod endpoint;
mod engine;
mod fields;
pub(crate) mod html;
mod json;
mod kagi;
mod keyed;
mod marginalia;
mod mojeek;
mod opensearch;
mod registry;
mod safe_search;
mod searxng;
pub mod static_names;
mod template;
mod wikimedia;

pub use registry::{Built, Chain, REGISTRY, Registration, Setting, unserved};

#[cfg(test)]
mod battery;
