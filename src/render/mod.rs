//! Answers for people and scripts: the forms of an [`Answer`] that are not CNRP's own.
//!
//! Each form is a pure function of the answer, so that equal answers look equal wherever they
//! are shown.
//!
//! [`Answer`]: crate::model::Answer

pub mod json;
pub mod text;
