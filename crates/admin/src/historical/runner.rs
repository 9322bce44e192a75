//! Writes reports one after the other, portion by portion; what is durable is noted, so that a restart goes on there.
//! May touch: disk (the reports' folder), trace (read), clock, executor, transport (mail).

use std::io;

use jiff::tz::TimeZone;
use mail::Address;
use trace::reports::ReportRequest;
use trace::{Cut, Trace};
use world::OpenMode;

use super::{HistoricalSearches, Job, JobState};
use crate::arguments::Arguments;
use crate::cmdlets::message_trace::{completeness, find, get_message_trace};
use crate::context::Instance;
use crate::error::CmdletError;
use crate::output::grouped;

/// Portions between two notes of what is durable.
const PORTIONS_PER_NOTE: usize = 20;

/// Works until nothing is left.
pub(super) async fn run(reports: HistoricalSearches, instance: Instance) {
    loop {
        let next = reports.0.jobs.lock().iter().find(|job| job.state.is_open()).cloned();
        let Some(job) = next else {
            let mut is_running = reports.0.is_running.lock();
            // One may have been started since: whoever starts one looks at the flag under its lock.
            if reports.0.jobs.lock().iter().any(|job| job.state.is_open()) {
                continue;
            }
            *is_running = false;
            return;
        };
        let mut job = job;
        if let Err(error) = write(&reports, &instance, &mut job).await {
            tracing::warn!(report = %job.id, %error, "a report could not be written");
            job.state = JobState::Failed;
            job.error = Some(error.to_string());
            reports.end(&instance, &mut job);
            match reports.save(&instance, job.clone()).await {
                Ok(stored) => job = stored,
                Err(error) => {
                    // It would be taken up again for ever.
                    tracing::error!(report = %job.id, %error, "a report's end could not be written down");
                    forget(&reports, &job);
                }
            }
        }
        if job.state != JobState::InProgress {
            notify(&instance, &job).await;
        }
    }
}

/// Ends a report in memory only: the next start takes it up again.
fn forget(reports: &HistoricalSearches, job: &Job) {
    let mut jobs = reports.0.jobs.lock();
    if let Some(known) = jobs.iter_mut().find(|known| known.id == job.id) {
        known.clone_from(job);
    }
}

/// Writes a report to its end, or until it is cancelled; `job` is then as it is stored.
async fn write(reports: &HistoricalSearches, instance: &Instance, job: &mut Job) -> Result<(), CmdletError> {
    let trace = instance.services.trace()?.clone();
    let arguments = Arguments::from_json(&get_message_trace::CMDLET, &job.parameters)?;
    let mut query = find::conditions_of(&arguments, &instance.directory.snapshot())?;
    query.within.clone_from(&job.within);
    let cut = Cut { rules: job.hides_rules, domains: job.within.clone() };
    let request = ReportRequest { kind: job.kind, format: job.format, query, cut, rows_per_portion: 0 };
    job.state = JobState::InProgress;
    job.started = job.started.or_else(|| Some(instance.world.clock.now()));
    while !job.report.is_complete {
        if reports.job(job.id)?.state == JobState::Cancelled {
            *job = reports.job(job.id)?;
            return Ok(());
        }
        let (own, mut part, request, trace) = (reports.clone(), job.clone(), request.clone(), trace.clone());
        let work = move || portions(&own, &trace, &request, &mut part).map(|()| part);
        *job = instance.world.exec.blocking(work).await?;
        if job.report.is_complete {
            job.state = JobState::Completed;
            reports.end(instance, job);
        }
        *job = reports.save(instance, job.clone()).await?;
        if job.state == JobState::Cancelled {
            // The portions that were under way made the file anew.
            reports.remove_lines(instance, job).await;
            return Ok(());
        }
    }
    Ok(())
}

/// Some portions, each behind the last, then made durable. Blocks. Memory: one portion.
fn portions(
    reports: &HistoricalSearches,
    trace: &Trace,
    request: &ReportRequest,
    job: &mut Job,
) -> Result<(), CmdletError> {
    let failed = |error: io::Error| CmdletError::internal("the report's file could not be written", error);
    let file = reports.0.disk.open(&reports.file(job), OpenMode::CreateOrOpen).map_err(failed)?;
    // What a crash left behind the last note is written again.
    file.set_len(job.bytes).map_err(failed)?;
    for _ in 0..PORTIONS_PER_NOTE {
        let mut text = String::new();
        trace.report_portion(request, &mut job.report, &mut text)?;
        file.write_all_at(text.as_bytes(), job.bytes).map_err(failed)?;
        job.bytes = job.bytes.saturating_add(text.len() as u64);
        if job.report.is_complete {
            break;
        }
    }
    file.sync_data().map_err(failed)
}

/// Tells those who wanted to know. Mail that cannot be sent does not undo a report.
async fn notify(instance: &Instance, job: &Job) {
    let to: Vec<Address> = job.notify.iter().filter_map(|text| Address::parse(text).ok()).collect();
    let Ok(transport) = instance.services.transport() else { return };
    if to.is_empty() {
        return;
    }
    let (subject, text) = mail(job);
    if let Err(error) = transport.send_notice(&to, &subject, &text).await {
        tracing::warn!(report = %job.id, %error, "the mail that a report has ended could not be sent");
    }
}

/// Subject and text of the mail that a report has ended, with what may be missing in it.
pub(super) fn mail(job: &Job) -> (String, String) {
    let ended = match job.state {
        JobState::Completed => "is ready",
        JobState::Cancelled => "was cancelled",
        _ => "could not be written",
    };
    let subject = format!("Report \"{}\" {ended}", job.title);
    let error = job.error.as_deref().map(|error| format!("{error}\n")).unwrap_or_default();
    let expires = job.expires.map(|at| format!("It is kept until {at:.0}.\n")).unwrap_or_default();
    let gaps = job.report.gaps.iter().map(|gap| completeness::warning(gap, "rows", &TimeZone::UTC));
    let missing: String = gaps.map(|gap| format!("{gap}.\n")).collect();
    let fetch = match job.state {
        JobState::Completed => format!(
            "{} lines, {} octets.\n{missing}To fetch it: Get-HistoricalSearch {} -Path report.{}\nor GET /api/v1/reports/{}\n{expires}",
            grouped(job.report.lines),
            grouped(job.bytes),
            job.id,
            job.format.extension(),
            job.id
        ),
        _ => String::new(),
    };
    let text = format!("{subject}\n\n{error}{fetch}");
    (subject, text)
}
