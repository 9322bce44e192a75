//! The machine's file system behind [`super::Disk`].
//!
//! May touch: the file system.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};

use super::{DirEntry, DiskBackend, FileBackend, FileKind, LockError, Metadata, OpenMode, Space, SqliteMode};

/// Files hold mail and keys: nobody but the service account reads them.
const FILE_MODE: u32 = 0o600;
/// The same for directories.
const DIRECTORY_MODE: u32 = 0o700;
/// A lock file is read up to this length for the holder's process id.
const LOCK_FILE_BYTES_MAX: usize = 32;

pub(crate) struct RealDisk;

struct RealFile(File);

impl FileBackend for RealFile {
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        self.0.read_at(bytes, offset)
    }

    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.0.write_all_at(bytes, offset)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn sync_all(&self) -> io::Result<()> {
        self.0.sync_all()
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }
}

fn kind_of(kind: std::fs::FileType) -> FileKind {
    if kind.is_file() {
        FileKind::File
    } else if kind.is_dir() {
        FileKind::Directory
    } else {
        FileKind::Other
    }
}

fn open(path: &Path, mode: OpenMode) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).mode(FILE_MODE);
    match mode {
        OpenMode::Read => &mut options,
        OpenMode::ReadWrite => options.write(true),
        OpenMode::CreateNew => options.write(true).create_new(true),
        OpenMode::CreateOrOpen => options.write(true).create(true).truncate(false),
    };
    options.open(path)
}

impl DiskBackend for RealDisk {
    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Arc<dyn FileBackend>> {
        Ok(Arc::new(RealFile(open(path, mode)?)))
    }

    fn create_dir(&self, path: &Path) -> io::Result<()> {
        DirBuilder::new().mode(DIRECTORY_MODE).create(path)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    fn read_dir(&self, path: &Path) -> io::Result<Vec<DirEntry>> {
        let mut entries = Vec::new();
        for entry in std::fs::read_dir(path)? {
            let entry = entry?;
            entries.push(DirEntry {
                name: entry.file_name(),
                path: entry.path(),
                kind: kind_of(entry.file_type()?),
            });
        }
        Ok(entries)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }

    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_dir_all(path)
    }

    fn metadata(&self, path: &Path) -> io::Result<Metadata> {
        let found = std::fs::metadata(path)?;
        let kind = kind_of(found.file_type());
        let modified = Timestamp::try_from(found.modified()?).map_err(io::Error::other)?;
        Ok(Metadata { kind, len: if kind == FileKind::File { found.len() } else { 0 }, modified })
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        std::fs::canonicalize(path)
    }

    fn touch(&self, path: &Path) -> io::Result<()> {
        open(path, OpenMode::ReadWrite)?.set_modified(std::time::SystemTime::now())
    }

    fn space(&self, path: &Path) -> io::Result<Space> {
        let found = nix::sys::statvfs::statvfs(path)?;
        #[expect(clippy::useless_conversion, reason = "the C types differ between platforms")]
        let (unit, blocks, kept, free) = (
            u64::from(found.fragment_size()),
            u64::from(found.blocks()),
            u64::from(found.blocks_free()),
            u64::from(found.blocks_available()),
        );
        // As `df` counts: what is set aside for others is neither used nor free.
        let used = blocks.saturating_sub(kept);
        Ok(Space { total: used.saturating_add(free).saturating_mul(unit), free: free.saturating_mul(unit) })
    }

    fn lock_exclusive(&self, path: &Path) -> Result<Box<dyn Send + Sync>, LockError> {
        let failed = |source| LockError::Io { path: path.to_owned(), source };
        let file = open(path, OpenMode::CreateOrOpen).map_err(failed)?;
        let held = match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(held) => held,
            Err((file, Errno::EWOULDBLOCK)) => {
                return Err(LockError::Held { path: path.to_owned(), pid: read_pid(&file) });
            }
            Err((_, error)) => return Err(failed(error.into())),
        };
        held.set_len(0).map_err(failed)?;
        held.write_all_at(format!("{}\n", std::process::id()).as_bytes(), 0).map_err(failed)?;
        Ok(Box::new(held))
    }

    fn sqlite_path(&self, path: &Path, mode: SqliteMode) -> io::Result<PathBuf> {
        if mode == SqliteMode::ReadWriteCreate {
            // SQLite would make it readable by all. An empty file is an empty database, and the files SQLite makes
            // beside it take over its mode.
            open(path, OpenMode::CreateOrOpen)?;
        }
        Ok(path.to_owned())
    }
}

fn read_pid(file: &File) -> Option<u32> {
    let mut bytes = [0; LOCK_FILE_BYTES_MAX];
    let count = file.read_at(&mut bytes, 0).ok()?;
    std::str::from_utf8(bytes.get(..count)?).ok()?.trim().parse().ok()
}
