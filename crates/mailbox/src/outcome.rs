//! A delivery as it is handed in, and what became of it.
//!
//! May touch: nothing (pure).

use bytes::Bytes;
use jiff::Timestamp;
use mail::{MessageId, NetworkMessageId};
use uuid::Uuid;

use crate::dirty::SpoolPosition;
use crate::error::MailboxError;
use crate::folder::FolderRole;
use crate::resend::ResendKey;

/// The folders the transport delivers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeliveryFolder {
    /// Inbox.
    Inbox,
    /// Junk Email.
    JunkEmail,
}

impl DeliveryFolder {
    /// The folder's role.
    #[must_use]
    pub fn role(self) -> FolderRole {
        match self {
            Self::Inbox => FolderRole::Inbox,
            Self::JunkEmail => FolderRole::JunkEmail,
        }
    }
}

/// The spool entry being delivered: it tells a redo of the same entry from a second copy of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SpoolEntry {
    /// The message's number in the spool, never reused.
    pub message: u64,
    /// The entry's number within the message.
    pub entry: u32,
}

/// What an earlier DELIVER says; a redo takes it over so that clients see the same item again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Recorded {
    /// The item id in the event.
    pub item_id: Option<i64>,
    /// The UID in the event.
    pub uid: Option<u32>,
}

/// Whether the spool already holds a DELIVER for this entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// No: the entry is open. It may still have reached the mailbox just before a crash, which is then found.
    First,
    /// Yes: the entry is closed and the item has to be there. Neither quota nor resend check applies.
    Redo(Recorded),
}

/// What lists of items show without opening the body.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ItemSummary {
    /// Decoded subject.
    pub subject: String,
    /// Address in From.
    pub from: Option<String>,
    /// The Message-ID header, or the one we gave it.
    pub message_id: Option<MessageId>,
    /// The Date header.
    pub date: Option<Timestamp>,
}

/// One copy of a message for one mailbox.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The mailbox.
    pub mailbox: Uuid,
    /// The message's identity, one for all copies.
    pub network_message_id: NetworkMessageId,
    /// The spool entry.
    pub entry: SpoolEntry,
    /// Where it goes.
    pub folder: DeliveryFolder,
    /// The whole message as it is stored.
    pub body: Bytes,
    /// When the message was received here (IMAP INTERNALDATE).
    pub received: Timestamp,
    /// The time of this delivery, or the recorded one for a redo.
    pub at: Timestamp,
    /// For lists.
    pub summary: ItemSummary,
    /// Recognizes a resend; `None` never matches.
    pub resend_key: Option<ResendKey>,
    /// ProhibitSendReceiveQuota in bytes; `None` = unlimited.
    pub quota: Option<u64>,
    /// Whether it was recorded before.
    pub pass: Pass,
    /// A spool position read before this call: the entry's DELIVER is (or will be) behind it.
    pub position: SpoolPosition,
}

/// Where a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivered {
    /// The item, stable for life.
    pub item_id: i64,
    /// Its UID in the folder.
    pub uid: u32,
    /// The folder.
    pub folder: DeliveryFolder,
    /// When it was delivered; the stored time if it was already there.
    pub at: Timestamp,
    /// Bytes in the mailbox afterwards, for the warning quota.
    pub used: u64,
}

/// Why a copy was suppressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DuplicateKind {
    /// The same network message id came to this mailbox through another entry.
    SameMessage,
    /// The same bytes were sent again within the resend window.
    Resend,
}

/// The copy that was there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Duplicate {
    /// Why it is a duplicate.
    pub kind: DuplicateKind,
    /// The item delivered first (it may be gone by now).
    pub item_id: i64,
    /// The folder it was delivered to.
    pub folder: DeliveryFolder,
    /// When.
    pub at: Timestamp,
    /// The message it belongs to.
    pub network_message_id: NetworkMessageId,
}

/// What became of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is in the mailbox. Commit DELIVER to the spool before telling anybody.
    Delivered(Delivered),
    /// A copy is there already; nothing was stored.
    Duplicate(Duplicate),
    /// The mailbox is full.
    OverQuota {
        /// Bytes in the mailbox.
        used: u64,
        /// The quota.
        limit: u64,
    },
    /// Nothing was stored; try again later.
    Failed(MailboxError),
}
