//! The work of an import: events of hops become events of messages, joined with what is there already.
//!
//! May touch: the store, the refusals, the index of hops.

mod durable;
mod fed;
mod forest;
mod hop_of;
mod ids;
mod joiner;
mod next_hop;
mod removal;
mod take_out;
mod waiting;

use std::path::PathBuf;
use std::sync::Arc;

use events::{Event, EventId};
use jiff::Timestamp;
use mail::NetworkMessageId;
use parking_lot::Mutex;
use world::Disk;

use super::identity::is_nil;
use super::imported::Remembered;
use super::index::{JoinIndex as _, SqliteIndex};
use super::listed::Busy;
use super::tally::AHEAD;
use crate::feeder::Bulletin;
use crate::refusals::RefusalStore;
use crate::status::EventKey;
use crate::store::{Day, Lookup, Store, StoreError};
pub(crate) use fed::OwnNumber;
pub use joiner::join_in_memory;
use joiner::{Joiner, Plan, Shelf, Sought, TakesOwn, day_of};
pub use take_out::TakenOut;

/// Name of the file with the hops.
const INDEX_FILE: &str = "hops.sqlite";
/// Events applied in one piece.
pub(crate) const EVENTS_AT_ONCE: usize = 10_000;

/// What has been joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Joined {
    /// Joins that rest on an id.
    pub certain: u64,
    /// Joins that rest on Message-ID, recipient and time.
    pub probable: u64,
}

/// What became of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Imported {
    /// Events, and refusals, that were not there before.
    pub new: u64,
    /// Events older than anything is kept; left out.
    pub too_old: u64,
    /// Events more than a day ahead of the clock; left out. Readers refuse such lines before.
    pub too_new: u64,
    /// Lines that say that a message expired, was removed or is held, where none of its recipients is known.
    pub alone: u64,
    /// Joins found.
    pub joined: Joined,
}

impl Imported {
    /// What is to be said of lines that changed nothing, because whom they mean is not known.
    pub fn alone_in_words(&self) -> Option<String> {
        (self.alone > 0).then(|| {
            format!(
                "{} lines say that a message expired, was removed or is held, and no line read so far names a recipient of it: the log before is missing",
                self.alone
            )
        })
    }

    /// What is to be said of events that are older than anything is kept.
    pub fn too_old_in_words(&self) -> Option<String> {
        (self.too_old > 0).then(|| {
            format!("{} events are older than the trace keeps records, and were left out", self.too_old)
        })
    }

    /// Both together.
    pub fn add(&mut self, other: Imported) {
        self.new = self.new.saturating_add(other.new);
        self.too_old = self.too_old.saturating_add(other.too_old);
        self.too_new = self.too_new.saturating_add(other.too_new);
        self.alone = self.alone.saturating_add(other.alone);
        self.joined.certain = self.joined.certain.saturating_add(other.joined.certain);
        self.joined.probable = self.joined.probable.saturating_add(other.joined.probable);
    }
}

/// Why an import did not go on.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The record is not what it should be.
    #[error(transparent)]
    Format(#[from] super::WrongFormat),
    /// It could not be read.
    #[error("cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// The trace could not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Somebody stopped it.
    #[error(transparent)]
    Stopped(Box<Stop>),
    /// The place is being removed, or imported into where it should be removed.
    #[error("{0}")]
    Busy(String),
}

/// How far an import came that was stopped. What it read is kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "stopped in {file} after {lines} lines; {events} events were written, {new} of them new. Importing the same again reads the rest and doubles nothing"
)]
pub struct Stop {
    /// The file it was in.
    pub file: String,
    /// Lines, rows or objects read of all files.
    pub lines: u64,
    /// Events of them that are in the trace.
    pub events: u64,
    /// Those that were not there before.
    pub new: u64,
    /// The earliest time read.
    pub first: Option<Timestamp>,
    /// The latest time read.
    pub last: Option<Timestamp>,
}

/// The trace of places: imports, joins, and the ids that others gave a message. Cheap to clone.
#[derive(Clone)]
pub struct Places(Arc<Inner>);

struct Inner {
    disk: Disk,
    dir: PathBuf,
    store: Store,
    refusals: RefusalStore,
    own: String,
    retention_days: u32,
    news: Bulletin,
    index: Mutex<Option<SqliteIndex>>,
    /// The same file for look-ups, which wait for no import; locked before `index` where both are.
    reader: Mutex<Option<SqliteIndex>>,
    /// Hops before this day were forgotten.
    oldest: Mutex<Day>,
    /// What was imported, once read.
    imported: Mutex<Option<Remembered>>,
    /// What is imported or removed now, by place in lower case.
    busy: Mutex<Vec<(String, Busy)>>,
}

impl std::fmt::Debug for Places {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Places").field("dir", &self.0.dir).finish_non_exhaustive()
    }
}

impl Places {
    pub(crate) fn new(
        disk: &Disk,
        dir: PathBuf,
        store: Store,
        refusals: RefusalStore,
        own: &str,
        retention_days: u32,
        news: Bulletin,
    ) -> Places {
        Places(Arc::new(Inner {
            disk: disk.clone(),
            dir,
            store,
            refusals,
            own: own.to_owned(),
            retention_days,
            news,
            index: Mutex::new(None),
            reader: Mutex::new(None),
            oldest: Mutex::new(Day(i32::MIN)),
            imported: Mutex::new(None),
            busy: Mutex::new(Vec::new()),
        }))
    }

    /// The disk the places are on.
    pub(crate) fn disk(&self) -> &Disk {
        &self.0.disk
    }

