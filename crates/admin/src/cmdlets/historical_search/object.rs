//! The HistoricalSearch object: a report in the background.
//! May touch: nothing (pure).

use jiff::tz::TimeZone;
use serde_json::json;

use crate::arguments::Arguments;
use crate::cmdlets::message_trace::completeness;
use crate::cmdlets::recipient::rows;
use crate::context::Context;
use crate::error::CmdletError;
use crate::historical::Job;
use crate::output::{OutputType, Property, Row};
use crate::parameter::{Kind, Parameter};
use crate::privacy;

pub(super) const IDENTITY: Parameter = Parameter::new(
    "JobId",
    Kind::Identity,
    "The report, by its JobId, or by its title where no other has it.",
)
.positional();

/// Reports named of those with the same title.
const IDS_MAX: usize = 20;

const STATES: &[(&str, &str)] = &[
    ("NotStarted", "Not started"),
    ("InProgress", "In progress"),
    ("Completed", "Completed"),
    ("Cancelled", "Cancelled"),
    ("Failed", "Failed"),
];

/// What the cmdlets put out.
pub(super) const OUTPUT: OutputType = OutputType {
    name: "HistoricalSearch",
    properties: &[
        Property::text("JobId"),
        Property::text("ReportTitle"),
        Property::text("ReportType"),
        Property::text("ReportFormat"),
        Property::words("Status", STATES),
        Property::number("Progress"),
        Property::number("Rows"),
        Property::number("TotalRows"),
        Property::number("Lines"),
        Property::number("FileSize"),
        Property::text("FileName"),
        Property::text("Url"),
        Property::time("SubmitDate"),
        Property::time("JobStartDate"),
        Property::time("CompletionDate"),
        Property::time("ExpiryDate"),
        Property::text("SubmittedBy"),
        Property::text("NotifyAddress"),
        Property::text("Conditions"),
        Property::time("StartDate"),
        Property::time("EndDate"),
        Property::number("RefusedNotShown"),
        Property::text("Sources"),
        Property::text("Gaps"),
        Property::text("Error"),
    ],
    settings: None,
    table: &["SubmitDate", "ReportTitle", "ReportType", "Status", "Progress", "Lines", "JobId"],
};

/// One report.
pub(super) fn row(job: &Job) -> Row {
    let gaps = job.report.gaps.iter().map(|gap| completeness::warning(gap, "rows", &TimeZone::UTC));
    let gaps: Vec<String> = gaps.collect();
    let is_ready = job.state == crate::historical::JobState::Completed;
    rows::row_of(json!({
        "JobId": job.id.to_string(),
        "ReportTitle": job.title,
        "ReportType": job.kind.as_str(),
        "ReportFormat": match job.format {
            trace::reports::ReportFormat::Csv => "Csv",
            trace::reports::ReportFormat::JsonLines => "JsonLines",
        },
        "Status": job.state.as_str(),
        "Progress": job.report.percent(),
        "Rows": job.report.rows,
        "TotalRows": job.report.total,
        "Lines": job.report.lines,
        "FileSize": job.bytes,
        "FileName": is_ready.then(|| job.file_name()),
        "Url": is_ready.then(|| format!("/api/v1/reports/{}", job.id)),
        "SubmitDate": job.submitted.to_string(),
        "JobStartDate": job.started.map(|at| at.to_string()),
        "CompletionDate": job.finished.map(|at| at.to_string()),
        "ExpiryDate": job.expires.map(|at| at.to_string()),
        "SubmittedBy": job.submitted_by,
        "NotifyAddress": job.notify,
        "Conditions": job.parameters,
        "StartDate": span_end(job, "StartDate", job.report.start),
        "EndDate": span_end(job, "EndDate", job.report.end),
        "RefusedNotShown": job.report.refused_not_listed,
        "Sources": job.report.sources,
        "Gaps": gaps,
        "Error": job.error,
    }))
}

/// One end of the time a report is of: as it was fixed at its submission, or, of one by an earlier release, as it was
/// searched.
fn span_end(job: &Job, name: &str, searched: Option<jiff::Timestamp>) -> Option<serde_json::Value> {
    let fixed = job.parameters.get(name).cloned();
    fixed.or_else(|| searched.map(|at| at.to_string().into()))
}

/// What the audit log keeps of a report that was fetched: which it is, and whose mail it is about.
pub(crate) fn looked_at(job: &Job) -> serde_json::Value {
    json!({
        "ReportTitle": job.title,
        "ReportType": job.kind.as_str(),
        "Conditions": job.parameters,
        "Domains": Some(&job.within).filter(|within| !within.is_empty()),
    })
}

/// A report that whoever asks may see.
///
/// # Errors
/// `NotFound`, for those of others too.
pub(super) fn seen(context: &Context, id: uuid::Uuid) -> Result<Job, CmdletError> {
    let job = context.services.historical_searches()?.kept(id, context.world.clock.now())?;
    match privacy::sees_report(context.granted()?, &context.actor, &job) {
        true => Ok(job),
        false => Err(CmdletError::NotFound(format!(
            "there is no report {id} of yours; Get-HistoricalSearch lists them"
        ))),
    }
}

/// The report asked for, by its id or its title; none where none was named.
///
/// # Errors
/// `NotFound`; `Conflict` where several have the title.
pub(super) fn asked(context: &Context, arguments: &Arguments) -> Result<Option<Job>, CmdletError> {
    let Some(text) = arguments.text("JobId").map(str::trim) else { return Ok(None) };
    if let Ok(id) = uuid::Uuid::try_parse(text) {
        return seen(context, id).map(Some);
    }
    let (granted, title) = (context.granted()?, text.to_lowercase());
    let (mut named, now) = (context.services.historical_searches()?.list(), context.world.clock.now());
    named.retain(|job| {
        job.title.to_lowercase() == title && privacy::sees_report(granted, &context.actor, job)
    });
    if named.iter().any(|job| !job.is_expired(now)) {
        named.retain(|job| !job.is_expired(now));
    }
    match named.as_slice() {
        [] => Err(CmdletError::NotFound(format!(
            "there is no report \"{text}\" of yours; Get-HistoricalSearch lists them, with JobId and title"
        ))),
        [one] => seen(context, one.id).map(Some),
        several => {
            let ids: Vec<String> = several
                .iter()
                .take(IDS_MAX)
                .map(|job| format!("{} ({:.0})", job.id, job.submitted))
                .collect();
            Err(CmdletError::Conflict(format!(
                "{} reports have the title \"{text}\"; name one by its JobId: {}",
                several.len(),
                ids.join(", ")
            )))
        }
    }
}
