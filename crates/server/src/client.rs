//! `postroom --data DIR <Cmdlet> …`: the shell's terminal, and the call over the local socket.
//!
//! May touch: standard streams, SIGINT while a call takes long, files the caller names, the Unix socket of the data directory.

use std::future::pending;
use std::io::{self, IsTerminal as _, Read as _, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use admin::shell::{self, Answer, LocalSocket, Terminal};
use futures::future::BoxFuture;
use jiff::tz::TimeZone;
use tokio::signal::unix::{SignalKind, signal};
use world::{Disk, Net};

use crate::data_dir::DataDir;

/// Runs the words and gives the exit code.
pub(crate) async fn run(root: &Path, words: &[String]) -> u8 {
    shell::run(words, &mut Console, &socket(root)).await
}

/// The way to the server of a data directory.
pub(crate) fn socket(root: &Path) -> LocalSocket {
    LocalSocket {
        net: Net::real(),
        path: DataDir::new(root, &Disk::real()).socket(),
        when_down: format!("no server runs on {}; start `postroom serve`", root.display()),
    }
}

/// Whether a call that takes long answers Ctrl-C itself.
static IS_TAKEN: AtomicBool = AtomicBool::new(false);

/// While it is there, Ctrl-C is a call's.
struct Taken;

impl Taken {
    fn new() -> Taken {
        IS_TAKEN.store(true, Ordering::SeqCst);
        Taken
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        IS_TAKEN.store(false, Ordering::SeqCst);
    }
}

/// Works until Ctrl-C, unless a call takes that; `None` if it was ended. A signal from before does not count.
pub(crate) async fn until_interrupted<T>(work: impl Future<Output = T>) -> Option<T> {
    let Ok(mut interrupt) = signal(SignalKind::interrupt()) else { return Some(work.await) };
    let mut work = std::pin::pin!(work);
    loop {
        tokio::select! {
            biased;
            _ = interrupt.recv() => if !IS_TAKEN.load(Ordering::SeqCst) {
                return None;
            },
            done = &mut work => return Some(done),
        }
    }
}

/// The terminal in front of us.
pub(crate) struct Console;

impl Terminal for Console {
    fn out(&mut self, bytes: &[u8]) {
        let mut out = io::stdout().lock();
        // A reader that has seen enough, such as `head`, is no failure.
        let _ = out.write_all(bytes).and_then(|()| out.flush());
    }

    fn err(&mut self, text: &str) {
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }

    fn progress(&mut self, sentence: Option<&str>) {
        if io::stderr().is_terminal() {
            // To the beginning of the line, and nothing to its right.
            self.err(&format!("\r{}\x1b[K", sentence.unwrap_or_default()));
        }
    }

    fn interrupted(&self) -> BoxFuture<'static, ()> {
        Box::pin(async {
            let Ok(mut interrupt) = signal(SignalKind::interrupt()) else { return pending().await };
            let _taken = Taken::new();
            interrupt.recv().await;
        })
    }

    fn ask(&mut self, question: &str) -> Answer {
        if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
            return Answer::NoTerminal;
        }
        self.err(question);
        let mut line = String::new();
        if io::stdin().read_line(&mut line).is_err() {
            return Answer::No;
        }
        match line.trim().to_ascii_lowercase().as_str() {
            "y" | "yes" => Answer::Yes,
            _ => Answer::No,
        }
    }

    fn width(&self) -> Option<usize> {
        io::stdout().is_terminal().then(columns)
    }

    fn zone(&self) -> TimeZone {
        TimeZone::system()
    }

    fn folder(&self) -> Option<std::path::PathBuf> {
        std::env::current_dir().ok()
    }

    fn read_file(&self, path: &str) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        let read = match path {
            "-" => io::stdin().read_to_end(&mut bytes).map(|_| bytes),
            path => std::fs::read(path),
        };
        read.map_err(|error| format!("cannot read {path}: {error}"))
    }

    fn write_file(&mut self, path: &str, bytes: &[u8]) -> Result<(), String> {
        std::fs::write(path, bytes).map_err(|error| format!("cannot write {path}: {error}"))
    }

    fn append_file(&mut self, path: &str, bytes: &[u8]) -> Result<(), String> {
        let opened = std::fs::OpenOptions::new().create(true).append(true).open(path);
        opened
            .and_then(|mut file| file.write_all(bytes))
            .map_err(|error| format!("cannot write {path}: {error}"))
    }
}

/// Columns of the terminal: what the shell says, else what the terminal driver does, else the usual 80.
fn columns() -> usize {
    let from_shell = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    let from_driver = || {
        let asked =
            std::process::Command::new("stty").arg("size").stdin(std::process::Stdio::inherit()).output();
        let text = String::from_utf8(asked.ok()?.stdout).ok()?;
        text.split_whitespace().nth(1)?.parse().ok()
    };
    from_shell.or_else(from_driver).filter(|columns| *columns > 0).unwrap_or(80)
}
