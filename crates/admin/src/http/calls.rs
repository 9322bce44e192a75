//! Long cmdlets that run: `DELETE /api/v1/calls/{id}` stops one, and its caller still hears its answer.
//! May touch: nothing but the calls themselves.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use parking_lot::Mutex;
use serde_json::{Value, json};
use uuid::Uuid;

use super::progress::Progress;
use super::{Shared, refuse, unauthorized};
use crate::error::CmdletError;
use crate::role::Actor;

/// The route.
pub(super) const PATH: &str = "/api/v1/calls/{id}";
/// Calls that can be stopped at once; further ones run, and end when their callers hang up.
const CALLS_MAX: usize = 1_000;

/// The calls of one way in. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(super) struct Calls(Arc<Mutex<HashMap<Uuid, Call>>>);

#[derive(Debug)]
struct Call {
    name: String,
    person: Option<Uuid>,
    progress: Progress,
}

/// A call while it runs.
#[derive(Debug)]
pub(super) struct Running {
    calls: Calls,
    pub(super) id: Uuid,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.calls.0.lock().remove(&self.id);
    }
}

impl Calls {
    /// Lets a call be stopped under this id; `None` if there are too many already.
    pub(super) fn begin(&self, id: Uuid, actor: &Actor, progress: &Progress) -> Option<Running> {
        let mut calls = self.0.lock();
        if calls.len() >= CALLS_MAX {
            return None;
        }
        let call = Call { name: actor.name.clone(), person: actor.person, progress: progress.clone() };
        calls.insert(id, call);
        Some(Running { calls: self.clone(), id })
    }

    /// Stops a call of this very actor; says whether there is one.
    fn stop(&self, id: Uuid, actor: &Actor) -> bool {
        let calls = self.0.lock();
        let own = |call: &&Call| call.name == actor.name && call.person == actor.person;
        calls.get(&id).filter(own).map(|call| call.progress.stop()).is_some()
    }
}

pub(super) async fn stop(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Some(actor) = shared.actor(&headers).await else {
        return unauthorized();
    };
    let is_stopped = id.parse().is_ok_and(|id| shared.calls.stop(id, &actor));
    if is_stopped {
        return StatusCode::NO_CONTENT.into_response();
    }
    refuse(&CmdletError::NotFound(format!("no call {id} of yours runs; it may have ended")))
}

/// What the document of the interface says of this call.
pub(super) fn openapi() -> (String, Value) {
    let error = |description: &str| {
        json!({
            "description": description,
            "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Error" } } },
        })
    };
    let call = json!({ "delete": {
        "operationId": "stopCall",
        "summary": "Stops a long cmdlet of yours that runs; its caller still hears its answer.",
        "description": "Every call of a cmdlet and the import of a file answer with server-sent events where they are asked with Accept: text/event-stream. call: the id of the call as a JSON string, first; none where too many calls run. progress: how far it is, a sentence. answer: once and last, an object of status and body, which the call would have had without events. Who hangs up stops the cmdlet too.",
        "tags": ["Calls"],
        "parameters": [{
            "name": "id", "in": "path", "required": true, "schema": { "type": "string", "format": "uuid" },
            "description": "The id of the event call.",
        }],
        "responses": {
            "204": { "description": "It was told to stop." },
            "401": error("Nobody is signed in."),
            "404": error("No such call of yours runs; it may have ended."),
        },
    } });
    (PATH.to_owned(), call)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::role::RoleGroup;

    #[test]
    fn only_who_began_a_call_stops_it_and_only_while_it_runs() {
        let [kim, lee] = ["kim", "lee"].map(|name| Actor::with_groups(name, &[RoleGroup::HelpDesk]));
        let (calls, progress, id) = (Calls::default(), Progress::default(), Uuid::from_u128(7));
        let running = calls.begin(id, &kim, &progress).unwrap();
        assert!(!calls.stop(id, &lee) && !calls.stop(Uuid::nil(), &kim) && !progress.is_stopped());
        assert!(calls.stop(id, &kim) && progress.is_stopped());
        drop(running);
        assert!(!calls.stop(id, &kim));
    }
}
