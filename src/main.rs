//! The program `cnrp`: reads its arguments, runs the command, and ends with its exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    cnrp_gateway::cli::run(std::env::args_os()).into()
}
