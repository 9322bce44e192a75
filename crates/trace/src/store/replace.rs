//! Replacing messages whole: what was kept under one id is kept under another.
//!
//! May touch: a SQLite connection.

use std::collections::{HashMap, HashSet};

use events::Event;
use mail::NetworkMessageId;
use rusqlite::{OptionalExtension, params};

use super::day::{DayFile, HOUR_MICROS, Incoming, Order};
use super::open_message::{OpenMessage, reference_number};
use super::read::events as read_events;
use super::schema::{ORDINAL_BITS, ORDINAL_MAX};
use super::{Day, Store, StoreError, Writers};
use crate::status::{EventKey, Status};

/// A message that is no longer kept as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gone {
    /// The day it is kept on.
    pub(crate) day: Day,
    /// The id it is kept under.
    pub(crate) id: NetworkMessageId,
    /// The id under which all its events are kept from now on, where they stay on their day.
    pub(crate) renamed: Option<NetworkMessageId>,
}

impl Gone {
    /// From its events as they are kept from now on.
    pub(crate) fn of(day: Day, id: NetworkMessageId, events: &[(EventKey, Event)]) -> Gone {
        let renamed = events.first().map(|(_, event)| event.network_message_id).filter(|new| {
            let stays = |event: &Event| event.network_message_id == *new && Day::of(event.received) == day;
            events.iter().all(|(_, event)| stays(event))
        });
        Gone { day, id, renamed }
    }
}

impl Store {
    /// Imports events and removes messages: what is in `gone` was read before and is among the events under another
    /// id or day. A crash between two days leaves such events in both, and doing the same again mends it. Blocks.
    pub(crate) fn replace(&self, gone: &[Gone], events: Vec<(EventKey, Event)>) -> Result<usize, StoreError> {
        let mut by_day: HashMap<Day, Vec<Incoming>> = HashMap::new();
        let mut rewritten = HashSet::new();
        for (key, event) in events {
            let (day, bytes) = (Day::of(event.received), events::encode(&event).into());
            if !gone.is_empty() {
                rewritten.insert((day, event.network_message_id));
            }
            by_day.entry(day).or_default().push(Incoming { key, event, bytes });
        }
        // What keeps its day is replaced in one transaction; the rest goes when the new is there.
        let keeps_day = |one: &Gone| one.renamed.is_some() || rewritten.contains(&(one.day, one.id));
        let (same, other): (Vec<Gone>, Vec<Gone>) = gone.iter().copied().partition(keeps_day);
        let moving: HashSet<EventKey> = if gone.is_empty() {
            HashSet::new()
        } else {
            by_day.values().flatten().map(|one| one.key).collect()
        };
        let mut days: Vec<(Day, Vec<Incoming>, Vec<NetworkMessageId>)> = by_day
            .into_iter()
            .map(|(day, incoming)| {
                let gone = same.iter().filter(|one| one.day == day).map(|one| one.id).collect();
                (day, incoming, gone)
            })
            .collect();
        // A message that is replaced may lose events to another day: they are there before.
        days.sort_unstable_by_key(|(day, _, gone)| (!gone.is_empty(), *day));
        let mut new = 0_usize;
        let mut writers = self.0.writers.lock();
        if days.iter().filter(|(_, _, gone)| !gone.is_empty()).count() > 1 {
            for (day, incoming, gone) in days.iter().filter(|(_, _, gone)| !gone.is_empty()) {
                let stays = |one: &&Incoming| !gone.contains(&one.event.network_message_id);
                let added: Vec<Incoming> = incoming.iter().filter(stays).cloned().collect();
                // One that has another id makes room for what it is now, which would else get the next row id.
                let is_added = |one: &&Gone| {
                    one.day == *day
                        && one.renamed.is_some_and(|id| !gone.contains(&id))
                        && !rewritten.contains(&(one.day, one.id))
                };
                let renamed: Vec<NetworkMessageId> = same.iter().filter(is_added).map(|one| one.id).collect();
                let done = self.replace_day(&mut writers, *day, (&renamed, &moving), &added)?;
                new = new.saturating_add(done);
            }
        }
        for (day, incoming, gone) in days {
            new = new.saturating_add(self.replace_day(&mut writers, day, (&gone, &moving), &incoming)?);
        }
        for one in other {
            if self.0.days.read().contains_key(&one.day) {
                self.replace_day(&mut writers, one.day, (&[one.id], &moving), &[])?;
            }
        }
        Ok(new)
    }

