//! What had to be repaired to understand a document that is well-formed but not valid (D12), kept
//! for the one status that tells of it.

use crate::model::{Status, StatusCode};

/// Most repairs that the status spells out; a document of nothing but faults would otherwise be
/// answered at its own length.
const TOLD: usize = 5;

/// Repairs made while reading, in order.
#[derive(Debug, Default)]
pub(super) struct Repairs {
    told: Vec<String>,
    untold: usize,
}

impl Repairs {
    /// Notes a repair. It is put into words only if it will be told.
    pub(super) fn note(&mut self, repair: impl FnOnce() -> String) {
        if self.told.len() < TOLD {
            self.told.push(repair());
        } else {
            self.untold += 1;
        }
    }

    /// The status 3.1.2, if anything was repaired.
    pub(super) fn into_status(self) -> Option<Status> {
        if self.told.is_empty() {
            return None;
        }
        let mut message = self.told.join("; ");
        if self.untold > 0 {
            message.push_str(&format!("; and {} more", self.untold));
        }
        Some(Status::new(StatusCode::INVALID_XML_UNDERSTOOD, message))
    }
}

/// A stranger's word as a message shows it.
pub(super) fn shown(word: &str) -> &str {
    cut(word, 60)
}

/// The first `most` characters of `text`: a reply must not grow with what it complains of.
pub(super) fn cut(text: &str, most: usize) -> &str {
    text.char_indices().nth(most).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d12_many_repairs_are_one_short_status() {
        let mut repairs = Repairs::default();
        (0..900).for_each(|nth| repairs.note(|| format!("repair {nth}")));
        let status = repairs.into_status().unwrap();
        let expected = "repair 0; repair 1; repair 2; repair 3; repair 4; and 895 more";
        assert_eq!((status.code.to_string().as_str(), status.message.as_str()), ("3.1.2", expected));
        assert!(Repairs::default().into_status().is_none());
    }
}
