//! The search behind Get-MessageTrace and Get-MessageTraceV2: from arguments to a query, page by page.
//! May touch: trace (read).

use directory::Snapshot;
use events::EventId;
use trace::queries::{Subjects, Wording};
use trace::search::{PAGE_SIZE_MAX, Refused, RowOrder, SubjectFilter, SubjectFilterType};
use trace::{AddressPattern, Answer, Cursor, Query, Trace, TraceRow};

use super::{asked, completeness, conditions, filters, interval, known, live, object, starting};
use crate::arguments::{Arguments, usage};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::parameter::{Kind, Parameter, RESULT_SIZE};
use crate::privacy;

/// Rows one answer holds at most, `Unlimited` included: they are in memory at once. `-Cursor` goes on behind them.
pub(super) const ROWS_MAX: usize = 1_000_000;
/// Octets they take in memory at most, about; the rest is behind the cursor too.
const ROWS_BYTES_MAX: usize = 256 << 20;
/// The span of a search without dates.
pub(crate) const LAST_48_HOURS: &str = "The last 48 hours; -StartDate looks further back";
/// What a row takes without its texts.
const ROW_BYTES: usize = 1_000;
/// What one place that a message passed takes in a row.
const HOP_BYTES: usize = 250;

/// Microsoft's two versions of the cmdlet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    /// A message's rows together.
    One,
    /// Newest first, then by recipient.
    Two,
}

const STATUSES: &[&str] = &[
    "GettingStatus",
    "Pending",
    "Delivered",
    "Expanded",
    "Resolved",
    "Failed",
    "Quarantined",
    "FilteredAsSpam",
    "Recalled",
];

/// The conditions of a search.
pub(crate) const CONDITIONS: &[Parameter] = &[
    Parameter::new(
        "StartDate",
        Kind::DateTime,
        "Only messages received at or after this time; with neither dates nor an id that is 48 hours ago.",
    ),
    Parameter::new(
        "EndDate",
        Kind::DateTime,
        "Only messages received before this time; a date alone is its first moment.",
    ),
    Parameter::new(
        "SenderAddress",
        Kind::List(&Kind::Text),
        "Senders, by envelope or header From: addresses, `*@domain` or other text with `*`; `<>` is the null sender.",
    ),
    Parameter::new(
        "RecipientAddress",
        Kind::List(&Kind::Text),
        "Recipients: addresses, `*@domain` or other text with `*`.",
    ),
    Parameter::new(
        "MessageId",
        Kind::List(&Kind::Text),
        "Message-ID headers, with or without angle brackets.",
    ),
    Parameter::new("MessageTraceId", Kind::Text, "One message, by its network message id."),
    Parameter::new("NetworkMessageId", Kind::Text, "The same as MessageTraceId."),
    Parameter::new(
        "InternalMessageId",
        Kind::Int { min: 1, max: i64::MAX },
        "One message, by the InternalId in the reply that accepted it.",
    ),
    Parameter::new("Subject", Kind::Text, "Text of the subject; case does not count."),
    Parameter::new(
        "SubjectFilterType",
        Kind::Enum(&["Contains", "StartsWith", "EndsWith", "Equals"]),
        "How the text stands in the subject; Contains unless said otherwise. Equals is the whole subject.",
    ),
    Parameter::new("Status", Kind::List(&Kind::Enum(STATUSES)), "Only rows with one of these statuses."),
    Parameter::new(
        "IncludeRefused",
        Kind::Switch,
        "Lists refused attempts too; they are listed anyway where a sender, recipient, id or client is named.",
    ),
    Parameter::new("RefusedOnly", Kind::Switch, "Lists nothing but refused attempts."),
    Parameter::new(
        "StillExpected",
        Kind::Switch,
        "Leaves out what was handed on, longer ago than a message may wait, to a host of which nothing is read: no more is to be expected of it.",
    ),
];

/// What part of the rows is shown.
pub(super) const PAGING: &[Parameter] = &[
    Parameter::new(
        "StartingRecipientAddress",
        Kind::Text,
        "With -EndDate at the last row's Received: goes on behind that row's recipient.",
    ),
    Parameter::new(
        "Cursor",
        Kind::Text,
        "Goes on where the answer that gave it ended, with the same conditions.",
    ),
    RESULT_SIZE,
    Parameter::new(
        "Follow",
        Kind::Switch,
        "Keeps the search open: prints the rows there are, and then each that is new or changed, until Ctrl-C.",
    )
    .shell_only(),
];

