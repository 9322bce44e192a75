//! The trace in Microsoft Graph's shape: `GET /v1.0/admin/exchange/tracing/messageTraces` and its details.
//! May touch: trace (read), clock.
//! Standards: OData 4.01 (the parts of $filter that Graph takes here).

mod filter;

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Extension, Path, Query as Parameters, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use mail::NetworkMessageId;
use serde_json::{Value, json};
use trace::search::{PAGE_SIZE_MAX, RowOrder};
use trace::{Facet, Query, Status, TraceRow};

use super::{Peer, Shared, look_up, unauthorized};
use crate::cmdlets::message_trace::known;
use crate::cmdlets::message_trace_detail::event_pairs;
use crate::cmdlets::own_trace;
use crate::error::CmdletError;
use crate::{audit, privacy, role};

/// The path of the list.
pub(super) const PATH: &str = "/v1.0/admin/exchange/tracing/messageTraces";
/// Rows of a page unless `$top` says otherwise.
const TOP_DEFAULT: usize = 1_000;

pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    Parameters(given): Parameters<HashMap<String, String>>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
) -> Response {
    let Some(actor) = shared.actor(&headers).await else {
        return unauthorized();
    };
    let is_tls = peer.is_some_and(|peer| peer.is_tls);
    let found = rows(&shared, &actor, &given, &headers, is_tls).await;
    let found = found.map(|body| {
        let rows = body.get("value").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let to = rows.iter().filter_map(|row| row.get("recipientAddress").and_then(Value::as_str));
        let (count, about) = (rows.len() as u64, audit::about_addresses(to.collect()));
        (body, count, about)
    });
    answer(look_up::recorded(&shared, &actor, "Get-MessageTraceV2", json!(given), found).await)
}

async fn rows(
    shared: &Shared,
    actor: &role::Actor,
    given: &HashMap<String, String>,
    headers: &HeaderMap,
    is_tls: bool,
) -> Result<Value, CmdletError> {
    let granted = look_up::check(actor, "Get-MessageTraceV2")?;
    let hides_subjects = privacy::hides_subjects(&granted, &shared.instance.directory.snapshot());
    if let Some(name) =
        given.keys().find(|name| !["$filter", "$top", "$skiptoken", "$count"].contains(&name.as_str()))
    {
        return Err(CmdletError::Usage(format!(
            "the parameter {name} is not known; there are $filter, $top and $skiptoken"
        )));
    }
    let top = match given.get("$top").map(|text| text.parse::<usize>()) {
        None => TOP_DEFAULT,
        Some(Ok(top)) if (1..=PAGE_SIZE_MAX).contains(&top) => top,
        Some(_) => return Err(CmdletError::Usage(format!("$top takes a number from 1 to {PAGE_SIZE_MAX}"))),
    };
    let mut query = match given.get("$filter") {
        Some(text) => filter::read(text, &shared.instance.directory.snapshot())?,
        None => Query::default(),
    };
    let mut text = given.get("$filter").cloned().unwrap_or_default();
    if hides_subjects && query.subject.is_some() {
        return Err(privacy::subjects_are_hidden("a condition on subject"));
    }
    if granted.sight != role::Sight::Whole && query.facets.iter().any(|one| one.facet == Facet::Rule) {
        return Err(privacy::rules_are_hidden("transportRule"));
    }
    // As the cmdlet: with an id, or an end, everything that is kept.
    if query.start.is_none() {
        query.start = query.start_at(shared.instance.world.clock.now());
        // The same start on every page, or the token would belong to another search.
        let and = if text.is_empty() { "" } else { " and " };
        text.push_str(
            &query.start.map(|start| format!("{and}receivedDateTime ge {start}")).unwrap_or_default(),
        );
    }
    let asked = query.facets.clone();
    privacy::confine(&granted, &mut query);
    query.order = RowOrder::ByRecipient;
    query.page_size = top;
    if let Some(token) = given.get("$skiptoken") {
        query.cursor = Some(token.parse()?);
    }
    let found = shared.instance.services.trace()?.search(query).await?;
    if found.total == 0 {
        let context = shared.instance.context(actor.clone());
        context.grant(granted);
        // A collection without a match is no missing resource.
        known::check(&context, &asked).await.map_err(|error| match error {
            CmdletError::NotFound(cause) => CmdletError::Invalid(cause),
            other => other,
        })?;
    }
    let is_extended = headers.get_all("prefer").iter().any(|value| {
        value.to_str().is_ok_and(|value| value.to_ascii_lowercase().contains("include-unknown-enum-members"))
    });
    let values: Vec<Value> = found.rows.iter().map(|row| shown(row, is_extended, hides_subjects)).collect();
    let mut body = json!({
        "@odata.context": "/v1.0/$metadata#admin/exchange/tracing/messageTraces",
        "@odata.count": found.total,
        "value": values,
        // OData lets a service add annotations of its own.
        "@postroom.searched": { "start": found.start, "end": found.end },
        "@postroom.sources": found.sources,
        "@postroom.gaps": found.gaps,
    });
    if let (Some(next), Some(body)) = (found.next, body.as_object_mut()) {
        body.insert(
            "@odata.nextLink".to_owned(),
            next_link(headers, is_tls, &text, top, &next.to_string()).into(),
        );
    }
    Ok(body)
}

