//! A server of our own: the binary `postroom` on a temporary data directory, on loopback, on ports nobody else has.
//!
//! May touch: processes, files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::OnceLock;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tempfile::TempDir;

use super::patience::until;

/// The domain of every house.
pub(crate) const DOMAIN: &str = "contoso.example";
/// The password of every account.
pub(crate) const PASSWORD: &str = "Correct-Horse-7";

/// A data directory, and the server on it while one runs.
pub(crate) struct House {
    dir: TempDir,
    child: Option<Child>,
    /// Words after `serve`.
    serve: &'static [&'static str],
}

impl House {
    /// Makes an organization and starts its server.
    pub(crate) fn new() -> Self {
        Self::serving(&[])
    }

    /// The same with more words after `serve`.
    pub(crate) fn serving(serve: &'static [&'static str]) -> Self {
        let dir = tempfile::Builder::new().prefix("pr-").tempdir().expect("a temporary folder");
        // Programs that drop root must get to their files beside the data directory, which stays closed.
        fs::set_permissions(dir.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let mut house = Self { dir, child: None, serve };
        fs::write(
            house.config(),
            "[listen]\nsmtp = \"127.0.0.1:0\"\nsubmission = \"127.0.0.1:0\"\nhttp = \"127.0.0.1:0\"\n\
             [dns]\nservers = [\"127.0.0.1:9\"]\n",
        )
        .unwrap();
        let made = Command::new(binary())
            .args(["init", "--domain", DOMAIN, "--server-name", "mx1", "--data"])
            .arg(house.data())
            .output()
            .expect("init");
        assert!(made.status.success(), "init: {}", String::from_utf8_lossy(&made.stderr));
        house.start();
        house
    }

    /// Where programs beside the server may put files.
    pub(crate) fn folder(&self) -> &Path {
        self.dir.path()
    }

    /// The data directory.
    pub(crate) fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn config(&self) -> PathBuf {
        self.dir.path().join("postroom.toml")
    }

    fn log(&self) -> String {
        fs::read_to_string(self.dir.path().join("serve.txt")).unwrap_or_default()
    }

    /// Starts the server and waits until it accepts.
    pub(crate) fn start(&mut self) {
        let log =
            fs::OpenOptions::new().create(true).append(true).open(self.dir.path().join("serve.txt")).unwrap();
        let mut child = Command::new(binary())
            .args(["serve", "--data"])
            .arg(self.data())
            .arg("--config")
            .arg(self.config())
            .args(self.serve)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .expect("serve");
        let pid = child.id();
        until("a server that accepts", || {
            if let Some(status) = child.try_wait().unwrap() {
                panic!("serve ended with {status}: {}", self.log());
            }
            // A killed server leaves its file; the new one removes it and writes it again, with other ports.
            let ready = fs::read_to_string(self.data().join("run/ports.json")).ok()?;
            let lock = fs::read_to_string(self.data().join("run/lock")).ok()?;
            let own = lock.lines().next() == Some(pid.to_string().as_str());
            (own && ready.ends_with('\n') && self.try_cmdlet(&["Get-AcceptedDomain"]).status.success())
                .then_some(())
        });
        self.child = Some(child);
    }

    /// A listener's port.
    pub(crate) fn port(&self, name: &str) -> u16 {
        let text = fs::read_to_string(self.data().join("run/ports.json")).expect("run/ports.json");
        let ports: Value = serde_json::from_str(&text).expect("JSON");
        u16::try_from(ports[name].as_u64().unwrap_or_else(|| panic!("no {name} in {text}"))).unwrap()
    }

    /// The pid of the server.
    pub(crate) fn pid(&self) -> u32 {
        self.child.as_ref().expect("a server runs").id()
    }

    /// Pulls the plug of the process.
    pub(crate) fn kill(&mut self) {
        let mut child = self.child.take().expect("a server runs");
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Asks the server to end.
    pub(crate) fn ask_to_end(&self) {
        kill(Pid::from_raw(i32::try_from(self.pid()).unwrap()), Signal::SIGTERM).unwrap();
    }

    /// Waits for its end.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        let mut child = self.child.take().expect("a server runs");
        until("the server's end", || child.try_wait().unwrap())
    }

    /// Runs `postroom serve` on the same data once more.
    pub(crate) fn second_server(&self, config: &Path) -> Output {
        Command::new(binary())
            .args(["serve", "--data"])
            .arg(self.data())
            .arg("--config")
            .arg(config)
            .output()
            .unwrap()
    }

    /// Runs a cmdlet, whatever becomes of it.
    pub(crate) fn try_cmdlet(&self, words: &[&str]) -> Output {
        Command::new(binary()).arg("--data").arg(self.data()).args(words).output().expect("the shell")
    }

    /// Runs a cmdlet that must succeed; what it wrote.
    pub(crate) fn cmdlet(&self, words: &[&str]) -> Vec<u8> {
        let output = self.try_cmdlet(words);
        assert!(
            output.status.success(),
            "{words:?}: {}\n{}",
            String::from_utf8_lossy(&output.stderr),
            self.log().lines().rev().take(10).collect::<Vec<_>>().join("\n")
        );
        output.stdout
    }

    /// Runs a cmdlet that must succeed; its rows.
    pub(crate) fn rows(&self, words: &[&str]) -> Vec<Value> {
        let mut all = words.to_vec();
        all.extend(["-Format", "json"]);
        let text = self.cmdlet(&all);
        match serde_json::from_slice(&text) {
            Ok(Value::Array(rows)) => rows,
            Ok(row) => vec![row],
            Err(error) => panic!("{words:?}: {error}: {}", String::from_utf8_lossy(&text)),
        }
    }

    /// Makes a user mailbox in the domain.
    pub(crate) fn add_mailbox(&self, name: &str) {
        self.cmdlet(&[
            "New-Mailbox",
            "-Name",
            name,
            "-PrimarySmtpAddress",
            &address(name),
            "-Password",
            PASSWORD,
        ]);
    }

    /// Makes `dst.test` a domain whose mail goes to another server on loopback.
    pub(crate) fn relay_to(&self, port: u16) {
        let port = port.to_string();
        self.cmdlet(&[
            "New-AcceptedDomain",
            "-Name",
            "dst",
            "-DomainName",
            "dst.test",
            "-DomainType",
            "ExternalRelay",
        ]);
        self.cmdlet(&[
            "New-SendConnector",
            "-Name",
            "dst",
            "-AddressSpaces",
            "dst.test",
            "-SmartHosts",
            "127.0.0.1",
            "-Port",
            &port,
        ]);
    }

    /// The items of a mailbox's Inbox, each as it was delivered.
    pub(crate) fn inbox(&self, name: &str) -> Vec<Vec<u8>> {
        let (address, mut messages) = (address(name), Vec::new());
        for item in self.items(name) {
            let id = item["ItemId"].to_string();
            messages.push(self.cmdlet(&[
                "Export-MailboxItem",
                "-Identity",
                &address,
                "-ItemId",
                &id,
                "-Path",
                "-",
            ]));
        }
        messages
    }

    /// The items of a mailbox's Inbox, as listed.
    pub(crate) fn items(&self, name: &str) -> Vec<Value> {
        self.rows(&[
            "Get-MailboxItem",
            "-Identity",
            &address(name),
            "-Folder",
            "Inbox",
            "-ResultSize",
            "Unlimited",
        ])
    }

    /// Waits until the Inbox holds so many, and gives them.
    pub(crate) fn delivered(&self, name: &str, count: usize) -> Vec<Vec<u8>> {
        super::patience::until_eq(&format!("items for {name}"), &count, || self.items(name).len());
        self.inbox(name)
    }

    /// Recipient and status of every trace row that the words select, sorted.
    pub(crate) fn statuses(&self, words: &[&str]) -> Vec<(String, String)> {
        let mut all = vec!["Get-MessageTrace", "-ResultSize", "Unlimited"];
        all.extend(words);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let mut found: Vec<_> = self
            .rows(&all)
            .iter()
            .map(|row| (text(&row["RecipientAddress"]), text(&row["Status"])))
            .collect();
        found.sort();
        found
    }

    /// Waits until the trace says exactly this.
    pub(crate) fn traced(&self, words: &[&str], wanted: &[(&str, &str)]) {
        let mut wanted: Vec<_> =
            wanted.iter().map(|(to, status)| ((*to).to_owned(), (*status).to_owned())).collect();
        wanted.sort();
        super::patience::until_eq(&format!("the trace of {words:?}"), &wanted, || self.statuses(words));
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
            if std::thread::panicking() {
                eprintln!("what the server said:\n{}", self.log());
            }
        }
    }
}

/// An address in the house's domain.
pub(crate) fn address(name: &str) -> String {
    format!("{name}@{DOMAIN}")
}

/// The binary, built if it is not up to date. Cargo builds no other package's binary for a test by itself.
pub(crate) fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        if let Some(given) = std::env::var_os("POSTROOM") {
            return given.into();
        }
        // …/target/debug/deps/all-0123456789abcdef
        let own = std::env::current_exe().expect("the test's own path");
        let profile = own.ancestors().nth(2).expect("target/debug").to_owned();
        let mut build = Command::new(env!("CARGO"));
        build
            .args(["build", "--quiet", "--workspace", "--bins", "--target-dir"])
            .arg(profile.parent().unwrap());
        if profile.ends_with("release") {
            build.arg("--release");
        }
        let built = build.current_dir(env!("CARGO_MANIFEST_DIR")).status().expect("cargo");
        assert!(built.success(), "the server does not build");
        profile.join("postroom")
    })
}
