//! The simulated disk: what was not synced may be lost, torn or kept when the power is cut.
//!
//! May touch: a temporary directory, for SQLite files only.
//!
//! Model. A file's changes are durable after `sync_data` or `sync_all`, a name's after `sync_dir` of its directory. A
//! power cut leaves each 512-byte sector with one of the contents it had since the last sync, and of each directory's
//! changes a prefix. A sync that fails loses what it was to write, though reading still shows it. SQLite databases
//! are real files in a temporary directory: a power cut leaves them as they are, and they count no calls.

mod content;
mod names;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::{Mutex, MutexGuard};

use crate::disk::{DiskBackend, FileBackend, RealDisk};
use crate::{Chance, Clock, DirEntry, Disk, FileKind, LockError, Metadata, OpenMode, Space, SqliteMode};
use content::{FileNode, as_u64};
use names::{Node, Tree, parts};

/// Size of the simulated disk unless set: 1 TiB.
const CAPACITY_DEFAULT: u64 = 1 << 40;

/// What a power cut does to what was not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PowerCut {
    /// All of it is gone.
    LoseAll,
    /// All of it is there: the disk was just in time.
    KeepAll,
    /// Drawn from the seed for every file, sector and directory: lost, kept or torn.
    Random,
}

/// The disk of a simulation: its faults, and facts about it.
#[derive(Clone)]
pub struct SimDisk(Arc<Machine>);

struct Machine {
    state: Mutex<State>,
    used: Arc<AtomicU64>,
    clock: Clock,
    fate: Chance,
}

struct State {
    tree: Tree,
    /// Counts power cuts: handles of an earlier epoch fail.
    epoch: u64,
    dead: bool,
    calls: u64,
    crash_at: Option<u64>,
    fail_sync: bool,
    fail_read: Option<io::ErrorKind>,
    capacity: u64,
    locks: BTreeSet<PathBuf>,
    sqlite: Option<Arc<tempfile::TempDir>>,
}

fn power_cut_error() -> io::Error {
    io::Error::other("simulated power cut")
}

impl SimDisk {
    pub(super) fn new(clock: Clock, fate: Chance) -> Self {
        Self(Arc::new(Machine {
            state: Mutex::new(State {
                tree: Tree::default(),
                epoch: 0,
                dead: false,
                calls: 0,
                crash_at: None,
                fail_sync: false,
                fail_read: None,
                capacity: CAPACITY_DEFAULT,
                locks: BTreeSet::new(),
                sqlite: None,
            }),
            used: Arc::default(),
            clock,
            fate,
        }))
    }

    /// A handle for the processes running now; it fails after the next power cut.
    #[must_use]
    pub fn disk(&self) -> Disk {
        let epoch = self.0.state.lock().epoch;
        Disk::from_backend(Arc::new(SimHandle { machine: Arc::clone(&self.0), epoch }))
    }

