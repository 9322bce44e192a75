//! One message on its way to one server: which commands go out, and what each reply decides.
//!
//! May touch: nothing (pure).
//! Standards: RFC 5321 §3.3; RFC 1870 §6; RFC 2920 §3.1; RFC 3030 §2, §4; RFC 3461 §4; RFC 6152 §3; RFC 6531 §3.6.

use std::collections::VecDeque;
use std::fmt::Write;

use bytes::{Bytes, BytesMut};
use mail::{Address, ReversePath};
use memchr::memmem;

use super::features::Features;
use super::outcome::{Cause, Connection, Outcome, OutcomeClass, RecipientOutcome, RemoteId, SendStep};
use super::stuff::DotStuffer;
use crate::command::{Body, Notify, OriginalRecipient, Ret};
use crate::reply::Reply;
use crate::xtext;

/// Most commands sent before their replies are read: bounds what both sides must hold, RFC 2920 §3.1.
const GROUP_COMMANDS_MAX: usize = 100;
/// Octets of the message written at once.
const PIECE_BYTES_MAX: usize = 65_536;

/// A message for one or more recipients at one server.
#[derive(Debug, Clone)]
pub struct Transaction {
    /// The reverse-path.
    pub from: ReversePath,
    /// The recipients, at least one.
    pub recipients: Vec<Recipient>,
    /// What BODY= said when the message came.
    pub body_type: Body,
    /// Whether it came with SMTPUTF8.
    pub smtputf8: bool,
    /// RET=, sent where the server offers DSN.
    pub ret: Option<Ret>,
    /// ENVID= (decoded), sent where the server offers DSN.
    pub envid: Option<String>,
    /// AUTH=, sent in an authenticated session only.
    pub auth: Option<ReversePath>,
    /// The message; by DATA it gets a last CRLF where it has none.
    pub body: Bytes,
}

/// A recipient of a [`Transaction`].
#[derive(Debug, Clone)]
pub struct Recipient {
    /// The address.
    pub address: Address,
    /// NOTIFY=, sent where the server offers DSN.
    pub notify: Option<Notify>,
    /// ORCPT=, sent where the server offers DSN.
    pub orcpt: Option<OriginalRecipient>,
}

/// A command of the transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    Rset,
    Mail,
    Rcpt(usize),
    Data,
    Bdat,
    /// The end of a message that nobody is to get: all RCPTs refused, the pipelined DATA accepted.
    EmptyEnd,
    End,
}

/// How commands are grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grouping {
    /// RFC 2920.
    Pipelined,
    /// One by one.
    LockStep,
}

/// What the server's session allows this transaction.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    pub(super) features: Features,
    pub(super) grouping: Grouping,
    pub(super) authenticated: bool,
    /// The last transaction was left open.
    pub(super) reset_first: bool,
    /// The connection has carried a transaction before.
    pub(super) reused: bool,
}

/// What the session does next for the transaction.
#[derive(Debug)]
pub(super) enum Next {
    /// Write commands.
    Commands(Bytes),
    /// Write a piece of the message.
    Content(Bytes),
    /// Read a reply.
    Read,
    /// Nothing is left to do.
    Finished,
}

/// The message while it is being written.
#[derive(Debug)]
enum Sending {
    Dots(DotStuffer),
    Raw,
}

/// A transaction as it runs.
#[derive(Debug)]
pub(super) struct Run {
    transaction: Transaction,
    terms: Terms,
    results: Vec<Option<RecipientOutcome>>,
    /// Recipients the server took, waiting for the message.
    accepted: Vec<usize>,
    todo: VecDeque<Verb>,
    expected: VecDeque<Verb>,
    sending: Option<Sending>,
    sent: usize,
    remote_id: Option<RemoteId>,
    /// Whether the server still holds an open transaction.
    open: bool,
    heard: bool,
    closed: bool,
}

impl Run {
    /// Decides what the server cannot take at all and lines up the commands for the rest.
    pub(super) fn new(transaction: Transaction, terms: Terms) -> Run {
        let results = (0..transaction.recipients.len()).map(|_| None).collect();
        let mut run = Run {
            transaction,
            terms,
            results,
            accepted: Vec::new(),
            todo: VecDeque::new(),
            expected: VecDeque::new(),
            sending: None,
            sent: 0,
            remote_id: None,
            open: terms.reset_first,
            heard: false,
            closed: false,
        };
        run.refuse_impossible();
        run.plan();
        run
    }

