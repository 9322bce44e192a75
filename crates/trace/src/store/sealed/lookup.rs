//! Single messages of a sealed day: where they are, by what they are found, their events.
//!
//! May touch: a file.

use events::Event;
use mail::NetworkMessageId;

use super::blocks::Blocks;
use super::layout::{HASH_SHIFT, Part};
use super::pages::Keep;
use super::slim;
use super::{SealedDay, StoreError};
use crate::status::EventKey;
use crate::store::day::DAY_MICROS;
use crate::store::read::{LOOKUP_MAX, Lookup};
use crate::store::remote_ids::{remote_id_number, remote_ids};
use crate::store::{message_id_number, reference_number};

impl SealedDay {
    /// The receive time of a message in microseconds since midnight: its row id.
    pub(crate) fn slot_of(&self, message: u64) -> Result<i64, StoreError> {
        let left = self.column(Part::Slot, Keep::Yes).get(message)?;
        Ok(DAY_MICROS.saturating_sub(i64::try_from(left).unwrap_or(0)))
    }

    /// The first message received at or before a time.
    pub(crate) fn message_from(&self, slot: i64) -> Result<u64, StoreError> {
        let left = u64::try_from(DAY_MICROS.saturating_sub(slot)).unwrap_or(0);
        self.column(Part::Slot, Keep::Yes).lower_bound(0, self.messages(), left)
    }

    /// The message with this row id.
    pub(crate) fn message_at(&self, slot: i64) -> Result<Option<u64>, StoreError> {
        let found = self.message_from(slot)?;
        Ok((found < self.messages() && self.slot_of(found)? == slot).then_some(found))
    }

    /// Messages looked up, the oldest first, as many as a look-up gives.
    pub(crate) fn look_up(&self, what: Lookup) -> Result<Vec<u64>, StoreError> {
        let mut found = match what {
            Lookup::NetworkId(id) => self.by_network_id(id)?,
            Lookup::MessageId(number) => self.by_message_id(number)?,
            Lookup::Reference(number) => self.by_reference(number)?,
            Lookup::InternalId(number) => self.by_internal_id(&[number])?,
        };
        found.sort_unstable_by(|a, b| b.cmp(a));
        found.truncate(LOOKUP_MAX);
        Ok(found)
    }

    pub(crate) fn by_network_id(&self, id: NetworkMessageId) -> Result<Vec<u64>, StoreError> {
        let number = crate::store::open_message::hash(id.0.as_bytes());
        let mut found = self.by_hash((Part::NetworkId, Part::NetworkIdMessage), number)?;
        let mut failed = None;
        let mut blocks = self.blocks(Part::Events, Keep::Yes)?;
        found.retain(|message| {
            let known =
                self.time_of(*message).and_then(|at| slim::network_message_id(blocks.item(*message)?, at));
            known.map_err(|error| failed = Some(error)).is_ok_and(|known| known == id)
        });
        failed.map_or(Ok(found), Err)
    }

    pub(crate) fn by_message_id(&self, number: i64) -> Result<Vec<u64>, StoreError> {
        let found = self.by_hash((Part::MessageId, Part::MessageIdMessage), number)?;
        self.compared(found, |event| {
            event.message_id.as_ref().is_some_and(|id| message_id_number(id) == number)
        })
    }

    fn by_reference(&self, number: i64) -> Result<Vec<u64>, StoreError> {
        let found = self.by_hash((Part::Reference, Part::ReferenceMessage), number)?;
        self.compared(found, |event| {
            event.message.is_some()
                && event.reference.iter().any(|reference| reference_number(reference) == number)
        })
    }

    /// Messages that another server gave this id; `None` if the file has no index of them.
    pub(crate) fn by_remote_id(&self, number: i64) -> Result<Option<Vec<u64>>, StoreError> {
        if !self.directory.sections.iter().any(|(code, _)| *code == Part::RemoteId.code()) {
            return Ok(None);
        }
        let mut found = self.by_hash((Part::RemoteId, Part::RemoteIdMessage), number)?;
        found.truncate(LOOKUP_MAX);
        let is_it = |event: &Event| remote_ids(event).any(|id| remote_id_number(id) == number);
        Ok(Some(self.compared(found, is_it)?))
    }

