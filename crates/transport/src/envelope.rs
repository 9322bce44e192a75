//! What the transport knows of a message besides its bytes: the envelope it keeps per message and the entry it keeps per recipient.
//!
//! May touch: nothing (pure).
//! Standards: RFC 5321 §2.3.1, RFC 3461 §4, RFC 3030 §2, RFC 6531 §3.4.

use std::net::IpAddr;

use jiff::Timestamp;
use mail::{Address, NetworkMessageId, ReversePath};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::queue::key::QueueKey;

/// What is the same for every recipient of one message on this server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Envelope {
    /// One per message; survives forks and group expansion.
    pub network_message_id: NetworkMessageId,
    /// When this organization took responsibility: the time of RECEIVE.
    pub received: Timestamp,
    /// MAIL FROM.
    pub return_path: ReversePath,
    /// ENVID of RFC 3461 §4.4, decoded.
    pub envid: Option<String>,
    /// RET of RFC 3461 §4.3.
    pub ret: Option<Ret>,
    /// BODY of MAIL FROM.
    pub body_type: BodyType,
    /// Whether SMTPUTF8 was given, or the envelope needs it.
    pub smtp_utf8: bool,
    /// Octets of the stored message.
    pub size: u64,
    /// Where it came from.
    pub origin: Origin,
    /// The header fields that queues, reports and the trace show.
    pub facts: HeaderFacts,
    /// What kind of message it is; reports cause no further reports.
    pub kind: MessageKind,
    /// Recognizes a message sent again after a lost `250`: BLAKE3 over Message-ID, Date, MAIL FROM and the octets received.
    pub resend_key: Option<[u8; 32]>,
    /// How often a stage broke off in the middle of this message.
    pub poison_count: u32,
}

/// The header fields that are kept beside the message.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct HeaderFacts {
    /// Message-ID with brackets.
    pub message_id: Option<String>,
    /// Decoded subject.
    pub subject: String,
    /// Address of the From header.
    pub from: Option<String>,
    /// Address of the Sender header.
    pub sender: Option<String>,
    /// The Date header.
    pub date: Option<Timestamp>,
}

/// How a message came in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// Which of the ways in.
    pub kind: OriginKind,
    /// Receive connector, for mail that came by SMTP.
    pub connector: Option<String>,
    /// Address of the client.
    pub client_ip: Option<IpAddr>,
    /// Name given in EHLO or HELO.
    pub helo: Option<String>,
    /// Recipient object of the signed-in user.
    pub authenticated_as: Option<Uuid>,
    /// Whether the sender counts as inside the organization.
    pub trust: Trust,
}

/// The ways into the Submission queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum OriginKind {
    /// A Receive connector.
    Smtp,
    /// A report of ours.
    Dsn,
    /// An agent made it.
    Agent,
}

/// Whether a sender counts as internal (authenticated) for limits and restrictions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trust {
    /// Signed in, externally secured, or the system itself.
    Internal,
    /// Anybody else.
    Anonymous,
}

/// What is returned with a failure report, RFC 3461 §4.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ret {
    /// The whole message.
    Full,
    /// Its header.
    Hdrs,
}

/// BODY= of MAIL FROM: RFC 6152, RFC 3030.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum BodyType {
    /// Lines of US-ASCII.
    SevenBit,
    /// Lines of octets.
    EightBitMime,
    /// Octets without line structure: BDAT only.
    BinaryMime,
}

/// What a message is, as far as the transport treats it differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum MessageKind {
    /// Mail.
    Ordinary,
    /// A non-delivery report.
    Ndr,
    /// A delay notice.
    DelayDsn,
    /// A success, relay or expansion notice.
    SuccessDsn,
}

impl MessageKind {
    /// Whether this is a report of ours, exempt from size limits and the cause of no further report.
    #[must_use]
    pub fn is_report(self) -> bool {
        self != Self::Ordinary
    }
}

