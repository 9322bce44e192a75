//! Checks a command against the state of the session and turns it into a request.
//!
//! May touch: nothing (pure).
//! Standards: RFC 5321 §4.1.4; RFC 2920 §3.2; RFC 3207 §4; RFC 4954 §4; RFC 6531 §3.5.

use bytes::BytesMut;
use mail::{Address, ReversePath};

use super::auth;
use super::params::offers_auth;
use super::{
    AuthOffer, Hello, Mail, Mechanism, Pending, Rcpt, Refusal, RefusalCause, Request, ServerSession,
    Transaction, is_auth,
};
use crate::command::{self, Body, Command, CommandError, ForwardPath, MailParams, RcptParams};
use crate::replies;
use crate::reply::Reply;
use crate::security::Security;

impl ServerSession {
    /// Takes the command line in `self.line`. `None` where the session answered by itself (a prompt of AUTH).
    pub(super) fn command(&mut self, input: &mut BytesMut) -> Option<Request> {
        // RFC 5321 §2.3.8: a line ends with CRLF; a LF alone is refused here as it is in a message.
        let parsed = match self.line.strip_suffix(b"\r\n") {
            Some(line) => command::parse(line),
            None => Err(CommandError::BareNewline),
        };
        let is_known = !matches!(parsed, Err(CommandError::Unrecognized | CommandError::BareNewline));
        if is_known && !is_auth(self.line.trim_ascii_start()) {
            self.auth_left = false;
        } else {
            self.hide_what_auth_left();
        }
        match parsed {
            Ok(command) => self.dispatch(command, input),
            Err(error) => Some(self.refuse(Refusal::new(error_reply(error), RefusalCause::Command(error)))),
        }
    }

    /// A client that does not wait for the reply to AUTH sends its user name and password all the same: what is no
    /// command then is not for the log.
    pub(super) fn hide_what_auth_left(&mut self) {
        if is_auth(self.line.trim_ascii_start()) {
            self.auth_left = true;
        } else if self.auth_left {
            self.line.clear();
            self.line.extend_from_slice(b"<not shown>");
        }
    }

    fn dispatch(&mut self, command: Command, input: &mut BytesMut) -> Option<Request> {
        match command {
            Command::Ehlo(domain) => self.ask(Pending::Hello(Hello::Ehlo), Request::Ehlo { domain }),
            Command::Helo(domain) => self.ask(Pending::Hello(Hello::Helo), Request::Helo { domain }),
            Command::StartTls => match self.check_starttls() {
                Ok(()) => {
                    let discarded = input.len();
                    input.clear();
                    self.ask(Pending::StartTls, Request::StartTls { discarded })
                }
                Err(refusal) => Some(self.refuse(refusal)),
            },
            Command::Auth { mechanism, initial } => match self.check_auth(&mechanism) {
                Ok(mechanism) => self.auth_turn(auth::begin(mechanism, initial.as_deref())),
                Err(refusal) => Some(self.refuse(refusal)),
            },
            Command::Mail(from, params) => match self.check_mail(&from, &params) {
                Ok(()) => {
                    let transaction = Transaction {
                        body: params.body,
                        smtputf8: params.smtputf8,
                        size: params.size,
                        ..Transaction::default()
                    };
                    self.ask(Pending::Mail(transaction), Request::Mail(Mail { from, params }))
                }
                Err(refusal) => Some(self.refuse(refusal)),
            },
            Command::Rcpt(path, params) => match self.check_rcpt(path, &params) {
                Ok(to) => self.ask(Pending::Rcpt, Request::Rcpt(Rcpt { to, params })),
                Err(refusal) => Some(self.refuse(refusal)),
            },
            Command::Data => match self.check_data() {
                Ok(()) => self.ask(Pending::Data, Request::DataStart),
                Err(refusal) => Some(self.refuse(refusal)),
            },
            Command::Bdat { octets, last } => {
                self.start_chunk(octets, last);
                None
            }
            Command::Rset => {
                self.transaction = None;
                self.mail_refused = false;
                self.ask(Pending::Rset, Request::Rset)
            }
            Command::Noop => self.ask(Pending::Noop, Request::Noop),
            Command::Help => self.ask(Pending::Help, Request::Help),
            Command::Vrfy(argument) => self.ask(Pending::Vrfy, Request::Vrfy { argument }),
            Command::Quit => self.ask(Pending::Quit, Request::Quit),
        }
    }

