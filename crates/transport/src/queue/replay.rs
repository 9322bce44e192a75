//! The envelope of a message that waits, as header lines of a replay file: an exported message without it has lost who
//! sent it and to whom it still has to go.
//!
//! May touch: queues (read), directory snapshot.
//! Standards: RFC 3461 §4 (NOTIFY, ORCPT, ENVID, RET), RFC 6152 §2 (BODY).

use std::collections::HashSet;
use std::fmt::Write as _;
use std::sync::Arc;

use mail::ReversePath;
use spool::MessageNo;

use super::actions::ActionError;
use super::view::identity;
use crate::Transport;
use crate::envelope::{BodyType, Entry, Envelope, Notify, Ret};
use crate::item::Item;

impl Transport {
    /// `X-Sender` and an `X-Receiver` per recipient that waits in the queue, or with `queue` empty in all, each ended
    /// by CRLF: what stands before the header in a replay file.
    ///
    /// # Errors
    /// [`ActionError::NoQueue`], and [`ActionError::NoMessage`] where it waits in none.
    pub fn replay_header(&self, queue: Option<&str>, message: u64) -> Result<String, ActionError> {
        let server = self.server();
        let wanted = queue.map(|name| self.queue(name)).transpose()?.map(|queue| queue.identity);
        let no = MessageNo(message);
        let items: Vec<Arc<Item>> = {
            let queues = self.shared.queues.lock();
            let waiting = queues
                .iter()
                .filter(|queue| wanted.as_ref().is_none_or(|wanted| *wanted == identity(queue, &server)))
                .filter_map(|queue| queue.slot(no)?.item());
            let poison = queues.poison().filter(|item| item.no == no).cloned();
            waiting.chain(poison).collect()
        };
        let Some(first) = items.first() else { return Err(ActionError::NoMessage(message.to_string())) };
        let mut header = sender(&first.envelope);
        let mut seen = HashSet::new();
        for (_, entry) in items.iter().flat_map(|item| &item.entries) {
            if seen.insert(entry.recipient.key().to_owned()) {
                header.push_str(&receiver(entry));
            }
        }
        Ok(header)
    }
}

fn sender(envelope: &Envelope) -> String {
    let address = match &envelope.return_path {
        ReversePath::Null => "",
        ReversePath::Address(address) => address.as_str(),
    };
    let mut line = format!("X-Sender: <{address}>");
    line.push_str(match envelope.body_type {
        BodyType::SevenBit => " BODY=7bit",
        BodyType::EightBitMime => " BODY=8bitMIME",
        BodyType::BinaryMime => " BODY=binaryMIME",
    });
    line.push_str(match envelope.ret {
        Some(Ret::Full) => " RET=FULL",
        Some(Ret::Hdrs) => " RET=HDRS",
        None => "",
    });
    // Writing to a String does not fail.
    if let Some(envid) = &envelope.envid {
        let _ = write!(line, " ENVID={}", smtp::xtext::encode(envid));
    }
    line.push_str("\r\n");
    line
}

fn receiver(entry: &Entry) -> String {
    let mut line = format!("X-Receiver: <{}>", entry.recipient.as_str());
    if entry.notify.is_given() {
        let _ = write!(line, " NOTIFY={}", notify(entry.notify));
    }
    if let Some((kind, address)) = entry.original.orcpt.as_deref().and_then(|orcpt| orcpt.split_once(';')) {
        let _ = write!(line, " ORcpt={kind};{}", smtp::xtext::encode(address));
    }
    line.push_str("\r\n");
    line
}

fn notify(notify: Notify) -> String {
    let wishes = [(notify.success(), "SUCCESS"), (notify.failure(), "FAILURE"), (notify.delay(), "DELAY")];
    let given: Vec<&str> = wishes.into_iter().filter(|(is_on, _)| *is_on).map(|(_, word)| word).collect();
    if given.is_empty() { "NEVER".to_owned() } else { given.join(",") }
}