    /// Removes messages of a day, of which no event stays that is among those moving, and adds events.
    fn replace_day(
        &self,
        writers: &mut Writers,
        day: Day,
        gone: (&[NetworkMessageId], &HashSet<EventKey>),
        incoming: &[Incoming],
    ) -> Result<usize, StoreError> {
        let done = match self.writer(writers, day) {
            Ok(file) => file.replace(gone, incoming, Order::Any),
            Err(error) => Err(error),
        };
        let changes = writers.changes.entry(day).or_default();
        *changes = changes.saturating_add(1);
        done.map_err(|error| self.failed(writers, day, error))
    }
}

impl DayFile {
    /// Removes messages and applies events, within a transaction of the caller; gives what
    /// [`DayFile::apply_in_transaction`] does.
    pub(super) fn replace_in_transaction(
        &mut self,
        gone: &[NetworkMessageId],
        moving: &HashSet<EventKey>,
        incoming: &[Incoming],
        order: Order,
    ) -> Result<(HashMap<NetworkMessageId, OpenMessage>, usize), StoreError> {
        let rewritten: HashSet<NetworkMessageId> =
            incoming.iter().map(|one| one.event.network_message_id).collect();
        let mut all = incoming.to_vec();
        let mut kept = 0_usize;
        for id in gone {
            for (key, event) in self.remove(*id)? {
                if rewritten.contains(id) && !moving.contains(&key) {
                    kept = kept.saturating_add(1);
                    let bytes = events::encode(&event).into();
                    all.push(Incoming { key, event, bytes });
                }
            }
        }
        let (messages, new) = self.apply_in_transaction(&all, order)?;
        Ok((messages, new.saturating_sub(kept)))
    }

    /// Takes out of the indexes what they say of a message whose facts are others now: the subject that its row still
    /// has, and references.
    pub(super) fn unindex(&self, slot: i64, references: &[i64]) -> Result<(), StoreError> {
        let connection = self.connection();
        let mut find = connection.prepare_cached("SELECT subject FROM message WHERE id = ?1")?;
        let before: String = find.query_row([slot], |row| row.get(0))?;
        if !before.is_empty() {
            let mut drop_text = connection
                .prepare_cached("INSERT INTO subject(subject, rowid, text) VALUES('delete', ?1, ?2)")?;
            drop_text.execute(params![slot, before])?;
        }
        for reference in references {
            let mut unlink =
                connection.prepare_cached("DELETE FROM link WHERE reference = ?1 AND message = ?2")?;
            unlink.execute([*reference, slot])?;
        }
        Ok(())
    }

    /// Removes a message and everything kept of it, within a transaction of the caller; gives its events.
    pub(super) fn remove(&mut self, id: NetworkMessageId) -> Result<Vec<(EventKey, Event)>, StoreError> {
        self.close_message(&id);
        let connection = self.connection();
        let mut find = connection.prepare_cached("SELECT id FROM message WHERE network_id = ?1")?;
        let found: Option<i64> = find.query_row([id.0.as_bytes().as_slice()], |row| row.get(0)).optional()?;
        let Some(slot) = found else { return Ok(Vec::new()) };
        let kept = read_events(connection, slot)?;
        let references: Vec<i64> = kept
            .iter()
            .flat_map(|(_, event)| &event.reference)
            .map(|reference| reference_number(reference))
            .collect();
        self.unindex(slot, &references)?;
        let rows = [slot << ORDINAL_BITS, (slot << ORDINAL_BITS) | ORDINAL_MAX];
        let mut counted: Vec<(Status, i64)> = Vec::new();
        let mut count = connection.prepare_cached(
            "SELECT status, count(*) FROM recipient WHERE id BETWEEN ?1 AND ?2 GROUP BY status",
        )?;
        for row in count.query_map(rows, |row| Ok((row.get::<_, u8>(0)?, row.get::<_, i64>(1)?)))? {
            let (status, rows) = row?;
            counted.extend(Status::from_code(status).map(|status| (status, rows)));
        }
        drop(count);
        for sql in [
            "DELETE FROM recipient WHERE id BETWEEN ?1 AND ?2",
            "DELETE FROM part WHERE id BETWEEN ?1 AND ?2",
        ] {
            connection.prepare_cached(sql)?.execute(rows)?;
        }
        connection.prepare_cached("DELETE FROM message WHERE id = ?1")?.execute([slot])?;
        drop(find);
        for (status, rows) in counted {
            self.count_rows(slot / HOUR_MICROS, status, rows.saturating_neg());
        }
        Ok(kept)
    }
}
