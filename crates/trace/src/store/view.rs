//! One day as it stands at one moment: the sealed file, the SQLite file, or both together.
//!
//! May touch: the disk.
//! Where both hold a message, that of the SQLite file counts: it was taken over from the sealed one when something
//! more happened to it, with all its events and in its place.

use std::cell::OnceCell;
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::Arc;

use events::Event;
use mail::NetworkMessageId;
use rusqlite::Connection;
use world::SqliteMode;

use super::filter::{self, After, DayFilter, RowId, Window};
use super::read::{self, LOOKUP_MAX, Lookup};
use super::sealed::{EventReader, SealedDay, SealedFilter};
use super::{Day, DayWatch, HOUR_MICROS, ORDINAL_BITS, READERS_MAX, Store, StoreError, schema};
use crate::search::{Query, RowOrder, each_once, servers_in};
use crate::status::{EventKey, Status};

/// Sets of facets of one day that are looked at for the servers they name.
const FACET_SETS_MAX: u32 = 100_000;
/// Read connections kept open for one day.
const READERS_A_DAY: usize = 4;
/// Steps of SQLite between two looks at whether the search was given up: some 50 microseconds.
const WATCH_STEPS: i32 = 1_000;

/// A day, readable; what is read from it is one state.
pub(crate) struct DayView<'a> {
    sealed: Option<Arc<SealedDay>>,
    connection: Option<&'a Connection>,
    /// Messages of the sealed file that the SQLite file holds newer, rising.
    replaced: OnceCell<Vec<u64>>,
}

/// What of a day is asked.
pub(crate) struct Asked<'q> {
    pub(crate) query: &'q Query,
    pub(crate) window: Window,
    /// The name of the server whose store it is.
    pub(crate) server: &'q str,
    pub(crate) watch: DayWatch<'q>,
}

