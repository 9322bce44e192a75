//! The Message object, the identity of one (`Server\Queue\<int>`, `*\<int>` or the number alone), and the messages a
//! cmdlet acts on.
//! May touch: transport (read).

use serde_json::json;
use transport::queue::view::{MessageView, RecipientView};

use crate::arguments::Arguments;
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::{Output, OutputType, Property, Row, grouped};
use crate::parameter::{Kind, Parameter};

/// `-Identity` of a cmdlet about one message.
pub(crate) const IDENTITY: Parameter = Parameter::new(
    "Identity",
    Kind::Identity,
    "The message: `Server\\Queue\\12` in one queue, `*\\12` or `12` in all queues.",
)
.required()
.positional();

/// `-Identity` or `-Filter` of a cmdlet that acts on messages.
pub(super) const CHOSEN: &[Parameter] = &[
    Parameter::new(
        "Identity",
        Kind::Identity,
        "The message: `Server\\Queue\\12` in one queue, `*\\12` or `12` in all queues.",
    )
    .positional(),
    Parameter::new(
        "Filter",
        Kind::Filter,
        "In place of -Identity: all messages for which the conditions hold, such as \"FromAddress -like '*@fabrikam.example'\".",
    ),
];

/// The messages a cmdlet acts on: queue (none = all) and number. One that was named is not looked up here.
///
/// # Errors
/// `Usage` where neither or both of -Identity and -Filter are given, `Invalid` for an identity that names none.
pub(super) fn chosen(
    context: &Context,
    arguments: &Arguments,
) -> Result<Vec<(Option<String>, u64)>, CmdletError> {
    match (arguments.text("Identity"), arguments.is_given("Filter")) {
        (Some(identity), false) => {
            let (queue, number) = read_identity(identity)?;
            Ok(vec![(queue.map(str::to_owned), number)])
        }
        (None, true) => {
            let messages = matching(context, arguments)?;
            let named = messages.iter().map(|message| read_identity(&message.identity));
            named.map(|named| named.map(|(queue, number)| (queue.map(str::to_owned), number))).collect()
        }
        _ => Err(CmdletError::Usage(format!("{} needs -Identity or -Filter", arguments.cmdlet().name))),
    }
}

/// The messages in queues for which -Filter holds.
///
/// # Errors
/// `Usage` where the filter cannot be understood.
pub(super) fn matching(context: &Context, arguments: &Arguments) -> Result<Vec<MessageView>, CmdletError> {
    let filter = arguments.filter_on("Filter", &MESSAGE)?;
    let mut messages = context.services.transport()?.queued_messages(None);
    messages.retain(|message| filter(&row(message, false)));
    Ok(messages)
}

/// Acts on every message chosen. By a filter, one that cannot be acted on (it may have left meanwhile) is a warning,
/// and a note says how many were.
///
/// # Errors
/// Those of the action on a message that was named.
pub(super) async fn each<'a, F, D>(
    context: &'a Context,
    arguments: &'a Arguments,
    act: F,
) -> Result<Output, CmdletError>
where
    F: Fn(&'a Context, Option<String>, u64) -> D,
    D: Future<Output = Result<(), CmdletError>>,
{
    let mut output = Output::nothing();
    let (mut done, mut all) = (0_u64, 0_u64);
    for (queue, number) in chosen(context, arguments)? {
        all = all.saturating_add(1);
        match act(context, queue, number).await {
            Ok(()) => done = done.saturating_add(1),
            Err(error) if arguments.is_given("Filter") => {
                if output.warnings.len() < WARNINGS_MAX {
                    output.warnings.push(format!("message {number}: {error}"));
                }
            }
            Err(error) => return Err(error),
        }
    }
    if arguments.is_given("Filter") {
        output.notes.push(format!("{} of {} messages that match", grouped(done), grouped(all)));
    }
    Ok(output)
}

/// Messages that could not be acted on and are named.
const WARNINGS_MAX: usize = 10;

/// What Status says of a message in a queue.
const STATUSES: &[(&str, &str)] = &[
    ("Active", "Active"),
    ("PendingRemove", "PendingRemove"),
    ("PendingSuspend", "PendingSuspend"),
    ("Ready", "Ready"),
    ("Retry", "Retry"),
    ("Suspended", "Suspended"),
];

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
        Property::words("Status", STATUSES),
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
