//! The names of backends.

use super::written::{Written, written};

/// The name of a backend, as it may stand in a URI and as the label of a metric.
#[derive(Debug)]
pub(in super::super) struct BackendName(pub(in super::super) String);

impl Written for BackendName {
    const NAME: &'static str = "BackendName";
    const EXPECTED: &'static str = "a name of up to 63 letters, digits and dashes";
    const PATTERN: &'static str = "^[A-Za-z0-9-]{1,63}$";

    fn read(text: &str) -> Option<Self> {
        let is_name = (1..=63).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        is_name.then(|| Self(text.to_owned()))
    }
}

written!(BackendName);