impl Store {
    /// Lends a day to `work`; `None` if there is nothing of the day. Blocks.
    pub(crate) fn view<T>(
        &self,
        day: Day,
        work: impl FnOnce(&DayView<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        self.view_watched(day, None, work)
    }

    /// The same, and what SQLite does for `work` ends when the day is not wanted any more, with the error of the watch.
    pub(crate) fn view_watched<T>(
        &self,
        day: Day,
        watch: Option<DayWatch<'_>>,
        work: impl FnOnce(&DayView<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let (sealed, mut connection) = {
            // Neither file can go away between the look at what there is and its opening.
            let days = self.0.days.read();
            let Some(forms) = days.get(&day) else { return Ok(None) };
            let open = days.values().filter(|forms| forms.sqlite).count();
            let connection = if forms.sqlite { self.reader(day, open)? } else { None };
            (forms.sealed.clone(), connection)
        };
        if sealed.is_none() && connection.is_none() {
            return Ok(None);
        }
        if let (Some(connection), Some(watch)) = (&mut connection, watch) {
            connection.progress_handler(WATCH_STEPS, Some(watch.has_ended()))?;
        }
        let mut done = {
            // One transaction: what is counted, found and filled in is the same state.
            let transaction = match &connection {
                Some(connection) => Some(connection.unchecked_transaction()?),
                None => None,
            };
            let view = DayView { sealed, connection: connection.as_ref(), replaced: OnceCell::new() };
            let done = work(&view);
            if let (Some(transaction), Ok(_)) = (transaction, &done) {
                transaction.commit()?;
            }
            done
        };
        if let Err(StoreError::Sqlite(error)) = &done
            && error.sqlite_error_code() == Some(rusqlite::ErrorCode::OperationInterrupted)
            && let Some(Err(ended)) = watch.map(DayWatch::check)
        {
            done = Err(ended);
        }
        // After an error of its own a connection is opened anew.
        if let (Some(mut connection), Ok(_) | Err(StoreError::Cancelled | StoreError::Unneeded)) =
            (connection, &done)
        {
            connection.progress_handler(0, None::<fn() -> bool>)?;
            self.give_back(day, connection);
        }
        done.map(Some)
    }

    /// Keeps a connection for the next who reads the day, if its file is still there.
    fn give_back(&self, day: Day, connection: Connection) {
        let days = self.0.days.read();
        let is_there = days.get(&day).is_some_and(|forms| forms.sqlite);
        let mut readers = self.0.readers.lock();
        let same = readers.iter().filter(|(open, _)| *open == day).count();
        if is_there && same < READERS_A_DAY {
            if readers.len() >= READERS_MAX {
                readers.remove(0);
            }
            readers.push((day, connection));
        }
    }

    /// A connection that reads a day's SQLite file, one of so many; `None` if it has no tables yet.
    fn reader(&self, day: Day, days: usize) -> Result<Option<Connection>, StoreError> {
        let pooled = {
            let mut readers = self.0.readers.lock();
            let found = readers.iter().rposition(|(open, _)| *open == day);
            found.map(|at| readers.swap_remove(at).1)
        };
        if pooled.is_some() {
            return Ok(pooled);
        }
        let connection = self.0.disk.sqlite(&self.path(day), SqliteMode::ReadOnly)?;
        Ok(schema::prepare_reader(&connection, days)?.then_some(connection))
    }
}

impl DayView<'_> {
    /// The sealed file.
    pub(super) fn sealed(&self) -> Option<&SealedDay> {
        self.sealed.as_deref()
    }

    /// The SQLite file.
    pub(super) fn connection(&self) -> Option<&Connection> {
        self.connection
    }

    /// Messages of the sealed file that the SQLite file holds newer, rising.
    pub(super) fn replaced(&self) -> Result<&[u64], StoreError> {
        if self.replaced.get().is_none() {
            let mut replaced = Vec::new();
            if let (Some(sealed), Some(connection)) = (&self.sealed, self.connection) {
                let mut slots = connection.prepare_cached("SELECT id FROM message ORDER BY id DESC")?;
                for slot in slots.query_map([], |row| row.get::<_, i64>(0))? {
                    replaced.extend(sealed.message_at(slot?)?);
                }
            }
            let _ = self.replaced.set(replaced);
        }
        Ok(self.replaced.get().map_or(&[][..], Vec::as_slice))
    }

    /// Rows that match; `page` asks for at most so many behind a place. `count`: whether the total is wanted.
    pub(crate) fn find(
        &self,
        asked: &Asked<'_>,
        after: &After,
        max: usize,
        count: bool,
    ) -> Result<(u64, Vec<RowId>), StoreError> {
        let order = asked.query.order;
        let mut total = 0_u64;
        let mut rows = Vec::new();
        if let Some(sealed) = &self.sealed {
            let (query, window) = (asked.query, asked.window);
            let filter =
                SealedFilter::new(sealed, query, window, asked.server, self.replaced()?, asked.watch)?;
            if let Some(mut filter) = filter {
                total = match (count, after) {
                    (false, _) => 0,
                    (true, After::Recipient(slot, key)) => filter.count_after(*slot, key)?,
                    (true, _) => filter.count()?,
                };
                if max > 0 && (total > 0 || !count) {
                    rows = filter.page(order, after, max)?;
                }
            }
        }
        if let Some(connection) = self.connection {
            asked.watch.check()?;
            if let Some(filter) = DayFilter::new(connection, asked.query, asked.window, asked.server)? {
                let more = match (count, after) {
                    (false, _) => 0,
                    (true, After::Recipient(..)) => filter.count_after(connection, after)?,
                    (true, _) => filter.count(connection)?,
                };
                total = total.saturating_add(more);
                if max > 0 {
                    rows.extend(filter.page(connection, order, after, max)?);
                }
                if self.sealed.is_some() {
                    sort(&mut rows, order);
                    rows.truncate(max);
                }
            }
        }
        Ok((total, rows))
    }

    /// The messages that match and have an event at or after `since` (microseconds since 1970), oldest first.
    pub(crate) fn messages(&self, asked: &Asked<'_>, since: i64) -> Result<Vec<i64>, StoreError> {
        let mut slots = Vec::new();
        if let Some(sealed) = &self.sealed {
            let (query, window) = (asked.query, asked.window);
            let filter =
                SealedFilter::new(sealed, query, window, asked.server, self.replaced()?, asked.watch)?;
            if let Some(mut filter) = filter {
                slots = filter.messages(since)?;
            }
        }
        if let Some(connection) = self.connection
            && let Some(filter) = DayFilter::new(connection, asked.query, asked.window, asked.server)?
        {
            slots.extend(filter.messages(connection, since)?);
            if self.sealed.is_some() {
                slots.sort_unstable();
            }
        }
        Ok(slots)
    }

    /// Whether messages of the window do not say which places tell of them: they were written before that could be
    /// asked.
    pub(crate) fn lacks_places(&self, window: Window) -> Result<bool, StoreError> {
        match self.connection {
            Some(connection) => filter::lacks_places(connection, window),
            None => Ok(false),
        }
    }

    /// Whether rows of the window are found by the next host's IPv6 address alone, and by no network.
    pub(crate) fn lacks_networks(&self, window: Window) -> Result<bool, StoreError> {
        match self.connection {
            Some(connection) => filter::lacks_networks(connection, window),
            None => Ok(false),
        }
    }

    /// Row ids of the messages looked up, oldest first.
    pub(crate) fn look_up(&self, what: Lookup) -> Result<Vec<i64>, StoreError> {
        let mut slots = Vec::new();
        if let Some(sealed) = &self.sealed {
            let replaced = self.replaced()?;
            for message in sealed.look_up(what)? {
                if replaced.binary_search(&message).is_err() {
                    slots.push(sealed.slot_of(message)?);
                }
            }
        }
        if let Some(connection) = self.connection {
            slots.extend(read::look_up(connection, what)?);
            slots.sort_unstable();
            slots.truncate(LOOKUP_MAX);
        }
        Ok(slots)
    }

    /// The messages that another server gave an id, as far as there is an index of those, the newest first; and whether
    /// there is one of the whole day.
    pub(crate) fn by_remote_id(&self, number: i64) -> Result<(Vec<NetworkMessageId>, bool), StoreError> {
        let Some(sealed) = &self.sealed else { return Ok((Vec::new(), false)) };
        let Some(found) = sealed.by_remote_id(number)? else { return Ok((Vec::new(), false)) };
        let replaced = if found.is_empty() { &[][..] } else { self.replaced()? };
        let mut ids = Vec::new();
        for message in found.into_iter().filter(|message| replaced.binary_search(message).is_err()) {
            ids.extend(sealed.events(message)?.first().map(|(_, event)| event.network_message_id));
        }
        Ok((ids, self.connection.is_none()))
    }

    /// Takes the servers that events of the day name, in lower case, up to so many. Sealed days have no other than ours.
    pub(crate) fn servers(&self, names: &mut BTreeSet<String>, max: usize) -> Result<(), StoreError> {
        let Some(connection) = self.connection else { return Ok(()) };
        let mut sets = connection.prepare_cached("SELECT facets FROM facet_set LIMIT ?1")?;
        let mut rows = sets.query([FACET_SETS_MAX])?;
        while let Some(row) = rows.next()? {
            let stored = row.get_ref(0)?.as_blob().unwrap_or_default();
            for name in servers_in(stored) {
                if names.len() < max {
                    names.insert(name);
                }
            }
        }
        Ok(())
    }

    /// The events of a message in the order in which they came, each once.
    pub(crate) fn events(&self, slot: i64) -> Result<Vec<(EventKey, Event)>, StoreError> {
        self.reader()?.events(slot)
    }

    /// Reads messages; those near each other cost less.
    pub(crate) fn reader(&self) -> Result<DayReader<'_>, StoreError> {
        let sealed = match &self.sealed {
            Some(sealed) => Some((sealed.as_ref(), sealed.reader()?)),
            None => None,
        };
        Ok(DayReader { connection: self.connection, sealed })
    }

