//! The disk: files with positional reads and writes, directories, locks and SQLite connections.
//!
//! May touch: the file system (the real disk only); SQLite opens real files in simulation too.
//! Standards: POSIX `fsync`, `rename`; a new name is durable only after its directory was synced.
//!
//! Everything here blocks: call it from a writer or inside [`crate::Executor::blocking`]. An error from a write or a
//! sync is final for that file: the kernel may have dropped the data, and a second sync would report success.

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags};

/// The oldest SQLite accepted, as `sqlite3_libversion_number()`: 3.51.3 repairs resets of the write-ahead log.
pub const SQLITE_VERSION_MIN: i32 = 3_051_003;
/// How long a SQLite statement waits for another connection's lock before it fails with `SQLITE_BUSY`.
pub const SQLITE_BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// How to open a file. Every mode but `Read` can read and write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenMode {
    /// It must exist; reading only.
    Read,
    /// It must exist.
    ReadWrite,
    /// It must not exist.
    CreateNew,
    /// It is created empty if it does not exist and keeps its content otherwise.
    CreateOrOpen,
}

/// What a path names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A socket, symbolic link or device.
    Other,
}

/// Facts about a file or directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metadata {
    /// What it is.
    pub kind: FileKind,
    /// Length in bytes; 0 for a directory.
    pub len: u64,
    /// When the content was last changed or [`Disk::touch`]ed.
    pub modified: Timestamp,
}

/// One name in a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirEntry {
    /// The name within the directory.
    pub name: OsString,
    /// The directory's path joined with the name.
    pub path: PathBuf,
    /// What it names.
    pub kind: FileKind,
}

/// Size of a file system in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    /// What is used and what an unprivileged process may still fill; blocks set aside for others are not counted.
    pub total: u64,
    /// What an unprivileged process may still fill.
    pub free: u64,
}

/// How to open a SQLite database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SqliteMode {
    /// Read and write; created if missing.
    ReadWriteCreate,
    /// It must exist; `SELECT` only.
    ReadOnly,
}

/// Why a lock was not taken.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process (or another holder in this one) has it.
    #[error("{} is locked by {}", path.display(), holder(*pid))]
    Held {
        /// The lock file.
        path: PathBuf,
        /// The holder's process id as it stands in the file, if it can be read.
        pid: Option<u32>,
    },
    /// The lock file cannot be opened, locked or written.
    #[error("cannot lock {}: {source}", path.display())]
    Io {
        /// The lock file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
}

fn holder(pid: Option<u32>) -> String {
    pid.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"))
}

