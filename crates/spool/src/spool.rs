//! The handle on a spool.
//!
//! May touch: Disk, Clock, Executor.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use tokio::sync::{Semaphore, oneshot};
use world::{Clock, Disk, Executor, Writer};

use crate::batch::{Batch, EntryNo, EventSeq, Mark, MessageNo, Op, Position};
use crate::body;
use crate::committer::{Committed, Committer, JOBS_MAX, Job, Reply};
use crate::config::Config;
use crate::error::SpoolError;
use crate::feed::{self, SpoolEvent};
use crate::housekeeping;
use crate::recover::recover;
use crate::report::RecoveryReport;
use crate::shared::Shared;

/// A handle on an open spool. Cheap to clone; the last one dropped ends its committer after what waits.
#[derive(Clone)]
pub struct Spool(Arc<Handle>);

pub(crate) struct Handle {
    pub(crate) shared: Arc<Shared>,
    pub(crate) writer: Writer<Job>,
    pub(crate) exec: Executor,
    room: Semaphore,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.shared.chores.notify_one();
    }
}

impl fmt::Debug for Spool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Spool({})", self.0.shared.dir.display())
    }
}

/// A message that lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredMessage {
    /// Its number.
    pub no: MessageNo,
    /// Its envelope.
    pub envelope: Bytes,
    /// Length of its body in bytes.
    pub body_len: u64,
    /// Its entries, by number.
    pub entries: Vec<(EntryNo, Bytes)>,
}

/// Figures of a spool, for metrics and back pressure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Messages that live.
    pub messages: usize,
    /// Dead messages still readable because [`Mark::Mailbox`] has not passed them.
    pub dead_kept: usize,
    /// Bytes of messages, entries and bodies that are needed.
    pub live_bytes: u64,
    /// Bytes of all segment files, spare ones included.
    pub log_bytes: u64,
    /// Segments in use.
    pub segments: usize,
    /// Segment files kept for reuse.
    pub spare_segments: usize,
    /// Bodies in memory, in bytes.
    pub body_memory_bytes: u64,
    /// Commits sent and not answered.
    pub commits_waiting: usize,
    /// Disk batches written, one sync each, since the start.
    pub batches: u64,
    /// Size of the last one in bytes.
    pub last_batch_bytes: u64,
    /// Commits in it.
    pub last_batch_commits: u64,
    /// The oldest segment is kept only because a mark has not passed this position.
    pub waits_for_mark: Option<Position>,
}

impl Spool {
    /// Opens the spool in `dir`, making it if it is not there. Blocks: reads the footers of full segments and scans the
    /// open one. The caller holds the lock on the data directory.
    pub fn open(
        disk: &Disk,
        clock: &Clock,
        exec: &Executor,
        dir: impl AsRef<Path>,
        config: Config,
    ) -> Result<(Self, RecoveryReport), SpoolError> {
        let dir = dir.as_ref();
        let started = clock.elapsed();
        let config = config.checked(&dir.display().to_string())?;
        let recovered = recover(disk, clock, dir, &config)?;
        let room = Semaphore::new(config.commits_waiting);
        let mut state = recovered.state;
        state.durable_first = recovered.resume.durable_first;
        let shared = Arc::new(Shared::new(
            disk.clone(),
            dir.to_owned(),
            config,
            recovered.key,
            state,
            recovered.next_slot,
        ));
        let mut committer = Committer::new(Arc::clone(&shared), &recovered.resume);
        committer.start().map_err(|error| SpoolError::Open {
            dir: dir.display().to_string(),
            cause: format!("cannot write the log: {error}"),
        })?;
        let writer = exec.writer("spool", move |jobs| committer.handle(jobs), JOBS_MAX);
        let handle = Arc::new(Handle { shared: Arc::clone(&shared), writer, exec: exec.clone(), room });
        let keeping = housekeeping::run(Arc::clone(&shared), Arc::downgrade(&handle));
        exec.spawn("spool housekeeping", keeping);
        shared.chores.notify_one();
        let mut report = recovered.report;
        report.took = clock.elapsed().saturating_sub(started);
        Ok((Self(handle), report))
    }

    /// The next message number: rises, and is never used again, not even after a restart (which skips some).
    #[must_use]
    pub fn next_message_no(&self) -> MessageNo {
        let shared = &self.0.shared;
        let no = shared.next_no.fetch_add(1, Ordering::AcqRel);
        if no.is_multiple_of(crate::committer::NUMBERS / 4) {
            shared.chores.notify_one();
        }
        MessageNo(no)
    }