/// The same call with the token of the next page; with the name the caller knows us by.
fn next_link(headers: &HeaderMap, is_tls: bool, filter: &str, top: usize, token: &str) -> String {
    let host = headers
        .get("host")
        .and_then(|host| host.to_str().ok())
        .filter(|host| !host.contains(['"', '<', ' ']));
    // A proxy in front says what its caller used.
    let scheme = match headers.get("x-forwarded-proto").and_then(|scheme| scheme.to_str().ok()) {
        Some("http") => "http",
        Some("https") => "https",
        _ if is_tls => "https",
        _ => "http",
    };
    let base = host.map(|host| format!("{scheme}://{host}")).unwrap_or_default();
    format!("{base}{PATH}?$filter={}&$top={top}&$skiptoken={token}", escaped(filter))
}

/// Percent-encodes all that an address bar would change.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                escaped.push(char::from(byte))
            }
            byte => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    escaped
}

fn shown(row: &TraceRow, is_extended: bool, hides_subjects: bool) -> Value {
    json!({
        "id": row.network_message_id.to_string(),
        "senderAddress": row.sender_address,
        "recipientAddress": row.recipient_address,
        "messageId": row.message_id.as_ref().map(ToString::to_string),
        "receivedDateTime": row.received.to_string(),
        "subject": row.subject.as_ref().filter(|_| !hides_subjects),
        "size": row.size,
        "fromIP": row.from_ip.map(|ip| ip.to_string()),
        "toIP": row.to_ip.map(|ip| ip.to_string()),
        "status": status(row.status, is_extended),
    })
}

/// Graph's word. Those its enumeration got later are shown only to callers that say they know them.
fn status(status: Status, is_extended: bool) -> &'static str {
    match status {
        Status::GettingStatus => "gettingStatus",
        Status::Pending => "pending",
        Status::Failed => "failed",
        Status::Delivered => "delivered",
        Status::Expanded => "expanded",
        Status::Quarantined => "quarantined",
        Status::FilteredAsSpam => "filteredAsSpam",
        Status::Recalled if is_extended => "recalled",
        Status::Resolved if is_extended => "resolved",
        Status::Recalled | Status::Resolved => "unknownFutureValue",
    }
}

