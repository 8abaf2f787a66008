//! The bytes of a message, from `DATA` to the dot.

use bytes::{Buf, BytesMut};

/// A message on its way.
pub(super) struct Data {
    message: Vec<u8>,
    longest: usize,
    is_too_long: bool,
    at: At,
}

/// How reading ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    Whole,
    /// It came to its end, and was longer than it may be.
    TooLong,
    /// A CR without its LF, or an LF without its CR. Servers differ in whether a line, and so a
    /// message, ends there; what follows may be meant as commands, so nothing more is read.
    BareLineEnd,
}

/// Where in a line the next byte stands.
#[derive(Clone, Copy)]
enum At {
    Start,
    /// Behind a dot at the start.
    Dot,
    /// Behind a dot at the start and a CR.
    DotCr,
    Inside,
    /// Behind a CR.
    Cr,
}

impl Data {
    /// A message of at most `longest` bytes.
    pub(super) fn up_to(longest: usize) -> Self {
        Self { message: Vec::new(), longest, is_too_long: false, at: At::Start }
    }

    /// Takes what belongs to the message from `input`; `None` if there is more to come. Dots that
    /// were added for the journey are left out (RFC 5321 section 4.5.2).
    pub(super) fn take(&mut self, input: &mut BytesMut) -> Option<Progress> {
        for (place, byte) in input.iter().enumerate() {
            if let Some(progress) = self.put(*byte) {
                input.advance(place + 1);
                return Some(progress);
            }
        }
        input.clear();
        None
    }

    /// What was taken.
    pub(super) fn into_message(self) -> Vec<u8> {
        self.message
    }

    fn put(&mut self, byte: u8) -> Option<Progress> {
        self.at = match (self.at, byte) {
            (At::DotCr, b'\n') => {
                return Some(if self.is_too_long { Progress::TooLong } else { Progress::Whole });
            }
            (At::Cr, b'\n') => {
                self.keep(b"\r\n");
                At::Start
            }
            (At::Cr | At::DotCr, _) | (_, b'\n') => return Some(Progress::BareLineEnd),
            (At::Dot, b'\r') => At::DotCr,
            (_, b'\r') => At::Cr,
            (At::Start, b'.') => At::Dot,
            _ => {
                self.keep(&[byte]);
                At::Inside
            }
        };
        None
    }

    /// Keeps what there is room for. The rest is read all the same, so that the sender is told,
    /// but takes no memory.
    fn keep(&mut self, bytes: &[u8]) {
        if self.message.len() + bytes.len() > self.longest {
            self.is_too_long = true;
        } else {
            self.message.extend_from_slice(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How `wire` is read, all at once and byte by byte; the message, and what is left.
    fn read(wire: &str) -> (Option<Progress>, String, String) {
        let mut data = Data::up_to(100);
        let mut input = BytesMut::from(wire);
        let progress = data.take(&mut input);
        let mut drip = Data::up_to(100);
        let dripped = wire.bytes().find_map(|byte| drip.take(&mut BytesMut::from(&[byte][..])));
        assert_eq!(dripped, progress, "{wire:?}");
        assert_eq!(drip.into_message(), data.message, "{wire:?}");
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        (progress, text(&data.into_message()), text(&input))
    }

    #[test]
    fn a_dot_on_a_line_of_its_own_ends_a_message() {
        let whole = |wire| match read(wire) {
            (Some(Progress::Whole), message, rest) => (message, rest),
            other => panic!("{wire:?}: {other:?}"),
        };
        assert_eq!(whole("hi\r\n.\r\nQUIT\r\n"), ("hi\r\n".into(), "QUIT\r\n".into()));
        assert_eq!(whole(".\r\n"), (String::new(), String::new()));
        assert_eq!(whole("..\r\n.a\r\n. \r\n.\r\n").0, ".\r\na\r\n \r\n");
        assert_eq!(read("hi\r\n.").0, None);
        assert_eq!(read("hi\r\n.\r").0, None);
    }

    #[test]
    fn a_bare_line_end_anywhere_is_the_end_of_it_all() {
        for wire in [
            "hi\n.\n",
            "hi\n.\r\n",
            "hi\r\n.\n",
            "hi\r.\r\n",
            "hi\r\n.\rX",
            "\n",
            "a\rb",
            "hi\r\r\n",
            ".\n",
            "\r.\r",
            "hi\r\n.\r\r\n",
            "hi\r\n.\r.\r\n",
        ] {
            assert_eq!(read(wire).0, Some(Progress::BareLineEnd), "{wire:?}");
        }
    }

    #[test]
    fn what_is_too_long_is_read_to_its_end_and_not_kept() {
        let wire = format!("{}\r\n.\r\n", "x".repeat(10_000));
        let (progress, message, _) = read(&wire);
        assert_eq!((progress, message.len()), (Some(Progress::TooLong), 100));
    }
}
