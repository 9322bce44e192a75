//! The mailbox store of a data directory: hands deliveries to the writer of their mailbox, tells who waits for changes.
//!
//! May touch: clock, disk, executor.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use tokio::sync::{Notify, Semaphore, broadcast, oneshot, watch};
use uuid::Uuid;
use world::{Clock, Disk, Executor, Writer};

use crate::blob::BlobStore;
use crate::body::{self, StoredBody};
use crate::change::{CHANGES_KEPT, Change};
use crate::checkpoint;
use crate::config::Config;
use crate::deliver::{self, Prepared};
use crate::dirty::{DirtyFiles, DueBounds, SpoolPosition};
use crate::error::MailboxError;
use crate::expunge;
use crate::folder::FolderId;
use crate::open_files::OpenFiles;
use crate::outcome::{Delivery, Outcome};

/// Calls of [`MailboxStore::deliver`] a writer takes up together.
const WRITER_BATCH_MAX: usize = 256;
/// Calls of [`MailboxStore::deliver`] that may wait for writers; further ones wait before they take memory.
const CALLS_WAITING_MAX: usize = 4096;

/// What the store's handles and threads share.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) disk: Disk,
    pub(crate) clock: Clock,
    pub(crate) exec: Executor,
    pub(crate) config: Config,
    pub(crate) files: OpenFiles,
    pub(crate) blobs: BlobStore,
    pub(crate) dirty: Mutex<DirtyFiles>,
    /// A file became dirty.
    pub(crate) dirtied: Notify,
    /// A checkpoint cannot wait for the interval.
    pub(crate) urgent: Notify,
    changes: broadcast::Sender<Change>,
    /// [`MailboxStore::close`] was called.
    closing: AtomicBool,
    /// A writer has ended before that.
    failed: watch::Sender<bool>,
}

/// Held by a writer: says that it has ended when nobody closed it, which means that it panicked.
struct EndOfWriter(Arc<Core>);

impl Drop for EndOfWriter {
    fn drop(&mut self) {
        if !self.0.closing.load(Ordering::Acquire) {
            self.0.failed.send_replace(true);
        }
    }
}

impl Core {
    pub(crate) fn due_bounds(&self) -> DueBounds {
        DueBounds {
            interval: self.config.checkpoint_interval,
            files_max: self.config.dirty_files_max,
            commits_max: self.config.checkpoint_commits,
        }
    }

    fn mark_dirty(&self, mailbox: Uuid, mark: impl FnOnce(&mut DirtyFiles)) {
        let bounds = self.due_bounds();
        let mut dirty = self.dirty.lock();
        let was_clean = dirty.is_clean();
        mark(&mut dirty);
        let urgent = dirty.is_urgent(mailbox, bounds);
        drop(dirty);
        if was_clean {
            self.dirtied.notify_one();
        }
        if urgent {
            self.urgent.notify_one();
        }
    }

    fn announce(&self, mailbox: Uuid, fid: i64, cn: i64) {
        let change =
            Change { mailbox, folder: FolderId(fid), change_number: u64::try_from(cn).unwrap_or_default() };
        // An error only says that nobody listens.
        let _ = self.changes.send(change);
    }

    /// Applies the deliveries to one mailbox in one transaction.
    fn apply(&self, mailbox: Uuid, group: &[Prepared]) -> Vec<Outcome> {
        if self.dirty.lock().is_broken(mailbox) {
            let error = MailboxError::Unavailable(format!("writing the file of {mailbox} failed before"));
            return group.iter().map(|_| Outcome::Failed(error.clone())).collect();
        }
        let applied = self.files.with(mailbox, |file| {
            let before = file.store.next_cn;
            let outcomes = deliver::deliver_group(file, group, self.config.resend_window)?;
            let changed: Vec<(i64, i64)> = file
                .folders
                .iter()
                .filter(|(_, folder)| folder.content_cn >= before)
                .map(|(fid, folder)| (*fid, folder.content_cn))
                .collect();
            Ok((outcomes, changed))
        });
        match applied {
            Ok((outcomes, changed)) => {
                // A copy found in the file counts too: before a restart it may not have been synced.
                let rests_on_file = |outcome: &Outcome| !matches!(outcome, Outcome::OverQuota { .. });
                let positions = || {
                    let pairs = group.iter().zip(&outcomes).filter(|(_, outcome)| rests_on_file(outcome));
                    pairs.map(|(prepared, _)| prepared.delivery.position)
                };
                if let (Some(first), Some(last)) = (positions().min(), positions().max()) {
                    let now = self.clock.now();
                    self.mark_dirty(mailbox, |dirty| dirty.applied(mailbox, first, last, now));
                    checkpoint::checkpoint_overdue(self, mailbox);
                }
                for (fid, cn) in changed {
                    self.announce(mailbox, fid, cn);
                }
                outcomes
            }
            Err(error) => group.iter().map(|_| Outcome::Failed(error.clone())).collect(),
        }
    }
}

