//! The SMTP replies with enhanced status codes we emit: reply text, cause, who can act, what to do.
//!
//! May touch: nothing (pure).
//! Standards: RFC 3463 §2, §3; RFC 5248 §2; RFC 2034 §4.
//!
//! Texts of replies are Exchange's where they are documented. What people read (cause and fix) is our
//! own wording; reports choose it by the enhanced code, and by the reply where one code has several uses.

/// Who can change the outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Actor {
    /// The person who sent the message.
    Sender,
    /// The person, or the group's owner, it was sent to.
    Recipient,
    /// Whoever runs the server that wrote the report.
    Administrator,
    /// Whoever runs the recipient's mail system.
    RemoteAdministrator,
    /// Nobody: it passes by itself.
    Nobody,
}

impl Actor {
    /// As reports and trace detail print it.
    pub fn as_str(self) -> &'static str {
        match self {
            Actor::Sender => "sender",
            Actor::Recipient => "recipient",
            Actor::Administrator => "email administrator",
            Actor::RemoteAdministrator => "recipient's email administrator",
            Actor::Nobody => "nobody",
        }
    }
}

/// One reply we emit, with its explanation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// The SMTP reply code, such as 550.
    pub reply: u16,
    /// The enhanced status code, such as `5.1.10` (RFC 3463 §2).
    pub enhanced: &'static str,
    /// The reply's text behind the codes.
    pub text: &'static str,
    /// Why, in a sentence for the sender.
    pub cause: &'static str,
    /// What to do, in a sentence for the sender.
    pub fix: &'static str,
    /// Who can act.
    pub actor: Actor,
}

impl Code {
    /// The whole reply line without CRLF: `550 5.1.10 RESOLVER.ADR.RecipientNotFound; …`.
    pub fn line(&self) -> String {
        format!("{} {} {}", self.reply, self.enhanced, self.text)
    }

    /// Whether the reply says never (5yz) rather than not now.
    pub fn is_permanent(&self) -> bool {
        self.reply >= 500
    }
}