    /// Calls so far that change or sync something: create, write, set length, touch, rename, remove, sync.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.0.state.lock().calls
    }

    /// The `n`-th changing or syncing call from now on (1 = the next) and every call after it fail with "simulated
    /// power cut", until [`super::SimWorld::crash`] or [`SimDisk::power_cut`]. The `n`-th call, if it is a change, has
    /// begun and may be found done in part; a sync has made nothing durable. A test loops `n` from 1 to
    /// [`SimDisk::calls`] of an undisturbed run.
    pub fn crash_after(&self, n: u64) {
        let mut state = self.0.state.lock();
        state.crash_at = Some(state.calls.saturating_add(n.max(1)));
    }

    /// Whether the call set by [`SimDisk::crash_after`] has come.
    #[must_use]
    pub fn has_crashed(&self) -> bool {
        self.0.state.lock().dead
    }

    /// The next sync of a file or directory fails with an IO error and loses what it was to make durable.
    pub fn fail_next_sync(&self) {
        self.0.state.lock().fail_sync = true;
    }

    /// The next read from a file fails with this error; the one after it works.
    pub fn fail_next_read(&self, kind: io::ErrorKind) {
        self.0.state.lock().fail_read = Some(kind);
    }

    /// Sets the disk's size in bytes; writing beyond it fails with `StorageFull`. May be below what is used.
    pub fn set_capacity(&self, bytes: u64) {
        self.0.state.lock().capacity = bytes;
    }

    /// Bytes in files.
    #[must_use]
    pub fn used(&self) -> u64 {
        self.0.used.load(Ordering::Relaxed)
    }

    /// Cuts the power and switches it on again: handles and files opened before fail from now on, the rest is as
    /// `cut` says. [`super::SimWorld::crash`] does this and stops the tasks too.
    pub fn power_cut(&self, cut: PowerCut) {
        let mut state = self.0.state.lock();
        state.epoch += 1;
        state.dead = false;
        state.crash_at = None;
        state.fail_sync = false;
        state.fail_read = None;
        state.locks.clear();
        state.tree.cut(cut, &self.0.fate);
    }

    /// Every call fails until the power cut that follows.
    pub(super) fn kill(&self) {
        self.0.state.lock().dead = true;
    }

    /// Where the SQLite database named `path` really is; made if missing is its directory, not the file.
    pub fn sqlite_file(&self, path: &Path) -> io::Result<PathBuf> {
        let mut state = self.0.state.lock();
        let directory = match &state.sqlite {
            Some(directory) => Arc::clone(directory),
            None => Arc::clone(state.sqlite.insert(Arc::new(tempfile::tempdir()?))),
        };
        drop(state);
        let file = directory.path().join(parts(path).iter().collect::<PathBuf>());
        if let Some(above) = file.parent() {
            std::fs::create_dir_all(above)?;
        }
        Ok(file)
    }
}

impl std::fmt::Debug for SimDisk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SimDisk({} bytes used, {} calls)", self.used(), self.calls())
    }
}

struct SimHandle {
    machine: Arc<Machine>,
    epoch: u64,
}

/// How a changing call ends after it has been done.
#[must_use]
struct Ending(io::Result<()>);

impl Machine {
    fn read(&self, epoch: u64) -> io::Result<MutexGuard<'_, State>> {
        let state = self.state.lock();
        if state.dead || state.epoch != epoch { Err(power_cut_error()) } else { Ok(state) }
    }

    /// Counts a changing call; it is to be done, then to end as told.
    fn change(&self, epoch: u64) -> io::Result<(MutexGuard<'_, State>, Ending)> {
        let mut state = self.read(epoch)?;
        state.calls += 1;
        if state.crash_at.is_some_and(|at| state.calls >= at) {
            state.dead = true;
            return Ok((state, Ending(Err(power_cut_error()))));
        }
        Ok((state, Ending(Ok(()))))
    }

    /// Counts a sync: `Ok(true)` = do it, `Ok(false)` = lose the changes and fail.
    fn sync(&self, epoch: u64) -> io::Result<(MutexGuard<'_, State>, bool)> {
        let (mut state, ending) = self.change(epoch)?;
        ending.0?;
        let fails = std::mem::take(&mut state.fail_sync);
        Ok((state, !fails))
    }
}

fn sync_failed() -> io::Error {
    io::Error::from_raw_os_error(nix::errno::Errno::EIO as i32)
}

struct SimFile {
    machine: Arc<Machine>,
    epoch: u64,
    node: Arc<FileNode>,
    writable: bool,
}

impl SimFile {
    fn check_writable(&self) -> io::Result<()> {
        if self.writable {
            Ok(())
        } else {
            Err(io::Error::from_raw_os_error(nix::errno::Errno::EBADF as i32))
        }
    }
}

impl FileBackend for SimFile {
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut state = self.machine.read(self.epoch)?;
        match state.fail_read.take() {
            Some(kind) => Err(kind.into()),
            None => self.node.read_at(bytes, offset),
        }
    }

    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.check_writable()?;
        let (state, ending) = self.machine.change(self.epoch)?;
        self.node.write_at(bytes, offset, state.capacity, self.machine.clock.now())?;
        ending.0
    }

    fn sync_data(&self) -> io::Result<()> {
        let (_state, works) = self.machine.sync(self.epoch)?;
        if works {
            self.node.sync();
            return Ok(());
        }
        self.node.lose_unsynced();
        Err(sync_failed())
    }

    fn sync_all(&self) -> io::Result<()> {
        self.sync_data()
    }

    fn len(&self) -> io::Result<u64> {
        let _state = self.machine.read(self.epoch)?;
        Ok(as_u64(self.node.content.lock().live.len()))
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.check_writable()?;
        let (state, ending) = self.machine.change(self.epoch)?;
        self.node.set_len(len, state.capacity, self.machine.clock.now())?;
        ending.0
    }
}

