//! What Get-MessageTraceDetail asks and says: events as rows, and before them the stages, the cause and the fix.
//! May touch: trace (read).

use trace::detail::DetailEvent;
use trace::{Detail, Trace};

use super::where_now::WhereNow;
use super::{drawing, object, stage_bar};
use crate::arguments::Arguments;
use crate::cmdlets::message_trace::{completeness, conditions, hops, live};
use crate::cmdlets::queue::trouble;
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::parameter::{Kind, Parameter, RESULT_SIZE_DEFAULT};
use crate::privacy;
use crate::role::Sight;
use crate::value::in_sentence;

pub(super) const DESCRIPTION: &str = "One row per event, oldest first unless -Newest is given. What is said of the recipient as a whole stands on every row (Status, Stage, StageBar, Headline, Cause, ActionNeededBy, Fix, RemoteReply), so that each row of JSON or CSV explains itself, and once before the rows of a table or list (with JSON and CSV as notes on standard error). Everything that is kept is searched unless dates are given. An id or recipient that is not known gives no rows.";

pub(super) const PARAMETERS: &[Parameter] = &[
    Parameter::new("MessageTraceId", Kind::Text, "The message, as Get-MessageTrace shows it.")
        .required()
        .positional(),
    Parameter::new("RecipientAddress", Kind::Text, "The recipient; empty for a connection that was refused.")
        .required()
        .positional(),
    Parameter::new("Event", Kind::List(&Kind::Text), "Only these events, such as Defer or Fail."),
    Parameter::new(
        "Action",
        Kind::List(&Kind::Text),
        "Only events at which a filter or rule did one of these.",
    ),
    Parameter::new("MessageId", Kind::Text, "Only if the message has this Message-ID."),
    Parameter::new(
        "SenderAddress",
        Kind::Text,
        "Only if the message has this sender, by envelope or header From.",
    ),
    Parameter::new("StartDate", Kind::DateTime, "Only events at or after this time."),
    Parameter::new("EndDate", Kind::DateTime, "Only events before this time."),
    Parameter::new("Newest", Kind::Switch, "Shows the newest event first."),
    Parameter::new(
        "Page",
        Kind::Int { min: 1, max: 1_000 },
        "The page of -PageSize events, as V1 counts them.",
    ),
    Parameter::new(
        "PageSize",
        Kind::Int { min: 1, max: 5_000 },
        "The events of a page; 1,000 unless said otherwise.",
    ),
    Parameter::new(
        "ProbeTag",
        Kind::Text,
        "Taken for scripts of V1; it has no effect, as in Exchange Online.",
    ),
];

/// Finds the detail, and shows it.
pub(super) async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let Some(id) = conditions::network_message_id(arguments, "MessageTraceId")? else {
        return Err(CmdletError::Usage(format!("{} needs -MessageTraceId", arguments.cmdlet().name)));
    };
    let recipient = arguments.text("RecipientAddress").unwrap_or_default().trim();
    let bare = recipient.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(recipient);
    let trace = context.services.trace()?;
    let mut gaps = trace.ask_for_details(id, bare).await;
    let granted = context.granted()?;
    let found = trace.detail(id, bare, &privacy::cut(granted)).await?;
    let (sources, hidden) = trace.completeness(found.as_ref().map(|detail| detail.row.received));
    gaps.extend(hidden);
    let Some(detail) = found else {
        let note = format!(
            "Nothing is known of {id} for {recipient}; Get-MessageTrace -MessageTraceId lists its recipients"
        );
        let mut output = Output::list(Vec::new());
        completeness::tell(&mut output, &sources, &gaps, "events", arguments.zone());
        return Ok(output.with_note(note));
    };
    if !has_message_id(trace, &detail, arguments).await? || !is_from(&detail, arguments)? {
        let note = "The message has another sender or Message-ID than was given";
        return Ok(Output::list(Vec::new()).with_note(note));
    }
    let detail = match live::of(context, &detail.row).await {
        Some(waiting) => detail.with_waiting(&waiting),
        None => detail,
    };
    let detail = trouble::told_of(&context.directory.snapshot(), detail);
    // Where an item went later is its owner's business, and Organization Management's.
    let now = match granted.sight {
        Sight::Whole => WhereNow::of(context, &detail).await,
        _ => WhereNow::NotAsked,
    };
    let summary = object::Summary::of(&detail, &now);
    let rows = detail.events.iter().filter(|event| is_wanted(event, arguments));
    let mut output =
        Output::list(rows.map(|event| object::row(event, &summary, &detail, trace.server())).collect());
    if arguments.is_on("Newest") {
        output.rows.reverse();
    }
    output.notes = notes(&detail, &summary, arguments);
    completeness::tell(&mut output, &sources, &gaps, "events", arguments.zone());
    if arguments.is_given("Page") || arguments.is_given("PageSize") {
        let number = |name: &str, otherwise: usize| {
            arguments.int(name).and_then(|number| usize::try_from(number).ok()).unwrap_or(otherwise)
        };
        let size = number("PageSize", RESULT_SIZE_DEFAULT);
        let skipped = number("Page", 1).saturating_sub(1).saturating_mul(size);
        output.rows = output.rows.into_iter().skip(skipped).take(size).collect();
    }
    // Last: who is shown less of it is told this alone.
    if output.rows.is_empty() {
        output.notes.push(match detail.events.len() {
            1 => "The one event there is does not fit what was asked for".to_owned(),
            number => format!("None of the {number} events fits what was asked for"),
        });
    }
    Ok(output)
}

