//! A search that stays open: `GET /api/v1/traces/stream`, the rows there are and then every change, as server-sent events.
//! May touch: trace (read), directory (audit log), clock, executor.
//! Standards: HTML Living Standard, server-sent events (`text/event-stream`).
//!
//! Events: `row` (a row that is new or changed), `gone` (a row told before that no longer has the status asked for, and the one it has), `ready` (after
//! the rows there were), `missed` (how many changes went by unseen: search again), `end` (why the stream ends). Nothing
//! is kept for a reader who is slow: the next portion is made when the one before is taken.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use mail::NetworkMessageId;
use serde_json::{Map, Value, json};
use trace::{Changed, Follower, Query, SearchError, Status, TraceRow};

use super::open_record::OpenRecord;
use super::seats::Seat;
use crate::arguments::Arguments;
use crate::cmdlet::Cmdlet;
use crate::cmdlets::message_trace::more;
use crate::cmdlets::own_trace;
use crate::context::{Context, Instance};
use crate::error::CmdletError;
use crate::output::{Output, Row};
use crate::parameter::Kind;
use crate::privacy::{self, Reader};
use crate::registry;
use crate::role::{Actor, Scope};

/// Changed messages looked up at once.
pub const MESSAGES_PER_TICK_MAX: usize = 500;
/// Rows sent at once; if more changed, the reader is told that rows were missed.
pub const ROWS_PER_TICK_MAX: usize = 5_000;
/// Least time between two portions: changes gather meanwhile.
const TICK: Duration = Duration::from_millis(200);
/// A sign of life goes out after so much silence.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// The cmdlet whose search stays open.
pub(super) const CMDLET: &str = "Get-MessageTrace";
/// Parameters that make no sense in a search that stays open.
pub(super) const NOT_IN_STREAMS: &[&str] = &[
    "Cursor",
    "StartingRecipientAddress",
    "EndDate",
    "Query",
    "Paste",
    "PasteFile",
    "ReportType",
    "ReportFormat",
    "Path",
    "Page",
    "PageSize",
    "Slowest",
];

/// The parameters of the search from those of the address: lists separated by commas or given several times.
///
/// # Errors
/// `Usage`, naming the parameter.
pub(super) fn read_query(pairs: &[(String, String)]) -> Result<Arguments, CmdletError> {
    let cmdlet = registry::find(CMDLET)?;
    let mut body = Map::new();
    for (name, text) in pairs {
        let value = match cmdlet.parameter(name).map(|parameter| parameter.kind) {
            Some(Kind::List(_)) => {
                let mut all = body.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
                all.extend(text.split(',').map(str::trim).map(Value::from));
                all.into()
            }
            Some(Kind::Switch | Kind::Bool) => {
                Value::from(text.is_empty() || text.eq_ignore_ascii_case("true"))
            }
            Some(Kind::Int { .. }) => {
                text.parse::<i64>().map_or_else(|_| Value::from(text.as_str()), Value::from)
            }
            _ => Value::from(text.as_str()),
        };
        body.insert(name.clone(), value);
    }
    let arguments = Arguments::from_json(cmdlet, &body)?;
    match NOT_IN_STREAMS.iter().find(|name| arguments.is_given(name)) {
        Some(name) => Err(CmdletError::Usage(format!("a search that stays open takes no -{name}"))),
        None => Ok(arguments),
    }
}

/// An open search.
pub(super) struct Stream {
    instance: Instance,
    context: Context,
    arguments: Arguments,
    query: Query,
    follower: Follower,
    first: Option<Output>,
    record: OpenRecord,
    known_change: u64,
    is_over: bool,
    _seat: Seat,
}

impl Stream {
    /// Opens one: checks the rights, records the look-up, and finds the rows there are.
    ///
    /// # Errors
    /// Those of the cmdlet; `Unavailable` while as many are open as may be.
    pub(super) async fn open(
        instance: Instance,
        actor: Actor,
        arguments: Arguments,
    ) -> Result<Stream, CmdletError> {
        let seat = instance.seats.take(&actor.name)?;
        let feed = instance.services.feed.clone().ok_or_else(|| {
            CmdletError::Unavailable("the message trace is not being fed; see Test-ServiceHealth".to_owned())
        })?;
        // Before the search: what changes during it comes again and is not missed.
        let follower = feed.follow();
        let context = instance.context(actor);
        let first = registry::look_up(&context, &arguments).await?;
        let query = lasting(&context, &arguments).await?;
        let record = record(&instance, &context, &arguments).await?;
        let known_change = instance.directory.snapshot().change_number();
        Ok(Stream {
            instance,
            context,
            arguments,
            query,
            follower,
            first: Some(first),
            record,
            known_change,
            is_over: false,
            _seat: seat,
        })
    }