/// Searches, and shows what was found.
pub(super) async fn run(
    context: &Context,
    arguments: &Arguments,
    version: Version,
) -> Result<Output, CmdletError> {
    let mut query = query(arguments, &context.directory.snapshot(), version)?;
    privacy::confine(context.granted()?, &mut query);
    let wanted = arguments.result_size().min(ROWS_MAX);
    let trace = context.services.trace()?;
    starting::settle(trace, &mut query).await?;
    let mut answer = pages(trace, query.clone(), wanted).await?;
    if answer.total == 0 {
        known::check(context, &query.facets).await?;
    }
    live::with_queues(context, &mut answer.rows);
    let is_first = query.cursor.is_none() && query.starting_recipient.is_none();
    let nothing = match answer.total {
        0 if is_first => {
            let subjects = match privacy::hides_subjects(context.granted()?, &context.directory.snapshot()) {
                true => Subjects::Hidden,
                false => Subjects::Shown,
            };
            let (asked, zone) = (asked::words(arguments), arguments.zone());
            Some(trace.not_found(&query, &answer, &Wording { asked: &asked, zone, subjects }).await?)
        }
        _ => None,
    };
    let mut output = output(answer, wanted, arguments)?;
    output.notes.extend(no_wildcard(&query));
    if output.count == Some(0) {
        output.notes.extend(no_addresses(&query));
    }
    if let Some(nothing) = nothing {
        output.notes.extend(nothing.text.lines().map(str::to_owned));
        // The text is a look at whose mail is near.
        output.also_about = nothing.rows().map(|row| row.recipient_address.clone()).collect();
        output.also_about.retain(|address| !address.is_empty());
    }
    Ok(output)
}

/// What was probably meant by an address that is none: without `*` it is compared as a whole.
fn no_addresses(query: &Query) -> impl Iterator<Item = String> {
    let asked = [&query.recipients, &query.senders, &query.return_paths, &query.from_addresses];
    let texts = asked.into_iter().flatten().filter_map(|pattern| match pattern {
        AddressPattern::Exact(text) if !text.is_empty() && !text.contains(['@', '<']) => Some(text.clone()),
        _ => None,
    });
    texts.map(|text| {
        format!("\"{text}\" is compared as a whole address; '*{text}*' finds every address with it")
    })
}

/// What a `*` in a subject means, which addresses and names take as any text.
pub(crate) fn no_wildcard(query: &Query) -> Option<String> {
    let subject = query.subject.as_ref().filter(|subject| subject.text.contains('*'))?;
    let bare = subject.text.trim_matches('*');
    let how = match bare.is_empty() {
        true => "leave -Subject out to find every subject".to_owned(),
        false => format!("-Subject '{bare}' finds it anywhere in a subject, -SubjectFilterType says where"),
    };
    Some(format!("-Subject takes no wildcards, a * stands for itself; {how}"))
}

/// What the arguments ask for.
///
/// # Errors
/// `Usage`, naming the parameter that cannot be read.
pub(crate) fn query(
    arguments: &Arguments,
    snapshot: &Snapshot,
    version: Version,
) -> Result<Query, CmdletError> {
    let starting_recipient = arguments.text("StartingRecipientAddress").map(str::to_owned);
    let by_recipient = version == Version::Two || starting_recipient.is_some();
    Ok(Query {
        order: if by_recipient { RowOrder::ByRecipient } else { RowOrder::Grid },
        starting_recipient,
        cursor: cursor(arguments)?,
        ..conditions_of(arguments, snapshot)?
    })
}

/// The conditions, without order and paging: of every cmdlet that takes [`CONDITIONS`], [`filters::OF_MESSAGES`] and
/// [`filters::OF_ROWS`].
///
/// # Errors
/// `Usage`, naming the parameter that cannot be read.
pub(crate) fn conditions_of(arguments: &Arguments, snapshot: &Snapshot) -> Result<Query, CmdletError> {
    let only_refused = arguments.is_on("RefusedOnly");
    let ids = [
        conditions::network_message_id(arguments, "MessageTraceId")?,
        conditions::network_message_id(arguments, "NetworkMessageId")?,
    ];
    let subject = arguments.text("Subject").filter(|text| !text.is_empty());
    if subject.is_none() && arguments.is_given("SubjectFilterType") {
        return Err(usage(arguments.cmdlet(), "SubjectFilterType", "needs -Subject"));
    }
    let mut query = Query {
        senders: conditions::patterns(arguments, "SenderAddress")?,
        recipients: conditions::patterns(arguments, "RecipientAddress")?,
        message_ids: conditions::message_ids(arguments, "MessageId")?,
        network_message_ids: ids.into_iter().flatten().collect(),
        internal_message_ids: conditions::internal_message_id(arguments, "InternalMessageId")
            .into_iter()
            .collect(),
        subject: subject.map(|text| SubjectFilter {
            kind: match arguments.text("SubjectFilterType") {
                Some("StartsWith") => SubjectFilterType::StartsWith,
                Some("EndsWith") => SubjectFilterType::EndsWith,
                Some("Equals") => SubjectFilterType::Equals,
                _ => SubjectFilterType::Contains,
            },
            text: text.to_owned(),
        }),
        statuses: arguments.texts("Status").unwrap_or_default().into_iter().flat_map(str::parse).collect(),
        still_expected: arguments.is_on("StillExpected"),
        start: arguments.time("StartDate"),
        end: arguments.time("EndDate"),
        event_ids: if only_refused { Vec::from([EventId::Refused]) } else { Vec::new() },
        refused: if only_refused || arguments.is_on("IncludeRefused") {
            Refused::Include
        } else {
            Refused::WhenNamed
        },
        ..Query::default()
    };
    filters::of_messages(arguments, snapshot, &mut query)?;
    filters::of_rows(arguments, snapshot, &mut query)?;
    Ok(query)
}