/// Whether the message has the Message-ID that was given, here or at another place.
async fn has_message_id(trace: &Trace, detail: &Detail, arguments: &Arguments) -> Result<bool, CmdletError> {
    let Some(text) = arguments.text("MessageId") else { return Ok(true) };
    let wanted = conditions::message_id(arguments, "MessageId", text)?;
    Ok(detail.row.message_id.as_ref() == Some(&wanted)
        || trace.is_known_by(detail.row.network_message_id, wanted).await?)
}

fn is_from(detail: &Detail, arguments: &Arguments) -> Result<bool, CmdletError> {
    let Some(text) = arguments.text("SenderAddress") else { return Ok(true) };
    let pattern = conditions::pattern(arguments, "SenderAddress", text)?;
    let from = detail.row.from_address.as_deref();
    Ok(pattern.matches(&detail.row.sender_address) || from.is_some_and(|from| pattern.matches(from)))
}

fn is_wanted(event: &DetailEvent, arguments: &Arguments) -> bool {
    let named = |name: &str, value: Option<&str>| {
        arguments.texts(name).is_none_or(|words| {
            value.is_some_and(|value| words.iter().any(|word| word.eq_ignore_ascii_case(value)))
        })
    };
    // As the column shows it, or as the tracking log calls it.
    (named("Event", Some(event.event)) || named("Event", Some(event.data.event_id.as_str())))
        && named("Action", event.action.as_deref())
        && arguments.time("StartDate").is_none_or(|start| event.date >= start)
        && arguments.time("EndDate").is_none_or(|end| event.date < end)
}

/// What the help desk reads first, a line each.
fn notes(detail: &Detail, summary: &object::Summary, arguments: &Arguments) -> Vec<String> {
    let row = &detail.row;
    let subject = row.subject.as_deref().filter(|subject| !subject.trim().is_empty());
    let subject = subject.unwrap_or("(no subject known)");
    let mut notes = vec![
        format!("{subject}: from {} to {}", sender(&row.sender_address), row.recipient_address),
        stage_bar::draw(&detail.bar, arguments.zone()),
        in_sentence(&summary.headline, arguments.zone()),
    ];
    let mut say = |what: &str, text: &Option<String>| {
        notes.extend(text.as_ref().map(|text| format!("{what}: {text}")));
    };
    say("Cause", &summary.cause.as_deref().map(|cause| in_sentence(cause, arguments.zone())));
    say("Must act", &summary.actor);
    say("Fix", &summary.fix);
    say("The remote server said", &summary.remote_reply);
    say("Its id of the message", &row.row.remote_queue_id);
    say("Now", &summary.folder_now);
    say("Places", &Some(hops::line(&summary.hops)).filter(|line| !line.is_empty()));
    let budget = drawing::budget_line(&summary.budget);
    say("Time", &Some(budget).filter(|line| !line.is_empty()));
    if !detail.reports.is_empty() {
        notes.push(format!("Reported to the sender in {}", detail.reports.join(", ")));
    }
    notes.iter().map(|note| one_line(note)).collect()
}

/// The sender; of a message whose beginning nobody recorded it is not known.
fn sender(address: &str) -> &str {
    if address.is_empty() { "an unknown sender" } else { address }
}

/// Subjects and replies come from outside: what could move the cursor or begin another line is taken out.
fn one_line(text: &str) -> String {
    let safe = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    safe.collect::<String>().trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_from_outside_stays_on_its_line() {
        assert_eq!(one_line("550 no\u{1b}[2J\nFix: call 555-0100\r\n"), "550 no [2J Fix: call 555-0100");
    }
}
