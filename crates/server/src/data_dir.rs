//! The data directory: what lies where in it, its format stamp, and the lock that makes one process its owner.
//!
//! May touch: disk; permissions of the directory.

use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use world::{Disk, DiskLock, LockError};

use crate::failure::Failure;

/// Version of everything in a data directory; raised when an older Postroom could not read it any more.
pub(crate) const FORMAT_VERSION: u32 = 1;
/// What stands before the version in the stamp.
const STAMP: &str = "postroom data format";
/// Only the owner: it holds mail, keys and password hashes.
const DIRECTORY_MODE: u32 = 0o700;

/// Longest path of a Unix socket, in bytes (`sun_path` without its final NUL).
const SOCKET_PATH_BYTES_MAX: usize = 107;

/// What may lie in a directory that `init` takes: its own leavings when it was cut off, and what file systems and
/// administrators put there.
const TAKEN_OVER: &[&str] = &["postroom.toml", "lost+found", "run", "certificates"];
/// The directory's file, which SQLite surrounds with files of the same beginning.
const DIRECTORY_FILE: &str = "directory.sqlite";

/// A data directory, which may not exist yet.
#[derive(Debug, Clone)]
pub(crate) struct DataDir {
    root: PathBuf,
    disk: Disk,
}

impl DataDir {
    /// The directory at `root`.
    pub(crate) fn new(root: &Path, disk: &Disk) -> Self {
        Self { root: root.to_owned(), disk: disk.clone() }
    }

    /// The directory itself.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The configuration file that is read when none is named.
    pub(crate) fn config(&self) -> PathBuf {
        self.root.join("postroom.toml")
    }

    /// Recipients, domains, connectors, settings.
    pub(crate) fn directory(&self) -> PathBuf {
        self.root.join(DIRECTORY_FILE)
    }

    /// The transport's log.
    pub(crate) fn spool(&self) -> PathBuf {
        self.root.join("spool")
    }

    /// The tracking log.
    pub(crate) fn trace(&self) -> PathBuf {
        self.root.join("trace")
    }

    /// Protocol logs.
    pub(crate) fn logs(&self) -> PathBuf {
        self.root.join("logs")
    }

    /// Certificates and keys, PEM.
    pub(crate) fn certificates(&self) -> PathBuf {
        self.root.join("certificates")
    }

    /// The socket of the local administrator.
    pub(crate) fn socket(&self) -> PathBuf {
        self.run().join("admin.sock")
    }

    /// The ports the running server listens on.
    pub(crate) fn ports(&self) -> PathBuf {
        self.run().join("ports.json")
    }

    /// What only a running server needs.
    fn run(&self) -> PathBuf {
        self.root.join("run")
    }

    fn stamp(&self) -> PathBuf {
        self.root.join("format")
    }

    /// Refuses a path under which the local socket would be too long for the system.
    pub(crate) fn check_path(&self) -> Result<(), Failure> {
        let (len, max) = (self.socket().as_os_str().len(), SOCKET_PATH_BYTES_MAX);
        if len <= max {
            return Ok(());
        }
        Err(Failure(format!(
            "{} is too long by {} bytes for the socket in it; use a shorter path",
            self.root.display(),
            len - max
        )))
    }

    /// Makes the directory for its owner alone, or makes an existing one so.
    pub(crate) fn make(&self) -> Result<(), Failure> {
        let failed = |error: io::Error| Failure::of(format!("cannot make {}", self.root.display()), error);
        self.disk.create_dir_all(&self.root).map_err(failed)?;
        std::fs::set_permissions(&self.root, std::fs::Permissions::from_mode(DIRECTORY_MODE))
            .map_err(failed)?;
        self.disk.create_dir_all(&self.run()).map_err(failed)
    }

    /// Takes the directory for this process until the lock is dropped.
    pub(crate) fn lock(&self) -> Result<DiskLock, Failure> {
        let failed = |error: io::Error| Failure::of(format!("cannot use {}", self.root.display()), error);
        self.disk.create_dir_all(&self.run()).map_err(failed)?;
        self.disk.lock_exclusive(&self.run().join("lock")).map_err(|error| match error {
            LockError::Held { pid, .. } => {
                let holder = pid.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"));
                Failure(format!("{holder} runs on {} already; stop it first", self.root.display()))
            }
            error @ LockError::Io { .. } => Failure(error.to_string()),
        })
    }