/// Holds the spool's low-water mark at the deliveries of one call until they are applied.
struct InFlight {
    core: Arc<Core>,
    position: SpoolPosition,
}

impl InFlight {
    fn begin(core: &Arc<Core>, position: SpoolPosition) -> Self {
        core.dirty.lock().begin(position);
        Self { core: Arc::clone(core), position }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.core.dirty.lock().end(self.position);
    }
}

/// The part of one [`MailboxStore::deliver`] call that one writer does.
struct Job {
    /// With the place in the call.
    deliveries: Vec<(usize, Prepared)>,
    reply: oneshot::Sender<Vec<(usize, Outcome)>>,
    _in_flight: InFlight,
}

/// Where an outcome belongs: the job in the batch, the place in its call.
type Place = (usize, usize);

fn handle(core: &Core, jobs: Vec<Job>) {
    let mut groups: Vec<(Uuid, Vec<Prepared>, Vec<Place>)> = Vec::new();
    let mut group_of: HashMap<Uuid, usize> = HashMap::new();
    let mut waiting = Vec::with_capacity(jobs.len());
    for (number, job) in jobs.into_iter().enumerate() {
        waiting.push((job.reply, Vec::with_capacity(job.deliveries.len()), job._in_flight));
        for (place, prepared) in job.deliveries {
            let mailbox = prepared.delivery.mailbox;
            let at = *group_of.entry(mailbox).or_insert_with(|| {
                groups.push((mailbox, Vec::new(), Vec::new()));
                groups.len() - 1
            });
            if let Some((_, group, places)) = groups.get_mut(at) {
                group.push(prepared);
                places.push((number, place));
            }
        }
    }
    for (mailbox, group, places) in groups {
        let outcomes = core.apply(mailbox, &group);
        for ((number, place), outcome) in places.into_iter().zip(outcomes) {
            if let Some((_, done, _)) = waiting.get_mut(number) {
                done.push((place, outcome));
            }
        }
    }
    for (reply, done, in_flight) in waiting {
        drop(in_flight);
        // The caller may have gone; the redo at the next attempt finds the row.
        let _ = reply.send(done);
    }
}

/// The mailboxes of a data directory. Cheap to clone.
#[derive(Debug, Clone)]
pub struct MailboxStore {
    pub(crate) core: Arc<Core>,
    writers: Arc<[Writer<Job>]>,
    calls: Arc<Semaphore>,
    pub(crate) checkpointing: Arc<tokio::sync::Mutex<()>>,
}

impl MailboxStore {
    /// Opens the store under `directory` (`mailboxes/` and `blobs/` in it are made if missing). Blocks.
    pub fn open(
        disk: &Disk,
        clock: &Clock,
        exec: &Executor,
        directory: &Path,
        config: Config,
    ) -> Result<MailboxStore, MailboxError> {
        let files = OpenFiles::open(disk, clock, directory.join("mailboxes"), config.open_files_max)?;
        let blobs = BlobStore::open(disk, directory.join("blobs"))?;
        let writers = config.writers.max(1);
        let core = Arc::new(Core {
            disk: disk.clone(),
            clock: clock.clone(),
            exec: exec.clone(),
            config,
            files,
            blobs,
            dirty: Mutex::default(),
            dirtied: Notify::new(),
            urgent: Notify::new(),
            changes: broadcast::Sender::new(CHANGES_KEPT),
            closing: AtomicBool::new(false),
            failed: watch::Sender::new(false),
        });
        let writers = (0..writers)
            .map(|_| {
                let end = EndOfWriter(Arc::clone(&core));
                exec.writer("mailbox writer", move |jobs| handle(&end.0, jobs), WRITER_BATCH_MAX)
            })
            .collect();
        Ok(MailboxStore {
            core,
            writers,
            calls: Arc::new(Semaphore::new(CALLS_WAITING_MAX)),
            checkpointing: Arc::default(),
        })
    }

