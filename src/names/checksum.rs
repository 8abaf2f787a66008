//! The checksum of the keys, which are some hundred megabytes: of the checksums of their pieces, so
//! that several threads can read and check at a time.

use xxhash_rust::xxh3::{Xxh3, xxh3_64};

/// Bytes of a piece.
pub(super) const PIECE: usize = 4 << 20;

/// A checksum being taken of bytes as they come.
pub(super) struct Checksum {
    pieces: Vec<u64>,
    piece: Xxh3,
    /// Bytes in the piece that is not complete.
    in_piece: usize,
}

impl Checksum {
    pub(super) fn new() -> Self {
        Self { pieces: Vec::new(), piece: Xxh3::new(), in_piece: 0 }
    }

    pub(super) fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(PIECE - self.in_piece));
            self.piece.update(now);
            self.in_piece += now.len();
            if self.in_piece == PIECE {
                self.close();
            }
            bytes = later;
        }
    }

    pub(super) fn finish(mut self) -> u64 {
        if self.in_piece > 0 {
            self.close();
        }
        of_pieces(&self.pieces)
    }

    fn close(&mut self) {
        self.pieces.push(self.piece.digest());
        self.piece.reset();
        self.in_piece = 0;
    }
}

/// The checksum of one whole piece, or of the last one.
pub(super) fn of_piece(piece: &[u8]) -> u64 {
    xxh3_64(piece)
}

/// The checksum of bytes with pieces of these checksums.
pub(super) fn of_pieces(pieces: &[u64]) -> u64 {
    xxh3_64(&pieces.iter().flat_map(|piece| piece.to_le_bytes()).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_does_not_matter_in_which_parts_the_bytes_come() {
        let bytes: Vec<u8> = (0..PIECE * 2 + 1000).map(|at| (at % 251) as u8).collect();
        let pieces: Vec<u64> = bytes.chunks(PIECE).map(of_piece).collect();
        for part in [777_777, PIECE, bytes.len()] {
            let mut checksum = Checksum::new();
            bytes.chunks(part).for_each(|part| checksum.update(part));
            assert_eq!(checksum.finish(), of_pieces(&pieces));
        }
        assert_eq!(Checksum::new().finish(), of_pieces(&[]));
    }
}
