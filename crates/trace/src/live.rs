//! A row that waits, as its queue has it now: events say what happened, not that an administrator holds it or when a
//! queue tries again.
//!
//! May touch: nothing (pure; the caller asks the queues).

use jiff::Timestamp;

use crate::search::TraceRow;
use crate::status::{Status, SubStatus, waiting_in_words};

/// What an administrator has suspended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The cmdlet that lets it go on, as it is typed: `Resume-Queue 'mx1\3'`.
    pub resume: String,
    /// `queue mx1\3`, or `the message`.
    pub what: String,
    /// When it was suspended and by whom, where the audit log still knows.
    pub since: Option<(Timestamp, String)>,
}

/// How a recipient waits now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The queue's identity.
    pub queue: String,
    /// What holds it.
    pub held: Option<Held>,
    /// When the next attempt is due.
    pub next_retry: Option<Timestamp>,
    /// Attempts made.
    pub attempts: u32,
    /// Why it waits.
    pub last_error: Option<String>,
}

impl Held {
    /// As a sentence: `Held by an administrator since 2026-11-20T09:03:11Z (kim@contoso.example): queue mx1\3 is suspended.`
    pub fn in_words(&self) -> String {
        let since =
            self.since.as_ref().map(|(at, who)| format!(" since {at:.0} ({who})")).unwrap_or_default();
        format!("Held by an administrator{since}: {} is suspended", self.what)
    }
}

impl TraceRow {
    /// Whether it stands for an attempt that was refused, and not for a message.
    pub fn is_refusal(&self) -> bool {
        matches!(self.row.sub_status, Some(SubStatus::Refused | SubStatus::RefusedTemporary))
    }

    /// Whether the row may stand for something in a queue of this server.
    pub fn may_wait(&self) -> bool {
        let gone = matches!(
            self.row.sub_status,
            Some(
                SubStatus::InTransit
                    | SubStatus::NotSeenThereYet
                    | SubStatus::NeverSeenHere
                    | SubStatus::Poison
            )
        );
        !self.status.is_end() && !gone
    }

    /// Takes what the queue says; its status stays.
    pub fn set_waiting(&mut self, waiting: &Waiting) {
        let row = &mut self.row;
        row.next_retry = waiting.next_retry;
        if waiting.attempts > 0 {
            // A queue counts anew when the server starts; the attempts recorded before were made all the same.
            row.attempts = row.attempts.max(Some(waiting.attempts));
        }
        if let Some(error) = &waiting.last_error {
            // The queue's error may be newer than the last reply this recipient got.
            if row.remote_reply.as_deref().is_some_and(|reply| !error.contains(reply)) {
                row.remote_reply = None;
            }
            row.last_reply = Some(error.clone());
        }
        if waiting.held.is_some() {
            row.sub_status = Some(SubStatus::Suspended);
        } else if waiting.last_error.is_some() && row.status == Status::Pending {
            row.sub_status = Some(SubStatus::Deferred);
        }
        let words = match &waiting.held {
            Some(held) => format!("{}; {}", held.in_words(), held.resume),
            None => waiting_in_words(row),
        };
        row.detail = Some(words.clone());
        self.detail = Some(words);
    }
}
