//! Drives one SMTP session: socket, timeouts and TLS around the session machine, decisions between its requests.
//!
//! May touch: its connection, clock, directory snapshot, protocol log; mailbox sizes; spool through `accept`.
//! Standards: RFC 5321 §4.5.3.2.7 (timeouts), RFC 3207 §4.2, RFC 4954 §4.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use agents::Point;
use bytes::BytesMut;
use directory::{MessageRateSource, Recipient, SignInError, Snapshot};
use events::{Reason, RefusedStep};
use mail::{NetworkMessageId, ReversePath};
use smtp::command::MailParams;
use smtp::server::{Credentials, Hello, Mail, Message, Rcpt};
use smtp::{Refusal as SmtpRefusal, RefusalCause, Reply, Request, ServerSession, replies};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use uuid::Uuid;
use world::{BoxedIo, TlsAcceptor};

use super::accept::{NotTaken, Session as Accepting, Told};
use super::listener::Served;
use super::policy::{self, Peer, Refused};
use super::refuse::Refusal;
use super::throttle::Permit;
use super::transaction::Transaction;
use crate::Shared;
use crate::protocol_log::{Mark, SessionLog};
use crate::queue::back_pressure::Admission;

/// Octets read at a time while commands come.
const READ_OCTETS: usize = 4 * 1024;
/// Octets read at a time while a message comes.
const READ_MESSAGE_OCTETS: usize = 64 * 1024;
/// Octets of messages that may be coming in at once, over all sessions; beyond that `452 4.3.1`.
pub(crate) const INCOMING_OCTETS_MAX: u64 = 256 * 1024 * 1024;

/// Everything of one session.
pub(crate) struct Session {
    shared: Arc<Shared>,
    served: Arc<Served>,
    smtp: ServerSession,
    io: Option<BoxedIo>,
    input: BytesMut,
    peer: Peer,
    id: Uuid,
    local: SocketAddr,
    helo: String,
    log: Option<SessionLog>,
    transaction: Option<Transaction>,
    counted: u64,
    acceptor: Option<TlsAcceptor>,
    _permit: Option<Permit>,
}

/// What a listener hands over.
pub(crate) struct Opened {
    pub(crate) shared: Arc<Shared>,
    pub(crate) served: Arc<Served>,
    pub(crate) io: BoxedIo,
    pub(crate) peer: Peer,
    pub(crate) id: Uuid,
    pub(crate) local: SocketAddr,
    pub(crate) log: Option<SessionLog>,
    pub(crate) acceptor: Option<TlsAcceptor>,
    pub(crate) permit: Option<Permit>,
    pub(crate) params: smtp::server::Params,
}

impl Session {
    pub(crate) fn new(opened: Opened) -> Self {
        Self {
            smtp: ServerSession::new(opened.params),
            shared: opened.shared,
            served: opened.served,
            io: Some(opened.io),
            input: BytesMut::new(),
            peer: opened.peer,
            id: opened.id,
            local: opened.local,
            helo: String::new(),
            log: opened.log,
            transaction: None,
            counted: 0,
            acceptor: opened.acceptor,
            _permit: opened.permit,
        }
    }

    /// Runs the session to its end.
    pub(crate) async fn run(mut self) {
        self.log(Mark::Connect, "", "");
        self.smtp.greet();
        let started = self.shared.world.clock.elapsed();
        let ended = self.converse(started).await;
        self.log(Mark::Disconnect, "", ended);
    }

