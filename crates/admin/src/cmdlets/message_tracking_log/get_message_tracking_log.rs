//! Get-MessageTrackingLog: shows single events of the tracking log, or writes them as a log file.
//! May touch: trace (read), directory (read), clock, executor.

use std::str::FromStr;

use directory::Snapshot;
use events::{EventId, Source};
use jiff::Timestamp;
use trace::{LogAnswer, LogOrder, LogQuery, Query};

use super::object;
use crate::arguments::{Arguments, usage};
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::message_trace::{completeness, conditions, filters, interval};
use crate::context::Context;
use crate::error::CmdletError;
use crate::nearest::nearest;
use crate::output::{Output, grouped};
use crate::parameter::{Kind, Parameter, RESULT_SIZE};
use crate::privacy;
use crate::role::Role;

const OWN: &[Parameter] = &[
    Parameter::new("Start", Kind::DateTime, "Only events at or after this time."),
    Parameter::new("End", Kind::DateTime, "Only events before this time; a date alone is its first moment."),
    Parameter::new(
        "EventId",
        Kind::List(&Kind::Text),
        "Only these events, such as RECEIVE or FAIL; REFUSED is shown only when it is named.",
    ),
    Parameter::new(
        "Source",
        Kind::List(&Kind::Text),
        "Only events of these sources, such as SMTP or ROUTING.",
    ),
    Parameter::new(
        "Sender",
        Kind::List(&Kind::Text),
        "Senders, by envelope or header: addresses, `*@domain` or other text with `*`.",
    ),
    Parameter::new(
        "Recipients",
        Kind::List(&Kind::Text),
        "Events that name one of these as recipient or related recipient; -Recipient is understood too.",
    ),
    Parameter::new("MessageId", Kind::Text, "One Message-ID header, with or without angle brackets."),
    Parameter::new("NetworkMessageId", Kind::Text, "One message, by its network message id."),
    Parameter::new(
        "InternalMessageId",
        Kind::Int { min: 1, max: i64::MAX },
        "One message, by this server's number.",
    ),
    Parameter::new("MessageSubject", Kind::Text, "A part of the subject; case does not count."),
    Parameter::new(
        "Reference",
        Kind::Text,
        "Only events with this reference, such as the Message-ID of a report.",
    ),
    Parameter::new("Server", Kind::Text, "The server whose log is read; every one unless said otherwise."),
    Parameter::new("TransportTrafficType", Kind::Text, "Only events of this kind of traffic, such as Email."),
    Parameter::new(
        "Path",
        Kind::OutputFile,
        "Writes the events as a tracking log file (#Fields CSV), or to standard output for -; all of them unless -ResultSize is given.",
    ),
    RESULT_SIZE,
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Get-MessageTrackingLog",
    synopsis: "Shows single events of the tracking log.",
    description: "Oldest first. Without dates the last 48 hours are read; with an id everything that is kept. Every event carries the facts of its message. -FromAddress and the conditions behind it are about the message, and show its events. Conditions are joined by AND, the values of one by OR.",
    examples: &[
        Example {
            command: "Get-MessageTrackingLog -Server mx1 -Start 2026-11-20 -Recipient kim@contoso.example -ResultSize Unlimited",
            sentence: "Shows everything recorded of a recipient since a day.",
        },
        Example {
            command: "Get-MessageTrackingLog -EventId FAIL,DEFER -Sender '*@fabrikam.example' -Format list",
            sentence: "Shows the attempts that did not succeed for mail of a domain.",
        },
        Example {
            command: "Get-MessageTrackingLog -FromIP 192.0.2.0/24 -Tls None -Spf Fail -EventId RECEIVE",
            sentence: "Shows what a network sent without TLS and with a failed SPF check.",
        },
        Example {
            command: "Get-MessageTrackingLog -Start 2026-11-20 -End 2026-11-21 -Path MSGTRK20261120-1.LOG",
            sentence: "Writes a day as a tracking log file.",
        },
    ],
    roles: &[Role::MessageTracking],
    parameters: &[Parameters::Fixed(OWN), Parameters::Fixed(filters::OF_MESSAGES)],
    output: object::OUTPUT,
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    check_server(context, arguments)?;
    let is_file = arguments.is_given("Path");
    let wanted =
        if is_file && !arguments.is_given("ResultSize") { usize::MAX } else { arguments.result_size() };
    let mut query = query(arguments, &context.directory.snapshot())?;
    privacy::confine(context.granted()?, &mut query.messages);
    // The log cannot ask for the kind of traffic: all is read, and what is not wanted is left out here.
    let traffic_type = arguments.text("TransportTrafficType").map(str::to_owned);
    query.result_size = (wanted != usize::MAX && traffic_type.is_none()).then_some(wanted);
    let mut answer = context.services.trace()?.tracking_log(query).await?;
    privacy::cut_events(context.granted()?, &mut answer.events);
    if let Some(wanted_type) = traffic_type {
        check_complete(&answer)?;
        answer.events.retain(|event| object::traffic_type(event).eq_ignore_ascii_case(&wanted_type));
        answer.total = answer.events.len() as u64;
        answer.events.truncate(wanted);
    }
    if is_file {
        if wanted == usize::MAX {
            check_complete(&answer)?;
        }
        return Ok(written(context, arguments, answer).await);
    }
    Ok(output(&answer, arguments))
}