    /// Makes a batch durable: when this returns `Ok`, everything in it survives a power cut; on any error but
    /// [`SpoolError::Failed`] nothing of it is there. All commits that wait share one write and one sync. If the caller
    /// drops the future, the commit may still happen.
    pub async fn commit(&self, mut batch: Batch) -> Result<Committed, SpoolError> {
        let shared = &self.0.shared;
        shared.check()?;
        let _turn = self.0.room.acquire().await;
        let large = body::take_large(&mut batch, &shared.config);
        if large.is_empty() {
            return self.send(|reply| Job::Commit { batch, reply }).await;
        }
        self.refuse_taken(&batch)?;
        let ids = large.ids();
        let writing = Arc::clone(shared);
        let written = self
            .0
            .exec
            .blocking(move || body::write_files(&writing.disk, &writing.dir, &large))
            .await
            .map_err(|error| shared.fail(&format!("writing a body file failed: {error}")));
        written?;
        let committed = self.send(|reply| Job::Commit { batch, reply }).await;
        if committed.as_ref().is_err_and(|error| !error.is_final()) {
            let removing = Arc::clone(shared);
            self.0.exec.blocking(move || body::remove_files(&removing.disk, &removing.dir, &ids)).await;
        }
        committed
    }

    /// Octets that `batch` takes of [`Self::group_bytes_max`], rounded up: [`Batch::weight`] without the bodies that get
    /// a file of their own. A batch above that bound is refused with [`SpoolError::TooLarge`] and has to be split.
    #[must_use]
    pub fn weight(&self, batch: &Batch) -> u64 {
        let mut inline = body::Inline::new(&self.0.shared.config);
        let in_files = batch.body_lens().filter(|len| !inline.keeps(*len)).sum();
        batch.weight().saturating_sub(in_files)
    }

    /// The most octets one batch may take, by [`Self::weight`]: three quarters of a segment. By default about 50 MB.
    #[must_use]
    pub fn group_bytes_max(&self) -> u64 {
        self.0.shared.config.group_bytes_max()
    }

    /// The most octets the envelope and the entries of one message may take together, each with 16 octets more: a
    /// quarter of a segment. What a batch replaces counts beside what replaces it. By default 16 MiB; bodies do not
    /// count.
    #[must_use]
    pub fn message_bytes_max(&self) -> u64 {
        self.0.shared.config.message_bytes_max()
    }

    /// A number that is taken must be refused before its body file is overwritten.
    fn refuse_taken(&self, batch: &Batch) -> Result<(), SpoolError> {
        let state = self.0.shared.state.read();
        for op in &batch.ops {
            if let Op::Message { no, .. } = op
                && (state.messages.contains_key(no) || state.bodies.contains_key(&no.0))
            {
                return Err(SpoolError::DuplicateMessage(*no));
            }
        }
        Ok(())
    }

    async fn send(&self, job: impl FnOnce(Reply<Committed>) -> Job) -> Result<Committed, SpoolError> {
        let (reply, answer) = oneshot::channel();
        if self.0.writer.send(job(reply)).is_err() {
            return Err(self.0.shared.fail("the committer has ended"));
        }
        match answer.await {
            Ok(result) => result,
            Err(_) => Err(self.0.shared.fail("the committer has ended")),
        }
    }

    // Reading.

    /// The envelope of a message that lives, or is dead and still readable.
    #[must_use]
    pub fn envelope(&self, no: MessageNo) -> Option<Bytes> {
        self.0.shared.state.read().messages.get(&no).map(|message| message.envelope.clone())
    }

    /// One entry of a message.
    #[must_use]
    pub fn entry(&self, no: MessageNo, entry: EntryNo) -> Option<Bytes> {
        let state = self.0.shared.state.read();
        let entries = &state.messages.get(&no)?.entries;
        let index = entries.binary_search_by_key(&entry, |(entry, _)| *entry).ok()?;
        entries.get(index).map(|(_, bytes)| bytes.clone())
    }

    /// The body of a message that lives, or is dead and still readable. From memory if it is recent, else from its
    /// file. `UnknownMessage` when it is gone, `Damaged` when its bytes are.
    pub async fn body(&self, no: MessageNo) -> Result<Bytes, SpoolError> {
        if let Some(bytes) = self.body_in_memory(no) {
            return Ok(bytes);
        }
        let shared = Arc::clone(&self.0.shared);
        self.0.exec.blocking(move || body::read(&shared, no)).await
    }

    /// The same, blocking the calling thread: for writers.
    pub fn body_blocking(&self, no: MessageNo) -> Result<Bytes, SpoolError> {
        body::read(&self.0.shared, no)
    }

    fn body_in_memory(&self, no: MessageNo) -> Option<Bytes> {
        let state = self.0.shared.state.read();
        let body = state.messages.get(&no)?.body;
        state.bodies.get(&body)?.cached.clone()
    }

    /// Length of a message's body in bytes.
    #[must_use]
    pub fn body_len(&self, no: MessageNo) -> Option<u64> {
        let state = self.0.shared.state.read();
        let body = state.messages.get(&no)?.body;
        state.bodies.get(&body).map(|body| body.len)
    }

    /// A message that lives.
    #[must_use]
    pub fn message(&self, no: MessageNo) -> Option<StoredMessage> {
        let state = self.0.shared.state.read();
        let message = state.messages.get(&no)?;
        (message.death == Position::default()).then(|| StoredMessage {
            no,
            envelope: message.envelope.clone(),
            body_len: state.bodies.get(&message.body).map_or(0, |body| body.len),
            entries: message.entries.clone(),
        })
    }

