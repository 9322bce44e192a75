//! Tries a Send connector: one real message over the code that delivers, each step of it noted. A message of a trial is
//! in the spool before it goes and is ended by what became of it, or by the start after a death in the middle: it waits in
//! no queue and causes no report.
//!
//! May touch: spool (two commits), clock, chance, directory snapshot; DNS and network through the other files.

mod steps;
mod transcript;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use directory::{SendConnector, Snapshot};
use events::{Directionality, MessageFacts, Reason, Source};
use mail::{Address, MessageId, NetworkMessageId, ReversePath, edit};
use smtp::client::Outcome;
use spool::Batch;
use trace::Received;
use trace::causes::{self, Explanation};

pub use self::steps::{Step, StepResult};
pub(super) use self::transcript::{Said, Transcript};
use super::connection::{self, Connection, Terms};
use super::hosts::{Host, Hosts, NoHost};
use super::outcome::{self, End, Hop, Notices};
use super::settle::{self, Ended, Way};
use super::transaction;
use super::unreached::Unreached;
use crate::envelope::{
    BodyType, Entry, Envelope, HeaderFacts, MessageKind, Notify, Origin, OriginKind, Trust,
};
use crate::failure::{Failure, Remote};
use crate::item::Item;
use crate::queue::key::{DeliveryType, QueueKey};
use crate::submit::NewMessage;
use crate::{Shared, SubmitError, Transport};

/// The longest wait for a reply: somebody sits before the screen. Delivery itself is more patient.
const PATIENCE_MAX: Duration = Duration::from_secs(30);
/// The longest trial: however slowly a host talks, and however many there are.
const TRIAL_MAX: Duration = Duration::from_secs(120);
/// Trials at once.
pub(crate) const TRIALS_MAX: usize = 4;
/// What the trace calls the queue and the source of the message. There is no queue of that name: a trial is sent at once or not
/// at all.
pub const CALLED: &str = "Test-SendConnector";
/// The text of the message.
const TEXT: &str = "This message was sent by an administrator to test a Send connector.\r\nNothing has to be done with it.\r\n";

/// What is tried.
#[derive(Debug, Clone)]
pub struct Trial {
    /// The connector, as stored or as it would be.
    pub connector: SendConnector,
    /// The envelope sender.
    pub from: ReversePath,
    /// The address in From.
    pub author: Address,
    /// The recipient.
    pub to: Address,
    /// Who asked, for the tracking log.
    pub asked_by: String,
    /// Whether hosts on this machine or its link may be tried: not those that somebody elsewhere just named.
    pub may_reach_this_machine: bool,
}