/// `…/{id}/getDetailsByRecipient(recipientAddress='…')`.
pub(super) async fn details(
    State(shared): State<Arc<Shared>>,
    Path((id, call)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let Some(actor) = shared.actor(&headers).await else {
        return unauthorized();
    };
    let about = recipient(&call).map(|address| address.to_lowercase());
    let found = events(&shared, &actor, &id, &call).await.map(|body| (body, 1, about));
    let parameters = json!({ "MessageTraceId": id, "Call": call });
    answer(look_up::recorded(&shared, &actor, "Get-MessageTraceDetailV2", parameters, found).await)
}

async fn events(shared: &Shared, actor: &role::Actor, id: &str, call: &str) -> Result<Value, CmdletError> {
    let granted = look_up::check(actor, "Get-MessageTraceDetailV2")?;
    let id = id
        .parse()
        .map(NetworkMessageId)
        .map_err(|_| CmdletError::Usage(format!("\"{id}\" is no id of a message")))?;
    let recipient = recipient(call)
        .ok_or_else(|| CmdletError::Usage("call getDetailsByRecipient(recipientAddress='…')".to_owned()))?;
    let trace = shared.instance.services.trace()?;
    let reader = privacy::Reader::of(&granted.scope, &shared.instance.directory.snapshot());
    let is_seen = |found: &trace::Detail| {
        reader.as_ref().is_none_or(|reader| own_trace::seen(reader, &found.row).is_some())
    };
    let cut = privacy::cut(&granted);
    let mut found = trace.detail(id, &recipient, &cut).await?.filter(&is_seen);
    let mut gaps = Vec::new();
    if found.is_some() {
        gaps = trace.ask_for_details(id, &recipient).await;
        found = trace.detail(id, &recipient, &cut).await?.filter(is_seen);
    }
    let Some(detail) = found else {
        return Err(CmdletError::NotFound(format!("{recipient} is no recipient of {id}")));
    };
    let message_id = detail.row.message_id.as_ref().map(ToString::to_string);
    let values: Vec<Value> = detail
        .events
        .iter()
        .map(|event| {
            json!({
                "id": id.to_string(),
                "messageId": message_id,
                "dateTime": event.date.to_string(),
                "event": event.event,
                "action": event.action,
                "description": event.detail,
                "data": event_pairs::xml(&event.data),
            })
        })
        .collect();
    Ok(
        json!({ "@odata.context": "/v1.0/$metadata#exchangeMessageTraceDetail", "value": values, "@postroom.gaps": gaps }),
    )
}

/// The recipient a call names.
fn recipient(call: &str) -> Option<String> {
    let inner = call.strip_prefix("getDetailsByRecipient(")?.strip_suffix(')')?.trim();
    let quoted = inner.strip_prefix("recipientAddress=")?.trim();
    Some(quoted.strip_prefix('\'')?.strip_suffix('\'')?.replace("''", "'"))
}

/// Graph's shape of an error.
fn answer(result: Result<Value, CmdletError>) -> Response {
    match result {
        Ok(body) => Json(body).into_response(),
        Err(error) => {
            if let CmdletError::Internal { public, cause } = &error {
                tracing::error!(public, cause, "the trace could not be read");
            }
            let status =
                StatusCode::from_u16(error.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let code = match status {
                StatusCode::FORBIDDEN => "Forbidden",
                StatusCode::NOT_FOUND => "NotFound",
                _ if status.is_client_error() => "BadRequest",
                _ => "InternalServerError",
            };
            let body = json!({ "error": { "code": code, "message": error.to_string() } });
            (status, Json(body)).into_response()
        }
    }
}

/// What the document of the interface says of these calls.
pub(super) fn openapi() -> [(String, Value); 2] {
    let text = |name: &str, place: &str, what: &str| json!({ "name": name, "in": place, "required": place == "path", "description": what, "schema": { "type": "string" } });
    let row = json!({ "type": "object", "properties": {
        "id": { "type": "string", "format": "uuid" },
        "senderAddress": { "type": "string" },
        "recipientAddress": { "type": "string" },
        "messageId": { "type": ["string", "null"] },
        "receivedDateTime": { "type": "string", "format": "date-time" },
        "subject": { "type": ["string", "null"] },
        "size": { "type": "integer" },
        "fromIP": { "type": ["string", "null"] },
        "toIP": { "type": ["string", "null"] },
        "status": { "type": "string", "enum": ["gettingStatus", "pending", "failed", "delivered", "expanded", "quarantined", "filteredAsSpam", "recalled", "resolved", "unknownFutureValue"] },
    } });
    let answer = |items: Value, searched: Option<Value>| {
        let mut properties = json!({ "value": { "type": "array", "items": items }, "@odata.nextLink": { "type": "string" }, "@odata.count": { "type": "integer" } });
        if let (Some(searched), Some(properties)) = (searched, properties.as_object_mut()) {
            properties.insert("@postroom.searched".to_owned(), searched);
        }
        json!({ "200": { "description": "The rows.", "content": { "application/json": { "schema": {
            "type": "object",
            "properties": properties,
        } } } } })
    };
    let time = json!({ "type": ["string", "null"], "format": "date-time" });
    let searched = json!({
        "type": "object",
        "description": "The time that was searched, the end not included; null is everything that is kept, or until now.",
        "properties": { "start": time, "end": time },
    });
    let list = json!({ "get": {
        "operationId": "listMessageTraces",
        "summary": "Lists messages and what became of each recipient, in Microsoft Graph's shape.",
        "tags": ["MessageTrace"],
        "parameters": [
            text("$filter", "query", "Conditions joined by and: id, messageId, senderAddress, recipientAddress, status, fromIP, toIP, subject, direction, server, place, connectorId, transportRule, eventId, tls, spf, dkim, dmarc, finalAction (eq, in), senderAddress and recipientAddress (ne), subject, senderAddress and recipientAddress (contains, startsWith, endsWith), size (ge, le), receivedDateTime (ge, gt, le, lt). With neither receivedDateTime, id nor messageId it is the last 48 hours."),
            { "name": "$top", "in": "query", "schema": { "type": "integer", "minimum": 1, "maximum": PAGE_SIZE_MAX }, "description": "Rows of a page; 1,000 unless said otherwise." },
            text("$skiptoken", "query", "Where the page begins: stands in @odata.nextLink."),
        ],
        "responses": answer(row, Some(searched)),
    } });
    let event = json!({ "type": "object", "properties": {
        "id": { "type": "string" }, "messageId": { "type": ["string", "null"] }, "dateTime": { "type": "string", "format": "date-time" },
        "event": { "type": "string" }, "action": { "type": ["string", "null"] }, "description": { "type": "string" }, "data": { "type": "string" },
    } });
    let details = json!({ "get": {
        "operationId": "getDetailsByRecipient",
        "summary": "Lists the events of one recipient of one message, in Microsoft Graph's shape.",
        "tags": ["MessageTrace"],
        "parameters": [text("id", "path", "The message."), text("recipientAddress", "path", "The recipient, in single quotes.")],
        "responses": answer(event, None),
    } });
    [
        (PATH.to_owned(), list),
        (format!("{PATH}/{{id}}/getDetailsByRecipient(recipientAddress='{{recipientAddress}}')"), details),
    ]
}
