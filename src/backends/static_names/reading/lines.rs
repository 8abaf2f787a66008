//! The lines of a CSV file, so that a mistake is told with the line where its row begins: the crate that reads
//! CSV passes over blank lines, and says where it began to look.

use std::{
    cell::RefCell,
    collections::VecDeque,
    io::{self, Read},
    ops::Range,
    rc::Rc,
};

/// Bytes in which each CR LF is an LF alone: the crate that reads CSV counts lines right where they end
/// in one character.
pub(super) struct OneLineEnd<R> {
    bytes: R,
    /// A CR was read and not yet given, as an LF may follow.
    has_return: bool,
    lines: Rc<RefCell<Lines>>,
}

impl<R> OneLineEnd<R> {
    /// The bytes, and their lines as they are given.
    pub(super) fn of(bytes: R) -> (Self, Rc<RefCell<Lines>>) {
        let lines = Rc::default();
        (Self { bytes, has_return: false, lines: Rc::clone(&lines) }, lines)
    }
}

impl<R: Read> Read for OneLineEnd<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut given = 0;
        let mut chunk = [0; 1 << 12];
        // A CR that is held may come with what is read, so there is room for one more.
        while given == 0 && into.len() > 1 {
            let most = chunk.len().min(into.len() - 1);
            let Some(room) = chunk.get_mut(..most) else { break };
            let read = self.bytes.read(room)?;
            let mut give = |byte: u8| {
                into.get_mut(given).into_iter().for_each(|place| *place = byte);
                given += 1;
            };
            for byte in room.iter().take(read) {
                if std::mem::take(&mut self.has_return) && *byte != b'\n' {
                    give(b'\r');
                }
                if *byte == b'\r' { self.has_return = true } else { give(*byte) }
            }
            if read == 0 {
                if std::mem::take(&mut self.has_return) {
                    give(b'\r');
                }
                break;
            }
        }
        self.lines.borrow_mut().pass(into.get(..given).unwrap_or_default());
        Ok(given)
    }
}

/// Which of the lines that were given are blank.
pub(super) struct Lines {
    /// The line that is being given, counted from 1.
    line: u64,
    is_empty: bool,
    /// Runs of blank lines, in order.
    blank: VecDeque<Range<u64>>,
}

impl Default for Lines {
    fn default() -> Self {
        Self { line: 1, is_empty: true, blank: VecDeque::new() }
    }
}

impl Lines {
    fn pass(&mut self, bytes: &[u8]) {
        for byte in bytes {
            let is_end = *byte == b'\n';
            if is_end {
                let next = self.line + 1;
                match self.blank.back_mut() {
                    _ if !self.is_empty => {}
                    Some(run) if run.end == self.line => run.end = next,
                    _ => self.blank.push_back(self.line..next),
                }
                self.line = next;
            }
            self.is_empty = is_end;
        }
    }

    /// Where a row begins that was looked for from this line on. Nothing before it is asked for again.
    pub(super) fn row_from(&mut self, line: u64) -> u64 {
        while self.blank.front().is_some_and(|run| run.end <= line) {
            self.blank.pop_front();
        }
        self.blank.front().filter(|run| run.contains(&line)).map_or(line, |run| run.end)
    }
}
