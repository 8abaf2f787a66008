//! Pages and JSON: functions from what a request says to a response, with no socket in sight.
//!
//! The transport below a request is none of its business here: whoever holds the socket reads
//! the request, asks [`resolve`] or [`suggest`] for the question in it, has the door answer, and sends
//! what they, [`go`], [`admin`] or [`page`] made of it. [`local`] and [`origin`] say who may ask when
//! the asker is a browser, and [`bearer`] who is the operator.

use bytes::Bytes;
use http::Response;

pub mod admin;
pub mod assets;
pub mod bearer;
pub mod conditional;
mod exposition;
pub mod go;
pub mod local;
pub mod opensearch;
pub mod origin;
pub mod page;
pub mod problem;
pub mod quality;
pub mod resolve;
pub mod service;
pub mod suggest;

/// A response, whole: everything that is answered here fits in memory, and one body type keeps
/// the way of a response short.
pub type Page = Response<Bytes>;
