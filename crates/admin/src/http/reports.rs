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
use crate::cmdlets::message_trace::report;
use crate::error::CmdletError;
use crate::historical::{Job, JobState};
use crate::{audit, privacy, role};

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
        let named = job.report.recipients.iter().map(String::as_str).collect();
        let about = audit::about_some(named, report::beyond(&job.report));
        ((file, job.bytes, attached_as(&job.title, &job.file_name())), lines, about)
    });
    match look_up::recorded(&shared, &actor, "Get-HistoricalSearch", parameters, opened).await {
        Ok((file, bytes, disposition)) => {
            let is_csv = disposition.ends_with("csv");
            let kind = if is_csv { "text/csv; charset=utf-8" } else { "application/jsonl" };
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

/// The header that names the file: by the report's title, which may hold any letter; for old programs in ASCII too.
fn attached_as(title: &str, file_name: &str) -> String {
    let is_refused = |letter: char| letter.is_control() || "/\\:*?\"<>|".contains(letter);
    let safe: String = title.chars().map(|letter| if is_refused(letter) { '_' } else { letter }).collect();
    let extension = file_name.rsplit_once('.').map_or("csv", |(_, extension)| extension);
    let name = match safe.trim_matches([' ', '.']) {
        "" => file_name.to_owned(),
        title => format!("{title}.{extension}"),
    };
    let ascii: String = name.chars().map(|letter| if letter.is_ascii() { letter } else { '_' }).collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{encoded}")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_named_by_its_title() {
        let id = "0c5b7b7c-0000-4000-8000-000000000001.csv";
        assert_eq!(
            attached_as("Failed in May", id),
            "attachment; filename=\"Failed in May.csv\"; filename*=UTF-8''Failed%20in%20May.csv"
        );
        assert_eq!(
            attached_as("Übersicht \"A/B\"", id),
            "attachment; filename=\"_bersicht _A_B_.csv\"; filename*=UTF-8''%C3%9Cbersicht%20_A_B_.csv"
        );
        assert!(attached_as(" .. ", id).contains(id));
    }
}
