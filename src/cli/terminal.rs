//! Where commands write: results to stdout, everything else to stderr, and colours only to a
//! person who wants them.

use std::env;
use std::io::{self, IsTerminal, Write};

use crate::app::Failure;
use crate::render::text::Page;

/// Columns of a terminal that doesn't say how wide it is.
const COLUMNS: usize = 80;

/// Writes a result.
///
/// # Errors
/// It could not be written, as on a full disk. A reader that has gone away (`cnrp resolve Boeing |
/// head -1`) has seen what it wanted, so that is no failure of the command.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    told(print_bytes(text.as_bytes()))
}

/// What came of writing to stdout, as far as it is a failure of the command.
pub(super) fn told(written: io::Result<()>) -> Result<(), Failure> {
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::Service(format!("the output can't be written: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes a result that another program carries on, so that it must know when it was not written.
pub(super) fn print_bytes(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

/// Writes a remark or an error.
pub(super) fn remark(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Writes a remark of one line, if there is one.
pub(super) fn note(text: Option<&str>) {
    text.into_iter().for_each(|text| remark(&format!("{text}\n")));
}

/// Writes lines of remarks.
pub(super) fn notes(texts: &[String]) {
    texts.iter().for_each(|text| note(Some(text)));
}

/// The page that stdout is.
pub(super) fn stdout_page() -> Page {
    page(io::stdout().is_terminal(), |name| env::var(name).ok())
}

/// The page that stderr is.
pub(super) fn stderr_page() -> Page {
    page(io::stderr().is_terminal(), |name| env::var(name).ok())
}

/// A terminal wraps, and has colours unless `NO_COLOR` (no-color.org) or `TERM=dumb` asks for
/// none; anything else is read by a program.
fn page(is_terminal: bool, variable: impl Fn(&str) -> Option<String>) -> Page {
    if !is_terminal {
        return Page::default();
    }
    let columns = variable("COLUMNS").and_then(|columns| columns.parse().ok());
    let plain = variable("NO_COLOR").is_some_and(|value| !value.is_empty())
        || variable("TERM").is_some_and(|terminal| terminal == "dumb");
    Page { width: Some(columns.unwrap_or(COLUMNS)), colour: !plain }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::{Page, page, told};

    fn with(is_terminal: bool, variables: &[(&str, &str)]) -> Page {
        page(is_terminal, |name| variables.iter().find(|(key, _)| *key == name).map(|(_, v)| (*v).into()))
    }

    #[test]
    fn a_program_gets_plain_text_whatever_the_environment_says() {
        assert_eq!(with(false, &[("COLUMNS", "40")]), Page { width: None, colour: false });
    }

    #[test]
    fn a_reader_that_went_away_is_no_failure_and_a_full_disk_is() {
        assert!(told(Ok(())).is_ok() && told(Err(io::ErrorKind::BrokenPipe.into())).is_ok());
        let full = told(Err(io::ErrorKind::StorageFull.into())).unwrap_err().to_string();
        assert_eq!(full, "the output can't be written: no storage space");
    }

    #[test]
    fn a_person_gets_colours_unless_they_object() {
        assert_eq!(with(true, &[]), Page { width: Some(80), colour: true });
        assert_eq!(
            with(true, &[("COLUMNS", "120"), ("NO_COLOR", "")]),
            Page { width: Some(120), colour: true }
        );
        assert_eq!(with(true, &[("NO_COLOR", "1")]), Page { width: Some(80), colour: false });
        assert_eq!(with(true, &[("TERM", "dumb")]), Page { width: Some(80), colour: false });
    }
}
