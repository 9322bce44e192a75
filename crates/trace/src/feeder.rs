//! The feeder: carries synced events from the spool into the day files, and moves the low-water mark behind them.
//!
//! May touch: the spool (reading, marks), the store, clock and executor.
//! Idle it wakes at the commit; under load it lets events gather, so that a message's RECEIVE, QUEUED and end meet
//! in one transaction. Nothing is acknowledged here: the events are durable in the spool, and the mark moves only
//! after the files that hold them are.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use events::{Event, EventId};
use futures::future::{Either, select};
use jiff::Timestamp;
use parking_lot::Mutex;
use spool::{EventSeq, Mark, Position, Spool, SpoolError, SpoolEvent};
use tokio::sync::watch;
use world::{Clock, Executor};

use crate::TraceError;
use crate::places::Places;
use crate::status::{EventKey, NodeId};
use crate::store::{Day, Incoming, LowWater, Sealing, Store, StoreError};

mod follow;
mod join;

pub(crate) use follow::Bulletin;
pub use follow::{CHANGES_KEPT_MAX, Change, Changed, Follower};
use join::Unjoined;

/// Events in one transaction at most.
const BATCH_EVENTS_MAX: usize = 10_000;
/// A batch of at least this many events counts as load: the next one is left to gather.
const LOAD_EVENTS: usize = 200;
/// How long events gather under load.
const GATHER: Duration = Duration::from_millis(150);
/// How long events gather in a steady stream below that: a transaction for each costs more than the events do. One
/// that comes after a pause of this length is applied at once.
const GATHER_SHORT: Duration = Duration::from_millis(20);
/// The low-water mark moves at most this long after an event was applied.
const DURABLE_EVERY: Duration = Duration::from_secs(5);
/// It also moves after this many events.
const DURABLE_EVENTS: u64 = 100_000;
/// After a failure of the store the feed waits this long, doubling up to [`RETRY_MAX`].
const RETRY_MIN: Duration = Duration::from_secs(1);
/// The longest wait.
const RETRY_MAX: Duration = Duration::from_secs(60);
/// How often old files are looked for.
const RETENTION_EVERY: Duration = Duration::from_secs(3_600);

/// How far the trace is behind the spool: a resource of back pressure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lag {
    /// Events in the spool that are not in the store yet.
    pub events: u64,
    /// How long the oldest of them has waited, about.
    pub age: Duration,
    /// Events that could not be read and were passed over since the start.
    pub unreadable: u64,
    /// The store's failure, while it lasts.
    pub failure: Option<String>,
}

/// What was recorded since the start, for monitors; recipients are counted, except for what was received.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Messages accepted.
    pub received: u64,
    /// Recipients whose message was placed in a mailbox.
    pub delivered: u64,
    /// Recipients handed on to another server.
    pub sent: u64,
    /// Recipients that failed.
    pub failed: u64,
    /// Attempts put off until later.
    pub deferred: u64,
}

impl Totals {
    fn add(&mut self, event: &Event) {
        let recipients = u64::try_from(event.recipients.len()).unwrap_or(u64::MAX);
        let (total, count) = match event.event_id {
            EventId::Receive => (&mut self.received, 1),
            EventId::Deliver => (&mut self.delivered, recipients),
            EventId::Send | EventId::SendExternal => (&mut self.sent, recipients),
            EventId::Fail => (&mut self.failed, recipients),
            EventId::Defer => (&mut self.deferred, recipients),
            _ => return,
        };
        *total = total.saturating_add(count);
    }
}

/// A view on the running feed. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Feed {
    shared: Arc<Shared>,
    spool: Spool,
    clock: Clock,
}

#[derive(Debug)]
struct Shared {
    progress: watch::Sender<Progress>,
    stop: watch::Sender<bool>,
    failure: Mutex<Option<String>>,
    news: Bulletin,
}

#[derive(Debug, Clone, Copy, Default)]
struct Progress {
    applied: u64,
    /// Since when the feed works on what it has not applied; `None` while it waits for news.
    busy_since: Option<Duration>,
    unreadable: u64,
    totals: Totals,
    ended: bool,
}

