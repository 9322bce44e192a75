//! The trace store: one SQLite file per UTC day, fed with events, asked for rows.
//!
//! May touch: the disk.
//! No SQL stands outside this folder. Retention is the deletion of a file.

mod day;
mod day_list;
mod dictionary;
mod durable;
mod fact_columns;
mod filter;
mod format;
mod names;
mod open_message;
mod read;
mod remote_ids;
mod replace;
mod schema;
mod seal;
mod sealed;
mod slots;
mod traffic;
mod view;
mod watch;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use events::Event;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use mail::NetworkMessageId;
use parking_lot::{Mutex, RwLock};
use rusqlite::Connection;
use world::{Disk, FileKind, SqliteError, SqliteMode};

use crate::status::{EventKey, NodeId};
use day::{DayFile, Order};
use day_list::DayList;

pub use day::Incoming;
pub(crate) use day::{DAY_MICROS, HOUR_MICROS};
pub(crate) use dictionary::domain_of;
pub(crate) use filter::{After, RowId, Window, glob};
pub(crate) use open_message::{ip_number, message_id_number, reference_number};
pub(crate) use read::Lookup;
pub(crate) use remote_ids::remote_id_number;
pub(crate) use replace::{Gone, is_of};
pub(crate) use schema::{ORDINAL_BITS, ORDINAL_MAX};
pub use seal::Sealing;
use sealed::{PageCache, SealedDay};
pub(crate) use slots::Slots;
pub use traffic::{TRAFFIC_KEYS_MAX, Traffic, TrafficBy, TrafficKey};
pub(crate) use view::{Asked, DayView};
pub(crate) use watch::DayWatch;
pub use watch::Watch;

/// Day files kept open for writing: today, yesterday, and two for retries and late news.
const WRITERS_MAX: usize = 4;
/// Read connections kept open, over all days.
const READERS_MAX: usize = 96;
/// What is added to the name of a damaged file, before a number.
const DAMAGED: &str = ".damaged-";
/// Damaged files kept of one day.
const DAMAGED_MAX: u32 = 100;
/// Name of the file that holds the low-water mark.
const POSITION_FILE: &str = "position";

/// Why the store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite failed.
    #[error("the trace store failed: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// A file could not be opened.
    #[error(transparent)]
    Open(#[from] SqliteError),
    /// The disk failed.
    #[error("the trace folder {}: {source}", path.display())]
    Io {
        /// What was touched.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// Written by a newer version of this program.
    #[error(
        "a trace file has format {found}, this program reads up to {}; install the version that wrote it",
        schema::SCHEMA_VERSION
    )]
    Newer {
        /// The format found.
        found: i32,
    },
    /// Written by a version of this program that was never released.
    #[error("a trace file has format {found}, which no release wrote; remove the trace folder to begin anew")]
    Older {
        /// The format found.
        found: i32,
    },
    /// A sealed day cannot be read or written.
    #[error("the file of a sealed day cannot be read or written: {0}")]
    Sealed(std::io::Error),
    /// A sealed day's file is not what was written.
    #[error("the file of a sealed day is damaged: {0}")]
    Damaged(&'static str),
    /// The search was given up by who asked for it.
    #[error("the search was given up")]
    Cancelled,
    /// A day was not searched to its end: newer ones have all that is shown.
    #[error("newer days have the whole page")]
    Unneeded,
    /// Packed events that do not decode.
    #[error("damaged events in the trace store: {0}")]
    Events(String),
    /// SQLite found the file damaged; it was set aside and a new one is begun.
    #[error("the trace file {} is damaged and was set aside; its day is filled again as far as the spool reaches back", path.display())]
    SetAside {
        /// Where it lies now.
        path: PathBuf,
    },
    /// Something applied may not be on disk: events are to be applied again from the low-water mark on.
    #[error("a trace file could not be made durable, its events are applied again from the spool: {cause}")]
    InDoubt {
        /// The file, and what failed.
        cause: String,
    },
    /// A day file was lost or in doubt while records of other systems were taken in.
    #[error(
        "a file of the trace failed while records were taken in; some may not be on disk, take them in again"
    )]
    TakeInAgain,
    /// More than the store has room for; the file itself is well.
    #[error("more than the trace has room for: {0}")]
    TooMuch(&'static str),
    /// The file contradicts itself.
    #[error("the trace store is inconsistent: {0}")]
    Inconsistent(&'static str),
}

impl From<format::PackError> for StoreError {
    fn from(error: format::PackError) -> StoreError {
        StoreError::Events(error.to_string())
    }
}

impl StoreError {
    /// A failure of a sealed day's file.
    pub(crate) fn sealed(error: std::io::Error) -> StoreError {
        StoreError::Sealed(error)
    }

    /// Whether the disk failed, so that nobody knows what it holds.
    fn is_of_disk(&self) -> bool {
        match self {
            StoreError::Sqlite(error) | StoreError::Open(SqliteError::Sqlite { source: error, .. }) => {
                error.sqlite_error_code() == Some(rusqlite::ErrorCode::SystemIoFailure)
            }
            _ => false,
        }
    }

    /// Whether the file itself is broken, so that trying again cannot help.
    pub(crate) fn is_damage(&self) -> bool {
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        match self {
            StoreError::Sqlite(error) | StoreError::Open(SqliteError::Sqlite { source: error, .. }) => {
                matches!(error.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase))
            }
            StoreError::Events(_) | StoreError::Inconsistent(_) | StoreError::Damaged(_) => true,
            _ => false,
        }
    }
}