    /// The numbers of all messages that live, ascending: for the start, when queues are built.
    #[must_use]
    pub fn message_numbers(&self) -> Vec<MessageNo> {
        let state = self.0.shared.state.read();
        let living = state.messages.iter().filter(|(_, message)| message.death == Position::default());
        let mut numbers: Vec<MessageNo> = living.map(|(no, _)| *no).collect();
        numbers.sort_unstable();
        numbers
    }

    /// All messages that live, ascending, read one by one: a message that ends meanwhile is left out.
    pub fn messages(&self) -> impl Iterator<Item = StoredMessage> + '_ {
        self.message_numbers().into_iter().filter_map(|no| self.message(no))
    }

    /// A value set with [`Batch::meta`].
    #[must_use]
    pub fn meta(&self, key: &str) -> Option<Bytes> {
        self.0.shared.state.read().meta.get(key).cloned()
    }

    // Events.

    /// At most `max` synced events with numbers above `after`, oldest first: from memory when recent, else from the
    /// segments. Those of segments already freed, or lost to damage, are left out. Empty when there is none yet.
    pub async fn events_after(&self, after: EventSeq, max: usize) -> Result<Vec<SpoolEvent>, SpoolError> {
        let shared = Arc::clone(&self.0.shared);
        self.0.exec.blocking(move || feed::events_after(&shared, after, max)).await
    }

    /// The same, blocking the calling thread: for writers.
    pub fn events_after_blocking(&self, after: EventSeq, max: usize) -> Result<Vec<SpoolEvent>, SpoolError> {
        feed::events_after(&self.0.shared, after, max)
    }

    /// A number to start [`Self::events_after`] with so that it gives every event behind `position`, and at most the
    /// events of one segment from before it. Reads the offsets of that segment; blocks for as long.
    #[must_use]
    pub fn event_before(&self, position: Position) -> EventSeq {
        feed::before_position(&self.0.shared, position)
    }

    /// The number of the last synced event; 0 before the first.
    #[must_use]
    pub fn last_event(&self) -> EventSeq {
        self.0.shared.synced.borrow().last_event
    }

    /// Waits until there is a synced event above `seq`; gives the number of the last one. An error when the spool fails.
    pub async fn wait_beyond(&self, seq: EventSeq) -> Result<EventSeq, SpoolError> {
        let mut synced = self.0.shared.synced.subscribe();
        let ready = synced.wait_for(|synced| synced.failed || synced.last_event > seq).await;
        let last = ready.map(|synced| synced.last_event);
        self.0.shared.check()?;
        last.map_err(|_| self.0.shared.fail("the committer has ended"))
    }

    /// The next event gets a number above `above`: when the trace store is ahead of a spool that lost its end.
    pub async fn raise_event_seq(&self, above: EventSeq) -> Result<(), SpoolError> {
        self.send(|reply| Job::Raise { above, reply }).await.map(|_| ())
    }

    // Marks.

    /// Moves a low-water mark forward (never back, never beyond the synced end). Durable with the next commit; what it
    /// frees is freed then.
    pub fn set_mark(&self, mark: Mark, position: Position) {
        let end = self.0.shared.state.read().end;
        self.0.shared.want_mark(mark, position.min(end));
    }

    /// The durable low-water mark.
    #[must_use]
    pub fn mark(&self, mark: Mark) -> Position {
        self.0.shared.state.read().mark(mark)
    }

    /// Makes the marks durable now.
    pub async fn flush_marks(&self) -> Result<(), SpoolError> {
        self.send(|reply| Job::Flush { reply }).await.map(|_| ())
    }

    /// The synced end of the log.
    #[must_use]
    pub fn end(&self) -> Position {
        self.0.shared.state.read().end
    }

    // Service.

    /// Why the spool has failed, if it has.
    #[must_use]
    pub fn failure(&self) -> Option<SpoolError> {
        self.0.shared.check().err()
    }

    /// Waits until the spool fails (then the process has to exit).
    pub async fn wait_failed(&self) -> SpoolError {
        let mut synced = self.0.shared.synced.subscribe();
        let _ = synced.wait_for(|synced| synced.failed).await;
        match self.failure() {
            Some(error) => error,
            None => self.0.shared.fail("the committer has ended"),
        }
    }

    /// Figures for metrics and back pressure.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let shared = &self.0.shared;
        let state = shared.state.read();
        Stats {
            messages: state.messages.len() - state.dead.len(),
            dead_kept: state.dead.len(),
            live_bytes: state.live,
            log_bytes: state.log_bytes(),
            segments: state.segments.len(),
            spare_segments: state.spares.len(),
            body_memory_bytes: state.cached.bytes,
            commits_waiting: self.0.writer.queued(),
            batches: shared.batches_written.load(Ordering::Relaxed),
            last_batch_bytes: shared.last_batch_bytes.load(Ordering::Relaxed),
            last_batch_commits: shared.last_batch_groups.load(Ordering::Relaxed),
            waits_for_mark: crate::compact::waits_for_marks(&state),
        }
    }

    /// Takes no more commits, does those that wait, and makes the marks durable.
    pub async fn close(&self) -> Result<(), SpoolError> {
        let flushed = self.flush_marks().await;
        self.0.writer.close().await;
        flushed
    }
}
