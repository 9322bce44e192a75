//! The only way in for a new message: rights of the sender, then body, envelope, entries and event in one commit.
//!
//! May touch: spool (through the batch and its commit), clock, directory snapshot.
//! Standards: RFC 5321 §4.5.3.2 (a `250` takes over responsibility), RFC 5322 §3.6.2 (From and Sender).

use std::sync::Arc;

use bytes::Bytes;
use directory::{Recipient, SendRight, Snapshot};
use events::EventRecipient;
use mail::{Address, ReversePath};
use spool::{Batch, EntryNo, MessageNo};
use trace::{About, Received};

use crate::Shared;
use crate::agent_notes::Notes;
use crate::envelope::{Entry, Envelope, OriginKind};
use crate::format;
use crate::item::Item;

/// A message that is to be taken over.
pub struct NewMessage {
    /// Its envelope.
    pub envelope: Envelope,
    /// One entry per recipient.
    pub entries: Vec<Entry>,
    /// Its octets, as they will be delivered.
    pub body: Bytes,
    /// What the tracking log says of its arrival; the recipients are filled in here.
    pub arrival: Received,
    /// What agents noted, by agent, as pairs of AGENTINFO.
    pub notes: Notes,
}

/// Why a message could not be taken over.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// The spool failed; the server is about to stop. The sender keeps the message.
    #[error("the message could not be stored: {0}")]
    Spool(#[from] spool::SpoolError),
    /// An envelope or entry that cannot be written.
    #[error("the message could not be encoded: {0}")]
    Format(#[from] format::FormatError),
    /// The mailbox store takes nothing more; the server is about to stop. The message stays in its queue.
    #[error("the mailbox store has ended, see the service log")]
    MailboxesClosed,
}

impl Shared {
    /// Takes over a message: returns when body, envelope, entries and RECEIVE are on disk, and hands it to the
    /// categorizer.
    ///
    /// # Errors
    /// See [`SubmitError`]; nothing has been taken over then.
    pub(crate) async fn submit(&self, message: NewMessage) -> Result<MessageNo, SubmitError> {
        let mut batch = Batch::new();
        let item = self.add_message(&mut batch, message)?;
        let no = item.no;
        self.spool.commit(batch).await?;
        self.submission.push(item);
        Ok(no)
    }

    /// Adds a message to a batch, so that it becomes durable together with what caused it. Once the batch is
    /// committed the item goes to `submission.push`.
    pub(crate) fn add_message(&self, batch: &mut Batch, message: NewMessage) -> Result<Item, SubmitError> {
        let NewMessage { mut envelope, entries, body, mut arrival, notes } = message;
        let no = self.spool.next_message_no();
        envelope.size = body.len() as u64;
        batch.message(no, format::encode_envelope(&envelope)?, body);
        let mut numbered = Vec::with_capacity(entries.len());
        for (index, entry) in entries.into_iter().enumerate() {
            let number = EntryNo(u32::try_from(index).unwrap_or(u32::MAX));
            batch.put_entry(no, number, format::encode_entry(&entry)?);
            numbered.push((number, entry));
        }
        arrival.recipients = numbered
            .iter()
            .map(|(_, entry)| EventRecipient {
                address: entry.recipient.as_str().to_owned(),
                status: String::new(),
            })
            .collect();
        let about =
            About { no, network_message_id: envelope.network_message_id, received: envelope.received };
        if envelope.origin.kind == OriginKind::Dsn {
            self.recorder.report_made(batch, &about, arrival);
        } else {
            self.recorder.received(batch, &about, arrival);
        }
        for (agent, pairs) in notes {
            self.recorder.agent_info(batch, &about, crate::event_recipients(&numbered, ""), agent, pairs);
        }
        Ok(Item { no, envelope: Arc::new(envelope), entries: numbered })
    }
}

/// How a signed-in user may send a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SentAs {
    /// From an own address.
    Self_,
    /// As a mailbox or group, by Send As: nothing in the message names the user.
    Other(Address),
    /// On behalf of a mailbox or group: the message needs `Sender:` with the user's address.
    OnBehalf {
        /// The mailbox or group in From.
        mailbox: Address,
        /// The user.
        delegate: Address,
    },
}

/// The signed-in user may not send as this address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{user} may not send as {address}")]
pub struct SendAsDenied {
    /// Who is signed in.
    pub user: String,
    /// As whom.
    pub address: String,
}

/// Checks MAIL FROM of a signed-in user; every protocol that submits mail comes here.
///
/// # Errors
/// [`SendAsDenied`] when the address is neither the user's nor one the user may send as or on behalf of.
pub fn check_return_path(
    snapshot: &Snapshot,
    user: &Recipient,
    return_path: &ReversePath,
) -> Result<(), SendAsDenied> {
    match return_path {
        // Read receipts and the like; From is checked all the same.
        ReversePath::Null => Ok(()),
        ReversePath::Address(address) => represent(snapshot, user, address).map(drop),
    }
}

/// Checks the From of a message of a signed-in user. Send As wins where both are granted.
///
/// # Errors
/// As [`check_return_path`].
pub fn check_from(snapshot: &Snapshot, user: &Recipient, from: &Address) -> Result<SentAs, SendAsDenied> {
    represent(snapshot, user, from)
}

fn represent(snapshot: &Snapshot, user: &Recipient, address: &Address) -> Result<SentAs, SendAsDenied> {
    if user.addresses().any(|own| own == address) {
        return Ok(SentAs::Self_);
    }
    let denied = || SendAsDenied {
        user: user.primary_smtp_address.as_str().to_owned(),
        address: address.as_str().to_owned(),
    };
    let target = snapshot.recipient_by_address(address).ok_or_else(denied)?;
    match snapshot.send_right(user.guid, target.guid) {
        SendRight::Own => Ok(SentAs::Self_),
        SendRight::SendAs => Ok(SentAs::Other(address.clone())),
        SendRight::OnBehalf => {
            let delegate = user.primary_smtp_address.clone();
            Ok(SentAs::OnBehalf { mailbox: address.clone(), delegate })
        }
        SendRight::Refused(_) => Err(denied()),
    }
}