impl Feed {
    /// How far the trace is behind.
    pub fn lag(&self) -> Lag {
        let progress = *self.shared.progress.borrow();
        let events = self.spool.last_event().0.saturating_sub(progress.applied);
        let since = progress.busy_since.filter(|_| events > 0);
        Lag {
            events,
            age: since.map_or(Duration::ZERO, |since| self.clock.elapsed().saturating_sub(since)),
            unreadable: progress.unreadable,
            failure: self.shared.failure.lock().clone(),
        }
    }

    /// What was recorded since the start, as far as the trace has it.
    pub fn totals(&self) -> Totals {
        self.shared.progress.borrow().totals
    }

    /// Waits until every event synced before this call can be found in a search.
    pub async fn caught_up(&self) {
        let goal = self.spool.last_event().0;
        let mut progress = self.shared.progress.subscribe();
        // An error would mean the sender is gone, and `self` holds it.
        let _ = progress.wait_for(|progress| progress.applied >= goal || progress.ended).await;
    }

    /// Waits until the feed has ended though nobody stopped it; says why. Then the process has to end too: nothing
    /// more would be found in the trace.
    pub async fn wait_failed(&self) -> String {
        let mut progress = self.shared.progress.subscribe();
        let _ = progress.wait_for(|progress| progress.ended).await;
        if *self.shared.stop.borrow() {
            return std::future::pending().await;
        }
        self.shared.failure.lock().clone().unwrap_or_default()
    }

    /// Stops the feed after what it is doing, makes it durable, and waits for that.
    pub async fn stop(&self) {
        self.shared.stop.send_replace(true);
        let mut progress = self.shared.progress.subscribe();
        let _ = progress.wait_for(|progress| progress.ended).await;
    }
}

/// What the feeder does besides feeding.
#[derive(Debug, Clone)]
pub(crate) struct FeedConfig {
    pub(crate) node: NodeId,
    pub(crate) retention_days: u32,
    pub(crate) seal_after_days: u32,
}

/// What a waiting feed wakes for.
enum News {
    Events,
    Stop,
    Due,
    SpoolFailed(SpoolError),
}

/// Says that the feed has ended when the feeder is dropped, in order or by a panic.
struct EndOfFeed(Arc<Shared>);

impl Drop for EndOfFeed {
    fn drop(&mut self) {
        if !*self.0.stop.borrow() {
            let why = self.0.failure.lock().take().map_or_else(String::new, |why| format!(": {why}"));
            let why = format!("the feed of the message trace has ended, see the service log{why}");
            *self.0.failure.lock() = Some(why);
        }
        self.0.progress.send_modify(|progress| progress.ended = true);
    }
}

/// The task. Made by [`crate::Trace::feed`].
pub(crate) struct Feeder {
    store: Store,
    places: Places,
    unjoined: Unjoined,
    spool: Spool,
    clock: Clock,
    exec: Executor,
    config: FeedConfig,
    shared: Arc<Shared>,
    after: u64,
    /// The last event that is in the totals: some are fed again after a crash.
    counted: u64,
    /// Position of the last event applied.
    position: Position,
    /// Applied but not yet durable: since when, and how many.
    undurable: Option<(Duration, u64)>,
    retention_due: Duration,
    /// Whether days are being sealed: one sealer at a time.
    sealing: Arc<AtomicBool>,
    _end: EndOfFeed,
}

