//! Conditions of a search, read from the text of parameters: addresses and patterns, ids, client addresses.
//! May touch: nothing (pure).

use std::net::IpAddr;
use std::str::FromStr;

use mail::{InternalMessageId, MessageId, NetworkMessageId};
use trace::{AddressPattern, SearchError};

use crate::arguments::{Arguments, usage};
use crate::error::CmdletError;

/// Addresses and patterns; a pasted list may be separated by semicolons, blanks or line ends too.
///
/// # Errors
/// `Usage` when one of them is none.
pub(crate) fn patterns(arguments: &Arguments, name: &str) -> Result<Vec<AddressPattern>, CmdletError> {
    let given = arguments.texts(name).unwrap_or_default();
    let each = given.into_iter().flat_map(|text| {
        // A quoted local part may hold blanks and semicolons (RFC 5321 §4.1.2).
        let separators: fn(char) -> bool =
            if text.contains('"') { |_| false } else { |letter| letter == ';' || letter.is_whitespace() };
        text.split(separators).filter(|part| !part.is_empty())
    });
    each.map(|text| pattern(arguments, name, text)).collect()
}

/// One address or pattern, with or without angle brackets; `<>` is the null sender.
///
/// # Errors
/// `Usage` when it is none.
pub(crate) fn pattern(arguments: &Arguments, name: &str, text: &str) -> Result<AddressPattern, CmdletError> {
    let bare = text.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).filter(|bare| !bare.is_empty());
    bare.unwrap_or(text)
        .parse()
        .map_err(|error| usage(arguments.cmdlet(), name, &format!("cannot be read: {error}")))
}

/// A network message id.
///
/// # Errors
/// `Usage` when it is no GUID.
pub(crate) fn network_message_id(
    arguments: &Arguments,
    name: &str,
) -> Result<Option<NetworkMessageId>, CmdletError> {
    one(arguments, name, "a GUID such as 01936f0a-0000-7000-8000-00000000000a")
}

/// Message-IDs, with or without brackets.
///
/// # Errors
/// `Usage` when one of them is none.
pub(crate) fn message_ids(arguments: &Arguments, name: &str) -> Result<Vec<MessageId>, CmdletError> {
    arguments
        .texts(name)
        .unwrap_or_default()
        .into_iter()
        .map(|text| message_id(arguments, name, text))
        .collect()
}

/// One Message-ID, with or without brackets.
///
/// # Errors
/// `Usage` when it is none.
pub(crate) fn message_id(arguments: &Arguments, name: &str, text: &str) -> Result<MessageId, CmdletError> {
    MessageId::parse(text).map_err(|_| {
        let why = format!("takes a Message-ID such as '<5f1c@fabrikam.example>', not \"{text}\"");
        usage(arguments.cmdlet(), name, &why)
    })
}

/// This server's number of a message.
pub(crate) fn internal_message_id(arguments: &Arguments, name: &str) -> Option<InternalMessageId> {
    arguments.int(name).and_then(|number| u64::try_from(number).ok()).map(InternalMessageId)
}

/// An IP address.
///
/// # Errors
/// `Usage` when it is none.
pub(crate) fn ip(arguments: &Arguments, name: &str) -> Result<Option<IpAddr>, CmdletError> {
    one(arguments, name, "an IP address such as 192.0.2.10")
}

fn one<T: FromStr>(arguments: &Arguments, name: &str, expected: &str) -> Result<Option<T>, CmdletError> {
    let Some(text) = arguments.text(name) else { return Ok(None) };
    let bare = text.trim().trim_start_matches('[').trim_end_matches(']');
    bare.parse()
        .map(Some)
        .map_err(|_| usage(arguments.cmdlet(), name, &format!("takes {expected}, not \"{text}\"")))
}

impl From<SearchError> for CmdletError {
    fn from(error: SearchError) -> CmdletError {
        match error {
            SearchError::Usage(_) | SearchError::Cursor => CmdletError::Usage(error.to_string()),
            SearchError::Store(cause) => {
                CmdletError::internal("the message trace cannot be read; the service log says why", cause)
            }
        }
    }
}