    /// Rows by status as they stand, and GettingStatus before `overdue` (microseconds since midnight) as Pending.
    pub(crate) fn counts(&self, overdue: i64) -> Result<Vec<(Status, u64)>, StoreError> {
        let mut counts: Vec<(Status, u64)> = Vec::new();
        let mut add = |hour: i64, code: u8, rows: i64| {
            let Some(mut status) = Status::from_code(code) else { return };
            if status == Status::GettingStatus
                && hour.saturating_add(1).saturating_mul(HOUR_MICROS) <= overdue
            {
                status = Status::Pending;
            }
            match counts.iter_mut().find(|(known, _)| *known == status) {
                Some((_, count)) => *count = count.saturating_add_signed(rows),
                None => counts.push((status, u64::try_from(rows).unwrap_or(0))),
            }
        };
        if let Some(sealed) = &self.sealed {
            for (hour, status, rows) in sealed.counters() {
                add(i64::from(*hour), *status, i64::try_from(*rows).unwrap_or(i64::MAX));
            }
            for message in self.replaced()? {
                let hour = sealed.slot_of(*message)? / HOUR_MICROS;
                for status in sealed.statuses(*message)? {
                    add(hour, status, -1);
                }
            }
        }
        if let Some(connection) = self.connection {
            let mut rows = connection.prepare_cached("SELECT hour, status, rows FROM counter")?;
            for row in rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))? {
                let (hour, status, rows): (i64, u8, i64) = row?;
                add(hour, status, rows);
            }
        }
        counts.retain(|(_, rows)| *rows > 0);
        counts.sort_unstable_by_key(|(status, _)| *status);
        Ok(counts)
    }

    /// Messages of the day from the newest to the oldest, with their events, for sealing.
    pub(crate) fn each_message(
        &self,
        take: &mut dyn FnMut(i64, Vec<(EventKey, Event)>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut own: Vec<i64> = Vec::new();
        if let Some(connection) = self.connection {
            let mut slots = connection.prepare("SELECT id FROM message ORDER BY id DESC")?;
            own = slots.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        }
        let mut own = own.into_iter().peekable();
        let of_own = |slot: i64| match self.connection {
            Some(connection) => {
                let mut events = read::events(connection, slot)?;
                each_once(&mut events);
                Ok::<_, StoreError>(events)
            }
            None => Ok(Vec::new()),
        };
        if let Some(sealed) = &self.sealed {
            let replaced = self.replaced()?;
            let mut reader = sealed.reader()?;
            for message in 0..sealed.messages() {
                if replaced.binary_search(&message).is_ok() {
                    continue;
                }
                let slot = sealed.slot_of(message)?;
                while let Some(newer) = own.next_if(|other| *other > slot) {
                    take(newer, of_own(newer)?)?;
                }
                take(slot, reader.events(message)?)?;
            }
        }
        own.try_for_each(|slot| take(slot, of_own(slot)?))
    }

    /// The highest number of events applied, by node.
    pub(crate) fn applied(&self) -> Result<Vec<(u16, u64)>, StoreError> {
        let mut applied: Vec<(u16, u64)> =
            self.sealed.iter().flat_map(|sealed| sealed.applied().to_vec()).collect();
        if let Some(connection) = self.connection {
            let mut rows = connection.prepare("SELECT node, seq FROM applied")?;
            for row in rows.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?)))? {
                let (node, seq): (u16, i64) = row?;
                let seq = seq.cast_unsigned();
                match applied.iter_mut().find(|(known, _)| *known == node) {
                    Some((_, highest)) => *highest = seq.max(*highest),
                    None => applied.push((node, seq)),
                }
            }
        }
        Ok(applied)
    }
}