/// Whether everything that matches is at hand; a file or a count of a part would look like the whole.
fn check_complete(answer: &LogAnswer) -> Result<(), CmdletError> {
    let read = answer.events.len() as u64;
    if read == answer.total {
        return Ok(());
    }
    Err(CmdletError::Invalid(format!(
        "{} events match, and at most {} are read at once; ask for a shorter time with -Start and -End",
        grouped(answer.total),
        grouped(read)
    )))
}

/// The file, with how many events are in it.
async fn written(context: &Context, arguments: &Arguments, answer: LogAnswer) -> Output {
    let count = answer.events.len() as u64;
    let place = match arguments.text("Path") {
        None | Some("-") => "standard output",
        Some(path) => path,
    };
    let noun = if count == 1 { "event" } else { "events" };
    let note = format!("{} {noun} written to {place}", grouped(count));
    let gaps = answer.gaps.iter();
    let gaps = gaps.map(|gap| completeness::warning(gap, "events", arguments.zone())).collect();
    let now = context.world.clock.now();
    let text = context.world.exec.blocking(move || file(&answer, now)).await;
    let mut output = Output::binary(text.into()).with_note(note);
    output.count = Some(count);
    output.warnings = gaps;
    output
}

/// The text of the file. What may be missing is said in its last lines, which readers take for comments.
fn file(answer: &LogAnswer, now: Timestamp) -> String {
    let mut text = trace::tracking_file::export(&answer.events, now);
    for gap in &answer.gaps {
        let cause: String =
            gap.cause.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
        text.push_str(&format!("#Gap: {cause}\r\n"));
    }
    text
}

fn output(answer: &LogAnswer, arguments: &Arguments) -> Output {
    let mut output = Output::part_of(answer.events.iter().map(object::row).collect(), answer.total);
    if arguments.is_given("Start") || arguments.is_given("End") {
        output.notes.push(interval::in_words(answer.start, answer.end, arguments.zone()));
    } else if output.rows.is_empty() && answer.start.is_some() {
        output.notes.push("Nothing in the last 48 hours; -Start looks further back".to_owned());
    }
    completeness::tell(&mut output, &answer.sources, &answer.gaps, "events", arguments.zone());
    output
}

fn query(arguments: &Arguments, snapshot: &Snapshot) -> Result<LogQuery, CmdletError> {
    let mut messages = Query::default();
    filters::of_messages(arguments, snapshot, &mut messages)?;
    let message_id =
        arguments.text("MessageId").map(|text| conditions::message_id(arguments, "MessageId", text));
    Ok(LogQuery {
        senders: conditions::patterns(arguments, "Sender")?,
        recipients: conditions::patterns(arguments, "Recipients")?,
        message_ids: message_id.transpose()?.into_iter().collect(),
        network_message_ids: conditions::network_message_id(arguments, "NetworkMessageId")?
            .into_iter()
            .collect(),
        internal_message_ids: conditions::internal_message_id(arguments, "InternalMessageId")
            .into_iter()
            .collect(),
        event_ids: words(arguments, "EventId", EventId::ALL.iter().map(|id| id.as_str()))?,
        sources: words::<Source>(arguments, "Source", Source::ALL.iter().map(|source| source.as_str()))?,
        message_subject: arguments.text("MessageSubject").filter(|text| !text.is_empty()).map(str::to_owned),
        reference: arguments.text("Reference").map(str::to_owned),
        messages,
        start: arguments.time("Start"),
        end: arguments.time("End"),
        result_size: None,
        order: LogOrder::Oldest,
    })
}

/// Words of the log's vocabulary.
fn words<T: FromStr>(
    arguments: &Arguments,
    name: &str,
    known: impl Iterator<Item = &'static str> + Clone,
) -> Result<Vec<T>, CmdletError> {
    let given = arguments.texts(name).unwrap_or_default().into_iter();
    let read = given.map(|word| {
        word.parse().map_err(|_| {
            let hint = match nearest(word, known.clone()) {
                Some(near) => format!("did you mean {near}?"),
                None => format!("it takes {}", known.clone().collect::<Vec<_>>().join(", ")),
            };
            usage(arguments.cmdlet(), name, &format!("cannot be \"{word}\"; {hint}"))
        })
    });
    read.collect()
}

/// This server is the only one whose log is read; it may be named by its name or its full name.
fn check_server(context: &Context, arguments: &Arguments) -> Result<(), CmdletError> {
    let Some(asked) = arguments.text("Server") else { return Ok(()) };
    let snapshot = context.directory.snapshot();
    let organization = snapshot.organization();
    let names = [organization.server_name.as_str(), organization.server_fqdn.as_str()];
    if names.iter().any(|name| name.eq_ignore_ascii_case(asked)) {
        return Ok(());
    }
    Err(CmdletError::NotFound(format!(
        "there is no server \"{asked}\"; the known ones are: {} ({})",
        organization.server_name, organization.server_fqdn
    )))
}
