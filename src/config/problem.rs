//! What is wrong with a configuration, and where.

use std::{fmt, path::PathBuf};

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub file: PathBuf,
    /// Counted from 1; 0 where the file as a whole is wrong.
    pub line: usize,
    /// In characters, counted from 1.
    pub column: usize,
    /// The path of the key, such as `backends[1].timeout`; empty for the document itself.
    pub key: String,
    /// What is wrong, what was expected, and the nearest known key where there is one.
    pub message: String,
}

/// Every mistake of a configuration, in the order of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes in the mistakes that `other` found, each once, in the order of the file.
    pub fn extend(&mut self, other: Self) {
        for problem in other.0 {
            self.add(problem);
        }
    }

    /// Takes in one mistake, unless it is known already.
    pub(super) fn add(&mut self, problem: Problem) {
        if self.0.contains(&problem) {
            return;
        }
        let place = |problem: &Problem| (problem.line, problem.column);
        let after = self.0.partition_point(|known| place(known) <= place(&problem));
        self.0.insert(after, problem);
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.file.display())?;
        if self.line > 0 {
            write!(f, "{}:{}:", self.line, self.column)?;
        }
        if !self.key.is_empty() {
            write!(f, " {}:", self.key)?;
        }
        write!(f, " {}", self.message)
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, problem) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
