//! The closed vocabulary of the tracking log: event ids, sources, causes, directions, steps.
//!
//! May touch: nothing (pure).
//! Names are Microsoft's as they stand in the log; the numbers are ours and stand in stored events, so
//! they are never changed or given again.
//! Known gaps: none.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A word that is not in the vocabulary.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown {kind} \"{word}\"")]
pub struct UnknownWord {
    /// Which vocabulary was asked: `event id`, `source`, …
    pub kind: &'static str,
    /// The word as given, cut to 64 characters.
    pub word: String,
}

impl UnknownWord {
    fn new(kind: &'static str, word: &str) -> UnknownWord {
        UnknownWord { kind, word: word.chars().take(64).collect() }
    }
}

/// Declares an enum with a stored number and a word for each variant, and its conversions both ways.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident, $kind:literal, $($(#[$vmeta:meta])* $variant:ident = $code:literal $word:literal,)+) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$vmeta])* $variant,)+ }

        impl $name {
            /// Every word, in declaration order.
            pub const ALL: &'static [$name] = &[$($name::$variant,)+];

            /// The number that stands in stored events.
            pub fn code(self) -> u8 {
                match self { $($name::$variant => $code,)+ }
            }

            /// The inverse of [`Self::code`].
            pub fn from_code(code: u8) -> Option<$name> {
                match code { $($code => Some($name::$variant),)+ _ => None }
            }

            /// The word as it stands in the log.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word,)+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        /// Without regard to case.
        impl FromStr for $name {
            type Err = UnknownWord;
            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                let word = text.trim();
                Self::ALL
                    .iter()
                    .copied()
                    .find(|known| known.as_str().eq_ignore_ascii_case(word))
                    .ok_or_else(|| UnknownWord::new($kind, word))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_u8(self.code())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let code = u8::deserialize(deserializer)?;
                $name::from_code(code)
                    .ok_or_else(|| serde::de::Error::custom(concat!("unknown number of ", $kind)))
            }
        }
    };
}

