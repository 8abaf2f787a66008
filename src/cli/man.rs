//! `cnrp man`: the manual page, all commands in one, in the language of `man`.

use std::io;

use clap::{Command, CommandFactory};
use clap_mangen::Man;

use super::terminal::print;
use super::{Cli, Exit};
use crate::app::Failure;

/// Without a date, so that the same program always prints the same page.
const TITLE: &str = concat!(".TH CNRP 1 \"\" \"cnrp ", env!("CARGO_PKG_VERSION"), "\" \"User Commands\"\n");

/// Prints the page.
pub(super) fn run() -> Result<Exit, Failure> {
    let page =
        page().map_err(|error| Failure::Service(format!("the manual page can't be written: {error}")))?;
    print(&page)?;
    Ok(Exit::Done)
}

/// The page of the program, and a section for each command.
fn page() -> io::Result<String> {
    let mut program = Cli::command();
    // Fills in what commands have in common, and their full names.
    program.build();
    let mut page = Vec::new();
    let man = Man::new(program.clone());
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    let mut text = format!("{TITLE}{}", String::from_utf8_lossy(&page));
    for command in program.get_subcommands().filter(|command| command.get_name() != "help") {
        text.push_str(&section(command)?);
    }
    let mut rest = Vec::new();
    man.render_extra_section(&mut rest)?;
    man.render_version_section(&mut rest)?;
    text.push_str(&String::from_utf8_lossy(&rest));
    Ok(text)
}

/// What a page of its own would say of a command, one level further in.
fn section(command: &Command) -> io::Result<String> {
    let man = Man::new(command.clone());
    let mut parts = Vec::new();
    man.render_synopsis_section(&mut parts)?;
    man.render_description_section(&mut parts)?;
    man.render_options_section(&mut parts)?;
    let parts = String::from_utf8_lossy(&parts).replace(".SH ", ".SS ");
    Ok(format!(".SH \"CNRP {}\"\n{parts}", command.get_name().to_uppercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_and_option_has_its_place_in_the_manual() {
        let page = page().unwrap();
        for command in Cli::command().get_subcommands() {
            assert!(page.contains(&format!("CNRP {}", command.get_name().to_uppercase())), "{page}");
            for option in command.get_arguments().filter_map(|argument| argument.get_long()) {
                assert!(page.contains(&format!("\\-\\-{}", option.replace('-', "\\-"))), "{option}\n{page}");
            }
        }
        assert!(page.contains("Exit codes"), "{page}");
    }
}
