//! The trace for somebody who may see a part of it: their own mail, or that of some domains.
//! May touch: trace (read), directory (read).
//!
//! The question is narrowed to their addresses, as recipient and as sender, and every row of the answers is looked at
//! again ([`crate::privacy`]); what is not known to be theirs is not shown, and not counted.

use std::cmp::Reverse;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};

use events::Directionality;
use mail::NetworkMessageId;
use serde_json::Value;
use trace::search::PAGE_SIZE_MAX;
use trace::{AddressPattern, Cut, Query, Replacement, Status, Trace, TraceRow};

use super::message_trace::find::{self, Version};
use super::message_trace::{conditions, interval, live, more, object};
use crate::arguments::{Arguments, usage};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::privacy::{self, Parties, Reader, Seen};
use crate::role::Scope;

/// Rows looked at for one answer at most; beyond them the answer says that there are more.
const LOOKED_AT_MAX: usize = 50_000;

/// The answer for somebody who may see a part of the trace; `None` for everybody and everything else.
///
/// # Errors
/// Those of the cmdlet.
pub(crate) async fn run(context: &Context, arguments: &Arguments) -> Result<Option<Output>, CmdletError> {
    let granted = context.granted()?;
    let Some(reader) = Reader::of(&granted.scope, &context.directory.snapshot()) else { return Ok(None) };
    let is_own = matches!(granted.scope, Scope::Own(_));
    match arguments.cmdlet().noun() {
        // A search is confined to domains where it is made.
        "MessageTrace" | "MessageTraceV2" if !is_own => Ok(None),
        "MessageTrace" => search(context, arguments, &reader, Version::One).await.map(Some),
        "MessageTraceV2" => search(context, arguments, &reader, Version::Two).await.map(Some),
        "MessageTraceDetail" | "MessageTraceDetailV2" => detail(context, arguments, &reader).await.map(Some),
        "MessageTraceTree" => tree(context, arguments, &reader).await.map(Some),
        _ if is_own => Err(CmdletError::Forbidden("you may trace your own mail only".to_owned())),
        _ => Ok(None),
    }
}

/// What is shown of a row, and why.
pub(crate) fn seen(reader: &Reader, row: &TraceRow) -> Option<Seen> {
    reader.sees(Parties {
        sender: &row.sender_address,
        recipient: &row.recipient_address,
        is_originating: row.direction == Directionality::Originating,
    })
}

/// A row as the reader sees it: `None` if they do not.
pub(crate) async fn row_for(
    trace: &Trace,
    reader: &Reader,
    typed: &mut Typed,
    found: &TraceRow,
) -> Result<Option<crate::output::Row>, CmdletError> {
    let Some(seen) = seen(reader, found) else { return Ok(None) };
    let row = object::row(found)?;
    if seen == Seen::Whole {
        return Ok(Some(row));
    }
    let mut below = Vec::new();
    if seen == Seen::AsSender {
        // The sender sees the addresses they typed, and of a group how many members got it.
        match typed.counts(trace, found).await? {
            Some(counts) if found.status == Status::Expanded => below = counts,
            Some(_) => {}
            None => return Ok(None),
        }
    }
    let mut own = privacy::own_row(&row, seen, found.own_status().label(), &below);
    if is_explained(seen, found) {
        privacy::explain(&mut own, &row);
    } else if is_lost_by_forward(seen, found) {
        privacy::explain_forward(&mut own);
    }
    Ok(Some(own.with_status(found)))
}

/// What the notes of a detail say of a failure.
const EXPLAINED: &[(&str, &str)] = &[
    ("Cause", "Cause"),
    ("ActionNeededBy", "Must act"),
    ("Fix", "Fix"),
    ("RemoteReply", "The remote server said"),
];

/// Whether the reader learns why it failed: it is about themselves, or about an address they typed that gave way to no
/// other. What led elsewhere is somebody's forward, group or rule.
fn is_explained(seen: Seen, found: &TraceRow) -> bool {
    found.status == Status::Failed && (seen == Seen::AsRecipient || found.row.parents.is_empty())
}

/// Whether the reader's own mailbox sent the message on, kept no copy, and it was not delivered there. What another system
/// redirected says nothing of a mailbox here.
fn is_lost_by_forward(seen: Seen, found: &TraceRow) -> bool {
    let is_forwarded = found.row.replacement == Some(Replacement::Redirected) && found.row.told_by.is_none();
    seen == Seen::AsRecipient && is_forwarded && found.own_status() == Status::Failed
}

