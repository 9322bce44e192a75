//! A message of a day file while it is in memory: its fold, its packed events, and what the file already holds.
//!
//! May touch: nothing (pure).

use std::collections::HashSet;
use std::net::IpAddr;

use events::{Directionality, Event, MessageFacts};
use mail::{InternalMessageId, MessageId, NetworkMessageId};

use super::format::{self, PackError};
use crate::search::{Facets, Gathered, SubjectFold};
use crate::status::{EventKey, Fold, Status, address_key};

/// Packed events beside the message row up to this size; later ones go to parts, so that a message with many
/// recipients does not rewrite all its events with every new one.
const INLINE_BYTES_MAX: usize = 4 * 1_024;
/// The same for a part.
const PART_BYTES_MAX: usize = 16 * 1_024;

/// What is known of a message as a whole, as its columns need it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) sender: String,
    /// The header From, where it is another address than the sender.
    pub(crate) author: Option<String>,
    pub(crate) from_ip: Option<IpAddr>,
    pub(crate) direction: Directionality,
    pub(crate) size: u64,
    /// Case-folded.
    pub(crate) subject: String,
    pub(crate) message_id: Option<MessageId>,
    /// What the message came from: the message reported on, the parent of a rule's forward.
    pub(crate) references: Vec<i64>,
}

/// What the columns of a row say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RowNow {
    pub(crate) status: Status,
    /// What stands for the status in the store.
    pub(crate) code: u8,
    pub(crate) to_ip: Option<IpAddr>,
    /// Milliseconds from receiving to an end of its own.
    pub(crate) latency: Option<u32>,
}

/// One message in memory.
#[derive(Debug)]
pub(crate) struct OpenMessage {
    pub(crate) network_message_id: NetworkMessageId,
    /// Whether it comes from the sealed day, whose place it keeps.
    pub(crate) adopted: bool,
    /// Whether it has events the file does not have.
    pub(crate) changed: bool,
    /// Row id, once the file has the message.
    pub(crate) saved_as: Option<i64>,
    /// Receive time asked for, in microseconds since midnight.
    pub(crate) slot_wanted: i64,
    pub(crate) fold: Fold,
    /// What each row has in the file, by ordinal.
    pub(crate) saved_rows: Vec<RowNow>,
    /// The events that are still open for appending: those beside the row, or those of the last part.
    pub(crate) blob: Vec<u8>,
    /// Number of the part that `blob` is; 0 is beside the row.
    pub(crate) part: i64,
    /// Parts closed since the last save, to be written as they are.
    pub(crate) full_parts: Vec<(i64, Vec<u8>)>,
    /// How the file folds subjects.
    subject_fold: SubjectFold,
    gathered: Gathered,
    /// What of it stands in columns.
    pub(crate) facts: Option<Facts>,
    /// Whether the file has the facts as they are now.
    pub(crate) facts_saved: bool,
    /// References the file has that are no longer ones.
    pub(crate) unlinked: Vec<i64>,
    pub(crate) internal_id: Option<InternalMessageId>,
    /// What the file has of it.
    pub(crate) saved_internal_id: Option<InternalMessageId>,
    pub(crate) last_at: i64,
    pub(crate) event_ids: i64,
    /// What it is found by beside addresses.
    pub(crate) facets: Facets,
    /// The events it has, for imports, which must recognize doubles; empty otherwise.
    pub(crate) keys: HashSet<EventKey>,
}

impl OpenMessage {
    pub(crate) fn new(
        network_message_id: NetworkMessageId,
        slot_wanted: i64,
        subject_fold: SubjectFold,
    ) -> OpenMessage {
        OpenMessage {
            network_message_id,
            adopted: false,
            changed: false,
            saved_as: None,
            slot_wanted,
            fold: Fold::default(),
            saved_rows: Vec::new(),
            blob: Vec::new(),
            part: 0,
            full_parts: Vec::new(),
            subject_fold,
            gathered: Gathered::default(),
            facts: None,
            facts_saved: false,
            unlinked: Vec::new(),
            internal_id: None,
            saved_internal_id: None,
            last_at: i64::MIN,
            event_ids: 0,
            facets: Facets::default(),
            keys: HashSet::new(),
        }
    }

    /// A message out of its events, each once; for reading its columns only.
    pub(crate) fn of(events: &[(EventKey, Event)], slot: i64) -> OpenMessage {
        let id = events.first().map(|(_, event)| event.network_message_id).unwrap_or_default();
        let mut message = OpenMessage::new(id, slot, SubjectFold::default());
        events.iter().for_each(|(key, event)| message.note(*key, event));
        message
    }

    /// Takes a new event in: into the fold, the packed events and the columns.
    pub(crate) fn take(&mut self, key: EventKey, event: &Event, bytes: &[u8]) {
        self.note(key, event);
        self.changed = true;
        let room = if self.part == 0 { INLINE_BYTES_MAX } else { PART_BYTES_MAX };
        if !self.blob.is_empty() && self.blob.len().saturating_add(bytes.len()) > room {
            self.full_parts.push((self.part, std::mem::take(&mut self.blob)));
            self.part = self.part.saturating_add(1);
        }
        format::append(&mut self.blob, key, bytes);
    }

