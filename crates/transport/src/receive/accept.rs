//! The end of DATA: checks what only the whole message shows, adds trace headers, takes the message over.
//!
//! May touch: clock, chance, directory snapshot, agents; spool through `submit`.
//! Standards: RFC 5321 §4.4 (Received), §6.3 (loops); RFC 6409 §8 (adding missing fields on submission);
//! RFC 8601 §2.2, §5 (results of checks, and whose are believed).

use std::net::SocketAddr;

use bytes::{Bytes, BytesMut};
use directory::{Permission, Snapshot};
use events::{Directionality, MessageFacts, Reason, Source};
use mail::summary::AUTHORS_MAX;
use mail::{Address, MessageId, ReversePath, Summary};
use smtp::{Reply, replies};
use trace::Received;
use uuid::Uuid;

use super::policy::{self, Peer, Refused};
use super::transaction::Transaction;
use crate::agent_notes::Notes;
use crate::envelope::{Envelope, HeaderFacts, MessageKind, Origin, OriginKind, Trust};
use crate::submit::{self, NewMessage, SentAs};
use crate::{Shared, SubmitError};

/// The pair of custom-data with results of checks that another server made.
const CHECKS: &str = "AuthenticationResults";
/// Octets of it that are kept.
const CHECKS_BYTES_MAX: usize = 2_000;

/// The session a message came in.
pub(crate) struct Session<'a> {
    pub(crate) peer: &'a Peer,
    pub(crate) id: Uuid,
    pub(crate) helo: &'a str,
    pub(crate) esmtp: bool,
    pub(crate) local: SocketAddr,
    pub(crate) server: &'a str,
}

/// Why a message is not taken over.
pub(crate) enum NotTaken {
    /// It may not come in; its header was read.
    Refused(Refused, Box<Told>),
    /// It could not be stored.
    Failed(SubmitError),
}

/// What a message says of itself: the record of its refusal is found by it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Told {
    pub(crate) subject: String,
    pub(crate) from: Option<String>,
    pub(crate) sender: Option<String>,
    pub(crate) message_id: Option<MessageId>,
    /// In octets, as it came.
    pub(crate) size: u64,
}

impl Told {
    fn of(summary: &Summary, received: &[u8]) -> Told {
        Told {
            subject: summary.subject.clone(),
            from: summary.from.clone(),
            sender: summary.sender.clone(),
            message_id: summary.message_id.clone(),
            size: received.len() as u64,
        }
    }
}

impl Shared {
    /// Takes a message over and gives the reply for it.
    pub(crate) async fn accept(
        &self,
        session: &Session<'_>,
        mut transaction: Transaction,
        received: BytesMut,
    ) -> Result<Reply, NotTaken> {
        let snapshot = self.directory.snapshot();
        let received = received.freeze();
        let summary = mail::summarize(&received);
        let refuse = |refused| NotTaken::Refused(refused, Box::new(Told::of(&summary, &received)));
        check(&snapshot, session, &transaction, &received, &summary).map_err(refuse)?;
        self.quota(&snapshot, session.peer, &transaction, received.len() as u64).await.map_err(refuse)?;
        let sent_as = sender(&snapshot, session.peer, &summary, &transaction).map_err(refuse)?;
        let now = self.world.clock.now();
        let consulted =
            self.consult_message(&snapshot, session.peer, &mut transaction, &received).map_err(refuse)?;
        let notes = consulted.notes;
        let mut body = consulted.message.into_owned();
        if let SentAs::OnBehalf { delegate, .. } = &sent_as {
            body = mail::edit::set_sender(&body, delegate);
        }
        let message_id = summary
            .message_id
            .clone()
            .unwrap_or_else(|| MessageId::generate(self.world.chance.uuid_v4(), session.server));
        mail::edit::add_missing(
            &mut body,
            &mail::edit::Defaults { from: transaction.from.address(), at: now, message_id: &message_id },
        );
        mail::edit::prepend(&mut body, &trace_header(session, &transaction, now));
        let message = new_message(
            session,
            transaction,
            NewParts {
                received: &received,
                body,
                summary: &summary,
                sent_as,
                message_id: message_id.clone(),
                notes,
                now,
            },
        );
        let no = self.submit(message).await.map_err(NotTaken::Failed)?;
        Ok(replies::queued(message_id.as_str(), no.0, session.server))
    }

    /// The size is known now, where MAIL did not declare it: a message that no mailbox has room for is refused to an
    /// anonymous sender. Where one has, the others get a report.
    async fn quota(
        &self,
        snapshot: &Snapshot,
        peer: &Peer,
        transaction: &Transaction,
        size: u64,
    ) -> Result<(), Refused> {
        if !peer.is_anonymous() || transaction.entries.is_empty() {
            return Ok(());
        }
        for entry in &transaction.entries {
            let mailbox = snapshot.recipient_by_address(&entry.recipient);
            let Some((mailbox, quota)) = mailbox.and_then(|mailbox| Some((mailbox, policy::quota(mailbox)?)))
            else {
                return Ok(());
            };
            // A mailbox that never got anything has no file and is empty.
            let used = self.mailboxes.size(mailbox.guid).await.unwrap_or_default();
            if used.saturating_add(size) <= quota {
                return Ok(());
            }
        }
        Err(Refused::new(Reason::MailboxFull, replies::MAILBOX_FULL))
    }
}

