//! The CNRP gateway: a name resolver for what people say.

pub mod app;
pub mod cli;
pub mod gateway;
pub mod model;
pub mod render;
