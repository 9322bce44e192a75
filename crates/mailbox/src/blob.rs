//! Large bodies as files named by their hash: written once, shared by every mailbox that holds the message.
//!
//! May touch: disk.
//!
//! A blob is durable (file, then directory) before the row that names it is committed. Reuse sets the file's time to
//! now before that commit, so that the sweep, which removes nothing young, cannot take it away in between.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use parking_lot::Mutex;
use world::{Disk, FileKind, OpenMode};

use crate::body::ZSTD_LEVEL;
use crate::error::MailboxError;

/// Hashes remembered as durable and lately touched; forgotten all at once when full.
const KNOWN_MAX: usize = 4096;
/// A remembered blob is touched again after this many seconds; far below the sweep's grace.
const KNOWN_SECONDS: i64 = 3600;

/// BLAKE3 of a whole body, uncompressed.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct BlobHash([u8; 32]);

impl BlobHash {
    pub(crate) fn of(body: &[u8]) -> Self {
        Self(*blake3::hash(body).as_bytes())
    }

    pub(crate) fn from_stored(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn from_names(directory: &str, file: &str) -> Option<Self> {
        let hex = blake3::Hash::from_hex(format!("{directory}{}", file.strip_suffix(".zst")?)).ok()?;
        Some(Self(*hex.as_bytes()))
    }
}

impl fmt::Display for BlobHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for BlobHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A file in the blob directory.
#[derive(Debug)]
pub(crate) struct BlobFile {
    pub(crate) path: PathBuf,
    /// `None` for a leftover of an interrupted write.
    pub(crate) hash: Option<BlobHash>,
}

/// The blobs of all mailboxes of a data directory.
#[derive(Debug)]
pub(crate) struct BlobStore {
    disk: Disk,
    directory: PathBuf,
    /// Held while a blob is reused or removed, so that the two do not meet.
    guard: Mutex<HashMap<BlobHash, i64>>,
    temporary: AtomicU64,
}

impl BlobStore {
    pub(crate) fn open(disk: &Disk, directory: PathBuf) -> Result<Self, MailboxError> {
        disk.create_dir_all(&directory).map_err(|error| MailboxError::io(&directory, &error))?;
        Ok(Self { disk: disk.clone(), directory, guard: Mutex::default(), temporary: AtomicU64::new(0) })
    }

    fn path(&self, hash: &BlobHash) -> PathBuf {
        let mut name = hash.to_string();
        let rest = name.split_off(2);
        let mut path = self.directory.join(name);
        path.push(rest + ".zst");
        path
    }

    /// Makes the body durable, or reuses the blob that holds it. `now_seconds` is the time by the clock. Blocks.
    pub(crate) fn put(&self, body: &[u8], now_seconds: i64) -> Result<BlobHash, MailboxError> {
        let hash = BlobHash::of(body);
        let path = self.path(&hash);
        if self.reuse(&hash, &path, now_seconds)? {
            return Ok(hash);
        }
        let directory = path.parent().unwrap_or(&self.directory);
        let at = |error| MailboxError::io(&path, &error);
        self.disk.create_dir_all(directory).map_err(at)?;
        let number = self.temporary.fetch_add(1, Ordering::Relaxed);
        let temporary = path.with_extension(format!("{number}.tmp"));
        if let Err(error) = self.write(&temporary, body) {
            // What is left is a `.tmp` that the sweep removes as well.
            let _ = self.disk.remove_file(&temporary);
            return Err(error);
        }
        let mut known = self.guard.lock();
        self.disk.rename(&temporary, &path).map_err(at)?;
        self.disk.sync_dir(directory).map_err(at)?;
        remember(&mut known, hash, now_seconds);
        Ok(hash)
    }