/// What one recipient of a message still needs; removed when the recipient reaches its end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The address that is to get the message now.
    pub recipient: Address,
    /// The address the sender gave, and ORCPT where there was one.
    pub original: OriginalRecipient,
    /// NOTIFY of RFC 3461 §4.1.
    pub notify: Notify,
    /// The chain of addresses that led here (groups, forwards, proxies), outermost first.
    pub path: Vec<String>,
    /// Where in the pipeline it stands.
    pub stage: Stage,
    /// Delivery attempts so far.
    pub attempts: u32,
    /// The reply or error of the last attempt.
    pub last_error: Option<String>,
    /// When the last attempt ended.
    pub last_attempt: Option<Timestamp>,
    /// Not before this time.
    pub next_retry: Option<Timestamp>,
    /// Whether the delay notice has been sent.
    pub delay: DelayNotice,
    /// Whether an administrator holds it.
    pub hold: Hold,
}

/// The recipient as the sender wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OriginalRecipient {
    /// RCPT TO.
    pub address: Address,
    /// ORCPT, `type;xtext-decoded`.
    pub orcpt: Option<String>,
}

/// Whether the delay notice of an entry is out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DelayNotice {
    /// Not yet due.
    Open,
    /// Sent, or not wanted.
    Settled,
}

/// Whether an administrator holds an entry back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Hold {
    /// Free to go.
    Free,
    /// Suspend-Message.
    Suspended,
}

/// The place of an entry in the pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// Accepted, not yet categorized.
    Submission,
    /// In a delivery queue (the Unreachable queue is one).
    Queued(QueueKey),
    /// In the poison queue.
    Poison,
}

/// NOTIFY of RFC 3461 §4.1 as a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notify(u8);

impl Notify {
    /// No report at all.
    pub const NEVER: Self = Self(0);
    /// What holds when nothing is said: failures and delays.
    pub const DEFAULT: Self = Self(Self::FAILURE_BIT | Self::DELAY_BIT);
    const SUCCESS_BIT: u8 = 1;
    const FAILURE_BIT: u8 = 2;
    const DELAY_BIT: u8 = 4;
    /// Set when the sender gave NOTIFY, so that it can be handed on as given.
    const GIVEN_BIT: u8 = 8;

    /// A set the sender gave.
    #[must_use]
    pub fn given(success: bool, failure: bool, delay: bool) -> Self {
        let bit = |on: bool, bit: u8| if on { bit } else { 0 };
        Self(
            bit(success, Self::SUCCESS_BIT)
                | bit(failure, Self::FAILURE_BIT)
                | bit(delay, Self::DELAY_BIT)
                | Self::GIVEN_BIT,
        )
    }

    /// What a recipient that was named twice is reported for: whatever either asks for.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether the sender gave it.
    #[must_use]
    pub fn is_given(self) -> bool {
        self.0 & Self::GIVEN_BIT != 0
    }

    /// Whether success is to be reported.
    #[must_use]
    pub fn success(self) -> bool {
        self.0 & Self::SUCCESS_BIT != 0
    }

    /// Whether failure is to be reported.
    #[must_use]
    pub fn failure(self) -> bool {
        self.0 & Self::FAILURE_BIT != 0
    }

    /// Whether delay is to be reported.
    #[must_use]
    pub fn delay(self) -> bool {
        self.0 & Self::DELAY_BIT != 0
    }
}

impl Entry {
    /// A fresh entry in the Submission queue.
    #[must_use]
    pub fn submitted(recipient: Address, orcpt: Option<String>, notify: Notify) -> Self {
        Self {
            original: OriginalRecipient { address: recipient.clone(), orcpt },
            recipient,
            notify,
            path: Vec::new(),
            stage: Stage::Submission,
            attempts: 0,
            last_error: None,
            last_attempt: None,
            next_retry: None,
            delay: DelayNotice::Open,
            hold: Hold::Free,
        }
    }
}
