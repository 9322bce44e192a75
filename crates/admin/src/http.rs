//! The registry over HTTP: `POST /api/v1/cmdlets/<Name>`, `GET /api/v1/traces/stream`, `GET /api/v1/openapi.json`, and
//! the calls that are no cmdlets.
//! May touch: what the Context holds, through the cmdlets.

mod authenticate;
mod body;
mod browser;
mod calls;
mod client;
mod cookie;
mod graph;
pub(crate) mod imports;
mod just_made;
mod look;
mod look_up;
pub(crate) mod open_record;
pub(crate) mod openapi;
mod progress;
mod records;
mod reports;
mod seats;
mod stream;
mod whoami;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Extension, Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::{delete, get, post};
use axum::{Json, Router, response::IntoResponse};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};
use tokio::sync::oneshot;
use world::BoxedIo;

pub use authenticate::{Access, Authenticate, Credentials};
pub use body::{BODY_BYTES_MAX, BODY_WAIT_MAX, FILE_BYTES_MAX};
pub use browser::{Peer, is_same_origin};
pub use client::{Reply, call_over, stream_over};
pub use cookie::{COOKIE, cleared, session_token, set};
pub use just_made::JustMade;
pub(crate) use look::Look;
pub use openapi::document;
pub use progress::{Progress, Told, stop_over, watch_over};
pub(crate) use records::records_path;
pub use seats::{STREAMS_MAX, Seats};
pub use stream::{MESSAGES_PER_TICK_MAX, ROWS_PER_TICK_MAX};

use crate::answer;
use crate::arguments::Arguments;
use crate::cmdlet::Effect;
use crate::cmdlets::message_trace::saved::Part;
use crate::context::{Context, Instance};
use crate::error::CmdletError;
use crate::output::Output;
use crate::parameter::Kind;
use crate::registry;
use crate::role::{self, Actor};

/// The page asks some searches as several questions; each says by this header of what it is a part, and by which parameter.
const PART: &str = "x-search-part";

struct Shared {
    instance: Instance,
    access: Access,
    uploads: imports::Uploads,
    calls: calls::Calls,
}

impl Shared {
    async fn actor(&self, headers: &HeaderMap) -> Option<Actor> {
        self.access.actor(headers, &self.instance).await
    }
}

/// The routes, for one way in. The server mounts them on a TLS or loopback listener with
/// [`Access::Authenticated`], and on the Unix socket of the data directory with [`Access::LocalSocket`].
pub fn router(instance: Instance, access: Access) -> Router {
    let shared = Arc::new(Shared {
        instance,
        access,
        uploads: imports::Uploads::default(),
        calls: calls::Calls::default(),
    });
    Router::new()
        .route("/api/v1/cmdlets/{name}", post(run))
        .route(calls::PATH, delete(calls::stop))
        .route(whoami::PATH, get(whoami::tell))
        .route("/api/v1/traces/stream", get(open_stream))
        .route("/api/v1/openapi.json", get(describe))
        .route("/api/v1/reports/{id}", get(reports::fetch))
        .route(records::PATH, post(records::take))
        .route(imports::PATH, post(imports::take))
        .route(graph::PATH, get(graph::list))
        .route(&format!("{}/{{id}}/{{call}}", graph::PATH), get(graph::details))
        .layer(axum::middleware::from_fn_with_state(Arc::clone(&shared), browser::guard))
        .with_state(shared)
}

/// Serves one connection, of whatever kind, until it closes.
///
/// # Errors
/// When the peer breaks the protocol or the connection.
pub async fn serve_connection(io: BoxedIo, router: Router) -> Result<(), hyper::Error> {
    hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(io), TowerToHyperService::new(router))
        .await
}

async fn describe() -> Json<Value> {
    Json(openapi::document())
}