/// Why a SQLite database was not opened.
#[derive(Debug, thiserror::Error)]
pub enum SqliteError {
    /// The library linked in is older than [`SQLITE_VERSION_MIN`].
    #[error("SQLite {0} is too old, 3.51.3 is needed")]
    Version(&'static str),
    /// The file cannot be created or reached.
    #[error("cannot open {}: {source}", path.display())]
    Io {
        /// The database file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// SQLite refused it.
    #[error("cannot open {}: {source}", path.display())]
    Sqlite {
        /// The database file.
        path: PathBuf,
        /// The cause.
        source: rusqlite::Error,
    },
}

/// What a file has to be able to do; real in `disk/real.rs`, simulated in `sim/disk.rs`.
pub(crate) trait FileBackend: Send + Sync {
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize>;
    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;
    fn sync_data(&self) -> io::Result<()>;
    fn sync_all(&self) -> io::Result<()>;
    fn len(&self) -> io::Result<u64>;
    fn set_len(&self, len: u64) -> io::Result<()>;
}

/// What a disk has to be able to do; real in `disk/real.rs`, simulated in `sim/disk.rs`.
pub(crate) trait DiskBackend: Send + Sync {
    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Arc<dyn FileBackend>>;
    fn create_dir(&self, path: &Path) -> io::Result<()>;
    fn sync_dir(&self, path: &Path) -> io::Result<()>;
    fn read_dir(&self, path: &Path) -> io::Result<Vec<DirEntry>>;
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    fn remove_file(&self, path: &Path) -> io::Result<()>;
    fn remove_dir_all(&self, path: &Path) -> io::Result<()>;
    fn metadata(&self, path: &Path) -> io::Result<Metadata>;
    fn canonical(&self, path: &Path) -> io::Result<PathBuf>;
    fn touch(&self, path: &Path) -> io::Result<()>;
    fn space(&self, path: &Path) -> io::Result<Space>;
    fn lock_exclusive(&self, path: &Path) -> Result<Box<dyn Send + Sync>, LockError>;
    /// Makes sure the file may be opened in `mode` and says where SQLite finds it.
    fn sqlite_path(&self, path: &Path, mode: SqliteMode) -> io::Result<PathBuf>;
}

/// A handle on a file system. Cheap to clone.
#[derive(Clone)]
pub struct Disk(Arc<dyn DiskBackend>);

impl Disk {
    pub(crate) fn from_backend(backend: Arc<dyn DiskBackend>) -> Self {
        Self(backend)
    }

    /// The machine's file system. Files are made with mode 0600 and directories with 0700: they hold mail.
    #[must_use]
    pub fn real() -> Self {
        Self(Arc::new(RealDisk))
    }

    /// Opens a file. A file made here is durable only after [`DiskFile::sync_all`] and [`Disk::sync_dir`].
    pub fn open(&self, path: &Path, mode: OpenMode) -> io::Result<DiskFile> {
        self.0.open(path, mode).map(DiskFile)
    }

    /// Makes a directory and every missing one above it, and makes them durable.
    pub fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        let mut missing = Vec::new();
        for above in path.ancestors().filter(|above| !above.as_os_str().is_empty()) {
            match self.0.metadata(above) {
                Ok(found) if found.kind == FileKind::Directory => break,
                Ok(_) => return Err(io::Error::from(io::ErrorKind::NotADirectory)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => missing.push(above),
                Err(error) => return Err(error),
            }
        }
        for directory in missing.into_iter().rev() {
            match self.0.create_dir(directory) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
            self.0.sync_dir(parent_of(directory))?;
        }
        Ok(())
    }

    /// Makes names created, renamed or removed in this directory durable.
    pub fn sync_dir(&self, path: &Path) -> io::Result<()> {
        self.0.sync_dir(path)
    }

    /// The names in a directory, sorted by name.
    pub fn read_dir(&self, path: &Path) -> io::Result<Vec<DirEntry>> {
        let mut entries = self.0.read_dir(path)?;
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    /// Renames a file or directory within the file system; an existing file at `to` is replaced in one step. Durable
    /// only after [`Disk::sync_dir`] of both directories.
    pub fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.0.rename(from, to)
    }

    /// Removes a file's name. Durable only after [`Disk::sync_dir`].
    pub fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.0.remove_file(path)
    }

    /// Removes a directory and all below it.
    pub fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        self.0.remove_dir_all(path)
    }

    /// Whether the path names anything. `Err` if that cannot be told, for example for want of permission.
    pub fn exists(&self, path: &Path) -> io::Result<bool> {
        match self.0.metadata(path) {
            Ok(_) => Ok(true),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// Kind, length and time of a path.
    pub fn metadata(&self, path: &Path) -> io::Result<Metadata> {
        self.0.metadata(path)
    }

    /// The same path without `.`, `..` and symbolic links.
    ///
    /// # Errors
    /// If there is nothing at this path, or it cannot be followed.
    pub fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        self.0.canonical(path)
    }

    /// Sets a file's time of change to now.
    pub fn touch(&self, path: &Path) -> io::Result<()> {
        self.0.touch(path)
    }

    /// Size of the file system that holds `path`, which must exist.
    pub fn space(&self, path: &Path) -> io::Result<Space> {
        self.0.space(path)
    }

    /// The whole content of a file. For files known to be small; large ones are read in pieces.
    pub fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let file = self.open(path, OpenMode::Read)?;
        let len = usize::try_from(file.len()?).map_err(|_| io::Error::from(io::ErrorKind::FileTooLarge))?;
        let mut bytes = vec![0; len];
        file.read_exact_at(&mut bytes, 0)?;
        Ok(bytes)
    }

