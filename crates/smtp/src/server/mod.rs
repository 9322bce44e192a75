//! The server's side of one SMTP session, without socket, clock or decisions.
//!
//! May touch: nothing (pure).
//! Standards: RFC 5321 §3, §4; RFC 2920 §3.2; RFC 3030; RFC 3207 §4; RFC 4954 §4.
//!
//! A driver's loop:
//! ```text
//! session.greet();
//! loop {
//!     while let Some(request) = session.feed(&mut input) {
//!         decide; session.reply(…) or session.reply_default();
//!         if session.must_flush() { write session.take_output() }
//!     }
//!     write session.take_output();
//!     if session.wants_tls() { handshake; session.tls_started(&mut input) }
//!     if session.is_closed() { break }
//!     read into input, at end of stream break
//! }
//! ```
//! One request is answered before the next is given, so replies keep the order of a pipelined group, and output
//! gathers until the input is used up, so a group is answered in one write.

mod auth;
mod commands;
mod content;
mod params;
mod receive;
mod request;

use std::borrow::Cow;

use bytes::{Buf, BytesMut};
use mail::ReversePath;
use memchr::memchr;

use self::auth::{Exchange, Turn};
pub use self::content::Fault;
pub(crate) use self::content::{Content, Framing};
pub use self::params::{AuthOffer, Capabilities, Params, SizeKeyword, default_banner};
pub use self::request::{
    Credentials, Mail, Mechanism, Message, Rcpt, Refusal, RefusalCause, Request, SentBy,
};
use crate::command::{Body, CommandError};
use crate::limits::{
    AUTH_LINE_BYTES_MAX, COMMAND_LINE_BYTES_MAX, Limits, OUTPUT_BYTES_MAX, SKIPPED_LINE_BYTES_MAX,
};
use crate::replies;
use crate::reply::{Reply, ReplyClass};
use crate::security::Security;

/// How the session reads what comes next.
#[derive(Debug)]
enum Mode {
    /// Command lines.
    Command,
    /// The rest of an over-long command line.
    SkipLine { skipped: usize, reply: Reply },
    /// Responses of an AUTH exchange.
    Auth(Exchange),
    /// The message after DATA.
    Data(Content),
    /// Octets of a chunk into `Transaction::chunks`.
    Chunk { rest: u64, octets: u64, last: bool },
    /// Octets of a refused chunk.
    SkipChunk { rest: u64, refusal: Refusal },
    /// The handshake after STARTTLS.
    Handshake,
    /// Nothing more.
    Closed,
}

/// The request that waits for its reply.
#[derive(Debug)]
enum Pending {
    Hello(Hello),
    StartTls,
    Auth,
    Mail(Transaction),
    Rcpt,
    Data,
    Chunk { octets: u64 },
    Message,
    Rset,
    Noop,
    Help,
    Vrfy,
    Quit,
    Refused { refusal: Refusal },
}

/// How the client introduced itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hello {
    /// HELO.
    Helo,
    /// EHLO.
    Ehlo,
}

/// Why the session was closed by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CloseCause {
    /// QUIT.
    Quit,
    /// A 421 of the driver.
    Driver,
    /// MaxProtocolErrors.
    ProtocolErrors,
    /// MaxLogonFailures.
    LogonFailures,
    /// A header section over MaxHeaderSize.
    HeaderSize,
    /// Refused octets without an end.
    Flood,
    /// A BDAT whose size cannot be read: what follows could be content or commands.
    ChunkSize,
}

/// A mail transaction: from an accepted MAIL to its end.
#[derive(Debug, Default)]
struct Transaction {
    body: Body,
    smtputf8: bool,
    size: Option<u64>,
    recipients: usize,
    /// RCPTs refused, by us or by the driver.
    refused: usize,
    /// The message so far, where it comes by BDAT.
    chunks: Option<Content>,
    /// A chunk was refused; only RSET helps.
    failed: bool,
}