/// A UTC day, counted from 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Day(pub i32);

impl Day {
    /// The day of a time.
    pub fn of(at: Timestamp) -> Day {
        let days = at.as_microsecond().div_euclid(DAY_MICROS);
        Day(i32::try_from(days).unwrap_or(i32::MAX))
    }

    /// The day's first microsecond since 1970.
    pub(crate) fn midnight(self) -> i64 {
        i64::from(self.0).saturating_mul(DAY_MICROS)
    }

    /// The name of the day's file.
    pub(crate) fn file_name(self) -> String {
        format!("{}.sqlite", self.date())
    }

    /// The name of its file once it is sealed.
    pub(crate) fn sealed_name(self) -> String {
        format!("{}.sealed", self.date())
    }

    fn date(self) -> jiff::civil::Date {
        let start = Timestamp::from_microsecond(self.midnight()).unwrap_or(Timestamp::UNIX_EPOCH);
        start.to_zoned(TimeZone::UTC).date()
    }

    pub(crate) fn parse(name: &str) -> Option<Day> {
        Day::parse_with(name, ".sqlite")
    }

    fn parse_with(name: &str, suffix: &str) -> Option<Day> {
        let date: jiff::civil::Date = name.strip_suffix(suffix)?.parse().ok()?;
        Some(Day::of(date.to_zoned(TimeZone::UTC).ok()?.timestamp()))
    }
}

/// The forms in which there is a day. With both the sealed one is the older state: a message in the SQLite file stands
/// for the one of the same row id in the sealed file, with all its events.
#[derive(Debug, Clone, Default)]
struct Forms {
    sealed: Option<Arc<SealedDay>>,
    sqlite: bool,
}

/// How far the feed has been made durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LowWater {
    /// Every event of the spool up to this number is durable in the day files.
    pub seq: u64,
}

/// The day files of one folder. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store(Arc<Inner>);

/// Locks are taken in this order: `writers`, `days`, `readers`.
#[derive(Debug)]
struct Inner {
    disk: Disk,
    dir: PathBuf,
    /// Held for reading while files are opened, for writing while they are exchanged or removed.
    days: RwLock<BTreeMap<Day, Forms>>,
    pages: Arc<PageCache>,
    /// Days of files that were set aside as damaged.
    damaged: RwLock<BTreeSet<Day>>,
    /// Days whose files somebody took away.
    missing: RwLock<Vec<Day>>,
    writers: Mutex<Writers>,
    readers: Mutex<Vec<(Day, Connection)>>,
}

