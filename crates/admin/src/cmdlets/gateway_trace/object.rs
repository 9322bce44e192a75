//! The GatewayTrace object: a message as a gateway's search shows it.
//! May touch: nothing (pure).

use events::Event;
use serde_json::{Value, json};
use trace::{Detail, Status, SubStatus, gateway};

use crate::cmdlets::recipient::rows;
use crate::output::{OutputType, Property, Row};

/// Final actions as they are read.
const ACTIONS: &[(&str, &str)] = &[
    ("accept", "Accepted"),
    ("continue", "Delivered on"),
    ("discard", "Discarded"),
    ("quarantine", "Quarantined"),
    ("quarantine; discard", "Quarantined; Discarded"),
    ("redirect", "Redirected"),
    ("reject", "Rejected"),
    ("retry", "To be tried again"),
];

/// What `Get-GatewayTrace` puts out.
pub(super) const OUTPUT: OutputType = OutputType {
    name: "GatewayTrace",
    properties: &[
        Property::instant("Date"),
        Property::text("Sender"),
        Property::text("Sender_Host"),
        Property::text("Sender_IP_Address"),
        Property::text("Recipients"),
        Property::text("Subject"),
        Property::words("Final_Action", ACTIONS),
        Property::text("Final_Rule"),
        Property::text("Module_ID"),
        Property::text("Rule_ID"),
        Property::text("Quarantine_Folder"),
        Property::text("Quarantine_Rule"),
        Property::text("Disposition_Action"),
        Property::words("Status", crate::cmdlets::message_trace::object::STATUSES),
        Property::text("Place"),
        Property::text("Message_ID"),
        Property::number("Message_Size"),
        Property::text("GUID"),
        Property::text("QID"),
        Property::text("SID"),
        Property::text("Policy_Routes"),
        Property::text("Spam_Score"),
        Property::text("Virus_Names"),
        Property::text("TLS"),
        Property::text("Duration"),
        Property::text("Sendmail_To_Stat"),
        Property::text("MessageTraceId"),
    ],
    settings: None,
    table: &["Date", "Sender", "Recipients", "Subject", "Final_Action", "Final_Rule"],
};

/// A recipient's detail in a gateway's words. What the gateway itself recorded comes first; where it says
/// nothing the status decides.
pub(super) fn row(detail: &Detail) -> Row {
    let of = &detail.row;
    let note = |name: &str| noted(detail, name);
    let (module, rule) = (note(gateway::FINAL_MODULE), note(gateway::FINAL_RULE));
    let final_rule = match (&module, &rule) {
        (Some(module), Some(rule)) => Some(format!("{module}.{rule}")),
        (module, rule) => rule.clone().or_else(|| module.clone()),
    };
    let first = detail.events.first().map(|event| &event.data);
    let tls = detail.events.iter().find_map(|event| event.data.detail.tls.clone());
    let folder = note(gateway::QUARANTINE_FOLDER)
        .or_else(|| (of.status == Status::Quarantined).then(|| of.folder.clone()).flatten());
    let took = of.row.ended_at.map(|ended| {
        let micros = ended.as_microsecond().saturating_sub(of.received.as_microsecond()).max(0);
        format!("{}.{:03}", micros / 1_000_000, micros / 1_000 % 1_000)
    });
    rows::row_of(json!({
        "Date": of.received.to_string(),
        "Sender": of.sender_address,
        "Sender_Host": first.and_then(|event: &Event| event.client_hostname.clone()),
        "Sender_IP_Address": of.from_ip.map(|ip| ip.to_string()),
        "Recipients": Value::from(vec![of.recipient_address.clone()]),
        "Subject": of.subject,
        "Final_Action": final_action(detail),
        "Final_Rule": final_rule,
        "Module_ID": module,
        "Rule_ID": rule,
        "Quarantine_Folder": folder,
        "Quarantine_Rule": note(gateway::QUARANTINE_RULE),
        "Disposition_Action": note(gateway::DISPOSITION_ACTION),
        "Status": of.status.as_str(),
        "Place": place(detail).or_else(|| of.server.clone()),
        "Message_ID": of.message_id.as_ref().map(ToString::to_string),
        "Message_Size": of.size,
        "GUID": note(gateway::GUID),
        "QID": note(gateway::QUEUE_ID),
        "SID": note(gateway::SID),
        "Policy_Routes": note(gateway::POLICY_ROUTES),
        "Spam_Score": note(gateway::SPAM_SCORE),
        "Virus_Names": note(gateway::VIRUS_NAMES),
        "TLS": tls,
        "Duration": worked(note(gateway::DURATION)).or(took),
        "Sendmail_To_Stat": detail.remote_reply,
        "MessageTraceId": of.message_trace_id.to_string(),
    }))
}

