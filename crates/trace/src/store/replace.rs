//! Replacing messages whole: what was kept under one id is kept under another.
//!
//! May touch: a SQLite connection.

mod take_out;

use std::collections::{BTreeMap, HashMap, HashSet};

use events::Event;
use mail::NetworkMessageId;
use rusqlite::{OptionalExtension, params};

pub(crate) use take_out::is_of;

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
    /// The id all its events have from now on, where they stay together and on their day.
    pub(crate) kept_as: Option<NetworkMessageId>,
}

impl Gone {
    /// From its events as they are kept from now on.
    pub(crate) fn of(day: Day, id: NetworkMessageId, events: &[(EventKey, Event)]) -> Gone {
        let kept_as = events.first().map(|(_, event)| event.network_message_id).filter(|new| {
            let stays = |event: &Event| event.network_message_id == *new && Day::of(event.received) == day;
            events.iter().all(|(_, event)| stays(event))
        });
        Gone { day, id, kept_as }
    }
}

/// One transaction of a replacement.
struct Step {
    day: Day,
    gone: Vec<NetworkMessageId>,
    incoming: Vec<Incoming>,
    /// Whether its new events are counted: those of the others come again in a later step.
    counts: bool,
    /// Whether everything before has to be durable first, as this removes what stands in the file of another day now.
    is_after_sync: bool,
}

impl Step {
    fn put(day: Day, gone: Vec<NetworkMessageId>, incoming: Vec<Incoming>) -> Step {
        Step { day, gone, incoming, counts: true, is_after_sync: false }
    }
}

/// The transactions of a replacement, in an order in which each event is in some day's file after each of them.
fn steps(gone: &[Gone], events: Vec<(EventKey, Event)>) -> Vec<Step> {
    let mut by_day: BTreeMap<Day, Vec<Incoming>> = BTreeMap::new();
    for (key, event) in events {
        let (day, bytes) = (Day::of(event.received), events::encode(&event).into());
        by_day.entry(day).or_default().push(Incoming { key, event, bytes });
    }
    let all =
        by_day.iter().flat_map(|(day, here)| here.iter().map(|put| (*day, put.event.network_message_id)));
    let rewritten: HashSet<(Day, NetworkMessageId)> =
        if gone.is_empty() { HashSet::new() } else { all.collect() };
    let is_rewritten = |one: &Gone| rewritten.contains(&(one.day, one.id));
    // What keeps its day is replaced in one transaction; the rest goes when all of it is elsewhere.
    let (same, other): (Vec<Gone>, Vec<Gone>) =
        gone.iter().copied().partition(|one| one.kept_as.is_some() || is_rewritten(one));
    let gone_of = |day: Day| -> Vec<NetworkMessageId> {
        same.iter().filter(|one| one.day == day).map(|one| one.id).collect()
    };
    let (quiet, busy): (Vec<_>, Vec<_>) = by_day.into_iter().partition(|(day, _)| gone_of(*day).is_empty());
    let mut steps: Vec<Step> = Vec::new();
    steps.extend(quiet.into_iter().map(|(day, incoming)| Step::put(day, Vec::new(), incoming)));
    if busy.len() > 1 {
        for (day, incoming) in &busy {
            let gone = gone_of(*day);
            let (later, added): (Vec<Incoming>, Vec<Incoming>) =
                incoming.iter().cloned().partition(|one| gone.contains(&one.event.network_message_id));
            // A message that is kept under another id leaves its row id to that one.
            let leaves = |one: &&Gone| {
                one.day == *day && !is_rewritten(one) && one.kept_as.is_some_and(|id| !gone.contains(&id))
            };
            let left = same.iter().filter(leaves).map(|one| one.id).collect();
            steps.push(Step::put(*day, left, added));
            steps.push(Step { counts: false, ..Step::put(*day, Vec::new(), later) });
        }
    }
    let crosses = gone.iter().any(|one| one.kept_as.is_none());
    for (at, (day, incoming)) in busy.into_iter().enumerate() {
        let is_after_sync = crosses && at == 0;
        steps.push(Step { is_after_sync, ..Step::put(day, gone_of(day), incoming) });
    }
    for (at, one) in other.into_iter().enumerate() {
        steps.push(Step { is_after_sync: at == 0, ..Step::put(one.day, Vec::from([one.id]), Vec::new()) });
    }
    steps
}

impl Store {
    /// Imports events and removes messages: what is in `gone` was read before and is among the events under another
    /// id or day. A crash between two days leaves such events in both, and doing the same again mends it. What replaced
    /// a message is durable then: who remembers where its events are kept may not know more than the disk. Blocks.
    pub(crate) fn replace(&self, gone: &[Gone], events: Vec<(EventKey, Event)>) -> Result<usize, StoreError> {
        let moving: HashSet<EventKey> = match gone {
            [] => HashSet::new(),
            _ => events.iter().map(|(key, _)| *key).collect(),
        };
        let mut new = 0_usize;
        let mut writers = self.0.writers.lock();
        for step in steps(gone, events) {
            let done = self.step(&mut writers, &step, &moving)?;
            new = new.saturating_add(if step.counts { done } else { 0 });
        }
        if !gone.is_empty() {
            self.sync_files(&mut writers)?;
        }
        Ok(new)
    }

