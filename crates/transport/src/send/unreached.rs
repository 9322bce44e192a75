//! Why a next hop takes no mail now, as the queue and the trace show it.
//!
//! May touch: nothing (pure).

use std::io;

use events::Reason;
use smtp::client::{Cause, OutcomeClass, RecipientOutcome, SendStep};
use trace::causes::ENDPOINT_MARK;

use super::hosts::Host;

/// A host that does not take mail now, for reasons that are no message's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unreached {
    /// The cause.
    pub(super) reason: Reason,
    /// The cause in words, as a reply: what LastError of the queue shows.
    pub(super) error: String,
    /// The host, where there was one.
    pub(super) host: Option<Host>,
    /// Its reply, verbatim, where it gave one.
    pub(super) reply: Option<String>,
}

impl Unreached {
    pub(super) fn connecting(host: &Host, reason: Reason, error: &str) -> Self {
        let error = format!(
            "441 4.4.1 Error encountered while communicating with primary target IP address: \"Failed to connect: {error}\". {ENDPOINT_MARK}{}",
            host.address
        );
        Self { reason, error, host: Some(host.clone()), reply: None }
    }

    pub(super) fn talking(host: &Host, outcome: &RecipientOutcome, detail: Option<&str>) -> Self {
        let detail = detail.map(|detail| format!(" ({detail})")).unwrap_or_default();
        let error = format!(
            "451 4.4.0 Primary target IP address responded with: \"{outcome}{detail}\". {ENDPOINT_MARK}{}",
            host.address
        );
        let reply = outcome.reply.as_ref().map(ToString::to_string);
        Self { reason: reason_of(outcome), error, host: Some(host.clone()), reply }
    }

    /// What is told of two hosts: a host that spoke says more than one that did not, the better one more than the next.
    pub(super) fn or(self, next: Self) -> Self {
        if self.reply.is_none() && next.reply.is_some() { next } else { self }
    }
}

/// The cause of an outcome that is no success, as the trace names it.
pub(super) fn reason_of(outcome: &RecipientOutcome) -> Reason {
    match (outcome.step, outcome.cause) {
        (SendStep::Auth, Cause::Reply) | (_, Cause::AuthNotOffered | Cause::AuthNeedsTls) => {
            Reason::AuthFailed
        }
        (_, Cause::TlsNotOffered | Cause::TlsHandshake) => Reason::TlsFailed,
        (_, Cause::ConnectionLost) => Reason::ConnectionDropped,
        (_, Cause::TimedOut) => Reason::ConnectionTimedOut,
        (_, Cause::ProtocolViolation) => Reason::ProtocolError,
        (_, Cause::NeedsBinaryMime) => Reason::NeedsBinaryMime,
        (_, Cause::NeedsSmtpUtf8) => Reason::NeedsSmtpUtf8,
        (_, Cause::BadAddress) => Reason::InvalidAddress,
        (_, Cause::Reply | Cause::TooLarge) if outcome.class == OutcomeClass::Permanent => {
            Reason::RemotePermanent
        }
        (_, Cause::Reply | Cause::TooLarge) => Reason::RemoteTransient,
    }
}

/// The same for an error of the network.
pub(super) fn reason_of_io(error: &io::Error) -> Reason {
    match error.kind() {
        io::ErrorKind::TimedOut => Reason::ConnectionTimedOut,
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted => Reason::ConnectionDropped,
        _ => Reason::ConnectionRefused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_hosts_the_one_that_spoke_is_told() {
        let told = |reply: Option<&str>, error: &str| Unreached {
            reason: Reason::ConnectionRefused,
            error: error.to_owned(),
            host: None,
            reply: reply.map(str::to_owned),
        };
        for (first, second, expected) in [
            (None, None, "first"),
            (Some("421 x"), None, "first"),
            (None, Some("421 x"), "second"),
            (Some("421 x"), Some("421 y"), "first"),
        ] {
            assert_eq!(told(first, "first").or(told(second, "second")).error, expected);
        }
    }
}
