//! The writer of one day file: applies batches of events in one transaction each.
//!
//! May touch: a SQLite connection.
//! A message that gets several events in one batch is written once, with its newest state; a message received
//! lately stays in memory, so that its next event costs one UPDATE and no read.

mod adopted;

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::Arc;

use events::{Event, EventId};
use mail::NetworkMessageId;
use rusqlite::{Connection, ErrorCode, OptionalExtension, params};

use super::StoreError;
use super::dictionary::{Dictionary, Recent};
use super::fact_columns::FactColumns;
use super::open_message::{OpenMessage, RowNow, ip_number};
use super::schema::{ORDINAL_BITS, ORDINAL_MAX, prepare_writer};
use super::sealed::SealedDay;
use super::slots::Slots;
use crate::search::SubjectFold;
use crate::status::{EventKey, NodeId, Status};

/// Microseconds of a UTC day.
pub(crate) const DAY_MICROS: i64 = 86_400_000_000;
/// Microseconds of an hour.
pub(crate) const HOUR_MICROS: i64 = 3_600_000_000;
/// Messages of each of the two generations kept in memory: those whose next event is expected soon.
const OPEN_MESSAGES: usize = 4_096;
/// Rows of the messages in each generation together, whatever their number.
const OPEN_ROWS: usize = 32_768;
/// Sets of facets kept in memory, in each of two generations.
const FACET_SETS: usize = 4_096;
/// Row ids tried for a message before its time is given up: those of a sealed day are looked at one by one.
const SLOT_TRIES: usize = 1_000_000;

/// An event on its way into the store: decoded, and as stored.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// Its identity.
    pub key: EventKey,
    /// Decoded.
    pub event: Event,
    /// As stored, see [`events::encode`].
    pub bytes: bytes::Bytes,
}

/// How repeated events are recognized.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// A node's events come by rising number: what is not above the highest number applied was applied.
    Rising,
    /// Events come in any order (imports): the message's own events are looked through.
    Any,
}

/// One day file, open for writing.
#[derive(Debug)]
pub(crate) struct DayFile {
    connection: Connection,
    midnight: i64,
    subject_fold: SubjectFold,
    dictionary: Dictionary,
    open: Recent<NetworkMessageId, OpenMessage>,
    applied: HashMap<NodeId, u64>,
    pub(super) last_event_at: i64,
    counters: HashMap<(i64, Status), i64>,
    facets: Recent<Box<[u8]>, i64>,
    slots: Slots,
    /// The day as it was sealed, if it was: its messages are taken over when something more happens to them.
    sealed: Option<Arc<SealedDay>>,
    /// Messages of it that the transaction under way tells anew.
    told_anew: HashSet<NetworkMessageId>,
    /// Whether transactions were committed that the disk may not hold yet.
    pub(super) dirty: bool,
}

impl DayFile {
    /// `midnight` is the day's first microsecond since 1970.
    pub(crate) fn open(
        connection: Connection,
        midnight: i64,
        sealed: Option<Arc<SealedDay>>,
    ) -> Result<DayFile, StoreError> {
        let subject_fold = prepare_writer(&connection)?;
        let last_event_at = connection
            .query_row("SELECT value FROM fact WHERE name = 'last_event_at'", [], |row| row.get(0))
            .optional()?
            .unwrap_or(i64::MIN);
        let mut file = DayFile {
            connection,
            midnight,
            subject_fold,
            dictionary: Dictionary::new(),
            open: Recent::new(OPEN_MESSAGES).with_weight(OPEN_ROWS),
            applied: HashMap::new(),
            last_event_at,
            counters: HashMap::new(),
            facets: Recent::new(FACET_SETS),
            slots: Slots::of_messages(),
            sealed,
            told_anew: HashSet::new(),
            dirty: false,
        };
        file.applied = file.read_applied()?;
        Ok(file)
    }

    /// The highest number of a node's events in this file.
    pub(crate) fn applied(&self, node: NodeId) -> Option<u64> {
        self.applied.get(&node).copied()
    }

    /// Applies events in one transaction; nothing of them is kept if it fails, but after an error of the disk the file
    /// is in doubt. Returns how many were new.
    pub(crate) fn apply(&mut self, incoming: &[Incoming], order: Order) -> Result<usize, StoreError> {
        self.replace((&[], &HashSet::new()), incoming, order)
    }