    /// Replaces a file's content so that after a crash either the old or the new content is there, and durably the
    /// new one once this returns. Uses the name `.NAME.new` beside it.
    pub fn write_atomic(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let name = path.file_name().ok_or_else(|| io::Error::from(io::ErrorKind::InvalidFilename))?;
        let mut new_name = OsString::from(".");
        new_name.push(name);
        new_name.push(".new");
        let new_path = path.with_file_name(new_name);
        let file = self.open(&new_path, OpenMode::CreateOrOpen)?;
        file.set_len(0)?;
        file.write_all_at(bytes, 0)?;
        file.sync_all()?;
        drop(file);
        self.rename(&new_path, path)?;
        self.sync_dir(parent_of(path))
    }

    /// Locks a file against every other process until the [`DiskLock`] is dropped or the process ends. The file holds
    /// the process id of the holder.
    pub fn lock_exclusive(&self, path: &Path) -> Result<DiskLock, LockError> {
        self.0.lock_exclusive(path).map(|held| DiskLock { _held: held })
    }

    /// Opens a SQLite database with the bundled library and a busy timeout of [`SQLITE_BUSY_TIMEOUT`]; journal mode
    /// and synchronous are the caller's. In simulation the database is a real file in a temporary directory that the
    /// simulation owns; a simulated power cut leaves it as it is.
    pub fn sqlite(&self, path: &Path, mode: SqliteMode) -> Result<Connection, SqliteError> {
        if rusqlite::version_number() < SQLITE_VERSION_MIN {
            return Err(SqliteError::Version(rusqlite::version()));
        }
        let file = self
            .0
            .sqlite_path(path, mode)
            .map_err(|source| SqliteError::Io { path: path.to_owned(), source })?;
        let flags = OpenFlags::SQLITE_OPEN_NO_MUTEX
            | match mode {
                SqliteMode::ReadWriteCreate => {
                    OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE
                }
                SqliteMode::ReadOnly => OpenFlags::SQLITE_OPEN_READ_ONLY,
            };
        let wrap = |source| SqliteError::Sqlite { path: path.to_owned(), source };
        let connection = Connection::open_with_flags(file, flags).map_err(wrap)?;
        connection.busy_timeout(SQLITE_BUSY_TIMEOUT).map_err(wrap)?;
        Ok(connection)
    }
}

impl fmt::Debug for Disk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Disk")
    }
}

/// The directory a name stands in; `.` for a bare name.
fn parent_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        Some(_) => Path::new("."),
        None => path,
    }
}

/// An open file. Clones share it; it closes with the last one.
#[derive(Clone)]
pub struct DiskFile(Arc<dyn FileBackend>);

impl DiskFile {
    /// Reads at most `bytes.len()` bytes at `offset`; 0 at or after the end.
    pub fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        self.0.read_at(bytes, offset)
    }

    /// Fills `bytes` from `offset` on, or fails with `UnexpectedEof`.
    pub fn read_exact_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        let mut rest = bytes;
        let mut offset = offset;
        while !rest.is_empty() {
            match self.0.read_at(rest, offset) {
                Ok(0) => return Err(io::Error::from(io::ErrorKind::UnexpectedEof)),
                Ok(count) => {
                    rest = rest.get_mut(count..).unwrap_or_default();
                    offset = offset.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Writes all of `bytes` at `offset`, making the file longer if needed; a gap reads as zeros.
    pub fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.0.write_all_at(bytes, offset)
    }

    /// Makes the content written so far durable, the length included (`fdatasync`).
    pub fn sync_data(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    /// Makes content and metadata durable (`fsync`). The file's name needs [`Disk::sync_dir`].
    pub fn sync_all(&self) -> io::Result<()> {
        self.0.sync_all()
    }

    /// Length in bytes.
    #[expect(clippy::len_without_is_empty, reason = "a file's length is an operation that can fail")]
    pub fn len(&self) -> io::Result<u64> {
        self.0.len()
    }

    /// Cuts the file, or lengthens it with zeros.
    pub fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }
}

impl fmt::Debug for DiskFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DiskFile")
    }
}

/// Holds a lock until dropped, see [`Disk::lock_exclusive`].
pub struct DiskLock {
    _held: Box<dyn Send + Sync>,
}

impl fmt::Debug for DiskLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DiskLock")
    }
}

mod real;
pub(crate) use real::RealDisk;
