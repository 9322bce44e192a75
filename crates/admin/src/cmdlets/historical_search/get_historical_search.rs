//! Get-HistoricalSearch: lists reports in the background, or fetches one.
//! May touch: disk (the reports' folder, read), executor.

use super::object;
use crate::arguments::{Arguments, usage};
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::message_trace::report;
use crate::context::Context;
use crate::error::CmdletError;
use crate::historical::{Job, JobState};
use crate::output::{Output, grouped};
use crate::parameter::{Kind, Parameter};
use crate::privacy;
use crate::role::Role;

/// Octets of a report that are fetched through a cmdlet: the answer is in memory as a whole.
const FETCHED_BYTES_MAX: u64 = 256 << 20;

const OWN: &[Parameter] = &[
    object::IDENTITY,
    Parameter::new(
        "Path",
        Kind::OutputFile,
        "Writes the report's lines to this file, or to standard output for -.",
    ),
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Get-HistoricalSearch",
    synopsis: "Lists the reports that were started, or fetches one.",
    description: "Newest first, with state, progress and when each is removed. A report that is very long is fetched from its Url, as a whole or in pieces of any size (Range: bytes=…).",
    examples: &[
        Example { command: "Get-HistoricalSearch", sentence: "Lists the reports of the last days." },
        Example {
            command: "Get-HistoricalSearch 01936f0a-0000-7000-8000-00000000000a -Path november.csv",
            sentence: "Fetches a report.",
        },
    ],
    roles: &[Role::MessageTracking],
    parameters: &[Parameters::Fixed(OWN)],
    output: object::OUTPUT,
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let (reports, granted) = (context.services.historical_searches()?, context.granted()?);
    let Some(job) = object::asked(context, arguments)? else {
        if arguments.is_given("Path") {
            return Err(usage(arguments.cmdlet(), "Path", "needs the JobId or title of the report"));
        }
        let now = context.world.clock.now();
        let is_kept = |job: &Job| !job.is_expired(now) && privacy::sees_report(granted, &context.actor, job);
        let kept = reports.list().into_iter().filter(is_kept);
        return Ok(Output::list(kept.map(|job| object::row(&job)).collect()));
    };
    if !arguments.is_given("Path") {
        return Ok(Output::list(vec![object::row(&job)]));
    }
    if job.state != JobState::Completed {
        return Err(CmdletError::Conflict(format!(
            "the report is {}, {} % done; fetch it when it is Completed",
            job.state.as_str(),
            job.report.percent()
        )));
    }
    privacy::admit_lines(granted, &job)?;
    if job.bytes > FETCHED_BYTES_MAX {
        return Err(CmdletError::Invalid(format!(
            "the report has {} octets; fetch it from /api/v1/reports/{}",
            grouped(job.bytes),
            job.id
        )));
    }
    let (disk, path) = (context.world.disk.clone(), reports.file(&job));
    let read = context.world.exec.blocking(move || disk.read(&path)).await;
    let bytes = read.map_err(|error| CmdletError::internal("the report's file cannot be read", error))?;
    let looked_at = Some(object::looked_at(&job));
    Ok(Output {
        count: Some(job.report.lines),
        looked_at,
        also_about: job.report.recipients.iter().cloned().collect(),
        about_beyond: report::beyond(&job.report),
        ..Output::binary(bytes.into())
    })
}
