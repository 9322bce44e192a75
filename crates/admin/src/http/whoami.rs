//! `GET /api/v1/session`: who is signed in, what they may run, and how long yet.
//! May touch: directory (read), sessions, clock.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use directory::Snapshot;
use serde_json::{Value, json};

use super::{Shared, unauthorized};
use crate::privacy;
use crate::registry;
use crate::role::{self, Actor, Scope};
use crate::session::AdminSession;

/// Where it is.
pub(super) const PATH: &str = "/api/v1/session";
/// The cmdlet whose rights say how much of other people's mail somebody sees.
const LOOK_UP: &str = "Get-MessageTrace";

pub(super) async fn tell(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    // That a page asks how long the session goes on is no use of it.
    let Some(actor) = shared.access.looked_at(&headers, &shared.instance).await else {
        return unauthorized();
    };
    let snapshot = shared.instance.directory.snapshot();
    let sessions = shared.instance.services.sessions.list(&shared.instance.world.clock, &snapshot);
    let session = sessions.into_iter().find(|session| Some(session.id) == actor.session);
    let zone = shared.instance.services.time_zone.as_deref().unwrap_or("UTC");
    Json(describe(&actor, session.as_ref(), &snapshot, zone)).into_response()
}

fn describe(actor: &Actor, session: Option<&AdminSession>, snapshot: &Snapshot, zone: &str) -> Value {
    let address = actor.person.and_then(|person| snapshot.recipient(person).cloned());
    let mut groups: Vec<&str> = match actor.person {
        Some(person) => snapshot.role_groups_of(person).map(|group| group.name.as_str()).collect(),
        None => actor.groups.iter().filter_map(|group| Some(group.built_in?.as_str())).collect(),
    };
    groups.sort_unstable();
    let mut roles: Vec<&str> =
        actor.groups.iter().flat_map(|group| group.roles.iter().map(|role| role.as_str())).collect();
    roles.sort_unstable();
    roles.dedup();
    let cmdlets: Vec<&str> = registry::all()
        .filter(|cmdlet| role::check(actor, cmdlet).is_ok())
        .map(|cmdlet| cmdlet.name)
        .collect();
    json!({
        "name": actor.name,
        "address": address.map(|found| found.primary_smtp_address.to_string()),
        "roleGroups": groups,
        "roles": roles,
        "cmdlets": cmdlets,
        "session": session.map(|session| json!({
            "id": session.id.to_string(),
            "began": session.began.to_string(),
            "idleEnd": session.idle_end.to_string(),
            "end": session.end.to_string(),
        })),
        "server": snapshot.organization().server_name,
        "version": env!("CARGO_PKG_VERSION"),
        "timeZone": zone,
        "trace": trace(actor, snapshot),
    })
}

/// How much of the trace they see.
fn trace(actor: &Actor, snapshot: &Snapshot) -> Value {
    let granted = registry::find(LOOK_UP).ok().and_then(|cmdlet| role::check(actor, cmdlet).ok());
    let scope = granted.as_ref().map(|granted| match &granted.scope {
        Scope::Organization => "Organization",
        Scope::Domains(_) => "Domains",
        Scope::Own(_) | Scope::ManagedBy(_) | Scope::Sessions(_) => "Own",
    });
    let domains = match granted.as_ref().map(|granted| &granted.scope) {
        Some(Scope::Domains(domains)) => domains.clone(),
        _ => Vec::new(),
    };
    json!({
        "scope": scope,
        "domains": domains,
        "subjectsShown": granted.is_some_and(|granted| !privacy::hides_subjects(&granted, snapshot)),
    })
}

/// What the document of the interface says of this call.
pub(super) fn openapi() -> (String, Value) {
    let time = json!({ "type": "string", "format": "date-time" });
    let texts = json!({ "type": "array", "items": { "type": "string" } });
    let schema = object(&json!({
        "name": { "type": "string", "description": "The name the audit log shows." },
        "address": { "type": ["string", "null"], "description": "The primary address of whoever has one." },
        "roleGroups": texts,
        "roles": texts,
        "cmdlets": { "type": "array", "items": { "type": "string" }, "description": "What they may run, for all, for some domains or for themselves." },
        "session": { "anyOf": [object(&json!({
            "id": { "type": "string", "format": "uuid", "description": "As Get-AdminSession names it." },
            "began": time,
            "idleEnd": { "type": "string", "format": "date-time", "description": "When it ends if nobody uses it." },
            "end": { "type": "string", "format": "date-time", "description": "When it ends in any case." },
        })), { "type": "null" }] },
        "server": { "type": "string", "description": "The server's name." },
        "version": { "type": "string" },
        "timeZone": { "type": "string", "description": "The server's, by its IANA name, such as Europe/Berlin." },
        "trace": object(&json!({
            "scope": { "type": ["string", "null"], "enum": ["Organization", "Domains", "Own", null] },
            "domains": texts,
            "subjectsShown": { "type": "boolean", "description": "False where the organization hides subjects from this person." },
        })),
    }));
    let error = json!({
        "description": "Nobody is signed in.",
        "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Error" } } },
    });
    let call = json!({ "get": {
        "operationId": "getSession",
        "summary": "Says who is signed in, what they may run, and how long the session goes on. Asking does not prolong it.",
        "tags": ["AdminSession"],
        "responses": {
            "200": { "description": "Who is signed in.", "content": { "application/json": { "schema": schema } } },
            "401": error,
        },
    } });
    (PATH.to_owned(), call)
}

/// An object all of whose properties are there.
fn object(properties: &Value) -> Value {
    let names: Vec<&String> = properties.as_object().into_iter().flat_map(|all| all.keys()).collect();
    json!({ "type": "object", "properties": properties, "required": names, "additionalProperties": false })
}