words! {
    /// What happened: the event-id field of the tracking log.
    EventId, "event id",
    /// The message entered transport here (SMTP, Pickup, a mailbox, an agent).
    Receive = 1 "RECEIVE",
    /// The mailbox handed a message to transport.
    Submit = 2 "SUBMIT",
    /// The recipient's address was changed to its primary SMTP address.
    Resolve = 3 "RESOLVE",
    /// The recipient was replaced by, or copied to, its forwarding address.
    Redirect = 4 "REDIRECT",
    /// A group was expanded to its members.
    Expand = 5 "EXPAND",
    /// Expansion met a recipient the message already had.
    DuplicateExpand = 6 "DUPLICATEEXPAND",
    /// Forwarding met a recipient the message already had.
    DuplicateRedirect = 7 "DUPLICATEREDIRECT",
    /// Recipients were moved to a forked copy of the message.
    Transfer = 8 "TRANSFER",
    /// An agent or rule left a note; never decides a status.
    AgentInfo = 9 "AGENTINFO",
    /// The recipient was given a queue (ours, not Microsoft's).
    Queued = 10 "QUEUED",
    /// Delivery was put off; it will be tried again.
    Defer = 11 "DEFER",
    /// Handed to the next hop by SMTP, inside or outside as the detail says.
    Send = 12 "SEND",
    /// Handed to a host outside the organization.
    SendExternal = 13 "SENDEXTERNAL",
    /// Stored in a mailbox.
    Deliver = 14 "DELIVER",
    /// The mailbox already held this message; the second copy was dropped.
    DuplicateDeliver = 15 "DUPLICATEDELIVER",
    /// One way of storing failed (a rule's folder is missing); not an end.
    DeliverFail = 16 "DELIVERFAIL",
    /// Not delivered, for good.
    Fail = 17 "FAIL",
    /// Gone without a report.
    Drop = 18 "DROP",
    /// A report was made; its own message, linked by reference.
    Dsn = 19 "DSN",
    /// Could be neither delivered nor returned.
    BadMail = 20 "BADMAIL",
    /// Put into, or taken from, the poison queue.
    PoisonMessage = 21 "POISONMESSAGE",
    /// Refused in the SMTP session, before there was a message (ours).
    Refused = 22 "REFUSED",
    /// Held in quarantine (ours).
    Quarantine = 23 "QUARANTINE",
    /// Released from quarantine (ours).
    Release = 24 "RELEASE",
    /// Recalled by its sender (ours).
    Recall = 25 "RECALL",
    /// Submitted by a client of the mailbox.
    ClientSubmission = 26 "CLIENTSUBMISSION",
    /// The shadow copy was discarded after the primary's end.
    HaDiscard = 27 "HADISCARD",
    /// The shadow copy was received.
    HaReceive = 28 "HARECEIVE",
    /// A shadow copy was made elsewhere.
    HaRedirect = 29 "HAREDIRECT",
    /// No shadow copy could be made.
    HaRedirectFail = 30 "HAREDIRECTFAIL",
    /// Loaded from the queue at start.
    Load = 31 "LOAD",
    /// Found in the outbox of a mailbox.
    NotifyMapi = 32 "NOTIFYMAPI",
    /// The shadow was notified.
    NotifyShadow = 33 "NOTIFYSHADOW",
    /// Processed by transport.
    Process = 34 "PROCESS",
    /// A meeting message was processed.
    ProcessMeetingMessage = 35 "PROCESSMEETINGMESSAGE",
    /// Taken again from Safety Net or a shadow queue.
    Resubmit = 36 "RESUBMIT",
    /// Such a resubmission was put off.
    ResubmitDefer = 37 "RESUBMITDEFER",
    /// Such a resubmission failed.
    ResubmitFail = 38 "RESUBMITFAIL",
    /// Submission from the mailbox was put off.
    SubmitDefer = 39 "SUBMITDEFER",
    /// Submission from the mailbox failed.
    SubmitFail = 40 "SUBMITFAIL",
    /// Slowed down by a limit.
    Throttle = 41 "THROTTLE",
    /// Held back.
    Suppressed = 42 "SUPPRESSED",
    /// Sent to a moderator.
    InitMessageCreated = 43 "INITMESSAGECREATED",
    /// A moderator approved.
    ModeratorApprove = 44 "MODERATORAPPROVE",
    /// A moderator rejected.
    ModeratorReject = 45 "MODERATORREJECT",
    /// No moderator answered in time.
    ModerationExpire = 46 "MODERATIONEXPIRE",
    /// No moderator could be reached.
    ModeratorsAllNdr = 47 "MODERATORSALLNDR",
}

words! {
    /// Which component wrote the event: the source field of the tracking log.
    Source, "source",
    /// An administrator's action.
    Admin = 1 "ADMIN",
    /// A transport agent.
    Agent = 2 "AGENT",
    /// Moderation.
    Approval = 3 "APPROVAL",
    /// Start of the service.
    Bootloader = 4 "BOOTLOADER",
    /// Name resolution.
    Dns = 5 "DNS",
    /// The maker of reports.
    Dsn = 6 "DSN",
    /// A foreign connector.
    Gateway = 7 "GATEWAY",
    /// An Inbox rule.
    MailboxRule = 8 "MAILBOXRULE",
    /// The meeting message processor.
    MeetingMessageProcessor = 9 "MEETINGMESSAGEPROCESSOR",
    /// Originator requested alternate recipient.
    Orar = 10 "ORAR",
    /// The Pickup or Replay directory.
    Pickup = 11 "PICKUP",
    /// The poison queue.
    PoisonMessage = 12 "POISONMESSAGE",
    /// A mail-enabled public folder.
    PublicFolder = 13 "PUBLICFOLDER",
    /// A queue.
    Queue = 14 "QUEUE",
    /// Shadow redundancy.
    Redundancy = 15 "REDUNDANCY",
    /// Recipient resolution (documented; real logs write ROUTING).
    Resolver = 16 "RESOLVER",
    /// The categorizer.
    Routing = 17 "ROUTING",
    /// Safety Net.
    SafetyNet = 18 "SAFETYNET",
    /// An SMTP session, in or out.
    Smtp = 19 "SMTP",
    /// The mailbox store.
    StoreDriver = 20 "STOREDRIVER",
}