    /// Whether `init` may make an organization here.
    pub(crate) fn check_vacant(&self) -> Result<(), Failure> {
        let root = self.root.display();
        let entries = match self.disk.read_dir(&self.root) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(Failure::of(format!("cannot use {root}"), error)),
        };
        let names: Vec<String> =
            entries.into_iter().map(|entry| entry.name.to_string_lossy().into_owned()).collect();
        if names.iter().any(|name| name == "format") {
            return Err(Failure(format!(
                "{root} holds an organization already; run `postroom serve --data {root}`, or use another directory"
            )));
        }
        let foreign = names
            .iter()
            .find(|name| !TAKEN_OVER.contains(&name.as_str()) && !name.starts_with(DIRECTORY_FILE));
        match foreign {
            None => Ok(()),
            Some(name) => Err(Failure(format!(
                "{root} is not empty (there is {name}) and holds no organization; use an empty directory"
            ))),
        }
    }

    /// Says that the directory is complete and in this program's format. The last step of `init`.
    pub(crate) fn write_stamp(&self) -> Result<(), Failure> {
        let text = format!("{STAMP} {FORMAT_VERSION}\n");
        self.disk
            .write_atomic(&self.stamp(), text.as_bytes())
            .map_err(|error| Failure::of(format!("cannot write {}", self.stamp().display()), error))
    }

    /// Refuses a directory without an organization, or of a newer Postroom.
    pub(crate) fn check_stamp(&self) -> Result<(), Failure> {
        let root = self.root.display();
        let bytes = match self.disk.read(&self.stamp()) {
            Ok(bytes) => bytes,
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Err(Failure(format!(
                    "{root} holds no organization; make one with `postroom init --data {root} --domain DOMAIN`"
                )));
            }
            Err(error) => return Err(Failure::of(format!("cannot read {}", self.stamp().display()), error)),
        };
        let text = String::from_utf8_lossy(&bytes);
        let version = text.trim().strip_prefix(STAMP).and_then(|rest| rest.trim().parse::<u32>().ok());
        match version {
            Some(version) if version <= FORMAT_VERSION => Ok(()),
            Some(version) => Err(Failure(format!(
                "{root} has the data format {version}; Postroom {} knows formats up to {FORMAT_VERSION}: use the newer Postroom that wrote it",
                env!("CARGO_PKG_VERSION")
            ))),
            None => Err(Failure(format!(
                "{} does not say which data format this is; restore it from a backup",
                self.stamp().display()
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh() -> (tempfile::TempDir, DataDir) {
        let parent = tempfile::tempdir().unwrap();
        let dir = DataDir::new(&parent.path().join("data"), &Disk::real());
        (parent, dir)
    }

    #[test]
    fn a_made_directory_is_for_its_owner_alone() {
        let (_parent, dir) = fresh();
        dir.check_vacant().unwrap();
        dir.make().unwrap();
        let mode = std::fs::metadata(dir.root()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, DIRECTORY_MODE);
    }

    #[test]
    fn an_organization_and_foreign_files_are_not_overwritten() {
        let (_parent, dir) = fresh();
        dir.make().unwrap();
        let _lock = dir.lock().unwrap();
        dir.check_vacant().unwrap();
        std::fs::write(dir.root().join("thesis.doc"), "").unwrap();
        assert!(dir.check_vacant().unwrap_err().to_string().contains("thesis.doc"));
        dir.write_stamp().unwrap();
        assert!(dir.check_vacant().unwrap_err().to_string().contains("holds an organization already"));
    }

    #[test]
    fn the_stamp_decides_who_may_serve() {
        let (_parent, dir) = fresh();
        assert!(dir.check_stamp().unwrap_err().to_string().contains("postroom init"));
        dir.make().unwrap();
        dir.write_stamp().unwrap();
        dir.check_stamp().unwrap();
        std::fs::write(dir.root().join("format"), "postroom data format 2\n").unwrap();
        assert!(dir.check_stamp().unwrap_err().to_string().contains("has the data format 2"));
        std::fs::write(dir.root().join("format"), "\0\0").unwrap();
        assert!(dir.check_stamp().unwrap_err().to_string().contains("does not say"));
    }

    #[test]
    fn the_architecture_names_every_place() {
        let dir = DataDir::new(Path::new("DATA"), &Disk::real());
        let stores = include_str!("../../../ARCHITECTURE.md");
        for place in [dir.directory(), dir.spool(), dir.trace(), dir.logs(), dir.certificates(), dir.run()] {
            let named = format!("`{}", place.display());
            assert!(stores.contains(&named), "the table of stores does not name {named}");
        }
    }

    #[test]
    fn the_second_owner_is_told_who_the_first_is() {
        let (_parent, dir) = fresh();
        dir.make().unwrap();
        let _held = dir.lock().unwrap();
        let error = dir.lock().unwrap_err().to_string();
        assert!(error.contains(&format!("process {} runs on", std::process::id())), "{error}");
    }
}
