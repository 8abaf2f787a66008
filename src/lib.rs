//! The CNRP gateway: a name resolver for what people say.

pub mod gateway;
pub mod model;
pub mod resolver;
