//! `GET /api/v1/reports/{id}`: the lines of a finished report, in pieces, so that its length does not matter.
//! May touch: disk (the reports' folder, read), executor.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use futures::stream;
use uuid::Uuid;
use world::{DiskFile, Executor, OpenMode};

use super::{Shared, look_up, refuse, unauthorized};
use crate::cmdlets::historical_search::object;
use crate::error::CmdletError;
use crate::historical::{Job, JobState};
use crate::{privacy, role};

/// Octets read and sent at once.
const PIECE_BYTES: usize = 256 * 1024;

pub(super) async fn fetch(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
) -> Response {
    let Some(actor) = shared.actor(&headers).await else {
        return unauthorized();
    };
    let opened = open(&shared, &actor, id).await;
    let mut parameters = serde_json::json!({ "JobId": id.to_string(), "Path": "-" });
    if let (Ok((_, job)), Some(parameters)) = (&opened, parameters.as_object_mut()) {
        parameters.insert("Report".to_owned(), object::looked_at(job));
    }
    let opened = opened.map(|(file, job)| {
        let lines = job.report.lines;
        ((file, job.bytes, job.file_name()), lines, None)
    });
    match look_up::recorded(&shared, &actor, "Get-HistoricalSearch", parameters, opened).await {
        Ok((file, bytes, name)) => {
            let kind = if name.ends_with("csv") { "text/csv; charset=utf-8" } else { "application/jsonl" };
            let disposition = format!("attachment; filename=\"{name}\"");
            let body = Body::from_stream(pieces(shared.instance.world.exec.clone(), file, bytes));
            let head = [
                (header::CONTENT_TYPE, kind.to_owned()),
                (header::CONTENT_LENGTH, bytes.to_string()),
                (header::CONTENT_DISPOSITION, disposition),
            ];
            (head, body).into_response()
        }
        Err(error) => refuse(&error),
    }
}

async fn open(shared: &Shared, actor: &role::Actor, id: Uuid) -> Result<(DiskFile, Job), CmdletError> {
    // Whoever may list reports may fetch them.
    let granted = look_up::check(actor, "Get-HistoricalSearch")?;
    let reports = shared.instance.services.historical_searches()?;
    let job = reports.job(id)?;
    if !privacy::sees_report(&granted, actor, &job) {
        return Err(CmdletError::NotFound(format!("there is no report {id} of yours")));
    }
    privacy::admit_lines(&granted, &job)?;
    if job.state != JobState::Completed {
        return Err(CmdletError::Conflict(format!("the report is {}", job.state.as_str())));
    }
    let (disk, path) = (shared.instance.world.disk.clone(), reports.file(&job));
    let opened = shared.instance.world.exec.blocking(move || disk.open(&path, OpenMode::Read)).await;
    let file = opened.map_err(|error| CmdletError::internal("the report's file cannot be read", error))?;
    Ok((file, job))
}

/// The file piece by piece; one piece is in memory.
fn pieces(
    exec: Executor,
    file: DiskFile,
    bytes: u64,
) -> impl futures::Stream<Item = std::io::Result<Bytes>> + Send {
    stream::try_unfold((exec, file, 0_u64), move |(exec, file, at)| async move {
        if at >= bytes {
            return Ok(None);
        }
        let reading = file.clone();
        let read = move || {
            let wanted = usize::try_from(bytes.saturating_sub(at)).unwrap_or(PIECE_BYTES).min(PIECE_BYTES);
            let mut piece = vec![0; wanted];
            reading.read_exact_at(&mut piece, at).map(|()| piece)
        };
        let piece = exec.blocking(read).await?;
        let next = at.saturating_add(piece.len() as u64);
        Ok(Some((Bytes::from(piece), (exec, file, next))))
    })
}

/// What the document of the interface says of this call.
pub(super) fn openapi() -> (String, serde_json::Value) {
    let call = serde_json::json!({ "get": {
        "operationId": "getReport",
        "summary": "Gives the lines of a report that Get-HistoricalSearch shows as Completed.",
        "tags": ["HistoricalSearch"],
        "parameters": [{ "name": "id", "in": "path", "required": true, "schema": { "type": "string", "format": "uuid" } }],
        "responses": { "200": { "description": "The report.", "content": { "text/csv": {}, "application/jsonl": {} } } },
    } });
    ("/api/v1/reports/{id}".to_owned(), call)
}
