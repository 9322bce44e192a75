//! The Message object and the identity of one: `Server\Queue\<int>`, `*\<int>` or the number alone.
//! May touch: nothing (pure).

use serde_json::json;
use transport::queue::view::{MessageView, RecipientView};

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
        Property::text("DeferReason"),
        Property::number("RetryCount"),
        Property::text("OriginalFromAddress"),
        Property::text("Priority"),
        Property::number("SCL"),
        Property::text("Directionality"),
        Property::text("Recipients"),
    ],
    settings: None,
    table: &["Identity", "FromAddress", "Status", "Size", "Subject", "DateReceived", "LastError"],
};

/// One message as a row; the recipients only where asked for.
pub(crate) fn row(message: &MessageView, with_recipients: bool) -> Row {
    let no_route = no_route(message);
    let last_error = message.last_error.as_ref().or(no_route.as_ref());
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
        ("LastError", json!(last_error)),
        ("DeferReason", json!(if message.status == "Retry" { "TransientFailure" } else { "None" })),
        ("RetryCount", json!(message.retry_count)),
        // Nothing between acceptance and the queue rewrites MAIL FROM, gives precedence, or rates for spam.
        ("OriginalFromAddress", json!(message.from_address)),
        ("Priority", json!("Normal")),
        ("SCL", serde_json::Value::Null),
        ("Directionality", json!(message.directionality)),
    ] {
        row.insert(name.to_owned(), value);
    }
    let errors = |recipient: &RecipientView| recipient.last_error.clone().or_else(|| no_route.clone());
    let recipients = message.recipients.iter().map(|recipient| match errors(recipient) {
        Some(error) => format!("{};{error}", recipient.address),
        None => recipient.address.clone(),
    });
    let recipients =
        if with_recipients { json!(recipients.collect::<Vec<_>>()) } else { serde_json::Value::Null };
    row.insert("Recipients".to_owned(), recipients);
    row
}

/// Why a message in the Unreachable queue is there: no attempt was made that could have told.
fn no_route(message: &MessageView) -> Option<String> {
    if !message.queue.ends_with("\\Unreachable") {
        return None;
    }
    let mut domains: Vec<&str> = message
        .recipients
        .iter()
        .filter_map(|recipient| Some(recipient.address.rsplit_once('@')?.1))
        .collect();
    domains.sort_unstable();
    domains.dedup();
    Some(format!(
        "A matching connector cannot be found to route the external recipient: no Send connector has an address space for {}; New-SendConnector makes one",
        domains.join(", ")
    ))
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

    fn waiting(queue: &str) -> MessageView {
        MessageView {
            identity: format!("{queue}\\12"),
            queue: queue.to_owned(),
            from_address: "kim@contoso.example".to_owned(),
            subject: String::new(),
            internet_message_id: None,
            network_message_id: String::new(),
            status: "Ready",
            size: 1,
            source_ip: None,
            message_source_name: String::new(),
            date_received: jiff::Timestamp::UNIX_EPOCH,
            expiration_time: jiff::Timestamp::UNIX_EPOCH,
            last_error: None,
            retry_count: 0,
            directionality: "Originating",
            recipients: vec![RecipientView {
                address: "x@fabrikam.example".to_owned(),
                last_error: None,
                next_retry: None,
            }],
        }
    }

    #[test]
    fn the_unreachable_queue_says_why() {
        let shown = row(&waiting("mx1\\Unreachable"), true);
        for error in [&shown["LastError"], &shown["Recipients"][0]] {
            let error = error.as_str().unwrap();
            assert!(error.contains("no Send connector has an address space for fabrikam.example"), "{error}");
        }
        assert_eq!(shown["OriginalFromAddress"], "kim@contoso.example");
        assert_eq!((&shown["Priority"], &shown["DeferReason"]), (&json!("Normal"), &json!("None")));
        let shown = row(&waiting("mx1\\3"), true);
        assert_eq!(
            (&shown["LastError"], &shown["Recipients"]),
            (&json!(null), &json!(["x@fabrikam.example"]))
        );
    }

    #[test]
    fn identities() {
        assert_eq!(read_identity("mx1\\3\\12").unwrap(), (Some("mx1\\3"), 12));
        assert_eq!(read_identity("*\\12").unwrap(), (None, 12));
        assert_eq!(read_identity("12").unwrap(), (None, 12));
        assert!(read_identity("mx1\\3").is_ok());
        assert!(read_identity("abc").is_err());
    }
}