    fn ask(&mut self, pending: Pending, request: Request) -> Option<Request> {
        self.pending = Some(pending);
        Some(request)
    }

    fn check_hello(&self) -> Result<(), Refusal> {
        match self.hello {
            Some(_) => Ok(()),
            None => Err(Refusal::new(replies::SEND_HELLO_FIRST, RefusalCause::Sequence)),
        }
    }

    fn check_starttls(&self) -> Result<(), Refusal> {
        if self.security == Security::Tls {
            return Err(Refusal::new(replies::ALREADY_TLS, RefusalCause::Sequence));
        }
        if !self.params.capabilities.starttls {
            return Err(Refusal::new(replies::UNRECOGNIZED_COMMAND, RefusalCause::NotOffered));
        }
        self.check_hello()
    }

    fn check_auth(&self, mechanism: &str) -> Result<Mechanism, Refusal> {
        self.check_hello()?;
        let capabilities = &self.params.capabilities;
        if capabilities.auth == AuthOffer::Never {
            return Err(Refusal::new(replies::UNRECOGNIZED_COMMAND, RefusalCause::NotOffered));
        }
        if self.authenticated {
            return Err(Refusal::new(replies::ALREADY_AUTHENTICATED, RefusalCause::Sequence));
        }
        // RFC 4954 §4: not during a mail transaction.
        if self.transaction.is_some() {
            return Err(Refusal::new(replies::BAD_SEQUENCE, RefusalCause::Sequence));
        }
        let mechanism = match mechanism {
            "PLAIN" => Mechanism::Plain,
            "LOGIN" => Mechanism::Login,
            _ => return Err(Refusal::new(replies::UNRECOGNIZED_MECHANISM, RefusalCause::Mechanism)),
        };
        if !offers_auth(capabilities, self.security) {
            return Err(Refusal::new(replies::ENCRYPTION_REQUIRED, RefusalCause::EncryptionRequired));
        }
        Ok(mechanism)
    }

    fn check_mail(&self, from: &ReversePath, params: &MailParams) -> Result<(), Refusal> {
        self.check_hello()?;
        if self.transaction.is_some() {
            return Err(Refusal::new(replies::SENDER_ALREADY_SPECIFIED, RefusalCause::Sequence));
        }
        let offered = &self.params.capabilities;
        let body_offered = match params.body {
            Body::SevenBit => true,
            Body::EightBitMime => offered.eight_bit_mime,
            Body::BinaryMime => offered.binary_mime && offered.chunking,
        };
        let dsn_offered = offered.dsn || (params.ret.is_none() && params.envid.is_none());
        if !body_offered || !dsn_offered || (params.smtputf8 && !offered.smtputf8) {
            let refusal = Refusal::new(replies::UNRECOGNIZED_PARAMETER, RefusalCause::NotOffered);
            return Err(refusal.about(from));
        }
        // RFC 1870 §6.1: a declared size over the limit is refused here, before the octets come.
        if params.size.is_some_and(|size| size > self.params.limits.message_bytes_max) {
            return Err(Refusal::new(replies::MESSAGE_TOO_LARGE, RefusalCause::DeclaredSize).about(from));
        }
        Ok(())
    }

