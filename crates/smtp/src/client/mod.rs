//! The client's side of one SMTP session, without socket or clock.
//!
//! May touch: nothing (pure).
//! Standards: RFC 5321 §3, §4.5.3.2; RFC 2920 §3.1; RFC 3207 §4; RFC 4954 §4.
//!
//! A driver's loop:
//! ```text
//! loop {
//!     match session.step() {
//!         Step::Write(bytes, _) => write them all; on an error session.connection_lost(cause)
//!         Step::Read => read, within session.reply_timeout(); session.received(&octets)
//!                       at end of stream or after the time session.connection_lost(cause)
//!         Step::UpgradeTls => handshake; session.tls_started() or session.tls_failed()
//!         Step::Ready => session.begin(transaction), or session.quit()
//!         Step::Done(outcome) => one transaction is over
//!         Step::Failed(failure) => the session cannot carry mail
//!         Step::Closed => close the socket, break
//!     }
//! }
//! ```

mod features;
mod outcome;
mod reader;
mod stuff;
mod transaction;

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};

pub use self::features::Features;
pub use self::outcome::{Cause, Connection, Outcome, OutcomeClass, RecipientOutcome, RemoteId, SendStep};
pub use self::reader::{LINE_BYTES_MAX, LINES_MAX, ReplyError, ReplyReader};
pub use self::stuff::DotStuffer;
use self::transaction::{Grouping, Next, Run, Terms};
pub use self::transaction::{Recipient, Transaction};
use crate::reply::{Reply, ReplyClass};
use crate::security::Security;

/// When STARTTLS is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum StartTls {
    /// Never (IgnoreSTARTTLS, or a second attempt after a failed handshake).
    Never,
    /// Where it is offered.
    #[default]
    Opportunistic,
    /// Always: no mail without it.
    Required,
}

/// Whether commands are grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Pipelining {
    /// Where the server offers it.
    #[default]
    WhereOffered,
    /// Never.
    Never,
}

/// Credentials for AUTH. Debug shows no password.
#[derive(Clone)]
pub struct Logon {
    /// User name.
    pub user: String,
    /// Password.
    pub password: String,
    /// Where they may be sent: `Tls` is BasicAuthRequireTLS.
    pub needs: Security,
}

impl fmt::Debug for Logon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logon").field("user", &self.user).field("needs", &self.needs).finish_non_exhaustive()
    }
}

/// What a session is made with.
#[derive(Debug, Clone)]
pub struct ClientParams {
    /// Name said in EHLO (Fqdn of a Send connector).
    pub ehlo_name: String,
    /// Whether the connection is under TLS from the start.
    pub security: Security,
    /// When STARTTLS is used.
    pub starttls: StartTls,
    /// Credentials, where AUTH is to be used.
    pub logon: Option<Logon>,
    /// Whether commands are grouped.
    pub pipelining: Pipelining,
}

/// What octets are, for a protocol log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Written {
    /// Commands, one a line.
    Commands,
    /// Part of AUTH: not to be logged.
    Credentials,
    /// Part of the message.
    Content,
}

/// What the driver does next.
#[derive(Debug)]
pub enum Step {
    /// Write all of it.
    Write(Bytes, Written),
    /// Read some octets and hand them to [`ClientSession::received`].
    Read,
    /// Run the TLS handshake.
    UpgradeTls,
    /// Begin a transaction or quit.
    Ready,
    /// A transaction is over.
    Done(Outcome),
    /// The session cannot carry mail; [`SendStep`] and cause say why. QUIT follows where the server still listens.
    Failed(RecipientOutcome),
    /// Close the connection.
    Closed,
}

#[derive(Debug)]
enum State {
    Greeting,
    Ehlo,
    Helo,
    StartTls,
    Handshake,
    /// AUTH: responses that are still to be sent.
    Auth(VecDeque<String>),
    Ready,
    Busy(Box<Run>),
    Quit,
    Closed,
}

/// The client's side of one session.
#[derive(Debug)]
pub struct ClientSession {
    params: ClientParams,
    state: State,
    steps: VecDeque<Step>,
    input: BytesMut,
    reader: ReplyReader,
    security: Security,
    features: Features,
    greeting: Option<Reply>,
    authenticated: bool,
    lost: Option<Cause>,
    /// The last transaction is still open at the server.
    reset_first: bool,
    transactions: u64,
}

impl ClientSession {
    /// A session that waits for the greeting.
    pub fn new(params: ClientParams) -> ClientSession {
        ClientSession {
            security: params.security,
            params,
            state: State::Greeting,
            steps: VecDeque::new(),
            input: BytesMut::new(),
            reader: ReplyReader::default(),
            features: Features::default(),
            greeting: None,
            authenticated: false,
            lost: None,
            reset_first: false,
            transactions: 0,
        }
    }