/// Reads the messages of a day.
pub(crate) struct DayReader<'a> {
    connection: Option<&'a Connection>,
    sealed: Option<(&'a SealedDay, EventReader<'a>)>,
}

impl DayReader<'_> {
    /// The events of a message in the order in which they came, each once.
    pub(crate) fn events(&mut self, slot: i64) -> Result<Vec<(EventKey, Event)>, StoreError> {
        let mut events = match self.connection {
            Some(connection) => read::events(connection, slot)?,
            None => Vec::new(),
        };
        if events.is_empty()
            && let Some((sealed, reader)) = &mut self.sealed
            && let Some(message) = sealed.message_at(slot)?
        {
            events = reader.events(message)?;
        }
        each_once(&mut events);
        Ok(events)
    }
}

/// Puts rows of both files into one order.
fn sort(rows: &mut [RowId], order: RowOrder) {
    match order {
        RowOrder::Grid => rows.sort_unstable_by_key(|row| Reverse(row.id)),
        RowOrder::ByRecipient => {
            rows.sort_by(|a, b| {
                (Reverse(a.id >> ORDINAL_BITS), &a.key).cmp(&(Reverse(b.id >> ORDINAL_BITS), &b.key))
            });
        }
        RowOrder::Slowest => rows.sort_unstable_by_key(|row| Reverse((row.latency, row.id))),
    }
}
