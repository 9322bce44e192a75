//! Reports to the sender: NDR, delay notice, success, relay and expansion notices; as messages of their own.
//!
//! May touch: clock, chance, directory snapshot; the spool for the original and, through `submit`, for the report.
//! Standards: RFC 3461 §5, §6; RFC 5321 §4.5.5 (null return path, no report for a report).

pub(crate) mod rate;

use events::{Directionality, MessageFacts, Reason, Source};
use mail::dsn::{self, Form, ReportRecipient, Return};
use mail::{Address, MessageId, NetworkMessageId, ReversePath};
use spool::Batch;
use trace::{Cause, Received};

pub(crate) use mail::dsn::ReportKind;

use crate::envelope::{
    BodyType, Entry, Envelope, HeaderFacts, MessageKind, Notify, Origin, OriginKind, Ret, Trust,
};
use crate::failure::Failure;
use crate::item::Item;
use crate::submit::NewMessage;
use crate::{Shared, SubmitError};
use directory::Snapshot;

/// Octets of reports after which a commit is closed: each may hold a whole message (DsnMaxMessageAttachSize).
pub(crate) const REPORT_OCTETS_PER_COMMIT_MAX: u64 = 16 * 1024 * 1024;

/// Octets of these reports together.
pub(crate) fn octets_of(reports: &[Item]) -> u64 {
    reports.iter().fold(0, |sum, report| sum.saturating_add(report.envelope.size))
}

/// Recipients of a message that something is to be told about, each with what happened.
pub(crate) struct Reported<'a> {
    /// The message.
    pub(crate) item: &'a Item,
    /// Recipients with their failure, or with the status of a notice.
    pub(crate) recipients: &'a [(Entry, Failure)],
}

/// Whether a report will be made, decided before the events that refer to it are written.
pub(crate) enum Planned {
    /// Nobody asked for one.
    NotWanted,
    /// One would be due, but must not be sent.
    Suppressed(Reason),
    /// One will be made.
    Report(Box<Draft>),
}

/// A report before it is composed.
pub(crate) struct Draft {
    kind: ReportKind,
    id: NetworkMessageId,
    message_id: MessageId,
    original: Item,
    to: Address,
    recipients: Vec<ReportRecipient>,
}

impl Planned {
    /// Links a FAIL event to the report it causes, or says why there is none.
    pub(crate) fn link(&self, cause: &mut Cause) {
        match self {
            Self::NotWanted => {}
            Self::Suppressed(Reason::NdrSuppressedRate) => {
                cause.source_context = Some("NDR suppressed: rate".to_owned());
            }
            Self::Suppressed(_) => cause.source_context = Some("NDR suppressed: null return path".to_owned()),
            Self::Report(draft) => cause.reference.push(draft.message_id.as_str().to_owned()),
        }
    }
}

/// What a delivery notice says.
pub(crate) fn delivered() -> Failure {
    notice("2.1.5", "Delivered to mailbox")
}

/// What a relay notice says: the next host gives no notices.
pub(crate) fn relayed() -> Failure {
    notice("2.1.9", "Relayed to a host that sends no delivery notices")
}

/// What an expansion notice says.
pub(crate) fn expanded() -> Failure {
    notice("2.1.5", "Expanded to the members of the group")
}

/// What a delay notice says.
pub(crate) fn delayed(entry: &Entry) -> Failure {
    let error = entry.last_error.clone().unwrap_or_else(|| "no attempt has succeeded yet".to_owned());
    Failure { reply: error, ..notice("4.4.7", "") }
}

fn notice(status: &str, text: &str) -> Failure {
    Failure {
        reason: Reason::Internal,
        source: Source::Dsn,
        status: status.to_owned(),
        reply: format!("250 {status} {text}"),
        remote: None,
    }
}

