//! The standard replies of the server, in one place, with Exchange's texts.
//!
//! May touch: nothing (pure).
//! Standards: RFC 5321 §4.2.3, RFC 3463, RFC 5248, RFC 4954 §6, RFC 3207 §4, RFC 3030 §2.

use crate::reply::{EnhancedCode, Reply};

const fn reply(code: u16, class: u8, subject: u16, detail: u16, text: &'static str) -> Reply {
    Reply::fixed(code, Some(EnhancedCode::new(class, subject, detail)), text)
}

// ---- accepted ----

/// MAIL accepted.
pub const SENDER_OK: Reply = reply(250, 2, 1, 0, "Sender OK");
/// RCPT accepted.
pub const RECIPIENT_OK: Reply = reply(250, 2, 1, 5, "Recipient OK");
/// DATA may begin. No enhanced code: RFC 2034 §4 knows none for 3yz.
pub const START_MAIL_INPUT: Reply = Reply::fixed(354, None, "Start mail input; end with <CRLF>.<CRLF>");
/// RSET done.
pub const RESETTING: Reply = reply(250, 2, 0, 0, "Resetting");
/// NOOP done.
pub const OK: Reply = reply(250, 2, 0, 0, "OK");
/// Answer to VRFY, RFC 5321 §7.3: neither confirms nor denies.
pub const CANNOT_VERIFY: Reply = reply(252, 2, 1, 5, "Cannot VRFY user");
/// Answer to HELP.
pub const HELP: Reply = Reply::fixed(
    214,
    Some(EnhancedCode::new(2, 0, 0)),
    "This server supports the following commands:\n\
     HELO EHLO STARTTLS AUTH MAIL RCPT DATA BDAT RSET NOOP VRFY HELP QUIT",
);
/// Answer to QUIT.
pub const CLOSING: Reply = reply(221, 2, 0, 0, "Service closing transmission channel");
/// STARTTLS accepted; the next octets are a TLS handshake.
pub const READY_FOR_TLS: Reply = reply(220, 2, 0, 0, "SMTP server ready");
/// AUTH accepted.
pub const AUTHENTICATED: Reply = reply(235, 2, 7, 0, "Authentication successful");

/// A chunk that is not the last has been taken.
pub fn chunk_received(octets: u64) -> Reply {
    let code = EnhancedCode::new(2, 6, 0);
    Reply::new(250, Some(code), format!("CHUNK received OK, {octets} octets"))
}

/// The message is durable: `250 2.6.0 <message-id> [InternalId=…, Hostname=…] Queued mail for delivery`.
///
/// `internal_id` is the internal message id of the tracking log.
pub fn queued(message_id: &str, internal_id: u64, hostname: &str) -> Reply {
    let text =
        format!("{message_id} [InternalId={internal_id}, Hostname={hostname}] Queued mail for delivery");
    Reply::new(250, Some(EnhancedCode::new(2, 6, 0)), text)
}

// ---- refused: order and syntax ----

/// A command before HELO or EHLO.
pub const SEND_HELLO_FIRST: Reply = reply(503, 5, 5, 2, "Send hello first");
/// RCPT, DATA or BDAT without an accepted MAIL.
pub const NEED_MAIL: Reply = reply(503, 5, 5, 2, "Need mail command");
/// DATA or BDAT without an accepted RCPT.
pub const NEED_RCPT: Reply = reply(503, 5, 5, 2, "Need rcpt command");
/// A second MAIL in one transaction.
pub const SENDER_ALREADY_SPECIFIED: Reply = reply(503, 5, 5, 2, "Sender already specified");
/// DATA and BDAT in one transaction, RFC 3030 §2; or DATA after BODY=BINARYMIME, RFC 3030 §3.
pub const BDAT_ONLY: Reply = reply(503, 5, 5, 1, "DATA may not be used with BDAT or BODY=BINARYMIME");
/// A further BDAT after one failed, RFC 3030 §2.
pub const CHUNK_AFTER_FAILURE: Reply = reply(503, 5, 5, 1, "BDAT failed before; send RSET");
/// A command in a state that does not allow it.
pub const BAD_SEQUENCE: Reply = reply(503, 5, 5, 1, "Bad sequence of commands");
/// STARTTLS under TLS.
pub const ALREADY_TLS: Reply = reply(503, 5, 5, 1, "TLS is already active");
/// AUTH after a successful AUTH, RFC 4954 §4.
pub const ALREADY_AUTHENTICATED: Reply = reply(503, 5, 5, 1, "Already authenticated");
/// No such command.
pub const UNRECOGNIZED_COMMAND: Reply = reply(500, 5, 3, 3, "Unrecognized command");
/// A known command with arguments that cannot be read.
pub const INVALID_ARGUMENTS: Reply = reply(501, 5, 5, 4, "Invalid arguments");
/// A parameter of MAIL or RCPT that is not offered, RFC 5321 §4.1.1.11.
pub const UNRECOGNIZED_PARAMETER: Reply = reply(555, 5, 5, 4, "Unrecognized parameter");
/// BDAT without a readable size; the session ends, since what follows could be content or commands.
pub const INVALID_CHUNK_SIZE: Reply = reply(501, 5, 5, 4, "Invalid chunk size, closing transmission channel");
/// EHLO or HELO with something that is no domain name.
pub const INVALID_DOMAIN_NAME: Reply = reply(501, 5, 5, 4, "Invalid domain name");
/// A command line over its bound.
pub const LINE_TOO_LONG: Reply = reply(500, 5, 5, 2, "Line too long");
/// An AUTH line over its bound, RFC 4954 §6.
pub const AUTH_LINE_TOO_LONG: Reply = reply(500, 5, 5, 6, "Authentication exchange line is too long");
/// A command line that holds a bare LF or CR.
pub const LINE_NOT_CRLF: Reply = reply(500, 5, 5, 2, "Lines must end with CRLF (bare LF or CR)");
/// A command line that holds a control character or is not UTF-8.
pub const LINE_INVALID_CHARACTERS: Reply = reply(500, 5, 5, 2, "Invalid characters in command");

