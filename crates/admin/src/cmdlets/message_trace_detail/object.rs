//! The MessageTraceDetail object: one event of one recipient, with what is said of the recipient as a whole.
//! May touch: nothing (pure).

use serde_json::{Value, json};
use trace::Detail;
use trace::detail::DetailEvent;

use super::{event_pairs, stage_bar};
use crate::cmdlets::message_trace::object::{STAGES, STATUSES};
use crate::cmdlets::recipient::rows;
use crate::output::{OutputType, Property, Row};

/// What `Get-MessageTraceDetail` puts out.
pub(super) const OUTPUT: OutputType = OutputType {
    name: "MessageTraceDetail",
    properties: &[
        Property::time("Date"),
        Property::text("Event"),
        Property::text("Action"),
        Property::text("Detail"),
        Property::text("Data"),
        Property::text("MessageId"),
        Property::text("MessageTraceId"),
        Property::text("RecipientAddress"),
        Property::text("SenderAddress"),
        Property::words("Status", STATUSES),
        Property::words("Stage", STAGES),
        Property::drawn("StageBar", stage_bar::draw_json),
        Property::text("Headline"),
        Property::text("Cause"),
        Property::text("ActionNeededBy"),
        Property::text("Fix"),
        Property::text("RemoteReply"),
    ],
    settings: None,
    table: &["Date", "Event", "Action", "Detail"],
};

/// What is said of the recipient as a whole.
pub(super) struct Summary {
    bar: Value,
    /// "We found an issue. The message was not delivered to …"
    pub(super) headline: String,
    /// What happened, where something is wrong.
    pub(super) cause: Option<String>,
    /// Who must act.
    pub(super) actor: Option<String>,
    /// What to do.
    pub(super) fix: Option<String>,
    /// The remote server's reply, word for word.
    pub(super) remote_reply: Option<String>,
}

impl Summary {
    /// From the detail.
    pub(super) fn of(detail: &Detail) -> Summary {
        let cause = detail.cause.as_ref();
        Summary {
            bar: serde_json::to_value(&detail.bar).unwrap_or(Value::Null),
            headline: format!("{}. {}", detail.headline, detail.sentence),
            cause: cause.map(|cause| match (&cause.evidence, &detail.remote_reply) {
                (Some(evidence), None) => format!("{} ({evidence})", cause.cause),
                _ => cause.cause.clone(),
            }),
            actor: cause.map(|cause| cause.actor.as_str().to_owned()),
            fix: cause.map(|cause| cause.fix.clone()),
            remote_reply: detail.remote_reply.clone(),
        }
    }
}

/// One event as a row.
pub(super) fn row(event: &DetailEvent, summary: &Summary, detail: &Detail) -> Row {
    let of = &detail.row;
    rows::row_of(json!({
        "Date": event.date.to_string(),
        "Event": event.event,
        "Action": event.action,
        "Detail": event.detail,
        "Data": event_pairs::xml(&event.data),
        "MessageId": of.message_id.as_ref().map(|id| id.as_str()),
        "MessageTraceId": of.message_trace_id.to_string(),
        "RecipientAddress": of.recipient_address,
        "SenderAddress": of.sender_address,
        "Status": of.status.as_str(),
        "Stage": of.stage.as_str(),
        "StageBar": summary.bar,
        "Headline": summary.headline,
        "Cause": summary.cause,
        "ActionNeededBy": summary.actor,
        "Fix": summary.fix,
        "RemoteReply": summary.remote_reply,
    }))
}
