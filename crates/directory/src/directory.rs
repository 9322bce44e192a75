//! The handle: a snapshot for readers, one change at a time for writers, a signal for those who wait.
//!
//! May touch: clock, chance, disk (one SQLite file).

use std::path::Path;
use std::sync::Arc;

use arc_swap::ArcSwap;
use jiff::Timestamp;
use parking_lot::Mutex;
use tokio::sync::watch;
use world::{Chance, Clock, Disk};

use crate::DirectoryError;
use crate::draft::Draft;
use crate::snapshot::{BoundAddresses, Snapshot};
use crate::store::{AuditEnd, AuditQuery, AuditRow, AuditedCommand, CommandId, Stamp, Store};

/// Who the audit log says made what an older program did not keep.
const UPGRADE: &str = "Postroom, upgrading the directory";

/// The directory. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Directory(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Mutex<Store>,
    current: ArcSwap<Snapshot>,
    changes: watch::Sender<u64>,
    clock: Clock,
    chance: Chance,
}

impl Directory {
    /// Opens the file at `path`, or makes an empty one. The caller holds the lock on the data directory: two processes
    /// may not have it open.
    pub fn open(
        disk: &Disk,
        path: &Path,
        clock: &Clock,
        chance: &Chance,
    ) -> Result<Directory, DirectoryError> {
        let store = Store::open(disk, path)?;
        let snapshot = store.load()?;
        let needs_role_groups = snapshot.is_seeded() && snapshot.role_groups.is_empty();
        let directory = Directory(Arc::new(Inner {
            changes: watch::Sender::new(snapshot.change_number()),
            current: ArcSwap::from_pointee(snapshot),
            store: Mutex::new(store),
            clock: clock.clone(),
            chance: chance.clone(),
        }));
        if needs_role_groups {
            directory.change(UPGRADE, Draft::seed_role_groups)?;
        }
        Ok(directory)
    }

    /// The directory as it is now. Take it once per decision, so that the decision sees one state.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.0.current.load_full()
    }

    /// Makes one change: `edit` works on a draft; if it succeeds and the whole is in order, everything it did is one
    /// transaction with an audit row per object, and readers see it. Blocks for a disk sync: call it from a place that
    /// may block. A change that changes nothing writes nothing.
    pub fn change<T>(
        &self,
        actor: &str,
        edit: impl FnOnce(&mut Draft) -> Result<T, DirectoryError>,
    ) -> Result<T, DirectoryError> {
        self.change_by(actor, None, edit)
    }

    /// The same for what is kept beside a look-up and changes nothing for anybody else: the audit log shows it with the
    /// look-ups, among which it does not bury what administrators change.
    pub fn change_beside_look_up<T>(
        &self,
        actor: &str,
        edit: impl FnOnce(&mut Draft) -> Result<T, DirectoryError>,
    ) -> Result<T, DirectoryError> {
        self.commit(actor, None, true, edit)
    }

    /// The same, as a part of a cmdlet that [`Directory::begin_command`] recorded.
    pub fn change_by<T>(
        &self,
        actor: &str,
        command: Option<CommandId>,
        edit: impl FnOnce(&mut Draft) -> Result<T, DirectoryError>,
    ) -> Result<T, DirectoryError> {
        self.commit(actor, command, false, edit)
    }

    fn commit<T>(
        &self,
        actor: &str,
        command: Option<CommandId>,
        is_look_up: bool,
        edit: impl FnOnce(&mut Draft) -> Result<T, DirectoryError>,
    ) -> Result<T, DirectoryError> {
        let inner = &*self.0;
        let mut store = inner.store.lock();
        let mut before = inner.current.load_full();
        if store.change_number()? != before.change_number() {
            // The last commit failed after it had reached the disk.
            let mut reread = store.load()?;
            reread.bound = Arc::clone(&before.bound);
            before = Arc::new(reread);
            self.publish(Arc::clone(&before));
        }
        let at = inner.clock.now();
        let mut draft = Draft::new(Arc::clone(&before), at, inner.chance.clone());
        let value = edit(&mut draft)?;
        let finished = draft.finish()?;
        if store.commit(
            Stamp { actor, command, at, is_look_up },
            &before,
            &finished.next,
            &finished.touched,
        )? {
            self.publish(Arc::new(finished.next));
        }
        Ok(value)
    }

    /// Says which local addresses the listeners really have. Not stored; replaces what was said before.
    pub fn set_bound(&self, bound: BoundAddresses) {
        // The lock keeps a change from publishing a snapshot made before this one.
        let _store = self.0.store.lock();
        let mut next = Snapshot::clone(&self.0.current.load());
        next.bound = Arc::new(bound);
        self.0.current.store(Arc::new(next));
    }

    /// Wakes after every change with its number: for listeners, and for mail that waits for a connector.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.0.changes.subscribe()
    }

    /// Audit rows, newest first.
    pub fn audit(&self, query: &AuditQuery) -> Result<Vec<AuditRow>, DirectoryError> {
        self.0.store.lock().audit(query)
    }

    /// Records that a cmdlet begins; durable when it returns. Blocks for a disk sync.
    pub fn begin_command(&self, command: &AuditedCommand) -> Result<CommandId, DirectoryError> {
        self.0.store.lock().begin_command(self.0.clock.now(), command, None)
    }

    /// Records how it ended; gives whether the log still had it. Blocks for a disk sync.
    pub fn end_command(&self, id: CommandId, end: &AuditEnd) -> Result<bool, DirectoryError> {
        self.0.store.lock().end_command(id, end)
    }

    /// Records a cmdlet that has run. Blocks for a disk sync.
    pub fn record_command(
        &self,
        command: &AuditedCommand,
        end: &AuditEnd,
    ) -> Result<CommandId, DirectoryError> {
        self.0.store.lock().begin_command(self.0.clock.now(), command, Some(end))
    }

    /// Says of a look-up that was recorded with its end that it goes on until [`Directory::end_command`]: its parameters
    /// stay, and this switch (a name of letters) is added to them. Gives whether the log still has it. Blocks for a disk
    /// sync.
    pub fn go_on_with_look_up(&self, id: CommandId, switch: &str) -> Result<bool, DirectoryError> {
        self.0.store.lock().go_on_with_look_up(id, switch)
    }

    /// Says of a look-up what it has shown by now; whether it goes on stays. Gives whether the log still has it. Blocks for a
    /// disk sync.
    pub fn add_to_look_up(&self, id: CommandId, so_far: &AuditEnd) -> Result<bool, DirectoryError> {
        self.0.store.lock().add_to_look_up(id, so_far)
    }

    /// Removes what is older than `before` from the audit log; gives how many cmdlets that were.
    pub fn trim_audit(&self, before: Timestamp) -> Result<usize, DirectoryError> {
        self.0.store.lock().trim_audit(before)
    }

    /// Whether the file answers: for health checks.
    pub fn probe(&self) -> Result<(), DirectoryError> {
        self.0.store.lock().probe()
    }

    fn publish(&self, snapshot: Arc<Snapshot>) {
        let number = snapshot.change_number();
        self.0.current.store(snapshot);
        self.0.changes.send_replace(number);
    }
}
