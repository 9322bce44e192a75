//! Other people's programs: found, started on a free port, ended by their pid.
//!
//! May touch: processes, files, sockets on loopback.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use super::patience::until;

/// Ports are tried in a range the kernel gives nobody by itself, starting at a place that differs by process.
const PORTS: std::ops::Range<u16> = 20_000..30_000;

/// A command for a program that must be there.
pub(crate) fn program(name: &str) -> Command {
    let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/sbin";
    let found = path.split(':').map(|folder| Path::new(folder).join(name)).find(|path| path.is_file());
    let Some(found) = found else { panic!("{name} is missing; `make needs` installs it") };
    Command::new(found)
}

/// Runs a program that must succeed.
pub(crate) fn run(command: &mut Command) -> Output {
    let output = command.stdin(Stdio::null()).output().expect("the program starts");
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

/// A port nobody listens on now, for programs that cannot take any free one by themselves.
pub(crate) fn free_port() -> u16 {
    let count = u32::from(PORTS.end - PORTS.start);
    let first = std::process::id().wrapping_mul(7919) % count;
    (0..count)
        .map(|at| PORTS.start + u16::try_from((first + at * 13) % count).unwrap())
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .expect("a free port")
}

fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

/// Postfix's smtp-sink, which keeps every message it takes in a file.
pub(crate) struct Sink {
    child: Child,
    folder: PathBuf,
    /// Where it listens.
    pub(crate) port: u16,
}

impl Sink {
    /// Starts one; `refusing` are its options to refuse commands, such as `-f rcpt`.
    pub(crate) fn start(folder: &Path, refusing: &[&str]) -> Self {
        Self::start_on(folder, refusing, free_port())
    }

    /// Starts one where another was.
    pub(crate) fn start_on(folder: &Path, refusing: &[&str], port: u16) -> Self {
        let folder = folder.join("sink");
        fs::create_dir_all(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
        let mut command = program("smtp-sink");
        if is_root() {
            command.args(["-u", "nobody"]);
        }
        command.arg("-R").arg(&folder).args(["-d", "taken/%M."]).args(refusing);
        let child = command.arg(format!("127.0.0.1:{port}")).arg("1024").spawn().expect("smtp-sink");
        until("smtp-sink", || TcpStream::connect(("127.0.0.1", port)).ok());
        Self { child, folder, port }
    }

    /// Envelope and content of everything taken so far. The content's lines end in CRLF again.
    pub(crate) fn taken(&self) -> Vec<Taken> {
        let Ok(files) = fs::read_dir(self.folder.join("taken")) else { return Vec::new() };
        files.filter_map(|file| Taken::read(&fs::read(file.unwrap().path()).unwrap())).collect()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A message that smtp-sink took.
#[derive(Debug)]
pub(crate) struct Taken {
    /// MAIL FROM and RCPT TO with their parameters, as they were said.
    pub(crate) envelope: String,
    /// Everything that came after DATA.
    pub(crate) content: Vec<u8>,
}

impl Taken {
    /// The dump: `X-` lines, a Received field of its own in three lines, the message with LF, an empty line. `None`
    /// while it is being written.
    fn read(dump: &[u8]) -> Option<Self> {
        let mut lines = dump.split_inclusive(|byte| *byte == b'\n');
        let (mut envelope, mut fields) = (String::new(), 0);
        for line in lines.by_ref() {
            let text = String::from_utf8_lossy(line);
            if text.starts_with("X-Mail-Args:") || text.starts_with("X-Rcpt-Args:") {
                envelope.push_str(&text);
            }
            fields += usize::from(text.starts_with("Received:") || fields > 0);
            if fields == 3 {
                break;
            }
        }
        let rest: Vec<&[u8]> = lines.collect();
        let (last, message) = rest.split_last()?;
        if *last != b"\n" {
            return None;
        }
        let mut content = Vec::with_capacity(dump.len());
        for line in message {
            content.extend_from_slice(line.strip_suffix(b"\n").unwrap_or(line));
            content.extend_from_slice(b"\r\n");
        }
        Some(Self { envelope, content })
    }
}

/// A throw-away Postfix that delivers `dst.test` into maildirs.
pub(crate) struct Postfix {
    folder: PathBuf,
    /// Where it listens.
    pub(crate) port: u16,
}

impl Postfix {
    /// Starts one.
    pub(crate) fn start(folder: &Path) -> Self {
        assert!(is_root(), "Postfix's master must be started by root; run the tests as root");
        let (folder, port) = (folder.join("postfix"), free_port());
        run(script().arg("start").arg(&folder).arg(port.to_string()).arg("maildir"));
        Self { folder, port }
    }

    /// Every message delivered so far, lines ended by CRLF.
    pub(crate) fn delivered(&self) -> Vec<Vec<u8>> {
        let Ok(files) = fs::read_dir(self.folder.join("mail/others/new")) else { return Vec::new() };
        let crlf = |bytes: Vec<u8>| {
            let lines = bytes.split_inclusive(|byte| *byte == b'\n');
            lines
                .flat_map(|line| [line.strip_suffix(b"\n").unwrap_or(line), b"\r\n"])
                .flatten()
                .copied()
                .collect()
        };
        files.map(|file| crlf(fs::read(file.unwrap().path()).unwrap())).collect()
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        let _ = script().arg("stop").arg(&self.folder).stderr(Stdio::null()).status();
    }
}

fn script() -> Command {
    let mut command = program("bash");
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/postfix.sh"));
    command
}