fn cursor(arguments: &Arguments) -> Result<Option<Cursor>, CmdletError> {
    let Some(text) = arguments.text("Cursor") else { return Ok(None) };
    let read = text.parse().map(Some);
    read.map_err(|_| {
        usage(arguments.cmdlet(), "Cursor", "is not one that a search gave; search again without it")
    })
}

/// What a row takes in memory, about: as it is, and once more as JSON.
fn weight(row: &TraceRow) -> usize {
    let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let parts = [
        ROW_BYTES,
        row.sender_address.len(),
        row.recipient_address.len(),
        text(&row.subject),
        text(&row.detail),
        text(&row.row.remote_reply),
        row.hops.len().saturating_mul(HOP_BYTES),
    ];
    parts.into_iter().fold(0, usize::saturating_add).saturating_mul(2)
}

/// Page after page until there are as many rows as wanted, or as many as memory is spent for; the first page's facts,
/// the last page's cursor.
pub(super) async fn pages(trace: &Trace, query: Query, wanted: usize) -> Result<Answer, CmdletError> {
    pages_of(trace, query, wanted, ROWS_BYTES_MAX).await
}

async fn pages_of(
    trace: &Trace,
    mut query: Query,
    wanted: usize,
    bytes_max: usize,
) -> Result<Answer, CmdletError> {
    query.page_size = wanted.clamp(1, PAGE_SIZE_MAX);
    let mut answer = trace.search(query.clone()).await?;
    let mut bytes: usize = answer.rows.iter().map(weight).sum();
    while let Some(next) = answer.next.take_if(|_| answer.rows.len() < wanted && bytes < bytes_max) {
        query.cursor = Some(next);
        query.page_size = wanted.saturating_sub(answer.rows.len()).clamp(1, PAGE_SIZE_MAX);
        let page = trace.search(query.clone()).await?;
        bytes = bytes.saturating_add(page.rows.iter().map(weight).sum());
        answer.rows.extend(page.rows);
        answer.next = page.next;
    }
    Ok(answer)
}

pub(super) fn output(answer: Answer, wanted: usize, arguments: &Arguments) -> Result<Output, CmdletError> {
    let rows = answer.rows.iter().take(wanted).map(object::row).collect::<Result<Vec<_>, _>>()?;
    let is_empty = rows.is_empty() && answer.total == 0;
    let mut output = Output::part_of(rows, answer.total);
    let is_dated = arguments.is_given("StartDate") || arguments.is_given("EndDate");
    if is_dated {
        output.notes.push(interval::in_words(answer.start, answer.end, arguments.zone()));
    } else if is_empty && answer.start.is_some() {
        output.notes.push("Nothing in the last 48 hours; -StartDate looks further back".to_owned());
    } else if answer.start.is_some() {
        output.notes.push(LAST_48_HOURS.to_owned());
    }
    output.notes.extend(completeness::refused(answer.refused_not_listed));
    if let Some(next) = &answer.next {
        let next = next.to_string();
        output.notes.push(format!("Go on with: -Cursor {next}"));
        output.next = Some(next);
    }
    completeness::tell(&mut output, &answer.sources, &answer.gaps, "rows", arguments.zone());
    Ok(output)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use events::{Event, Source};
    use mail::NetworkMessageId;
    use trace::{EventKey, NodeId};
    use world::sim::SimWorld;

    use super::*;

    #[test]
    fn rows_end_where_the_memory_for_them_does_and_go_on_behind_the_cursor() {
        let sim = SimWorld::new(1);
        let world = sim.world();
        let config = trace::Config::new("mx1");
        let dir = Path::new("/data/trace");
        world.disk.create_dir_all(dir).unwrap();
        let trace = Trace::open(&world.disk, &world.clock, &world.exec, dir, config).unwrap();
        let now = world.clock.now();
        let events = (1..=PAGE_SIZE_MAX as u64 + 10).map(|seq| {
            let id = NetworkMessageId(uuid::Uuid::from_u128(u128::from(seq)));
            let at = now - jiff::SignedDuration::from_micros(i64::try_from(seq).unwrap());
            let event = Event::new(at, EventId::Receive, Source::Smtp, id).recipient("a@contoso.example", "");
            (EventKey { node: NodeId(1), seq }, event)
        });
        trace.store().import(events.collect()).unwrap();
        let pages =
            |wanted, bytes_max| sim.run(pages_of(&trace, Query::default(), wanted, bytes_max)).unwrap();
        let cut = pages(usize::MAX, 1);
        assert_eq!((cut.rows.len(), cut.total), (PAGE_SIZE_MAX, PAGE_SIZE_MAX as u64 + 10));
        assert!(cut.next.is_some());
        assert_eq!(pages(usize::MAX, ROWS_BYTES_MAX).rows.len(), PAGE_SIZE_MAX + 10);
    }
}
