//! Runs the AUTH exchange: PLAIN and LOGIN.
//!
//! May touch: nothing (pure).
//! Standards: RFC 4954 §4, RFC 4616 §2.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::request::{Credentials, Mechanism};

/// Longest user name or password in octets; argon2 must not be fed by strangers without a bound.
const CREDENTIAL_BYTES_MAX: usize = 1_024;

/// What the exchange waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Exchange {
    /// The one message of PLAIN.
    Plain,
    /// The user name of LOGIN.
    LoginUser,
    /// The password of LOGIN.
    LoginPassword(String),
}

/// What to do after a response of the client.
pub(crate) enum Turn {
    /// Send `334` with this text, wait for this.
    Prompt(&'static str, Exchange),
    /// Ask the driver.
    Complete(Credentials),
    /// `*`.
    Cancelled,
    /// Not what the mechanism wants.
    Malformed,
}

/// Begins an exchange, with the initial response where there is one (`=` is an empty one, RFC 4954 §4).
pub(crate) fn begin(mechanism: Mechanism, initial: Option<&str>) -> Turn {
    let (exchange, prompt) = match mechanism {
        Mechanism::Plain => (Exchange::Plain, ""),
        // base64 of "Username:"
        Mechanism::Login => (Exchange::LoginUser, "VXNlcm5hbWU6"),
    };
    match initial {
        None => Turn::Prompt(prompt, exchange),
        Some("=") => respond(exchange, b""),
        Some(text) => respond(exchange, text.as_bytes()),
    }
}

/// Takes the next response, still in base64.
pub(crate) fn respond(exchange: Exchange, line: &[u8]) -> Turn {
    if line == b"*" {
        return Turn::Cancelled;
    }
    let decoded = STANDARD.decode(line.trim_ascii()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let Some(text) = decoded else { return Turn::Malformed };
    match exchange {
        Exchange::Plain => plain(&text).map_or(Turn::Malformed, Turn::Complete),
        Exchange::LoginUser if sound(&text) => {
            // base64 of "Password:"
            Turn::Prompt("UGFzc3dvcmQ6", Exchange::LoginPassword(text))
        }
        Exchange::LoginPassword(user) if sound(&text) => {
            Turn::Complete(Credentials { mechanism: Mechanism::Login, act_as: None, user, password: text })
        }
        Exchange::LoginUser | Exchange::LoginPassword(_) => Turn::Malformed,
    }
}

/// RFC 4616 §2: `[authzid] NUL authcid NUL passwd`.
fn plain(text: &str) -> Option<Credentials> {
    let mut parts = text.split('\0');
    let (act_as, user, password) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || !sound(user) || !sound(password) || act_as.len() > CREDENTIAL_BYTES_MAX {
        return None;
    }
    let act_as = if act_as.is_empty() || act_as == user { None } else { Some(act_as.to_owned()) };
    let (user, password) = (user.to_owned(), password.to_owned());
    Some(Credentials { mechanism: Mechanism::Plain, act_as, user, password })
}

/// RFC 4616 §2 has at least one character in each and no NUL.
fn sound(text: &str) -> bool {
    !text.is_empty() && text.len() <= CREDENTIAL_BYTES_MAX && !text.contains('\0')
}