/// The files open for writing, the one used last at the end.
#[derive(Debug, Default)]
struct Writers {
    open: Vec<(Day, DayFile)>,
    /// Files made since the folder was last synced.
    new_names: bool,
    /// The days as they are listed.
    list: DayList,
    /// Days whose log has to be copied into the database before it counts as durable.
    doubtful: BTreeSet<Day>,
    /// Why events have to be applied again, until the feed does that.
    begin_again: Option<String>,
    /// How often a file was set aside or in doubt since the start: what was applied to it may be lost.
    losses: u64,
    /// Batches applied to a day since the start.
    changes: HashMap<Day, u64>,
    /// The same as it stood when days to be sealed were last looked for.
    changes_seen: HashMap<Day, u64>,
    /// Days that stay open, with the changes they had when that was found.
    left_open: HashMap<Day, u64>,
}

impl Store {
    /// Opens the folder, making it if it is missing. Blocks.
    pub fn open(disk: &Disk, dir: &Path) -> Result<Store, StoreError> {
        let io = |source| StoreError::Io { path: dir.to_owned(), source };
        disk.create_dir_all(dir).map_err(io)?;
        let (mut days, mut damaged) = (BTreeMap::<Day, Forms>::new(), BTreeSet::new());
        let mut doubtful = BTreeSet::new();
        let pages = Arc::new(PageCache::new());
        for entry in disk.read_dir(dir).map_err(io)?.into_iter().filter(|entry| entry.kind == FileKind::File)
        {
            let name = entry.name.to_string_lossy().into_owned();
            if let Some(day) = Day::parse(&name) {
                days.entry(day).or_default().sqlite = true;
            } else if let Some(day) = Day::parse_with(&name, ".sealed") {
                match SealedDay::open(disk, &entry.path, day, &pages) {
                    Ok(sealed) => days.entry(day).or_default().sealed = Some(Arc::new(sealed)),
                    Err(error) if error.is_damage() => {
                        set_aside_file(disk, &entry.path, &[""], &error)?;
                        damaged.insert(day);
                    }
                    Err(error) => return Err(error),
                }
            } else if let Some(day) = Day::parse_with(&name, ".sqlite-wal") {
                doubtful.insert(day);
            } else if name.ends_with(seal::NEW) {
                // Sealing was cut short; the day's file is still there.
                disk.remove_file(&entry.path).map_err(io)?;
            } else if let Some((day, _)) = name.split_once(DAMAGED) {
                damaged.extend(Day::parse(day).or_else(|| Day::parse_with(day, ".sealed")));
            }
        }
        let store = Store(Arc::new(Inner {
            disk: disk.clone(),
            dir: dir.to_owned(),
            days: RwLock::new(days),
            pages,
            damaged: RwLock::new(damaged),
            missing: RwLock::default(),
            writers: Mutex::new(Writers { doubtful, ..Writers::default() }),
            readers: Mutex::new(Vec::new()),
        }));
        store.miss_days()?;
        Ok(store)
    }

    /// The days there are files for, oldest first.
    pub fn days(&self) -> Vec<Day> {
        self.0.days.read().keys().copied().collect()
    }

    fn path(&self, day: Day) -> PathBuf {
        self.0.dir.join(day.file_name())
    }

    /// Applies events of a node, which come by rising number. Returns how many were new. Blocks.
    ///
    /// Each day's events are one transaction; if one fails, days before it may be applied, and applying the same
    /// events again is harmless.
    pub fn apply(&self, events: Vec<Incoming>) -> Result<usize, StoreError> {
        self.apply_by_day(events, Order::Rising)
    }

    /// Applies imported events, in any order, each once by its key. Returns how many were new. Blocks.
    pub fn import(&self, events: Vec<(EventKey, Event)>) -> Result<usize, StoreError> {
        let incoming = events.into_iter().map(|(key, event)| {
            let bytes = events::encode(&event).into();
            Incoming { key, event, bytes }
        });
        self.apply_by_day(incoming.collect(), Order::Any)
    }

