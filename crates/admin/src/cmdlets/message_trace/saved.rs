//! Saved searches: the ones every server has, those administrators saved, and the last ones each has run.
//! May touch: directory, clock, executor.

use std::time::Duration;

use directory::{MessageTraceQuery, Snapshot, TraceQueryKind};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::arguments::Arguments;
use crate::context::Context;
use crate::error::CmdletError;
use crate::nearest::nearest;
use crate::privacy;

/// The name the audit log shows for searches kept by themselves: nobody asked for it, and the look-up has its own record.
const AUTOSAVE: &str = "autosaved searches";
/// The condition of a kept search for words in an address or a subject.
const WORDS: &str = "Words";
/// Conditions of kept searches that Get-MessageTrace is asked several times for.
const WHOLES: &[&str] = &["Address", WORDS];
/// What it is asked by then.
const PARTS: &[&str] = &["RecipientAddress", "SenderAddress", "Subject"];
/// So soon after another a search with more of its subject goes on with it.
const TYPED_ON: Duration = Duration::from_secs(10);
/// Parameters that are no part of a search.
const NOT_SAVED: &[&str] = &[
    "Query",
    "Paste",
    "PasteFile",
    "ReportType",
    "ReportFormat",
    "Path",
    "Page",
    "PageSize",
    "ProbeTag",
    "ResultSize",
    "Cursor",
    "StartingRecipientAddress",
    "Name",
    "NewName",
    "TimeZone",
    "Identity",
    "Confirm",
    "WhatIf",
];

/// The part of a search that a question is, where the admin center asks one search as several: for mail to or from
/// somebody, and for words that may stand in an address or a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    whole: &'static str,
    asked: &'static str,
}

impl Part {
    /// `Address SenderAddress`: the condition of the whole search, and the parameter that asks this part of it.
    pub(crate) fn read(text: &str) -> Option<Part> {
        let (whole, asked) = text.split_once(' ')?;
        let known = |names: &[&'static str], given: &str| names.iter().copied().find(|name| *name == given);
        Some(Part { whole: known(WHOLES, whole)?, asked: known(PARTS, asked)? })
    }

    /// The part's condition as that of the whole search: for a word addresses are asked by `*word*`.
    fn join(self, body: &mut Map<String, Value>) {
        let Some(mut value) = body.remove(self.asked) else { return };
        if self.whole == WORDS
            && let Some(text) = value.as_array().and_then(|all| all.first()).and_then(Value::as_str)
        {
            value = Value::from(text.trim_matches('*'));
        }
        body.insert(self.whole.to_owned(), value);
    }
}

/// Some searches of the admin center are no single question.
///
/// # Errors
/// `Usage`, with what to ask by.
pub(crate) fn single(name: &str, body: &Map<String, Value>) -> Result<(), CmdletError> {
    if !WHOLES.iter().any(|whole| body.contains_key(*whole)) {
        return Ok(());
    }
    Err(CmdletError::Usage(format!(
        "the search \"{name}\" is several questions, which only the admin center asks as one; ask each with -RecipientAddress, -SenderAddress or -Subject"
    )))
}

/// A search every server has.
pub(crate) struct DefaultQuery {
    /// Its name.
    pub(crate) name: &'static str,
    /// What it finds.
    pub(crate) sentence: &'static str,
    /// The parameter it cannot run without.
    pub(crate) needs: Option<&'static str>,
    parameters: fn() -> Value,
}

impl DefaultQuery {
    /// Its conditions as they are sent over HTTP.
    pub(crate) fn body(&self) -> Map<String, Value> {
        match (self.parameters)() {
            Value::Object(body) => body,
            _ => Map::new(),
        }
    }
}

/// The searches every server has.
pub(crate) static DEFAULTS: &[DefaultQuery] = &[
    DefaultQuery {
        name: "Failed in the last day",
        sentence: "What was not delivered in the last 24 hours.",
        needs: None,
        parameters: || json!({ "Status": ["Failed", "FilteredAsSpam"], "Last": "1.00:00:00" }),
    },
    DefaultQuery {
        name: "Pending now",
        sentence: "What is on its way, queued or deferred.",
        needs: None,
        parameters: || json!({ "Status": ["Pending", "GettingStatus"], "Last": "90.00:00:00", "StillExpected": true }),
    },
    DefaultQuery {
        name: "Quarantined",
        sentence: "What is held in quarantine.",
        needs: None,
        parameters: || json!({ "Status": ["Quarantined"], "Last": "30.00:00:00" }),
    },
    DefaultQuery {
        name: "To one mailbox",
        sentence: "What came for a recipient in the last week; give -RecipientAddress.",
        needs: Some("RecipientAddress"),
        parameters: || json!({ "Last": "7.00:00:00" }),
    },
    DefaultQuery {
        name: "From one domain",
        sentence: "What came from a domain in the last week; give -SenderAddress '*@domain'.",
        needs: Some("SenderAddress"),
        parameters: || json!({ "Last": "7.00:00:00" }),
    },
    DefaultQuery {
        name: "Slowest deliveries",
        sentence: "The hundred deliveries of the last week that took longest.",
        needs: None,
        parameters: || json!({ "Slowest": 100, "Last": "7.00:00:00" }),
    },
    DefaultQuery {
        name: "Refused",
        sentence: "What was refused before it became a message, in the last 24 hours.",
        needs: None,
        parameters: || json!({ "RefusedOnly": true, "Last": "1.00:00:00" }),
    },
];

/// The search every server has of that name.
pub(crate) fn default_of(name: &str) -> Option<&'static DefaultQuery> {
    DEFAULTS.iter().find(|query| query.name.eq_ignore_ascii_case(name.trim()))
}

