//! Pages and JSON: functions from what a request says to a response, with no socket in sight.
//!
//! The transport below a request is none of its business here: whoever holds the socket reads
//! the request, asks [`resolve`] for the question in it, has the door answer, and sends what
//! [`resolve`], [`go`], [`admin`] or [`front`] made of it. [`local`] and [`origin`] say who may ask when
//! the asker is a browser.

use bytes::Bytes;
use http::Response;

pub mod admin;
pub mod front;
pub mod go;
pub mod local;
pub mod origin;
pub mod problem;
pub mod resolve;

/// A response, whole: everything that is answered here fits in memory, and one body type keeps
/// the way of a response short.
pub type Page = Response<Bytes>;
