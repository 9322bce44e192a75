//! What an agent may want done; the transport performs it and records it.
//!
//! May touch: nothing (pure).

use std::borrow::Cow;

use events::Reason;
use mail::edit::{self, HeaderFamily};
use mail::{Address, ReversePath};
use smtp::Reply;

use crate::point::{Point, Stage};

/// What a rejection or drop is about: it follows from the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The session: the connection is refused.
    Session,
    /// The command or the whole message.
    Message,
    /// The recipient asked about, alone.
    Recipient,
}

impl Scope {
    /// What an action at this point is about.
    #[must_use]
    pub fn of(point: Point) -> Scope {
        match point {
            Point::Connect => Scope::Session,
            Point::RcptToCommand => Scope::Recipient,
            _ if point.stage() == Stage::Delivery => Scope::Recipient,
            _ => Scope::Message,
        }
    }
}

/// A refusal: in the session its reply, later the status of the NDR.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// What the client is told.
    pub reply: Reply,
    /// Why, as data.
    pub reason: Reason,
    /// What the administrator is told beyond that, for the event's source context; empty if nothing.
    pub detail: String,
}

/// Which header fields are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeaderSelection {
    /// Our own families.
    Families(Vec<HeaderFamily>),
    /// Fields of these names, without regard to case.
    Names(Vec<String>),
}

impl HeaderSelection {
    /// Whether a field of this name is meant.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        match self {
            Self::Families(families) => {
                edit::header_family(name).is_some_and(|family| families.contains(&family))
            }
            Self::Names(names) => names.iter().any(|wanted| wanted.eq_ignore_ascii_case(name)),
        }
    }
}

/// A change to the header; every other byte of the message stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeaderEdit {
    /// Cuts fields.
    Remove(HeaderSelection),
    /// Puts whole lines, each with its CRLF, on top.
    Prepend(Vec<u8>),
}

impl HeaderEdit {
    /// The message after the edit; borrowed if nothing changed.
    #[must_use]
    pub fn apply<'a>(&self, message: &'a [u8]) -> Cow<'a, [u8]> {
        match self {
            Self::Remove(selection) => edit::remove(message, |name| selection.has(name)),
            Self::Prepend(lines) if lines.is_empty() => Cow::Borrowed(message),
            Self::Prepend(lines) => {
                let mut whole = Vec::with_capacity(lines.len() + message.len());
                whole.extend_from_slice(lines);
                whole.extend_from_slice(message);
                Cow::Owned(whole)
            }
        }
    }
}

/// A message an agent makes; it enters by the one way in for new messages, with a reference to its cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// Its return path.
    pub reverse_path: ReversePath,
    /// Its recipients.
    pub recipients: Vec<Address>,
    /// Header and body.
    pub message: Vec<u8>,
}

/// One thing an agent wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Refuse what the point is about ([`Scope`]). Ends the chain.
    Reject(Rejection),
    /// Let it vanish without a report (DROP). Ends the chain.
    Drop {
        /// Why.
        reason: Reason,
        /// What the administrator is told.
        detail: String,
    },
    /// Change the header.
    Edit(HeaderEdit),
    /// Add a recipient to the envelope.
    AddRecipient(Address),
    /// Send it to these instead: the recipient asked about, or every recipient.
    Redirect(Vec<Address>),
    /// Submit another message.
    Submit(NewMessage),
    /// Leave these pairs in the trace (AGENTINFO custom data).
    Note(Vec<(String, String)>),
}

impl Action {
    /// Whether no later agent is asked.
    #[must_use]
    pub fn ends_chain(&self) -> bool {
        matches!(self, Self::Reject(_) | Self::Drop { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_keep_every_other_byte() {
        let message = b"A: 1\r\nx-b: 2\r\n folded\r\nC:\t3 \r\n\r\nbody\r\nX-B: in the body\r\n";
        let cut = HeaderEdit::Remove(HeaderSelection::Names(vec!["X-B".to_owned()])).apply(message);
        assert_eq!(&*cut, b"A: 1\r\nC:\t3 \r\n\r\nbody\r\nX-B: in the body\r\n");
        let none = HeaderEdit::Remove(HeaderSelection::Names(vec!["Y".to_owned()])).apply(message);
        assert!(matches!(none, Cow::Borrowed(same) if same == message));
        let more = HeaderEdit::Prepend(b"Z: 0\r\n".to_vec()).apply(message);
        assert_eq!(more.strip_prefix(b"Z: 0\r\n"), Some(message.as_slice()));
        assert!(matches!(HeaderEdit::Prepend(Vec::new()).apply(message), Cow::Borrowed(_)));
    }

    #[test]
    fn scope_follows_from_the_point() {
        for (point, scope) in [
            (Point::Connect, Scope::Session),
            (Point::MailCommand, Scope::Message),
            (Point::RcptToCommand, Scope::Recipient),
            (Point::EndOfData, Scope::Message),
            (Point::ResolvedMessage, Scope::Message),
            (Point::DeliverMailItem, Scope::Recipient),
        ] {
            assert_eq!(Scope::of(point), scope, "{point:?}");
        }
    }
}