impl Feeder {
    /// Takes up where the store's low-water mark stands. A store ahead of the spool makes the spool number on above it.
    pub(crate) async fn start(
        store: Store,
        places: Places,
        spool: Spool,
        clock: Clock,
        exec: Executor,
        news: Bulletin,
        config: FeedConfig,
    ) -> Result<(Feeder, Feed), TraceError> {
        let (own, node) = (store.clone(), config.node);
        let (mark, applied) = exec
            .blocking(move || {
                let mark = own.low_water()?;
                Ok::<_, TraceError>((mark, own.highest_applied(node)?))
            })
            .await?;
        let highest = applied.max(mark.seq);
        if highest > spool.last_event().0 {
            tracing::warn!(
                highest,
                spool = spool.last_event().0,
                "the trace store is ahead of the spool, which lost its end"
            );
            spool.raise_event_seq(EventSeq(highest)).await?;
        }
        let first = Progress { applied: mark.seq, ..Progress::default() };
        let shared = Arc::new(Shared {
            progress: watch::Sender::new(first),
            stop: watch::Sender::new(false),
            failure: Mutex::new(None),
            news,
        });
        let feed = Feed { shared: Arc::clone(&shared), spool: spool.clone(), clock: clock.clone() };
        let retention_due = clock.elapsed();
        let counted = spool.last_event().0;
        let end = EndOfFeed(Arc::clone(&shared));
        let feeder = Feeder {
            store,
            places,
            unjoined: Unjoined::default(),
            spool,
            clock,
            exec,
            config,
            shared,
            after: mark.seq,
            counted,
            position: Position::default(),
            undurable: None,
            retention_due,
            sealing: Arc::new(AtomicBool::new(false)),
            _end: end,
        };
        Ok((feeder, feed))
    }

    /// Runs until [`Feed::stop`] or until the spool fails.
    pub(crate) async fn run(mut self) {
        let mut retry = RETRY_MIN;
        let (mut last_batch, mut last_end) = (0, None);
        while self.wait_for_news().await {
            self.gather(last_batch, last_end).await;
            match self.feed_once().await {
                Ok(events) => {
                    (last_batch, last_end) = (events, Some(self.clock.elapsed()));
                    retry = RETRY_MIN;
                    self.shared.failure.lock().take();
                    if self.clock.elapsed() >= self.retention_due {
                        self.housekeeping().await;
                    }
                }
                Err(error) => {
                    tracing::error!(%error, "the trace feed failed; events wait in the spool");
                    *self.shared.failure.lock() = Some(error.to_string());
                    if *self.shared.stop.borrow() {
                        break;
                    }
                    self.after_failure(&error).await;
                    if matches!(error, TraceError::Store(StoreError::SetAside { .. })) {
                        continue;
                    }
                    self.clock.sleep(retry).await;
                    retry = retry.saturating_mul(2).min(RETRY_MAX);
                }
            }
        }
        if let Err(error) = self.make_durable().await {
            tracing::error!(%error, "the trace store could not be made durable at the end");
        }
    }

    /// Lets events gather behind a batch of `last_batch` events that ended at `last_end`.
    async fn gather(&self, last_batch: usize, last_end: Option<Duration>) {
        let Some(end) = last_end else { return };
        let wait = if last_batch >= LOAD_EVENTS { GATHER } else { GATHER_SHORT };
        let passed = self.clock.elapsed().saturating_sub(end);
        let streams = last_batch >= LOAD_EVENTS || passed < GATHER_SHORT;
        if streams && !*self.shared.stop.borrow() {
            self.clock.sleep(wait).await;
        }
    }

    /// Waits for an event, the time to make things durable, or the end; `false` when the feed is to end.
    async fn wait_for_news(&mut self) -> bool {
        loop {
            let caught_up = self.spool.last_event().0 <= self.after;
            if !caught_up && self.spool.failure().is_none() {
                return true;
            }
            if *self.shared.stop.borrow() {
                return false;
            }
            self.shared.progress.send_modify(|progress| progress.busy_since = None);
            let due = self.undurable.map(|(since, _)| since.saturating_add(DURABLE_EVERY));
            let due = due.unwrap_or(self.retention_due);
            match self.next_news(due).await {
                News::Events => {
                    let now = self.clock.elapsed();
                    self.shared.progress.send_modify(|progress| progress.busy_since = Some(now));
                    return true;
                }
                News::Stop => {}
                News::Due => self.housekeeping().await,
                News::SpoolFailed(error) => {
                    tracing::error!(%error, "the spool failed; the trace feed ends");
                    return false;
                }
            }
        }
    }

