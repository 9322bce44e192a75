//! Get-MessageTrackingReport: shows what became of the recipients of one message, in the words of delivery reports.
//! May touch: trace (read).

use serde_json::{Value, json};
use trace::search::PAGE_SIZE_MAX;
use trace::{Answer, Query, Stage, Status, TraceRow};

use super::{TAKEN, report_id};
use crate::arguments::{Arguments, usage};
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::message_trace::{completeness, live};
use crate::cmdlets::message_trace_detail::event_pairs;
use crate::cmdlets::recipient::rows;
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::{Output, OutputType, Property};
use crate::parameter::{Kind, Parameter, RESULT_SIZE};
use crate::privacy;
use crate::role::Role;

/// The words of delivery reports.
const WORDS: &[&str] = &["Delivered", "Read", "Pending", "Transferred", "Unsuccessful"];

const OWN: &[Parameter] = &[
    Parameter::new(
        "Identity",
        Kind::Text,
        "The report, as Search-MessageTrackingReport names it, or a network message id.",
    )
    .required()
    .positional(),
    Parameter::new(
        "DetailLevel",
        Kind::Enum(&["Basic", "Verbose"]),
        "Verbose shows the fields of each event too.",
    ),
    Parameter::new(
        "ReportTemplate",
        Kind::Enum(&["Summary", "RecipientPath"]),
        "Summary counts all recipients; RecipientPath shows every event of one.",
    ),
    Parameter::new("RecipientPathFilter", Kind::Address, "The recipient whose way RecipientPath shows."),
    Parameter::new("Recipients", Kind::List(&Kind::Address), "Only these recipients."),
    Parameter::new("Status", Kind::Enum(WORDS), "Only recipients with this status."),
    RESULT_SIZE,
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Get-MessageTrackingReport",
    synopsis: "Shows what became of the recipients of one message.",
    description: "One report: counts of Delivered, Pending, Transferred (handed to another system) and Unsuccessful recipients, and a line for each, or with -ReportTemplate RecipientPath every event of one recipient. Read is known to none: read receipts are messages of their own.",
    examples: &[
        Example {
            command: "Get-MessageTrackingReport 01936f0a-0000-7000-8000-00000000000a -Format list",
            sentence: "Shows what became of each recipient of a message.",
        },
        Example {
            command: "Get-MessageTrackingReport 01936f0a-0000-7000-8000-00000000000a -ReportTemplate RecipientPath -RecipientPathFilter kim@contoso.example",
            sentence: "Shows one recipient's way.",
        },
    ],
    roles: &[Role::MessageTracking],
    parameters: &[Parameters::Fixed(OWN), Parameters::Fixed(TAKEN)],
    output: OutputType {
        name: "MessageTrackingReport",
        properties: &[
            Property::text("MessageTrackingReportId"),
            Property::instant("SubmittedDateTime"),
            Property::text("Subject"),
            Property::text("FromAddress"),
            Property::text("FromDisplayName"),
            Property::text("RecipientAddresses"),
            Property::number("DeliveredCount"),
            Property::number("PendingCount"),
            Property::number("TransferredCount"),
            Property::number("UnsuccessfulCount"),
            Property::drawn("RecipientTrackingEvents", drawn),
        ],
        settings: None,
        table: &[],
    },
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let text = arguments.required("Identity")?;
    let Some(id) = report_id::read(text) else {
        return Err(usage(
            arguments.cmdlet(),
            "Identity",
            "takes a report id of Search-MessageTrackingReport, or a network message id",
        ));
    };
    let trace = context.services.trace()?;
    let mut query = Query { network_message_ids: vec![id], page_size: PAGE_SIZE_MAX, ..Query::default() };
    let mut found = trace.search(query.clone()).await?;
    while let Some(next) = found.next.take() {
        query.cursor = Some(next);
        let page = trace.search(query.clone()).await?;
        found.rows.extend(page.rows);
        found.next = page.next;
    }
    let Answer { rows: mut found, sources, gaps, .. } = found;
    live::with_queues(context, &mut found);
    let Some(first) = found.first().cloned() else {
        return Err(CmdletError::NotFound(format!(
            "there is no message {id}; it may be older than what is kept"
        )));
    };
    let named = arguments.texts("Recipients");
    let is_wanted = |row: &&TraceRow| {
        named
            .as_ref()
            .is_none_or(|named| named.iter().any(|one| one.eq_ignore_ascii_case(&row.recipient_address)))
            && arguments.text("Status").is_none_or(|status| word(row) == Some(status))
    };
    let leaves: Vec<&TraceRow> = found.iter().filter(|row| row.status.is_leaf()).collect();
    let count = |status: &str| leaves.iter().filter(|row| word(row) == Some(status)).count();
    let events = match arguments.text("ReportTemplate") {
        Some("RecipientPath") => path(context, arguments, id).await?,
        _ => found.iter().filter(is_wanted).take(arguments.result_size()).map(summary).collect(),
    };
    let addresses: Value = found.iter().map(|row| row.recipient_address.as_str()).collect();
    let row = rows::row_of(json!({
        "MessageTrackingReportId": report_id::write(&first),
        "SubmittedDateTime": first.received.to_string(),
        "Subject": first.subject,
        "FromAddress": first.from_address.clone().unwrap_or_else(|| first.sender_address.clone()),
        "FromDisplayName": null,
        "RecipientAddresses": addresses,
        "DeliveredCount": count("Delivered"),
        "PendingCount": count("Pending"),
        "TransferredCount": count("Transferred"),
        "UnsuccessfulCount": count("Unsuccessful"),
        "RecipientTrackingEvents": events,
    }));
    let mut output = Output::list(vec![row]);
    completeness::tell(&mut output, &sources, &gaps, "recipients", arguments.zone());
    Ok(output)
}