/// Why nothing was tried, or is not known to have an end.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// Too many at once.
    #[error("{TRIALS_MAX} tests of Send connectors run already; try again when one of them has ended")]
    Busy,
    /// The message, or its end, could not be stored.
    #[error(transparent)]
    Store(#[from] SubmitError),
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct Tried {
    /// Each step, in order.
    pub steps: Vec<Step>,
    /// The message in the trace.
    pub network_message_id: NetworkMessageId,
    /// Its Message-ID.
    pub message_id: String,
    /// Why it was not taken, where it was not.
    pub why: Option<Explanation>,
}

impl Transport {
    /// Sends one message over a connector and says what happened, step by step. It is in the trace as any message is.
    ///
    /// # Errors
    /// See [`TrialError`]; where the end of the message could not be stored the server stops.
    pub async fn try_send_connector(&self, trial: Trial) -> Result<Tried, TrialError> {
        self.shared.try_send_connector(trial).await
    }
}

impl Shared {
    async fn try_send_connector(&self, trial: Trial) -> Result<Tried, TrialError> {
        let shared = self;
        let _place = shared.trials.try_acquire().map_err(|_| TrialError::Busy)?;
        let snapshot = shared.directory.snapshot();
        let transcript = Arc::new(Transcript::new(&shared.world.clock));
        let connector = Arc::new(impatient(trial.connector.clone()));
        let message = message(shared, &snapshot, &trial);
        let body = message.body.clone();
        let mut batch = Batch::new();
        let item = shared.add_message(&mut batch, message)?;
        shared.spool.commit(batch).await.map_err(SubmitError::from)?;

        let way = Tries {
            connector: &connector,
            transcript: &transcript,
            may_reach_this_machine: trial.may_reach_this_machine,
        };
        let carried = shared
            .world
            .clock
            .timeout(TRIAL_MAX, Box::pin(carry(shared, &snapshot, &way, &item, body)))
            .await;
        let (end, hop) = carried.unwrap_or_else(|_| (took_too_long(), nowhere(&connector)));
        let hop = Hop { host: hop.host.or_else(|| later_at(&end)), ..hop };
        let end = at_once(end);
        let why = match &end {
            End::Failed(failure) => {
                let remote = failure.remote.as_ref().map(|remote| remote.reply.as_str());
                causes::explain_reply(Some(failure.reason), remote, Some(&failure.reply))
            }
            End::HandedOn(_) | End::Later(_) => None,
        };
        let (network_message_id, message_id) =
            (item.envelope.network_message_id, item.envelope.facts.message_id.clone().unwrap_or_default());
        shared.or_fail(settle_trial(shared, &snapshot, &connector, item, end, hop).await)?;
        Ok(Tried { steps: steps::of(&transcript.lines()), network_message_id, message_id, why })
    }

    /// Ends what a trial was in the middle of when the server died: nobody waits for its answer any more, and sent
    /// again it would be a second message.
    pub(crate) async fn end_trials(&self, items: Vec<Item>) -> Result<(), SubmitError> {
        let snapshot = self.directory.snapshot();
        for item in items {
            let why =
                "451 4.4.2 The server stopped during the test; whether the message was taken is not known";
            let end = End::Failed(Failure::new(Reason::ConnectionDropped, Source::Smtp, "4.4.2", why));
            let way = Way { queue: CALLED, next_hop: events::NextHop::Outside };
            settle_by(self, &snapshot, &way, item, end, Hop::default()).await?;
        }
        Ok(())
    }
}

/// Whether a message is a trial's; the mark is where the name of a Receive connector is in others.
pub(crate) fn is_trial(envelope: &Envelope) -> bool {
    envelope.origin.kind == OriginKind::Agent && envelope.origin.connector.as_deref() == Some(CALLED)
}

async fn settle_trial(
    shared: &Shared,
    snapshot: &Snapshot,
    connector: &SendConnector,
    item: Item,
    end: End,
    hop: Hop,
) -> Result<(), SubmitError> {
    let way = Way { queue: CALLED, next_hop: outcome::next_hop(connector) };
    settle_by(shared, snapshot, &way, item, end, hop).await
}

async fn settle_by(
    shared: &Shared,
    snapshot: &Snapshot,
    way: &Way<'_>,
    item: Item,
    end: End,
    hop: Hop,
) -> Result<(), SubmitError> {
    let mut batch = Batch::new();
    let hop = Arc::new(hop);
    let ended = item.entries.iter().map(|(no, entry)| Ended {
        no: *no,
        entry: entry.clone(),
        end: end.clone(),
        hop: Arc::clone(&hop),
    });
    let ended: Vec<Ended> = ended.collect();
    settle::settle(shared, snapshot, &mut batch, &item, way, ended).await?;
    shared.spool.commit(batch).await?;
    Ok(())
}

fn impatient(mut connector: SendConnector) -> SendConnector {
    let wait = &mut connector.limits.connection_inactivity_timeout;
    *wait = PATIENCE_MAX.min(*wait);
    connector
}

/// How a message of a trial may go.
struct Tries<'a> {
    connector: &'a Arc<SendConnector>,
    transcript: &'a Arc<Transcript>,
    may_reach_this_machine: bool,
}

fn nowhere(connector: &SendConnector) -> Hop {
    Hop { connector: Some(connector.name.clone()), ..Hop::default() }
}

fn took_too_long() -> End {
    let why = format!("451 4.4.1 The test was not over after {} s", TRIAL_MAX.as_secs());
    End::Failed(Failure::new(Reason::ConnectionTimedOut, Source::Smtp, "4.4.1", &why))
}