    /// What to do next.
    pub fn step(&mut self) -> Step {
        loop {
            if let Some(step) = self.steps.pop_front() {
                return step;
            }
            match &mut self.state {
                State::Closed => return Step::Closed,
                State::Ready => return Step::Ready,
                State::Handshake if self.lost.is_none() => return Step::UpgradeTls,
                State::Busy(run) => match run.next() {
                    Next::Commands(bytes) => return Step::Write(bytes, Written::Commands),
                    Next::Content(bytes) => return Step::Write(bytes, Written::Content),
                    Next::Read => {}
                    Next::Finished => {
                        self.finish();
                        continue;
                    }
                },
                _ => {}
            }
            match self.reader.read(&mut self.input) {
                Ok(Some(reply)) => self.on_reply(reply),
                Ok(None) => match self.lost {
                    Some(cause) => self.break_off(cause),
                    None => return Step::Read,
                },
                Err(_) => self.break_off(Cause::ProtocolViolation),
            }
        }
    }

    /// Octets that were read.
    pub fn received(&mut self, octets: &[u8]) {
        self.input.extend_from_slice(octets);
    }

    /// The connection ended, or the driver's patience did ([`Cause::ConnectionLost`], [`Cause::TimedOut`]).
    ///
    /// A reply that was received before still counts, so a driver that fails to write reads what is there first.
    pub fn connection_lost(&mut self, cause: Cause) {
        self.lost.get_or_insert(cause);
        if let State::Busy(run) = &mut self.state {
            run.stop_sending();
        }
    }

    /// The handshake is done; what the server said before is forgotten, RFC 3207 §4.2.
    pub fn tls_started(&mut self) {
        if matches!(self.state, State::Handshake) {
            self.security = Security::Tls;
            self.hello();
        }
    }

    /// The handshake failed. An opportunistic driver connects again with [`StartTls::Never`].
    pub fn tls_failed(&mut self) {
        if matches!(self.state, State::Handshake) {
            self.break_off(Cause::TlsHandshake);
        }
    }

    /// Begins a transaction; the session must be [`Step::Ready`], else the transaction is handed back.
    ///
    /// # Errors
    /// The transaction, where the session is not ready for one.
    pub fn begin(&mut self, transaction: Transaction) -> Result<(), Box<Transaction>> {
        if !matches!(self.state, State::Ready) {
            return Err(Box::new(transaction));
        }
        let pipelined = self.features.pipelining && self.params.pipelining == Pipelining::WhereOffered;
        let terms = Terms {
            features: self.features,
            grouping: if pipelined { Grouping::Pipelined } else { Grouping::LockStep },
            authenticated: self.authenticated,
            reset_first: self.reset_first,
            reused: self.transactions > 0,
        };
        self.transactions = self.transactions.saturating_add(1);
        self.state = State::Busy(Box::new(Run::new(transaction, terms)));
        Ok(())
    }

    /// Ends a session that is [`Step::Ready`].
    pub fn quit(&mut self) {
        if matches!(self.state, State::Ready) {
            self.say_quit();
        }
    }

    /// What the server offers now.
    pub fn features(&self) -> &Features {
        &self.features
    }

    /// The greeting, once read.
    pub fn greeting(&self) -> Option<&Reply> {
        self.greeting.as_ref()
    }

    /// Plaintext or TLS.
    pub fn security(&self) -> Security {
        self.security
    }

    /// Whether AUTH succeeded.
    pub fn is_authenticated(&self) -> bool {
        self.authenticated
    }

    /// How long the reply that is awaited may take, RFC 5321 §4.5.3.2.
    pub fn reply_timeout(&self) -> Duration {
        let minutes = match &self.state {
            State::Busy(run) => match run.step() {
                SendStep::Data => 2,
                SendStep::EndOfData => 10,
                _ => 5,
            },
            State::Quit => 1,
            _ => 5,
        };
        Duration::from_secs(minutes * 60)
    }

    fn command(&mut self, line: String, written: Written) {
        self.steps.push_back(Step::Write(Bytes::from(line), written));
    }

