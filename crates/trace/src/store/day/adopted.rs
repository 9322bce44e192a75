//! Messages of a sealed day that are taken over into the file of the same day, because something happened to them.
//!
//! May touch: a file.

use events::Event;
use mail::NetworkMessageId;

use super::DayFile;
use crate::status::EventKey;
use crate::store::StoreError;
use crate::store::open_message::OpenMessage;

impl DayFile {
    /// Takes a message over from the sealed day, if it is there.
    pub(super) fn adopt(&self, message: &mut OpenMessage) -> Result<(), StoreError> {
        let Some(sealed) = &self.sealed else { return Ok(()) };
        let id = message.network_message_id;
        if let Some(found) = sealed.by_network_id(id)?.first() {
            let events = if self.told_anew.contains(&id) { Vec::new() } else { sealed.events(*found)? };
            message.adopt(&events, sealed.slot_of(*found)?);
        }
        Ok(())
    }

    /// From now on, within the transaction, a message of the sealed day is told anew: it keeps its place there and has the
    /// events that come alone. Gives its events, if nothing newer is in this file.
    pub(in crate::store) fn tell_anew(
        &mut self,
        id: NetworkMessageId,
        has_newest: bool,
    ) -> Result<Vec<(EventKey, Event)>, StoreError> {
        let Some(sealed) = &self.sealed else { return Ok(Vec::new()) };
        let Some(found) = sealed.by_network_id(id)?.first().copied() else { return Ok(Vec::new()) };
        self.told_anew.insert(id);
        if has_newest { sealed.events(found) } else { Ok(Vec::new()) }
    }

    /// Whether a row id belongs to another message of the sealed day.
    pub(super) fn is_sealed(&self, slot: i64) -> Result<bool, StoreError> {
        Ok(match &self.sealed {
            Some(sealed) => sealed.message_at(slot)?.is_some(),
            None => false,
        })
    }
}
