//! Get-MessageTrackingLog: shows single events of the tracking log, or writes them as a log file.
//! May touch: trace (read), directory (read), clock, executor.

use std::str::FromStr;
use std::sync::Arc;

use directory::Snapshot;
use events::{EventId, Source};
use trace::places::is_same_place;
use trace::{Cut, Facet, LogAnswer, LogOrder, LogQuery, Query, is_same_host, tracking_file};

use super::object;
use crate::arguments::{Arguments, usage};
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::message_trace::{completeness, conditions, filters, interval, known};
use crate::context::Context;
use crate::error::CmdletError;
use crate::nearest::nearest;
use crate::output::{Output, grouped};
use crate::parameter::{Kind, Parameter, RESULT_SIZE};
use crate::privacy;
use crate::role::Role;

/// Events read at once for a file of everything.
const PORTION_EVENTS: usize = 200_000;
/// Octets of a file that is made at once: it is in memory as a whole.
const FILE_BYTES_MAX: usize = 256 << 20;

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
    Parameter::new(
        "Server",
        Kind::Text,
        "The server or imported place whose events are shown; every one unless said otherwise.",
    ),
    Parameter::new("DomainController", Kind::Text, "Taken for scripts of Exchange; there is one directory."),
    Parameter::new("TransportTrafficType", Kind::Text, "Only events of this kind of traffic, such as Email."),
    Parameter::new(
        "Path",
        Kind::OutputFile,
        "Writes the events as a tracking log file (#Fields CSV), or to standard output for -; all of them unless -ResultSize is given.",
    ),
    Parameter::new(
        "Newest",
        Kind::Switch,
        "The newest events, newest first, where there are more than -ResultSize; without it the oldest, as in Exchange.",
    ),
    RESULT_SIZE,
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Get-MessageTrackingLog",
    synopsis: "Shows single events of the tracking log.",
    description: "Oldest first; where there are more than -ResultSize, the oldest of them, as in Exchange, and with -Newest the newest. Without dates the last 48 hours are read; with an id everything that is kept. Every event carries the facts of its message. -FromAddress and the conditions behind it are about the message, and show its events. Conditions are joined by AND, the values of one by OR.",
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
    let is_file = arguments.is_given("Path");
    let wanted =
        if is_file && !arguments.is_given("ResultSize") { usize::MAX } else { arguments.result_size() };
    let mut query = query(arguments, &context.directory.snapshot())?;
    privacy::confine(context.granted()?, &mut query.messages);
    query.cut = privacy::cut(context.granted()?);
    query.servers = servers(context, arguments);
    if is_file && arguments.is_on("Newest") {
        return Err(usage(
            arguments.cmdlet(),
            "Newest",
            "does not go with -Path: a log file is in the order of time",
        ));
    }
    // The log cannot ask for the kind of traffic: all is read, and what is not wanted is left out here.
    let traffic_type = arguments.text("TransportTrafficType").map(str::to_owned);
    if is_file && wanted == usize::MAX && traffic_type.is_none() {
        return whole_file(context, arguments, query).await;
    }
    query.result_size = (wanted != usize::MAX && traffic_type.is_none()).then_some(wanted);
    let mut answer = context.services.trace()?.tracking_log(query, Arc::default()).await?;
    check_server(context, arguments, &answer).await?;
    if answer.total == 0 {
        known::check_connector(context, arguments).await?;
    }
    if let Some(wanted_type) = traffic_type {
        check_complete(&answer)?;
        answer.events.retain(|event| object::traffic_type(event).eq_ignore_ascii_case(&wanted_type));
        answer.total = answer.events.len() as u64;
        answer.events.truncate(wanted);
    }
    if is_file {
        let now = context.world.clock.now();
        let mut text = tracking_file::begin(now);
        tracking_file::append(&mut text, &answer.events);
        let count = answer.events.len() as u64;
        return Ok(written(arguments, text, count, &answer));
    }
    Ok(output(&answer, arguments))
}

