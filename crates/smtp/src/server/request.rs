//! What a server session asks of its driver.
//!
//! May touch: nothing (pure).

use std::fmt;

use bytes::BytesMut;
use mail::{Address, ReversePath};

use super::content::Fault;
use crate::command::{CommandError, MailParams, RcptParams};
use crate::reply::Reply;

/// One thing the client wants; the driver answers it with [`super::ServerSession::reply`] or
/// [`super::ServerSession::reply_default`].
#[derive(Debug)]
pub enum Request {
    /// EHLO; the domain is empty where none was given.
    Ehlo {
        /// As sent.
        domain: String,
    },
    /// HELO; the domain is empty where none was given.
    Helo {
        /// As sent.
        domain: String,
    },
    /// STARTTLS. After a 220 reply write the output, run the handshake, call
    /// [`super::ServerSession::tls_started`].
    StartTls {
        /// Octets that the client had sent behind the command in plaintext; they are discarded unread,
        /// since they would otherwise run inside the protected session (RFC 3207 §4.2).
        discarded: usize,
    },
    /// AUTH with complete credentials. A 235 reply makes the session authenticated.
    Auth(Credentials),
    /// MAIL. A 2yz reply opens the transaction.
    Mail(Mail),
    /// RCPT. A 2yz reply adds the recipient.
    Rcpt(Rcpt),
    /// DATA. A 354 reply lets the client send.
    DataStart,
    /// A chunk of BDAT that is not the last is in.
    BdatChunk {
        /// Its octets.
        octets: u64,
    },
    /// A whole message, sound by our bounds. The reply ends the transaction.
    Message(Message),
    /// RSET; the transaction is already gone.
    Rset,
    /// NOOP.
    Noop,
    /// HELP.
    Help,
    /// VRFY.
    Vrfy {
        /// As sent.
        argument: String,
    },
    /// QUIT.
    Quit,
    /// Something the session itself refuses. The driver may delay and record it; any reply will do, the usual
    /// one is `refusal.reply`.
    Refused(Refusal),
}

/// The arguments of MAIL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The reverse-path.
    pub from: ReversePath,
    /// Its parameters.
    pub params: MailParams,
}

/// The arguments of RCPT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rcpt {
    /// The recipient; `<Postmaster>` has the session's default domain added.
    pub to: Address,
    /// Its parameters.
    pub params: RcptParams,
}

/// A message that was taken whole.
#[derive(Debug)]
pub struct Message {
    /// The message as the client meant it: without stuffed dots and without the end-of-data line.
    pub body: BytesMut,
    /// How it came.
    pub sent_by: SentBy,
}

/// The command that carried a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SentBy {
    /// DATA.
    Data,
    /// BDAT.
    Bdat,
}

/// The mechanism of an AUTH.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mechanism {
    /// RFC 4616.
    Plain,
    /// The two prompts that no RFC describes.
    Login,
}

impl fmt::Display for Mechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Mechanism::Plain => "PLAIN",
            Mechanism::Login => "LOGIN",
        })
    }
}

/// User name and password of an AUTH. Debug shows no password.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// How they came.
    pub mechanism: Mechanism,
    /// Whom the user wants to act as (authzid of PLAIN), where given and not the user itself.
    pub act_as: Option<String>,
    /// User name.
    pub user: String,
    /// Password.
    pub password: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("mechanism", &self.mechanism)
            .field("act_as", &self.act_as)
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

/// What the session refuses by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The standard reply.
    pub reply: Reply,
    /// Why.
    pub cause: RefusalCause,
    /// The sender or recipient as sent, where the refusal is about one that could be read.
    pub address: Option<String>,
}

/// Why the session refuses something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefusalCause {
    /// The line is not a command we take.
    Command(CommandError),
    /// The command is not allowed here.
    Sequence,
    /// The command follows one that was refused in the same pipelined group.
    Consequence,
    /// A command line over its bound.
    LineTooLong,
    /// An extension that this session does not offer.
    NotOffered,
    /// AUTH with a mechanism that is not offered.
    Mechanism,
    /// AUTH in plaintext where it is offered under TLS only.
    EncryptionRequired,
    /// The client broke the exchange off, or sent what cannot be decoded.
    Exchange,
    /// A recipient address beyond ASCII in a transaction without SMTPUTF8.
    NonAscii,
    /// SIZE= over the limit.
    DeclaredSize,
    /// A recipient too many.
    RecipientCount,
    /// The content of a message; ends the transaction.
    Content(Fault),
    /// The driver gave the message up, see [`super::ServerSession::abandon_message`]; ends the transaction.
    Abandoned,
}

impl RefusalCause {
    /// Whether MaxProtocolErrors counts it: what a sound client never does.
    ///
    /// A bad address, a limit reached and the tail of a refused pipelined group are no protocol errors.
    pub fn is_protocol_error(self) -> bool {
        match self {
            RefusalCause::Command(error) => !matches!(
                error,
                CommandError::ReversePath | CommandError::ForwardPath | CommandError::NonAscii
            ),
            RefusalCause::Sequence
            | RefusalCause::LineTooLong
            | RefusalCause::NotOffered
            | RefusalCause::Mechanism
            | RefusalCause::EncryptionRequired
            | RefusalCause::Exchange => true,
            RefusalCause::Consequence
            | RefusalCause::NonAscii
            | RefusalCause::DeclaredSize
            | RefusalCause::RecipientCount
            | RefusalCause::Content(_)
            | RefusalCause::Abandoned => false,
        }
    }
}
