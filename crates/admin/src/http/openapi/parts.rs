//! The schemas of values that have parts, as the trace and the cmdlets write them.
//! May touch: nothing (pure).
//! Standards: OpenAPI 3.1, JSON Schema 2020-12.

use serde_json::{Map, Value, json};

use super::shape::{reference, text, whole, words_of};

type Part = (&'static str, Value);

/// All, by name.
pub(super) fn all() -> Map<String, Value> {
    let parts = places().into_iter().chain(detail()).chain(tree()).chain(mail_flow());
    parts.map(|(name, schema)| (name.to_owned(), schema)).collect()
}

fn sure() -> Value {
    json!({ "type": "string" })
}

fn flag() -> Value {
    json!({ "type": "boolean" })
}

fn number() -> Value {
    json!({ "type": "number" })
}

fn maybe_number() -> Value {
    json!({ "type": ["number", "null"] })
}

fn numbers() -> Value {
    json!({ "type": "object", "additionalProperties": { "type": "number" } })
}

fn time() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

fn maybe_time() -> Value {
    json!({ "type": ["string", "null"], "format": "date-time" })
}

fn many(of: Value) -> Value {
    json!({ "type": "array", "items": of })
}

/// An object some of whose properties may be missing.
fn partial(properties: Value) -> Value {
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

fn basis() -> Value {
    words_of(["Certain", "Probable"].into_iter())
}

/// What was asked, and the way a message took through several places.
fn places() -> [Part; 3] {
    let source = json!({
        "Name": sure(), "Type": sure(), "Days": number(), "Place": sure(), "State": sure(), "LastRecord": maybe_time(),
        "LagSeconds": maybe_number(),
    });
    let gap = json!({
        "Source": sure(), "Start": maybe_time(), "End": maybe_time(), "Count": maybe_number(), "Cause": sure(),
    });
    let hop = json!({
        "Place": sure(), "QueueIds": many(sure()), "First": time(), "Last": time(), "From": text(), "Basis": basis(),
        "SkewSeconds": maybe_number(),
    });
    [("SourceAsked", partial(source)), ("Gap", whole(gap)), ("Hop", whole(hop))]
}

/// The parts of the detail of one recipient.
fn detail() -> [Part; 6] {
    let state = json!({ "type": "string", "enum": ["Done", "Open", "Failed"] });
    let agent = whole(json!({ "Agent": sure(), "Ms": number() }));
    let part = json!({
        "Hop": text(), "What": sure(), "Ms": number(), "IsSlowest": flag(), "Agents": many(agent),
    });
    let budget = json!({
        "Start": time(), "End": time(), "IsFinal": flag(), "TotalMs": number(), "Parts": many(whole(part)),
    });
    let rule = json!({
        "RuleId": sure(), "Name": text(), "Text": text(), "Actions": many(sure()), "Mode": text(), "DlpId": text(),
        "Agent": text(),
    });
    let group = json!({ "Address": sure(), "Count": number(), "Members": many(sure()) });
    [
        ("StageBarStep", whole(json!({ "Name": sure(), "State": state, "At": maybe_time() }))),
        ("TimeBudget", whole(budget)),
        ("RuleRecord", whole(rule)),
        ("ExpandedGroup", whole(group)),
        ("Forward", whole(json!({ "From": sure(), "To": many(sure()) }))),
        ("SentBy", whole(json!({ "AuthenticatedAs": text(), "From": text(), "Right": text() }))),
    ]
}

/// The tree of a message, and delivery reports.
fn tree() -> [Part; 3] {
    let node = json!({
        "RecipientAddress": sure(), "Status": sure(), "Stage": sure(), "Detail": text(),
        "ReplacedBy": words_of(["Members", "PrimarySmtpAddress", "ForwardingAddress"].into_iter()),
        "FinalRecipientAddress": text(), "FinalStatus": text(), "Folder": text(), "ToIP": text(), "Place": text(),
        "Counts": numbers(), "ShownBefore": flag(), "Nodes": many(reference("TreeNode")),
    });
    let recipient = whole(json!({ "RecipientAddress": sure(), "Status": sure() }));
    let link = json!({
        "Relation": text(), "Basis": basis(), "Via": text(), "Counts": numbers(), "MessageTraceId": sure(),
        "Received": time(), "Subject": text(), "SenderAddress": text(), "Recipients": many(recipient),
    });
    let event = json!({
        "Date": maybe_time(), "RecipientAddress": sure(), "DeliveryStatus": text(), "EventDescription": sure(),
        "EventData": text(), "Server": text(), "Fields": { "type": ["object", "null"], "additionalProperties": true },
    });
    [("TreeNode", partial(node)), ("TreeLink", partial(link)), ("TrackingReportEvent", partial(event))]
}

/// The mail flow now.
fn mail_flow() -> [Part; 4] {
    let counts = json!({
        "In": number(), "Out": number(), "Delivered": number(), "Pending": number(), "Failed": number(),
        "Quarantined": number(), "FilteredAsSpam": number(),
    });
    let latency = json!({
        "Count": number(), "P50Ms": maybe_number(), "P95Ms": maybe_number(), "P99Ms": maybe_number(),
    });
    let bin = json!({
        "Start": time(), "Count": number(), "P50Ms": maybe_number(), "P95Ms": maybe_number(), "P99Ms": maybe_number(),
    });
    let entry = json!({
        "Severity": { "type": "string", "enum": ["Error", "Warning"] },
        "Kind": { "type": "string", "enum": ["Queue", "Failures", "Alert", "TraceSource", "Health"] },
        "Identity": sure(), "What": sure(), "Cause": sure(), "Remedy": sure(), "Command": sure(),
        "ActionNeededBy": text(), "Connector": text(),
    });
    [
        ("MailFlowCounts", whole(counts)),
        ("Latency", whole(latency)),
        ("LatencyBin", whole(bin)),
        ("AttentionEntry", whole(entry)),
    ]
}