/// Takes the message to the first host that can be reached.
async fn carry(
    shared: &Shared,
    snapshot: &Snapshot,
    way: &Tries<'_>,
    item: &Item,
    body: Bytes,
) -> (End, Hop) {
    let Tries { connector, transcript, .. } = *way;
    let nowhere = nowhere(connector);
    let domain = item.entries.first().map(|(_, entry)| entry.recipient.domain_key().to_owned());
    let connection = match reach(shared, snapshot, way, domain.unwrap_or_default()).await {
        Ok(connection) => connection,
        Err(end) => return (end, nowhere),
    };
    let mut connection = connection;
    let hop = Hop {
        host: Some(connection.host.clone()),
        session: Some(connection.id.to_string()),
        tls: connection.tls.clone(),
        ..nowhere
    };
    let transaction = transaction::of(&item.envelope, item.entries.iter().map(|(_, entry)| entry), body);
    let note = format!("sending message with RecordId {} for {CALLED}", item.no);
    let outcome = connection.send(transaction, &note).await;
    let end = read(outcome.as_ref(), &connection, connector, transcript);
    shared.world.exec.spawn("send-quit", connection.quit());
    (end, hop)
}

async fn reach(
    shared: &Shared,
    snapshot: &Snapshot,
    way: &Tries<'_>,
    domain: String,
) -> Result<Connection, End> {
    let Tries { connector, transcript, may_reach_this_machine } = *way;
    let by_dns = connector.dns_routing_enabled();
    let key = QueueKey {
        delivery_type: if by_dns {
            DeliveryType::DnsConnectorDelivery
        } else {
            DeliveryType::SmartHostConnectorDelivery
        },
        next_hop_domain: if by_dns { domain.clone() } else { connector.smart_hosts_string() },
        connector: connector.guid,
    };
    let domain_of_dns = by_dns.then_some(domain.as_str());
    let terms = Terms::new(snapshot, Arc::clone(connector), domain_of_dns, &shared.world);
    let terms = Arc::new(terms.noted(Arc::clone(transcript)));
    let mut hosts = Hosts::new(snapshot, connector, &key);
    let mut failed: Option<Unreached> = None;
    // `Hosts` gives no more than a few.
    loop {
        transcript.note(Said::Looking);
        let host = match hosts.next(&shared.world).await {
            Ok(Some(host)) => host,
            Ok(None) => {
                return Err(
                    failed.map_or_else(|| End::Failed(Failure::no_mail_host()), |why| End::Later(why.into()))
                );
            }
            Err(NoHost::Never(failure)) => {
                terms.log_no_host(&shared.world, &shared.send_log, &failure.reply);
                transcript.note(Said::Found(Err(failure.reply.clone())));
                return Err(End::Failed(failure));
            }
            Err(NoHost::Later { reason, error }) => {
                terms.log_no_host(&shared.world, &shared.send_log, &error);
                transcript.note(Said::Found(Err(error.clone())));
                return Err(End::Later(Unreached { reason, error, host: None, reply: None }.into()));
            }
        };
        let unreached = if !may_reach_this_machine && is_near(host.address.ip()) {
            let unreached = kept_from(&host);
            transcript.note(Said::Found(Err(unreached.error.clone())));
            unreached
        } else {
            transcript.note(Said::Found(Ok(host.clone())));
            match connection::open(&shared.world, &shared.send_log, &terms, &host).await {
                Ok(connection) => return Ok(connection),
                Err(unreached) => unreached,
            }
        };
        failed = Some(match failed {
            Some(before) => before.or(unreached),
            None => unreached,
        });
    }
}

/// Whether an address is this machine's own or on its link, where services listen that trust whoever reaches them. A
/// private network is where smart hosts are.
fn is_near(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(ip) => {
            let [first, ..] = ip.octets();
            first == 0 || ip.is_loopback() || ip.is_link_local() || ip.is_multicast() || ip.is_broadcast()
        }
        IpAddr::V6(ip) => {
            ip.is_loopback() || ip.is_unspecified() || ip.is_unicast_link_local() || ip.is_multicast()
        }
    }
}

fn kept_from(host: &Host) -> Unreached {
    let error = format!(
        "441 4.4.1 {host} is on the server's own machine or link: test such a host from that machine, or store the connector first"
    );
    Unreached { reason: Reason::ConnectionRefused, error, host: Some(host.clone()), reply: None }
}

