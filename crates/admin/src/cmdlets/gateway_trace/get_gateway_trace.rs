//! Get-GatewayTrace: searches the trace as a gateway's Smart Search does, and shows its fields.
//! May touch: trace (read), clock.

use jiff::SignedDuration;
use trace::search::{Gap, PAGE_SIZE_MAX, SourceAsked, SubjectFilter, SubjectFilterType};
use trace::{AddressPattern, Facet, FacetFilter, Query, SearchError};

use super::{matching, object};
use crate::arguments::{Arguments, usage};
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::message_trace::{completeness, conditions, interval, known, more};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::{Output, Row, grouped};
use crate::parameter::{Kind, Parameter};
use crate::privacy;
use crate::role::Role;

/// Rows returned unless said otherwise.
const LIMIT_DEFAULT: usize = 100;
/// Rows returned at most.
const LIMIT_MAX: i64 = 10_000;
/// Rows looked through; each is read as a whole.
const ROWS_MAX: usize = 50_000;

const ACTIONS: &[&str] = &["accept", "continue", "discard", "redirect", "reject", "retry", "quarantine"];

const OWN: &[Parameter] = &[
    Parameter::new(
        "FinalAction",
        Kind::Enum(ACTIONS),
        "Only messages with this final action; discard finds quarantined ones too.",
    ),
    Parameter::new(
        "StartDate",
        Kind::DateTime,
        "Only messages since then; the last 24 hours unless said otherwise.",
    ),
    Parameter::new("EndDate", Kind::DateTime, "Only messages before then."),
    Parameter::new(
        "Last",
        Kind::TimeSpan,
        "Only messages of so long a time up to now, such as 7.00:00:00 for a week; takes the place of -StartDate.",
    ),
    Parameter::new("Sender", Kind::Text, "A part of the sender's address: a.b, a.b@, @c.d, @*.d."),
    Parameter::new("Recipient", Kind::Text, "A part of a recipient's address, in the same ways."),
    Parameter::new(
        "Subject",
        Kind::Text,
        "Words of the subject; endings and words such as \"the\" do not count.",
    ),
    Parameter::new("HostOrIP", Kind::Text, "The client's address, or a part of its name."),
    Parameter::new("QID", Kind::Text, "A queue id of the gateway."),
    Parameter::new("SID", Kind::Text, "A session id of the gateway."),
    Parameter::new("GUID", Kind::Text, "The gateway's GUID of a message."),
    Parameter::new("MessageId", Kind::Text, "One Message-ID, with or without angle brackets."),
    Parameter::new(
        "Place",
        Kind::List(&Kind::Text),
        "Only what these places recorded: imported places or trace sources; `*` for any text.",
    ),
    Parameter::new(
        "Limit",
        Kind::Int { min: 1, max: LIMIT_MAX },
        "The most rows returned; 100 unless said otherwise.",
    ),
    Parameter::new(
        "ResultSize",
        Kind::Count,
        "The same by the name that other cmdlets have for it; Unlimited is 10,000.",
    ),
];

