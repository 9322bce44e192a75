//! The directory as it was when the message was processed: members, forwards, and who sent by what right.
//!
//! May touch: nothing (pure).

use std::collections::HashSet;

use events::{Event, EventId};
use serde::Serialize;

use crate::status::address_key;

/// Addresses followed from a recipient up to what the sender addressed.
const PATH_MAX: usize = 1_000;
/// Members shown of one group; the number is always whole.
const MEMBERS_MAX: usize = 10_000;

/// What the events kept of the directory.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Directory {
    /// The groups on this recipient's way, with the members they had, outermost first.
    pub groups: Vec<Group>,
    /// The forwards on this recipient's way, and those that lead away from it.
    pub forwards: Vec<Forwarded>,
    /// Who sent it, and as whom.
    pub sent_by: Option<SentBy>,
}

/// A group as it was expanded.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Group {
    /// Its address.
    pub address: String,
    /// How many members it had.
    pub count: usize,
    /// The first of them.
    pub members: Vec<String>,
}

/// A forward as it was followed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Forwarded {
    /// Whose.
    pub from: String,
    /// Where to.
    pub to: Vec<String>,
}

/// The sender's identity and right.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct SentBy {
    /// The account that signed in; none for mail from outside.
    pub authenticated_as: Option<String>,
    /// The address in From.
    pub from: Option<String>,
    /// `Self`, `Send on Behalf`, `Send As`, or none where nobody signed in.
    pub right: Option<&'static str>,
}

/// The addresses from the row up to what the sender addressed, the row first.
pub(super) fn path(key: &str, events: &[Event]) -> Vec<String> {
    let mut seen: HashSet<String> = HashSet::from([key.to_owned()]);
    let mut path = Vec::from([key.to_owned()]);
    let mut next = 0;
    while let Some(of) = path.get(next).cloned() {
        next = next.saturating_add(1);
        for event in events.iter().filter(|event| replaces(event.event_id)) {
            let Some(from) = event.related_recipient_address.as_deref().map(address_key) else { continue };
            let leads =
                event.recipients.iter().any(|recipient| address_key(&recipient.address) == of.as_str());
            if leads && path.len() < PATH_MAX && seen.insert(from.clone().into_owned()) {
                path.push(from.into_owned());
            }
        }
    }
    path
}

fn replaces(id: EventId) -> bool {
    matches!(id, EventId::Expand | EventId::Resolve | EventId::Redirect)
}

/// From the addresses of [`path`] and the events, of which only what may be shown is there.
pub(super) fn of(path: Vec<String>, events: &[Event]) -> Directory {
    let path: HashSet<String> = path.into_iter().collect();
    let mut directory = Directory { sent_by: sent_by(events), ..Directory::default() };
    for event in events {
        let Some(from) = event.related_recipient_address.as_deref() else { continue };
        if !path.contains(address_key(from).as_ref()) {
            continue;
        }
        let addresses = || event.recipients.iter().map(|recipient| recipient.address.clone());
        match event.event_id {
            EventId::Expand => {
                // The whole list stands in Members where members were left out of the message.
                let whole = if event.detail.members.is_empty() {
                    addresses().collect()
                } else {
                    event.detail.members.clone()
                };
                let members = whole.iter().take(MEMBERS_MAX).cloned().collect();
                directory.groups.push(Group { address: from.to_owned(), count: whole.len(), members });
            }
            EventId::Redirect => {
                directory.forwards.push(Forwarded { from: from.to_owned(), to: addresses().collect() });
            }
            _ => {}
        }
    }
    directory
}

fn sent_by(events: &[Event]) -> Option<SentBy> {
    let facts = events.iter().find_map(|event| event.message.as_ref())?;
    let right = facts.authenticated_as.as_deref().map(|account| {
        let is = |address: &str| address.eq_ignore_ascii_case(account);
        match facts.from_address.as_deref() {
            Some(from) if is(from) => "Self",
            // The Sender header names the one who wrote for another (RFC 5322 §3.6.2).
            Some(from) if !facts.sender_address.eq_ignore_ascii_case(from) => "Send on Behalf",
            Some(_) => "Send As",
            None => "Self",
        }
    });
    Some(SentBy { authenticated_as: facts.authenticated_as.clone(), from: facts.from_address.clone(), right })
}