    fn step(
        &self,
        writers: &mut Writers,
        step: &Step,
        moving: &HashSet<EventKey>,
    ) -> Result<usize, StoreError> {
        if step.incoming.is_empty() && !self.0.days.read().contains_key(&step.day) {
            return Ok(0);
        }
        if step.is_after_sync {
            self.sync_files(writers)?;
        }
        self.replace_day(writers, step.day, (&step.gone, moving), &step.incoming)
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

    /// Removes a message and everything kept of it, within a transaction of the caller; gives its events. One that only
    /// the sealed day has stays there until it is told anew.
    pub(super) fn remove(&mut self, id: NetworkMessageId) -> Result<Vec<(EventKey, Event)>, StoreError> {
        self.close_message(&id);
        let connection = self.connection();
        let mut find = connection.prepare_cached("SELECT id FROM message WHERE network_id = ?1")?;
        let found: Option<i64> = find.query_row([id.0.as_bytes().as_slice()], |row| row.get(0)).optional()?;
        let Some(slot) = found else {
            drop(find);
            return self.tell_anew(id, true);
        };
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
        self.tell_anew(id, false)?;
        Ok(kept)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use events::{EventId, Source};
    use jiff::Timestamp;
    use uuid::Uuid;
    use world::sim::SimWorld;

    use super::*;
    use crate::status::NodeId;

    const FIRST: Day = Day(20_000);
    const SECOND: Day = Day(20_001);
    const A: u128 = 1;
    const B: u128 = 2;

    fn event(seq: u64, id: u128, day: Day) -> (EventKey, Event) {
        let at = Timestamp::from_microsecond(day.midnight() + i64::try_from(seq).unwrap()).unwrap();
        let mut event = Event::new(at, EventId::Receive, Source::Smtp, NetworkMessageId(Uuid::from_u128(id)))
            .recipient("kim@contoso.example", "");
        event.received = at;
        (EventKey { node: NodeId(1), seq }, event)
    }

    fn gone(day: Day, id: u128, events: &[(EventKey, Event)]) -> Gone {
        Gone::of(day, NetworkMessageId(Uuid::from_u128(id)), events)
    }

    /// Every event with the days and ids it is kept under.
    fn kept(store: &Store) -> BTreeMap<u64, BTreeSet<(Day, u128)>> {
        let mut kept: BTreeMap<u64, BTreeSet<(Day, u128)>> = BTreeMap::new();
        for day in store.days() {
            let read = store.view(day, |view| {
                view.each_message(&mut |_, events| {
                    for (key, event) in events {
                        kept.entry(key.seq).or_default().insert((day, event.network_message_id.0.as_u128()));
                    }
                    Ok(())
                })
            });
            read.unwrap();
        }
        kept
    }

    /// Does the first so many steps; gives how many there are, and what is kept then.
    fn after(
        count: usize,
        before: &[(EventKey, Event)],
        gone: &[Gone],
        put: &[(EventKey, Event)],
    ) -> (usize, BTreeMap<u64, BTreeSet<(Day, u128)>>) {
        let world = SimWorld::new(1).world();
        let store = Store::open(&world.disk, std::path::Path::new("/srv/trace")).unwrap();
        store.import(before.to_vec()).unwrap();
        let moving = put.iter().map(|(key, _)| *key).collect();
        let steps = steps(gone, put.to_vec());
        let mut writers = store.0.writers.lock();
        for step in steps.iter().take(count) {
            store.step(&mut writers, step, &moving).unwrap();
        }
        drop(writers);
        (steps.len(), kept(&store))
    }

    #[test]
    fn an_event_is_in_a_file_after_each_step() {
        // 1 stays in A, 2 leaves it for B of another day, whose own is 3; 4 was a message of its own there.
        let before = [event(1, A, FIRST), event(2, A, FIRST), event(3, B, SECOND), event(4, 4, FIRST)];
        let put = [event(1, A, FIRST), event(2, B, SECOND), event(3, B, SECOND), event(4, B, SECOND)];
        let gone = [gone(FIRST, A, &put[..2]), gone(SECOND, B, &put[2..3]), gone(FIRST, 4, &put[3..])];
        assert_eq!(gone.map(|one| one.kept_as.is_some()), [false, true, false]);
        let (steps, _) = after(0, &before, &gone, &put);
        assert!(steps > 3, "{steps}");
        for count in 0..=steps {
            let (_, kept) = after(count, &before, &gone, &put);
            assert_eq!(kept.keys().copied().collect::<Vec<_>>(), [1, 2, 3, 4], "after {count} of {steps}");
        }
        let (_, kept) = after(steps, &before, &gone, &put);
        let wanted = [(1, FIRST, A), (2, SECOND, B), (3, SECOND, B), (4, SECOND, B)];
        assert_eq!(kept, wanted.map(|(seq, day, id)| (seq, BTreeSet::from([(day, id)]))).into());
    }

    #[test]
    fn what_is_in_another_file_now_is_removed_when_that_is_durable() {
        let put = [event(1, A, FIRST), event(2, B, SECOND)];
        let moved = steps(&[gone(FIRST, A, &put)], put.to_vec());
        let shown: Vec<_> =
            moved.iter().map(|step| (step.day, step.gone.len(), step.is_after_sync)).collect();
        assert_eq!(shown, [(SECOND, 0, false), (FIRST, 1, true)]);
        // What keeps its day needs no disk to wait for.
        let stays = [event(1, A, FIRST)];
        let renamed = steps(&[gone(FIRST, B, &stays)], stays.to_vec());
        assert!(renamed.iter().all(|step| !step.is_after_sync));
    }
}
