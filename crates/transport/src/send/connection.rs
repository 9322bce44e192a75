//! One SMTP connection to a next hop: connects, greets, secures, signs in, carries messages, quits.
//!
//! May touch: network, clock, chance (session id), the protocol log of Send connectors.
//! Standards: RFC 5321 §4.5.3.2 (timeouts), RFC 3207 §4 (STARTTLS), RFC 4954 §4 (AUTH), RFC 7435 §3 (opportunistic).

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use directory::{ProtocolLoggingLevel, SendConnector, SmartHostAuthMechanism, Snapshot};
use events::Reason;
use smtp::Security;
use smtp::client::{
    Cause, ClientParams, ClientSession, Features, Logon, Outcome, Pipelining, RecipientOutcome, SendStep,
    StartTls, Step, Transaction, Written,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use uuid::Uuid;
use world::{BoxedIo, Clock, Conn, TlsConnector, TlsError, World};

use super::hosts::Host;
use super::tls::{self, TlsTerms};
use super::trial::{Said, Transcript};
use super::unreached::{Unreached, reason_of_io};
use crate::protocol_log::{Mark, ProtocolLog, SessionLog};

/// How long a host may take to accept a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a TLS handshake may take.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(60);
/// How long the reply to QUIT is awaited; the message is settled by then.
const QUIT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a host that broke off is listened to for the reply that says why.
const LAST_WORDS_TIMEOUT: Duration = Duration::from_secs(2);
/// Octets of those last words.
const LAST_WORDS_OCTETS_MAX: usize = 16 * 1024;
/// Octets read at a time.
const READ_OCTETS: usize = 8 * 1024;
/// Octets of an unfinished reply line kept for the protocol log.
const UNLOGGED_OCTETS_MAX: usize = 4 * 1024;

/// What a Send connector says about its connections.
pub(super) struct Terms {
    pub(super) connector: Arc<SendConnector>,
    ehlo_name: String,
    tls: TlsTerms,
    handshake: Result<TlsConnector, TlsError>,
    /// Where each step is noted, when the connector is only tried.
    transcript: Option<Arc<Transcript>>,
}

impl Terms {
    /// `domain` is the recipient domain where mail is routed by DNS.
    pub(super) fn new(
        snapshot: &Snapshot,
        connector: Arc<SendConnector>,
        domain: Option<&str>,
        world: &World,
    ) -> Self {
        let tls = tls::terms(&connector, domain, &world.roots);
        let handshake = TlsConnector::new(&tls.verification, &world.clock);
        let ehlo_name = connector.fqdn.clone().unwrap_or_else(|| snapshot.organization().server_fqdn.clone());
        Self { connector, ehlo_name, tls, handshake, transcript: None }
    }

    /// The same, with each step noted, and one command at a time so that each has its own reply.
    pub(super) fn noted(mut self, transcript: Arc<Transcript>) -> Self {
        self.transcript = Some(transcript);
        self
    }

    fn note(&self, said: impl FnOnce() -> Said) {
        if let Some(transcript) = &self.transcript {
            transcript.note(said());
        }
    }

    /// Notes in the protocol log that there was no host to connect to, and why.
    pub(super) fn log_no_host(&self, world: &World, log: &ProtocolLog, error: &str) {
        if let Some(mut log) = self.log_of(log, world.chance.uuid_v4(), None) {
            log.line(Mark::Information, "", error);
        }
    }

    /// The protocol log of an attempt to connect, where the connector writes one.
    fn log_of(&self, log: &ProtocolLog, id: Uuid, remote: Option<SocketAddr>) -> Option<SessionLog> {
        let logged = self.connector.protocol_logging_level == ProtocolLoggingLevel::Verbose;
        logged.then(|| log.attempt(&self.connector.name, id, remote))
    }

    fn patience(&self) -> Duration {
        self.connector.limits.connection_inactivity_timeout
    }

    fn params(&self, starttls: StartTls) -> ClientParams {
        let needs = match self.connector.smart_host_auth_mechanism {
            SmartHostAuthMechanism::BasicAuth => Some(Security::Plaintext),
            SmartHostAuthMechanism::BasicAuthRequireTls => Some(Security::Tls),
            SmartHostAuthMechanism::None
            | SmartHostAuthMechanism::ExchangeServer
            | SmartHostAuthMechanism::ExternalAuthoritative => None,
        };
        let logon =
            needs.zip(self.connector.authentication_credential.as_ref()).map(|(needs, credential)| {
                let password = credential.password.reveal().to_owned();
                Logon { user: credential.user_name.clone(), password, needs }
            });
        ClientParams {
            ehlo_name: self.ehlo_name.clone(),
            security: Security::Plaintext,
            starttls,
            logon,
            pipelining: match self.transcript {
                Some(_) => Pipelining::Never,
                None => Pipelining::WhereOffered,
            },
        }
    }
}

/// An open connection that is ready for a message.
pub(super) struct Connection {
    pub(super) host: Host,
    /// Session id of the protocol log.
    pub(super) id: Uuid,
    /// TLS version and cipher.
    pub(super) tls: Option<String>,
    /// Transactions it has carried.
    pub(super) carried: u32,
    pub(super) terms: Arc<Terms>,
    clock: Clock,
    session: ClientSession,
    io: Option<BoxedIo>,
    log: Option<SessionLog>,
    unlogged: Vec<u8>,
    /// Why TLS did not come about, in words.
    tls_failure: Option<String>,
}

/// Where driving the session led.
enum Reached {
    Ready,
    Done(Outcome),
    Failed(RecipientOutcome),
    Closed,
}

/// Connects to a host up to the point where a message can go. Where TLS is opportunistic and its handshake fails, a
/// second connection is made without it.
pub(super) async fn open(
    world: &World,
    log: &ProtocolLog,
    terms: &Arc<Terms>,
    host: &Host,
) -> Result<Connection, Unreached> {
    let first = attempt(world, log, terms, host, terms.tls.starttls).await;
    match first {
        Err((unreached, SendStep::StartTls)) if terms.tls.starttls == StartTls::Opportunistic => {
            tracing::debug!(%host, error = unreached.error, "opportunistic TLS failed, going on in plaintext");
            attempt(world, log, terms, host, StartTls::Never).await.map_err(|(unreached, _)| unreached)
        }
        other => other.map_err(|(unreached, _)| unreached),
    }
}

async fn attempt(
    world: &World,
    log: &ProtocolLog,
    terms: &Arc<Terms>,
    host: &Host,
    starttls: StartTls,
) -> Result<Connection, (Unreached, SendStep)> {
    let id = world.chance.uuid_v4();
    let mut log = terms.log_of(log, id, Some(host.address));
    if let Some(log) = &mut log {
        let port = host.address.port();
        log.line(Mark::Information, "", &format!("attempting to connect to {host}:{port}"));
    }
    let conn = match connect(world, terms, host).await {
        Ok(conn) => conn,
        Err(unreached) => {
            if let Some(log) = &mut log {
                log.line(Mark::Information, "", &unreached.error);
            }
            return Err((unreached, SendStep::Greeting));
        }
    };
    terms.note(|| Said::Connected(conn.local));
    if let Some(log) = &mut log {
        log.connected(conn.local, conn.peer);
    }
    let mut connection = Connection {
        host: host.clone(),
        id,
        tls: None,
        carried: 0,
        terms: Arc::clone(terms),
        clock: world.clock.clone(),
        session: ClientSession::new(terms.params(starttls)),
        io: Some(conn.io),
        log,
        unlogged: Vec::new(),
        tls_failure: None,
    };
    connection.log(Mark::Connect, "", "attempting to connect");
    match connection.drive().await {
        Reached::Ready => Ok(connection),
        Reached::Failed(outcome) => {
            if let Some(transcript) = &terms.transcript {
                transcript.failed(&outcome);
            }
            let detail = connection.tls_failure.take();
            let unreached = Unreached::talking(host, &outcome, detail.as_deref());
            connection.log(Mark::Information, "", &unreached.error);
            connection.finish().await;
            Err((unreached, outcome.step))
        }
        Reached::Done(_) | Reached::Closed => {
            let unreached =
                not_connected(terms, host, Reason::ConnectionDropped, "the connection was closed");
            connection.log(Mark::Information, "", &unreached.error);
            Err((unreached, SendStep::Greeting))
        }
    }
}

async fn connect(world: &World, terms: &Terms, host: &Host) -> Result<Conn, Unreached> {
    terms.note(|| Said::Connecting(host.clone()));
    let connecting = world.net.connect(host.address, terms.connector.source_ip_address);
    match world.clock.timeout(CONNECT_TIMEOUT.min(terms.patience()), connecting).await {
        Err(_) => Err(not_connected(terms, host, Reason::ConnectionTimedOut, "timed out")),
        Ok(Err(error)) => Err(not_connected(terms, host, reason_of_io(&error), &error.to_string())),
        Ok(Ok(conn)) => Ok(conn),
    }
}

fn not_connected(terms: &Terms, host: &Host, reason: Reason, error: &str) -> Unreached {
    terms.note(|| Said::NotConnected(error.to_owned()));
    Unreached::connecting(host, reason, error)
}

impl Connection {
    /// What the host offers.
    pub(super) fn features(&self) -> &Features {
        self.session.features()
    }

    /// Sends one message to some recipients; nothing where the connection turned out not to be ready.
    pub(super) async fn send(&mut self, transaction: Transaction, note: &str) -> Option<Outcome> {
        self.carried = self.carried.saturating_add(1);
        self.log(Mark::Information, "", note);
        self.session.begin(transaction).ok()?;
        match self.drive().await {
            Reached::Done(outcome) => Some(outcome),
            Reached::Ready | Reached::Failed(_) | Reached::Closed => None,
        }
    }

    /// Says QUIT and closes.
    pub(super) async fn quit(mut self) {
        self.session.quit();
        self.finish().await;
    }

    /// Lets the session end: it may still have a QUIT to say.
    async fn finish(&mut self) {
        let clock = self.clock.clone();
        let ending = async {
            // Every step but the last leads on to Closed.
            while !matches!(self.drive().await, Reached::Closed | Reached::Ready) {}
        };
        // A host that does not answer QUIT has lost nothing.
        let _ = clock.timeout(QUIT_TIMEOUT, ending).await;
    }

    async fn drive(&mut self) -> Reached {
        loop {
            match self.session.step() {
                Step::Write(octets, kind) => self.write(&octets, kind).await,
                Step::Read => self.read().await,
                Step::UpgradeTls => self.upgrade().await,
                Step::Ready => return Reached::Ready,
                Step::Done(outcome) => return Reached::Done(outcome),
                Step::Failed(outcome) => return Reached::Failed(outcome),
                Step::Closed => return Reached::Closed,
            }
        }
    }

    async fn write(&mut self, octets: &[u8], kind: Written) {
        self.log_sent(octets, kind);
        let wait = self.terms.patience();
        let Some(io) = self.io.as_mut() else { return self.session.connection_lost(Cause::ConnectionLost) };
        let writing = async {
            io.write_all(octets).await?;
            io.flush().await
        };
        match self.clock.timeout(wait, writing).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => {
                self.last_words().await;
                self.session.connection_lost(Cause::ConnectionLost);
            }
            Err(_) => self.session.connection_lost(Cause::TimedOut),
        }
    }

    async fn read(&mut self) {
        let wait = self.session.reply_timeout().min(self.terms.patience());
        let mut input = BytesMut::with_capacity(READ_OCTETS);
        let Some(io) = self.io.as_mut() else { return self.session.connection_lost(Cause::ConnectionLost) };
        match self.clock.timeout(wait, io.read_buf(&mut input)).await {
            Ok(Ok(0) | Err(_)) => self.session.connection_lost(Cause::ConnectionLost),
            Ok(Ok(_)) => self.take_in(&input),
            Err(_) => self.session.connection_lost(Cause::TimedOut),
        }
    }

    /// A host that refuses a message in the middle often replies and closes: the reply decides, not the broken pipe.
    async fn last_words(&mut self) {
        let mut input = BytesMut::with_capacity(READ_OCTETS);
        let Some(io) = self.io.as_mut() else { return };
        let reading = async {
            while input.len() < LAST_WORDS_OCTETS_MAX {
                if !matches!(io.read_buf(&mut input).await, Ok(1..)) {
                    break;
                }
            }
        };
        // What came in until then counts all the same.
        let _ = self.clock.timeout(LAST_WORDS_TIMEOUT, reading).await;
        self.take_in(&input);
    }

    fn take_in(&mut self, input: &[u8]) {
        self.log_received(input);
        self.session.received(input);
    }

    async fn upgrade(&mut self) {
        let terms = Arc::clone(&self.terms);
        terms.note(|| Said::Handshake);
        match self.handshake(&terms).await {
            Ok(agreed) => {
                self.log(Mark::Information, &agreed, "TLS negotiation succeeded");
                self.tls = Some(agreed);
                self.session.tls_started();
            }
            Err(why) => {
                terms.note(|| Said::NotSecured(why.clone()));
                self.log(Mark::Information, "", &format!("TLS negotiation failed: {why}"));
                self.tls_failure = Some(why);
                self.session.tls_failed();
            }
        }
    }

    async fn handshake(&mut self, terms: &Terms) -> Result<String, String> {
        let connector = terms.handshake.as_ref().map_err(ToString::to_string)?;
        let io = self.io.take().ok_or("the connection is gone")?;
        let connecting = connector.connect(io, terms.tls.asked_name(&self.host));
        let wait = HANDSHAKE_TIMEOUT.min(terms.patience());
        let done = self.clock.timeout(wait, connecting).await.map_err(|timed_out| timed_out.to_string())?;
        let (io, info) = done.map_err(|error| error.to_string())?;
        if !terms.tls.accepts(&info) {
            return Err("the certificate does not have the name TlsDomain asks for".to_owned());
        }
        self.io = Some(io);
        let agreed = format!("{} {}", info.version, info.cipher);
        terms.note(|| Said::Secured(Box::new(info)));
        Ok(agreed)
    }

    fn log(&mut self, mark: Mark, data: &str, context: &str) {
        if let Some(log) = &mut self.log {
            log.line(mark, data, context);
        }
    }

    fn log_sent(&mut self, octets: &[u8], kind: Written) {
        if let Some(transcript) = &self.terms.transcript {
            transcript.sent(octets, kind);
        }
        let Some(log) = &mut self.log else { return };
        match kind {
            Written::Content => {}
            Written::Credentials => {
                let mechanism = octets.starts_with(b"AUTH PLAIN ");
                log.line(Mark::Send, if mechanism { "AUTH PLAIN *****" } else { "*****" }, "");
            }
            Written::Commands => {
                for line in String::from_utf8_lossy(octets).split_terminator("\r\n") {
                    log.line(Mark::Send, line, "");
                }
            }
        }
    }

    fn log_received(&mut self, input: &[u8]) {
        if self.log.is_none() && self.terms.transcript.is_none() {
            return;
        }
        self.unlogged.extend_from_slice(input);
        while let Some(end) = self.unlogged.iter().position(|octet| *octet == b'\n') {
            let line: Vec<u8> = self.unlogged.drain(..=end).collect();
            let line = String::from_utf8_lossy(&line);
            if let Some(transcript) = &self.terms.transcript {
                transcript.received(line.trim_end());
            }
            self.log(Mark::Receive, line.trim_end(), "");
        }
        self.unlogged.truncate(UNLOGGED_OCTETS_MAX);
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.log(Mark::Disconnect, "", "");
    }
}

#[cfg(test)]
mod tests;