    fn apply_by_day(&self, events: Vec<Incoming>, order: Order) -> Result<usize, StoreError> {
        let mut by_day: HashMap<Day, Vec<Incoming>> = HashMap::new();
        for one in events {
            by_day.entry(Day::of(one.event.received)).or_default().push(one);
        }
        let mut days: Vec<(Day, Vec<Incoming>)> = by_day.into_iter().collect();
        days.sort_unstable_by_key(|(day, _)| *day);
        let mut new = 0_usize;
        let mut writers = self.0.writers.lock();
        for (day, incoming) in days {
            let applied = match self.writer(&mut writers, day) {
                Ok(file) => file.apply(&incoming, order),
                Err(error) => Err(error),
            };
            let changes = writers.changes.entry(day).or_default();
            *changes = changes.saturating_add(1);
            match applied {
                Ok(count) => new = new.saturating_add(count),
                Err(error) => return Err(self.failed(&mut writers, day, error)),
            }
        }
        Ok(new)
    }

    /// Moves a damaged file out of the way, so that one bad day does not stop the feed; the answer says so ever after.
    fn set_aside(&self, writers: &mut Writers, day: Day, cause: &StoreError) -> StoreError {
        writers.open.retain(|(open, _)| *open != day);
        writers.doubtful.remove(&day);
        writers.losses = writers.losses.saturating_add(1);
        // Whoever met it, the feed's events of the day are in the spool from its mark on.
        writers.begin_again = Some(format!("{}: {cause}", day.file_name()));
        self.0.readers.lock().retain(|(open, _)| *open != day);
        let target = match set_aside_file(&self.0.disk, &self.path(day), &["-wal", "-shm", ""], cause) {
            Ok(target) => target,
            Err(error) => return error,
        };
        let mut days = self.0.days.write();
        if let Some(forms) = days.get_mut(&day) {
            forms.sqlite = false;
        }
        days.retain(|_, forms| forms.sqlite || forms.sealed.is_some());
        drop(days);
        self.0.damaged.write().insert(day);
        StoreError::SetAside { path: target }
    }

    /// Days some of whose records may be missing, because a file of theirs was damaged.
    pub(crate) fn damaged_days(&self) -> Vec<Day> {
        self.0.damaged.read().iter().copied().collect()
    }

    /// The writer of a day, opened if need be; it becomes the last of the open ones.
    fn writer<'a>(&self, writers: &'a mut Writers, day: Day) -> Result<&'a mut DayFile, StoreError> {
        let found = writers.open.iter().position(|(open, _)| *open == day);
        let file = match found {
            Some(at) => writers.open.remove(at).1,
            None => {
                if writers.open.len() >= WRITERS_MAX
                    && let Some(oldest) = writers.open.first().map(|(day, _)| *day)
                {
                    // Made durable first: a file that is not open is never dirty.
                    self.with_open(writers, oldest, DayFile::settle)?;
                    writers.open.remove(0);
                }
                let sealed = self.0.days.read().get(&day).and_then(|forms| forms.sealed.clone());
                let connection = self.0.disk.sqlite(&self.path(day), SqliteMode::ReadWriteCreate)?;
                let mut file = DayFile::open(connection, day.midnight(), sealed)?;
                if writers.doubtful.contains(&day) {
                    file.empty_log()?;
                    writers.doubtful.remove(&day);
                }
                let mut days = self.0.days.write();
                let forms = days.entry(day).or_default();
                writers.new_names |= !forms.sqlite;
                forms.sqlite = true;
                file
            }
        };
        writers.open.push((day, file));
        let (_, file) = writers.open.last_mut().ok_or(StoreError::Inconsistent("no writer"))?;
        Ok(file)
    }

    /// Deletes the files of days before `oldest`. Returns the days deleted. Blocks.
    pub fn delete_before(&self, oldest: Day) -> Result<Vec<Day>, StoreError> {
        let mut writers = self.0.writers.lock();
        let gone: Vec<Day> = self.days().into_iter().take_while(|day| *day < oldest).collect();
        self.unlist_before(&mut writers, oldest)?;
        for day in &gone {
            let mut days = self.0.days.write();
            writers.open.retain(|(open, _)| open != day);
            self.0.readers.lock().retain(|(open, _)| open != day);
            // A day is known until its files are gone, so that one that cannot be removed is tried again.
            let sealed = self.0.dir.join(day.sealed_name());
            match self.0.disk.remove_file(&sealed) {
                Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                    return Err(StoreError::Io { path: sealed, source });
                }
                _ => {}
            }
            if let Some(forms) = days.get_mut(day) {
                forms.sealed = None;
            }
            remove_database(&self.0.disk, &self.path(*day))?;
            days.remove(day);
            writers.changes.remove(day);
        }
        Ok(gone)
    }
}