/// The conditions of a saved search, whoever saved it. The names of those every server has mean these, always: alerts
/// and programs count on them. One that took such a name before that was refused is found by its GUID.
///
/// # Errors
/// `NotFound`, with the nearest name there is.
pub(crate) fn body(
    context: &Context,
    name: &str,
) -> Result<(Map<String, Value>, Option<&'static str>), CmdletError> {
    if let Some(found) = default_of(name) {
        return Ok((found.body(), found.needs));
    }
    let snapshot = context.directory.snapshot();
    let is_seen = |query: &MessageTraceQuery| is_seen(context, &snapshot, query);
    if let Ok(found) = snapshot.resolve_message_trace_query(name)
        && is_seen(&found)
    {
        return Ok((found.parameters.clone(), None));
    }
    let custom =
        snapshot.message_trace_queries().filter(|query| is_seen(query)).map(|query| query.name.as_str());
    let hint = nearest(name, DEFAULTS.iter().map(|query| query.name).chain(custom))
        .map(|one| format!("did you mean \"{one}\"?"))
        .unwrap_or_else(|| "Get-MessageTraceQuery lists them".to_owned());
    Err(CmdletError::NotFound(format!("there is no saved search \"{name}\"; {hint}")))
}

/// Whether whoever asks may see a search that is stored: their own, and those saved for all within their rights.
pub(crate) fn is_seen(context: &Context, snapshot: &Snapshot, query: &MessageTraceQuery) -> bool {
    query.owner == context.actor.name
        || query.kind == TraceQueryKind::Custom
            && context
                .granted()
                .is_ok_and(|granted| privacy::shows_conditions(&granted.scope, snapshot, &query.parameters))
}

/// The arguments of a saved search with those given now in their place.
pub(super) fn with(context: &Context, given: &Arguments, name: &str) -> Result<Arguments, CmdletError> {
    let (mut body, needs) = body(context, name)?;
    single(name, &body)?;
    let now = given.to_json();
    if now.contains_key("StartDate") {
        body.remove("Last");
    }
    if now.contains_key("Last") {
        body.remove("StartDate");
        body.remove("EndDate");
    }
    body.extend(now.into_iter().filter(|(name, _)| name != "Query"));
    if let Some(needed) = needs.filter(|needed| !body.contains_key(*needed)) {
        return Err(CmdletError::Usage(format!("the search \"{name}\" needs -{needed}")));
    }
    let mut arguments = Arguments::from_json(given.cmdlet(), &body)?;
    arguments.notes.clear();
    Ok(arguments)
}