    /// The folder of the trace, out of which nothing is imported.
    pub(crate) fn dir(&self) -> &std::path::Path {
        &self.0.dir
    }

    /// The folder for files that are sent to be imported: the one folder of ours that is imported from. Each file has
    /// a folder of its own in it.
    pub fn uploads(&self) -> PathBuf {
        self.dir().join("uploads")
    }

    /// How long records are kept.
    pub(crate) fn kept_for(&self) -> jiff::SignedDuration {
        jiff::SignedDuration::from_hours(i64::from(self.0.retention_days).saturating_mul(24))
    }

    pub(super) fn imported_places(&self) -> &Mutex<Option<Remembered>> {
        &self.0.imported
    }

    pub(super) fn busy(&self) -> &Mutex<Vec<(String, Busy)>> {
        &self.0.busy
    }

    /// Takes events of places in; each once, in any order. Blocks.
    ///
    /// # Errors
    /// If they cannot be written; doing the same again is harmless.
    pub fn import(&self, events: Vec<(EventKey, Event)>, now: Timestamp) -> Result<Imported, StoreError> {
        let oldest =
            Day(Day::of(now).0.saturating_sub(i32::try_from(self.0.retention_days).unwrap_or(i32::MAX)));
        let newest = now.checked_add(AHEAD).unwrap_or(Timestamp::MAX);
        let mut done = Imported::default();
        let (mut kept, mut refused) = (Vec::with_capacity(events.len()), Vec::new());
        for (key, event) in events {
            if Day::of(event.at) < oldest || is_nil(event.network_message_id) {
                done.too_old = done.too_old.saturating_add(1);
            } else if event.at.max(event.received) > newest {
                done.too_new = done.too_new.saturating_add(1);
            } else if event.event_id == EventId::Refused {
                refused.push(event);
            } else {
                kept.push((key, event));
            }
        }
        if !refused.is_empty() {
            done.new = self.import_refused(&refused, now)?;
        }
        // Two at once may both forget, which is harmless.
        let is_forgotten = *self.0.oldest.lock() == oldest;
        if !is_forgotten {
            self.open(&mut self.0.index.lock())?.forget_before(oldest.midnight())?;
            *self.0.oldest.lock() = oldest;
        }
        while !kept.is_empty() {
            let mut index = self.0.index.lock();
            let index = self.open(&mut index)?;
            // No small rest behind a whole batch: it would cost a transaction of its own.
            let is_last = kept.len() < EVENTS_AT_ONCE.saturating_mul(2);
            let rest = kept.split_off(if is_last { kept.len() } else { EVENTS_AT_ONCE });
            let batch = std::mem::replace(&mut kept, rest);
            let plan = Joiner::new(index, self, &self.0.own).plan(batch)?;
            done.add(self.write(index, plan)?);
        }
        Ok(done)
    }

    /// Takes refusals in, and tells of those that were not there before; gives how many that were.
    fn import_refused(&self, refused: &[Event], now: Timestamp) -> Result<u64, StoreError> {
        let mut new = Vec::new();
        let done = self.0.refusals.import(refused, now, &mut new);
        // Also where not all could be written: done again, what is there is not new any more.
        self.0.news.tell(Bulletin::of(new.iter().copied()));
        done.map(|()| u64::try_from(new.len()).unwrap_or(u64::MAX))
    }

    /// Writes what was planned, the store first: done again it changes nothing. Events that moved are durable before the
    /// index says where they are; those that are new come again after a power cut, and then go where it says.
    fn write(&self, index: &mut SqliteIndex, plan: Plan) -> Result<Imported, StoreError> {
        let changed = Bulletin::of(plan.put.iter().map(|(_, event)| event));
        let written = self.0.store.replace(&plan.gone, plan.put)?;
        self.0.news.tell(changed);
        let new = u64::try_from(written.saturating_sub(plan.moved)).unwrap_or(0);
        index.save(&plan.hops.iter().collect::<Vec<_>>())?;
        Ok(Imported { new, joined: plan.joined, alone: plan.alone, ..Imported::default() })
    }

    fn open<'a>(&self, index: &'a mut Option<SqliteIndex>) -> Result<&'a mut SqliteIndex, StoreError> {
        if index.is_none() {
            let mut opened = SqliteIndex::open(&self.0.disk, &self.0.dir.join(INDEX_FILE))?;
            self.complete_removal(&mut opened)?;
            *index = Some(opened);
        }
        index.as_mut().ok_or(StoreError::Inconsistent("no index of hops"))
    }
}

impl Shelf for Places {
    fn own(&self, sought: &[Sought], take: &mut TakesOwn<'_>) -> Result<(), StoreError> {
        let (Some(from), Some(to)) =
            (sought.iter().map(|one| one.from).min(), sought.iter().map(|one| one.to).max())
        else {
            return Ok(());
        };
        for day in self.0.store.days().into_iter().filter(|day| (from..=to).contains(day)) {
            let here = sought.iter().filter(|one| (one.from..=one.to).contains(&day));
            self.0.store.view(day, |view| {
                for one in here {
                    for slot in view.look_up(Lookup::MessageId(one.message_id.cast_signed()))? {
                        let events = view.events(slot)?;
                        if events.iter().any(|(_, event)| event.detail.place.is_none()) {
                            take(one.message_id, events);
                        }
                    }
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    fn peek(&self, id: NetworkMessageId, received: i64) -> Result<Vec<(EventKey, Event)>, StoreError> {
        let day = day_of(received);
        let found = self.0.store.look_up_between(Lookup::NetworkId(id), day, day)?;
        Ok(found.into_iter().flat_map(|message| message.events).collect())
    }
}