/// A message as the store holds it.
#[derive(Debug, Clone)]
pub(crate) struct StoredMessage {
    /// When it was received, to the microsecond and unique on its day.
    pub(crate) received: Timestamp,
    /// Its events, each once, in the order in which they came.
    pub(crate) events: Vec<(EventKey, Event)>,
}

/// What a day knows of an id that another server gave.
#[derive(Debug, Clone)]
pub(crate) struct RemoteIdOfDay {
    pub(crate) day: Day,
    /// The messages that have it.
    pub(crate) found: Vec<NetworkMessageId>,
    /// Whether the day has no others: it is sealed, with an index of these ids.
    pub(crate) is_whole: bool,
}

impl Store {
    /// Looks an id up that another server gave, see [`remote_id_number`], in every day, the newest first. Blocks.
    pub(crate) fn by_remote_id(&self, number: i64) -> Result<Vec<RemoteIdOfDay>, StoreError> {
        let mut days = Vec::new();
        for day in self.days().into_iter().rev() {
            let found = self.view(day, |view| view.by_remote_id(number))?;
            days.extend(found.map(|(found, is_whole)| RemoteIdOfDay { day, found, is_whole }));
        }
        Ok(days)
    }

    /// The messages meant, over all days from `from` on, oldest first. Blocks.
    pub(crate) fn look_up(&self, what: Lookup, from: Option<Day>) -> Result<Vec<StoredMessage>, StoreError> {
        self.look_up_between(what, from.unwrap_or(Day(i32::MIN)), Day(i32::MAX))
    }

    /// The same over the days from `from` to `to`, both included. Blocks.
    pub(crate) fn look_up_between(
        &self,
        what: Lookup,
        from: Day,
        to: Day,
    ) -> Result<Vec<StoredMessage>, StoreError> {
        let mut messages = Vec::new();
        for day in self.days().into_iter().filter(|day| (from..=to).contains(day)) {
            let found = self.view(day, |view| {
                let mut found = Vec::new();
                for slot in view.look_up(what)? {
                    let received = Timestamp::from_microsecond(day.midnight().saturating_add(slot));
                    let events = view.events(slot)?;
                    found.push(StoredMessage { received: received.unwrap_or(Timestamp::UNIX_EPOCH), events });
                }
                Ok(found)
            })?;
            messages.extend(found.unwrap_or_default());
        }
        Ok(messages)
    }
}

/// Gives a damaged file, with what stands beside it, another name; returns that.
fn set_aside_file(
    disk: &Disk,
    path: &Path,
    suffixes: &[&str],
    cause: &StoreError,
) -> Result<PathBuf, StoreError> {
    let mut free = (1..=DAMAGED_MAX).map(|number| suffixed(path, &format!("{DAMAGED}{number}")));
    let target = free.find(|target| !disk.exists(target).unwrap_or(true));
    let target = target.ok_or(StoreError::Inconsistent("too many damaged files of one day"))?;
    tracing::error!(file = %path.display(), moved_to = %target.display(), %cause, "a trace file is damaged and was set aside");
    for suffix in suffixes {
        match disk.rename(&suffixed(path, suffix), &suffixed(&target, suffix)) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                return Err(StoreError::Io { path: path.to_owned(), source });
            }
            _ => {}
        }
    }
    Ok(target)
}

/// Deletes a database with what SQLite keeps beside it.
pub(crate) fn remove_database(disk: &Disk, path: &Path) -> Result<(), StoreError> {
    for suffix in ["-wal", "-shm", ""] {
        let file = suffixed(path, suffix);
        match disk.remove_file(&file) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(source) => return Err(StoreError::Io { path: file, source }),
        }
    }
    Ok(())
}

fn suffixed(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
