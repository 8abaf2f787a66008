//! `cnrp index`: builds an index of names by the million, and looks into one.

use std::{
    io::{self, IsTerminal},
    path::{Path, PathBuf},
};

use super::{
    Exit,
    terminal::{print, remark},
};
use crate::{
    app::Failure,
    backends::static_names::{BuildError, BuildReport, Malformed, Progress, Says, build_index},
    imports::json_line,
    model::CommonName,
    names::NameIndex,
};
use clap::{Args, Subcommand};

/// Arguments of `cnrp index`.
#[derive(Debug, Clone, Args)]
pub struct IndexArgs {
    #[command(subcommand)]
    command: IndexCommand,
}

#[derive(Debug, Clone, Subcommand)]
enum IndexCommand {
    /// Builds an index of names files, and puts it in place of the one before
    Build {
        /// CSV or JSON lines, each also with `.gz`, or YAML; the best known names first
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Where the index will stand
        #[arg(short, long, value_name = "NAMES.idx")]
        output: PathBuf,
        /// Builds nothing if a row is malformed, which is otherwise left out
        #[arg(long)]
        strict: bool,
    },
    /// Says what is in an index
    Stat {
        #[arg(value_name = "NAMES.idx")]
        file: PathBuf,
    },
    /// Prints the entries of exactly a name, as JSON lines
    Get {
        #[arg(value_name = "NAMES.idx")]
        file: PathBuf,
        #[arg(required = true, value_name = "NAME")]
        name: Vec<String>,
    },
}

pub(super) fn run(args: &IndexArgs) -> Result<Exit, Failure> {
    match &args.command {
        IndexCommand::Build { files, output, strict } => build(files, output, *strict),
        IndexCommand::Stat { file } => {
            let index = open(file)?;
            print(&format!("{}: {} names, {} keys\n", file.display(), index.len(), index.keys()))?;
            Ok(Exit::Done)
        }
        IndexCommand::Get { file, name } => get(file, &name.join(" ")),
    }
}

fn open(file: &Path) -> Result<NameIndex, Failure> {
    NameIndex::open(file).map_err(|error| Failure::Usage(format!("{} {error}", file.display())))
}

fn get(file: &Path, name: &str) -> Result<Exit, Failure> {
    let wanted = CommonName::new(name);
    let wanted = wanted.ok_or_else(|| Failure::Usage("the name is empty; expected a common name".into()))?;
    let found = open(file)?.exact(&wanted);
    let found = found.map_err(|error| Failure::Service(format!("{} {error}", file.display())))?;
    for found in &found {
        print(&json_line(&found.entry, &Says::Leads))?;
    }
    Ok(if found.is_empty() { Exit::NothingFound } else { Exit::Done })
}

fn build(files: &[PathBuf], output: &Path, strict: bool) -> Result<Exit, Failure> {
    let is_watched = io::stderr().is_terminal();
    let mut show = |progress: Progress| {
        if is_watched {
            remark(&format!("\r\x1b[K{}", bar(progress)));
        }
    };
    let built = build_index(files, output, strict, &mut show);
    if is_watched {
        remark("\r\x1b[K");
    }
    match built {
        Ok(report) => {
            report.ignored.iter().for_each(|ignored| remark(&format!("{ignored}\n")));
            remark(&malformed(&report.malformed));
            print(&told(output, &report))?;
            Ok(Exit::Done)
        }
        Err(error) => {
            if let BuildError::Malformed(rows) = &error {
                remark(&malformed(rows));
            }
            let is_ours = matches!(error, BuildError::Output { .. });
            Err(if is_ours { Failure::Service(error.to_string()) } else { Failure::Usage(error.to_string()) })
        }
    }
}

/// A line of progress: `[##########          ] 50 %, 5000000 names`.
fn bar(progress: Progress) -> String {
    match progress {
        Progress::Sorting { entries } => format!("sorting the keys of {entries} names"),
        Progress::Reading { entries, bytes, of } => {
            let share = bytes.min(of).saturating_mul(20).checked_div(of).unwrap_or_default();
            let done = usize::try_from(share).unwrap_or_default();
            format!("[{:20}] {} %, {entries} names", "#".repeat(done), share * 5)
        }
    }
}

fn malformed(rows: &Malformed) -> String {
    let mut text: String = rows.shown.iter().map(|problem| format!("{problem}\n")).collect();
    let left = rows.count.saturating_sub(rows.shown.len() as u64);
    if left > 0 {
        text.push_str(&format!("and {left} more malformed rows\n"));
    }
    text
}

/// What was built, and what of it may be a mistake.
fn told(output: &Path, report: &BuildReport) -> String {
    let BuildReport { summary, malformed, .. } = report;
    let mut text = format!(
        "{}: {} names, {} keys, {} bytes\n{} malformed rows left out, {} entries repeated, {} names lead to several addresses\n",
        output.display(),
        summary.entries,
        summary.keys,
        summary.bytes,
        malformed.count,
        summary.repeated,
        summary.ambiguous,
    );
    for name in &summary.examples {
        text.push_str(&format!("  {}: {} addresses\n", name.name, name.addresses));
    }
    let left = summary.ambiguous.saturating_sub(summary.examples.len() as u64);
    if left > 0 {
        text.push_str(&format!("  and {left} more\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_a_line() {
        let reading = |bytes, of| bar(Progress::Reading { entries: 7, bytes, of });
        assert_eq!(reading(50, 100), "[##########          ] 50 %, 7 names");
        assert_eq!(reading(0, 0), "[                    ] 0 %, 7 names");
        assert_eq!(reading(200, 100), format!("[{}] 100 %, 7 names", "#".repeat(20)));
    }
}
