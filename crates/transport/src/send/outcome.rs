//! Where a hand-on by SMTP is decided: what the next hop's answer means for a recipient. SEND, SENDEXTERNAL, FAIL, DEFER.
//!
//! May touch: the batch.
//! Standards: RFC 5321 §4.2.1; RFC 3463; RFC 3030 §4 and RFC 6531 §3.6 (no conversion for a host that lacks them).

use directory::{ErrorPolicy, SendConnector, SmartHostAuthMechanism};
use events::{NextHop, Reason, Source};
use jiff::Timestamp;
use smtp::client::{Cause as SmtpCause, OutcomeClass, RecipientOutcome, SendStep};
use spool::{Batch, EntryNo};
use trace::{About, Cause, Deferral, HandOn};

use super::hosts::Host;
use super::unreached::reason_of;
use crate::Shared;
use crate::envelope::Entry;
use crate::failure::{Failure, Remote};
use crate::item::Item;
use crate::report::Planned;

/// What an attempt means for one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    /// The next hop has taken it over.
    HandedOn(HandedOn),
    /// Never.
    Failed(Failure),
    /// Not now.
    Later(Later),
}

/// The next hop's receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HandedOn {
    /// Its reply to the message.
    pub(crate) reply: String,
    /// Its own id of the message.
    pub(crate) remote_id: Option<String>,
    /// Who tells the sender of the delivery.
    pub(crate) notices: Notices,
}

/// Who sends the success notice of RFC 3461, where one is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notices {
    /// The next hop offers DSN: the wish went along.
    Theirs,
    /// RFC 3461 §5.2.2: it does not, so this server reports that the message was relayed.
    Ours,
}

/// Why a recipient waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Later {
    /// Who found it.
    pub(crate) source: Source,
    /// The cause.
    pub(crate) reason: Reason,
    /// The cause in words, as a reply.
    pub(crate) error: String,
    /// The host's reply, verbatim, where it gave one.
    pub(crate) remote_reply: Option<String>,
    /// The host.
    pub(crate) host: Option<Host>,
}

/// The attempt a recipient's end came from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Hop {
    /// The host, where one was reached.
    pub(crate) host: Option<Host>,
    /// Session id of the protocol log.
    pub(crate) session: Option<String>,
    /// TLS version and cipher.
    pub(crate) tls: Option<String>,
    /// Send connector.
    pub(crate) connector: Option<String>,
}

/// Reads a server's answer for one recipient.
pub(super) fn decide(
    outcome: &RecipientOutcome,
    host: &Host,
    policies: &[ErrorPolicy],
    notices: Notices,
    remote_id: Option<&str>,
) -> End {
    let spoke = outcome.cause == SmtpCause::Reply;
    match outcome.class {
        OutcomeClass::Success => End::HandedOn(HandedOn {
            reply: outcome.to_string(),
            remote_id: remote_id.map(str::to_owned),
            notices,
        }),
        OutcomeClass::Permanent if spoke && policies.contains(&ErrorPolicy::DowngradeCustomFailures) => {
            End::Later(later(outcome, host))
        }
        OutcomeClass::Permanent => End::Failed(failure(outcome, host)),
        OutcomeClass::Transient if spoke && policies.contains(&ErrorPolicy::UpgradeCustomFailures) => {
            let mut upgraded = failure(outcome, host);
            // RFC 3464 §2.3.4: the status of a failed recipient is a permanent one; the reply stays as it was.
            upgraded.status = format!("5.{}.{}", outcome.status.subject, outcome.status.detail);
            End::Failed(upgraded)
        }
        OutcomeClass::Transient => End::Later(later(outcome, host)),
    }
}