fn new_message(session: &Session<'_>, transaction: Transaction, parts: NewParts<'_>) -> NewMessage {
    let peer = session.peer;
    let summary = parts.summary;
    let return_path = match (&parts.sent_as, &transaction.from) {
        (_, ReversePath::Null) => ReversePath::Null,
        // NDRs return where replies do: to the mailbox that was represented.
        (SentAs::Other(mailbox) | SentAs::OnBehalf { mailbox, .. }, _) => {
            ReversePath::Address(mailbox.clone())
        }
        (SentAs::Self_, from) => from.clone(),
    };
    let sender = match &parts.sent_as {
        SentAs::OnBehalf { delegate, .. } => Some(delegate.as_str().to_owned()),
        _ => summary.sender.clone(),
    };
    let mail_from = || transaction.from.address().map(|address| address.as_str().to_owned());
    let facts = HeaderFacts {
        message_id: Some(parts.message_id.as_str().to_owned()),
        subject: summary.subject.clone(),
        from: summary.from.clone().or_else(mail_from),
        sender,
        date: summary.date,
    };
    let arrival = arrival(session, &facts, &return_path, &parts);
    let helo = Some(session.helo.to_owned()).filter(|helo| !helo.is_empty());
    let envelope = Envelope {
        network_message_id: transaction.id,
        received: parts.now,
        envid: transaction.params.envid.clone(),
        ret: transaction.ret(),
        body_type: transaction.body_type(),
        smtp_utf8: transaction.params.smtputf8,
        size: parts.body.len() as u64,
        origin: Origin {
            kind: OriginKind::Smtp,
            connector: Some(peer.connector.name.clone()),
            client_ip: Some(peer.ip),
            helo,
            authenticated_as: peer.user.as_ref().map(|user| user.guid),
            trust: peer.trust(),
        },
        facts,
        kind: MessageKind::Ordinary,
        resend_key: resend_key(summary, &transaction.from, parts.received),
        poison_count: 0,
        return_path,
    };
    NewMessage {
        envelope,
        entries: transaction.entries,
        body: Bytes::from(parts.body),
        arrival,
        notes: parts.notes,
    }
}

fn arrival(
    session: &Session<'_>,
    facts: &HeaderFacts,
    return_path: &ReversePath,
    parts: &NewParts<'_>,
) -> Received {
    let peer = session.peer;
    let sender_address = facts.sender.clone().or_else(|| facts.from.clone());
    Received {
        source: Source::Smtp,
        recipients: Vec::new(),
        message_id: Some(parts.message_id.clone()),
        facts: MessageFacts {
            subject: facts.subject.clone(),
            sender_address: sender_address.unwrap_or_else(|| return_path.as_trace().to_owned()),
            from_address: facts.from.clone(),
            return_path: return_path.as_trace().to_owned(),
            total_bytes: parts.body.len() as u64,
            directionality: direction(peer),
            original_client_ip: Some(peer.ip),
            original_server_ip: Some(session.local.ip()),
            authenticated_as: peer.user.as_ref().map(|user| user.primary_smtp_address.as_str().to_owned()),
        },
        client_ip: Some(peer.ip),
        client_hostname: Some(session.helo.to_owned()).filter(|helo| !helo.is_empty()),
        server_ip: Some(session.local.ip()),
        connector_id: Some(peer.connector.name.clone()),
        source_context: Some(session.id.to_string()),
        reference: Vec::new(),
        tls: peer.tls.clone(),
        custom_data: checks(peer, parts.received),
    }
}

/// The topmost Authentication-Results of a message from a host that the organization vouches for. Anybody can write such a header, so
/// that of others says nothing (RFC 8601 §5).
fn checks(peer: &Peer, received: &[u8]) -> Vec<(String, String)> {
    if !peer.permissions().has(Permission::AcceptAuthenticationFlag) {
        return Vec::new();
    }
    let block = mail::header::HeaderBlock::scan(received);
    let first = block.fields().find(|field| field.is("Authentication-Results"));
    let mut text = first.map(|field| field.text()).unwrap_or_default();
    text.truncate(text.floor_char_boundary(CHECKS_BYTES_MAX));
    let words = text.replace(|letter: char| letter.is_control(), " ");
    Some(words)
        .filter(|words| !words.is_empty())
        .map(|words| (CHECKS.to_owned(), words))
        .into_iter()
        .collect()
}

struct NewParts<'a> {
    received: &'a Bytes,
    body: Vec<u8>,
    summary: &'a Summary,
    sent_as: SentAs,
    message_id: MessageId,
    notes: Notes,
    now: jiff::Timestamp,
}

