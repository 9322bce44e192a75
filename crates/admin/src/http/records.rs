//! `POST /api/v1/sources/{name}/records`: lines or JSON for a trace source of type Http.
//! May touch: trace (sources), directory (credentials, role groups).
//! Standards: RFC 6750 §2.1 (the source's token), RFC 9110 §8.4 and §15.5.16 (codings).

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};
use trace::places::{ImportError, PostError, Sources, is_gzip, unpack};

use super::{Shared, body, look_up, refuse, unauthorized_because};
use crate::error::CmdletError;
use crate::role::Actor;

/// The path.
pub(super) const PATH: &str = "/api/v1/sources/{name}/records";
/// The cmdlet whose right is needed by those who sign in: it puts the same into the trace.
const SAME_AS: &str = "Import-MessageTrace";

/// The path of one source.
pub(crate) fn records_path(name: &str) -> String {
    PATH.replace("{name}", name)
}

pub(super) async fn take(
    State(shared): State<Arc<Shared>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let sources = match shared.instance.services.trace().map(|trace| trace.sources().cloned()) {
        Ok(Some(sources)) => sources,
        Ok(None) => {
            return refuse(&CmdletError::Unavailable("trace sources are not read by this server".to_owned()));
        }
        Err(error) => return refuse(&error),
    };
    let actor = match shows_token(&sources, &name, &headers) {
        true => None,
        false => match shared.actor(&headers).await {
            Some(actor) => Some(actor),
            None => return unauthorized_because(&not_let_in(&name, &headers)),
        },
    };
    // Before anything is read of it, let alone unpacked.
    if let Some(actor) = &actor
        && let Err(error) = look_up::check(actor, SAME_AS)
    {
        return not_allowed(&shared, actor, &name, &error).await;
    }
    let Some(coding) = coding(&headers) else { return unknown_coding() };
    let body = match read(&shared, coding, body).await {
        Ok(body) => body,
        Err(error) => return refuse(&error),
    };
    let mut recorded = None;
    if let Some(actor) = actor {
        // The source's own token is the source; whoever signs in is somebody.
        let parameters = json!({ "Place": name, "Octets": body.len() });
        match look_up::change_begins(&shared, &actor, SAME_AS, parameters).await {
            Ok(id) => recorded = Some(id),
            Err(error) => return refuse(&error),
        }
    }
    let posted = sources.post(&name, body).await;
    if let Some(id) = recorded {
        let rows = posted.as_ref().map(|posted| posted.records).map_err(ToString::to_string);
        look_up::change_ends(&shared, id, rows).await;
    }
    match posted {
        Ok(posted) => Json(json!({
            "records": posted.records,
            "new": posted.new,
            "unknown": posted.unknown,
            "tooOld": posted.too_old,
            "unknownLines": posted.unknown_lines,
        }))
        .into_response(),
        Err(error) => refuse(&in_words(error)),
    }
}

/// Who may not do it is in the audit log as well.
async fn not_allowed(shared: &Shared, actor: &Actor, place: &str, error: &CmdletError) -> Response {
    match look_up::change_begins(shared, actor, SAME_AS, json!({ "Place": place })).await {
        Ok(id) => look_up::change_ends(shared, id, Err(error.to_string())).await,
        Err(error) => return refuse(&error),
    }
    refuse(error)
}

/// How a body is packed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Coding {
    Identity,
    Gzip,
}

/// What the sender says of it; `None` if it is nothing that is taken here.
fn coding(headers: &HeaderMap) -> Option<Coding> {
    let mut named = headers.get_all(header::CONTENT_ENCODING).iter();
    let Some(first) = named.next() else { return Some(Coding::Identity) };
    let word = first.to_str().ok()?.trim().to_ascii_lowercase();
    match (word.as_str(), named.next()) {
        ("" | "identity", None) => Some(Coding::Identity),
        ("gzip" | "x-gzip", None) => Some(Coding::Gzip),
        _ => None,
    }
}

fn unknown_coding() -> Response {
    let why = "the Content-Encoding of this is not known; gzip and identity are taken";
    let body = json!({ "error": { "code": "UnsupportedMediaType", "message": why } });
    (StatusCode::UNSUPPORTED_MEDIA_TYPE, [(header::ACCEPT_ENCODING, "gzip, identity")], Json(body))
        .into_response()
}

/// The body, unpacked if it is packed; either way it may have so many octets.
async fn read(shared: &Shared, coding: Coding, body: Body) -> Result<Vec<u8>, CmdletError> {
    let world = &shared.instance.world;
    let body = body::read(&world.clock, body, body::FILE_BYTES_MAX).await?;
    // A compressed file may be sent as it is.
    if coding == Coding::Identity && !is_gzip(&body) {
        return Ok(body.into());
    }
    let unpacked = world.exec.blocking(move || unpack(&body, body::FILE_BYTES_MAX)).await;
    unpacked.map_err(|error| CmdletError::Usage(error.to_string()))
}

/// Whether the source's own token is shown.
fn shows_token(sources: &Sources, name: &str, headers: &HeaderMap) -> bool {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (scheme, token) = value.split_once(' ').unwrap_or_default();
    scheme.eq_ignore_ascii_case("bearer") && sources.knows_token(name, token.trim())
}

/// The same whether there is such a source or not: nobody learns so which there are.
fn not_let_in(name: &str, headers: &HeaderMap) -> String {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_token = value.split_once(' ').is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    if !is_token {
        return "show the token of the trace source (Authorization: Bearer TOKEN), or sign in with a user's name and password".to_owned();
    }
    let name: String =
        name.chars().filter(|letter| !letter.is_control() && *letter != '\'').take(64).collect();
    format!(
        "this is not the token of a trace source \"{name}\"; Set-TraceSource '{name}' -SecretFile sets a new one"
    )
}

fn in_words(error: PostError) -> CmdletError {
    match error {
        PostError::NotFound(_) => CmdletError::NotFound(error.to_string()),
        PostError::Import(ImportError::Format(wrong)) => CmdletError::Invalid(wrong.to_string()),
        // Whoever posted may do it again: nothing is doubled.
        PostError::Import(cause) => {
            tracing::error!(%cause, "posted records could not be written");
            CmdletError::Unavailable("the trace could not be written; post the same again later".to_owned())
        }
    }
}

/// What the document of the interface says of this call.
pub(super) fn openapi() -> (String, Value) {
    let call = json!({ "post": {
        "operationId": "postRecords",
        "summary": "Takes lines or JSON into the trace. The answer comes when they are durable; posting the same again changes nothing.",
        "tags": ["TraceSource"],
        "parameters": [{ "name": "name", "in": "path", "required": true, "schema": { "type": "string" } }],
        "requestBody": { "required": true, "content": {
            "text/plain": { "schema": { "type": "string" } },
            "application/json": {},
            "application/x-ndjson": { "schema": { "type": "string" } },
        } },
        "responses": { "200": { "description": "What became of the records.", "content": { "application/json": { "schema": {
            "type": "object",
            "properties": {
                "records": { "type": "integer" },
                "new": { "type": "integer" },
                "unknown": { "type": "integer" },
                "tooOld": { "type": "integer" },
                "unknownLines": { "type": "array", "items": { "type": "string" } },
            },
        } } } } },
    } });
    (PATH.to_owned(), call)
}
