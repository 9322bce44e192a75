//! What came of sending: for a session, for a message, for each recipient.
//!
//! May touch: nothing (pure).
//! Standards: RFC 5321 §4.2.1, §4.5.3.1.10; RFC 3463; RFC 5248.

use std::fmt;

use crate::reply::{EnhancedCode, Reply, ReplyClass};

/// Longest queue id of a remote server that is kept, in octets.
const REMOTE_ID_BYTES_MAX: usize = 128;

/// Whether to be glad, to try again or to give up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OutcomeClass {
    /// The server took the message for this recipient.
    Success,
    /// Another attempt may succeed.
    Transient,
    /// No attempt will.
    Permanent,
}

/// Where the session stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SendStep {
    /// Waiting for the greeting.
    Greeting,
    /// EHLO or HELO.
    Hello,
    /// STARTTLS and the handshake.
    StartTls,
    /// AUTH.
    Auth,
    /// MAIL.
    Mail,
    /// RCPT.
    Rcpt,
    /// DATA, before the message.
    Data,
    /// The message itself and the reply to it: whether the server has it is unknown where this step was not finished.
    EndOfData,
}

/// What decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Cause {
    /// A reply of the server.
    #[error("the remote server replied")]
    Reply,
    /// The connection ended without a reply.
    #[error("Connection dropped")]
    ConnectionLost,
    /// The driver's clock ran out.
    #[error("Connection timed out")]
    TimedOut,
    /// The server sent what no reply can be, here or at all.
    #[error("the remote server broke the protocol")]
    ProtocolViolation,
    /// BODY=BINARYMIME, and the server lacks BINARYMIME or CHUNKING; it is never sent by DATA.
    #[error("the message is BINARYMIME, which the remote server does not offer")]
    NeedsBinaryMime,
    /// A non-ASCII address or header section, and the server lacks SMTPUTF8.
    #[error("the message needs SMTPUTF8, which the remote server does not offer")]
    NeedsSmtpUtf8,
    /// The message is larger than the server's SIZE.
    #[error("Message size exceeds fixed maximum message size of the remote server")]
    TooLarge,
    /// An address that cannot be written into a command.
    #[error("the address cannot be sent")]
    BadAddress,
    /// TLS is required and not offered.
    #[error("TLS is required, the remote server does not offer STARTTLS")]
    TlsNotOffered,
    /// The TLS handshake failed.
    #[error("the TLS handshake failed")]
    TlsHandshake,
    /// Credentials are set, and the server offers neither PLAIN nor LOGIN.
    #[error("the remote server offers neither AUTH PLAIN nor AUTH LOGIN")]
    AuthNotOffered,
    /// Credentials may go under TLS only, and there is none.
    #[error("credentials are sent under TLS only, and the connection has none")]
    AuthNeedsTls,
}

impl Cause {
    /// What the cause means where no reply says it.
    fn verdict(self) -> (OutcomeClass, EnhancedCode) {
        let (transient, permanent) = (OutcomeClass::Transient, OutcomeClass::Permanent);
        match self {
            Cause::ConnectionLost => (transient, EnhancedCode::new(4, 4, 2)),
            Cause::TimedOut => (transient, EnhancedCode::new(4, 4, 1)),
            Cause::Reply | Cause::ProtocolViolation => (transient, EnhancedCode::new(4, 5, 0)),
            Cause::NeedsBinaryMime => (permanent, EnhancedCode::new(5, 6, 1)),
            Cause::NeedsSmtpUtf8 => (permanent, EnhancedCode::new(5, 6, 7)),
            Cause::TooLarge => (permanent, EnhancedCode::new(5, 3, 4)),
            Cause::BadAddress => (permanent, EnhancedCode::new(5, 1, 3)),
            Cause::TlsNotOffered | Cause::TlsHandshake => (transient, EnhancedCode::new(4, 7, 5)),
            Cause::AuthNotOffered | Cause::AuthNeedsTls => (transient, EnhancedCode::new(4, 7, 0)),
        }
    }
}

/// What came of one recipient, or of a session that failed as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecipientOutcome {
    /// What to do.
    pub class: OutcomeClass,
    /// The server's enhanced status code where it gave a fitting one, ours else.
    pub status: EnhancedCode,
    /// The step that decided.
    pub step: SendStep,
    /// What decided.
    pub cause: Cause,
    /// The reply that decided.
    pub reply: Option<Reply>,
}

impl RecipientOutcome {
    /// By a reply.
    pub(super) fn by_reply(step: SendStep, reply: Reply) -> RecipientOutcome {
        let (class, digit) = match reply.class() {
            ReplyClass::Success => (OutcomeClass::Success, 2),
            ReplyClass::Transient => (OutcomeClass::Transient, 4),
            // RFC 5321 §4.5.3.1.10: an old server says 552 where it means 452.
            ReplyClass::Permanent if step == SendStep::Rcpt && is_surplus_code(&reply) => {
                let status = EnhancedCode::new(4, 5, 3);
                let class = OutcomeClass::Transient;
                return RecipientOutcome { class, status, step, cause: Cause::Reply, reply: Some(reply) };
            }
            ReplyClass::Permanent => (OutcomeClass::Permanent, 5),
            ReplyClass::Intermediate | ReplyClass::Other => {
                let mut outcome = RecipientOutcome::by_cause(step, Cause::ProtocolViolation);
                outcome.reply = Some(reply);
                return outcome;
            }
        };
        let status = reply.enhanced().filter(|code| code.class == digit);
        let status = status.unwrap_or(EnhancedCode::new(digit, 0, 0));
        RecipientOutcome { class, status, step, cause: Cause::Reply, reply: Some(reply) }
    }