impl SimHandle {
    /// The SQLite file at `path`, if there is one.
    fn sqlite_at(&self, path: &Path) -> Option<PathBuf> {
        let directory = self.machine.state.lock().sqlite.clone()?;
        let file = directory.path().join(parts(path).iter().collect::<PathBuf>());
        file.is_file().then_some(file)
    }

    fn file(&self, node: Arc<FileNode>, mode: OpenMode) -> Arc<dyn FileBackend> {
        let writable = mode != OpenMode::Read;
        Arc::new(SimFile { machine: Arc::clone(&self.machine), epoch: self.epoch, node, writable })
    }
}

/// Runs `on_sqlite` if the simulated disk has no such name but SQLite has the file.
fn or_sqlite<T>(
    result: io::Result<T>,
    sqlite: Option<PathBuf>,
    on_sqlite: impl FnOnce(PathBuf) -> io::Result<T>,
) -> io::Result<T> {
    match (result, sqlite) {
        (Err(error), Some(file)) if error.kind() == io::ErrorKind::NotFound => on_sqlite(file),
        (result, _) => result,
    }
}

impl DiskBackend for SimHandle {
    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Arc<dyn FileBackend>> {
        let sqlite = self.sqlite_at(path);
        let state = self.machine.read(self.epoch)?;
        let found = state.tree.find(path);
        drop(state);
        match found {
            Ok(Node::Dir(_)) => Err(io::Error::from(io::ErrorKind::IsADirectory)),
            Ok(Node::File(_)) if mode == OpenMode::CreateNew => {
                Err(io::Error::from(io::ErrorKind::AlreadyExists))
            }
            Ok(Node::File(node)) => Ok(self.file(node, mode)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if let Some(file) = sqlite {
                    return RealDisk.open(&file, mode);
                }
                if matches!(mode, OpenMode::Read | OpenMode::ReadWrite) {
                    return Err(error);
                }
                let (mut state, ending) = self.machine.change(self.epoch)?;
                let node = Arc::new(FileNode::new(&self.machine.used, self.machine.clock.now()));
                state.tree.create(path, Node::File(Arc::clone(&node)))?;
                ending.0?;
                Ok(self.file(node, mode))
            }
            Err(error) => Err(error),
        }
    }

    fn create_dir(&self, path: &Path) -> io::Result<()> {
        let (mut state, ending) = self.machine.change(self.epoch)?;
        state.tree.create(path, Node::Dir(Arc::default()))?;
        ending.0
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        let (mut state, works) = self.machine.sync(self.epoch)?;
        let dir = state.tree.find_dir(path)?;
        if works {
            state.tree.sync_dir(&dir);
            return Ok(());
        }
        state.tree.lose_changes_of(&dir);
        Err(sync_failed())
    }