/// Puts the status word back, which people read in words elsewhere.
trait WithStatus {
    fn with_status(self, found: &TraceRow) -> Self;
}

impl WithStatus for crate::output::Row {
    fn with_status(mut self, found: &TraceRow) -> Self {
        self.insert("Status".to_owned(), found.own_status().as_str().into());
        self
    }
}

/// How many below an address have which status.
type Counts = Vec<(String, u64)>;

/// What the senders of messages addressed, by message.
#[derive(Debug, Default)]
pub(crate) struct Typed(HashMap<NetworkMessageId, HashMap<String, Counts>>);

impl Typed {
    /// The counts below an address that the sender typed; `None` for one they did not.
    async fn counts(&mut self, trace: &Trace, row: &TraceRow) -> Result<Option<Counts>, CmdletError> {
        if row.row.parents.is_empty() && row.status != Status::Expanded {
            return Ok(Some(Vec::new()));
        }
        let id = row.network_message_id;
        if let Entry::Vacant(unknown) = self.0.entry(id) {
            let tree = trace.tree(id).await?;
            let roots = tree.iter().flat_map(|tree| tree.roots.iter().map(move |root| (root, tree)));
            let typed = roots.filter_map(|(root, tree)| {
                let counts = tree
                    .members(root.row)
                    .into_iter()
                    .map(|(status, count)| (status.label().to_lowercase(), count));
                Some((tree.rows.get(root.row)?.row.key.clone(), counts.collect()))
            });
            unknown.insert(typed.collect());
        }
        Ok(self.0.get(&id).and_then(|typed| typed.get(&row.row.key)).cloned())
    }
}

/// The questions that find everything of the reader's: to them, and from them.
pub(crate) fn narrowed(query: &Query, reader: &Reader) -> Vec<Query> {
    let own: Vec<AddressPattern> = match reader {
        Reader::Domains(domains) => domains.iter().cloned().map(AddressPattern::Domain).collect(),
        Reader::Own(keys) => keys.iter().cloned().map(AddressPattern::Exact).collect(),
    };
    let mut base = query.clone();
    if matches!(reader, Reader::Own(_)) {
        // The status shown may be another than the one that is stored.
        base.statuses.clear();
    }
    let to = narrow(&query.recipients, &own).map(|recipients| Query { recipients, ..base.clone() });
    let from = narrow(&query.senders, &own).map(|senders| Query { senders, ..base });
    to.into_iter().chain(from).collect()
}

/// What of the patterns asked for can match the reader's own; `None` if nothing can.
fn narrow(asked: &[AddressPattern], own: &[AddressPattern]) -> Option<Vec<AddressPattern>> {
    if asked.is_empty() {
        return Some(own.to_vec()).filter(|own| !own.is_empty());
    }
    let mut narrowed = Vec::new();
    for one in asked {
        match one {
            AddressPattern::Exact(address) if own.iter().any(|own| own.matches(address)) => {
                narrowed.push(one.clone());
            }
            AddressPattern::Exact(_) => {}
            AddressPattern::Domain(domain) => narrowed.extend(own.iter().filter_map(|own| match own {
                AddressPattern::Domain(of) => (of == domain).then(|| own.clone()),
                AddressPattern::Exact(address) => one.matches(address).then(|| own.clone()),
                AddressPattern::Wild(_) => None,
            })),
            // Exact addresses can be tried; of a domain's only the rows tell.
            AddressPattern::Wild(_) => narrowed.extend(own.iter().filter_map(|own| match own {
                AddressPattern::Exact(address) => one.matches(address).then(|| own.clone()),
                _ => Some(one.clone()),
            })),
        }
    }
    Some(narrowed).filter(|narrowed| !narrowed.is_empty())
}