    /// RFC 3030 §4, RFC 6531 §3.6, RFC 1870 §6.2: what must not even be tried.
    fn refuse_impossible(&mut self) {
        let features = self.terms.features;
        let transaction = &self.transaction;
        let from = match &transaction.from {
            ReversePath::Null => "",
            ReversePath::Address(address) => address.as_str(),
        };
        let size = u64::try_from(transaction.body.len()).unwrap_or(u64::MAX);
        let cause = if !is_writable(from) {
            Some(Cause::BadAddress)
        } else if transaction.body_type == Body::BinaryMime && !(features.binary_mime && features.chunking) {
            Some(Cause::NeedsBinaryMime)
        } else if !features.smtputf8
            && (!from.is_ascii() || (transaction.smtputf8 && !header_is_ascii(&transaction.body)))
        {
            Some(Cause::NeedsSmtpUtf8)
        } else if features.size_limit().is_some_and(|limit| size > limit) {
            Some(Cause::TooLarge)
        } else {
            None
        };
        for (recipient, result) in transaction.recipients.iter().zip(&mut self.results) {
            let own = if !is_writable(recipient.address.as_str()) {
                Some(Cause::BadAddress)
            } else if !recipient.address.is_ascii() && !features.smtputf8 {
                Some(Cause::NeedsSmtpUtf8)
            } else {
                None
            };
            *result = cause.or(own).map(|cause| RecipientOutcome::by_cause(SendStep::Mail, cause));
        }
    }

    fn plan(&mut self) {
        let open = self.results.iter().enumerate().filter(|(_, result)| result.is_none());
        let recipients: Vec<Verb> = open.map(|(index, _)| Verb::Rcpt(index)).collect();
        if recipients.is_empty() {
            return;
        }
        if self.terms.reset_first {
            self.todo.push_back(Verb::Rset);
        }
        self.todo.push_back(Verb::Mail);
        self.todo.extend(recipients);
        // RFC 3030 §3: a binary message goes by BDAT, never by DATA.
        let binary = self.transaction.body_type == Body::BinaryMime;
        self.todo.push_back(if binary { Verb::Bdat } else { Verb::Data });
    }

    /// What to do next.
    pub(super) fn next(&mut self) -> Next {
        if self.closed {
            return Next::Finished;
        }
        if self.sending.is_some() {
            return Next::Content(self.piece());
        }
        if !self.expected.is_empty() {
            return Next::Read;
        }
        let commands = self.group();
        if commands.is_empty() { Next::Finished } else { Next::Commands(commands) }
    }

    /// The commands that may go out together; empty where none are left.
    fn group(&mut self) -> Bytes {
        let most = match self.terms.grouping {
            Grouping::Pipelined => GROUP_COMMANDS_MAX,
            Grouping::LockStep => 1,
        };
        let mut commands = String::new();
        while self.expected.len() < most
            && let Some(verb) = self.todo.pop_front()
        {
            match verb {
                // With no recipient accepted and none in flight there is nothing to send it for.
                Verb::Data | Verb::Bdat if self.expected.is_empty() && self.accepted.is_empty() => continue,
                // The octets of a chunk follow at once, so we wait until a recipient is sure.
                Verb::Bdat if !self.expected.is_empty() => {
                    self.todo.push_front(verb);
                    break;
                }
                Verb::Bdat => {
                    // Writing to a String cannot fail.
                    let _ = write!(commands, "BDAT {} LAST\r\n", self.transaction.body.len());
                    self.sending = Some(Sending::Raw);
                    break;
                }
                Verb::Rset => commands.push_str("RSET\r\n"),
                Verb::Mail => self.write_mail(&mut commands),
                Verb::Rcpt(index) => self.write_rcpt(index, &mut commands),
                Verb::Data => commands.push_str("DATA\r\n"),
                Verb::EmptyEnd => commands.push_str(".\r\n"),
                Verb::End => {}
            }
            self.expected.push_back(verb);
        }
        Bytes::from(commands)
    }