    fn on_reply(&mut self, reply: Reply) {
        let success = reply.is_success();
        match &mut self.state {
            State::Busy(run) => run.on_reply(reply),
            State::Greeting => {
                self.greeting = Some(reply.clone());
                // RFC 5321 §3.1: 220, or 554 for a host that takes no mail.
                if success { self.hello() } else { self.fail(SendStep::Greeting, reply) }
            }
            State::Ehlo if success => {
                self.features = Features::read(&reply);
                self.after_hello();
            }
            // RFC 5321 §3.2: a server that does not know EHLO gets HELO.
            State::Ehlo if reply.class() == ReplyClass::Permanent => {
                self.state = State::Helo;
                self.command(format!("HELO {}\r\n", self.params.ehlo_name), Written::Commands);
            }
            State::Helo if success => self.after_hello(),
            State::Ehlo | State::Helo => self.fail(SendStep::Hello, reply),
            State::StartTls if success => {
                // What came in plaintext behind the 220 must not be read as if it came under TLS.
                self.input.clear();
                self.reader = ReplyReader::default();
                self.state = State::Handshake;
            }
            State::StartTls if self.params.starttls == StartTls::Required || reply.code() == 421 => {
                self.fail(SendStep::StartTls, reply);
            }
            State::StartTls => self.log_on(),
            State::Auth(responses) if reply.class() == ReplyClass::Intermediate => {
                match responses.pop_front() {
                    Some(response) => self.command(response, Written::Credentials),
                    // It asks for more than the mechanism has.
                    None => self.break_off(Cause::ProtocolViolation),
                }
            }
            State::Auth(_) if success => {
                self.authenticated = true;
                self.state = State::Ready;
            }
            State::Auth(_) => self.fail(SendStep::Auth, reply),
            State::Quit => self.state = State::Closed,
            State::Handshake | State::Ready | State::Closed => {}
        }
    }

    fn hello(&mut self) {
        self.features = Features::default();
        self.state = State::Ehlo;
        self.command(format!("EHLO {}\r\n", self.params.ehlo_name), Written::Commands);
    }

    fn after_hello(&mut self) {
        match (self.security, self.params.starttls, self.features.starttls) {
            (Security::Plaintext, StartTls::Opportunistic | StartTls::Required, true) => {
                self.state = State::StartTls;
                self.command("STARTTLS\r\n".to_owned(), Written::Commands);
            }
            (Security::Plaintext, StartTls::Required, false) => {
                self.fail_without_reply(SendStep::StartTls, Cause::TlsNotOffered);
            }
            _ => self.log_on(),
        }
    }

    fn log_on(&mut self) {
        let Some(logon) = &self.params.logon else {
            self.state = State::Ready;
            return;
        };
        if logon.needs == Security::Tls && self.security == Security::Plaintext {
            return self.fail_without_reply(SendStep::Auth, Cause::AuthNeedsTls);
        }
        let line = |text: &str| format!("{}\r\n", STANDARD.encode(text));
        if self.features.auth_plain {
            let response = line(&format!("\0{}\0{}", logon.user, logon.password));
            self.state = State::Auth(VecDeque::new());
            self.command(format!("AUTH PLAIN {response}"), Written::Credentials);
        } else if self.features.auth_login {
            self.state = State::Auth(VecDeque::from([line(&logon.user), line(&logon.password)]));
            self.command("AUTH LOGIN\r\n".to_owned(), Written::Commands);
        } else {
            self.fail_without_reply(SendStep::Auth, Cause::AuthNotOffered);
        }
    }

    /// The transaction has nothing left to do.
    fn finish(&mut self) {
        if let State::Busy(run) = std::mem::replace(&mut self.state, State::Ready) {
            self.reset_first = run.leaves_open();
            let outcome = run.outcome();
            if outcome.connection == Connection::Closed {
                self.state = State::Closed;
            }
            self.steps.push_back(Step::Done(outcome));
        }
    }

    fn fail(&mut self, step: SendStep, reply: Reply) {
        let closing = reply.code() == 421;
        let mut outcome = RecipientOutcome::by_reply(step, reply);
        // A success here only means that the server speaks out of turn.
        if outcome.class == OutcomeClass::Success {
            outcome = RecipientOutcome::by_cause(step, Cause::ProtocolViolation);
        }
        self.steps.push_back(Step::Failed(outcome));
        if closing { self.state = State::Closed } else { self.say_quit() }
    }

    fn fail_without_reply(&mut self, step: SendStep, cause: Cause) {
        self.steps.push_back(Step::Failed(RecipientOutcome::by_cause(step, cause)));
        self.say_quit();
    }

    fn say_quit(&mut self) {
        self.state = State::Quit;
        self.command("QUIT\r\n".to_owned(), Written::Commands);
    }

    /// Ends the session without a word.
    fn break_off(&mut self, cause: Cause) {
        let step = match &mut self.state {
            State::Busy(run) => return run.fail(cause),
            State::Quit | State::Closed => {
                self.state = State::Closed;
                return;
            }
            State::Greeting => SendStep::Greeting,
            State::Ehlo | State::Helo => SendStep::Hello,
            State::StartTls | State::Handshake => SendStep::StartTls,
            State::Auth(_) => SendStep::Auth,
            State::Ready => SendStep::Mail,
        };
        self.state = State::Closed;
        self.steps.push_back(Step::Failed(RecipientOutcome::by_cause(step, cause)));
    }
}

#[cfg(test)]
mod tests;