async fn search(
    context: &Context,
    arguments: &Arguments,
    reader: &Reader,
    version: Version,
) -> Result<Output, CmdletError> {
    if arguments.is_given("Cursor") {
        return Err(usage(
            arguments.cmdlet(),
            "Cursor",
            "is for those who may see the whole trace; use -EndDate",
        ));
    }
    let trace = context.services.trace()?;
    let mut arguments = arguments.clone();
    more::relative(context, &mut arguments)?;
    let arguments = &arguments;
    let query = find::query(arguments, &context.directory.snapshot(), version)?;
    let wanted = arguments.result_size().min(LOOKED_AT_MAX);
    let statuses = query.statuses.clone();
    let is_own = matches!(reader, Reader::Own(_));
    let (mut merged, mut limits) = (BTreeMap::new(), None);
    for one in narrowed(&query, reader) {
        limits = Some(gather(trace, one, &mut merged, limits).await?);
    }
    let (is_whole, cut) =
        limits.as_ref().map_or((true, None), |limits: &Limits| (limits.is_whole, limits.cut));
    let (mut rows, mut known, mut typed) = (Vec::new(), HashSet::new(), Typed::default());
    let mut total = 0u64;
    for found in merged.into_iter().take_while(|((at, _), _)| cut.is_none_or(|cut| at.0 >= cut)) {
        let mut rows_found = found.1;
        live::with_queues(context, &mut rows_found);
        for found in rows_found {
            let is_wanted = !is_own || statuses.is_empty() || statuses.contains(&found.own_status());
            if !is_wanted || !known.insert((found.network_message_id, found.row.key.clone())) {
                continue;
            }
            if let Some(row) = row_for(trace, reader, &mut typed, &found).await? {
                total = total.saturating_add(1);
                if rows.len() < wanted {
                    rows.push(row);
                }
            }
        }
    }
    let mut output = Output::part_of(rows, total);
    output.notes.push(match limits.as_ref().and_then(|limits| limits.from) {
        _ if arguments.is_given("StartDate") || arguments.is_given("EndDate") => {
            interval::in_words(query.start, query.end, arguments.zone())
        }
        Some(_) => find::LAST_48_HOURS.to_owned(),
        None => interval::in_words(None, None, arguments.zone()),
    });
    if total == 0 {
        output.notes.push(match limits {
            Some(_) => "No mail from you or to you matches".to_owned(),
            None => "You may trace mail from you and to you; what was asked for is neither".to_owned(),
        });
    }
    output.notes.extend(find::no_wildcard(&query));
    if let Some(limits) = limits {
        if limits.has_gaps {
            output.warnings.push("rows may be missing: not all records are here".to_owned());
        }
        // Where a message asked for by its id was found, nothing of it is too old.
        let too_old = limits.too_old.filter(|(_, is_of_span)| *is_of_span || total == 0);
        output.warnings.extend(too_old.map(|(cause, _)| format!("rows may be missing: {cause}")));
    }
    if !is_whole {
        output.count = None;
        output.warnings.push("there is more than was looked through; ask for a shorter time".to_owned());
    }
    Ok(output)
}

/// How far the answers reach.
struct Limits {
    is_whole: bool,
    /// Whether records of some place are not here.
    has_gaps: bool,
    /// What is said of records that are too old to be kept, and whether the time asked for reaches back so far.
    too_old: Option<(String, bool)>,
    /// What was searched begins here.
    from: Option<jiff::Timestamp>,
    /// Rows received before this may be missing.
    cut: Option<jiff::Timestamp>,
}

/// Messages, newest first.
type Merged = BTreeMap<(Reverse<jiff::Timestamp>, NetworkMessageId), Vec<TraceRow>>;

/// Reads a question's rows to their end, or as many as are looked at.
async fn gather(
    trace: &Trace,
    mut query: Query,
    merged: &mut Merged,
    limits: Option<Limits>,
) -> Result<Limits, CmdletError> {
    let mut limits =
        limits.unwrap_or(Limits { is_whole: true, has_gaps: false, too_old: None, from: None, cut: None });
    query.page_size = PAGE_SIZE_MAX;
    let mut count = 0usize;
    loop {
        let answer = trace.search(query.clone()).await?;
        count = count.saturating_add(answer.rows.len());
        let last = answer.rows.last().map(|row| row.received);
        // What an import does not cover tells nothing of one's own mail.
        limits.has_gaps |= answer.gaps.iter().any(|gap| !gap.is_of_retention() && !gap.is_of_import());
        if let Some(gap) = answer.gaps.iter().find(|gap| gap.is_of_retention()) {
            limits.too_old = Some((gap.cause.clone(), gap.start.is_some()));
        }
        limits.from = answer.start;
        for row in answer.rows {
            merged.entry((Reverse(row.received), row.network_message_id)).or_default().push(row);
        }
        let Some(next) = answer.next else { return Ok(limits) };
        if count >= LOOKED_AT_MAX {
            limits.is_whole = false;
            limits.cut = limits.cut.max(last);
            return Ok(limits);
        }
        query.cursor = Some(next);
    }
}