async fn open_stream(
    State(shared): State<Arc<Shared>>,
    Query(pairs): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Response {
    let Some(actor) = shared.actor(&headers).await else {
        return unauthorized();
    };
    let opened = match stream::read_query(&pairs) {
        Ok(arguments) => stream::Stream::open(shared.instance.clone(), actor, arguments).await,
        Err(error) => Err(rights_first(&shared.instance.context(actor), stream::CMDLET, error).await),
    };
    match opened {
        Ok(stream) => {
            let portions = futures::stream::unfold(stream, stream::Stream::next);
            let kind = [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-store")];
            (kind, Body::from_stream(portions)).into_response()
        }
        Err(error) => refuse(&error),
    }
}

async fn run(
    State(shared): State<Arc<Shared>>,
    Path(name): Path<String>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let Some(actor) = shared.actor(&headers).await else {
        return unauthorized();
    };
    let mut context = shared.instance.context(actor);
    let arguments = match read_call(&shared, &name, &headers, body).await {
        Ok(arguments) => arguments,
        Err(error) => return refuse(&rights_first(&context, &name, error).await),
    };
    context.is_from_here = peer.is_some_and(|peer| peer.is_this_machine(&headers));
    context.part = headers.get(PART).and_then(|value| value.to_str().ok()).and_then(Part::read);
    if progress::is_asked(&headers) {
        return progress::respond(context, arguments, &shared.calls, ());
    }
    match to_its_end(context, arguments, &shared.instance.just_made).await {
        Ok(output) => match output.binary {
            Some(ref bytes) => {
                let kind = (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
                let told = answer::headers(&output).into_iter();
                let headers: HeaderMap = std::iter::once(kind).chain(told).collect();
                (headers, Body::from(bytes.clone())).into_response()
            }
            None => Json(answer::success(&output)).into_response(),
        },
        Err(error) => refuse(&error),
    }
}

/// Runs a cmdlet: one that changes something in a task of its own, as a caller that hangs up must not leave it half done;
/// one that only reads here, and it ends with the call.
async fn to_its_end(
    mut context: Context,
    arguments: Arguments,
    just_made: &JustMade,
) -> Result<Output, CmdletError> {
    if matches!(arguments.cmdlet().effect, Effect::Reads) {
        context.look = just_made.read_on(&context, &arguments);
        // Where nobody waits for it any more, nobody need read on.
        let output = registry::invoke(&context, &arguments).await?;
        just_made.remember(&context, &arguments, &output);
        return Ok(output);
    }
    let (done, answer) = oneshot::channel();
    context.world.exec.clone().spawn("cmdlet", async move {
        // An error says that the caller has hung up.
        let _ = done.send(registry::invoke(&context, &arguments).await);
    });
    answer.await.unwrap_or_else(|_| {
        let cause = "the task of the cmdlet ended without an answer".to_owned();
        Err(CmdletError::Internal { public: "the cmdlet broke off; the service log says why".into(), cause })
    })
}

/// What is wrong with a call is told to those who may make it; the others hear that they may not, and are recorded.
async fn rights_first(context: &Context, cmdlet: &str, error: CmdletError) -> CmdletError {
    match registry::find(cmdlet) {
        Ok(cmdlet) if role::check(&context.actor, cmdlet).is_err() => {
            // Without the role nothing of it runs.
            let nothing = Arguments::new(cmdlet, TimeZone::UTC);
            registry::invoke(context, &nothing).await.err().unwrap_or(error)
        }
        _ => error,
    }
}

/// Read only now that somebody has signed in.
async fn read_call(
    shared: &Shared,
    name: &str,
    headers: &HeaderMap,
    body: Body,
) -> Result<Arguments, CmdletError> {
    let cmdlet = registry::find(name).map_err(|error| CmdletError::NotFound(error.to_string()))?;
    let takes_file = cmdlet.all_parameters().any(|parameter| matches!(parameter.kind, Kind::InputFile));
    let most = if takes_file { FILE_BYTES_MAX } else { BODY_BYTES_MAX };
    let body = body::read(&shared.instance.world.clock, body, most).await?;
    if body.is_empty() {
        return Arguments::from_json(cmdlet, &Map::new());
    }
    if !browser::is_json(headers) {
        return Err(CmdletError::Usage("the body must be application/json".into()));
    }
    match serde_json::from_slice(&body) {
        Ok(Value::Object(parameters)) => Arguments::from_json(cmdlet, &parameters),
        Ok(_) => Err(CmdletError::Usage("the body must be a JSON object of parameters".into())),
        Err(error) => Err(CmdletError::Usage(format!("the body is not JSON: {error}"))),
    }
}

fn refuse(error: &CmdletError) -> Response {
    if let CmdletError::Internal { public, cause } = error {
        tracing::error!(public, cause, "a cmdlet failed inside");
    }
    let status = StatusCode::from_u16(error.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Json(answer::failure(error))).into_response()
}

fn unauthorized() -> Response {
    unauthorized_because("sign in with a user's name and password, a browser at /sign-in")
}

fn unauthorized_because(why: &str) -> Response {
    let body = json!({ "error": { "code": "Unauthorized", "message": why } });
    (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Basic realm=\"postroom\"")], Json(body))
        .into_response()
}
