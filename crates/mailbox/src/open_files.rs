//! Keeps the most recently used mailbox files open, one write connection each.
//!
//! May touch: clock, disk.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use parking_lot::Mutex;
use uuid::Uuid;
use world::{Clock, Disk};

use crate::error::MailboxError;
use crate::file::MailboxFile;
use crate::schema::NewStore;

/// Extension of a mailbox file.
const EXTENSION: &str = "db";
/// What SQLite keeps beside it.
const COMPANIONS: [&str; 2] = ["-wal", "-shm"];
/// Value of [`Slot::size`] before the file was opened.
const SIZE_UNKNOWN: i64 = -1;

/// The place of one mailbox in the list; the file itself is opened at first use.
#[derive(Debug)]
pub(crate) struct Slot {
    file: Mutex<Option<MailboxFile>>,
    /// The quota counter after the last commit, readable without waiting for the writer.
    size: AtomicI64,
}

impl Slot {
    /// The quota counter after the last commit, if the file is open.
    pub(crate) fn size(&self) -> Option<u64> {
        u64::try_from(self.size.load(Ordering::Acquire)).ok()
    }
}

#[derive(Debug)]
struct Used {
    slot: Arc<Slot>,
    at: u64,
}

#[derive(Debug, Default)]
struct Opened {
    slots: HashMap<Uuid, Used>,
    turn: u64,
}

/// The open files of a store.
#[derive(Debug)]
pub(crate) struct OpenFiles {
    disk: Disk,
    clock: Clock,
    directory: PathBuf,
    files_max: usize,
    opened: Mutex<Opened>,
}

impl OpenFiles {
    pub(crate) fn open(
        disk: &Disk,
        clock: &Clock,
        directory: PathBuf,
        files_max: usize,
    ) -> Result<Self, MailboxError> {
        disk.create_dir_all(&directory).map_err(|error| MailboxError::io(&directory, &error))?;
        Ok(Self {
            disk: disk.clone(),
            clock: clock.clone(),
            directory,
            files_max: files_max.max(1),
            opened: Mutex::default(),
        })
    }

    /// Where a mailbox's file is.
    pub(crate) fn path(&self, mailbox: Uuid) -> PathBuf {
        let name = mailbox.hyphenated().to_string();
        let mut path = self.directory.join(name.get(..2).unwrap_or_default());
        path.push(name);
        path.set_extension(EXTENSION);
        path
    }

    /// Whether the mailbox has a file.
    pub(crate) fn exists(&self, mailbox: Uuid) -> Result<bool, MailboxError> {
        let path = self.path(mailbox);
        self.disk.exists(&path).map_err(|error| MailboxError::io(&path, &error))
    }

    /// The mailbox's place if its file is open.
    pub(crate) fn peek(&self, mailbox: Uuid) -> Option<Arc<Slot>> {
        self.opened.lock().slots.get(&mailbox).map(|used| Arc::clone(&used.slot))
    }

    /// Runs `work` on the mailbox's file, opening or making it first.
    pub(crate) fn with<T>(
        &self,
        mailbox: Uuid,
        work: impl FnOnce(&mut MailboxFile) -> Result<T, MailboxError>,
    ) -> Result<T, MailboxError> {
        let slot = self.slot(mailbox);
        let mut guard = slot.file.lock();
        if guard.is_none() {
            let new = NewStore { mailbox, now: self.clock.now() };
            let path = self.path(mailbox);
            let directory = path.parent().unwrap_or(&self.directory);
            self.make_ready(directory, &path)?;
            *guard = Some(MailboxFile::open(&self.disk, directory, &path, &new)?);
        }
        let Some(open) = guard.as_mut() else { return Err(MailboxError::Closed) };
        let done = work(open);
        slot.size.store(open.store.size, Ordering::Release);
        if matches!(done, Err(MailboxError::Corrupt(_) | MailboxError::Unavailable(_))) {
            // Opened anew next time: the counters in memory may not be what the file says.
            *guard = None;
            slot.size.store(SIZE_UNKNOWN, Ordering::Release);
        }
        done
    }

    /// Makes the directory of a new file, which SQLite then creates.
    fn make_ready(&self, directory: &Path, path: &Path) -> Result<(), MailboxError> {
        let at = |error| MailboxError::io(path, &error);
        if self.disk.exists(path).map_err(at)? {
            return Ok(());
        }
        self.disk.create_dir_all(directory).map_err(at)?;
        // Left by a removal that was cut short; SQLite would apply it to the new file.
        self.remove_companions(path)
    }

    /// The mailbox's place, now the most recently used; closes the least recently used file above the bound.
    fn slot(&self, mailbox: Uuid) -> Arc<Slot> {
        let mut closing = Vec::new();
        let mut opened = self.opened.lock();
        opened.turn += 1;
        let turn = opened.turn;
        let used = opened.slots.entry(mailbox).or_insert_with(|| Used {
            slot: Arc::new(Slot { file: Mutex::new(None), size: AtomicI64::new(SIZE_UNKNOWN) }),
            at: turn,
        });
        used.at = turn;
        let slot = Arc::clone(&used.slot);
        while opened.slots.len() > self.files_max {
            // A place somebody else holds stays: two connections must not write to one file.
            let oldest = opened
                .slots
                .iter()
                .filter(|(_, used)| Arc::strong_count(&used.slot) == 1)
                .min_by_key(|(_, used)| used.at)
                .map(|(mailbox, _)| *mailbox);
            let Some(used) = oldest.and_then(|oldest| opened.slots.remove(&oldest)) else { break };
            closing.push(used);
        }
        drop(opened);
        drop(closing);
        slot
    }

    /// Closes the mailbox's file and removes it for good.
    pub(crate) fn remove(&self, mailbox: Uuid) -> Result<(), MailboxError> {
        let slot = self.slot(mailbox);
        let mut file = slot.file.lock();
        *file = None;
        slot.size.store(SIZE_UNKNOWN, Ordering::Release);
        let path = self.path(mailbox);
        let at = |error| MailboxError::io(&path, &error);
        if !self.disk.exists(&path).map_err(at)? {
            return Err(MailboxError::NoMailbox(mailbox));
        }
        // The file goes first: without it what is left means nothing and is removed before a new one is made.
        self.disk.remove_file(&path).map_err(at)?;
        self.remove_companions(&path)?;
        self.disk.sync_dir(path.parent().unwrap_or(&self.directory)).map_err(at)
    }

    fn remove_companions(&self, path: &Path) -> Result<(), MailboxError> {
        for companion in COMPANIONS {
            let mut name = path.as_os_str().to_owned();
            name.push(companion);
            let name = PathBuf::from(name);
            match self.disk.remove_file(&name) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(MailboxError::io(&name, &error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Every mailbox that has a file.
    pub(crate) fn mailboxes(&self) -> Result<Vec<Uuid>, MailboxError> {
        let list = |path: &Path| self.disk.read_dir(path).map_err(|error| MailboxError::io(path, &error));
        let mut mailboxes = Vec::new();
        for directory in list(&self.directory)? {
            if directory.kind != world::FileKind::Directory {
                continue;
            }
            for file in list(&directory.path)? {
                let name = file.name.to_string_lossy();
                let guid = name.strip_suffix(EXTENSION).and_then(|name| name.strip_suffix('.'));
                mailboxes.extend(guid.and_then(|guid| Uuid::try_parse(guid).ok()));
            }
        }
        Ok(mailboxes)
    }
}
