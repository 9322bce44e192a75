//! Search-MessageTrackingReport: finds the messages of a mailbox that have delivery reports.
//! May touch: trace (read), directory (read), clock.

use std::collections::HashSet;

use jiff::SignedDuration;
use serde_json::{Value, json};
use trace::search::{Gap, PAGE_SIZE_MAX, Refused, SourceAsked, SubjectFilter, SubjectFilterType};
use trace::{AddressPattern, Query, TraceRow};

use super::{DAYS, TAKEN, report_id};
use crate::arguments::{Arguments, usage};
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::message_trace::{completeness, conditions};
use crate::cmdlets::recipient::rows;
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::{Output, OutputType, Property, Row};
use crate::parameter::{Kind, Parameter, RESULT_SIZE};
use crate::role::Role;

/// Rows looked through for one list of messages.
const ROWS_MAX: usize = 200_000;
/// Recipients named of one message.
const RECIPIENTS_MAX: usize = 100;

const OWN: &[Parameter] = &[
    Parameter::new("Identity", Kind::Identity, "The mailbox whose messages are searched.")
        .required()
        .positional(),
    Parameter::new(
        "Sender",
        Kind::Address,
        "Only messages that this sender sent to the mailbox; not with -Recipients.",
    ),
    Parameter::new(
        "Recipients",
        Kind::List(&Kind::Address),
        "Only messages that the mailbox sent to one of these.",
    ),
    Parameter::new("Subject", Kind::Text, "A part of the subject; case does not count."),
    Parameter::new("MessageId", Kind::Text, "Only the message with this Message-ID."),
    Parameter::new("MessageEntryId", Kind::Text, "Only the message with this network message id."),
    RESULT_SIZE,
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Search-MessageTrackingReport",
    synopsis: "Finds the messages a mailbox sent, or got from a sender, of the last 14 days.",
    description: "Without -Sender the messages the mailbox sent are searched, with it those it got from that sender. Get-MessageTrackingReport shows what became of one.",
    examples: &[
        Example {
            command: "Search-MessageTrackingReport -Identity kim -Recipients ann@fabrikam.example",
            sentence: "Finds what a mailbox sent to somebody.",
        },
        Example {
            command: "Search-MessageTrackingReport -Identity kim -Sender boss@fabrikam.example -Subject Plans",
            sentence: "Finds what a mailbox got from a sender.",
        },
    ],
    roles: &[Role::MessageTracking],
    parameters: &[Parameters::Fixed(OWN), Parameters::Fixed(TAKEN)],
    output: OutputType {
        name: "MessageTrackingSearchResult",
        properties: &[
            Property::text("MessageTrackingReportId"),
            Property::instant("SubmittedDateTime"),
            Property::text("Subject"),
            Property::text("FromAddress"),
            Property::text("FromDisplayName"),
            Property::text("RecipientAddresses"),
            Property::text("RecipientDisplayNames"),
            Property::text("PreviousHopServer"),
            Property::text("MessageId"),
        ],
        settings: None,
        table: &[
            "SubmittedDateTime",
            "FromAddress",
            "RecipientAddresses",
            "Subject",
            "MessageTrackingReportId",
        ],
    },
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let query = query(context, arguments)?;
    let trace = context.services.trace()?;
    let wanted = arguments.result_size();
    let mut messages: Vec<Vec<TraceRow>> = Vec::new();
    let mut read = 0_usize;
    let mut next = query;
    let mut asked: Option<(Vec<SourceAsked>, Vec<Gap>)> = None;
    let is_whole = loop {
        let answer = trace.search(next.clone()).await?;
        asked.get_or_insert_with(|| (answer.sources.clone(), answer.gaps.clone()));
        read = read.saturating_add(answer.rows.len());
        for row in answer.rows {
            match messages.last_mut() {
                Some(message)
                    if message
                        .first()
                        .is_some_and(|first| first.network_message_id == row.network_message_id) =>
                {
                    message.push(row);
                }
                _ => messages.push(Vec::from([row])),
            }
        }
        match answer.next {
            None => break true,
            Some(_) if read >= ROWS_MAX || messages.len() > wanted => break false,
            Some(cursor) => next.cursor = Some(cursor),
        }
    };
    let shown: Vec<Row> = messages.iter().take(wanted).map(|message| row(context, message)).collect();
    let is_cut = !is_whole || messages.len() > shown.len();
    let mut output = Output::list(shown);
    let (sources, gaps) = asked.unwrap_or_default();
    completeness::tell(&mut output, &sources, &gaps, "messages", arguments.zone());
    if is_cut {
        output.warnings.push(
            "there are more messages; name a sender, recipients or a subject, or give -ResultSize".to_owned(),
        );
    }
    output.notes.push(format!("Messages of the last {DAYS} days; Get-MessageTrace reaches further back"));
    Ok(output)
}