    /// The same, and in the same transaction removes messages before; events of theirs that came in between and are
    /// not among those that move, here or to another day, stay.
    pub(crate) fn replace(
        &mut self,
        gone: (&[NetworkMessageId], &HashSet<EventKey>),
        incoming: &[Incoming],
        order: Order,
    ) -> Result<usize, StoreError> {
        self.connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let applied = match gone {
            ([], _) => self.apply_in_transaction(incoming, order),
            (gone, moving) => self.replace_in_transaction(gone, moving, incoming, order),
        };
        self.told_anew.clear();
        match applied {
            Ok((messages, new)) => {
                if let Err(error) =
                    self.connection.prepare_cached("COMMIT").and_then(|mut commit| commit.execute([]))
                {
                    self.forget();
                    return Err(error.into());
                }
                self.dirty = true;
                let open = messages
                    .into_values()
                    .filter(|message| !message.is_finished() && message.saved_as.is_some());
                for message in open {
                    let weight = message.fold.len();
                    self.open.insert_weighing(message.network_message_id, message, weight);
                }
                self.shorten_log()?;
                Ok(new)
            }
            Err(error) => {
                self.forget();
                Err(error)
            }
        }
    }

    /// After a failure nothing in memory is known to be in the file.
    fn forget(&mut self) {
        if !self.connection.is_autocommit()
            && let Err(error) = self.connection.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "cannot roll back a trace transaction");
        }
        self.dictionary.clear();
        self.open.clear();
        self.counters.clear();
        self.facets.clear();
        self.applied.clear();
        if let Ok(fresh) = self.read_applied() {
            self.applied = fresh;
        }
    }

    fn read_applied(&self) -> Result<HashMap<NodeId, u64>, StoreError> {
        let mut rows = self.connection.prepare_cached("SELECT node, seq FROM applied")?;
        let pairs =
            rows.query_map([], |row| Ok((NodeId(row.get(0)?), row.get::<_, i64>(1)?.cast_unsigned())))?;
        let mut applied: HashMap<NodeId, u64> = pairs.collect::<Result<_, _>>()?;
        for (node, seq) in self.sealed.iter().flat_map(|sealed| sealed.applied()) {
            let known = applied.entry(NodeId(*node)).or_default();
            *known = (*known).max(*seq);
        }
        Ok(applied)
    }

    pub(super) fn apply_in_transaction(
        &mut self,
        incoming: &[Incoming],
        order: Order,
    ) -> Result<(HashMap<NetworkMessageId, OpenMessage>, usize), StoreError> {
        let mut messages: HashMap<NetworkMessageId, OpenMessage> = HashMap::new();
        let mut in_order: Vec<NetworkMessageId> = Vec::new();
        let mut new = 0_usize;
        for one in incoming {
            if order == Order::Rising && self.is_applied(one.key) {
                continue;
            }
            let id = one.event.network_message_id;
            let message = match messages.entry(id) {
                Entry::Occupied(found) => found.into_mut(),
                Entry::Vacant(free) => {
                    in_order.push(id);
                    let found = self.find(&one.event, order)?;
                    free.insert(found)
                }
            };
            if order == Order::Any && !message.keys.insert(one.key) {
                continue;
            }
            message.take(one.key, &one.event, &one.bytes);
            new = new.saturating_add(1);
            self.last_event_at = self.last_event_at.max(one.event.at.as_microsecond());
        }
        for id in in_order {
            if let Some(message) = messages.get_mut(&id).filter(|message| message.changed) {
                self.save(message, incoming)?;
                message.changed = false;
                message.adopted = false;
            }
        }
        self.save_counters()?;
        if order == Order::Rising {
            self.save_applied(incoming)?;
        }
        let mut fact =
            self.connection.prepare_cached("INSERT OR REPLACE INTO fact VALUES ('last_event_at', ?1)")?;
        fact.execute([self.last_event_at])?;
        drop(fact);
        Ok((messages, new))
    }

    /// The message in memory, in the file, or new.
    fn find(&mut self, event: &Event, order: Order) -> Result<OpenMessage, StoreError> {
        let id = event.network_message_id;
        if order == Order::Rising {
            if let Some(found) = self.open.remove(&id) {
                return Ok(found);
            }
            // A RECEIVE is new but in rare cases, which the unique index finds: that saves a look-up per message.
            let entered =
                matches!(event.event_id, EventId::Receive | EventId::Dsn) && event.message.is_some();
            if entered && self.sealed.is_none() {
                return Ok(self.new_message(event));
            }
        } else {
            self.open.remove(&id);
        }
        let mut message = self.new_message(event);
        self.load(&mut message)?;
        Ok(message)
    }

    fn new_message(&self, event: &Event) -> OpenMessage {
        let slot = event.received.as_microsecond().saturating_sub(self.midnight).clamp(0, DAY_MICROS - 1);
        OpenMessage::new(event.network_message_id, slot, self.subject_fold)
    }

    /// Fills a message from the file, if it is there.
    fn load(&self, message: &mut OpenMessage) -> Result<Option<i64>, StoreError> {
        let mut find = self.connection.prepare_cached("SELECT id FROM message WHERE network_id = ?1")?;
        let slot: Option<i64> = find
            .query_row([message.network_message_id.0.as_bytes().as_slice()], |row| row.get(0))
            .optional()?;
        let Some(slot) = slot else {
            self.adopt(message)?;
            return Ok(None);
        };
        message.restore(super::read::blobs(&self.connection, slot)?)?;
        message.saved_as = Some(slot);
        Ok(Some(slot))
    }

    /// The number of the message's set of facets, given to it now if it has none.
    fn facet_set(&mut self, message: &OpenMessage) -> Result<i64, StoreError> {
        let stored: Box<[u8]> = message.facets.stored().into();
        if let Some(id) = self.facets.fetch(&stored, |_| 0) {
            return Ok(id);
        }
        let known: Option<i64> = self
            .connection
            .prepare_cached("SELECT id FROM facet_set WHERE facets = ?1")?
            .query_row([&stored], |row| row.get(0))
            .optional()?;
        let id = match known {
            Some(id) => id,
            None => self
                .connection
                .prepare_cached("INSERT INTO facet_set(facets) VALUES (?1)")?
                .insert([&stored])?,
        };
        self.facets.insert(stored, id);
        Ok(id)
    }

    /// Whether this file has the event by its number.
    fn is_applied(&self, key: EventKey) -> bool {
        self.applied.get(&key.node).is_some_and(|seq| key.seq <= *seq)
    }

    fn save(&mut self, message: &mut OpenMessage, incoming: &[Incoming]) -> Result<(), StoreError> {
        let slot = match message.saved_as {
            Some(slot) => {
                self.update(message, slot)?;
                slot
            }
            None => match self.insert(message)? {
                Some(slot) => slot,
                None => {
                    // It is in the file already: take up what is there, then the new events again.
                    let mut known =
                        OpenMessage::new(message.network_message_id, message.slot_wanted, self.subject_fold);
                    let slot = self
                        .load(&mut known)?
                        .ok_or(StoreError::Inconsistent("a message is there and not there"))?;
                    let id = message.network_message_id;
                    let own = incoming.iter().filter(|one| one.event.network_message_id == id);
                    for one in own.filter(|one| !self.is_applied(one.key)) {
                        known.take(one.key, &one.event, &one.bytes);
                    }
                    *message = known;
                    self.update(message, slot)?;
                    slot
                }
            },
        };
        let fresh = message.saved_as.is_none();
        message.saved_as = Some(slot);
        message.saved_internal_id = message.internal_id;
        message.keys = HashSet::new();
        self.save_facts(message, slot, fresh)?;
        self.save_rows(message, slot)
    }

    /// Inserts the message row; `None` if the network message id is there already.
    fn insert(&mut self, message: &OpenMessage) -> Result<Option<i64>, StoreError> {
        let facets = self.facet_set(message)?;
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO message(id, network_id, internal_id, direction, size, last_at, event_ids, parts, subject, events,
               sender, sender_domain, author, author_domain, from_ip, message_id, facets)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
        )?;
        let columns = FactColumns::of(message, &mut self.dictionary, &self.connection)?;
        let network_id = message.network_message_id.0;
        // A message of the sealed day keeps its place.
        let wanted = message.slot_wanted;
        let mut slot = if message.adopted { wanted } else { self.slots.likely(wanted) };
        for _ in 0..SLOT_TRIES {
            if slot >= DAY_MICROS || (!message.adopted && self.is_sealed(slot)?) {
                self.slots.take(slot);
                slot = self.slots.free(&self.connection, wanted)?;
                continue;
            }
            let done = insert.execute(params![
                slot,
                network_id.as_bytes().as_slice(),
                message.internal_id.map(|id| id.0.cast_signed()),
                columns.direction,
                columns.size,
                message.last_at,
                message.event_ids,
                message.part,
                columns.subject,
                message
                    .full_parts
                    .first()
                    .filter(|(part, _)| *part == 0)
                    .map_or(&message.blob, |(_, blob)| blob),
                columns.sender.map(|ids| ids.0),
                columns.sender.map(|ids| ids.1),
                columns.author.map(|ids| ids.0),
                columns.author.map(|ids| ids.1),
                columns.from_ip,
                columns.message_id,
                facets,
            ]);
            match done {
                Ok(_) => {
                    drop(insert);
                    if slot != wanted {
                        self.slots.take(slot);
                    }
                    self.save_parts(message, slot)?;
                    return Ok(Some(slot));
                }
                Err(rusqlite::Error::SqliteFailure(failure, _))
                    if failure.code == ErrorCode::ConstraintViolation =>
                {
                    if failure.extended_code == rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE {
                        return Ok(None);
                    }
                    slot = self.slots.free(&self.connection, wanted)?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::TooMuch("no free row id near the receive time"))
    }

    fn update(&mut self, message: &OpenMessage, slot: i64) -> Result<(), StoreError> {
        let facets = self.facet_set(message)?;
        let inline = if message.part == 0 {
            Some(&message.blob)
        } else {
            message.full_parts.iter().find(|(part, _)| *part == 0).map(|(_, blob)| blob)
        };
        let mut update = self.connection.prepare_cached(
            "UPDATE message SET last_at = ?2, event_ids = ?3, parts = ?4, events = coalesce(?5, events), facets = ?6
             WHERE id = ?1",
        )?;
        update.execute(params![slot, message.last_at, message.event_ids, message.part, inline, facets])?;
        drop(update);
        if message.internal_id != message.saved_internal_id {
            // By itself: a column named in an update is taken out of its index and put in again.
            let mut update =
                self.connection.prepare_cached("UPDATE message SET internal_id = ?2 WHERE id = ?1")?;
            update.execute(params![slot, message.internal_id.map(|id| id.0.cast_signed())])?;
        }
        self.save_parts(message, slot)
    }

    fn save_parts(&self, message: &OpenMessage, slot: i64) -> Result<(), StoreError> {
        let open = (message.part, &message.blob);
        let parts = message.full_parts.iter().map(|(part, blob)| (*part, blob)).chain([open]);
        for (part, blob) in parts.filter(|(part, _)| *part > 0) {
            let mut save =
                self.connection.prepare_cached("INSERT OR REPLACE INTO part(id, events) VALUES (?1, ?2)")?;
            save.execute(params![(slot << ORDINAL_BITS) | part, blob])?;
        }
        Ok(())
    }

    /// Writes the facts where the row does not have them yet, and the indexes beside it. `fresh`: the row was inserted
    /// just now, and has them.
    fn save_facts(&mut self, message: &mut OpenMessage, slot: i64, fresh: bool) -> Result<(), StoreError> {
        message.full_parts.clear();
        if message.facts_saved || message.facts.is_none() {
            return Ok(());
        }
        if !fresh {
            let columns = FactColumns::of(message, &mut self.dictionary, &self.connection)?;
            self.unindex(slot, &message.unlinked)?;
            let mut update = self.connection.prepare_cached(
                "UPDATE message SET direction = ?2, size = ?3, subject = ?4, sender = ?5, sender_domain = ?6, author = ?7,
                   author_domain = ?8, from_ip = ?9, message_id = ?10 WHERE id = ?1",
            )?;
            update.execute(params![
                slot,
                columns.direction,
                columns.size,
                columns.subject,
                columns.sender.map(|ids| ids.0),
                columns.sender.map(|ids| ids.1),
                columns.author.map(|ids| ids.0),
                columns.author.map(|ids| ids.1),
                columns.from_ip,
                columns.message_id,
            ])?;
        }
        if let Some(subject) =
            message.facts.as_ref().map(|facts| &facts.subject).filter(|subject| !subject.is_empty())
        {
            let mut insert =
                self.connection.prepare_cached("INSERT INTO subject(rowid, text) VALUES (?1, ?2)")?;
            insert.execute(params![slot, subject])?;
        }
        self.save_ip6(message.facts.as_ref().and_then(|facts| facts.from_ip))?;
        for reference in message.facts.iter().flat_map(|facts| &facts.references) {
            let mut link = self
                .connection
                .prepare_cached("INSERT OR IGNORE INTO link(reference, message) VALUES (?1, ?2)")?;
            link.execute([*reference, slot])?;
        }
        message.unlinked.clear();
        message.facts_saved = true;
        Ok(())
    }

    /// Networks of IPv6 addresses are told from their octets, of which rows only have a number.
    fn save_ip6(&self, ip: Option<IpAddr>) -> Result<(), StoreError> {
        if let Some(IpAddr::V6(ip)) = ip.map(|ip| ip.to_canonical()) {
            let mut known = self.connection.prepare_cached("INSERT OR IGNORE INTO ip6 VALUES (?1, ?2)")?;
            known.execute(params![ip_number(IpAddr::V6(ip)), ip.octets().as_slice()])?;
        }
        Ok(())
    }

    fn save_rows(&mut self, message: &mut OpenMessage, slot: i64) -> Result<(), StoreError> {
        let hour = slot / HOUR_MICROS;
        let now: Vec<RowNow> = message.rows().collect();
        if message.fold.is_cut() {
            let id = message.network_message_id;
            tracing::warn!(%id, "a message has more recipients than it may have rows; the rest stand in its events");
        }
        for (ordinal, (row, (_, key))) in now.iter().zip(message.fold.addresses()).enumerate() {
            let before = message.saved_rows.get(ordinal);
            if before == Some(row) {
                continue;
            }
            let place = i64::try_from(ordinal).unwrap_or(i64::MAX);
            if place > ORDINAL_MAX {
                return Err(StoreError::TooMuch("more recipients than a message may have rows"));
            }
            let id = (slot << ORDINAL_BITS) | (ORDINAL_MAX - place);
            let (status, to_ip) = (row.status, row.to_ip.map(ip_number));
            self.save_ip6(row.to_ip)?;
            if let Some(old) = before {
                let mut update = self.connection.prepare_cached(
                    "UPDATE recipient SET status = ?2, to_ip = ?3, latency = ?4 WHERE id = ?1",
                )?;
                update.execute(params![id, row.code, to_ip, row.latency])?;
                count(&mut self.counters, hour, old.status, -1);
            } else {
                let ids = self.dictionary.ids(&self.connection, key)?;
                let mut insert = self.connection.prepare_cached(
                    "INSERT INTO recipient(id, address, domain, status, to_ip, latency) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                )?;
                insert.execute(params![id, ids.address, ids.domain, row.code, to_ip, row.latency])?;
            }
            count(&mut self.counters, hour, status, 1);
        }
        message.saved_rows = now;
        Ok(())
    }

    fn save_counters(&mut self) -> Result<(), StoreError> {
        let mut add = self.connection.prepare_cached(
            "INSERT INTO counter VALUES (?1, ?2, ?3) ON CONFLICT(hour, status) DO UPDATE SET rows = rows + excluded.rows",
        )?;
        for ((hour, status), rows) in self.counters.drain().filter(|(_, rows)| *rows != 0) {
            add.execute(params![hour, status.code(), rows])?;
        }
        Ok(())
    }

    fn save_applied(&mut self, incoming: &[Incoming]) -> Result<(), StoreError> {
        let mut highest: HashMap<NodeId, u64> = HashMap::new();
        for one in incoming {
            let seq = highest.entry(one.key.node).or_default();
            *seq = one.key.seq.max(*seq);
        }
        let mut save = self.connection.prepare_cached("INSERT OR REPLACE INTO applied VALUES (?1, ?2)")?;
        for (node, seq) in highest {
            let known = self.applied.entry(node).or_default();
            *known = seq.max(*known);
            save.execute(params![node.0, known.cast_signed()])?;
        }
        Ok(())
    }
}

impl DayFile {
    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Drops a message from memory; the file has what there is of it.
    pub(super) fn close_message(&mut self, id: &NetworkMessageId) {
        self.open.remove(id);
    }

    /// Counts rows of an hour; written at the end of the transaction.
    pub(super) fn count_rows(&mut self, hour: i64, status: Status, by: i64) {
        count(&mut self.counters, hour, status, by);
    }
}

fn count(counters: &mut HashMap<(i64, Status), i64>, hour: i64, status: Status, by: i64) {
    let rows = counters.entry((hour, status)).or_default();
    *rows = rows.saturating_add(by);
}
