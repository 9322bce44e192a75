//! The MessageTraceDetail object: one event of one recipient, with what is said of the recipient as a whole.
//! May touch: nothing (pure).

use serde_json::{Value, json};
use trace::Detail;
use trace::detail::DetailEvent;

use super::where_now::WhereNow;
use super::{drawing, event_pairs, stage_bar};
use crate::cmdlets::message_trace::hops;
use crate::cmdlets::message_trace::object::{STAGES, STATUSES};
use crate::cmdlets::recipient::rows;
use crate::output::{OutputType, Property, Row};

/// What `Get-MessageTraceDetail` puts out.
pub(super) const OUTPUT: OutputType = OutputType {
    name: "MessageTraceDetail",
    properties: &[
        Property::instant("Date"),
        Property::text("Event"),
        Property::text("Action"),
        Property::sentence("Detail"),
        Property::text("Data"),
        Property::text("MessageId"),
        Property::text("MessageTraceId").telling_apart().whole(),
        Property::text("RecipientAddress").telling_apart(),
        Property::text("Place").telling_apart(),
        Property::text("Server"),
        Property::text("SenderAddress").of_all(),
        Property::words("Status", STATUSES).of_all(),
        Property::words("Stage", STAGES).of_all(),
        Property::drawn("StageBar", stage_bar::draw_json).of_all(),
        Property::sentence("Headline").of_all(),
        Property::sentence("Cause").of_all(),
        Property::text("ActionNeededBy").of_all(),
        Property::text("Fix").of_all(),
        Property::text("RemoteReply").of_all(),
        Property::text("CauseId").of_all(),
        Property::text("Evidence").of_all(),
        Property::text("RemoteQueueId").of_all(),
        Property::text("FolderNow").of_all(),
        Property::drawn("TimeBudget", drawing::budget).of_all(),
        Property::drawn("RulesMatched", drawing::rules).of_all(),
        Property::drawn("RulesEvaluated", drawing::rules).of_all(),
        Property::drawn("Groups", drawing::groups).of_all(),
        Property::drawn("Forwards", drawing::forwards).of_all(),
        Property::drawn("SentBy", drawing::sent_by).of_all(),
        Property::drawn("Hops", hops::draw).of_all(),
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
    cause_id: Option<&'static str>,
    evidence: Option<String>,
    /// Where the item is now, in words.
    pub(super) folder_now: Option<String>,
    /// Where the time went.
    pub(super) budget: Value,
    rules_matched: Value,
    rules_evaluated: Value,
    groups: Value,
    forwards: Value,
    sent_by: Value,
    /// The places the message passed, and what each join rests on.
    pub(super) hops: Value,
}

impl Summary {
    /// From the detail.
    pub(super) fn of(detail: &Detail, now: &WhereNow) -> Summary {
        let cause = detail.cause.as_ref();
        let json = |part: serde_json::Result<Value>| part.unwrap_or(Value::Null);
        Summary {
            cause_id: cause.and_then(|cause| cause.name),
            evidence: cause.and_then(|cause| cause.evidence.clone()),
            folder_now: now.in_words(),
            budget: json(serde_json::to_value(&detail.budget)),
            rules_matched: json(serde_json::to_value(&detail.rules.matched)),
            rules_evaluated: json(serde_json::to_value(&detail.rules.evaluated)),
            groups: json(serde_json::to_value(&detail.directory.groups)),
            forwards: json(serde_json::to_value(&detail.directory.forwards)),
            sent_by: json(serde_json::to_value(&detail.directory.sent_by)),
            hops: json(serde_json::to_value(&detail.row.hops)),
            bar: serde_json::to_value(&detail.bar).unwrap_or(Value::Null),
            headline: format!("{}. {}", detail.headline, detail.sentence),
            cause: cause.map(|cause| match (&cause.evidence, &detail.remote_reply) {
                (Some(evidence), None) if !cause.cause.contains(evidence.as_str()) => {
                    format!("{} ({evidence})", cause.cause)
                }
                _ => cause.cause.clone(),
            }),
            actor: cause.map(|cause| cause.actor.as_str().to_owned()),
            fix: cause.map(|cause| cause.fix.clone()),
            remote_reply: detail.remote_reply.clone(),
        }
    }
}

/// One event as a row.
/// `own` is the name of this server, whose place it is where an event names no other.
pub(super) fn row(event: &DetailEvent, summary: &Summary, detail: &Detail, own: &str) -> Row {
    let place = event.data.detail.place.as_deref().unwrap_or(own);
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
        "Place": place,
        "Server": event.data.server_hostname.as_deref().unwrap_or(place),
        "SenderAddress": of.sender_address,
        "Status": of.status.as_str(),
        "Stage": of.stage.as_str(),
        "StageBar": summary.bar,
        "Headline": summary.headline,
        "Cause": summary.cause,
        "ActionNeededBy": summary.actor,
        "Fix": summary.fix,
        "RemoteReply": summary.remote_reply,
        "CauseId": summary.cause_id,
        "Evidence": summary.evidence,
        "RemoteQueueId": detail.row.row.remote_queue_id,
        "FolderNow": summary.folder_now,
        "TimeBudget": summary.budget,
        "RulesMatched": summary.rules_matched,
        "RulesEvaluated": summary.rules_evaluated,
        "Groups": summary.groups,
        "Forwards": summary.forwards,
        "SentBy": summary.sent_by,
        "Hops": summary.hops,
    }))
}