fn failure(outcome: &RecipientOutcome, host: &Host) -> Failure {
    match outcome.cause {
        SmtpCause::NeedsBinaryMime => Failure::needs_binary_mime(&host.name),
        SmtpCause::NeedsSmtpUtf8 => Failure::needs_smtp_utf8(&host.name),
        SmtpCause::TooLarge => {
            let text = format!(
                "SMTPSEND.SizeLimit; message size exceeds fixed maximum message size of {}",
                host.name
            );
            Failure::new(Reason::RemotePermanent, Source::Smtp, "5.3.4", &text)
        }
        SmtpCause::BadAddress => {
            let text = "SMTPSEND.Address; the address cannot be written into an SMTP command";
            Failure::new(Reason::InvalidAddress, Source::Smtp, "5.1.3", text)
        }
        _ => Failure {
            reason: reason_of(outcome),
            source: Source::Smtp,
            status: outcome.status.to_string(),
            reply: outcome.to_string(),
            remote: Some(Remote { host: host.to_string(), reply: outcome.to_string() }),
        },
    }
}

fn later(outcome: &RecipientOutcome, host: &Host) -> Later {
    let mut error = outcome.to_string();
    // RFC 5321 §6.1: without the reply to the final dot nobody knows who has the message; it is sent again, so that it
    // may arrive twice rather than never.
    if outcome.reply.is_none() && outcome.step == SendStep::EndOfData {
        error.push_str(" after the message was sent; it may arrive twice");
    }
    let remote_reply = outcome.reply.as_ref().map(ToString::to_string);
    Later { source: Source::Smtp, reason: reason_of(outcome), error, remote_reply, host: Some(host.clone()) }
}

/// Whether mail handed to this connector's hosts stays inside the organization.
pub(super) fn next_hop(connector: &SendConnector) -> NextHop {
    match connector.smart_host_auth_mechanism {
        SmartHostAuthMechanism::ExchangeServer => NextHop::Internal,
        _ => NextHop::Outside,
    }
}

/// SENDEXTERNAL, or SEND where the next hop is a server of this organization.
pub(super) fn handed_on(
    shared: &Shared,
    batch: &mut Batch,
    about: &About,
    recipients: &[(EntryNo, Entry)],
    hand_on: HandOn,
) {
    let reply = hand_on.remote_reply.clone().unwrap_or_default();
    let ended: Vec<_> = recipients.iter().map(|(no, entry)| crate::ended(*no, entry, &reply)).collect();
    if hand_on.next_hop == Some(NextHop::Internal) {
        shared.recorder.sent_internal(batch, about, &ended, hand_on);
    } else {
        shared.recorder.sent_external(batch, about, &ended, hand_on);
    }
}

/// FAIL.
pub(super) fn failed(
    shared: &Shared,
    batch: &mut Batch,
    about: &About,
    recipients: &[(EntryNo, Entry)],
    failure: &Failure,
    mut cause: Cause,
    report: &Planned,
) {
    report.link(&mut cause);
    let ended: Vec<_> =
        recipients.iter().map(|(no, entry)| crate::ended(*no, entry, &failure.reply)).collect();
    shared.recorder.failed(batch, about, &ended, cause);
}

/// DEFER, one event for the recipients that have had as many attempts. `next_retry` is the entries' or the queue's.
pub(super) fn deferred(
    shared: &Shared,
    batch: &mut Batch,
    item: &Item,
    recipients: &[(EntryNo, Entry)],
    mut cause: Cause,
    next_retry: Option<Timestamp>,
) {
    let mut groups: Vec<(u32, Vec<(EntryNo, Entry)>)> = Vec::new();
    for recipient in recipients {
        grouped(&mut groups, recipient.1.attempts, recipient.clone());
    }
    for (attempts, recipients) in groups {
        let status = recipients.first().and_then(|(_, entry)| entry.last_error.clone()).unwrap_or_default();
        cause.attempts = Some(attempts);
        let expires = Some(shared.expires(&item.envelope));
        let deferral = Deferral { cause: cause.clone(), next_retry, expires };
        let recipients = crate::event_recipients(&recipients, &status);
        shared.recorder.deferred(batch, &shared.about(item), recipients, deferral);
    }
}

/// Puts `value` to those with an equal key.
pub(super) fn grouped<K: PartialEq, V>(groups: &mut Vec<(K, Vec<V>)>, key: K, value: V) {
    match groups.iter_mut().find(|(other, _)| *other == key) {
        Some((_, values)) => values.push(value),
        None => groups.push((key, vec![value])),
    }
}

#[cfg(test)]
mod tests;