    fn write_mail(&self, out: &mut String) {
        let (features, transaction) = (self.terms.features, &self.transaction);
        out.push_str("MAIL FROM:<");
        if let ReversePath::Address(address) = &transaction.from {
            out.push_str(address.as_str());
        }
        out.push('>');
        // Writing to a String cannot fail.
        if features.size.is_some() {
            let _ = write!(out, " SIZE={}", transaction.body.len());
        }
        match transaction.body_type {
            Body::EightBitMime if features.eight_bit_mime => out.push_str(" BODY=8BITMIME"),
            Body::BinaryMime => out.push_str(" BODY=BINARYMIME"),
            // Without the extension 8-bit text is sent as it is: every server in use takes it.
            Body::SevenBit | Body::EightBitMime => {}
        }
        if features.smtputf8 && self.wants_smtputf8() {
            out.push_str(" SMTPUTF8");
        }
        if features.dsn {
            if let Some(ret) = transaction.ret {
                let _ = write!(out, " RET={ret}");
            }
            if let Some(envid) = &transaction.envid {
                let _ = write!(out, " ENVID={}", xtext::encode(envid));
            }
        }
        if self.terms.authenticated
            && let Some(auth) = &transaction.auth
        {
            let submitter = match auth {
                ReversePath::Null => "<>".to_owned(),
                ReversePath::Address(address) => xtext::encode(address.as_str()),
            };
            let _ = write!(out, " AUTH={submitter}");
        }
        out.push_str("\r\n");
    }

    fn wants_smtputf8(&self) -> bool {
        let addresses = self.transaction.recipients.iter().map(|recipient| &recipient.address);
        let from = match &self.transaction.from {
            ReversePath::Null => None,
            ReversePath::Address(address) => Some(address),
        };
        self.transaction.smtputf8 || addresses.chain(from).any(|address| !address.is_ascii())
    }

    fn write_rcpt(&self, index: usize, out: &mut String) {
        let Some(recipient) = self.transaction.recipients.get(index) else { return };
        out.push_str("RCPT TO:<");
        out.push_str(recipient.address.as_str());
        out.push('>');
        if self.terms.features.dsn {
            // Writing to a String cannot fail.
            if let Some(notify) = recipient.notify {
                let _ = write!(out, " NOTIFY={notify}");
            }
            if let Some(orcpt) = &recipient.orcpt {
                let _ = write!(out, " ORCPT={orcpt}");
            }
        }
        out.push_str("\r\n");
    }

    /// The next piece of the message; the last one ends it.
    fn piece(&mut self) -> Bytes {
        let body = &self.transaction.body;
        let to = self.sent.saturating_add(PIECE_BYTES_MAX).min(body.len());
        // `sent` never passes the end of the body, so the range is in bounds.
        let piece = body.slice(self.sent..to);
        self.sent = to;
        let last = to == body.len();
        let written = match &mut self.sending {
            Some(Sending::Dots(stuffer)) => {
                let mut out = BytesMut::new();
                stuffer.push(&piece, &mut out);
                if last {
                    stuffer.finish(&mut out);
                }
                out.freeze()
            }
            Some(Sending::Raw) | None => piece,
        };
        if last {
            self.sending = None;
            self.expected.push_back(Verb::End);
        }
        written
    }

    /// The step whose reply is awaited.
    pub(super) fn step(&self) -> SendStep {
        if self.sending.is_some() {
            return SendStep::EndOfData;
        }
        match self.expected.front().or(self.todo.front()) {
            Some(Verb::Rset | Verb::Mail) | None => SendStep::Mail,
            Some(Verb::Rcpt(_)) => SendStep::Rcpt,
            Some(Verb::Data) => SendStep::Data,
            Some(Verb::Bdat | Verb::End | Verb::EmptyEnd) => SendStep::EndOfData,
        }
    }