    /// The next portion; `None` at the end.
    pub(super) async fn next(mut self) -> Option<(Result<Bytes, std::convert::Infallible>, Stream)> {
        if self.is_over {
            return None;
        }
        let text = match self.first.take() {
            Some(first) => {
                let mut text = String::new();
                for row in &first.rows {
                    self.record.show(row);
                    text.push_str(&event("row", &json!(row)));
                }
                first.also_about.iter().for_each(|to| self.record.tell_of(to));
                let ready = json!({
                    "count": first.count,
                    "sources": first.sources.iter().map(|source| &source.0).collect::<Vec<_>>(),
                    "gaps": first.gaps,
                    "warnings": first.warnings,
                    "notes": first.notes,
                });
                text.push_str(&event("ready", &ready));
                text
            }
            None => self.changes().await,
        };
        Some((Ok(Bytes::from(text)), self))
    }

    async fn changes(&mut self) -> String {
        let clock = self.instance.world.clock.clone();
        clock.sleep(TICK).await;
        let changed = match clock.timeout(KEEP_ALIVE, self.follower.changed(MESSAGES_PER_TICK_MAX)).await {
            Err(_) => {
                return match self.check_rights() {
                    Ok(()) => ": alive\n\n".to_owned(),
                    Err(error) => self.end(&error.to_string()),
                };
            }
            Ok(None) => return self.end("the server stops"),
            Ok(Some(changed)) => changed,
        };
        if let Err(error) = self.check_rights() {
            return self.end(&error.to_string());
        }
        match self.rows_of(changed).await {
            Ok(text) => text,
            Err(error) => {
                if let CmdletError::Internal { public, cause } = &error {
                    tracing::error!(public, cause, "a search that stays open failed inside");
                }
                self.end(&error.to_string())
            }
        }
    }

    fn end(&mut self, why: &str) -> String {
        self.is_over = true;
        event("end", &json!({ "message": why }))
    }

    /// Rights end with a change to the directory, not with the stream.
    fn check_rights(&mut self) -> Result<(), CmdletError> {
        let snapshot = self.instance.directory.snapshot();
        let sessions = &self.instance.services.sessions;
        if let Some(id) = self.context.actor.session
            && !sessions.is_open(&self.instance.world.clock, &snapshot, id)
        {
            return Err(CmdletError::Forbidden("the session has ended; sign in again".to_owned()));
        }
        if snapshot.change_number() == self.known_change {
            return Ok(());
        }
        self.known_change = snapshot.change_number();
        let actor = self.context.actor.refreshed(&snapshot);
        let actor =
            actor.ok_or_else(|| CmdletError::Forbidden("the account may not sign in any more".to_owned()))?;
        let context = self.instance.context(actor);
        registry::allow(&context, &self.arguments)?;
        self.context = context;
        Ok(())
    }

    /// The rows of changed messages that are new or changed, as the reader may see them.
    async fn rows_of(&mut self, changed: Changed) -> Result<String, CmdletError> {
        let mut since: HashMap<NetworkMessageId, Timestamp> = HashMap::new();
        for change in &changed.messages {
            // Both the id asked for and the one it is kept under.
            let asked = &self.query.network_message_ids;
            if asked.is_empty() || asked.contains(&change.network_message_id) {
                let first = since.entry(change.network_message_id).or_insert(change.since);
                *first = change.since.min(*first);
            }
        }
        let mut text = String::new();
        let mut missed = changed.missed;
        if !since.is_empty() {
            let (found, is_cut) = self.find(&since).await?;
            missed = missed.saturating_add(u64::from(is_cut));
            text = self.shown(found).await?;
        }
        if missed > 0 {
            text.push_str(&event("missed", &json!({ "changes": missed })));
        }
        Ok(if text.is_empty() { ": nothing of it\n\n".to_owned() } else { text })
    }

    /// Rows of these messages that changed, and whether there were more than are looked at.
    async fn find(
        &self,
        since: &HashMap<NetworkMessageId, Timestamp>,
    ) -> Result<(Vec<TraceRow>, bool), CmdletError> {
        let trace = self.instance.services.trace()?;
        let query = Query {
            network_message_ids: since.keys().copied().collect(),
            statuses: Vec::new(),
            page_size: ROWS_PER_TICK_MAX,
            ..self.query.clone()
        };
        let reader = self.reader()?;
        let queries = match &reader {
            None => vec![query],
            Some(reader) => own_trace::narrowed(&query, reader),
        };
        let (mut found, mut is_cut) = (Vec::new(), false);
        let mut known = BTreeSet::new();
        // Who names an id is shown what was refused under it, and here the ids are of the changes.
        let lists_refused = self.query.lists_refused();
        for query in queries {
            let answer = trace.search(query).await?;
            is_cut |= answer.next.is_some();
            found.extend(answer.rows.into_iter().filter(|row| {
                if row.is_refusal() && !lists_refused {
                    return false;
                }
                let first = since.get(&row.network_message_id);
                let is_new = row.row.last_event_at.is_none_or(|at| first.is_none_or(|first| at >= *first));
                is_new && known.insert((row.network_message_id, row.row.key.clone()))
            }));
        }
        Ok((found, is_cut))
    }