async fn detail(context: &Context, arguments: &Arguments, reader: &Reader) -> Result<Output, CmdletError> {
    let id = conditions::network_message_id(arguments, "MessageTraceId")?;
    let recipient = arguments.text("RecipientAddress").unwrap_or_default().trim();
    let bare = recipient.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(recipient);
    let trace = context.services.trace()?;
    let found = match id {
        Some(id) => trace.detail(id, bare, &Cut::default()).await?.map(|detail| detail.row),
        None => None,
    };
    let nothing = || {
        let note = "Nothing of yours is known of that message and recipient";
        Output::list(Vec::new()).with_note(note)
    };
    let Some(found) = found else { return Ok(nothing()) };
    let Some(seen) = seen(reader, &found) else { return Ok(nothing()) };
    if seen == Seen::Whole {
        return (arguments.cmdlet().run)(context, arguments).await;
    }
    let mut typed = Typed::default();
    let Some(row) = row_for(trace, reader, &mut typed, &found).await? else { return Ok(nothing()) };
    let (is_explained, is_lost) = (is_explained(seen, &found), is_lost_by_forward(seen, &found));
    let words = row.get("Detail").and_then(Value::as_str).unwrap_or_default();
    let whole = (arguments.cmdlet().run)(context, arguments).await?;
    let mut notes = Vec::from([words.to_owned()]);
    if let Some(first) = whole.rows.first().filter(|_| is_explained || is_lost) {
        let mut told: crate::output::Row = first.keys().map(|name| (name.clone(), Value::Null)).collect();
        if is_lost {
            privacy::explain_forward(&mut told);
        } else {
            privacy::explain(&mut told, first);
        }
        for (name, label) in EXPLAINED {
            notes.extend(told.get(*name).and_then(Value::as_str).map(|text| format!("{label}: {text}")));
        }
    }
    if whole.rows.is_empty() {
        notes.extend(whole.notes.last().cloned());
    }
    let events = whole.rows.iter().filter(|event| privacy::is_own_event(event));
    let events = events.map(|event| {
        let mut own = privacy::own_row(event, seen, words, &[]);
        if is_explained {
            privacy::explain(&mut own, event);
        } else if is_lost {
            privacy::explain_forward(&mut own);
        }
        own.insert("Detail".to_owned(), Value::Null);
        own.with_status(&found)
    });
    let mut output = Output::list(events.collect());
    output.notes = notes;
    Ok(output)
}

async fn tree(context: &Context, arguments: &Arguments, reader: &Reader) -> Result<Output, CmdletError> {
    let unknown = || {
        let id = arguments.text("MessageTraceId").unwrap_or_default();
        CmdletError::NotFound(format!(
            "there is no message {id} of yours; Get-MessageTrace shows those there are"
        ))
    };
    let Some(id) = conditions::network_message_id(arguments, "MessageTraceId")? else {
        return Err(unknown());
    };
    let trace = context.services.trace()?;
    let Some(found) = trace.tree(id).await? else { return Err(unknown()) };
    let parts: Vec<Seen> = found.rows.iter().filter_map(|row| seen(reader, row)).collect();
    let is_sender = found
        .rows
        .first()
        .is_some_and(|row| row.direction == Directionality::Originating && reader.has(&row.sender_address));
    if parts.is_empty() {
        return Err(unknown());
    }
    let members = |address: &str| {
        let group = found.rows.iter().position(|row| row.recipient_address == address);
        group.map(|group| found.members(group)).unwrap_or_default()
    };
    let mut output = (arguments.cmdlet().run)(context, arguments).await?;
    for row in &mut output.rows {
        *row = match reader {
            Reader::Domains(_) if is_sender => continue,
            Reader::Domains(_) => privacy::tree_of_domains(row, reader),
            Reader::Own(_) => privacy::own_tree(row, reader, is_sender, &members),
        };
    }
    Ok(output)
}