    /// Returns why the session ended, for the protocol log.
    async fn converse(&mut self, started: Duration) -> &'static str {
        let mut stop = self.shared.stop.subscribe();
        loop {
            while let Some(request) = self.smtp.feed(&mut self.input) {
                // The message itself is not logged: DATA is the last line still.
                let logged = matches!(request, Request::Message(_))
                    && self.smtp.last_line().trim().eq_ignore_ascii_case("DATA");
                if !logged {
                    self.log_received();
                }
                self.answer(request).await;
                if self.smtp.must_flush() && !self.flush().await {
                    return "Remote";
                }
            }
            if !self.flush().await {
                return "Remote";
            }
            if self.smtp.is_closed() {
                return "Local";
            }
            if self.smtp.wants_tls() && !self.start_tls().await {
                return "TLS";
            }
            self.bound_memory();
            let Some(wait) = self.time_left(started) else {
                self.smtp.reply(replies::TIMED_OUT);
                self.flush().await;
                return "Timeout";
            };
            let stopping = stop.borrow_and_update().is_stopping();
            if stopping && !self.smtp.is_receiving() {
                self.smtp.reply(replies::NOT_AVAILABLE);
                self.flush().await;
                return "Stopping";
            }
            let clock = self.shared.world.clock.clone();
            let Some(io) = self.io.as_mut() else { return "Local" };
            let octets = if self.smtp.is_receiving() { READ_MESSAGE_OCTETS } else { READ_OCTETS };
            self.input.reserve(octets);
            let read = clock.timeout(wait, io.read_buf(&mut self.input));
            let read = tokio::select! {
                read = read => read,
                _ = stop.changed(), if !stopping => continue,
            };
            match read {
                Ok(Ok(0) | Err(_)) => return "Remote",
                Ok(Ok(_)) => {}
                Err(_) => {
                    self.smtp.reply(replies::TIMED_OUT);
                    self.flush().await;
                    return "Timeout";
                }
            }
        }
    }

    fn time_left(&self, started: Duration) -> Option<Duration> {
        let limits = &self.peer.connector.limits;
        let open = self.shared.world.clock.elapsed().saturating_sub(started);
        let left = limits.connection_timeout.checked_sub(open).filter(|left| !left.is_zero())?;
        Some(left.min(limits.connection_inactivity_timeout))
    }

    async fn flush(&mut self) -> bool {
        let output = self.smtp.take_output();
        if output.is_empty() {
            return true;
        }
        if let Some(log) = &mut self.log {
            for line in String::from_utf8_lossy(&output).split_terminator("\r\n") {
                log.line(Mark::Send, line, "");
            }
        }
        let wait = self.peer.connector.limits.connection_inactivity_timeout;
        let clock = self.shared.world.clock.clone();
        let Some(io) = self.io.as_mut() else { return false };
        let write = async {
            io.write_all(&output).await?;
            io.flush().await
        };
        matches!(clock.timeout(wait, write).await, Ok(Ok(())))
    }

    async fn start_tls(&mut self) -> bool {
        let (Some(io), Some(acceptor)) = (self.io.take(), &self.acceptor) else { return false };
        let wait = self.peer.connector.limits.connection_inactivity_timeout;
        match self.shared.world.clock.timeout(wait, acceptor.accept(io)).await {
            Ok(Ok((io, info))) => {
                self.io = Some(io);
                self.peer.tls = Some(format!("{} {}", info.version, info.cipher));
                self.peer.user = None;
                self.transaction = None;
                self.smtp.tls_started(&mut self.input);
                let shown = self.peer.tls.clone().unwrap_or_default();
                self.log(Mark::Information, &shown, "TLS negotiation succeeded");
                true
            }
            Ok(Err(error)) => {
                self.log(Mark::Information, "", &format!("TLS negotiation failed: {error}"));
                false
            }
            Err(_) => false,
        }
    }

    async fn answer(&mut self, request: Request) {
        match request {
            Request::Ehlo { domain } | Request::Helo { domain } => self.hello(domain),
            Request::Auth(credentials) => self.authenticate(credentials).await,
            Request::Mail(mail) => self.mail(mail).await,
            Request::Rcpt(rcpt) => self.rcpt(rcpt).await,
            Request::DataStart => self.data().await,
            Request::Message(message) => self.message(message).await,
            Request::Refused(refusal) => self.refused(refusal).await,
            Request::Rset => {
                self.transaction = None;
                self.smtp.reply_default();
            }
            Request::StartTls { .. }
            | Request::BdatChunk { .. }
            | Request::Noop
            | Request::Help
            | Request::Vrfy { .. }
            | Request::Quit => self.smtp.reply_default(),
        }
    }

    fn hello(&mut self, domain: String) {
        if domain.is_empty() && self.peer.connector.limits.require_ehlo_domain {
            // Refused, it changes nothing (RFC 5321 §4.1.4): a transaction goes on.
            self.smtp.reply(replies::INVALID_DOMAIN_NAME);
            return;
        }
        self.transaction = None;
        self.helo = domain;
        self.smtp.reply_default();
    }

    async fn authenticate(&mut self, credentials: Credentials) {
        if credentials.act_as.is_some() {
            self.smtp.reply(replies::AUTHENTICATION_UNSUCCESSFUL);
            return;
        }
        let password = credentials.password.as_bytes();
        match self.shared.credentials.verify(&credentials.user, password).await {
            Ok(user) => {
                let who = user.primary_smtp_address.as_str().to_owned();
                self.peer.user = Some(user);
                self.log(Mark::Information, &who, "authenticated");
                self.smtp.reply_default();
            }
            Err(SignInError::Busy) => self.smtp.reply(replies::TEMPORARY_FAILURE),
            Err(_) => {
                let reply = replies::AUTHENTICATION_UNSUCCESSFUL;
                self.record(RefusedStep::Auth, &reply, Some(Reason::AuthFailed), Vec::new());
                self.shared.world.clock.sleep(self.peer.connector.limits.auth_tarpit_interval).await;
                self.smtp.reply(reply);
            }
        }
    }

    async fn mail(&mut self, mail: Mail) {
        let id = NetworkMessageId(self.shared.world.chance.uuid_v7(&self.shared.world.clock));
        let transaction = Transaction::new(id, mail.from, mail.params);
        let decision = self.admit(&transaction).await;
        self.transaction = Some(transaction);
        match decision {
            Ok(()) => self.smtp.reply_default(),
            Err(refused) => {
                self.refuse(RefusedStep::Mail, refused, Vec::new()).await;
                self.transaction = None;
            }
        }
    }

    async fn admit(&mut self, transaction: &Transaction) -> Result<(), Refused> {
        let admission = self.shared.pressure.lock().admit();
        match admission {
            Admission::Accept => {}
            Admission::Delay(seconds) => {
                self.shared.world.clock.sleep(Duration::from_secs(seconds)).await;
            }
            Admission::Refuse(_) => {
                return Err(Refused::new(Reason::BackPressure, replies::INSUFFICIENT_RESOURCES));
            }
        }
        if !self.within_rate() {
            return Err(Refused::new(Reason::RateLimit, super::listener::RATE_EXCEEDED));
        }
        let snapshot = self.shared.directory.snapshot();
        let used = match self.peer.user.clone() {
            Some(user) => self.used(&user).await,
            None => None,
        };
        policy::mail(&snapshot, &self.peer, &transaction.from, transaction.params.size, used)?;
        self.shared.consult(Point::MailCommand, &snapshot, &self.peer, Some(transaction), None)
    }

    fn within_rate(&self) -> bool {
        let limits = &self.peer.connector.limits;
        let Some(limit) = limits.message_rate_limit else { return true };
        let key = match (limits.message_rate_source, &self.peer.user) {
            (MessageRateSource::None, _) => return true,
            (MessageRateSource::User, Some(user)) => user.guid.to_string(),
            (MessageRateSource::User | MessageRateSource::IpAddress, _) => self.peer.ip.to_string(),
            (MessageRateSource::All, _) => String::new(),
        };
        self.served.rates.admit(&key, limit, self.shared.world.clock.elapsed())
    }

    async fn rcpt(&mut self, rcpt: Rcpt) {
        let snapshot = self.shared.directory.snapshot();
        let size = self.transaction.as_ref().and_then(|transaction| transaction.params.size);
        let used = match snapshot.recipient_by_address(&rcpt.to) {
            Some(recipient) if self.peer.is_tarpitted() => self.used(recipient).await,
            _ => None,
        };
        let transaction = self.transaction.as_ref();
        let decision = policy::recipient(&snapshot, &self.peer, &rcpt.to, size, used).and_then(|()| {
            let point = Point::RcptToCommand;
            self.shared.consult(point, &snapshot, &self.peer, transaction, Some(&rcpt.to))
        });
        match decision {
            Ok(()) => {
                if let Some(transaction) = &mut self.transaction {
                    transaction.add(rcpt.to, rcpt.params);
                }
                self.smtp.reply_default();
            }
            Err(refused) => {
                let to = rcpt.to.as_str().to_owned();
                self.refuse(RefusedStep::Rcpt, refused, vec![to]).await;
            }
        }
    }

    /// Octets in a mailbox, where it has a quota.
    async fn used(&mut self, recipient: &Recipient) -> Option<u64> {
        if !recipient.kind.is_mailbox() || recipient.quotas.in_force().prohibit_send_receive_quota.is_none() {
            return None;
        }
        // A mailbox that never got anything has no file and is empty.
        self.shared.mailboxes.size(recipient.guid).await.ok()
    }

    async fn data(&mut self) {
        let snapshot = self.shared.directory.snapshot();
        let transaction = self.transaction.as_ref();
        let decision = policy::data(&snapshot, &self.peer, self.smtp.recipients())
            .and_then(|()| self.shared.consult(Point::DataCommand, &snapshot, &self.peer, transaction, None));
        match decision {
            Ok(()) => self.smtp.reply_default(),
            Err(refused) => {
                let recipients = self.recipients();
                self.refuse(RefusedStep::Data, refused, recipients).await;
            }
        }
    }

    async fn message(&mut self, message: Message) {
        let Some(transaction) = self.transaction.take() else {
            self.smtp.reply(replies::BAD_SEQUENCE);
            return;
        };
        let recipients = recipients_of(&transaction);
        let (id, from) = (transaction.id, transaction.from.clone());
        let snapshot = self.shared.directory.snapshot();
        let server = self.server_name(&snapshot);
        let session = Accepting {
            peer: &self.peer,
            id: self.id,
            helo: &self.helo,
            esmtp: self.smtp.hello() == Some(Hello::Ehlo),
            local: self.local,
            server: &server,
        };
        match self.shared.accept(&session, transaction, message.body).await {
            Ok(reply) => self.smtp.reply(reply),
            Err(NotTaken::Refused(refused, told)) => {
                self.shared.refused(
                    &self.peer,
                    Refusal {
                        id,
                        step: RefusedStep::Data,
                        reply: &refused.reply,
                        reason: Some(refused.reason),
                        from: Some(&from),
                        recipients,
                        told: *told,
                        helo: Some(&self.helo),
                    },
                );
                self.tarpit().await;
                self.smtp.reply(refused.reply);
            }
            Err(NotTaken::Failed(error)) => {
                tracing::error!(%error, "a message could not be stored");
                self.smtp.reply(replies::TEMPORARY_FAILURE);
                self.shared.fail(&error.to_string());
            }
        }
    }

    fn server_name(&self, snapshot: &Snapshot) -> String {
        let own = self.peer.connector.fqdn.clone();
        own.unwrap_or_else(|| snapshot.organization().server_fqdn.clone())
    }

    /// What the machine refuses by itself.
    async fn refused(&mut self, refusal: SmtpRefusal) {
        let (step, reason) = match refusal.cause {
            RefusalCause::DeclaredSize => (RefusedStep::Mail, Some(Reason::SizeConnector)),
            RefusalCause::RecipientCount => (RefusedStep::Rcpt, Some(Reason::TooManyRecipients)),
            RefusalCause::NonAscii => (RefusedStep::Rcpt, Some(Reason::NeedsSmtpUtf8)),
            RefusalCause::Content(fault) => (RefusedStep::Data, Some(super::listener::reason_of(fault))),
            RefusalCause::Abandoned => (RefusedStep::Data, Some(Reason::BackPressure)),
            // Bad syntax and order go to the protocol log alone: they are about no message.
            _ => {
                if refusal.cause.is_protocol_error() {
                    self.tarpit().await;
                }
                self.smtp.reply_default();
                return;
            }
        };
        let recipients = match (&refusal.address, step) {
            (Some(address), RefusedStep::Mail) => {
                self.transaction = self.begun_by(address);
                Vec::new()
            }
            (Some(address), _) => vec![address.clone()],
            (None, RefusedStep::Data) => self.recipients(),
            (None, _) => Vec::new(),
        };
        self.record(step, &refusal.reply, reason, recipients);
        if matches!(step, RefusedStep::Mail | RefusedStep::Data) {
            self.transaction = None;
        }
        self.tarpit().await;
        self.smtp.reply_default();
    }

    /// The transaction that a refused MAIL would have begun: its sender belongs into the record of the refusal.
    fn begun_by(&self, sender: &str) -> Option<Transaction> {
        let from = ReversePath::parse(sender).ok()?;
        let id = NetworkMessageId(self.shared.world.chance.uuid_v7(&self.shared.world.clock));
        Some(Transaction::new(id, from, MailParams::default()))
    }

    async fn refuse(&mut self, step: RefusedStep, refused: Refused, recipients: Vec<String>) {
        self.record(step, &refused.reply, Some(refused.reason), recipients);
        self.tarpit().await;
        self.smtp.reply(refused.reply);
    }

    fn record(&self, step: RefusedStep, reply: &Reply, reason: Option<Reason>, recipients: Vec<String>) {
        let fresh = || NetworkMessageId(self.shared.world.chance.uuid_v7(&self.shared.world.clock));
        let id = self.transaction.as_ref().map_or_else(fresh, |transaction| transaction.id);
        self.shared.refused(
            &self.peer,
            Refusal {
                id,
                step,
                reply,
                reason,
                from: self.transaction.as_ref().map(|transaction| &transaction.from),
                recipients,
                told: Told::default(),
                helo: Some(&self.helo),
            },
        );
    }

    /// Holds an error reply to an unauthenticated client back.
    async fn tarpit(&mut self) {
        let interval = self.peer.connector.limits.tarpit_interval;
        if self.peer.is_tarpitted() && !interval.is_zero() {
            self.shared.world.clock.sleep(interval).await;
        }
    }

    fn recipients(&self) -> Vec<String> {
        self.transaction.as_ref().map(recipients_of).unwrap_or_default()
    }

    fn bound_memory(&mut self) {
        self.count_incoming(self.smtp.held_bytes() as u64);
        if self.shared.incoming_octets.load(Ordering::Relaxed) > INCOMING_OCTETS_MAX {
            self.smtp.abandon_message(replies::INSUFFICIENT_RESOURCES);
            self.count_incoming(self.smtp.held_bytes() as u64);
        }
    }

    fn count_incoming(&mut self, held: u64) {
        self.shared.incoming_octets.fetch_add(held, Ordering::Relaxed);
        self.shared.incoming_octets.fetch_sub(self.counted, Ordering::Relaxed);
        self.counted = held;
    }

    fn log(&mut self, mark: Mark, data: &str, context: &str) {
        if let Some(log) = &mut self.log {
            log.line(mark, data, context);
        }
    }

    fn log_received(&mut self) {
        if let Some(log) = &mut self.log {
            log.line(Mark::Receive, &self.smtp.last_line(), "");
        }
    }
}

impl Drop for Session {
    /// However the session ends, by a panic too, its octets do not count against the others any longer.
    fn drop(&mut self) {
        self.count_incoming(0);
    }
}

fn recipients_of(transaction: &Transaction) -> Vec<String> {
    transaction.entries.iter().map(|entry| entry.recipient.as_str().to_owned()).collect()
}