/// The word of delivery reports; none for a row that stands for others.
fn word(row: &TraceRow) -> Option<&'static str> {
    Some(match row.status {
        Status::Delivered if row.stage == Stage::HandedOn => "Transferred",
        Status::Delivered => "Delivered",
        Status::Pending | Status::GettingStatus => "Pending",
        Status::Expanded | Status::Resolved => return None,
        Status::Failed | Status::Quarantined | Status::FilteredAsSpam | Status::Recalled => "Unsuccessful",
    })
}

fn summary(row: &TraceRow) -> Value {
    let at = row.row.ended_at.or(row.row.last_event_at);
    json!({
        "Date": at.map(|at| at.to_string()),
        "RecipientAddress": row.recipient_address,
        "DeliveryStatus": word(row),
        "EventDescription": row.status.label(),
        "EventData": row.detail,
        "Server": row.server,
    })
}

async fn path(
    context: &Context,
    arguments: &Arguments,
    id: mail::NetworkMessageId,
) -> Result<Vec<Value>, CmdletError> {
    let named = arguments
        .text("RecipientPathFilter")
        .or_else(|| arguments.texts("Recipients").and_then(|recipients| recipients.first().copied()));
    let Some(recipient) = named else {
        return Err(usage(
            arguments.cmdlet(),
            "ReportTemplate",
            "RecipientPath needs -RecipientPathFilter with a recipient",
        ));
    };
    let cut = privacy::cut(context.granted()?);
    let found = context.services.trace()?.detail(id, recipient, &cut).await?;
    let Some(detail) = found else {
        return Err(CmdletError::NotFound(format!("{recipient} is no recipient of {id}")));
    };
    let is_verbose = arguments.text("DetailLevel") == Some("Verbose");
    let events = detail.events.iter().map(|event| {
        let data =
            if is_verbose { event_pairs::object(event_pairs::event_data(&event.data)) } else { Value::Null };
        json!({
            "Date": event.date.to_string(),
            "RecipientAddress": recipient,
            "DeliveryStatus": word(&detail.row),
            "EventDescription": event.event,
            "EventData": event.detail,
            "Server": event.data.server_hostname,
            "Fields": data,
        })
    });
    Ok(events.collect())
}

/// A line per event.
fn drawn(events: &Value, zone: &jiff::tz::TimeZone) -> String {
    let text =
        |event: &Value, name: &str| event.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let lines = events.as_array().into_iter().flatten().map(|event| {
        let at =
            text(event, "Date").parse().map(|at| crate::cmdlets::message_trace::interval::local(at, zone));
        let line = format!(
            "{}  {}  {}  {}  {}",
            at.unwrap_or_default(),
            text(event, "RecipientAddress"),
            text(event, "DeliveryStatus"),
            text(event, "EventDescription"),
            text(event, "EventData")
        );
        line.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect::<String>()
    });
    lines.collect::<Vec<_>>().join("\n")
}