    /// Takes the reply to the first command that waits for one.
    pub(super) fn on_reply(&mut self, reply: Reply) {
        let step = self.step();
        let first = !std::mem::replace(&mut self.heard, true);
        let verb = self.expected.pop_front();
        // RFC 5321 §3.8: 421 may answer any command, and ends the session.
        if reply.code() == 421 {
            self.heard = !first || !self.terms.reused;
            self.settle_all(&RecipientOutcome::by_reply(step, reply));
            self.closed = true;
            return;
        }
        match verb {
            Some(Verb::Mail) if reply.is_success() => self.open = true,
            Some(Verb::Mail) => {
                self.open = false;
                self.todo.clear();
                self.settle_all(&RecipientOutcome::by_reply(SendStep::Mail, reply));
            }
            Some(Verb::Rcpt(index)) => self.on_recipient(index, reply),
            Some(Verb::Data) => self.on_data(reply),
            Some(Verb::End) => {
                self.open = false;
                let outcome = RecipientOutcome::by_reply(SendStep::EndOfData, reply);
                if let (OutcomeClass::Success, Some(reply)) = (outcome.class, &outcome.reply) {
                    self.remote_id = RemoteId::find(reply);
                }
                self.settle_accepted(&outcome);
            }
            Some(Verb::EmptyEnd) => self.open = false,
            // A server that refuses RSET will show at MAIL what it thinks.
            Some(Verb::Rset | Verb::Bdat) | None => {}
        }
    }

    fn on_recipient(&mut self, index: usize, reply: Reply) {
        match self.results.get_mut(index) {
            // MAIL was refused: that already decided.
            Some(Some(_)) | None => {}
            Some(None) if reply.is_success() => self.accepted.push(index),
            Some(result) => *result = Some(RecipientOutcome::by_reply(SendStep::Rcpt, reply)),
        }
    }

    fn on_data(&mut self, reply: Reply) {
        if reply.code() != 354 {
            // A success without a message is none.
            let outcome = if reply.is_success() {
                self.closed = true;
                RecipientOutcome::by_cause(SendStep::Data, Cause::ProtocolViolation)
            } else {
                RecipientOutcome::by_reply(SendStep::Data, reply)
            };
            self.settle_accepted(&outcome);
        } else if self.accepted.is_empty() {
            // RFC 2920 §3.1: nobody is left, so an empty message ends what the server let us begin.
            self.todo.push_back(Verb::EmptyEnd);
        } else {
            self.sending = Some(Sending::Dots(DotStuffer::default()));
        }
    }

    fn settle_accepted(&mut self, outcome: &RecipientOutcome) {
        for index in self.accepted.drain(..) {
            if let Some(result) = self.results.get_mut(index) {
                *result = Some(outcome.clone());
            }
        }
    }

    fn settle_all(&mut self, outcome: &RecipientOutcome) {
        self.accepted.clear();
        for result in self.results.iter_mut().filter(|result| result.is_none()) {
            *result = Some(outcome.clone());
        }
    }

    /// The connection is gone, or of no use.
    pub(super) fn fail(&mut self, cause: Cause) {
        let step = self.step();
        self.settle_all(&RecipientOutcome::by_cause(step, cause));
        self.closed = true;
    }

    /// Whether a reply may still be found in what was read before the connection was lost.
    pub(super) fn stop_sending(&mut self) {
        if self.sending.take().is_some() {
            self.expected.push_back(Verb::End);
        }
    }

    /// Whether the next transaction must begin with RSET.
    pub(super) fn leaves_open(&self) -> bool {
        self.open
    }

    /// What came of it.
    pub(super) fn outcome(self) -> Outcome {
        let stale = self.closed && self.terms.reused && !self.heard;
        let undecided = RecipientOutcome::by_cause(SendStep::Mail, Cause::ProtocolViolation);
        let recipients = self.results.into_iter().map(|result| result.unwrap_or_else(|| undecided.clone()));
        Outcome {
            recipients: recipients.collect(),
            remote_id: self.remote_id,
            connection: if self.closed { Connection::Closed } else { Connection::Reusable },
            stale,
        }
    }
}

/// Whether an address can stand in a command: a control character would begin another one.
fn is_writable(address: &str) -> bool {
    !address.bytes().any(|byte| byte.is_ascii_control())
}

fn header_is_ascii(body: &[u8]) -> bool {
    let end = memmem::find(body, b"\r\n\r\n").unwrap_or(body.len());
    body.get(..end).unwrap_or_default().is_ascii()
}