/// The server's side of one session.
#[derive(Debug)]
pub struct ServerSession {
    params: Params,
    security: Security,
    hello: Option<Hello>,
    authenticated: bool,
    mode: Mode,
    pending: Option<Pending>,
    transaction: Option<Transaction>,
    /// MAIL was refused and nothing but its pipelined tail has come since.
    mail_refused: bool,
    output: BytesMut,
    line: Vec<u8>,
    /// Octets of the input known to hold no LF.
    scanned: usize,
    protocol_errors: u32,
    logon_failures: u32,
    close_cause: Option<CloseCause>,
    abandoned: Option<Reply>,
    /// An AUTH came and was not accepted, and no other command since: what comes may be what it would have asked for.
    auth_left: bool,
}

impl ServerSession {
    /// A session before its greeting.
    pub fn new(params: Params) -> ServerSession {
        ServerSession {
            security: params.security,
            params,
            hello: None,
            authenticated: false,
            mode: Mode::Command,
            pending: None,
            transaction: None,
            mail_refused: false,
            output: BytesMut::new(),
            line: Vec::new(),
            scanned: 0,
            protocol_errors: 0,
            logon_failures: 0,
            close_cause: None,
            abandoned: None,
            auth_left: false,
        }
    }

    /// Puts the greeting, `220` and the banner, into the output.
    pub fn greet(&mut self) {
        Reply::new(220, None, self.params.banner.clone()).write_to(&mut self.output);
    }

    /// Takes octets from the front of `input` up to the next request.
    ///
    /// `None` where more octets are needed, the last request has no reply yet, TLS is due or the session is closed.
    /// Octets that are not taken must be at the front of `input` again at the next call.
    pub fn feed(&mut self, input: &mut BytesMut) -> Option<Request> {
        loop {
            if self.pending.is_some() {
                return None;
            }
            let request = match &self.mode {
                Mode::Command => {
                    let limit = self.line_limit(input);
                    match self.take_line(input, limit, replies::LINE_TOO_LONG)? {
                        Line::Whole => self.command(input),
                        Line::TooLong(refusal) => {
                            self.hide_what_auth_left();
                            Some(self.refuse(refusal))
                        }
                        Line::Skipping => {
                            self.hide_what_auth_left();
                            None
                        }
                    }
                }
                Mode::Auth(_) => {
                    match self.take_line(input, AUTH_LINE_BYTES_MAX, replies::AUTH_LINE_TOO_LONG)? {
                        Line::Whole => self.auth_response(),
                        Line::TooLong(refusal) => {
                            self.hide_line();
                            self.mode = Mode::Command;
                            Some(self.refuse(refusal))
                        }
                        Line::Skipping => {
                            self.hide_line();
                            None
                        }
                    }
                }
                Mode::SkipLine { .. } => self.skip_line(input)?,
                Mode::Data(_) => Some(self.receive_data(input)?),
                Mode::Chunk { .. } => Some(self.receive_chunk(input)?),
                Mode::SkipChunk { .. } => Some(self.skip_chunk(input)?),
                Mode::Handshake | Mode::Closed => {
                    input.clear();
                    return None;
                }
            };
            if request.is_some() {
                return request;
            }
        }
    }

    /// Answers the last request and moves the session on by the class of the reply.
    ///
    /// A 421 closes the session whatever it answers. Without a request that waits, the reply is only written: so a
    /// driver ends an idle session with [`replies::TIMED_OUT`] or [`replies::NOT_AVAILABLE`].
    pub fn reply(&mut self, reply: Reply) {
        if self.is_closed() {
            return;
        }
        reply.write_to(&mut self.output);
        if reply.code() == 421 {
            self.close(CloseCause::Driver);
        } else if let Some(pending) = self.pending.take() {
            self.settle(pending, &reply);
        }
    }

