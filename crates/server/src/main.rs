//! The binary `postroom`: its subcommands, and the runtime they run on.
//!
//! May touch: the command line, the environment variable `POSTROOM_DATA`; the subcommands say what they touch.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the binary is where the real world is opened: configuration, service log, sockets of the caller"
)]

mod administration;
mod background;
mod certificates;
mod client;
mod config;
mod data_dir;
mod failure;
mod health;
mod http;
mod init;
mod listeners;
mod metrics;
mod open;
mod port_holder;
mod ports;
mod reference;
mod serve;
mod service_log;
mod shell;
mod shutdown;
mod signals;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{CommandFactory as _, Parser, Subcommand};
use mimalloc::MiMalloc;
use tokio::runtime::Builder;

use crate::data_dir::DataDir;
use crate::failure::Failure;

/// Also what SQLite and zstd ask: the feature `override` puts it in the place of `malloc`.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// The data directory when neither `--data` nor `POSTROOM_DATA` names one.
const DATA_DEFAULT: &str = "/var/lib/postroom";
/// Worker threads at least: one that computes must not hold up the others.
const WORKERS_MIN: usize = 2;
/// Time work that blocks may take after the end; everything durable is done by then.
const LEAVE_WAIT_MAX: Duration = Duration::from_secs(1);

/// Postroom, a mail server whose every message can be traced.
#[derive(Debug, Parser)]
#[command(name = "postroom", version, disable_help_subcommand = true)]
#[command(override_usage = "postroom [--data DIR] <COMMAND | Cmdlet> [OPTIONS | -Parameter VALUE ...]")]
#[command(after_help = "`postroom help` lists the cmdlets, `postroom help NAME` explains one.")]
struct Line {
    /// The data directory; POSTROOM_DATA or /var/lib/postroom by default
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make an organization in an empty data directory and print the administrator's password once
    Init {
        /// The first accepted domain, such as contoso.example
        #[arg(long)]
        domain: String,
        /// A configuration file to check
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        /// The server's name, such as mx1 or mx1.contoso.example; this machine's by default
        #[arg(long, value_name = "NAME")]
        server_name: Option<String>,
    },
    /// Run the server
    Serve {
        /// The configuration file; DIR/postroom.toml by default, if there is one
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        /// Only read the records of other systems and answer from the trace: no SMTP port, no mail
        #[arg(long)]
        observer: bool,
    },
    /// Say what is wrong with a configuration file
    CheckConfig {
        /// The configuration file; DIR/postroom.toml by default, if there is one
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        /// Print the reference of all parameters instead
        #[arg(long)]
        reference: bool,
    },
    /// Type cmdlets one after another, with pipelines, history and completion; or run them from a script
    Shell {
        /// Lines to run instead of those of standard input
        #[arg(short = 'c', value_name = "LINES")]
        lines: Option<String>,
    },
    /// List the cmdlets, or explain one
    Help {
        /// A cmdlet or subcommand
        name: Option<String>,
    },
    /// Print a completion script
    Completion {
        /// bash or zsh
        shell: String,
    },
    /// Print the OpenAPI document of the HTTP interface
    Openapi,
    /// A cmdlet, run by the server of the data directory
    #[command(external_subcommand)]
    Cmdlet(Vec<String>),
}

fn main() -> ExitCode {
    let line = Line::parse();
    match dispatch(line) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            // With standard error closed there is nobody to tell.
            let _ = writeln!(std::io::stderr(), "{failure}");
            ExitCode::from(Failure::EXIT_CODE)
        }
    }
}

fn dispatch(line: Line) -> Result<u8, Failure> {
    let root = line.data.or_else(|| std::env::var_os("POSTROOM_DATA").map(PathBuf::from));
    let root = root.unwrap_or_else(|| PathBuf::from(DATA_DEFAULT));
    let disk = world::Disk::real();
    match line.command {
        None => {
            print(&Line::command().render_help().to_string());
            Ok(2)
        }
        Some(Command::Init { domain, config, server_name }) => {
            let order = init::Order {
                root: &root,
                domain: &domain,
                config: config.as_deref(),
                server_name: server_name.as_deref(),
            };
            print(&on_one_thread(init::run(order))??);
            Ok(0)
        }
        Some(Command::Serve { config, observer }) => {
            let duty = if observer { serve::Duty::Observe } else { serve::Duty::Everything };
            serve(&root, config.as_deref(), duty).map(|()| 0)
        }
        Some(Command::CheckConfig { reference: true, .. }) => {
            print(&reference::page());
            Ok(0)
        }
        Some(Command::CheckConfig { config, .. }) => {
            print(&config::report(config.as_deref(), &DataDir::new(&root, &disk))?);
            Ok(0)
        }
        Some(Command::Shell { lines }) => shell::run(&root, lines.as_deref()),
        Some(Command::Help { name }) => help(&root, name),
        Some(Command::Openapi) => {
            print(&openapi_page());
            Ok(0)
        }
        Some(Command::Completion { shell }) => cmdlet(&root, &["completion".to_owned(), shell]),
        Some(Command::Cmdlet(words)) => cmdlet(&root, &words),
    }
}

fn help(root: &Path, name: Option<String>) -> Result<u8, Failure> {
    let mut own = Line::command();
    let Some(name) = name else {
        print(&format!("{}\n{}", own.render_help(), admin::help::overview()));
        return Ok(0);
    };
    if let Some(subcommand) = own.find_subcommand_mut(&name) {
        print(&subcommand.render_help().to_string());
        return Ok(0);
    }
    cmdlet(root, &["help".to_owned(), name])
}

fn cmdlet(root: &Path, words: &[String]) -> Result<u8, Failure> {
    on_one_thread(client::run(root, words))
}

/// The document as it stands in web/console/openapi.json too.
fn openapi_page() -> String {
    format!("{:#}\n", admin::http::document())
}

fn on_one_thread<T>(work: impl Future<Output = T>) -> Result<T, Failure> {
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::of("cannot start", error))?;
    Ok(runtime.block_on(work))
}

fn serve(root: &Path, config: Option<&Path>, duty: serve::Duty) -> Result<(), Failure> {
    let cores = std::thread::available_parallelism().map_or(WORKERS_MIN, usize::from);
    let runtime = Builder::new_multi_thread().worker_threads(cores.max(WORKERS_MIN)).enable_all().build();
    let runtime = runtime.map_err(|error| Failure::of("cannot start", error))?;
    let ended = runtime.block_on(serve::run(root, config, duty));
    runtime.shutdown_timeout(LEAVE_WAIT_MAX);
    ended
}

fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    // A reader that has seen enough, such as `head`, is no failure.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    #[test]
    fn the_document_the_admin_center_was_typed_from_is_this_one() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/console/openapi.json");
        let Ok(kept) = std::fs::read_to_string(&path) else { return };
        assert_eq!(
            kept,
            super::openapi_page(),
            "web/console/openapi.json is old: run `postroom openapi > web/console/openapi.json`"
        );
    }
}