fn check(
    snapshot: &Snapshot,
    session: &Session<'_>,
    transaction: &Transaction,
    received: &[u8],
    summary: &Summary,
) -> Result<(), Refused> {
    let limits = &session.peer.connector.limits;
    if summary.received_count as u64 > u64::from(limits.max_hop_count) {
        return Err(Refused::new(Reason::HopCount, replies::HOP_COUNT_EXCEEDED));
    }
    if limits.max_local_hop_count > 0 {
        let local = mail::header::HeaderBlock::scan(received)
            .fields()
            .filter(|field| field.is("Received"))
            .filter(|field| names_us(&field.unfolded(), session.server))
            .count();
        if local as u64 > u64::from(limits.max_local_hop_count) {
            return Err(Refused::new(Reason::HopCount, replies::HOP_COUNT_EXCEEDED));
        }
    }
    policy::size(snapshot, session.peer, received.len() as u64, &transaction.recipients())
}

/// Whether a Received field was written by this server: ` by <server> `.
fn names_us(field: &[u8], server: &str) -> bool {
    let field = String::from_utf8_lossy(field).to_ascii_lowercase();
    field.contains(&format!(" by {} ", server.to_ascii_lowercase()))
}

/// As whom a signed-in user sends. Everybody else sends as they like: that is for agents to judge.
fn sender(
    snapshot: &Snapshot,
    peer: &Peer,
    summary: &Summary,
    transaction: &Transaction,
) -> Result<SentAs, Refused> {
    let Some(user) = &peer.user else { return Ok(SentAs::Self_) };
    let denied = |address: &str| {
        let user = user.primary_smtp_address.as_str().to_owned();
        policy::send_as_denied(&submit::SendAsDenied { user, address: address.to_owned() })
    };
    let check = |address: &str| {
        let address = Address::parse(address).map_err(|_| denied(address))?;
        submit::check_from(snapshot, user, &address).map_err(|error| policy::send_as_denied(&error))
    };
    let envelope = || transaction.from.address().map(|from| from.as_str().to_owned());
    let authors = if summary.has.from { summary.authors.clone() } else { envelope().into_iter().collect() };
    // What cannot be read, or is more than anybody looks at, is not checked, and so not sent under somebody's name.
    if summary.from_fields > 1 || authors.len() > AUTHORS_MAX || (summary.has.from && authors.is_empty()) {
        return Err(denied(summary.from.as_deref().unwrap_or("the From of this message")));
    }
    let mut sent_as = SentAs::Self_;
    for author in &authors {
        // Of several authors the one that needs a Sender field decides.
        match (check(author)?, &sent_as) {
            (found @ SentAs::OnBehalf { .. }, _) | (found, SentAs::Self_) => sent_as = found,
            _ => {}
        }
    }
    // The Sender field of a message on behalf of another is written here; any other has to be the user's to write.
    if let (Some(sender), SentAs::Self_ | SentAs::Other(_)) = (&summary.sender, &sent_as)
        && matches!(check(sender)?, SentAs::OnBehalf { .. })
    {
        return Err(denied(sender));
    }
    Ok(sent_as)
}

fn trace_header(session: &Session<'_>, transaction: &Transaction, now: jiff::Timestamp) -> Vec<u8> {
    let with = match (session.esmtp, session.peer.tls.is_some(), session.peer.user.is_some()) {
        (false, _, _) => "SMTP",
        (true, false, false) => "ESMTP",
        (true, true, false) => "ESMTPS",
        (true, false, true) => "ESMTPA",
        (true, true, true) => "ESMTPSA",
    };
    let with = match (transaction.params.smtputf8, with) {
        (true, "ESMTPS") => "UTF8SMTPS",
        (true, "ESMTPA") => "UTF8SMTPA",
        (true, "ESMTPSA") => "UTF8SMTPSA",
        (true, _) => "UTF8SMTP",
        (false, with) => with,
    };
    let only = match transaction.entries.as_slice() {
        [entry] => Some(&entry.recipient),
        _ => None,
    };
    mail::edit::received(&mail::edit::Received {
        helo: Some(session.helo).filter(|helo| !helo.is_empty()),
        client_ip: Some(session.peer.ip),
        by: session.server,
        with,
        tls: session.peer.tls.as_deref(),
        id: &transaction.id.to_string(),
        for_: only,
        at: now,
    })
}

pub(super) fn direction(peer: &Peer) -> Directionality {
    match peer.trust() {
        Trust::Anonymous => Directionality::Incoming,
        Trust::Internal => Directionality::Originating,
    }
}

fn resend_key(summary: &Summary, from: &ReversePath, received: &[u8]) -> Option<[u8; 32]> {
    let id = summary.message_id.as_ref()?;
    let date = summary.date.map(|date| date.to_string());
    let digest = *blake3::hash(received).as_bytes();
    let key = mailbox::ResendKey::compute(Some(id.as_str()), date.as_deref(), from.as_trace(), &digest)?;
    Some(*key.as_bytes())
}
