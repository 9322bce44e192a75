//! What was said and done while a Send connector is tried, line by line with its time.
//!
//! May touch: clock.

use std::net::SocketAddr;
use std::time::Duration;

use parking_lot::Mutex;
use smtp::client::{RecipientOutcome, SendStep, Written};
use world::{Clock, TlsInfo};

use super::super::hosts::Host;

/// Lines kept of one trial; a host that talks without end is cut.
const LINES_MAX: usize = 2_000;
/// Octets kept of one line.
const LINE_OCTETS_MAX: usize = 2_000;

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::send) struct Line {
    /// Since the trial began.
    pub(super) at: Duration,
    pub(super) said: Said,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::send) enum Said {
    /// A host is looked for.
    Looking,
    /// The host, or why there is none.
    Found(Result<Host, String>),
    /// A connection is begun.
    Connecting(Host),
    /// It is there: our end of it.
    Connected(SocketAddr),
    /// It is not.
    NotConnected(String),
    /// A command.
    Sent(String),
    /// A part of AUTH, which is not kept.
    Credentials,
    /// The message.
    Content(usize),
    /// A line of a reply.
    Received(String),
    /// A TLS handshake begins.
    Handshake,
    /// What was agreed, and what was asked of the certificate.
    Secured(Box<TlsInfo>),
    /// Why there is no TLS.
    NotSecured(String),
    /// The session cannot go on.
    Failed {
        /// Where.
        step: SendStep,
        /// Why.
        why: String,
    },
}

/// The lines so far. Connections write into it; it is read when the trial is over.
#[derive(Debug)]
pub(in crate::send) struct Transcript {
    clock: Clock,
    began: Duration,
    lines: Mutex<Vec<Line>>,
}

impl Transcript {
    pub(super) fn new(clock: &Clock) -> Self {
        Self { clock: clock.clone(), began: clock.elapsed(), lines: Mutex::default() }
    }

    /// Adds a line with the time it is.
    pub(in crate::send) fn note(&self, said: Said) {
        let at = self.clock.elapsed().saturating_sub(self.began);
        let mut lines = self.lines.lock();
        if lines.len() < LINES_MAX {
            lines.push(Line { at, said });
        }
    }

    /// Adds what was written; credentials leave no more than that they were.
    pub(in crate::send) fn sent(&self, octets: &[u8], kind: Written) {
        match kind {
            Written::Content => self.note(Said::Content(octets.len())),
            Written::Credentials => self.note(Said::Credentials),
            Written::Commands => {
                for line in String::from_utf8_lossy(octets).split_terminator("\r\n") {
                    self.note(Said::Sent(cut(line)));
                }
            }
        }
    }

    /// Adds a line of a reply.
    pub(in crate::send) fn received(&self, line: &str) {
        self.note(Said::Received(cut(line)));
    }

    /// Adds where and why a session, or a recipient, went no further.
    pub(in crate::send) fn failed(&self, outcome: &RecipientOutcome) {
        self.note(Said::Failed { step: outcome.step, why: outcome.to_string() });
    }

    pub(super) fn lines(&self) -> Vec<Line> {
        self.lines.lock().clone()
    }
}

fn cut(line: &str) -> String {
    let mut end = line.len().min(LINE_OCTETS_MAX);
    while !line.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    line.get(..end).unwrap_or_default().to_owned()
}