    /// Those of the messages that have an event that is meant: a part of a hash is not enough.
    fn compared(&self, found: Vec<u64>, meant: impl Fn(&Event) -> bool) -> Result<Vec<u64>, StoreError> {
        let mut kept = Vec::with_capacity(found.len());
        for message in found {
            if self.events(message)?.iter().any(|(_, event)| meant(event)) {
                kept.push(message);
            }
        }
        Ok(kept)
    }

    /// The time a message's place stands for, in microseconds since 1970.
    fn time_of(&self, message: u64) -> Result<i64, StoreError> {
        let midnight = i64::from(self.directory.day).saturating_mul(DAY_MICROS);
        Ok(midnight.saturating_add(self.slot_of(message)?))
    }

    /// The messages with a hash. Hashes are spread evenly: the place is guessed from the value, near enough for a page.
    fn by_hash(&self, (hashes, messages): (Part, Part), number: i64) -> Result<Vec<u64>, StoreError> {
        let wanted = number.cast_unsigned() >> HASH_SHIFT;
        let mut column = self.column(hashes, Keep::Yes);
        let count = column.count();
        if count == 0 {
            return Ok(Vec::new());
        }
        let guess = (u128::from(wanted) * u128::from(count)) >> (u64::BITS - HASH_SHIFT);
        let guess = u64::try_from(guess).unwrap_or(0).min(count.saturating_sub(1));
        let mut step = 64_u64;
        let (mut low, mut high) = (guess.saturating_sub(step), guess.saturating_add(step).min(count));
        while low > 0 && column.get(low)? >= wanted {
            step = step.saturating_mul(4);
            low = guess.saturating_sub(step);
        }
        step = 64;
        while high < count && column.get(high)? < wanted {
            step = step.saturating_mul(4);
            high = guess.saturating_add(step).min(count);
        }
        let mut at = column.lower_bound(low, high, wanted)?;
        let mut numbers = self.column(messages, Keep::Yes);
        let mut found = Vec::new();
        while at < count && column.get(at)? == wanted {
            found.push(numbers.get(at)?);
            at = at.saturating_add(1);
        }
        Ok(found)
    }

    /// The messages with one of these internal ids. The column's bounds tell most days apart; in the others it is read.
    pub(crate) fn by_internal_id(&self, ids: &[u64]) -> Result<Vec<u64>, StoreError> {
        let section = self.section(Part::Internal);
        let most = section
            .base
            .saturating_add(u64::MAX.checked_shr(64_u32.saturating_sub(section.width)).unwrap_or(0));
        let ids: Vec<u64> = ids.iter().map(|id| id.saturating_add(1)).collect();
        if !ids.iter().any(|id| *id >= section.base && *id <= most) {
            return Ok(Vec::new());
        }
        let mut column = self.column(Part::Internal, Keep::No);
        let mut found = Vec::new();
        for message in 0..self.messages() {
            if ids.contains(&column.get(message)?) {
                found.push(message);
            }
        }
        Ok(found)
    }

    /// A reader of messages; those near each other cost one block.
    pub(crate) fn reader(&self) -> Result<EventReader<'_>, StoreError> {
        Ok(EventReader {
            day: self,
            events: self.blocks(Part::Events, Keep::Yes)?,
            subjects: self.blocks(Part::Subjects, Keep::Yes)?,
        })
    }

    /// The events of a message in the order in which they came, each once.
    pub(crate) fn events(&self, message: u64) -> Result<Vec<(EventKey, Event)>, StoreError> {
        self.reader()?.events(message)
    }
}

/// Reads messages of a sealed day.
pub(crate) struct EventReader<'a> {
    day: &'a SealedDay,
    events: Blocks<'a>,
    subjects: Blocks<'a>,
}

impl EventReader<'_> {
    /// The events of a message in the order in which they came, each once.
    pub(crate) fn events(&mut self, message: u64) -> Result<Vec<(EventKey, Event)>, StoreError> {
        let subject = String::from_utf8_lossy(self.subjects.item(message)?).into_owned();
        slim::read(self.events.item(message)?, self.day.time_of(message)?, &subject)
    }
}