/// The most rows wanted, by either name.
fn wanted(arguments: &Arguments) -> Result<usize, CmdletError> {
    let most = usize::try_from(LIMIT_MAX).unwrap_or(usize::MAX);
    match (arguments.int("Limit"), arguments.is_given("ResultSize")) {
        (Some(_), true) => Err(usage(
            arguments.cmdlet(),
            "ResultSize",
            "and -Limit are two names for one thing; give one of them",
        )),
        (Some(limit), false) => Ok(usize::try_from(limit).unwrap_or(LIMIT_DEFAULT)),
        (None, true) => Ok(arguments.result_size().min(most)),
        (None, false) => Ok(LIMIT_DEFAULT),
    }
}

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Get-GatewayTrace",
    synopsis: "Searches the trace as a mail gateway's Smart Search does, and shows its fields.",
    description: "Parts of addresses match as they do there, subjects match by their words, and the final action says what the gateway did: \"Quarantined; Discarded\" is a message that is held, not one that is lost, and is found by quarantine and by discard. Only what a gateway recorded is shown: mail within the organization, groups and refused attempts are in Get-MessageTrace.",
    examples: &[
        Example {
            command: "Get-GatewayTrace -Sender @fabrikam.example -FinalAction discard",
            sentence: "Shows what the gateway kept back from a domain in the last day.",
        },
        Example {
            command: "Get-GatewayTrace -Recipient kim -Subject 'invoice' -StartDate 2026-11-01",
            sentence: "Shows messages by a part of the recipient and a word of the subject.",
        },
    ],
    roles: &[Role::MessageTracking, Role::ViewOnlyRecipients],
    parameters: &[Parameters::Fixed(OWN)],
    output: object::OUTPUT,
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let mut dated = arguments.clone();
    more::relative(context, &mut dated)?;
    let arguments = &dated;
    let Some(mut query) = query(context, arguments)? else {
        return Ok(Output::list(Vec::new()).with_note("An @ alone finds nothing; give a part of an address"));
    };
    privacy::confine(context.granted()?, &mut query);
    if let Some(queue_id) = arguments.text("QID") {
        let (places, queue_id) = (context.services.trace()?.places().clone(), queue_id.trim().to_owned());
        let known = context.world.exec.blocking(move || places.with_queue_id(&queue_id)).await;
        query.network_message_ids = known.map_err(SearchError::from)?;
        if query.network_message_ids.is_empty() {
            return Ok(Output::list(Vec::new()).with_note("No place knows a message by this queue id"));
        }
    }
    let cut = privacy::cut(context.granted()?);
    let trace = context.services.trace()?;
    let wanted = wanted(arguments)?;
    let subject = arguments.text("Subject").map(matching::words).unwrap_or_default();
    let (mut rows, mut read, mut total): (Vec<Row>, usize, u64) = (Vec::new(), 0, 0);
    let mut is_cut = false;
    let mut asked: Option<(Vec<SourceAsked>, Vec<Gap>)> = None;
    loop {
        let answer = trace.search(query.clone()).await?;
        asked.get_or_insert_with(|| (answer.sources.clone(), answer.gaps.clone()));
        for row in answer.rows {
            read = read.saturating_add(1);
            if !matching::has_words(row.subject.as_deref().unwrap_or_default(), &subject) {
                continue;
            }
            let found = trace.detail(row.network_message_id, &row.recipient_address, &cut).await?;
            let of_gateway = found.filter(|detail| object::is_of_gateway(detail, arguments.is_given("QID")));
            let Some(shown) = of_gateway.map(|detail| object::row(&detail)) else { continue };
            if !is_wanted(&shown, arguments) {
                continue;
            }
            total = total.saturating_add(1);
            if rows.len() < wanted {
                rows.push(shown);
            }
        }
        match answer.next {
            Some(next) if read < ROWS_MAX => query.cursor = Some(next),
            Some(_) => {
                is_cut = true;
                break;
            }
            None => break,
        }
    }
    if total == 0 {
        known::check(context, &query.facets).await?;
    }
    let mut output = Output::part_of(rows, total);
    let (sources, gaps) = asked.unwrap_or_default();
    completeness::tell(&mut output, &sources, &gaps, "rows", arguments.zone());
    if is_cut {
        output.count = None;
        output.warnings.push(format!(
            "there may be more: only the newest {} rows were looked through; give a shorter time or more conditions",
            grouped(read as u64)
        ));
    }
    output.notes.push(match arguments.time("StartDate") {
        None => "The last 24 hours; -StartDate looks further back".to_owned(),
        start => interval::in_words(start, arguments.time("EndDate"), arguments.zone()),
    });
    Ok(output)
}

/// `None` where an address is typed that finds nothing.
fn query(context: &Context, arguments: &Arguments) -> Result<Option<Query>, CmdletError> {
    let mut is_nothing = false;
    let mut pattern = |name: &str| -> Vec<AddressPattern> {
        let Some(text) = arguments.text(name) else { return Vec::new() };
        let found = matching::address(text);
        is_nothing |= found.is_none();
        found.into_iter().collect()
    };
    let (senders, recipients) = (pattern("Sender"), pattern("Recipient"));
    if is_nothing {
        return Ok(None);
    }
    let day = context.world.clock.now().checked_sub(SignedDuration::from_hours(24)).ok();
    let message_id =
        arguments.text("MessageId").map(|text| conditions::message_id(arguments, "MessageId", text));
    // The longest word without its ending stands in every subject that has the word.
    let words = arguments.text("Subject").map(matching::words).unwrap_or_default();
    let longest = words.into_iter().max_by_key(String::len);
    if arguments.is_given("Subject") && longest.is_none() {
        return Err(usage(
            arguments.cmdlet(),
            "Subject",
            "has no word that counts; words such as \"the\" do not",
        ));
    }
    // What a gateway decided about; by its queue id also what it only passed on.
    let mut facets = match arguments.is_given("QID") {
        true => Vec::new(),
        false => Vec::from([FacetFilter::any(Facet::FinalAction, ["*"])]),
    };
    let places = arguments.texts("Place").unwrap_or_default();
    if !places.is_empty() {
        facets.push(FacetFilter::any(Facet::Place, places));
    }
    Ok(Some(Query {
        senders,
        recipients,
        message_ids: message_id.transpose()?.into_iter().collect(),
        subject: longest.map(|text| SubjectFilter { kind: SubjectFilterType::Contains, text }),
        start: arguments.time("StartDate").or(day),
        end: arguments.time("EndDate"),
        from_ip: arguments.text("HostOrIP").and_then(|text| text.trim().parse().ok()),
        facets,
        page_size: PAGE_SIZE_MAX.min(500),
        ..Query::default()
    }))
}

fn is_wanted(row: &Row, arguments: &Arguments) -> bool {
    let text = |name: &str| row.get(name).and_then(serde_json::Value::as_str).unwrap_or_default();
    let same = |parameter: &str, property: &str| {
        arguments.text(parameter).is_none_or(|wanted| text(property).eq_ignore_ascii_case(wanted.trim()))
    };
    let host = arguments.text("HostOrIP").filter(|host| host.parse::<std::net::IpAddr>().is_err());
    let action = arguments.text("FinalAction");
    action.is_none_or(|action| text("Final_Action").contains(action))
        && host.is_none_or(|host| text("Sender_Host").to_lowercase().contains(&host.to_lowercase()))
        && same("SID", "SID")
        && same("GUID", "GUID")
}