/// How long the gateway says it worked, in seconds to the millisecond.
fn worked(noted: Option<String>) -> Option<String> {
    let seconds: f64 = noted?.trim().parse().ok()?;
    (seconds.is_finite() && seconds >= 0.0).then(|| format!("{seconds:.3}"))
}

/// The place whose record tells what a gateway did; else the first whose record there is.
fn place(detail: &Detail) -> Option<String> {
    let places =
        || detail.events.iter().filter_map(|event| Some((&event.data, event.data.detail.place.as_ref()?)));
    let acted = |event: &Event| event.custom_data.iter().any(|(name, _)| name == gateway::FINAL_ACTION);
    let acting = places().find(|(event, _)| acted(event)).or_else(|| places().next());
    acting.map(|(_, place)| place.clone())
}

/// Whether a gateway recorded this recipient; one asked for by its queue id also where it only passed the message on.
pub(super) fn is_of_gateway(detail: &Detail, is_by_queue_id: bool) -> bool {
    let decided = [gateway::FINAL_ACTION, gateway::FINAL_MODULE, gateway::GUID, gateway::SID];
    decided.iter().any(|name| noted(detail, name).is_some())
        || (is_by_queue_id && noted(detail, gateway::QUEUE_ID).is_some())
}

/// The final action of a recipient: discard with a copy in quarantine is not a loss, and is told as both. That a
/// message was discarded is said only where the record says so.
pub(super) fn final_action(detail: &Detail) -> &'static str {
    let noted = |name: &str| noted(detail, name).map(|word| word.to_lowercase());
    let action = noted(gateway::FINAL_ACTION);
    let is_discarded = [&action, &noted(gateway::DISPOSITION_ACTION)]
        .into_iter()
        .any(|word| word.as_deref().is_some_and(|word| word.contains("discard")));
    let is_held = detail.row.status == Status::Quarantined
        || action.as_deref().is_some_and(|word| word.starts_with("quarantin"))
        || action.as_deref() == Some("discard") && noted(gateway::QUARANTINE_FOLDER).is_some();
    match action.as_deref() {
        _ if is_held && is_discarded => "quarantine; discard",
        _ if is_held => "quarantine",
        Some("continue") => "continue",
        Some("accept") => "accept",
        Some("discard") => "discard",
        Some("redirect") => "redirect",
        Some("reject") => "reject",
        Some("retry") => "retry",
        _ => by_status(detail),
    }
}

fn by_status(detail: &Detail) -> &'static str {
    let row = &detail.row;
    match (row.status, row.row.sub_status) {
        (Status::Delivered | Status::Recalled, _) => "continue",
        (Status::Pending | Status::GettingStatus, Some(SubStatus::Deferred | SubStatus::Throttled)) => {
            "retry"
        }
        (_, Some(SubStatus::RefusedTemporary)) => "retry",
        (Status::Pending | Status::GettingStatus, _) => "accept",
        (Status::Expanded | Status::Resolved, _) => "redirect",
        (Status::Quarantined, _) => "quarantine",
        (Status::Failed | Status::FilteredAsSpam, Some(SubStatus::DroppedSilently)) => "discard",
        (Status::Failed | Status::FilteredAsSpam, _) => "reject",
    }
}

/// The last value of this name in the notes of this recipient's events.
fn noted(detail: &Detail, name: &str) -> Option<String> {
    let pairs = detail.events.iter().rev().flat_map(|event| &event.data.custom_data);
    let mut found = pairs.filter(|(key, value)| key == name && !value.is_empty());
    found.next().map(|(_, value)| value.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_gateway_says_of_its_work_is_shown_to_the_millisecond() {
        let worked = |text: &str| worked(Some(text.to_owned()));
        assert_eq!([worked("0.4"), worked("12")], [Some("0.400".to_owned()), Some("12.000".to_owned())]);
        assert_eq!([worked("soon"), worked("-1"), worked("inf")], [None, None, None]);
    }
}
