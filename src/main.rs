//! The program `cnrp`: reads its arguments, runs the command, and ends with its exit code.

use std::process::ExitCode;

/// The allocator of the static program, as that of musl serialises threads.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cnrp_gateway::cli::run(std::env::args_os()).into()
}