    /// The open transaction, or the refusal of a command that needs one.
    ///
    /// RFC 2920 §3.1 lets a client send RCPT and DATA before it knows that MAIL was refused: that is no error of its.
    pub(super) fn check_transaction(&self) -> Result<&Transaction, Refusal> {
        self.check_hello()?;
        self.transaction.as_ref().ok_or_else(|| {
            let cause = if self.mail_refused { RefusalCause::Consequence } else { RefusalCause::Sequence };
            Refusal::new(replies::NEED_MAIL, cause)
        })
    }

    /// The same for a command that needs a recipient as well.
    pub(super) fn check_recipients(&self) -> Result<&Transaction, Refusal> {
        let transaction = self.check_transaction()?;
        if transaction.recipients > 0 {
            return Ok(transaction);
        }
        let cause = if transaction.refused > 0 { RefusalCause::Consequence } else { RefusalCause::Sequence };
        Err(Refusal::new(replies::NEED_RCPT, cause))
    }

    fn check_rcpt(&self, path: ForwardPath, params: &RcptParams) -> Result<Address, Refusal> {
        let transaction = self.check_transaction()?;
        // RFC 3030 §2: the recipients are known before the first chunk.
        if transaction.chunks.is_some() || transaction.failed {
            return Err(Refusal::new(replies::BAD_SEQUENCE, RefusalCause::Sequence));
        }
        let to = match path {
            ForwardPath::Address(address) => address,
            ForwardPath::Postmaster => self.postmaster()?,
        };
        let refuse = |reply: Reply, cause: RefusalCause| {
            Err(Refusal { reply, cause, address: Some(to.as_str().to_owned()) })
        };
        if !to.is_ascii() && !transaction.smtputf8 {
            return refuse(replies::NON_ASCII_ADDRESS, RefusalCause::NonAscii);
        }
        if !self.params.capabilities.dsn && (params.notify.is_some() || params.orcpt.is_some()) {
            return refuse(replies::UNRECOGNIZED_PARAMETER, RefusalCause::NotOffered);
        }
        // RFC 5321 §4.5.3.1.10: 452, so that the client sends the rest in another transaction.
        if transaction.recipients >= self.params.limits.recipients_max {
            return refuse(replies::TOO_MANY_RECIPIENTS, RefusalCause::RecipientCount);
        }
        Ok(to)
    }

    /// RFC 5321 §4.5.1: `<Postmaster>` is the postmaster of this server.
    fn postmaster(&self) -> Result<Address, Refusal> {
        let domain = self.params.default_domain.as_ref().unwrap_or(&self.params.hostname);
        Address::parse(&format!("postmaster@{domain}")).map_err(|_| {
            let cause = RefusalCause::Command(CommandError::ForwardPath);
            Refusal::new(replies::INVALID_RECIPIENT_ADDRESS, cause)
        })
    }

    fn check_data(&self) -> Result<(), Refusal> {
        let transaction = self.check_recipients()?;
        // RFC 3030 §2 and §3.
        if transaction.chunks.is_some() || transaction.failed || transaction.body == Body::BinaryMime {
            return Err(Refusal::new(replies::BDAT_ONLY, RefusalCause::Sequence));
        }
        Ok(())
    }
}

fn error_reply(error: CommandError) -> Reply {
    match error {
        CommandError::Unrecognized => replies::UNRECOGNIZED_COMMAND,
        CommandError::Arguments => replies::INVALID_ARGUMENTS,
        CommandError::ChunkSize => replies::INVALID_CHUNK_SIZE,
        CommandError::Parameter => replies::UNRECOGNIZED_PARAMETER,
        CommandError::Domain => replies::INVALID_DOMAIN_NAME,
        CommandError::ReversePath => replies::INVALID_ADDRESS,
        CommandError::ForwardPath => replies::INVALID_RECIPIENT_ADDRESS,
        CommandError::NonAscii => replies::NON_ASCII_ADDRESS,
        CommandError::BareNewline => replies::LINE_NOT_CRLF,
        CommandError::Characters => replies::LINE_INVALID_CHARACTERS,
    }
}
