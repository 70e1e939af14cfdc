//! The `accord` binary: parses the command line, runs it, and turns a failure into a text and an exit code.

use std::io::Write;
use std::process::ExitCode;

use api::cli::{self, Cli};
use clap::Parser;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match cli::run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Standard error may be closed; then the exit code has to do.
            let _ = writeln!(std::io::stderr(), "accord: {error}");
            ExitCode::FAILURE
        }
    }
}
