//! Reads one command line of a client.
//!
//! May touch: nothing (pure).
//! Standards: RFC 5321 §4.1.1, RFC 3030 §2, RFC 3207 §4, RFC 4954 §4.
//!
//! Stricter than Postel where it guards something (control characters, encodings, addresses), and lenient where
//! people type by hand: verbs in any case, spaces after the colon, no angle brackets, trailing spaces.

mod params;
mod path;

use mail::{Address, ReversePath};

pub use params::{Body, MailParams, Notify, OriginalRecipient, RcptParams, Ret};
pub use path::{ForwardPath, PathError};

/// One command as sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// `EHLO domain`; the domain is empty where none was given.
    Ehlo(String),
    /// `HELO domain`; the domain is empty where none was given.
    Helo(String),
    /// `STARTTLS`.
    StartTls,
    /// `AUTH mechanism [initial-response]`, the response still in base64.
    Auth {
        /// Upper-case name of the mechanism.
        mechanism: String,
        /// The initial response in base64; `=` stands for an empty one.
        initial: Option<String>,
    },
    /// `MAIL FROM:<reverse-path> [parameters]`.
    Mail(ReversePath, MailParams),
    /// `RCPT TO:<forward-path> [parameters]`.
    Rcpt(ForwardPath, RcptParams),
    /// `DATA`.
    Data,
    /// `BDAT octets [LAST]`.
    Bdat {
        /// Octets that follow the command.
        octets: u64,
        /// Whether this chunk ends the message.
        last: bool,
    },
    /// `RSET`.
    Rset,
    /// `NOOP [anything]`.
    Noop,
    /// `HELP [anything]`.
    Help,
    /// `VRFY text`.
    Vrfy(String),
    /// `QUIT`.
    Quit,
}

/// Why a line is not a command we take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum CommandError {
    /// No such verb.
    #[error("the command is not known")]
    Unrecognized,
    /// The verb is known, its arguments are not.
    #[error("the arguments of the command cannot be read")]
    Arguments,
    /// BDAT without a size that can be read.
    #[error("the size of the chunk cannot be read")]
    ChunkSize,
    /// A parameter no extension of ours knows.
    #[error("a parameter of the command is not known")]
    Parameter,
    /// The domain of EHLO or HELO is none.
    #[error("the domain of the greeting is not valid")]
    Domain,
    /// The address of MAIL cannot be read.
    #[error("the reverse-path is not valid")]
    ReversePath,
    /// The address of RCPT cannot be read.
    #[error("the forward-path is not valid")]
    ForwardPath,
    /// An address beyond ASCII in MAIL without SMTPUTF8.
    #[error("the reverse-path needs SMTPUTF8")]
    NonAscii,
    /// A bare CR or LF.
    #[error("the line holds a bare CR or LF")]
    BareNewline,
    /// Another control character, or not UTF-8.
    #[error("the line holds characters that no command has")]
    Characters,
}

/// RFC 5321 §4.5.3.1.2: longest domain in octets.
const DOMAIN_BYTES_MAX: usize = 255;

/// Reads one line without its CRLF.
///
/// # Errors
/// What is wrong with the line; the caller chooses the reply.
pub fn parse(line: &[u8]) -> Result<Command, CommandError> {
    if memchr::memchr2(b'\r', b'\n', line).is_some() {
        return Err(CommandError::BareNewline);
    }
    if line.iter().any(|byte| byte.is_ascii_control() && *byte != b'\t') {
        return Err(CommandError::Characters);
    }
    let line = std::str::from_utf8(line).map_err(|_| CommandError::Characters)?.trim_matches(BLANKS);
    let (verb, rest) = line.split_once(BLANKS).unwrap_or((line, ""));
    let rest = rest.trim_start_matches(BLANKS);
    let mut upper = [0_u8; 8];
    let Some(slot) = upper.get_mut(..verb.len()) else { return Err(CommandError::Unrecognized) };
    slot.copy_from_slice(verb.as_bytes());
    slot.make_ascii_uppercase();
    match &*slot {
        b"EHLO" => domain(rest).map(Command::Ehlo),
        b"HELO" => domain(rest).map(Command::Helo),
        b"MAIL" => mail(rest),
        b"RCPT" => rcpt(rest),
        b"DATA" => bare(rest, Command::Data),
        b"BDAT" => bdat(rest),
        b"RSET" => bare(rest, Command::Rset),
        b"NOOP" => Ok(Command::Noop),
        b"HELP" => Ok(Command::Help),
        b"VRFY" if rest.is_empty() => Err(CommandError::Arguments),
        b"VRFY" => Ok(Command::Vrfy(rest.to_owned())),
        b"QUIT" => bare(rest, Command::Quit),
        b"STARTTLS" => bare(rest, Command::StartTls),
        b"AUTH" => auth(rest),
        _ => Err(CommandError::Unrecognized),
    }
}

