//! The `fitbit-hr` program: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    fitbit_hr::cli::main(std::env::args_os())
}