impl Shared {
    /// Decides whether a report is made for these recipients, and counts it.
    pub(crate) fn plan_report(
        &self,
        snapshot: &Snapshot,
        reported: &Reported<'_>,
        kind: ReportKind,
    ) -> Planned {
        let envelope = &reported.item.envelope;
        let wanted: Vec<&(Entry, Failure)> =
            reported.recipients.iter().filter(|(entry, _)| wants(entry.notify, kind)).collect();
        if wanted.is_empty() {
            return Planned::NotWanted;
        }
        let ReversePath::Address(to) = &envelope.return_path else {
            return Planned::Suppressed(Reason::NdrSuppressedNullSender);
        };
        if envelope.kind.is_report() {
            return Planned::Suppressed(Reason::NdrSuppressedNullSender);
        }
        let config = snapshot.transport_config();
        let inside = snapshot.recipient_by_address(to).is_some();
        let delays =
            if inside { config.internal_delay_dsn_enabled } else { config.external_delay_dsn_enabled };
        if kind == ReportKind::Delayed && !delays {
            return Planned::NotWanted;
        }
        let counted = envelope.origin.trust == Trust::Anonymous && kind == ReportKind::Failed;
        let limit = config.unauthenticated_ndr_rate_limit as usize;
        if counted && !self.report_rate.admit(to.key(), limit, self.world.clock.elapsed()) {
            return Planned::Suppressed(Reason::NdrSuppressedRate);
        }
        let server = &snapshot.organization().server_fqdn;
        let expires = self.expires(envelope);
        Planned::Report(Box::new(Draft {
            kind,
            id: NetworkMessageId(self.world.chance.uuid_v7(&self.world.clock)),
            message_id: MessageId::generate(self.world.chance.uuid_v4(), server),
            original: reported.item.clone(),
            to: to.clone(),
            recipients: wanted
                .into_iter()
                .map(|(entry, failure)| report_recipient(entry, failure, kind, expires))
                .collect(),
        }))
    }

    /// Composes a planned report and adds it to the batch of what caused it.
    pub(crate) async fn add_report(
        &self,
        batch: &mut Batch,
        snapshot: &Snapshot,
        planned: Planned,
    ) -> Result<Option<Item>, SubmitError> {
        let Planned::Report(draft) = planned else { return Ok(None) };
        let no = draft.original.no;
        let original = self.spool.body(no).await.unwrap_or_else(|error| {
            // The sender is told all the same, without the original.
            tracing::error!(message = no.0, %error, "the original of a report cannot be read from the spool");
            bytes::Bytes::new()
        });
        Ok(Some(self.add_message(batch, self.compose(snapshot, &draft, &original))?))
    }

    /// Plans and adds a notice that no event refers to.
    pub(crate) async fn notify(
        &self,
        batch: &mut Batch,
        snapshot: &Snapshot,
        reported: Reported<'_>,
        kind: ReportKind,
    ) -> Result<Option<Item>, SubmitError> {
        let planned = self.plan_report(snapshot, &reported, kind);
        self.add_report(batch, snapshot, planned).await
    }

    fn compose(&self, snapshot: &Snapshot, draft: &Draft, original: &[u8]) -> NewMessage {
        let now = self.world.clock.now();
        let envelope = &draft.original.envelope;
        let config = snapshot.transport_config();
        let inside = snapshot.recipient_by_address(&draft.to).is_some();
        let (from, name) = sender(snapshot, inside, &draft.to);
        let server = snapshot.organization().server_fqdn.clone();
        let own_authority = if inside {
            config.internal_dsn_reporting_authority.clone()
        } else {
            config.external_dsn_reporting_authority.clone()
        };
        let (html, attach_bytes_max) = if inside {
            (config.internal_dsn_send_html, config.internal_dsn_max_message_attach_size)
        } else {
            (config.external_dsn_send_html, config.external_dsn_max_message_attach_size)
        };
        let whole = draft.kind == ReportKind::Failed && envelope.ret != Some(Ret::Hdrs);
        let composed = dsn::compose(&dsn::Report {
            kind: draft.kind,
            from_name: name,
            from: &from,
            to: &draft.to,
            at: now,
            message_id: &draft.message_id,
            boundary: self.world.chance.uuid_v4(),
            reporting_mta: own_authority.as_deref().unwrap_or(&server),
            received_from: envelope.origin.helo.as_deref(),
            arrival: envelope.received,
            envelope_id: envelope.envid.as_deref(),
            recipients: &draft.recipients,
            original,
            ret: if whole { Return::Full } else { Return::Headers },
            attach_bytes_max,
            form: if html { Form::Html } else { Form::Plain },
        });
        report_message(snapshot, draft, &from, composed, now)
    }
}