    fn read_dir(&self, path: &Path) -> io::Result<Vec<DirEntry>> {
        let state = self.machine.read(self.epoch)?;
        let dir = state.tree.find_dir(path)?;
        let sqlite = state.sqlite.clone();
        drop(state);
        let entry = |name: OsString, kind| DirEntry { path: path.join(&name), name, kind };
        let kind_of =
            |node: &Node| if matches!(node, Node::Dir(_)) { FileKind::Directory } else { FileKind::File };
        let mut entries: Vec<DirEntry> =
            dir.list().into_iter().map(|(name, node)| entry(name, kind_of(&node))).collect();
        let real = sqlite.map(|top| top.path().join(parts(path).iter().collect::<PathBuf>()));
        if let Some(real) = real.filter(|real| real.is_dir()) {
            let files = RealDisk.read_dir(&real)?.into_iter().filter(|found| found.kind == FileKind::File);
            entries.extend(files.map(|found| entry(found.name, FileKind::File)));
        }
        Ok(entries)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let sqlite = self.sqlite_at(from);
        let (mut state, ending) = self.machine.change(self.epoch)?;
        let renamed = state.tree.rename(from, to);
        drop(state);
        or_sqlite(renamed, sqlite, |file| {
            let to = SimDisk(Arc::clone(&self.machine)).sqlite_file(to)?;
            RealDisk.rename(&file, &to)
        })?;
        ending.0
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        let sqlite = self.sqlite_at(path);
        let (mut state, ending) = self.machine.change(self.epoch)?;
        or_sqlite(state.tree.remove_file(path), sqlite, |file| RealDisk.remove_file(&file))?;
        ending.0
    }

    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        let (mut state, ending) = self.machine.change(self.epoch)?;
        state.tree.remove_dir_all(path)?;
        let real = state.sqlite.as_ref().map(|top| top.path().join(parts(path).iter().collect::<PathBuf>()));
        if let Some(real) = real.filter(|real| real.is_dir()) {
            RealDisk.remove_dir_all(&real)?;
        }
        ending.0
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        // There are no symbolic links here.
        let mut plain = PathBuf::new();
        for part in path.components() {
            match part {
                std::path::Component::ParentDir => {
                    plain.pop();
                }
                std::path::Component::CurDir => {}
                part => plain.push(part),
            }
        }
        self.metadata(&plain).map(|_| plain)
    }

    fn metadata(&self, path: &Path) -> io::Result<Metadata> {
        let sqlite = self.sqlite_at(path);
        let state = self.machine.read(self.epoch)?;
        let found = state.tree.find(path).map(|node| match node {
            Node::Dir(_) => {
                Metadata { kind: FileKind::Directory, len: 0, modified: self.machine.clock.now() }
            }
            Node::File(file) => {
                let content = file.content.lock();
                Metadata { kind: FileKind::File, len: as_u64(content.live.len()), modified: content.modified }
            }
        });
        drop(state);
        or_sqlite(found, sqlite, |file| RealDisk.metadata(&file))
    }

    fn touch(&self, path: &Path) -> io::Result<()> {
        let (state, ending) = self.machine.change(self.epoch)?;
        match state.tree.find(path)? {
            Node::File(file) => file.content.lock().modified = self.machine.clock.now(),
            Node::Dir(_) => return Err(io::Error::from(io::ErrorKind::IsADirectory)),
        }
        ending.0
    }

    fn space(&self, path: &Path) -> io::Result<Space> {
        let state = self.machine.read(self.epoch)?;
        state.tree.find(path)?;
        let used = self.machine.used.load(Ordering::Relaxed);
        Ok(Space { total: state.capacity, free: state.capacity.saturating_sub(used) })
    }

    fn lock_exclusive(&self, path: &Path) -> Result<Box<dyn Send + Sync>, LockError> {
        let failed = |source| LockError::Io { path: path.to_owned(), source };
        let file = self.open(path, OpenMode::CreateOrOpen).map_err(failed)?;
        let pid = std::process::id();
        let name: PathBuf = parts(path).iter().collect();
        let mut state = self.machine.read(self.epoch).map_err(failed)?;
        if !state.locks.insert(name.clone()) {
            return Err(LockError::Held { path: path.to_owned(), pid: Some(pid) });
        }
        drop(state);
        let held = SimLock { machine: Arc::clone(&self.machine), epoch: self.epoch, name };
        file.set_len(0).map_err(failed)?;
        file.write_all_at(format!("{pid}\n").as_bytes(), 0).map_err(failed)?;
        Ok(Box::new(held))
    }

    fn sqlite_path(&self, path: &Path, mode: SqliteMode) -> io::Result<PathBuf> {
        let state = self.machine.read(self.epoch)?;
        state.tree.place(path)?;
        if state.tree.find(path).is_ok() {
            return Err(io::Error::new(
                io::ErrorKind::AlreadyExists,
                "in simulation a path is either a SQLite database or a plain file",
            ));
        }
        drop(state);
        let file = SimDisk(Arc::clone(&self.machine)).sqlite_file(path)?;
        if mode == SqliteMode::ReadOnly && !file.is_file() {
            return Err(io::Error::from(io::ErrorKind::NotFound));
        }
        Ok(file)
    }
}

struct SimLock {
    machine: Arc<Machine>,
    epoch: u64,
    name: PathBuf,
}

impl Drop for SimLock {
    fn drop(&mut self) {
        let mut state = self.machine.state.lock();
        if state.epoch == self.epoch {
            state.locks.remove(&self.name);
        }
    }
}