    /// Delivers messages; the outcomes come in the order of the deliveries. One mailbox's deliveries are applied in
    /// the order handed in. A mailbox without a file gets one. The items survive a crash of the process at once, and
    /// a power cut after the next checkpoint: until then the spool must keep them, see
    /// [`MailboxStore::durable_position`].
    pub async fn deliver(&self, deliveries: Vec<Delivery>) -> Vec<Outcome> {
        let count = deliveries.len();
        let Some(first) = deliveries.iter().map(|delivery| delivery.position).min() else {
            return Vec::new();
        };
        let in_flight = InFlight::begin(&self.core, first);
        let Ok(_permit) = self.calls.acquire().await else {
            return vec![Outcome::Failed(MailboxError::Closed); count];
        };
        let mut outcomes: Vec<Option<Outcome>> = vec![None; count];
        let mut shares: Vec<Vec<(usize, Prepared)>> = self.writers.iter().map(|_| Vec::new()).collect();
        let mut bodies: HashMap<(usize, usize), StoredBody> = HashMap::new();
        for (place, delivery) in deliveries.into_iter().enumerate() {
            // The same buffer is the same body: the copies of one message share it, and this call keeps it alive.
            let key = (delivery.body.as_ptr().addr(), delivery.body.len());
            let body = match bodies.get(&key) {
                Some(body) => body.clone(),
                None => match self.prepare(&delivery).await {
                    Ok(body) => {
                        bodies.insert(key, body.clone());
                        body
                    }
                    Err(error) => {
                        set(&mut outcomes, place, Outcome::Failed(error));
                        continue;
                    }
                },
            };
            let writer = self.writer_of(delivery.mailbox);
            if let Some(share) = shares.get_mut(writer) {
                share.push((place, Prepared { delivery, body }));
            }
        }
        let replies = self.send(shares, first);
        drop(in_flight);
        for reply in replies {
            // An error leaves the outcomes of that share open: the writer is gone.
            for (place, outcome) in reply.await.unwrap_or_default() {
                set(&mut outcomes, place, outcome);
            }
        }
        outcomes.into_iter().map(|outcome| outcome.unwrap_or(Outcome::Failed(MailboxError::Closed))).collect()
    }

    fn send(
        &self,
        shares: Vec<Vec<(usize, Prepared)>>,
        position: SpoolPosition,
    ) -> Vec<oneshot::Receiver<Vec<(usize, Outcome)>>> {
        let mut replies = Vec::new();
        for (writer, deliveries) in self.writers.iter().zip(shares) {
            if deliveries.is_empty() {
                continue;
            }
            let (reply, receiver) = oneshot::channel();
            let job = Job { deliveries, reply, _in_flight: InFlight::begin(&self.core, position) };
            // A job not taken drops its sender, which the receiver notices.
            let _ = writer.send(job);
            replies.push(receiver);
        }
        replies
    }

    async fn prepare(&self, delivery: &Delivery) -> Result<StoredBody, MailboxError> {
        if delivery.body.len() <= self.core.config.inline_bytes_max {
            return Ok(body::inline(&delivery.body));
        }
        let core = Arc::clone(&self.core);
        let content = delivery.body.clone();
        let put = move || core.blobs.put(&content, core.clock.now().as_second());
        self.core.exec.blocking(put).await.map(StoredBody::Blob)
    }

    fn writer_of(&self, mailbox: Uuid) -> usize {
        let (high, low) = mailbox.as_u64_pair();
        let count = u64::try_from(self.writers.len()).unwrap_or(1).max(1);
        usize::try_from((high ^ low) % count).unwrap_or(0)
    }

    /// Removes an item for good, with a tombstone for clients. Its `delivered` row stays, so that a late copy is
    /// still known.
    pub async fn remove_item(&self, mailbox: Uuid, item_id: i64) -> Result<(), MailboxError> {
        let core = Arc::clone(&self.core);
        let remove = move || {
            if !core.files.exists(mailbox)? {
                return Err(MailboxError::NoMailbox(mailbox));
            }
            let now = core.clock.now();
            let (fid, cn) = core.files.with(mailbox, |file| expunge::expunge(file, item_id, now))?;
            core.mark_dirty(mailbox, |dirty| dirty.changed(mailbox, now));
            core.announce(mailbox, fid, cn);
            Ok(())
        };
        self.core.exec.blocking(remove).await
    }

    /// Removes a mailbox's file for good: when its retention after the removal in the directory has passed. Blobs
    /// only it used go with the next sweep.
    pub async fn remove_mailbox(&self, mailbox: Uuid) -> Result<(), MailboxError> {
        let core = Arc::clone(&self.core);
        let remove = move || {
            core.files.remove(mailbox)?;
            core.dirty.lock().forget(mailbox);
            Ok(())
        };
        self.core.exec.blocking(remove).await
    }

    /// Every change from now on. A receiver that lags by more than 1,024 is told how many it missed.
    #[must_use]
    pub fn changes(&self) -> broadcast::Receiver<Change> {
        self.core.changes.subscribe()
    }

    /// Waits until a writer has ended though the store was not closed. Then the process has to end too: every delivery
    /// to its mailboxes is [`MailboxError::Closed`].
    pub async fn wait_failed(&self) {
        let mut failed = self.core.failed.subscribe();
        // An error would mean the sender is gone, and `self` holds it.
        let _ = failed.wait_for(|failed| *failed).await;
    }

    /// Takes no more deliveries, ends those handed in and checkpoints every dirty file.
    pub async fn close(&self) -> crate::CheckpointReport {
        self.core.closing.store(true, Ordering::Release);
        self.calls.close();
        for writer in self.writers.iter() {
            writer.close().await;
        }
        self.checkpoint().await
    }
}

fn set(outcomes: &mut [Option<Outcome>], place: usize, outcome: Outcome) {
    if let Some(slot) = outcomes.get_mut(place) {
        *slot = Some(outcome);
    }
}