/// What separates the words of a command; a tab is what people type, RFC 5321 §4.1.1.
pub(crate) const BLANKS: [char; 2] = [' ', '\t'];

fn bare(rest: &str, command: Command) -> Result<Command, CommandError> {
    if rest.is_empty() { Ok(command) } else { Err(CommandError::Arguments) }
}

/// `Domain / address-literal` of EHLO, RFC 5321 §4.1.1.1; nothing at all is taken as RequireEHLODomain is off.
///
/// Underscores and undotted names are what real clients send.
fn domain(text: &str) -> Result<String, CommandError> {
    let literal = text.strip_prefix('[').and_then(|inner| inner.strip_suffix(']'));
    let good = match literal {
        Some(inner) => {
            !inner.is_empty()
                && inner
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b':' | b'-'))
        }
        None => text.bytes().all(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'/' | b'+')
        }),
    };
    if good && text.len() <= DOMAIN_BYTES_MAX { Ok(text.to_owned()) } else { Err(CommandError::Domain) }
}

/// What follows `MAIL FROM:` or `RCPT TO:`; spaces around the colon are what people type.
fn after_colon<'a>(rest: &'a str, word: &str) -> Result<&'a str, CommandError> {
    let (head, rest) = rest.split_once(':').ok_or(CommandError::Arguments)?;
    if !head.trim_end_matches(BLANKS).eq_ignore_ascii_case(word) {
        return Err(CommandError::Arguments);
    }
    Ok(rest.trim_start_matches(BLANKS))
}

fn mail(rest: &str) -> Result<Command, CommandError> {
    let rest = after_colon(rest, "FROM")?;
    let (path, rest) = path::split(rest).map_err(|error| match error {
        PathError::Missing => CommandError::Arguments,
        PathError::Malformed => CommandError::ReversePath,
    })?;
    let path = match path {
        "" => ReversePath::Null,
        address => ReversePath::Address(Address::parse(address).map_err(|_| CommandError::ReversePath)?),
    };
    let params = MailParams::parse(rest)?;
    // RFC 6531 §3.5: a server may not take a non-ASCII address without the parameter.
    if let ReversePath::Address(address) = &path
        && !address.is_ascii()
        && !params.smtputf8
    {
        return Err(CommandError::NonAscii);
    }
    Ok(Command::Mail(path, params))
}

fn rcpt(rest: &str) -> Result<Command, CommandError> {
    let rest = after_colon(rest, "TO")?;
    let (path, rest) = path::split(rest).map_err(|error| match error {
        PathError::Missing => CommandError::Arguments,
        PathError::Malformed => CommandError::ForwardPath,
    })?;
    // RFC 5321 §4.5.1: the one recipient that needs no domain.
    let path = if path.eq_ignore_ascii_case("postmaster") {
        ForwardPath::Postmaster
    } else {
        ForwardPath::Address(Address::parse(path).map_err(|_| CommandError::ForwardPath)?)
    };
    Ok(Command::Rcpt(path, RcptParams::parse(rest)?))
}

/// RFC 3030 §2: `bdat-cmd = "BDAT" SP chunk-size [ SP end-marker ] CR LF`.
fn bdat(rest: &str) -> Result<Command, CommandError> {
    let mut words = rest.split(BLANKS).filter(|word| !word.is_empty());
    let octets = digits(words.next().unwrap_or_default()).ok_or(CommandError::ChunkSize)?;
    let last = match words.next() {
        None => false,
        Some(word) if word.eq_ignore_ascii_case("LAST") => true,
        Some(_) => return Err(CommandError::ChunkSize),
    };
    match words.next() {
        None => Ok(Command::Bdat { octets, last }),
        Some(_) => Err(CommandError::ChunkSize),
    }
}

/// RFC 4954 §4: `"AUTH" SP mechanism [SP initial-response]`.
fn auth(rest: &str) -> Result<Command, CommandError> {
    let mut words = rest.split(BLANKS).filter(|word| !word.is_empty());
    let mechanism = words.next().ok_or(CommandError::Arguments)?.to_ascii_uppercase();
    let initial = words.next().map(str::to_owned);
    match words.next() {
        None => Ok(Command::Auth { mechanism, initial }),
        Some(_) => Err(CommandError::Arguments),
    }
}

/// One to twenty digits, RFC 1870 §4 and RFC 3030 §2; a number beyond 64 bits is the largest one.
pub(crate) fn digits(text: &str) -> Option<u64> {
    if text.is_empty() || text.len() > 20 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests;