/// What the host said of the one recipient.
fn read(
    outcome: Option<&Outcome>,
    connection: &Connection,
    connector: &SendConnector,
    transcript: &Transcript,
) -> End {
    let Some(outcome) = outcome else {
        let why = "451 4.4.2 Connection dropped";
        return End::Failed(Failure::new(Reason::ConnectionDropped, Source::Smtp, "4.4.2", why));
    };
    let Some(one) = outcome.recipients.first() else {
        return End::Failed(Failure::no_mail_host());
    };
    if one.class != smtp::client::OutcomeClass::Success {
        transcript.failed(one);
    }
    let remote_id = outcome.remote_id.as_ref().map(|remote| remote.id.as_str());
    outcome::decide(one, &connection.host, &connector.error_policies, Notices::Theirs, remote_id)
}

/// The host that was tried, where one was.
fn later_at(end: &End) -> Option<Host> {
    match end {
        End::Later(why) => why.host.clone(),
        End::HandedOn(_) | End::Failed(_) => None,
    }
}

/// A trial does not wait: what would be tried again ends here, with the reason it would wait for.
fn at_once(end: End) -> End {
    let End::Later(why) = end else { return end };
    End::Failed(Failure {
        reason: why.reason,
        source: why.source,
        status: "5.4.7".to_owned(),
        reply: why.error,
        remote: why.host.zip(why.remote_reply).map(|(host, reply)| Remote { host: host.to_string(), reply }),
    })
}

fn message(shared: &Shared, snapshot: &Snapshot, trial: &Trial) -> NewMessage {
    let id = NetworkMessageId(shared.world.chance.uuid_v4());
    let now = shared.world.clock.now();
    let message_id = format!("<{id}@{}>", snapshot.organization().server_fqdn);
    let subject = subject(&trial.connector);
    let author = trial.author.as_str().to_owned();
    let body = compose(trial, &subject, &message_id, now);
    let facts = MessageFacts {
        subject: subject.clone(),
        sender_address: author.clone(),
        from_address: Some(author.clone()),
        return_path: match &trial.from {
            ReversePath::Null => "<>".to_owned(),
            ReversePath::Address(address) => address.as_str().to_owned(),
        },
        total_bytes: body.len() as u64,
        directionality: Directionality::Originating,
        ..MessageFacts::default()
    };
    let envelope = Envelope {
        network_message_id: id,
        received: now,
        return_path: trial.from.clone(),
        envid: None,
        ret: None,
        body_type: BodyType::SevenBit,
        smtp_utf8: false,
        size: body.len() as u64,
        origin: Origin {
            kind: OriginKind::Agent,
            connector: Some(CALLED.to_owned()),
            client_ip: None,
            helo: None,
            authenticated_as: None,
            trust: Trust::Internal,
        },
        facts: HeaderFacts {
            message_id: Some(message_id.clone()),
            subject,
            from: Some(author),
            sender: None,
            date: Some(now),
        },
        kind: MessageKind::Ordinary,
        resend_key: None,
        poison_count: 0,
    };
    let arrival = Received {
        source: Source::Admin,
        recipients: Vec::new(),
        message_id: MessageId::parse(&message_id).ok(),
        facts,
        client_ip: None,
        client_hostname: None,
        server_ip: None,
        connector_id: None,
        source_context: Some(format!("{CALLED} of \"{}\" by {}", trial.connector.name, trial.asked_by)),
        reference: Vec::new(),
        tls: None,
        custom_data: Vec::new(),
    };
    let entries = vec![Entry::submitted(trial.to.clone(), None, Notify::NEVER)];
    NewMessage { envelope, entries, body: body.into(), arrival, notes: Vec::new() }
}

/// The name of a connector that is stored; one that is not has whatever name the caller likes, and the message is no
/// place for it.
fn subject(connector: &SendConnector) -> String {
    match connector.guid.is_nil() {
        true => "Test of a Send connector".to_owned(),
        false => format!("Test of the Send connector {}", connector.name),
    }
}

fn compose(trial: &Trial, subject: &str, message_id: &str, now: jiff::Timestamp) -> Vec<u8> {
    let mut message = Vec::new();
    message.extend(edit::line("From", &format!("<{}>", trial.author)));
    message.extend(edit::line("To", &format!("<{}>", trial.to)));
    message.extend(edit::text_line("Subject", subject));
    message.extend(edit::line("Date", &edit::date(now)));
    message.extend(edit::line("Message-ID", message_id));
    message.extend(edit::line("Auto-Submitted", "auto-generated"));
    message.extend_from_slice(b"\r\n");
    message.extend_from_slice(TEXT.as_bytes());
    message
}

#[cfg(test)]
mod tests;
