//! Chores of the repository: `cargo xtask tidy` checks what the compiler cannot.
//! May touch: the repository's files, standard output, the process's arguments.
#![expect(
    clippy::disallowed_methods,
    reason = "a tool of the build reads the working tree; it is not shipped"
)]

mod rust_text;
mod tidy;
mod tree;

use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask tidy\n  tidy  checks crate and stage order, final statuses, file heads, lengths, names, todos and citations";

fn main() -> ExitCode {
    let command = std::env::args().nth(1);
    match command.as_deref() {
        Some("tidy") => run_tidy(),
        _ => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn run_tidy() -> ExitCode {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let tree = match tree::Tree::read(&root) {
        Ok(tree) => tree,
        Err(error) => {
            eprintln!("the working tree cannot be read: {error}");
            return ExitCode::FAILURE;
        }
    };
    let findings = tidy::run(&tree);
    for finding in &findings {
        println!("{finding}");
    }
    if findings.is_empty() {
        println!("tidy: {} files, nothing to report", tree.files.len());
        return ExitCode::SUCCESS;
    }
    println!("tidy: {} findings", findings.len());
    ExitCode::FAILURE
}
