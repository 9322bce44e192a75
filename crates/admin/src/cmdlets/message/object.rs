//! The Message object and the identity of one: `Server\Queue\<int>`, `*\<int>` or the number alone.
//! May touch: nothing (pure).

use serde_json::json;
use transport::queue::view::MessageView;

use crate::error::CmdletError;
use crate::output::{OutputType, Property, Row};
use crate::parameter::{Kind, Parameter};

/// `-Identity` of a cmdlet about one message.
pub(crate) const IDENTITY: Parameter = Parameter::new(
    "Identity",
    Kind::Identity,
    "The message: `Server\\Queue\\12` in one queue, `*\\12` or `12` in all queues.",
)
.required()
.positional();

/// What `Get-Message` puts out.
pub(crate) const MESSAGE: OutputType = OutputType {
    name: "ExtensibleMessageInfo",
    properties: &[
        Property::text("Identity"),
        Property::text("Queue"),
        Property::text("FromAddress"),
        Property::text("Subject"),
        Property::text("InternetMessageId"),
        Property::text("NetworkMessageId"),
        Property::text("Status"),
        Property::number("Size"),
        Property::text("SourceIP"),
        Property::text("MessageSourceName"),
        Property::time("DateReceived"),
        Property::time("ExpirationTime"),
        Property::text("LastError"),
        Property::number("RetryCount"),
        Property::text("Directionality"),
        Property::text("Recipients"),
    ],
    settings: None,
    table: &["Identity", "FromAddress", "Status", "Size", "Subject", "DateReceived", "LastError"],
};

/// One message as a row; the recipients only where asked for.
pub(crate) fn row(message: &MessageView, with_recipients: bool) -> Row {
    let mut row = Row::new();
    for (name, value) in [
        ("Identity", json!(message.identity)),
        ("Queue", json!(message.queue)),
        ("FromAddress", json!(message.from_address)),
        ("Subject", json!(message.subject)),
        ("InternetMessageId", json!(message.internet_message_id)),
        ("NetworkMessageId", json!(message.network_message_id)),
        ("Status", json!(message.status)),
        ("Size", json!(message.size)),
        ("SourceIP", json!(message.source_ip)),
        ("MessageSourceName", json!(message.message_source_name)),
        ("DateReceived", json!(message.date_received.to_string())),
        ("ExpirationTime", json!(message.expiration_time.to_string())),
        ("LastError", json!(message.last_error)),
        ("RetryCount", json!(message.retry_count)),
        ("Directionality", json!(message.directionality)),
    ] {
        row.insert(name.to_owned(), value);
    }
    let recipients = message.recipients.iter().map(|recipient| match &recipient.last_error {
        Some(error) => format!("{};{error}", recipient.address),
        None => recipient.address.clone(),
    });
    let recipients =
        if with_recipients { json!(recipients.collect::<Vec<_>>()) } else { serde_json::Value::Null };
    row.insert("Recipients".to_owned(), recipients);
    row
}

/// Queue (none = all) and number of a message identity.
///
/// # Errors
/// `Invalid` when it does not end in a number.
pub(crate) fn read_identity(identity: &str) -> Result<(Option<&str>, u64), CmdletError> {
    let (queue, number) = match identity.rsplit_once('\\') {
        Some((queue, number)) => (Some(queue).filter(|queue| *queue != "*"), number),
        None => (None, identity),
    };
    let number = number.parse().map_err(|_| {
        CmdletError::Invalid(format!("\"{identity}\" is not a message; write Server\\Queue\\12, *\\12 or 12"))
    })?;
    Ok((queue, number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities() {
        assert_eq!(read_identity("mx1\\3\\12").unwrap(), (Some("mx1\\3"), 12));
        assert_eq!(read_identity("*\\12").unwrap(), (None, 12));
        assert_eq!(read_identity("12").unwrap(), (None, 12));
        assert!(read_identity("mx1\\3").is_ok());
        assert!(read_identity("abc").is_err());
    }
}
