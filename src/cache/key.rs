//! What an outcome is kept under.

/// Which backend, and which request to it. A reload keeps every outcome whose backend did not
/// change, because the fingerprint is made of the backend's definition.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// Of the backend's definition, secrets left out.
    pub backend: u64,
    /// As [`crate::model::Ask::Request`] gives it.
    pub request: String,
}