    async fn next_news(&self, due: Duration) -> News {
        let mut stop = self.shared.stop.subscribe();
        let stopped = pin!(async move {
            let _ = stop.wait_for(|stop| *stop).await;
        });
        let events = pin!(self.spool.wait_beyond(EventSeq(self.after)));
        let left = due.saturating_sub(self.clock.elapsed());
        match self.clock.timeout(left, select(events, stopped)).await {
            Ok(Either::Left((Ok(_), _))) => News::Events,
            Ok(Either::Left((Err(error), _))) => News::SpoolFailed(error),
            Ok(Either::Right(_)) => News::Stop,
            Err(_) => News::Due,
        }
    }

    /// Applies the next events; returns how many there were.
    async fn feed_once(&mut self) -> Result<usize, TraceError> {
        let (spool, store, after, node) =
            (self.spool.clone(), self.store.clone(), self.after, self.config.node);
        let (counted, mut totals) = (self.counted, self.shared.progress.borrow().totals);
        // Before the read: an event synced during it is not one that is missing.
        let end = self.spool.last_event().0;
        let places = self.places.clone();
        let applied = self
            .exec
            .blocking(move || {
                let found = spool.events_after_blocking(EventSeq(after), BATCH_EVENTS_MAX)?;
                let last = found.last().map(|event| (event.seq.0, event.position));
                let count = found.len();
                let (incoming, unreadable) = decode(found, node);
                incoming.iter().filter(|one| one.key.seq > counted).for_each(|one| totals.add(&one.event));
                let changed = Bulletin::of(incoming.iter().map(|one| &one.event));
                let numbers = places.own_numbers(incoming.iter().map(|one| &one.event));
                if !cfg!(feature = "bench-drop-events") {
                    store.apply(incoming)?;
                }
                let numbers = if places.has_hops()? { numbers } else { Vec::new() };
                Ok::<_, TraceError>((last, count, unreadable, totals, changed, numbers))
            })
            .await?;
        let (last, count, unreadable, totals, changed, numbers) = applied;
        self.shared.news.tell(changed);
        // Numbers that are not in the log any more, or were never used, are passed over.
        let (seq, position) = last.unwrap_or((end.max(self.after), self.position));
        (self.after, self.position) = (seq, position);
        self.counted = self.counted.max(seq);
        let now = self.clock.elapsed();
        let fresh = u64::try_from(count).unwrap_or(u64::MAX);
        let (since, events) = self.undurable.unwrap_or((now, 0));
        self.undurable = Some((since, events.saturating_add(fresh)));
        self.shared.progress.send_modify(|progress| {
            progress.applied = seq;
            progress.unreadable = progress.unreadable.saturating_add(unreadable);
            progress.totals = totals;
            progress.busy_since = Some(now);
        });
        self.unjoined.add(numbers);
        self.join(false).await?;
        if events >= DURABLE_EVENTS || now.saturating_sub(since) >= DURABLE_EVERY {
            self.make_durable().await?;
        }
        Ok(count)
    }

    /// A day begins with an empty file, or nobody knows how much of one is on disk: what the spool still holds is
    /// applied again, other days know theirs already.
    async fn after_failure(&mut self, error: &TraceError) {
        let lost =
            matches!(error, TraceError::Store(StoreError::SetAside { .. } | StoreError::InDoubt { .. }));
        if !lost {
            return;
        }
        let store = self.store.clone();
        match self.exec.blocking(move || store.begin_again()).await {
            Ok(mark) => {
                self.after = mark.seq;
                self.shared
                    .progress
                    .send_modify(|progress| progress.applied = progress.applied.min(mark.seq));
                // Nothing behind the mark counts before it is applied again.
                self.position = Position::default();
                self.undurable = None;
            }
            Err(error) => {
                tracing::error!(%error, "the low-water mark cannot be read; the feed goes on where it stands")
            }
        }
    }

