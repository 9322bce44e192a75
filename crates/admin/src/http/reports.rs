//! `GET /api/v1/reports/{id}`: the lines of a finished report, in pieces, so that its length does not matter.
//! May touch: disk (the reports' folder, read), executor.
//! Standards: RFC 9110 (§14: one range of octets).

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
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
            // A report that is finished is never changed.
            let tag = format!("\"{id}\"");
            let part = wanted(&headers, &tag, bytes);
            let (status, from, to) = match part {
                Part::Whole => (StatusCode::OK, 0, bytes),
                Part::Of { from, to } => (StatusCode::PARTIAL_CONTENT, from, to),
                Part::Nowhere => (StatusCode::RANGE_NOT_SATISFIABLE, 0, 0),
            };
            let body = Body::from_stream(pieces(shared.instance.world.exec.clone(), file, from, to));
            let head = [
                (header::CONTENT_TYPE, kind.to_owned()),
                (header::CONTENT_LENGTH, to.saturating_sub(from).to_string()),
                (header::CONTENT_DISPOSITION, disposition),
                (header::ACCEPT_RANGES, "bytes".to_owned()),
                (header::ETAG, tag),
            ];
            let mut response = (status, head, body).into_response();
            let range = match part {
                Part::Whole => None,
                Part::Of { from, to } => Some(format!("bytes {from}-{}/{bytes}", to.saturating_sub(1))),
                Part::Nowhere => Some(format!("bytes */{bytes}")),
            };
            if let Some(Ok(range)) = range.map(HeaderValue::try_from) {
                response.headers_mut().insert(header::CONTENT_RANGE, range);
            }
            response
        }
        Err(error) => refuse(&error),
    }
}

/// Which octets are asked for, the last one not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Whole,
    Of {
        from: u64,
        to: u64,
    },
    /// Behind the end.
    Nowhere,
}

/// One range of octets (RFC 9110 §14.1.2). Several at once, and what is no range, are answered with the whole (§14.2); so
/// is a range of another version of the report (§13.1.5).
fn wanted(headers: &HeaderMap, tag: &str, bytes: u64) -> Part {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let is_other = headers.contains_key(header::IF_RANGE) && text(header::IF_RANGE) != Some(tag);
    let given = text(header::RANGE).and_then(|range| range.trim().split_once('='));
    let range = given.filter(|(unit, _)| unit.eq_ignore_ascii_case("bytes") && !is_other);
    let Some((first, last)) = range.and_then(|(_, range)| range.trim().split_once('-')) else {
        return Part::Whole;
    };
    let number =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten();
    let (from, to) = match (number(first), number(last)) {
        (None, Some(0)) if first.is_empty() => return Part::Nowhere,
        (None, Some(count)) if first.is_empty() => (bytes.saturating_sub(count), bytes),
        (Some(from), None) if last.is_empty() => (from, bytes),
        (Some(from), Some(last)) if from <= last => (from, bytes.min(last.saturating_add(1))),
        _ => return Part::Whole,
    };
    if from < bytes { Part::Of { from, to } } else { Part::Nowhere }
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
    let job = reports.kept(id, shared.instance.world.clock.now())?;
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

/// The octets of a file piece by piece; one piece is in memory.
fn pieces(
    exec: Executor,
    file: DiskFile,
    from: u64,
    to: u64,
) -> impl futures::Stream<Item = std::io::Result<Bytes>> + Send {
    stream::try_unfold((exec, file, from), move |(exec, file, at)| async move {
        if at >= to {
            return Ok(None);
        }
        let reading = file.clone();
        let read = move || {
            let wanted = usize::try_from(to.saturating_sub(at)).unwrap_or(PIECE_BYTES).min(PIECE_BYTES);
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
        "parameters": [
            { "name": "id", "in": "path", "required": true, "schema": { "type": "string", "format": "uuid" } },
            { "name": "Range", "in": "header", "required": false, "schema": { "type": "string", "example": "bytes=0-1048575" } },
        ],
        "responses": {
            "200": { "description": "The report.", "content": { "text/csv": {}, "application/jsonl": {} } },
            "206": { "description": "The octets of it that Range names.", "content": { "text/csv": {}, "application/jsonl": {} } },
            "416": { "description": "Range begins behind its end." },
        },
    } });
    ("/api/v1/reports/{id}".to_owned(), call)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_of_octets_is_read() {
        let of = |range: &str, if_range: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(header::RANGE, range.parse().unwrap());
            if let Some(tag) = if_range {
                headers.insert(header::IF_RANGE, tag.parse().unwrap());
            }
            wanted(&headers, "\"a\"", 100)
        };
        assert_eq!(wanted(&HeaderMap::new(), "\"a\"", 100), Part::Whole);
        for (range, from, to) in [
            ("bytes=0-10", 0, 11),
            ("Bytes=90-", 90, 100),
            ("bytes=-10", 90, 100),
            ("bytes=-1000", 0, 100),
            ("bytes=99-200", 99, 100),
        ] {
            assert_eq!(of(range, None), Part::Of { from, to }, "{range}");
        }
        for range in ["bytes=100-", "bytes=-0", "bytes=200-300"] {
            assert_eq!(of(range, None), Part::Nowhere, "{range}");
        }
        for range in ["lines=0-10", "bytes=0-1,5-6", "bytes=5-1", "bytes=-", "bytes=+1-5", "bytes"] {
            assert_eq!(of(range, None), Part::Whole, "{range}");
        }
        assert_eq!(of("bytes=0-10", Some("\"a\"")), Part::Of { from: 0, to: 11 });
        assert_eq!(of("bytes=0-10", Some("\"b\"")), Part::Whole);
    }

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