/// A file of everything that matches, portion by portion: one portion and the text are in memory.
async fn whole_file(
    context: &Context,
    arguments: &Arguments,
    mut query: LogQuery,
) -> Result<Output, CmdletError> {
    let trace = context.services.trace()?;
    let mut text = tracking_file::begin(context.world.clock.now());
    let (mut count, mut first): (u64, Option<LogAnswer>) = (0, None);
    // Events of the last moment written: the next portion begins with them.
    let mut written_then = 0_usize;
    loop {
        query.result_size = Some(PORTION_EVENTS.saturating_add(written_then));
        let mut answer = trace.tracking_log(query.clone(), Arc::default()).await?;
        if first.is_none() {
            check_server(context, arguments, &answer).await?;
        }
        let is_last = answer.events.len() as u64 >= answer.total;
        let events = answer.events.get(written_then..).unwrap_or_default();
        tracking_file::append(&mut text, events);
        count = count.saturating_add(events.len() as u64);
        if text.len() > FILE_BYTES_MAX {
            return Err(CmdletError::Invalid(format!(
                "the file of {} events is too large to be made at once; ask for a shorter time with -Start and -End",
                grouped(first.as_ref().map_or(answer.total, |first| first.total))
            )));
        }
        let is_stuck = events.is_empty();
        let last = answer.events.last().map(|event| event.at);
        written_then = answer.events.iter().rev().take_while(|event| Some(event.at) == last).count();
        query.start = last;
        answer.events = Vec::new();
        let first = first.get_or_insert(answer);
        if is_last || is_stuck {
            return Ok(written(arguments, text, count, first));
        }
    }
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

/// The file, with how many events are in it. What may be missing is said in its last lines, which readers take for
/// comments.
fn written(arguments: &Arguments, mut text: String, count: u64, answer: &LogAnswer) -> Output {
    for gap in &answer.gaps {
        let cause: String =
            gap.cause.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
        text.push_str(&format!("#Gap: {cause}\r\n"));
    }
    let place = match arguments.text("Path") {
        None | Some("-") => "standard output",
        Some(path) => path,
    };
    let noun = if count == 1 { "event" } else { "events" };
    let note = format!("{} {noun} written to {place}", grouped(count));
    let gaps = answer.gaps.iter();
    let gaps = gaps.map(|gap| completeness::warning(gap, "events", arguments.zone())).collect();
    let mut output = Output::binary(text.into()).with_note(note);
    output.count = Some(count);
    output.warnings = gaps;
    output.notes.extend(more_at(answer));
    output
}

/// Where there are more of the events asked for than at the server or place that was named.
fn more_at(answer: &LogAnswer) -> Option<String> {
    let names: Vec<&str> = answer.elsewhere.keys().map(String::as_str).collect();
    (!names.is_empty()).then(|| format!("There are more at: {}; -Server leaves them out", names.join(", ")))
}

fn output(answer: &LogAnswer, arguments: &Arguments) -> Output {
    let mut output = Output::part_of(answer.events.iter().map(object::row).collect(), answer.total);
    if arguments.is_given("Start") || arguments.is_given("End") {
        output.notes.push(interval::in_words(answer.start, answer.end, arguments.zone()));
    } else if answer.start.is_some() {
        let found = if answer.total == 0 { "Nothing in" } else { "Only" };
        output.notes.push(format!("{found} the last 48 hours; -Start looks further back"));
    }
    if !answer.events.is_empty() && (answer.events.len() as u64) < answer.total {
        output.notes.push(match arguments.is_on("Newest") {
            true => "These are the newest; -End goes on before them".to_owned(),
            false => "These are the oldest; -Newest shows the newest, -Start goes on behind them".to_owned(),
        });
    }
    output.notes.extend(more_at(answer));
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
        order: if arguments.is_on("Newest") { LogOrder::Newest } else { LogOrder::Oldest },
        cut: Cut::default(),
        servers: Vec::new(),
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

/// The names of the server or place asked for: this server may be named by its name or its full name.
fn servers(context: &Context, arguments: &Arguments) -> Vec<String> {
    let Some(asked) = arguments.text("Server") else { return Vec::new() };
    let own = own_names(context);
    if own.iter().any(|name| is_same_place(name, asked)) { own } else { vec![asked.to_owned()] }
}

/// The names under which the trace may have this server.
pub(crate) fn own_names(context: &Context) -> Vec<String> {
    let snapshot = context.directory.snapshot();
    let organization = snapshot.organization();
    let trace = context.services.trace.iter().map(|trace| trace.server().to_owned());
    [organization.server_name.clone(), organization.server_fqdn.clone()].into_iter().chain(trace).collect()
}

/// Refuses this server's own names for a place: its records would stand as those of this server, for good.
///
/// # Errors
/// `Invalid`, with what to do.
pub(crate) fn check_not_own(context: &Context, place: &str, todo: &str) -> Result<(), CmdletError> {
    if own_names(context).iter().all(|name| !is_same_place(name, place)) {
        return Ok(());
    }
    Err(CmdletError::Invalid(format!("{} is this server itself, whose records {todo}", place.trim())))
}

/// A server or place nobody knows, and of which there is no event: a name mistyped would look like a log without them.
async fn check_server(
    context: &Context,
    arguments: &Arguments,
    answer: &LogAnswer,
) -> Result<(), CmdletError> {
    let Some(asked) = arguments.text("Server").filter(|_| answer.total == 0) else { return Ok(()) };
    let mut known = Vec::new();
    let places = known::places(context)?.into_iter();
    let own = own_names(context);
    let servers = known::servers(context).await?.into_iter();
    for name in places.chain(answer.elsewhere.keys().cloned()).chain(servers) {
        if !own.iter().chain(&known).any(|other| is_same_place(other, &name)) {
            known.push(name);
        }
    }
    let asked = asked.trim_end_matches('.');
    if own.iter().any(|name| is_same_place(name, asked))
        || known.iter().any(|name| is_same_host(name, asked))
        || (!asked.contains('*') && known::is_recorded(context, Facet::Server, asked).await?)
    {
        return Ok(());
    }
    let snapshot = context.directory.snapshot();
    let organization = snapshot.organization();
    let this = format!("{} ({})", organization.server_name, organization.server_fqdn);
    let known = std::iter::once(this).chain(known).collect::<Vec<_>>().join(", ");
    Err(CmdletError::NotFound(format!("there is no server \"{asked}\"; the known ones are: {known}")))
}
