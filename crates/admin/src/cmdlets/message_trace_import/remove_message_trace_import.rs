//! Remove-MessageTraceImport: takes the records of a place out of the trace again.
//! May touch: trace, executor.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use directory::AuditEnd;
use serde_json::json;
use trace::places::{ImportError, TakenOut, is_same_place};

use super::get_message_trace_import::unreadable;
use crate::arguments::Arguments;
use crate::audit;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::message_trace::known;
use crate::cmdlets::message_tracking_log::check_not_own;
use crate::cmdlets::recipient::rows;
use crate::context::Context;
use crate::error::{CmdletError, Plan};
use crate::output::{Output, OutputType, Property, grouped};
use crate::parameter::{Kind, Parameter};
use crate::role::Role;

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Remove-MessageTraceImport",
    synopsis: "Takes the records of a place out of the message trace.",
    description: "All records of the place go, of every day, and what was joined with them is as if they had never been imported. One exception: where more than 64 records could belong to one message, as with a Message-ID that is used over and over, not all of them are compared with each other; some of what is left may then be shown as one message where it was apart before the import, or apart where it was one. The same files can then be imported under another name. Refused for this server itself, while an import into the place is running, and while a trace source reads it; sources made meanwhile wait. If it is stopped, running it again removes the rest; if the server ends, what was begun is completed at its next start.",
    examples: &[
        Example {
            command: "Remove-MessageTraceImport -Place gatway -WhatIf",
            sentence: "Says how many records would go.",
        },
        Example {
            command: "Remove-MessageTraceImport -Place gatway -Confirm:false",
            sentence: "Takes a place out that was imported under a wrong name.",
        },
    ],
    roles: &[Role::OrganizationTransportSettings],
    parameters: &[Parameters::Fixed(&[Parameter::new(
        "Place",
        Kind::Text,
        "The name of the place, as in Get-MessageTraceImport.",
    )
    .required()
    .positional()])],
    output: OutputType {
        name: "MessageTraceImportRemoved",
        properties: &[
            Property::text("Place"),
            Property::number("Messages"),
            Property::number("Events"),
            Property::number("Refusals"),
        ],
        settings: None,
        table: &["Place", "Messages", "Events", "Refusals"],
    },
    effect: Effect::Destroys(|context, arguments| Box::pin(foresee(context, arguments))),
    run: |context, arguments| Box::pin(run(context, arguments)),
};

/// The place, if it may be removed.
async fn place(context: &Context, arguments: &Arguments) -> Result<String, CmdletError> {
    let asked = arguments.required("Place")?.trim().to_owned();
    check_not_own(context, &asked, "stay; name a place that was imported")?;
    let trace = context.services.trace()?;
    let is_same = |name: &str| is_same_place(name, &asked);
    let sources = trace.sources().map(|sources| sources.list()).unwrap_or_default();
    if let Some((source, _)) = sources.iter().find(|(source, _)| is_same(&source.place)) {
        let name = &source.name;
        return Err(CmdletError::Conflict(format!(
            "the trace source \"{name}\" reads the place \"{asked}\"; run Remove-TraceSource {name} first"
        )));
    }
    let places = trace.places().clone();
    if places.is_importing(&asked) {
        return Err(CmdletError::Conflict(format!(
            "an import into the place \"{asked}\" is running; wait for its end, or stop it"
        )));
    }
    let names = context.world.exec.blocking(move || places.imported_names()).await.map_err(unreadable)?;
    if !names.iter().any(|name| is_same(name)) {
        known::check_places(context, &[&asked]).await?;
    }
    Ok(asked)
}

async fn foresee(context: &Context, arguments: &Arguments) -> Result<Plan, CmdletError> {
    let place = place(context, arguments).await?;
    let counted = count(context, &place).await?;
    let many = |count: u64, what: &str| match count {
        1 => format!("1 {what}"),
        count => format!("{} {what}s", grouped(count)),
    };
    let what = format!(
        "take {} and {} of the place \"{place}\" out of {}",
        many(counted.events, "event"),
        many(counted.refusals, "refused attempt"),
        many(counted.messages, "message"),
    );
    Ok(Plan { count: counted.records(), what })
}

async fn count(context: &Context, place: &str) -> Result<TakenOut, CmdletError> {
    let (places, place) = (context.services.trace()?.places().clone(), place.to_owned());
    let told = context.progress.clone();
    let work = move || places.count_of(&place, &|| !told.is_stopped());
    context.world.exec.blocking(work).await.map_err(|error| {
        CmdletError::internal("the trace could not be read to its end; the service log says why", error)
    })
}

