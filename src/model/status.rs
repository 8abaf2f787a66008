//! Status messages (RFC 3367 section 4.2.4 and appendix B).

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

use super::Service;

/// A status code `class.subject.detail`. Any well-formed code can be held, as a stranger may
/// send one that appendix B does not list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct StatusCode {
    pub class: u8,
    pub subject: u16,
    pub detail: u16,
}

impl StatusCode {
    /// 1.2.0: a message about the service; a stale answer says so with it (D32).
    pub const SERVICE_INFORMATION: Self = Self::new(1, 2, 0);
    /// 2.1.0: the query succeeded, and nothing matched (R22).
    pub const NOTHING_MATCHED: Self = Self::new(2, 1, 0);
    /// 3.1.1: some properties were invalid or unsupported, and ignored.
    pub const PROPERTIES_IGNORED: Self = Self::new(3, 1, 1);
    /// 3.1.2: well-formed but invalid XML, understood all the same.
    pub const INVALID_XML_UNDERSTOOD: Self = Self::new(3, 1, 2);
    /// 3.1.3: this server does not support datasets.
    pub const DATASETS_NOT_SUPPORTED: Self = Self::new(3, 1, 3);
    /// 3.1.4: only the first dataset was used. Honoured, never sent (D29).
    pub const FIRST_DATASET_ONLY: Self = Self::new(3, 1, 4);
    /// 3.1.5: this dataset is not supported.
    pub const DATASET_NOT_SUPPORTED: Self = Self::new(3, 1, 5);
    /// 3.2.0: the results are incomplete.
    pub const INCOMPLETE: Self = Self::new(3, 2, 0);
    /// 3.2.1: a service that is normally asked was unavailable.
    pub const REFERRAL_SERVER_UNAVAILABLE: Self = Self::new(3, 2, 1);
    /// 4.1.0: the query could not be interpreted (D13).
    pub const NOT_INTERPRETABLE: Self = Self::new(4, 1, 0);
    /// 4.2.0: the query was too complex (D31).
    pub const TOO_COMPLEX: Self = Self::new(4, 2, 0);
    /// 4.2.1: the service was too busy.
    pub const TOO_BUSY: Self = Self::new(4, 2, 1);
    /// 4.2.2: this server is in maintenance.
    pub const IN_MAINTENANCE: Self = Self::new(4, 2, 2);
    /// 4.2.3: the server failed completely.
    pub const FAILED: Self = Self::new(4, 2, 3);

    /// The code `class.subject.detail`.
    pub const fn new(class: u8, subject: u16, detail: u16) -> Self {
        Self { class, subject, detail }
    }

    /// Whether it says that something failed, for now (class 4) or for good (class 5).
    pub const fn is_failure(self) -> bool {
        self.class >= 4
    }

    /// Whether it says that a dataset was asked for in vain, so that the default dataset answered (3.1.3, 3.1.5).
    pub fn denies_dataset(self) -> bool {
        self == Self::DATASETS_NOT_SUPPORTED || self == Self::DATASET_NOT_SUPPORTED
    }

    /// Whether it says that something is missing in the answer (3.2.x).
    pub const fn is_incomplete(self) -> bool {
        self.class == 3 && self.subject == 2
    }
}

impl fmt::Display for StatusCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

/// One status message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    pub code: StatusCode,
    pub message: String,
    /// The service it is about, where it is about one.
    pub about: Option<Arc<Service>>,
}

impl Status {
    /// A status about the query as a whole.
    pub fn new(code: StatusCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), about: None }
    }

    /// A status about one service.
    pub fn about(code: StatusCode, message: impl Into<String>, service: Arc<Service>) -> Self {
        Self { code, message: message.into(), about: Some(service) }
    }
}