// ---- refused: addresses ----

/// MAIL with an address that cannot be read.
pub const INVALID_ADDRESS: Reply = reply(550, 5, 1, 7, "Invalid address");
/// RCPT with an address that cannot be read.
pub const INVALID_RECIPIENT_ADDRESS: Reply = reply(501, 5, 1, 3, "Invalid address");
/// An address beyond ASCII without SMTPUTF8, RFC 6531 §3.5.
pub const NON_ASCII_ADDRESS: Reply = reply(553, 5, 6, 7, "Non-ASCII address needs SMTPUTF8");
/// An unknown recipient.
pub const USER_UNKNOWN: Reply = reply(550, 5, 1, 1, "User unknown");
/// An unknown SMTP address in an authoritative domain.
pub const RECIPIENT_NOT_FOUND: Reply =
    reply(550, 5, 1, 10, "RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup");
/// One recipient more than one message may have.
pub const TOO_MANY_RECIPIENTS: Reply = reply(452, 4, 5, 3, "Too many recipients");
/// A recipient outside the accepted domains for a client that may not relay.
pub const UNABLE_TO_RELAY: Reply = reply(550, 5, 7, 1, "Unable to relay");
/// A recipient that takes mail of signed-in senders only (group).
pub const AUTH_REQUIRED_GROUP: Reply = reply(550, 5, 7, 133, mail::codes::AUTH_REQUIRED_GROUP.text);
/// A mailbox over its quota.
pub const MAILBOX_FULL: Reply = reply(552, 5, 2, 2, "Mailbox full");

// ---- refused: size and content ----

/// A message over the limit of the connector or organization.
pub const MESSAGE_TOO_LARGE: Reply = reply(552, 5, 3, 4, "Message size exceeds fixed maximum message size");
/// A message over the limit of one recipient.
pub const MESSAGE_TOO_LARGE_FOR_RECIPIENT: Reply =
    reply(552, 5, 2, 3, "RESOLVER.RST.RecipSizeLimit; message too large for this recipient");
/// A header section over MaxHeaderSize.
pub const HEADER_TOO_LARGE: Reply = reply(552, 5, 3, 4, "Header size exceeds fixed maximum size");
/// A message with a LF that no CR precedes.
pub const BARE_LF: Reply = reply(550, 5, 6, 11, "Invalid characters (bare LF)");
/// A message with a CR that no LF follows.
pub const BARE_CR: Reply = reply(550, 5, 6, 11, "Invalid characters (bare CR)");
/// A message with a NUL.
pub const NUL_CHARACTER: Reply = reply(550, 5, 6, 11, "Invalid characters (NUL)");
/// A message with a line over the bound.
pub fn message_line_too_long(bytes_max: usize) -> Reply {
    Reply::new(550, Some(EnhancedCode::new(5, 6, 0)), format!("Message line longer than {bytes_max} octets"))
}
/// Too many Received headers.
pub const HOP_COUNT_EXCEEDED: Reply = reply(554, 5, 4, 6, "Hop count exceeded - possible mail loop");

// ---- refused: security ----

/// MAIL or AUTH on a connector that the client may not submit to.
pub const NOT_AUTHENTICATED: Reply = reply(530, 5, 7, 1, "Client was not authenticated");
/// A command on a connector that wants TLS first, RFC 3207 §4.
pub const STARTTLS_REQUIRED: Reply = reply(530, 5, 7, 0, "Must issue a STARTTLS command first");
/// Wrong user or password.
pub const AUTHENTICATION_UNSUCCESSFUL: Reply = reply(535, 5, 7, 3, "Authentication unsuccessful");
/// A mechanism that is not offered.
pub const UNRECOGNIZED_MECHANISM: Reply = reply(504, 5, 7, 4, "Unrecognized authentication type");
/// A mechanism that is offered under TLS only, RFC 4954 §6.
pub const ENCRYPTION_REQUIRED: Reply =
    reply(538, 5, 7, 11, "Encryption required for requested authentication mechanism");
