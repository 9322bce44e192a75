//! Import-MessageTrace: reads the records of other systems into the trace.
//! May touch: trace, directory (read), clock, executor.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use trace::places::{Format, ImportError, LogReport, Options, PathReport, Place, Progress};

use super::known;
use crate::arguments::{Arguments, usage};
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::message_tracking_log::check_not_own;
use crate::cmdlets::recipient::rows;
use crate::cmdlets::trace_source::object::surroundings;
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::{Output, OutputType, Property, grouped};
use crate::parameter::{Kind, Parameter};
use crate::role::{Role, Via};

/// The words of `-LogFormat`.
pub(crate) const LOG_FORMATS: &[&str] = &[
    "auto",
    "TrackingLog",
    "Postfix",
    "Exim",
    "Sendmail",
    "ExchangeOnline",
    "Graph",
    "ProofpointPoD",
    "SmartSearch",
];

/// What to do instead of an import under this server's own name.
pub(crate) const OTHER_NAME: &str =
    "are in the trace already; give -Place another name, that of the system whose records these are";

const OWN: &[Parameter] = &[
    Parameter::new(
        "Path",
        Kind::ServerPath,
        "A file or folder of the server, in its shell also as seen from the folder one is in; rotated and gzipped logs are read in their order.",
    )
    .required()
    .positional(),
    Parameter::new("Place", Kind::Text, "The name of the system whose records these are, such as gateway.")
        .required(),
    Parameter::new(
        "LogFormat",
        Kind::Enum(LOG_FORMATS),
        "The format; told from the content unless it is given, and a file in another one is refused.",
    ),
    Parameter::new(
        "Year",
        Kind::Int { min: 1970, max: 9998 },
        "The year of the first line, for logs that name none; otherwise told from the file's own time.",
    ),
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Import-MessageTrace",
    synopsis: "Reads the records of other systems into the trace.",
    description: "Exchange tracking logs, Exchange Online traces as CSV or Graph JSON, Proofpoint records, and the logs of Postfix, Exim and Sendmail. Records of the same message are joined. Reading the same again changes nothing; lines that cannot be understood are counted and the first of them shown. Times without a zone are in that of -TimeZone.",
    examples: &[
        Example {
            command: "Import-MessageTrace /var/log/mail.log -Place gateway -TimeZone Europe/Berlin",
            sentence: "Reads a mail log whose times are local.",
        },
        Example {
            command: "Import-MessageTrace /srv/logs/exch01 -Place exch01 -LogFormat TrackingLog",
            sentence: "Reads every tracking log of a folder.",
        },
    ],
    roles: &[Role::OrganizationTransportSettings],
    parameters: &[Parameters::Fixed(OWN)],
    output: OutputType {
        name: "MessageTraceImport",
        properties: &[
            Property::text("Name"),
            Property::text("LogFormat"),
            Property::number("Records"),
            Property::number("Events"),
            Property::number("New"),
            Property::number("Unknown"),
            Property::number("Certain"),
            Property::number("Probable"),
            Property::time("First"),
            Property::time("Last"),
            Property::text("Files"),
            Property::number("TooOld"),
            Property::number("Open"),
            Property::number("ClosedEarly"),
            Property::text("OtherPrograms"),
            Property::text("UnknownLines"),
            Property::text("Silences"),
            Property::text("Refused"),
        ],
        settings: None,
        table: &["Name", "LogFormat", "Records", "New", "Unknown", "Certain", "Probable", "First", "Last"],
    },
    effect: Effect::Changes,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

/// Says so when nobody waits for the answer any more.
struct Waiting(Arc<AtomicBool>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let place: Place = arguments
        .required("Place")?
        .parse()
        .map_err(|error| usage(arguments.cmdlet(), "Place", &format!("{error}")))?;
    check_not_own(context, place.name(), OTHER_NAME)?;
    // One place has one name, whatever case it is given in.
    let place: Place = known::spelled(context, place.name())?.parse().unwrap_or(place);
    let path = PathBuf::from(arguments.required("Path")?);
    if !path.is_absolute() {
        return Err(usage(arguments.cmdlet(), "Path", "name the whole path, as the server sees it"));
    }
    let path = readable(context, path).await?;
    let places = context.services.trace()?.places().clone();
    // A file that came along is the caller's own: its lines may be shown, and where it lies here is nobody's business.
    let is_upload = is_within(context, &path, places.uploads()).await;
    let now = context.world.clock.now();
    let options = Options {
        format: format(arguments),
        zone: arguments.zone().clone(),
        quotes: is_upload || context.actor.via == Via::LocalSocket,
        year: arguments.int("Year").and_then(|year| i16::try_from(year).ok()),
        ..Options::new(now)
    };
    if arguments.is_what_if() {
        return Ok(Output::list(Vec::new()));
    }
    let around = Arc::new(surroundings(&context.directory.snapshot()));
    let gone = Arc::new(AtomicBool::new(false));
    let _waiting = Waiting(Arc::clone(&gone));
    let told = context.progress.clone();
    let (by, clock) = (context.actor.name.clone(), context.world.clock.clone());
    let named = match is_upload {
        true => String::new(),
        false => format!("{}: ", arguments.text("Path").unwrap_or_default()),
    };
    let work = move || {
        places.import_listed((&path, &by), &place, &around, &options, &clock, &|progress| {
            told.say(in_words(progress));
            !gone.load(Ordering::Relaxed) && !told.is_stopped()
        })
    };
    let report = context.world.exec.blocking(work).await.map_err(|error| match error {
        ImportError::Store(cause) => {
            CmdletError::internal("the trace could not be written; the service log says why", cause)
        }
        ImportError::Busy(cause) => CmdletError::Conflict(cause),
        other => CmdletError::Invalid(format!("{named}{other}")),
    })?;
    Ok(output(&report))
}

/// Whether a path leads into a folder.
async fn is_within(context: &Context, path: &Path, folder: PathBuf) -> bool {
    let (disk, path) = (context.world.disk.clone(), path.to_owned());
    let look = move || disk.canonical(&path).ok()?.strip_prefix(disk.canonical(&folder).ok()?).ok().map(drop);
    context.world.exec.blocking(look).await.is_some()
}

/// Where a path leads, if the caller may have it read: over the local socket every one, for whoever opens it can read the
/// machine's files anyway; over HTTP those in the folders that the configuration names, and what was sent to be imported.
///
/// # Errors
/// `Forbidden`, the same for what is not there: nobody learns so which files there are.
pub(crate) async fn readable(context: &Context, path: PathBuf) -> Result<PathBuf, CmdletError> {
    if context.actor.via == Via::LocalSocket {
        return Ok(path);
    }
    let (disk, mut folders) = (context.world.disk.clone(), context.services.allowed.import_folders.clone());
    // What somebody with this right has sent.
    folders.extend(context.services.trace().ok().map(|trace| trace.places().uploads()));
    let asked = path.clone();
    let look = move || {
        let path = disk.canonical(&path).ok()?;
        let mut folders = folders.iter().filter_map(|folder| disk.canonical(folder).ok());
        folders.any(|folder| path.starts_with(folder)).then_some(path)
    };
    context.world.exec.blocking(look).await.ok_or_else(|| {
        CmdletError::Forbidden(format!(
            "{} is in none of the folders of [trace] import_folders; others are read over the local socket only",
            asked.display()
        ))
    })
}

/// `mail.log.1: 12 % of 3,456 MB, 1,203,000 events`.
fn in_words(progress: &Progress) -> String {
    let percent = progress.bytes.saturating_mul(100).checked_div(progress.bytes_total).unwrap_or(0).min(100);
    let file: String = progress.file.chars().map(|ch| if ch.is_control() { ' ' } else { ch }).collect();
    format!(
        "{file}: {percent} % of {} MB, {} events",
        grouped(progress.bytes_total.div_ceil(1_000_000)),
        grouped(progress.events)
    )
}

/// The format asked for, if it is not to be told from the content.
pub(crate) fn format(arguments: &Arguments) -> Option<Format> {
    arguments.text("LogFormat").and_then(|word| word.parse().ok())
}

fn output(report: &PathReport) -> Output {
    let mut output = Output::list(report.logs.iter().map(|log| rows::row_of(row(log))).collect());
    for log in &report.logs {
        if let Some(refused) = &log.refused {
            output.warnings.push(format!("not read: {refused}"));
        }
        for line in &log.tally.unknown_lines {
            output.warnings.push(format!("{}: {line}", log.name));
        }
        if log.imported.too_old > 0 {
            let events = grouped(log.imported.too_old);
            output.warnings.push(format!(
                "{}: {events} events are older than the trace keeps records, and were left out",
                log.name
            ));
        }
        let alone = log.imported.alone_in_words();
        output.warnings.extend(alone.map(|words| format!("{}: {words}", log.name)));
        let named = log.tally.unknown_lines.len() as u64;
        if log.tally.unknown > named {
            let more = grouped(log.tally.unknown - named);
            output.warnings.push(format!("{}: {more} more lines that cannot be understood", log.name));
        }
    }
    output
}

fn row(log: &LogReport) -> Value {
    let (tally, imported) = (&log.tally, &log.imported);
    let programs: Vec<String> =
        tally.other_programs.iter().map(|(program, lines)| format!("{program}: {lines}")).collect();
    let silences: Vec<String> =
        tally.silences.iter().map(|silence| format!("{} to {}", silence.from, silence.to)).collect();
    json!({
        "Name": log.name,
        "LogFormat": log.format.map(|format| format.to_string()),
        "Records": tally.records(),
        "Events": tally.events,
        "New": imported.new,
        "Unknown": tally.unknown.saturating_add(imported.alone),
        "Certain": imported.joined.certain,
        "Probable": imported.joined.probable,
        "First": tally.first.map(|at| at.to_string()),
        "Last": tally.last.map(|at| at.to_string()),
        "Files": log.files,
        "TooOld": imported.too_old,
        "Open": tally.open,
        "ClosedEarly": tally.closed_early,
        "OtherPrograms": programs,
        "UnknownLines": tally.unknown_lines.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "Silences": silences,
        "Refused": log.refused,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_old_to_be_kept_is_said() {
        let log = LogReport {
            name: "mail.log".to_owned(),
            files: Vec::new(),
            format: None,
            tally: trace::places::Tally::default(),
            imported: trace::places::Imported { too_old: 1_200, ..Default::default() },
            refused: None,
        };
        let report = PathReport { logs: vec![log], bytes: 0 };
        let expected = "mail.log: 1,200 events are older than the trace keeps records, and were left out";
        assert_eq!(output(&report).warnings, [expected]);
    }
}