/// Declares the codes and the table of all of them.
macro_rules! codes {
    ($($(#[$meta:meta])* $name:ident = $reply:literal $enhanced:literal $text:literal, $actor:ident, $cause:literal, $fix:literal;)+) => {
        $($(#[$meta])* pub const $name: Code = Code {
            reply: $reply, enhanced: $enhanced, text: $text, cause: $cause, fix: $fix, actor: Actor::$actor,
        };)+

        /// Every code; of several with the same enhanced code the first is the general one.
        pub const ALL: &[Code] = &[$($name,)+];
    };
}

codes! {
    /// Back pressure: memory, disk or a queue is short.
    INSUFFICIENT_RESOURCES = 452 "4.3.1" "Insufficient system resources", Administrator,
        "The email server was short of memory or disk space and could not take the message.",
        "The sending server tries again by itself. An administrator should look at the server's disk space and queues.";
    /// The service stops, or the connector is not active.
    SERVICE_NOT_AVAILABLE = 421 "4.3.2" "Service not available", Nobody,
        "The email server was stopping or starting.",
        "The sending server tries again by itself; nothing needs to be done.";
    /// The service is disabled.
    SERVICE_NOT_ACTIVE = 421 "4.3.2" "Service not active", Administrator,
        "The email service is switched off.",
        "An administrator can switch the service on again.";
    /// Our storage failed.
    STORE_FAILED = 451 "4.3.0" "Temporary server error. Please try again later", Administrator,
        "The email server could not store the message safely.",
        "The sending server tries again by itself. An administrator should look at the server's service log.";
    /// No shadow copy could be made.
    NOT_REDUNDANT = 451 "4.4.0" "Message failed to be made redundant", Administrator,
        "No second copy of the message could be made, and the organization demands one.",
        "The sending server tries again by itself. An administrator should look at the second server.";
    /// Nobody answered.
    CONNECTION_TIMED_OUT = 421 "4.4.1" "Connection timed out", RemoteAdministrator,
        "The recipient's email server did not answer.",
        "Try again later. If it goes on, the recipient's email administrator should check that their server can be reached.";
    /// The session broke, or ran into a rate limit.
    CONNECTION_DROPPED = 421 "4.4.2" "Connection dropped", RemoteAdministrator,
        "The connection to the recipient's email server broke.",
        "Try again later. If it goes on, the recipient's email administrator should check their server and firewall.";
    /// The session broke because of a rate limit of ours.
    RATE_LIMITED = 421 "4.4.2" "Message submission rate for this client has exceeded the configured limit", Sender,
        "Too many messages came from this sender in a short time.",
        "Send more slowly, or ask an administrator to raise the limit.";
    /// Still being tried.
    MESSAGE_DELAYED = 451 "4.4.7" "Message delayed", Nobody,
        "The message could not be delivered yet.",
        "Nothing needs to be done: delivery goes on being attempted.";
    /// More recipients than the connector takes in one message.
    TOO_MANY_RECIPIENTS = 452 "4.5.3" "Too many recipients", Nobody,
        "The message has more recipients than the email server takes at once.",
        "The sending server sends the message again to the remaining recipients; nothing needs to be done.";
    /// A mailbox store is not reachable now.
    MAILBOX_UNAVAILABLE = 451 "4.2.1" "Mailbox temporarily unavailable", Administrator,
        "The recipient's mailbox cannot be opened just now.",
        "Delivery is tried again. If it goes on, an administrator should look at the mailbox.";
    /// DNS gave no answer for now.
    DNS_TEMPORARY = 451 "4.4.3" "Temporary name resolution failure", RemoteAdministrator,
        "The address of the recipient's email server could not be looked up just now.",
        "Delivery is tried again. If it goes on, check the spelling of the domain; the domain's name servers may be down.";
    /// The directory gave no answer for now.
    DIRECTORY_TEMPORARY = 451 "4.4.3" "Temporary directory failure", Administrator,
        "The recipient could not be looked up in the organization's directory just now.",
        "Delivery is tried again. An administrator should look at the server's service log.";
    /// Expired in the queue.
    QUEUE_EXPIRED = 550 "4.4.7" "QUEUE.Expired; message expired", RemoteAdministrator,
        "The message could not be delivered in the time allowed: the recipient's email system could not be reached, or kept saying to try later.",
        "Send the message again. If it fails again, ask the recipient, by another way, to have their email administrator check that their server accepts mail.";
    /// Expired in the queue, as Exchange Online writes it.
    MESSAGE_EXPIRED = 550 "5.4.300" "Message expired", RemoteAdministrator,
        "The message could not be delivered in the time allowed: the recipient's email system could not be reached, or kept saying to try later.",
        "Send the message again. If it fails again, ask the recipient, by another way, to have their email administrator check that their server accepts mail.";
    /// The sender is filtered out.
    SENDER_DENIED = 550 "5.1.0" "Sender denied", Sender,
        "The recipient's email system does not accept mail from your address.",
        "Ask the recipient, by another way, to allow your address.";
    /// Unknown, in general words.
    USER_UNKNOWN = 550 "5.1.1" "User unknown", Sender,
        "The address was not found in the recipient's email system.",
        "Check the address for spelling and send the message to the right one. If you chose it from a list of suggestions, delete it there and type it anew.";
    /// A directory name that no longer exists.
    LEGACY_NAME_NOT_FOUND = 550 "5.1.1" "RESOLVER.ADR.ExRecipNotFound; not found", Sender,
        "The recipient's old directory entry no longer exists.",
        "Delete the address from your list of suggestions and choose the recipient again from the address book.";
    /// Unknown address in an authoritative domain.
    RECIPIENT_NOT_FOUND = 550 "5.1.10" "RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", Sender,
        "The email address you entered couldn't be found.",
        "Check the address for spelling and send the message to the right one. If you chose it from a list of suggestions, delete it there and type it anew.";
    /// Not an address.
    INVALID_RECIPIENT_ADDRESS = 501 "5.1.3" "Invalid address", Sender,
        "The recipient's address is not written as an email address is.",
        "Correct the address and send the message again.";
    /// The reserved top-level domains, where a connector refuses them.
    RESERVED_DOMAIN = 550 "5.1.4" "Recipient address reserved by RFC 2606", Sender,
        "The domain of the address is reserved for examples and tests.",
        "Correct the address and send the message again.";
    /// A second-level domain, where a connector refuses them.
    RESERVED_SECOND_LEVEL = 550 "5.1.5" "Recipient address reserved by RFC 2606", Sender,
        "The domain of the address is reserved for examples and tests.",
        "Correct the address and send the message again.";
    /// A single label, where a connector refuses them.
    SINGLE_LABEL_DOMAIN = 550 "5.1.6" "Recipient addresses in single label domains not accepted", Sender,
        "The domain of the address is not complete.",
        "Write the whole domain, such as contoso.example, and send the message again.";
    /// MAIL FROM is not an address.
    INVALID_SENDER_ADDRESS = 501 "5.1.7" "Invalid address", Sender,
        "The sender's address is not written as an email address is.",
        "Correct the sender's address in the program that sends.";
    /// The sender is blocked for what it sent.
    BAD_SENDER = 550 "5.1.8" "Access denied, bad outbound sender", Administrator,
        "Your account is not allowed to send to other organizations.",
        "Ask your email administrator to look at your account.";
    /// The recipient's domain takes no mail at all (RFC 7505 §4).
    NULL_MX = 556 "5.1.10" "Recipient address has null MX", Sender,
        "The recipient's domain says that it does not accept email.",
        "Check the domain of the address for spelling. If it is right, reach the recipient by another way.";
    /// Held by the content filter.
    QUARANTINED = 550 "5.2.1" "Content Filter agent quarantined this message", Recipient,
        "The message was held as suspected spam.",
        "Ask the recipient, by another way, to have the message released.";
    /// Over the quota for receiving.
    MAILBOX_FULL = 552 "5.2.2" "Mailbox full", Recipient,
        "The recipient's mailbox is full and can't accept messages now.",
        "Ask the recipient, by another way, to make room in their mailbox, and send the message again.";
    /// The same, at delivery.
    STORE_QUOTA_EXCEEDED = 554 "5.2.2" "STOREDRV.Deliver; mailbox full. The mailbox has exceeded its storage quota", Recipient,
        "The recipient's mailbox is full and can't accept messages now.",
        "Ask the recipient, by another way, to make room in their mailbox, and send the message again.";
    /// Over the recipient's MaxReceiveSize.
    RECIPIENT_SIZE_LIMIT = 550 "5.2.3" "RESOLVER.RST.RecipSizeLimit; message too large for this recipient", Sender,
        "The message is larger than this recipient may receive.",
        "Make the message smaller, or leave out attachments and send a link, and send it again.";
    /// The same, in the SMTP session.
    RECIPIENT_SIZE_LIMIT_SESSION = 552 "5.2.3" "Message too large for this recipient", Sender,
        "The message is larger than this recipient may receive.",
        "Make the message smaller, or leave out attachments and send a link, and send it again.";
    /// Over the sender's MaxSendSize.
    SENDER_SIZE_LIMIT = 550 "5.2.3" "RESOLVER.RST.SendSizeLimit.Sender; message too large for this sender", Sender,
        "The message is larger than you may send.",
        "Make the message smaller, or leave out attachments and send a link, and send it again.";
    /// Over the organization's limit.
    ORGANIZATION_SIZE_LIMIT = 550 "5.2.3" "RESOLVER.RST.SendSizeLimit.Org; message too large for this organization", Sender,
        "The message is larger than the organization allows.",
        "Make the message smaller, or leave out attachments and send a link, and send it again.";
    /// Suspected of crashing the service.
    POISON = 550 "5.3.0" "Too many related errors", Administrator,
        "The message could not be processed.",
        "Send it in another format, for example as plain text. An administrator can look at it in the poison queue.";
    /// Not a command.
    UNRECOGNIZED_COMMAND = 500 "5.3.3" "Unrecognized command", Administrator,
        "The sending program used a command the server does not know.",
        "The administrator of the sending system should look at the program.";
    /// Over a connector's size limit.
    MESSAGE_TOO_LARGE = 552 "5.3.4" "Message size exceeds fixed maximum message size", Sender,
        "The message is larger than the email system allows.",
        "Make the message smaller, or leave out attachments and send a link, and send it again.";
    /// Header over the connector's limit.
    HEADER_TOO_LARGE = 552 "5.3.4" "Header size exceeds fixed maximum size", Sender,
        "The message's header is larger than the email system allows.",
        "Send the message anew instead of forwarding it, to fewer recipients.";
    /// The next hop is ourselves.
    ROUTES_TO_SELF = 554 "5.3.5" "System incorrectly configured", Administrator,
        "The email server found itself as the next server on the message's way.",
        "An administrator should check the connectors and the domain's MX records.";
    /// Too many hops.
    HOP_COUNT = 554 "5.4.6" "Hop count exceeded - possible mail loop", Administrator,
        "The message went round in a circle between email servers.",
        "An administrator should check the forwarding rules and connectors of the servers named in the message's headers.";
    /// Forward-only pairs.
    FORWARDING_LOOP = 550 "5.4.6" "RESOLVER.FWD.Loop; there is a forwarding loop configured in the directory", Administrator,
        "Mailboxes forward to each other in a circle, and none keeps the message.",
        "An administrator should change the forwarding address of one of them.";
    /// Directory based blocking.
    ACCESS_DENIED = 550 "5.4.1" "Recipient address rejected: Access denied", Sender,
        "The address was not found in the recipient's email system, or the domain is not served there.",
        "Check the address for spelling and send the message again.";
    /// A domain that is not ours.
    RELAY_ACCESS_DENIED = 550 "5.4.1" "Relay Access Denied", Sender,
        "The email server does not serve the recipient's domain.",
        "Check the domain of the address for spelling. The recipient's email administrator should check the domain's MX records.";
    /// NXDOMAIN.
    DOMAIN_NOT_FOUND = 550 "5.4.4" "SMTPSEND.DNS.NonExistentDomain; nonexistent domain", Sender,
        "The domain of the recipient's address does not exist.",
        "Check the part of the address behind the @ for spelling and send the message again.";
    /// The domain has neither MX nor address records.
    NO_MAIL_SERVER = 550 "5.4.4" "SMTPSEND.DNS.NoRecords; no mail server found for domain", RemoteAdministrator,
        "The domain of the recipient's address names no email server.",
        "Check the part of the address behind the @ for spelling. If it is right, the domain's administrator should add MX records.";
    /// No connector leads there.
    NO_ROUTE = 550 "5.4.4" "ROUTING.NoConnectorForAddressType; unable to route for address type", Administrator,
        "No Send connector leads to the recipient's domain.",
        "An administrator should add a Send connector whose address spaces cover the domain.";
    /// Command out of order.
    HELLO_FIRST = 503 "5.5.2" "Send hello first", Administrator,
        "The sending program did not greet the server first.",
        "The administrator of the sending system should look at the program.";
    /// Command out of order.
    BAD_SEQUENCE = 503 "5.5.1" "Bad sequence of commands", Administrator,
        "The sending program used a command at the wrong time.",
        "The administrator of the sending system should look at the program.";
    /// Arguments that do not parse.
    INVALID_ARGUMENTS = 501 "5.5.4" "Invalid arguments", Administrator,
        "The sending program used a command with wrong arguments.",
        "The administrator of the sending system should look at the program.";
    /// A line over the limit.
    LINE_TOO_LONG = 500 "5.5.6" "Line too long", Administrator,
        "A line of the message is longer than email allows.",
        "Send the message with another program, or in another format. The administrator of the sending system should look at the program.";
    /// Over the envelope limit, in the categorizer.
    RECIPIENT_LIMIT = 550 "5.5.3" "RESOLVER.ADR.RecipLimit; too many recipients", Sender,
        "The message has more recipients than one message may have.",
        "Send the message to fewer recipients at a time, or to a distribution group.";
    /// Bare LF or CR, NUL.
    INVALID_CHARACTERS = 550 "5.6.11" "Invalid characters", Administrator,
        "The message holds line ends or characters that email does not allow.",
        "Send the message with another program. The administrator of the sending system should make it end lines with CR and LF.";
    /// BINARYMIME to a hop without it.
    NEEDS_BINARYMIME = 554 "5.6.1" "Message content is BINARYMIME and the next server does not support it", Sender,
        "The message is in a binary form that the recipient's email server does not accept.",
        "Send the message again with its attachments encoded as usual.";
    /// SMTPUTF8 to a hop without it.
    NEEDS_SMTPUTF8 = 550 "5.6.7" "Message needs SMTPUTF8 and the next server does not support it", RemoteAdministrator,
        "An address in the message has characters that the recipient's email server does not accept.",
        "Send the message from and to addresses that have only the letters a to z, or ask the recipient for such an address.";
    /// Anonymous relay.
    UNABLE_TO_RELAY = 550 "5.7.1" "Unable to relay", Sender,
        "The email server does not pass on mail to other domains for senders that have not signed in.",
        "Sign in to the server in your email program's settings for outgoing mail. For a device, an administrator can make a Receive connector.";
    /// The connector demands authentication.
    NOT_AUTHENTICATED = 530 "5.7.1" "Client was not authenticated", Sender,
        "The email server demands that you sign in before you send.",
        "Sign in to the server in your email program's settings for outgoing mail.";
    /// Internal-only recipient.
    AUTH_REQUIRED = 550 "5.7.1" "RESOLVER.RST.AuthRequired; authentication required", Recipient,
        "The recipient accepts mail from senders inside its organization only.",
        "Ask the recipient, by another way, to allow mail from outside, or somebody inside to pass the message on.";
    /// Accept or reject list.
    NOT_AUTHORIZED = 550 "5.7.1" "RESOLVER.RST.NotAuthorized; not authorized", Recipient,
        "You are not allowed to send to this recipient.",
        "Ask the recipient, or the owner of the group, to add you to the allowed senders.";
    /// A mail flow rule without a code of its own.
    REFUSED_BY_RULE = 550 "5.7.1" "Delivery not authorized, message refused", Administrator,
        "A mail flow rule of the organization refused the message.",
        "Ask the email administrator which rule it was and what the message must be like.";
    /// May not send as this address.
    SEND_AS_DENIED = 550 "5.7.60" "Client does not have permissions to send as this sender", Administrator,
        "You are not allowed to send with this From address.",
        "Send with your own address, or ask an administrator for Send As or Send on Behalf permission.";
    /// No such authentication here.
    AUTHENTICATION_UNSUCCESSFUL = 535 "5.7.3" "Authentication unsuccessful", Sender,
        "The user name or the password was not right.",
        "Check both in your email program's settings for outgoing mail.";
    /// The remote server does not take our credentials.
    CANNOT_AUTHENTICATE = 454 "4.7.0" "Temporary authentication failure", Administrator,
        "The email server could not sign in to the next server.",
        "An administrator should check the credentials of the Send connector.";
    /// TLS demanded and not to be had.
    TLS_REQUIRED = 530 "5.7.0" "Must issue a STARTTLS command first", Sender,
        "The email server demands an encrypted connection.",
        "Switch on TLS in your email program's settings for outgoing mail.";
    /// TLS demanded of the next hop and not to be had.
    TLS_FAILED = 451 "4.7.5" "TLS negotiation failed", RemoteAdministrator,
        "No encrypted connection could be made to the recipient's email server, and one is demanded.",
        "Delivery is tried again. If it goes on, the recipient's email administrator should check their server's certificate.";
    /// Internal-only group.
    AUTH_REQUIRED_GROUP = 550 "5.7.133" "RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required; Delivery restriction check failed because the sender was not authenticated when sending to this group", Recipient,
        "The group accepts mail from senders inside its organization only.",
        "Ask the owner of the group, by another way, to allow senders from outside.";
    /// Internal-only mailbox.
    AUTH_REQUIRED_MAILBOX = 550 "5.7.134" "RESOLVER.RST.SenderNotAuthenticatedForMailbox; authentication required; Delivery restriction check failed because the sender was not authenticated when sending to this mailbox", Recipient,
        "The mailbox accepts mail from senders inside its organization only.",
        "Ask the recipient, by another way, to allow senders from outside.";
    /// Internal-only mail user.
    AUTH_REQUIRED_MAIL_USER = 550 "5.7.136" "RESOLVER.RST.SenderNotAuthenticatedForMailUser; authentication required; Delivery restriction check failed because the sender was not authenticated when sending to this mail user", Recipient,
        "The recipient accepts mail from senders inside its organization only.",
        "Ask the recipient, by another way, to allow senders from outside.";
    /// Organization that takes authenticated senders only.
    AUTH_REQUIRED_ORGANIZATION = 550 "5.7.12" "Sender was not authenticated by organization", RemoteAdministrator,
        "The organization accepts mail from its own senders only.",
        "Ask the recipient, by another way, to allow senders from outside.";
    /// Group accept list.
    NOT_IN_ALLOWED_SENDERS = 550 "5.7.124" "RESOLVER.RST.RestrictedToRecipientsPermission; sender not in allowed-senders list", Recipient,
        "You are not among the senders who may write to this group.",
        "Ask the owner of the group to add you to the allowed senders.";
    /// Remote domain without automatic forwarding.
    AUTO_FORWARD_BLOCKED = 550 "5.7.520" "Access denied, Your organization does not allow external forwarding", Administrator,
        "The organization does not allow automatic forwarding to this domain.",
        "Ask the email administrator to allow it for the remote domain, or remove the forwarding rule.";
    /// SPF.
    SPF_FAILED = 550 "5.7.23" "The message was rejected because of Sender Policy Framework violation", Administrator,
        "The sending server is not among those the sender's domain allows.",
        "The administrator of the sender's domain should add the server to its SPF record.";
    /// Neither SPF nor DKIM, over IPv6.
    UNAUTHENTICATED_IPV6 = 550 "5.7.26" "Message sent over IPv6 must pass either SPF or DKIM validation", Administrator,
        "The message could not be shown to come from the sender's domain.",
        "The administrator of the sender's domain should add SPF or DKIM.";
    /// DMARC.
    DMARC_FAILED = 550 "5.7.509" "Access denied, sending domain does not pass DMARC verification", Administrator,
        "The message could not be shown to come from the sender's domain, and that domain asks for such mail to be refused.",
        "The administrator of the sender's domain should make SPF or DKIM match the From address.";
    /// Source blocked.
    SOURCE_BLOCKED = 554 "5.7.1" "Access denied", Administrator,
        "The email server does not accept mail from the sending server.",
        "The administrator of the sending server should ask the recipient's administrator why.";
    /// Removed from a queue by an administrator.
    REMOVED_BY_ADMINISTRATOR = 550 "5.7.0" "QUEUE.Removed; message removed by an administrator", Administrator,
        "An administrator removed the message before it was delivered.",
        "Ask your email administrator for the reason.";
    /// A moderator said no.
    MODERATION_REJECTED = 550 "5.7.1" "APPROVAL.Rejected; message rejected by a moderator", Recipient,
        "A moderator did not approve the message.",
        "Ask the moderator, or the owner of the group, for the reason.";
}

/// What a person is told about a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Advice {
    /// Why, in a sentence.
    pub cause: &'static str,
    /// What to do, in a sentence or two.
    pub fix: &'static str,
    /// Who can act.
    pub actor: Actor,
}

impl From<&Code> for Advice {
    fn from(code: &Code) -> Advice {
        Advice { cause: code.cause, fix: code.fix, actor: code.actor }
    }
}

/// Codes that say no more than "for reasons of policy": a remote server's reply under them is not explained by ours.
const UNSPECIFIC: [&str; 2] = ["5.7.0", "5.7.1"];

/// Explains an enhanced status code, ours or a remote server's, with the reply it came in.
///
/// Exact code and a text of ours in the reply first, then the exact code, then the same detail of the
/// other class, then the code's subject (RFC 3463 §3), then its class. The reply's own words decide only
/// what people are told, never a status.
pub fn explain(enhanced: &str, reply: &str) -> Advice {
    let same = || ALL.iter().filter(|code| code.enhanced == enhanced);
    if let Some(code) = same().find(|code| contains(reply, code.text)) {
        return code.into();
    }
    if UNSPECIFIC.contains(&enhanced) {
        return by_words(reply).unwrap_or_else(|| by_subject(enhanced));
    }
    if let Some(code) = same().next() {
        return code.into();
    }
    // 4.2.2 is a full mailbox as 5.2.2 is.
    if let Some((_, rest)) = enhanced.split_once('.')
        && let Some(code) = ALL.iter().find(|code| code.enhanced.get(2..) == Some(rest))
        && !matches!(rest, "3.0" | "4.0" | "7.0" | "7.1")
    {
        return code.into();
    }
    by_subject(enhanced)
}

/// What remote servers commonly mean by an unspecific refusal.
fn by_words(reply: &str) -> Option<Advice> {
    if contains(reply, "relay") {
        return Some((&RELAY_ACCESS_DENIED).into());
    }
    ["spam", "block list", "blocklist", "blacklist", "blocked using", "reputation"]
        .iter()
        .any(|word| contains(reply, word))
        .then_some(Advice {
            cause: "The recipient's email server took the message for spam, or the sending server for a source of it.",
            fix: "Ask the recipient, by another way, to allow your address. An administrator should check whether the sending server stands on a block list.",
            actor: Actor::Administrator,
        })
}

fn contains(reply: &str, text: &str) -> bool {
    reply.to_ascii_lowercase().contains(&text.to_ascii_lowercase())
}

/// RFC 3463 §3: the second number names what the status is about.
fn by_subject(enhanced: &str) -> Advice {
    let mut parts = enhanced.split('.');
    let class = parts.next().unwrap_or_default();
    let (cause, fix, actor) = match parts.next().unwrap_or_default() {
        "1" => (
            "Something is wrong with the recipient's or the sender's address.",
            "Check the address for spelling and send the message again.",
            Actor::Sender,
        ),
        "2" => (
            "The recipient's mailbox cannot take the message.",
            "Ask the recipient, by another way, to look at their mailbox, and send the message again.",
            Actor::Recipient,
        ),
        "3" => (
            "The recipient's email system cannot take the message.",
            "Try again later. If it goes on, the recipient's email administrator should look at their system.",
            Actor::RemoteAdministrator,
        ),
        "4" => (
            "The message could not find its way to the recipient's email system.",
            "Try again later. If it goes on, an administrator should look at name resolution and connectors.",
            Actor::Administrator,
        ),
        "5" => (
            "The email servers did not understand each other.",
            "An administrator should look at the diagnostic information below.",
            Actor::Administrator,
        ),
        "6" => (
            "The recipient's email system cannot take the message's content.",
            "Send the message again in another format, for example as plain text.",
            Actor::Sender,
        ),
        "7" => (
            "The recipient's email system did not accept the message for reasons of security or policy.",
            "Ask the recipient, by another way, to allow your message; their administrator finds the reason in the diagnostic information below.",
            Actor::RemoteAdministrator,
        ),
        _ if class == "4" => (
            "The message could not be delivered yet.",
            "Nothing needs to be done: delivery goes on being attempted.",
            Actor::Nobody,
        ),
        _ => (
            "The recipient's email system refused the message without saying why.",
            "Send the message again later. If it fails again, ask the recipient, by another way.",
            Actor::RemoteAdministrator,
        ),
    };
    Advice { cause, fix, actor }
}

/// The enhanced status code at the head of a reply such as `550 5.1.1 …` or `5.1.1 …` (RFC 2034 §4).
pub fn enhanced_of(reply: &str) -> Option<&str> {
    let mut words = reply.split([' ', '-', ';', '\r', '\n']).filter(|word| !word.is_empty());
    let first = words.next()?;
    if is_enhanced(first) {
        return Some(first);
    }
    if first.len() == 3 && first.bytes().all(|byte| byte.is_ascii_digit()) {
        return words.next().filter(|word| is_enhanced(word));
    }
    None
}

/// RFC 3463 §2: class 2, 4 or 5, then two numbers of one to three digits.
pub fn is_enhanced(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    let [class, subject, detail] = parts.as_slice() else { return false };
    let number = |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    matches!(*class, "2" | "4" | "5") && number(subject) && number(detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_well_formed() {
        for code in ALL {
            assert!(is_enhanced(code.enhanced), "{code:?}");
            assert!((421..=556).contains(&code.reply), "{code:?}");
            assert!(code.text.is_ascii() && !code.text.is_empty() && code.line().len() <= 500);
            assert!(code.cause.ends_with('.') && code.fix.ends_with('.'), "{code:?}");
            // QUEUE.Expired is the one reply Exchange writes with differing classes.
            let same_class = code.enhanced.as_bytes()[0] == code.reply.to_string().as_bytes()[0];
            assert!(same_class || *code == QUEUE_EXPIRED, "{code:?}");
            assert_eq!(enhanced_of(&code.line()), Some(code.enhanced));
            assert_eq!(explain(code.enhanced, &code.line()).cause, code.cause, "{code:?}");
        }
    }

    #[test]
    fn explanations() {
        let cause = |enhanced, reply| explain(enhanced, reply).cause;
        assert_eq!(cause("5.1.10", ""), RECIPIENT_NOT_FOUND.cause);
        assert_eq!(cause("5.1.10", "556 5.1.10 Recipient address has NULL MX"), NULL_MX.cause);
        assert_eq!(cause("5.7.1", "550 5.7.1 Client was not authenticated"), NOT_AUTHENTICATED.cause);
        assert_eq!(cause("4.2.2", "mailbox full"), MAILBOX_FULL.cause);
        assert_eq!(cause("5.7.1", "550 5.7.1 Relaying denied"), RELAY_ACCESS_DENIED.cause);
        assert!(cause("5.7.1", "550 5.7.1 Message looks like SPAM").contains("for spam"));
        assert!(cause("5.7.1", "550 5.7.1 go away").contains("security or policy"));
        assert_eq!(explain("5.1.99", "").actor, Actor::Sender);
        assert!(cause("5.0.0", "").contains("without saying why"));
        assert!(cause("", "").contains("without saying why"));
        assert_eq!(explain("4.0.0", "").actor, Actor::Nobody);
    }

    #[test]
    fn enhanced_codes_in_replies() {
        let cases = [
            ("550 5.1.1 no", Some("5.1.1")),
            ("550-5.1.1 no", Some("5.1.1")),
            ("5.7.133 x", Some("5.7.133")),
            ("550 no such user", None),
            ("550 5.1", None),
            ("550 6.1.1 x", None),
            ("550 5.1.1234", None),
            ("", None),
        ];
        for (reply, expected) in cases {
            assert_eq!(enhanced_of(reply), expected, "{reply}");
        }
    }
}