/// The client ended the exchange with `*`, RFC 4954 §4.
pub const AUTHENTICATION_CANCELLED: Reply = reply(501, 5, 7, 0, "Authentication cancelled");
/// Not base64 or not the message the mechanism wants, RFC 4954 §4.
pub const CANNOT_DECODE: Reply = reply(501, 5, 5, 2, "Cannot decode response");

// ---- not now ----

/// Back pressure.
pub const INSUFFICIENT_RESOURCES: Reply = reply(452, 4, 3, 1, "Insufficient system resources");
/// The service is being stopped.
pub const NOT_AVAILABLE: Reply = reply(421, 4, 3, 2, "Service not available");
/// Nothing was received for the inactivity time, or the connection exceeded its time.
pub const TIMED_OUT: Reply = reply(421, 4, 4, 1, "Connection timed out");
/// The spool could not store the message.
pub const TEMPORARY_FAILURE: Reply = reply(451, 4, 3, 0, "Temporary server error. Please try again later");
/// MaxProtocolErrors or MaxLogonFailures reached.
pub const TOO_MANY_ERRORS: Reply =
    reply(421, 4, 7, 0, "Too many errors on this connection, closing transmission channel");
/// A refused message or line went on beyond what is skipped.
pub const TOO_MUCH_INPUT: Reply = reply(421, 4, 7, 0, "Too much input, closing transmission channel");
/// More connections than the connector takes.
pub const TOO_MANY_CONNECTIONS: Reply = reply(
    421,
    4,
    3,
    2,
    "The maximum number of concurrent connections has exceeded a limit, closing transmission channel",
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_of_code_and_enhanced_code_agree() {
        for reply in [
            SENDER_OK,
            RECIPIENT_OK,
            RESETTING,
            OK,
            CANNOT_VERIFY,
            HELP,
            CLOSING,
            READY_FOR_TLS,
            AUTHENTICATED,
            SEND_HELLO_FIRST,
            NEED_MAIL,
            NEED_RCPT,
            SENDER_ALREADY_SPECIFIED,
            BDAT_ONLY,
            CHUNK_AFTER_FAILURE,
            BAD_SEQUENCE,
            ALREADY_TLS,
            ALREADY_AUTHENTICATED,
            UNRECOGNIZED_COMMAND,
            INVALID_ARGUMENTS,
            UNRECOGNIZED_PARAMETER,
            INVALID_DOMAIN_NAME,
            LINE_TOO_LONG,
            AUTH_LINE_TOO_LONG,
            LINE_NOT_CRLF,
            LINE_INVALID_CHARACTERS,
            INVALID_ADDRESS,
            INVALID_RECIPIENT_ADDRESS,
            NON_ASCII_ADDRESS,
            USER_UNKNOWN,
            RECIPIENT_NOT_FOUND,
            TOO_MANY_RECIPIENTS,
            UNABLE_TO_RELAY,
            AUTH_REQUIRED_GROUP,
            MAILBOX_FULL,
            MESSAGE_TOO_LARGE,
            MESSAGE_TOO_LARGE_FOR_RECIPIENT,
            HEADER_TOO_LARGE,
            BARE_LF,
            BARE_CR,
            NUL_CHARACTER,
            HOP_COUNT_EXCEEDED,
            NOT_AUTHENTICATED,
            STARTTLS_REQUIRED,
            AUTHENTICATION_UNSUCCESSFUL,
            UNRECOGNIZED_MECHANISM,
            ENCRYPTION_REQUIRED,
            AUTHENTICATION_CANCELLED,
            CANNOT_DECODE,
            INSUFFICIENT_RESOURCES,
            NOT_AVAILABLE,
            TIMED_OUT,
            TEMPORARY_FAILURE,
            TOO_MANY_ERRORS,
            TOO_MUCH_INPUT,
            TOO_MANY_CONNECTIONS,
        ] {
            assert_eq!(
                reply.enhanced().map(|code| u16::from(code.class)),
                Some(reply.code() / 100),
                "{reply}"
            );
        }
    }

    #[test]
    fn the_documented_texts() {
        assert_eq!(SENDER_OK.to_string(), "250 2.1.0 Sender OK");
        assert_eq!(RECIPIENT_OK.to_string(), "250 2.1.5 Recipient OK");
        assert_eq!(START_MAIL_INPUT.to_string(), "354 Start mail input; end with <CRLF>.<CRLF>");
        assert_eq!(
            queued("<a@b>", 7, "mx1").to_string(),
            "250 2.6.0 <a@b> [InternalId=7, Hostname=mx1] Queued mail for delivery"
        );
        assert_eq!(CLOSING.to_string(), "221 2.0.0 Service closing transmission channel");
        assert_eq!(INVALID_DOMAIN_NAME.to_string(), "501 5.5.4 Invalid domain name");
        assert_eq!(UNRECOGNIZED_COMMAND.to_string(), "500 5.3.3 Unrecognized command");
        assert_eq!(AUTHENTICATION_UNSUCCESSFUL.to_string(), "535 5.7.3 Authentication unsuccessful");
    }
}