/// What is saved of a call: the zone of the reader is no condition, and times stand in it as instants.
pub(crate) fn saved(arguments: &Arguments) -> Map<String, Value> {
    let mut body = arguments.to_json();
    body.retain(|name, _| !NOT_SAVED.contains(&name.as_str()));
    body
}

/// What is kept of a search that was run: every part of a search is that search.
fn run_lately(arguments: &Arguments, part: Option<Part>) -> Map<String, Value> {
    let mut body = saved(arguments);
    if let Some(part) = part {
        part.join(&mut body);
    }
    body
}

/// The searches kept by themselves for somebody.
fn own<'a>(snapshot: &'a Snapshot, owner: &'a str) -> impl Iterator<Item = &'a MessageTraceQuery> {
    let is_own =
        move |query: &&MessageTraceQuery| query.kind == TraceQueryKind::Autosaved && query.owner == owner;
    snapshot.message_trace_queries().map(AsRef::as_ref).filter(is_own)
}

/// The search for the beginning of a subject that is still being typed, or for more of it: it was none of its own.
fn typed_before(
    snapshot: &Snapshot,
    owner: &str,
    parameters: &Map<String, Value>,
    now: Timestamp,
) -> Option<Uuid> {
    let last = own(snapshot, owner).max_by_key(|query| query.when_created)?;
    let subject = |of: &Map<String, Value>| of.get("Subject").and_then(Value::as_str).map(str::to_owned);
    let (before, after) = (subject(&last.parameters)?, subject(parameters)?);
    let rest = |of: &Map<String, Value>| {
        let mut rest = of.clone();
        rest.remove("Subject");
        rest
    };
    (now.duration_since(last.when_created).unsigned_abs() <= TYPED_ON
        && (before.starts_with(&after) || after.starts_with(&before))
        && rest(&last.parameters) == rest(parameters))
    .then_some(last.guid)
}

/// Keeps a search that was run among the last ten of whoever ran it, beside the answer: a search is not slower for
/// it, and does not fail with it.
pub(super) fn keep(context: &Context, arguments: &Arguments) {
    let parameters = run_lately(arguments, context.part);
    if parameters.is_empty() || arguments.is_given("Query") || arguments.is_given("Cursor") {
        return;
    }
    let owner = context.actor.name.clone();
    let is_kept = |snapshot: &Snapshot, owner: &str, parameters: &Map<String, Value>| {
        own(snapshot, owner).any(|query| query.parameters == *parameters)
    };
    if is_kept(&context.directory.snapshot(), &owner, &parameters) {
        return;
    }
    let (directory, exec) = (context.directory.clone(), context.world.exec.clone());
    context.world.exec.spawn("autosaved search", async move {
        let change = move || {
            directory.change_beside_look_up(AUTOSAVE, |draft| {
                // The parts of one search come at the same time.
                if is_kept(draft.snapshot(), &owner, &parameters) {
                    return Ok(());
                }
                let (guid, now) = (draft.new_guid(), draft.now());
                if let Some(begun) = typed_before(draft.snapshot(), &owner, &parameters, now) {
                    draft.remove_message_trace_query(begun)?;
                }
                // A GUID's first part keeps two of the same second apart.
                let tail: String = guid.simple().to_string().chars().take(8).collect();
                draft.put_message_trace_query(MessageTraceQuery {
                    guid,
                    name: format!("Autosaved {} {tail}", now.strftime("%Y-%m-%dT%H:%M:%SZ")),
                    kind: TraceQueryKind::Autosaved,
                    owner: owner.clone(),
                    parameters,
                    when_created: now,
                })?;
                Ok(())
            })
        };
        if let Err(error) = exec.blocking(change).await {
            tracing::warn!(%error, "a search could not be kept among the last ones");
        }
    });
}