    fn reader(&self) -> Result<Option<Reader>, CmdletError> {
        Ok(Reader::of(&self.context.granted()?.scope, &self.instance.directory.snapshot()))
    }

    async fn shown(&mut self, mut found: Vec<TraceRow>) -> Result<String, CmdletError> {
        crate::cmdlets::message_trace::live::with_queues(&self.context, &mut found);
        let granted = self.context.granted()?.clone();
        let (reader, is_own) = (self.reader()?, matches!(granted.scope, Scope::Own(_)));
        let trace = self.instance.services.trace()?;
        let (mut rows, mut gone) = (Vec::new(), Vec::new());
        let mut typed = own_trace::Typed::default();
        for one in &found {
            let row = match &reader {
                None => Some(crate::cmdlets::trace_row(one)?),
                Some(reader) => own_trace::row_for(trace, reader, &mut typed, one).await?,
            };
            let Some(row) = row else { continue };
            let status = if is_own { one.own_status() } else { one.status };
            if self.wants(status) { rows.push(row) } else { gone.push(row) }
        }
        let cmdlet: &Cmdlet = self.arguments.cmdlet();
        let snapshot = self.instance.directory.snapshot();
        let shown = |rows| privacy::shown(&granted, cmdlet, &snapshot, Output::list(rows));
        let (output, gone) = (shown(rows), shown(gone));
        let mut text = String::new();
        for row in &output.rows {
            self.record.show(row);
            text.push_str(&event("row", &json!(row)));
        }
        // Of others it is not told what became of them: they were not asked about, and nobody would know of the look.
        for row in gone.rows.iter().filter(|row| self.record.take(row)) {
            text.push_str(&event("gone", &key(row)));
        }
        Ok(text)
    }

    fn wants(&self, status: Status) -> bool {
        self.query.statuses.is_empty() || self.query.statuses.contains(&status)
    }
}

/// The record of what it shows: that of the look-up of the same question just made, which it goes on with, else its own.
async fn record(
    instance: &Instance,
    context: &Context,
    arguments: &Arguments,
) -> Result<OpenRecord, CmdletError> {
    if let Some(look) = instance.just_made.take(context, arguments)
        && let Some(record) = OpenRecord::go_on(context, look).await?
    {
        return Ok(record);
    }
    OpenRecord::begin(context, arguments).await
}

/// The question of a search that stays open, as it is when it opens: the time it looks back from does not move on with
/// every change, and a message is known by the id it is kept under too.
async fn lasting(context: &Context, arguments: &Arguments) -> Result<Query, CmdletError> {
    let mut arguments = arguments.clone();
    more::relative(context, &mut arguments)?;
    let mut query = crate::cmdlets::trace_query(&arguments, &context.directory.snapshot())?;
    query.start = query.start_at(context.world.clock.now());
    let places = context.services.trace()?.places().clone();
    let ids = query.network_message_ids.clone();
    let kept = move || ids.into_iter().map(|id| places.kept_under(id)).collect::<Result<Vec<_>, _>>();
    let kept = context.world.exec.blocking(kept).await.map_err(SearchError::from)?;
    for id in kept.into_iter().flatten() {
        if !query.network_message_ids.contains(&id) {
            query.network_message_ids.push(id);
        }
    }
    Ok(query)
}

/// What names a row, and the status it has now.
fn key(row: &Row) -> Value {
    let parts = ["MessageTraceId", "RecipientAddress", "Status"];
    parts.iter().map(|name| ((*name).to_owned(), json!(row.get(*name)))).collect::<Map<_, _>>().into()
}

/// One event; JSON has no line end, so its data is one line.
fn event(name: &str, data: &Value) -> String {
    format!("event: {name}\ndata: {data}\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_read_as_the_cmdlet_reads_its_parameters() {
        let read = |pairs: &[(&str, &str)]| {
            let pairs: Vec<_> =
                pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
            read_query(&pairs)
        };
        let arguments = read(&[
            ("SenderAddress", "a@x.example,*@y.example"),
            ("Status", "Failed"),
            ("Status", "Pending"),
        ]);
        let arguments = arguments.unwrap();
        assert_eq!(arguments.texts("SenderAddress").unwrap(), ["a@x.example", "*@y.example"]);
        assert_eq!(arguments.texts("Status").unwrap(), ["Failed", "Pending"]);
        for (pairs, part) in [
            (&[("Nothing", "x")][..], "Nothing"),
            (&[("EndDate", "2026-11-20")], "-EndDate"),
            (&[("Status", "Lost")], "Status"),
        ] {
            let error = read(pairs).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