    fn write(&self, path: &Path, body: &[u8]) -> Result<(), MailboxError> {
        let at = |error| MailboxError::io(path, &error);
        let compressed = zstd::bulk::compress(body, ZSTD_LEVEL).map_err(at)?;
        // Left over from before a crash: the number starts again with every process.
        if self.disk.exists(path).map_err(at)? {
            self.disk.remove_file(path).map_err(at)?;
        }
        let file = self.disk.open(path, OpenMode::CreateNew).map_err(at)?;
        file.write_all_at(&compressed, 0).map_err(at)?;
        file.sync_all().map_err(at)
    }

    /// Touches a blob that is there. One this process has not written or seen is synced too: it may stem from a
    /// process that died between the rename and the sync.
    fn reuse(&self, hash: &BlobHash, path: &Path, now_seconds: i64) -> Result<bool, MailboxError> {
        let at = |error| MailboxError::io(path, &error);
        let mut known = self.guard.lock();
        if known.get(hash).is_some_and(|touched| now_seconds.saturating_sub(*touched) < KNOWN_SECONDS) {
            return Ok(true);
        }
        if !self.disk.exists(path).map_err(at)? {
            return Ok(false);
        }
        self.disk.touch(path).map_err(at)?;
        if !known.contains_key(hash) {
            self.disk.open(path, OpenMode::ReadWrite).and_then(|file| file.sync_all()).map_err(at)?;
            self.disk.sync_dir(path.parent().unwrap_or(&self.directory)).map_err(at)?;
        }
        remember(&mut known, *hash, now_seconds);
        Ok(true)
    }

    /// A blob's content, checked against its hash. Blocks.
    pub(crate) fn get(&self, hash: &BlobHash, size: usize) -> Result<Bytes, MailboxError> {
        let path = self.path(hash);
        let compressed = match self.disk.read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(MailboxError::Corrupt(format!("blob {hash} is missing")));
            }
            Err(error) => return Err(MailboxError::io(&path, &error)),
        };
        let body = zstd::bulk::decompress(&compressed, size)
            .map_err(|error| MailboxError::Corrupt(format!("blob {hash}: {error}")))?;
        if BlobHash::of(&body) != *hash {
            return Err(MailboxError::Corrupt(format!("blob {hash} does not have its hash")));
        }
        Ok(body.into())
    }

    /// Every file in the blob directory, a directory at a time to `each`.
    pub(crate) fn each_file(
        &self,
        mut each: impl FnMut(BlobFile) -> Result<(), MailboxError>,
    ) -> Result<(), MailboxError> {
        let list = |path: &Path| self.disk.read_dir(path).map_err(|error| MailboxError::io(path, &error));
        for directory in list(&self.directory)? {
            if directory.kind != FileKind::Directory {
                continue;
            }
            let first = directory.name.to_string_lossy().into_owned();
            for file in list(&directory.path)? {
                let hash = BlobHash::from_names(&first, &file.name.to_string_lossy());
                each(BlobFile { path: file.path, hash })?;
            }
        }
        Ok(())
    }

    /// Removes a file unless it was touched at or after `before_seconds`. Says how many bytes that freed.
    pub(crate) fn remove_if_old(
        &self,
        file: &BlobFile,
        before_seconds: i64,
    ) -> Result<Option<u64>, MailboxError> {
        let at = |error| MailboxError::io(&file.path, &error);
        let mut known = self.guard.lock();
        let metadata = match self.disk.metadata(&file.path) {
            Ok(metadata) => metadata,
            // A write that ended meanwhile renamed it.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(at(error)),
        };
        let last = file.hash.and_then(|hash| known.get(&hash).copied()).unwrap_or(i64::MIN);
        if metadata.modified.as_second().max(last) >= before_seconds {
            return Ok(None);
        }
        if let Some(hash) = file.hash {
            known.remove(&hash);
        }
        self.disk.remove_file(&file.path).map_err(at)?;
        Ok(Some(metadata.len))
    }
}

fn remember(known: &mut HashMap<BlobHash, i64>, hash: BlobHash, now_seconds: i64) {
    if known.len() >= KNOWN_MAX {
        known.clear();
    }
    known.insert(hash, now_seconds);
}