fn query(context: &Context, arguments: &Arguments) -> Result<Query, CmdletError> {
    let mailbox = context.directory.snapshot().resolve_recipient(arguments.required("Identity")?)?;
    let own: Vec<AddressPattern> =
        mailbox.addresses().filter_map(|address| address.as_str().parse().ok()).collect();
    let sender = arguments.text("Sender");
    if sender.is_some() && arguments.is_given("Recipients") {
        return Err(usage(
            arguments.cmdlet(),
            "Recipients",
            "cannot be given with -Sender: a report is of what the mailbox sent, or of what it got",
        ));
    }
    let subject = arguments.text("Subject").filter(|text| !text.is_empty());
    let start = context.world.clock.now().checked_sub(SignedDuration::from_hours(24 * DAYS)).ok();
    let message_id =
        arguments.text("MessageId").map(|text| conditions::message_id(arguments, "MessageId", text));
    Ok(Query {
        senders: match sender {
            Some(sender) => Vec::from([conditions::pattern(arguments, "Sender", sender)?]),
            None => own.clone(),
        },
        recipients: match sender {
            Some(_) => own,
            None => conditions::patterns(arguments, "Recipients")?,
        },
        message_ids: message_id.transpose()?.into_iter().collect(),
        network_message_ids: conditions::network_message_id(arguments, "MessageEntryId")?
            .into_iter()
            .collect(),
        subject: subject
            .map(|text| SubjectFilter { kind: SubjectFilterType::Contains, text: text.to_owned() }),
        start,
        refused: Refused::WhenNamed,
        page_size: PAGE_SIZE_MAX,
        ..Query::default()
    })
}

fn row(context: &Context, message: &[TraceRow]) -> Row {
    let snapshot = context.directory.snapshot();
    let name_of = |address: &str| {
        let parsed = mail::Address::parse(address).ok()?;
        snapshot.recipient_by_address(&parsed).map(|recipient| recipient.display_name.clone())
    };
    let mut seen = HashSet::new();
    let recipients: Vec<&str> = message
        .iter()
        .map(|row| row.recipient_address.as_str())
        .filter(|address| seen.insert(address.to_lowercase()))
        .take(RECIPIENTS_MAX)
        .collect();
    let names: Value = recipients.iter().map(|address| name_of(address)).collect();
    let first = message.first();
    let from = first.map(|row| row.from_address.clone().unwrap_or_else(|| row.sender_address.clone()));
    rows::row_of(json!({
        "MessageTrackingReportId": first.map(report_id::write),
        "SubmittedDateTime": first.map(|row| row.received.to_string()),
        "Subject": first.and_then(|row| row.subject.clone()),
        "FromDisplayName": from.as_deref().and_then(name_of),
        "FromAddress": from,
        "RecipientAddresses": recipients,
        "RecipientDisplayNames": names,
        "PreviousHopServer": first.and_then(|row| row.server.clone()),
        "MessageId": first.and_then(|row| row.message_id.as_ref().map(ToString::to_string)),
    }))
}
