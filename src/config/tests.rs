mod documents;
mod golden;
mod good;
mod mangled;
mod schema;