    /// Takes an event in that the file already holds.
    pub(crate) fn note(&mut self, key: EventKey, event: &Event) {
        self.fold.absorb(key, event);
        self.last_at = self.last_at.max(event.at.as_microsecond());
        self.event_ids |= event_bit(event.event_id);
        self.facets.note(event);
        if self.gathered.note(key, event) {
            self.internal_id = self.gathered.internal_id();
            let facts =
                self.gathered.facts().map(|facts| Facts::read(&facts, &self.gathered, self.subject_fold));
            if facts != self.facts {
                self.facts_saved = false;
                let before = std::mem::replace(&mut self.facts, facts);
                self.unlinked.extend(before.into_iter().flat_map(|facts| facts.references));
            }
        }
    }

    /// The subject as it was written.
    pub(crate) fn subject(&self) -> &str {
        self.gathered.subject()
    }

    /// Reads what the file holds: all blobs in order; the last stays open for appending.
    pub(crate) fn restore(&mut self, blobs: Vec<Vec<u8>>) -> Result<(), PackError> {
        let mut known = Vec::new();
        for blob in &blobs {
            format::unpack(blob, &mut known)?;
        }
        for (key, event) in &known {
            self.note(*key, event);
        }
        self.part = i64::try_from(blobs.len().saturating_sub(1)).unwrap_or(i64::MAX);
        self.blob = blobs.into_iter().next_back().unwrap_or_default();
        self.facts_saved = self.facts.is_some();
        self.saved_internal_id = self.internal_id;
        self.unlinked.clear();
        self.keys = known.into_iter().map(|(key, _)| key).collect();
        self.saved_rows = self.rows().collect();
        Ok(())
    }

    /// The rows now.
    pub(crate) fn rows(&self) -> impl Iterator<Item = RowNow> {
        self.fold.ends().zip(self.fold.hop_addresses()).map(|((status, code, took), to_ip)| RowNow {
            status,
            code,
            to_ip,
            latency: took.map(|micros| u32::try_from(micros.div_euclid(1_000).max(0)).unwrap_or(u32::MAX)),
        })
    }

    /// Takes over what a sealed day holds, as a message its new file does not have yet.
    pub(crate) fn adopt(&mut self, events: &[(EventKey, Event)], slot: i64) {
        for (key, event) in events {
            self.take(*key, event, &events::encode(event));
        }
        self.keys = events.iter().map(|(key, _)| *key).collect();
        self.slot_wanted = slot;
        (self.adopted, self.changed) = (true, false);
    }

    /// Whether every row has its end, so that nothing more is expected.
    pub(crate) fn is_finished(&self) -> bool {
        !self.saved_rows.is_empty() && self.saved_rows.iter().all(|row| row.status.is_end())
    }
}

impl Facts {
    fn read(facts: &MessageFacts, gathered: &Gathered, fold: SubjectFold) -> Facts {
        let sender = address_key(&facts.return_path).into_owned();
        let written = facts.from_address.as_deref().unwrap_or(&facts.sender_address);
        let author = address_key(written);
        let author = (!author.is_empty() && author != sender.as_str()).then(|| author.into_owned());
        Facts {
            sender,
            author,
            from_ip: gathered.client_ip(),
            direction: facts.directionality,
            size: facts.total_bytes,
            subject: fold.fold(&facts.subject),
            message_id: gathered.message_id().cloned(),
            references: gathered.references().iter().map(|reference| reference_number(reference)).collect(),
        }
    }
}

/// The bit of an event id in the column that holds which ids a message has.
pub(crate) fn event_bit(id: events::EventId) -> i64 {
    1_i64.checked_shl(u32::from(id.code())).unwrap_or(0)
}

/// An address as a number: IPv4 as itself, IPv6 as a negative hash.
pub(crate) fn ip_number(ip: IpAddr) -> i64 {
    match ip.to_canonical() {
        IpAddr::V4(ip) => i64::from(ip.to_bits()),
        IpAddr::V6(ip) => hash(&ip.octets()) | i64::MIN,
    }
}

/// The first 64 bits of BLAKE3: equal for different texts practically never, even if somebody tries.
pub(crate) fn hash(bytes: &[u8]) -> i64 {
    let digest = blake3::hash(bytes);
    digest.as_bytes().first_chunk::<8>().map_or(0, |first| i64::from_le_bytes(*first))
}

/// A reference (a Message-ID or an internal id) as a number.
pub(crate) fn reference_number(reference: &str) -> i64 {
    let bare = reference.trim().trim_start_matches('<').trim_end_matches('>');
    hash(bare.as_bytes())
}

/// A Message-ID as a number. The case counts, the brackets do not.
pub(crate) fn message_id_number(id: &MessageId) -> i64 {
    hash(id.inner().as_bytes())
}