    /// Answers the last request in the standard way: yes to what the session accepts, the refusal's own reply else.
    pub fn reply_default(&mut self) {
        let reply = match &self.pending {
            None => return,
            Some(Pending::Hello(Hello::Ehlo)) => params::ehlo_reply(&self.params, self.security),
            Some(Pending::Hello(Hello::Helo)) => params::helo_reply(&self.params),
            Some(Pending::StartTls) => replies::READY_FOR_TLS,
            Some(Pending::Auth) => replies::AUTHENTICATED,
            Some(Pending::Mail(_)) => replies::SENDER_OK,
            Some(Pending::Rcpt) => replies::RECIPIENT_OK,
            Some(Pending::Data) => replies::START_MAIL_INPUT,
            Some(Pending::Chunk { octets }) => replies::chunk_received(*octets),
            // Only the driver knows whether a message is safe.
            Some(Pending::Message) => replies::TEMPORARY_FAILURE,
            Some(Pending::Rset) => replies::RESETTING,
            Some(Pending::Noop) => replies::OK,
            Some(Pending::Help) => replies::HELP,
            Some(Pending::Vrfy) => replies::CANNOT_VERIFY,
            Some(Pending::Quit) => replies::CLOSING,
            Some(Pending::Refused { refusal }) => refusal.reply.clone(),
        };
        self.reply(reply);
    }

    /// Gives up the message that is coming in: what is held is dropped, the rest is skipped to stay in step, and
    /// the end is refused with `reply`. For a driver whose memory for messages is used up.
    pub fn abandon_message(&mut self, reply: Reply) {
        let content = match &mut self.mode {
            Mode::Data(content) => Some(content),
            _ => self.transaction.as_mut().and_then(|transaction| transaction.chunks.as_mut()),
        };
        if let Some(content) = content {
            content.fail(Fault::TooLarge);
            self.abandoned = Some(reply);
        }
    }

    /// The TLS handshake is done: everything said before is forgotten, RFC 3207 §4.2, `input` included.
    pub fn tls_started(&mut self, input: &mut BytesMut) {
        input.clear();
        self.scanned = 0;
        self.security = Security::Tls;
        self.hello = None;
        self.authenticated = false;
        self.transaction = None;
        self.mail_refused = false;
        if !self.is_closed() {
            self.mode = Mode::Command;
        }
    }

    /// What is to be written to the client, in order.
    pub fn take_output(&mut self) -> BytesMut {
        self.output.split()
    }

    /// Whether so much output has gathered that it must be written before more is fed.
    pub fn must_flush(&self) -> bool {
        self.output.len() >= OUTPUT_BYTES_MAX
    }

    /// Whether the handshake is due, once the output is written.
    pub fn wants_tls(&self) -> bool {
        matches!(self.mode, Mode::Handshake)
    }

    /// Whether the connection is to be closed, once the output is written.
    pub fn is_closed(&self) -> bool {
        matches!(self.mode, Mode::Closed)
    }

    /// Why the session closed itself.
    pub fn close_cause(&self) -> Option<CloseCause> {
        self.close_cause
    }

    /// Whether a message is coming in: what a service that is being stopped still waits for.
    pub fn is_receiving(&self) -> bool {
        let chunks = self.transaction.as_ref().is_some_and(|transaction| transaction.chunks.is_some());
        chunks || matches!(self.mode, Mode::Data(_)) || matches!(self.pending, Some(Pending::Message))
    }

    /// Octets of an unfinished message that the session holds in memory.
    pub fn held_bytes(&self) -> usize {
        match &self.mode {
            Mode::Data(content) => content.held(),
            _ => {
                let transaction = self.transaction.as_ref();
                transaction.and_then(|transaction| transaction.chunks.as_ref()).map_or(0, Content::held)
            }
        }
    }

    /// Plaintext or TLS.
    pub fn security(&self) -> Security {
        self.security
    }

    /// How the client introduced itself, once accepted.
    pub fn hello(&self) -> Option<Hello> {
        self.hello
    }

    /// Whether an AUTH was accepted.
    pub fn is_authenticated(&self) -> bool {
        self.authenticated
    }

    /// Whether a MAIL is accepted and its transaction open.
    pub fn in_transaction(&self) -> bool {
        self.transaction.is_some()
    }

    /// Recipients accepted in the open transaction.
    pub fn recipients(&self) -> usize {
        self.transaction.as_ref().map_or(0, |transaction| transaction.recipients)
    }

    /// The bounds, to change where a logon changes them; they hold from the next command on.
    pub fn limits_mut(&mut self) -> &mut Limits {
        &mut self.params.limits
    }

    /// The extensions, to change what the next EHLO shows.
    pub fn capabilities_mut(&mut self) -> &mut Capabilities {
        &mut self.params.capabilities
    }

