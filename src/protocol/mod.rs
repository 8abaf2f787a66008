//! The codec of CNRP documents: bytes to a request or an answer, and back (RFC 3367).
//!
//! Reading goes down three steps, each a module of its own. `encoding` makes text of bytes (D11,
//! D33). `xml` makes a tree of the text, and refuses what is not well-formed: the reader below it
//! is a tokeniser that lets much pass. `request` and `response` read the tree as CNRP: a stranger's
//! request leniently (D12, D13), a service's answer by what an answer needs. [`read_properties`]
//! then makes hints, datasets and a range of a request's properties.
//!
//! Writing is one step, `encode`: what it writes is valid against the DTD whatever the strings in
//! it hold. [`vocabulary`] has the words of appendix A, [`go`] the questions that fit in a link.

mod encode;
mod encoding;
pub mod go;
mod invalid;
mod languages;
mod properties;
mod range;
mod repairs;
mod request;
mod response;
pub(crate) mod xml;

#[cfg(test)]
mod tests;

pub use encode::{encode_answer, encode_question, encode_servicequery, encode_within};
pub use invalid::Invalid;
pub use properties::{Asked, read_properties};
pub use request::{Decoded, Request, decode_request, is_answer};
pub use response::decode_answer;

/// The words of appendix A, which the operator's configuration speaks as well.
pub use crate::model::vocabulary;