    async fn make_durable(&mut self) -> Result<(), TraceError> {
        if self.undurable.is_none() {
            return Ok(());
        }
        self.join(true).await?;
        let (store, places, mark) = (self.store.clone(), self.places.clone(), LowWater { seq: self.after });
        // Behind the mark nothing is looked at again: it stays where something is still to be joined.
        let (joined, is_held) = (self.unjoined.undurable, self.unjoined.is_left());
        let work = move || {
            store.sync_days()?;
            if joined {
                places.sync_index()?;
            }
            if is_held { Ok(()) } else { store.set_low_water(mark) }
        };
        self.exec.blocking(work).await?;
        self.unjoined.undurable = false;
        if !is_held {
            self.spool.set_mark(Mark::Trace, self.position);
        }
        // What could not be joined is tried again in a while, though nothing new comes.
        self.undurable = is_held.then(|| (self.clock.elapsed(), 0));
        Ok(())
    }

    async fn housekeeping(&mut self) {
        if let Err(error) = self.make_durable().await {
            tracing::error!(%error, "the trace store could not be made durable");
            self.after_failure(&error).await;
            *self.shared.failure.lock() = Some(error.to_string());
            self.clock.sleep(RETRY_MIN).await;
            return;
        }
        let now = self.clock.elapsed();
        if now < self.retention_due {
            return;
        }
        self.retention_due = now.saturating_add(RETENTION_EVERY);
        let oldest = oldest_day(self.clock.now(), self.config.retention_days);
        let store = self.store.clone();
        match self.exec.blocking(move || store.delete_before(oldest)).await {
            Ok(days) if days.is_empty() => {}
            Ok(days) => tracing::info!(count = days.len(), "trace days past their retention were deleted"),
            Err(error) => tracing::error!(%error, "old trace files could not be deleted"),
        }
        self.seal_quiet_days();
    }

    /// Seals days to which nothing has happened for a while, beside the feed.
    fn seal_quiet_days(&self) {
        if self.sealing.swap(true, Ordering::AcqRel) {
            return;
        }
        let before = oldest_day(self.clock.now(), self.config.seal_after_days);
        let (store, exec) = (self.store.clone(), self.exec.clone());
        let (sealing, stop) = (Arc::clone(&self.sealing), self.shared.stop.subscribe());
        self.exec.spawn("trace seal", async move {
            let own = store.clone();
            let days = exec.blocking(move || own.quiet_days(before)).await;
            for day in days {
                if *stop.borrow() {
                    break;
                }
                let own = store.clone();
                match exec.blocking(move || own.seal(day)).await {
                    Ok(Sealing::Done) => tracing::info!(day = day.0, "a day of the trace was sealed"),
                    Ok(_) => {}
                    Err(error) => {
                        tracing::error!(day = day.0, %error, "a day of the trace could not be sealed")
                    }
                }
            }
            sealing.store(false, Ordering::Release);
        });
    }
}

/// The first day that is kept.
pub(crate) fn oldest_day(now: Timestamp, retention_days: u32) -> Day {
    let today = Day::of(now);
    Day(today.0.saturating_sub(i32::try_from(retention_days).unwrap_or(i32::MAX)))
}

/// Stored events to events; those that cannot be read are counted and passed over, or the feed would stand for ever.
fn decode(found: Vec<SpoolEvent>, node: NodeId) -> (Vec<Incoming>, u64) {
    let mut incoming = Vec::with_capacity(found.len());
    let mut unreadable = 0_u64;
    for stored in found {
        let event: Result<Event, _> = events::decode(&stored.bytes);
        match event {
            Ok(event) => {
                incoming.push(Incoming {
                    key: EventKey { node, seq: stored.seq.0 },
                    event,
                    bytes: stored.bytes,
                });
            }
            Err(error) => {
                unreadable = unreadable.saturating_add(1);
                tracing::error!(seq = stored.seq.0, %error, "an event of the spool cannot be read; it is passed over");
            }
        }
    }
    (incoming, unreadable)
}