    /// The last command line for a protocol log, without its CRLF; credentials are not shown.
    pub fn last_line(&self) -> Cow<'_, str> {
        let line = self.line.strip_suffix(b"\n").unwrap_or(&self.line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if is_auth(line.trim_ascii_start()) {
            let words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
            let shown = words.take(2).collect::<Vec<_>>().join(&b' ');
            return Cow::Owned(format!("{} <credentials>", String::from_utf8_lossy(&shown)));
        }
        String::from_utf8_lossy(line)
    }

    /// Puts a refusal before the driver.
    fn refuse(&mut self, refusal: Refusal) -> Request {
        self.pending = Some(Pending::Refused { refusal: refusal.clone() });
        Request::Refused(refusal)
    }

    /// Moves the session on after the reply to a request.
    fn settle(&mut self, pending: Pending, reply: &Reply) {
        let success = reply.is_success();
        match pending {
            Pending::Hello(hello) if success => {
                self.hello = Some(hello);
                self.transaction = None;
            }
            Pending::StartTls if success => self.mode = Mode::Handshake,
            Pending::Auth if success => {
                self.authenticated = true;
                self.auth_left = false;
            }
            Pending::Auth if reply.code() == 535 => {
                self.logon_failures = self.logon_failures.saturating_add(1);
                self.close_at(
                    self.logon_failures,
                    self.params.limits.logon_failures_max,
                    CloseCause::LogonFailures,
                );
            }
            Pending::Mail(transaction) => {
                self.mail_refused = !success;
                self.transaction = if success { Some(transaction) } else { None };
            }
            Pending::Rcpt => self.count_recipient(success),
            Pending::Data if reply.class() == ReplyClass::Intermediate => self.start_data(),
            Pending::Chunk { .. } if !success => self.fail_chunks(),
            Pending::Message => self.transaction = None,
            Pending::Quit if success => self.close(CloseCause::Quit),
            Pending::Refused { refusal } => self.settle_refusal(refusal.cause),
            // The rest changes nothing: a hello, STARTTLS or DATA refused, RSET, NOOP, HELP, VRFY.
            _ => {}
        }
    }

    fn settle_refusal(&mut self, cause: RefusalCause) {
        match cause {
            RefusalCause::Content(Fault::HeaderTooLarge) => self.close(CloseCause::HeaderSize),
            RefusalCause::Command(CommandError::ChunkSize) => self.close(CloseCause::ChunkSize),
            RefusalCause::RecipientCount
            | RefusalCause::NonAscii
            | RefusalCause::Command(CommandError::ForwardPath) => self.count_recipient(false),
            RefusalCause::DeclaredSize
            | RefusalCause::Command(CommandError::ReversePath | CommandError::NonAscii) => {
                self.mail_refused = self.transaction.is_none();
            }
            _ => {}
        }
        if cause.is_protocol_error() {
            self.protocol_errors = self.protocol_errors.saturating_add(1);
            let max = self.params.limits.protocol_errors_max;
            self.close_at(self.protocol_errors, max, CloseCause::ProtocolErrors);
        }
    }

    fn count_recipient(&mut self, accepted: bool) {
        if let Some(transaction) = &mut self.transaction {
            let count = if accepted { &mut transaction.recipients } else { &mut transaction.refused };
            *count = count.saturating_add(1);
        }
    }

    /// Says 421 and closes where a count has reached its bound.
    fn close_at(&mut self, count: u32, max: u32, cause: CloseCause) {
        if max != 0 && count >= max && !self.is_closed() {
            replies::TOO_MANY_ERRORS.write_to(&mut self.output);
            self.close(cause);
        }
    }

    fn close(&mut self, cause: CloseCause) {
        self.close_cause.get_or_insert(cause);
        self.mode = Mode::Closed;
        self.transaction = None;
        self.pending = None;
    }

    /// The bound of the line that comes: longer for AUTH, whose initial response is part of it.
    fn line_limit(&self, input: &BytesMut) -> usize {
        if is_auth(input) { AUTH_LINE_BYTES_MAX } else { COMMAND_LINE_BYTES_MAX }
    }