    /// Without a reply.
    pub(super) fn by_cause(step: SendStep, cause: Cause) -> RecipientOutcome {
        let (class, status) = cause.verdict();
        RecipientOutcome { class, status, step, cause, reply: None }
    }

    /// Whether the server only had too many recipients: the recipient belongs in another transaction, at once,
    /// RFC 5321 §4.5.3.1.10; but only where this transaction had another recipient accepted, else it never ends.
    pub fn is_surplus(&self) -> bool {
        self.step == SendStep::Rcpt && self.reply.as_ref().is_some_and(is_surplus_code)
    }
}

/// 452 or 552 that speaks of the number of recipients, or of nothing.
fn is_surplus_code(reply: &Reply) -> bool {
    let about = reply.enhanced().is_none_or(|code| code.subject == 5 && code.detail == 3);
    about && matches!(reply.code(), 452 | 552)
}

/// The reply, or the cause with a code as if the server had given it: `451 4.4.2 Connection dropped`.
impl fmt::Display for RecipientOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reply {
            Some(reply) => write!(f, "{reply}"),
            None => {
                let code = if self.class == OutcomeClass::Permanent { 550 } else { 451 };
                write!(f, "{code} {} {}", self.status, self.cause)
            }
        }
    }
}

/// What the server calls the message it took, for a search in its log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteId {
    /// Its queue id, or the InternalId of Exchange.
    pub id: String,
    /// The host that took it, where the reply names it.
    pub host: Option<String>,
}

impl RemoteId {
    /// Finds the id in the reply to the message.
    ///
    /// Knows `queued as X` (Postfix), `[InternalId=…, Hostname=…]` (Exchange and we), `id=X` (Exim) and
    /// `X Message accepted for delivery` (Sendmail).
    pub fn find(reply: &Reply) -> Option<RemoteId> {
        let text = reply.text();
        if let Some(id) = after(text, "InternalId=") {
            return Some(RemoteId { id, host: after(text, "Hostname=") });
        }
        let id = after(text, "queued as ").or_else(|| after(text, "id="));
        let id = id.or_else(|| {
            let (id, _) = text.split_once(" Message accepted for delivery")?;
            word(id)
        });
        id.map(|id| RemoteId { id, host: None })
    }
}

/// The word that follows `mark`, in any case.
fn after(text: &str, mark: &str) -> Option<String> {
    let at = text.to_ascii_lowercase().find(&mark.to_ascii_lowercase())?;
    word(text.get(at.checked_add(mark.len())?..)?)
}

fn word(text: &str) -> Option<String> {
    let word = text.split([' ', '\n', ',', ';', ']', ')', '>']).next()?;
    let word = word.trim_matches(['<', '.', '"', '\'']);
    if word.is_empty() || word.len() > REMOTE_ID_BYTES_MAX { None } else { Some(word.to_owned()) }
}

/// Whether the connection can carry another message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Connection {
    /// It can.
    Reusable,
    /// It is gone, or the server said 421.
    Closed,
}

/// What came of one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// One for each recipient, in the order of the transaction.
    pub recipients: Vec<RecipientOutcome>,
    /// The server's id for the message, where it took it and said one.
    pub remote_id: Option<RemoteId>,
    /// Whether the connection can carry another message.
    pub connection: Connection,
    /// A reused connection turned out to be closed before anything was said in this transaction: connect again at
    /// once, this was no attempt.
    pub stale: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_remote_id() {
        for (text, id, host) in [
            ("Ok: queued as 4ZQ1Xk2Lz", Some("4ZQ1Xk2Lz"), None),
            (
                "<a@b> [InternalId=4711, Hostname=mx1.contoso.example] Queued mail for delivery",
                Some("4711"),
                Some("mx1.contoso.example"),
            ),
            ("OK id=1rXabc-000001-2B", Some("1rXabc-000001-2B"), None),
            ("41BFx0ab012345 Message accepted for delivery", Some("41BFx0ab012345"), None),
            ("OK", None, None),
            ("queued as ", None, None),
        ] {
            let found = RemoteId::find(&Reply::new(250, None, text));
            let expected = id.map(|id| RemoteId { id: id.to_owned(), host: host.map(str::to_owned) });
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn classes() {
        let outcome = |step, code, enhanced: Option<(u8, u16, u16)>| {
            let enhanced = enhanced.map(|(class, subject, detail)| EnhancedCode::new(class, subject, detail));
            RecipientOutcome::by_reply(step, Reply::new(code, enhanced, "x"))
        };
        let plain = outcome(SendStep::Rcpt, 450, None);
        assert_eq!((plain.class, plain.status), (OutcomeClass::Transient, EnhancedCode::new(4, 0, 0)));
        let full = outcome(SendStep::Rcpt, 552, Some((5, 2, 2)));
        assert_eq!((full.class, full.is_surplus()), (OutcomeClass::Permanent, false));
        let surplus = outcome(SendStep::Rcpt, 552, None);
        assert_eq!((surplus.class, surplus.is_surplus()), (OutcomeClass::Transient, true));
        assert!(outcome(SendStep::Rcpt, 452, Some((4, 5, 3))).is_surplus());
        assert!(!outcome(SendStep::Rcpt, 452, Some((4, 2, 2))).is_surplus());
        let size = outcome(SendStep::EndOfData, 552, None);
        assert_eq!((size.class, size.is_surplus()), (OutcomeClass::Permanent, false));
        assert_eq!(outcome(SendStep::EndOfData, 354, None).cause, Cause::ProtocolViolation);
        let lost = RecipientOutcome::by_cause(SendStep::Data, Cause::ConnectionLost);
        assert_eq!(lost.to_string(), "451 4.4.2 Connection dropped");
    }
}