words! {
    /// Which way a message came: the directionality field.
    #[derive(Default)]
    Directionality, "directionality",
    /// Not known.
    #[default]
    Undefined = 0 "Undefined",
    /// From outside the organization.
    Incoming = 1 "Incoming",
    /// From inside the organization.
    Originating = 2 "Originating",
}

words! {
    /// Where in the SMTP session a refusal was given.
    RefusedStep, "step",
    /// Before the greeting was answered.
    Connect = 1 "CONNECT",
    /// At EHLO or HELO.
    Ehlo = 2 "EHLO",
    /// At AUTH.
    Auth = 3 "AUTH",
    /// At MAIL FROM.
    Mail = 4 "MAIL",
    /// At RCPT TO.
    Rcpt = 5 "RCPT",
    /// At DATA or BDAT, or at the end of the data.
    Data = 6 "DATA",
}

words! {
    /// Whose a recipient's domain is, stamped when the event is written.
    DomainKind, "domain kind",
    /// An accepted domain whose recipients are all ours.
    Authoritative = 1 "authoritative",
    /// An accepted domain that is (also) relayed elsewhere.
    Relay = 2 "relay",
    /// Not an accepted domain.
    Outside = 3 "outside",
}

words! {
    /// Why a message was refused, put off or failed, as data; the text is made where it is shown.
    Reason, "reason",
    /// No such recipient in a domain whose recipients are all ours.
    RecipientNotFound = 1 "RecipientNotFound",
    /// The group takes mail from inside senders only.
    AuthRequiredGroup = 2 "AuthRequiredGroup",
    /// The recipient (not a group) takes mail from inside senders only.
    AuthRequiredRecipient = 3 "AuthRequiredRecipient",
    /// The recipient's accept or reject list keeps this sender out.
    SenderNotAllowed = 4 "SenderNotAllowed",
    /// Over the organization's message size limit.
    SizeOrganization = 5 "SizeOrganization",
    /// Over a connector's message size limit.
    SizeConnector = 6 "SizeConnector",
    /// Over the recipient's own message size limit.
    SizeRecipient = 7 "SizeRecipient",
    /// Over the sender's own message size limit.
    SizeSender = 8 "SizeSender",
    /// More recipients than the sender, or the organization, allows per message.
    RecipientLimit = 9 "RecipientLimit",
    /// More recipients than the Receive connector takes per message.
    TooManyRecipients = 10 "TooManyRecipients",
    /// Too many Received headers.
    HopCount = 11 "HopCount",
    /// Forwarding leads back to where it began, with nobody to deliver to.
    ForwardingLoop = 12 "ForwardingLoop",
    /// Stayed in the queue until the message expiration timeout.
    QueueExpired = 13 "QueueExpired",
    /// The remote server refused for good (5xx).
    RemotePermanent = 14 "RemotePermanent",
    /// The remote server refused for now (4xx).
    RemoteTransient = 15 "RemoteTransient",
    /// The remote server does not listen.
    ConnectionRefused = 16 "ConnectionRefused",
    /// The remote server did not answer in time.
    ConnectionTimedOut = 17 "ConnectionTimedOut",
    /// The connection broke in the session.
    ConnectionDropped = 18 "ConnectionDropped",
    /// The recipient's domain does not exist.
    DnsNxDomain = 19 "DnsNxDomain",
    /// The recipient's domain names no mail server.
    DnsNoRecords = 20 "DnsNoRecords",
    /// DNS gave no answer for now.
    DnsTemporary = 21 "DnsTemporary",
    /// The domain says it takes no mail (RFC 7505).
    NullMx = 22 "NullMx",
    /// TLS is demanded and could not be made.
    TlsFailed = 23 "TlsFailed",
    /// The remote server, or ours, refused the credentials.
    AuthFailed = 24 "AuthFailed",
    /// The message is BINARYMIME and the next hop does not take it.
    NeedsBinaryMime = 25 "NeedsBinaryMime",
    /// The message needs SMTPUTF8 and the next hop does not offer it.
    NeedsSmtpUtf8 = 26 "NeedsSmtpUtf8",
    /// The mailbox is over its quota for receiving.
    MailboxFull = 27 "MailboxFull",
    /// No Send connector leads to the recipient's domain.
    NoConnector = 28 "NoConnector",
    /// The message is suspected of having crashed the service.
    Poison = 29 "Poison",
    /// An administrator removed it from the queue.
    RemovedByAdministrator = 30 "RemovedByAdministrator",
    /// The remote domain does not allow automatic forwarding.
    AutoForwardBlocked = 31 "AutoForwardBlocked",
    /// The server is short of a resource.
    BackPressure = 32 "BackPressure",
    /// A bare LF or CR, or a NUL, in the data.
    BareLineFeed = 33 "BareLineFeed",
    /// Not an address, or one we do not take.
    InvalidAddress = 34 "InvalidAddress",
    /// Anonymous mail to a domain that is not ours.
    RelayDenied = 35 "RelayDenied",
    /// The connector demands authentication.
    NotAuthenticated = 36 "NotAuthenticated",
    /// The signed-in user may not send as this address.
    SendAsDenied = 37 "SendAsDenied",
    /// Over a limit of connections, messages or attempts in a time.
    RateLimit = 38 "RateLimit",
    /// The header is larger than the connector takes.
    HeaderTooLarge = 39 "HeaderTooLarge",
    /// A line is longer than the connector takes.
    LineTooLong = 40 "LineTooLong",
    /// No report: the return path is null.
    NdrSuppressedNullSender = 41 "NdrSuppressedNullSender",
    /// No report: too many in the last hour to this unauthenticated return path.
    NdrSuppressedRate = 42 "NdrSuppressedRate",
    /// The same message came again after a lost `250`.
    DuplicateResend = 43 "DuplicateResend",
    /// A filter held it to be spam.
    Spam = 44 "Spam",
    /// A filter found malware.
    Malware = 45 "Malware",
    /// A mail flow rule rejected or deleted it.
    TransportRule = 46 "TransportRule",
    /// A moderator rejected it, or none answered.
    Moderation = 47 "Moderation",
    /// The source address is on a block list, or allowed nothing by any connector.
    SourceBlocked = 48 "SourceBlocked",
    /// A command out of order, unknown or malformed.
    ProtocolError = 49 "ProtocolError",
    /// The service is stopping or not active.
    ServiceUnavailable = 50 "ServiceUnavailable",
    /// The mailbox is moving, locked or its store cannot be written.
    MailboxUnavailable = 51 "MailboxUnavailable",
    /// The directory gave no answer for now.
    DirectoryTemporary = 52 "DirectoryTemporary",
    /// The group has no members or takes no mail.
    EmptyGroup = 53 "EmptyGroup",
    /// The queue or the message is suspended by an administrator.
    Suspended = 54 "Suspended",
    /// The client broke the session off before the end of the data.
    SessionAborted = 55 "SessionAborted",
    /// The session idled past its limit.
    SessionTimedOut = 56 "SessionTimedOut",
    /// The next hop is one of our own addresses.
    RoutesToSelf = 57 "RoutesToSelf",
    /// No report: reports are turned off for this group, recipient or request (NOTIFY=NEVER).
    NdrSuppressedByRequest = 58 "NdrSuppressedByRequest",
    /// A report addressed to a group that takes none.
    ReportToGroup = 59 "ReportToGroup",
    /// An internal error of ours.
    Internal = 60 "Internal",
}