    /// Moves the next line with its LF into `self.line`; `None` where it is not all there yet.
    fn take_line(&mut self, input: &mut BytesMut, limit: usize, too_long: Reply) -> Option<Line> {
        let unread = input.get(self.scanned..).unwrap_or_default();
        match memchr(b'\n', unread) {
            Some(found) => {
                let length = self.scanned.saturating_add(found).saturating_add(1);
                self.scanned = 0;
                self.line.clear();
                let shown = input.get(..length.min(limit)).unwrap_or_default();
                self.line.extend_from_slice(shown);
                input.advance(length);
                if length > limit {
                    return Some(Line::TooLong(Refusal::new(too_long, RefusalCause::LineTooLong)));
                }
                Some(Line::Whole)
            }
            None if input.len() > limit => {
                self.line.clear();
                self.line.extend_from_slice(input.get(..limit).unwrap_or_default());
                self.scanned = 0;
                let skipped = input.len();
                input.clear();
                self.mode = Mode::SkipLine { skipped, reply: too_long };
                Some(Line::Skipping)
            }
            None => {
                self.scanned = input.len();
                None
            }
        }
    }

    /// Skips an over-long line up to its LF. `None` where more octets are needed.
    fn skip_line(&mut self, input: &mut BytesMut) -> Option<Option<Request>> {
        let Mode::SkipLine { skipped, reply } = &mut self.mode else { return Some(None) };
        if let Some(found) = memchr(b'\n', input) {
            input.advance(found + 1);
            let refusal = Refusal::new(reply.clone(), RefusalCause::LineTooLong);
            self.mode = Mode::Command;
            return Some(Some(self.refuse(refusal)));
        }
        *skipped = skipped.saturating_add(input.len());
        let flood = *skipped > SKIPPED_LINE_BYTES_MAX;
        input.clear();
        if flood {
            replies::TOO_MUCH_INPUT.write_to(&mut self.output);
            self.close(CloseCause::Flood);
        }
        None
    }

    /// Goes on with an AUTH exchange.
    fn auth_turn(&mut self, turn: Turn) -> Option<Request> {
        self.mode = Mode::Command;
        match turn {
            Turn::Prompt(prompt, exchange) => {
                self.output.extend_from_slice(b"334 ");
                self.output.extend_from_slice(prompt.as_bytes());
                self.output.extend_from_slice(b"\r\n");
                self.mode = Mode::Auth(exchange);
                None
            }
            Turn::Complete(credentials) => {
                self.pending = Some(Pending::Auth);
                Some(Request::Auth(credentials))
            }
            Turn::Cancelled => {
                Some(self.refuse(Refusal::new(replies::AUTHENTICATION_CANCELLED, RefusalCause::Exchange)))
            }
            Turn::Malformed => {
                Some(self.refuse(Refusal::new(replies::CANNOT_DECODE, RefusalCause::Exchange)))
            }
        }
    }

    fn auth_response(&mut self) -> Option<Request> {
        let Mode::Auth(exchange) = std::mem::replace(&mut self.mode, Mode::Command) else { return None };
        let turn = match self.line.strip_suffix(b"\r\n") {
            Some(response) => auth::respond(exchange, response),
            None => Turn::Malformed,
        };
        self.hide_line();
        self.auth_turn(turn)
    }

    /// A response of AUTH is a secret; the log shows only that there was one.
    fn hide_line(&mut self) {
        self.line.clear();
        self.line.extend_from_slice(b"<credentials>");
    }
}

/// What [`ServerSession::take_line`] found.
enum Line {
    Whole,
    TooLong(Refusal),
    Skipping,
}

fn is_auth(line: &[u8]) -> bool {
    line.get(..4).is_some_and(|verb| verb.eq_ignore_ascii_case(b"AUTH"))
}

impl Refusal {
    fn new(reply: Reply, cause: RefusalCause) -> Refusal {
        Refusal { reply, cause, address: None }
    }

    fn about(mut self, path: &ReversePath) -> Refusal {
        self.address = Some(path.as_trace().to_string());
        self
    }
}

#[cfg(test)]
mod tests;
