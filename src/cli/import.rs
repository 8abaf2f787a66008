//! `cnrp import`: names from other systems as our CSV on stdout; what can't be carried on stderr.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum};

use super::{
    Exit,
    terminal::{print, remark},
};
use crate::{
    app::Failure,
    imports::{self, Remark, Source, Target},
};

/// Largest file read, in bytes: far above what any of these systems writes.
const LARGEST: u64 = 1 << 30;

/// Most remarks that are shown; the others are counted.
const MOST_REMARKS: usize = 20;

/// Arguments of `cnrp import`.
#[derive(Debug, Clone, Args)]
pub struct ImportArgs {
    /// What the file is
    #[arg(value_enum)]
    format: Format,

    /// The file, or `-` for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Writes nothing if anything can't be carried
    #[arg(long)]
    strict: bool,
}

/// The systems that names come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Bangs of DuckDuckGo or Kagi, JSON
    Bangs,
    /// An export of golink, JSON lines
    Golink,
    /// Bookmarks as browsers export them, HTML
    Bookmarks,
    /// CSV with other headings
    Csv,
    /// A hosts file
    Hosts,
}

impl From<Format> for Source {
    fn from(format: Format) -> Self {
        match format {
            Format::Bangs => Self::Bangs,
            Format::Golink => Self::Golink,
            Format::Bookmarks => Self::Bookmarks,
            Format::Csv => Self::Csv,
            Format::Hosts => Self::Hosts,
        }
    }
}

pub(super) fn run(args: &ImportArgs) -> Result<Exit, Failure> {
    let file = args.file.display();
    let bytes =
        bytes(&args.file).map_err(|error| Failure::Usage(format!("{file}: can't be read: {error}")))?;
    let imported = imports::import(args.format.into(), &bytes);
    let imported = imported.map_err(|why| Failure::Usage(located(&args.file, &why)))?;
    let exported = imports::export(Target::Csv, &imported.names);
    let remarks: Vec<_> = imported.remarks.into_iter().chain(exported.remarks).collect();
    tell(&remarks, |one| located(&args.file, one));
    if args.strict && !remarks.is_empty() {
        let why = "not everything can be carried; without --strict that is left out";
        return Err(Failure::Usage(format!("{file}: {why}")));
    }
    print(&exported.text)?;
    remark(&format!("{} names\n", imported.names.len()));
    Ok(Exit::Done)
}

fn located(file: &Path, remark: &Remark) -> String {
    let separator = if remark.line > 0 { ":" } else { ": " };
    format!("{}{separator}{remark}", file.display())
}

/// Shows the first remarks, and how many more there are.
pub(super) fn tell(remarks: &[Remark], line: impl Fn(&Remark) -> String) {
    for one in remarks.iter().take(MOST_REMARKS) {
        remark(&format!("{}\n", line(one)));
    }
    let left = remarks.len().saturating_sub(MOST_REMARKS);
    if left > 0 {
        remark(&format!("and {left} more\n"));
    }
}

fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let source: Box<dyn Read> =
        if path == Path::new("-") { Box::new(io::stdin().lock()) } else { Box::new(File::open(path)?) };
    let mut bytes = Vec::new();
    source.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than 1 GiB"));
    }
    Ok(bytes)
}