/// Says so when nobody waits for the answer any more.
struct Waiting(Arc<AtomicBool>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let place = place(context, arguments).await?;
    let places = context.services.trace()?.places().clone();
    let gone = Arc::new(AtomicBool::new(false));
    let _waiting = Waiting(Arc::clone(&gone));
    let (told, of, clock) = (context.progress.clone(), place.clone(), context.world.clock.clone());
    let taken = Arc::new(AtomicU64::new(0));
    let (counted, directory, command) = (Arc::clone(&taken), context.directory.clone(), context.command());
    let work = move || {
        let done = places.remove_place(&of, &clock, &|done: &TakenOut| {
            counted.store(done.records(), Ordering::Relaxed);
            told.say(format!(
                "{} events taken out of {} messages",
                grouped(done.events),
                grouped(done.messages)
            ));
            !gone.load(Ordering::Relaxed) && !told.is_stopped()
        });
        // Whoever asked hung up: nobody else records how it ended, nor logs why.
        if let Some(command) = command.filter(|_| gone.load(Ordering::Relaxed)) {
            let end = end_alone(&done, &of, counted.load(Ordering::Relaxed));
            if let Err(error) = &done {
                tracing::error!(%error, place = of, "a removal whose caller hung up did not come to its end");
            }
            audit::record_end(&directory, command, &end);
        }
        done
    };
    let done = context.world.exec.blocking(work).await;
    let done = done.map_err(|error| failure(error, &place, taken.load(Ordering::Relaxed)))?;
    let row = json!({
        "Place": place,
        "Messages": done.messages,
        "Events": done.events,
        "Refusals": done.refusals,
    });
    let mut output = Output::object(rows::row_of(row));
    // The audit log says how many records went.
    output.audited_rows = Some(done.records());
    Ok(output)
}

/// How a removal ended for which nobody waited any more, after so many records were taken out.
fn end_alone(done: &Result<TakenOut, ImportError>, place: &str, counted: u64) -> AuditEnd {
    let taken = done.as_ref().map_or(counted, TakenOut::records);
    let error = done.as_ref().err().map(|error| match error {
        ImportError::Stopped(_) => "stopped, for the caller hung up".to_owned(),
        other => reason(other, place, taken),
    });
    AuditEnd { error, rows: Some(taken), about: None }
}

/// What is said, and kept in the audit log, of a removal that did not come to its end: with what is gone by then.
fn failure(error: ImportError, place: &str, taken: u64) -> CmdletError {
    let said = reason(&error, place, taken);
    match error {
        ImportError::Stopped(_) => CmdletError::Invalid(said),
        ImportError::Busy(_) => CmdletError::Conflict(said),
        other => CmdletError::internal(said, other),
    }
}

/// The same in words.
fn reason(error: &ImportError, place: &str, taken: u64) -> String {
    match error {
        ImportError::Stopped(stop) => format!(
            "stopped after {} events were taken out; running Remove-MessageTraceImport -Place {place} again removes the rest",
            grouped(stop.events)
        ),
        ImportError::Busy(cause) => cause.clone(),
        _ => format!(
            "the trace could not be written after {} records were taken out; the service log says why, and running it again removes the rest",
            grouped(taken)
        ),
    }
}

#[cfg(test)]
mod tests {
    use trace::places::Stop;

    use super::*;

    /// A full disk is not a hang-up, though nobody waited any more when it came.
    #[test]
    fn the_audit_log_says_why_a_removal_ended_for_which_nobody_waited() {
        let full = ImportError::Io(std::io::Error::other("no space left on device"));
        let busy = ImportError::Busy("the place \"gateway\" is being imported into".to_owned());
        let stopped = ImportError::Stopped(Box::new(Stop {
            file: String::new(),
            lines: 0,
            events: 12,
            new: 0,
            first: None,
            last: None,
        }));
        for (error, said) in [
            (full, "the trace could not be written after 7 records were taken out"),
            (busy, "the place \"gateway\" is being imported into"),
            (stopped, "stopped, for the caller hung up"),
        ] {
            let end = end_alone(&Err(error), "gateway", 7);
            assert!(end.error.as_deref().unwrap().starts_with(said), "{end:?}");
            assert_eq!(end.rows, Some(7));
        }
        assert_eq!(end_alone(&Ok(TakenOut::default()), "gateway", 7).error, None);
    }
}
