//! The MessageTraceTree object: a message with its recipients as nested nodes.
//! May touch: nothing (pure).

use serde_json::{Value, json};
use trace::tree::{Linked, Node};
use trace::{Replacement, Status, TraceRow, Tree};

use super::drawing;
use crate::cmdlets::message_trace::object as message_trace;
use crate::cmdlets::recipient::rows;
use crate::error::CmdletError;
use crate::output::{OutputType, Property, Row};

/// What `Get-MessageTraceTree` puts out.
pub(super) const OUTPUT: OutputType = OutputType {
    name: "MessageTraceTree",
    properties: &[
        Property::text("MessageTraceId"),
        Property::text("NetworkMessageId"),
        Property::text("MessageId"),
        Property::instant("Received"),
        Property::text("InternalMessageId"),
        Property::text("SenderAddress"),
        Property::text("FromAddress"),
        Property::text("Subject"),
        Property::number("Size"),
        Property::text("FromIP"),
        Property::text("Direction"),
        Property::drawn("Counts", drawing::counts),
        Property::drawn("Nodes", drawing::nodes),
        Property::drawn("Linked", drawing::linked),
    ],
    settings: None,
    table: &[],
};

/// The properties of a row that are the same for all recipients.
const OF_MESSAGE: &[&str] = &[
    "MessageTraceId",
    "NetworkMessageId",
    "MessageId",
    "Received",
    "InternalMessageId",
    "SenderAddress",
    "FromAddress",
    "Subject",
    "Size",
    "FromIP",
    "Direction",
];

/// The tree as one object; `None` when it has no row.
///
/// # Errors
/// `Internal` when a row cannot be written as JSON.
pub(super) fn row(tree: &Tree) -> Result<Option<Row>, CmdletError> {
    let Some(first) = tree.rows.first() else { return Ok(None) };
    let first = message_trace::row(first)?;
    let facts =
        OF_MESSAGE.iter().map(|name| ((*name).to_owned(), first.get(*name).cloned().unwrap_or(Value::Null)));
    let mut row: Row = facts.collect();
    row.insert("Counts".to_owned(), counts(&tree.counts));
    row.insert("Nodes".to_owned(), tree.roots.iter().filter_map(|root| node(root, &tree.rows)).collect());
    row.insert("Linked".to_owned(), tree.linked.iter().map(linked).collect());
    Ok(Some(row))
}

fn counts(counts: &[(Status, u64)]) -> Value {
    let by_status: Row =
        counts.iter().map(|(status, count)| (status.as_str().to_owned(), json!(count))).collect();
    Value::Object(by_status)
}

/// A node and all below it. The trace bounds how deep groups within groups are followed.
fn node(node: &Node, all: &[TraceRow]) -> Option<Value> {
    let row = all.get(node.row)?;
    let below: Value = node.children.iter().filter_map(|child| self::node(child, all)).collect();
    Some(json!({
        "RecipientAddress": row.recipient_address,
        "Status": row.status.as_str(),
        "Stage": row.stage.as_str(),
        "Detail": row.detail,
        "ReplacedBy": node.replacement.map(|replacement| match replacement {
            Replacement::Expanded => "Members",
            Replacement::Resolved => "PrimarySmtpAddress",
            Replacement::Redirected => "ForwardingAddress",
        }),
        "FinalRecipientAddress": row.final_recipient_address,
        "FinalStatus": row.final_status.map(Status::as_str),
        "Folder": row.folder,
        "ToIP": row.to_ip.map(|ip| ip.to_string()),
        "Place": row.place,
        "Counts": counts(&node.counts),
        "ShownBefore": node.shown_before,
        "Nodes": below,
    }))
}

fn linked(message: &Linked) -> Value {
    let recipients = message.recipients.iter().map(|(address, status)| {
        Value::Object(rows::row_of(json!({ "RecipientAddress": address, "Status": status.as_str() })))
    });
    json!({
        "Relation": serde_json::to_value(message.relation).unwrap_or(Value::Null),
        "Basis": serde_json::to_value(message.basis).unwrap_or(Value::Null),
        "Via": message.via.map(|id| id.to_string()),
        "Counts": counts(&message.counts),
        "MessageTraceId": message.network_message_id.to_string(),
        "Received": message.received.to_string(),
        "Subject": message.subject,
        "SenderAddress": message.sender_address,
        "Recipients": recipients.collect::<Value>(),
    })
}