/// The report as a message of its own.
fn report_message(
    snapshot: &Snapshot,
    draft: &Draft,
    from: &Address,
    composed: dsn::Composed,
    now: jiff::Timestamp,
) -> NewMessage {
    let original = &draft.original.envelope;
    let subject = format!("{}: {}", draft.kind.subject_prefix(), original.facts.subject);
    let size = composed.message.len() as u64;
    let arrival = arrival(draft, from, &subject, size);
    let envelope = Envelope {
        network_message_id: draft.id,
        received: now,
        return_path: ReversePath::Null,
        envid: None,
        ret: None,
        body_type: if composed.eight_bit { BodyType::EightBitMime } else { BodyType::SevenBit },
        smtp_utf8: composed.smtputf8,
        size,
        origin: Origin {
            kind: OriginKind::Dsn,
            connector: None,
            client_ip: None,
            helo: None,
            authenticated_as: None,
            trust: Trust::Internal,
        },
        facts: HeaderFacts {
            message_id: Some(draft.message_id.as_str().to_owned()),
            subject,
            from: Some(from.as_str().to_owned()),
            sender: None,
            date: Some(now),
        },
        kind: match draft.kind {
            ReportKind::Failed => MessageKind::Ndr,
            ReportKind::Delayed => MessageKind::DelayDsn,
            ReportKind::Delivered | ReportKind::Relayed | ReportKind::Expanded => MessageKind::SuccessDsn,
        },
        resend_key: None,
        poison_count: 0,
    };
    let mut entries = vec![Entry::submitted(draft.to.clone(), None, Notify::NEVER)];
    entries.extend(copy_for_postmaster(snapshot, draft));
    NewMessage { envelope, entries, body: composed.message.into(), arrival, notes: Vec::new() }
}

/// GenerateCopyOfDSNFor: the postmaster an administrator has named gets a copy.
fn copy_for_postmaster(snapshot: &Snapshot, draft: &Draft) -> Option<Entry> {
    let config = snapshot.transport_config();
    let postmaster = config.external_postmaster_address.clone()?;
    let listed = draft.recipients.iter().any(|to| config.generate_copy_of_dsn_for.contains(&to.status));
    (draft.kind == ReportKind::Failed && listed && postmaster != draft.to)
        .then(|| Entry::submitted(postmaster, None, Notify::NEVER))
}

fn wants(notify: Notify, kind: ReportKind) -> bool {
    match kind {
        ReportKind::Failed => notify.failure(),
        ReportKind::Delayed => notify.delay(),
        ReportKind::Delivered | ReportKind::Relayed | ReportKind::Expanded => notify.success(),
    }
}

fn report_recipient(
    entry: &Entry,
    failure: &Failure,
    kind: ReportKind,
    expires: jiff::Timestamp,
) -> ReportRecipient {
    // Kept decoded: the session has read the xtext.
    let given = entry.original.orcpt.as_deref().and_then(|orcpt| orcpt.split_once(';'));
    let given = given.map(|(address_type, address)| dsn::OriginalRecipient {
        address_type: address_type.to_ascii_lowercase(),
        address: address.to_owned(),
    });
    let original = given.or_else(|| {
        let renamed = entry.original.address != entry.recipient;
        renamed.then(|| dsn::OriginalRecipient {
            address_type: "rfc822".to_owned(),
            address: entry.original.address.as_str().to_owned(),
        })
    });
    ReportRecipient {
        original,
        reply: Some(failure.reply.clone()),
        remote_host: failure.remote.as_ref().map(|remote| remote.host.clone()),
        last_attempt: entry.last_attempt,
        retry_until: (kind == ReportKind::Delayed).then_some(expires),
        found: failure.code(),
        ..ReportRecipient::new(entry.recipient.clone(), failure.status.clone())
    }
}

/// Inside senders hear from the Microsoft Exchange recipient, outside ones from the postmaster.
fn sender(snapshot: &Snapshot, inside: bool, to: &Address) -> (Address, &'static str) {
    let system = snapshot.system_recipient().map(|system| system.primary_smtp_address.clone());
    let postmaster = snapshot.external_postmaster();
    let from = if inside { system.or(postmaster) } else { postmaster.or(system) };
    let name = if inside { "Microsoft Exchange" } else { "postmaster" };
    (from.unwrap_or_else(|| to.clone()), name)
}

fn arrival(draft: &Draft, from: &Address, subject: &str, size: u64) -> Received {
    let original = &draft.original.envelope;
    Received {
        source: Source::Dsn,
        recipients: Vec::new(),
        message_id: Some(draft.message_id.clone()),
        facts: MessageFacts {
            subject: subject.to_owned(),
            sender_address: from.as_str().to_owned(),
            from_address: Some(from.as_str().to_owned()),
            return_path: "<>".to_owned(),
            total_bytes: size,
            directionality: Directionality::Originating,
            ..MessageFacts::default()
        },
        client_ip: None,
        client_hostname: None,
        server_ip: None,
        connector_id: None,
        source_context: None,
        reference: original.facts.message_id.clone().into_iter().collect(),
        tls: None,
        custom_data: Vec::new(),
    }
}
