//! Get-MailFlowStatus: in, out, queued, failed and quarantined, latency, and what needs attention.
//! May touch: trace (read), transport (queues), clock, directory (read), what Test-ServiceHealth touches.

use events::Directionality;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use trace::places::SourceWord;
use trace::search::{Gap, PAGE_SIZE_MAX, Total};
use trace::{AddressPattern, Facet, FacetFilter, Query, Status, Trace};

use super::attention::{self, Entry};
use super::latency::{self, Taken};
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example};
use crate::cmdlets::message_trace::{completeness, filters};
use crate::cmdlets::message_tracking_log::own_names;
use crate::cmdlets::queue::trouble;
use crate::cmdlets::recipient::rows;
use crate::cmdlets::service_health;
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::{Output, OutputType, Property};
use crate::role::Role;

/// Delivered rows that latency is measured of, the newest.
const LATENCY_ROWS_MAX: usize = 20_000;
/// Gaps that are told of.
const GAPS_MAX: usize = 20;
/// Ends that are neither a group nor an address that was replaced: each stands for one recipient.
const OF_RECIPIENTS: &[Status] = &[
    Status::GettingStatus,
    Status::Pending,
    Status::Delivered,
    Status::Failed,
    Status::Quarantined,
    Status::FilteredAsSpam,
    Status::Recalled,
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Get-MailFlowStatus",
    synopsis: "Shows the mail flow of this server now.",
    description: "Recipients of the last hour and day by direction and status, what waits in queues, percentiles of the time from reception to delivery in the last hour, and what needs attention, with its cause and what to do. Counts are of recipients; groups and replaced addresses do not count. In came from outside, Out went from inside to outside. Only mail that this server has records of counts, but on a server that only observes: there it is the mail of all places. Place is the name of the server whose mail counts, for -Place of Get-MessageTrace; it is empty where all places count.",
    examples: &[Example {
        command: "Get-MailFlowStatus -Format json",
        sentence: "Shows everything, for a program.",
    }],
    roles: &[Role::Monitoring, Role::TransportQueues, Role::ViewOnlyConfiguration, Role::ViewOnlyRecipients],
    parameters: &[],
    output: OutputType {
        name: "MailFlowStatus",
        properties: &[
            Property::time("At"),
            Property::text("Place"),
            Property::number("Queued"),
            Property::drawn("LastHour", drawn),
            Property::drawn("LastDay", drawn),
            Property::drawn("Latency", drawn),
            Property::drawn("LatencyPerFiveMinutes", drawn),
            Property::drawn("Attention", drawn_attention),
        ],
        settings: None,
        table: &[],
    },
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let trace = context.services.trace()?;
    let now = context.world.clock.now();
    let queues = context.services.transport().map(|transport| transport.queues()).unwrap_or_default();
    let snapshot = context.directory.snapshot();
    // A server that only observes has no mail of its own: what it shows is that of the places it reads.
    let own = context.services.transport.as_ref().map(|_| own_names(context)).unwrap_or_default();
    let asked = Asked { now, own, inside: filters::inside(&snapshot) };
    let mut gaps = Vec::new();
    let hour = counts(trace, &asked, 1, &mut gaps).await?;
    let day = counts(trace, &asked, 24, &mut gaps).await?;
    let (taken, is_cut) = deliveries(trace, &asked).await?;
    let waiting = queues
        .iter()
        .filter_map(|queue| attention::queue(queue, trouble::connector_of(&snapshot, queue).as_deref()));
    let mut entries: Vec<Entry> = waiting.collect();
    entries.extend(attention::failures(hour.failed, hour.delivered, asked.own.first().map(String::as_str)));
    entries.extend(alerts(context));
    entries.extend(sources(trace));
    entries.extend(health(context).await);
    entries.sort_by_key(|entry| !entry.is_error);
    entries.truncate(attention::ENTRIES_MAX);
    let queued: usize = queues.iter().map(|queue| queue.message_count).sum();
    let mut output = Output::object(rows::row_of(json!({
        "At": now.to_string(),
        "Place": asked.own.first(),
        "Queued": queued,
        "LastHour": hour.json(),
        "LastDay": day.json(),
        "Latency": latency::overall(&taken),
        "LatencyPerFiveMinutes": latency::bins(&taken),
        "Attention": entries.iter().map(Entry::json).collect::<Value>(),
    })));
    tell_gaps(&mut output, &gaps, arguments);
    if is_cut {
        output.warnings.push(format!("latency is of the newest {LATENCY_ROWS_MAX} deliveries of the hour"));
    }
    Ok(output)
}

/// Mail that is not counted because it is not known whose it is: figures that are too low must not look like little
/// mail.
fn tell_gaps(output: &mut Output, gaps: &[Gap], arguments: &Arguments) {
    for gap in gaps {
        output.warnings.push(completeness::warning(gap, "mail", arguments.zone()));
        output.gaps.push(serde_json::to_value(gap).unwrap_or(Value::Null));
    }
}

/// Which rows are counted.
#[derive(Debug, Clone)]
struct Asked {
    now: Timestamp,
    /// The names of this server, whose records alone count; none where those of every place do.
    own: Vec<String>,
    /// The addresses of the organization: mail from inside to others is what goes out.
    inside: Vec<AddressPattern>,
}

impl Asked {
    fn since(&self, hours: i64) -> Query {
        let mut query =
            Query { start: self.now.checked_sub(SignedDuration::from_hours(hours)).ok(), ..Query::default() };
        if !self.own.is_empty() {
            query.facets.push(FacetFilter::any(Facet::Place, self.own.clone()));
        }
        query
    }
}

/// Recipients of a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Counts {
    incoming: u64,
    outgoing: u64,
    delivered: u64,
    pending: u64,
    failed: u64,
    quarantined: u64,
    spam: u64,
}

impl Counts {
    fn json(self) -> Value {
        json!({
            "In": self.incoming,
            "Out": self.outgoing,
            "Delivered": self.delivered,
            "Pending": self.pending,
            "Failed": self.failed,
            "Quarantined": self.quarantined,
            "FilteredAsSpam": self.spam,
        })
    }
}

/// Counts the recipients of the last hours; what is missing in the records counted goes to `gaps`, each once.
async fn counts(
    trace: &Trace,
    asked: &Asked,
    hours: i64,
    gaps: &mut Vec<Gap>,
) -> Result<Counts, CmdletError> {
    let whole = Query { statuses: OF_RECIPIENTS.to_vec(), total: Total::Alone, ..asked.since(hours) };
    for gap in trace.search(whole).await?.gaps {
        // Where another place is behind, nothing of this server is missing.
        let is_own = asked.own.is_empty() || asked.own.contains(&gap.source);
        if is_own && !gaps.contains(&gap) && gaps.len() < GAPS_MAX {
            gaps.push(gap);
        }
    }
    let count = |statuses: &[Status], direction: Option<Directionality>| {
        let query = Query {
            statuses: statuses.to_vec(),
            directions: direction.into_iter().collect(),
            // What comes from inside goes out only where it does not stay there.
            not_recipients: match direction {
                Some(Directionality::Originating) => asked.inside.clone(),
                _ => Vec::new(),
            },
            total: Total::Alone,
            ..asked.since(hours)
        };
        async move { Ok::<u64, CmdletError>(trace.search(query).await?.total) }
    };
    Ok(Counts {
        incoming: count(OF_RECIPIENTS, Some(Directionality::Incoming)).await?,
        outgoing: count(OF_RECIPIENTS, Some(Directionality::Originating)).await?,
        delivered: count(&[Status::Delivered], None).await?,
        pending: count(&[Status::Pending, Status::GettingStatus], None).await?,
        failed: count(&[Status::Failed], None).await?,
        quarantined: count(&[Status::Quarantined], None).await?,
        spam: count(&[Status::FilteredAsSpam], None).await?,
    })
}

/// How long the deliveries of the last hour took, the newest first; and whether there were more.
async fn deliveries(trace: &Trace, asked: &Asked) -> Result<(Vec<Taken>, bool), CmdletError> {
    let mut query = Query {
        statuses: Vec::from([Status::Delivered]),
        page_size: PAGE_SIZE_MAX,
        total: Total::Later,
        ..asked.since(1)
    };
    let mut taken = Vec::new();
    loop {
        let answer = trace.search(query.clone()).await?;
        taken.extend(answer.rows.iter().filter_map(|found| {
            let span = found.row.ended_at?.duration_since(found.received);
            Some((found.received, i64::try_from(span.as_millis()).ok()?))
        }));
        match answer.next {
            None => return Ok((taken, false)),
            Some(_) if taken.len() >= LATENCY_ROWS_MAX => return Ok((taken, true)),
            // A page without an end in it leads on too: pages end.
            next => query.cursor = next,
        }
    }
}

/// Trace sources that cannot be read now; those that an administrator disabled or removed need nobody.
fn sources(trace: &Trace) -> Vec<Entry> {
    let known = trace.sources().map(|sources| sources.list()).unwrap_or_default();
    let failed = known.into_iter().filter(|(spec, state)| state.word(spec) == SourceWord::Failed);
    let entries = failed.map(|(spec, state)| {
        let error = state.error.unwrap_or_else(|| "It cannot be read.".to_owned());
        attention::source(&spec.name, &spec.place, error)
    });
    entries.collect()
}

/// Alerts that are raised, and those that could not tell somebody when they were last looked at: what they should warn
/// of goes unnoticed.
fn alerts(context: &Context) -> Vec<Entry> {
    let snapshot = context.directory.snapshot();
    let mut alerts: Vec<_> = snapshot.message_trace_alerts().filter(|alert| alert.enabled).collect();
    alerts.sort_by(|one, other| one.name.cmp(&other.name));
    let error_of = |guid| context.services.alert_attempts.of(guid).and_then(|last| last.error);
    let entries = alerts.into_iter().flat_map(|alert| {
        let raised = alert
            .raised_since
            .map(|since| attention::raised(&alert.name, &alert.query, alert.threshold, since));
        let silent = error_of(alert.guid).map(|error| attention::alert(&alert.name, error));
        [raised, silent]
    });
    entries.flatten().collect()
}

/// What Test-ServiceHealth finds ailing; queues and connectors are told apart from it.
async fn health(context: &Context) -> Vec<Entry> {
    let ailing = service_health::ailing(context).await.into_iter();
    let entries = ailing.map(|(name, is_error, detail)| Entry {
        is_error,
        kind: "Health",
        what: format!("{name} is {}.", if is_error { "unhealthy" } else { "degraded" }),
        identity: name,
        actor: None,
        connector: None,
        cause: detail,
        remedy: "Test-ServiceHealth shows all components; the service log has more.".to_owned(),
        command: "Test-ServiceHealth".to_owned(),
    });
    entries.collect()
}

fn drawn(value: &Value, _: &jiff::tz::TimeZone) -> String {
    let one = |object: &Value| {
        let parts = object.as_object().into_iter().flatten();
        parts.map(|(name, value)| format!("{name} {}", plain(value))).collect::<Vec<_>>().join(", ")
    };
    match value {
        Value::Array(several) => several.iter().map(one).collect::<Vec<_>>().join("\n"),
        single => one(single),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn drawn_attention(entries: &Value, _: &jiff::tz::TimeZone) -> String {
    let text = |entry: &Value, name: &str| plain(entry.get(name).unwrap_or(&Value::Null));
    let lines = entries.as_array().into_iter().flatten().map(|entry| {
        let line = format!(
            "{}: {} {} {}",
            text(entry, "Severity"),
            text(entry, "What"),
            text(entry, "Cause"),
            text(entry, "Remedy")
        );
        // Other servers' replies stand in it.
        line.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect::<String>()
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use trace::places::Options;
    use world::sim::SimWorld;

    use super::*;

    const GATEWAY: &str = "\
Nov 20 07:50:00 gw postfix/smtpd[1]: ABCDEF: client=a.example[192.0.2.1]
Nov 20 07:50:00 gw postfix/cleanup[1]: ABCDEF: message-id=<m1@fabrikam.example>
Nov 20 07:50:00 gw postfix/qmgr[1]: ABCDEF: from=<mimi@fabrikam.example>, size=10, nrcpt=1 (queue active)
Nov 20 07:50:01 gw postfix/smtp[1]: ABCDEF: to=<kim@contoso.example>, relay=mx[192.0.2.25]:25, delay=1, dsn=2.0.0, status=sent (250 ok)
Nov 20 07:50:01 gw postfix/qmgr[1]: ABCDEF: removed
";

    #[test]
    fn an_imported_log_changes_nothing_of_the_mail_flow_of_this_server() {
        let sim = SimWorld::new(12);
        let world = sim.world();
        let config = trace::Config::new("mx1.contoso.example");
        let trace =
            Trace::open(&world.disk, &world.clock, &world.exec, Path::new("/data/trace"), config).unwrap();
        world.disk.create_dir_all(Path::new("/logs")).unwrap();
        world.disk.write_atomic(Path::new("/logs/mail.log"), GATEWAY.as_bytes()).unwrap();
        let now = world.clock.now();
        let (path, around, place) = (Path::new("/logs/mail.log"), Arc::default(), "gateway".parse().unwrap());
        trace.places().import_path(path, &place, &around, &Options::new(now), now, &|_| true).unwrap();
        let of = |own: &[&str]| {
            let own = own.iter().map(|name| (*name).to_owned()).collect();
            let asked = Asked { now, own, inside: Vec::new() };
            let counts = sim.run(counts(&trace, &asked, 1, &mut Vec::new())).unwrap();
            (counts.delivered, sim.run(deliveries(&trace, &asked)).unwrap().0.len())
        };
        assert_eq!(of(&["mx1", "mx1.contoso.example"]), (0, 0));
        assert_eq!(of(&[]), (1, 1), "an observer shows what it reads");
    }

    /// After an upgrade the mail of before is not known to be this server's: it is not counted, and that is said.
    #[test]
    fn mail_that_names_no_place_is_told_as_a_gap() {
        use events::{Event, EventId, Source};
        use trace::{EventKey, NodeId};
        let sim = SimWorld::new(13);
        let world = sim.world();
        let config = trace::Config::new("mx1.contoso.example");
        let dir = Path::new("/data/trace");
        let trace = Trace::open(&world.disk, &world.clock, &world.exec, dir, config.clone()).unwrap();
        let now = world.clock.now();
        let id = mail::NetworkMessageId(world.chance.uuid_v4());
        let event = Event::new(now, EventId::Receive, Source::Smtp, id).recipient("kim@contoso.example", "");
        trace.store().import(vec![(EventKey { node: NodeId(1), seq: 1 }, event)]).unwrap();
        let own = vec!["mx1.contoso.example".to_owned()];
        let asked = Asked { now: now + SignedDuration::from_secs(1), own, inside: Vec::new() };
        let of = |trace: &Trace| {
            let mut gaps = Vec::new();
            let counts = sim.run(counts(trace, &asked, 1, &mut gaps)).unwrap();
            (counts.pending, gaps)
        };
        assert_eq!(of(&trace), (1, Vec::new()));
        drop(trace);
        let day = world.disk.read_dir(dir).unwrap().into_iter().map(|entry| entry.name);
        let day = day.map(|name| name.to_string_lossy().into_owned()).find(|name| name.ends_with(".sqlite"));
        let file = dir.join(day.unwrap());
        let connection = world.disk.sqlite(&file, world::SqliteMode::ReadWriteCreate).unwrap();
        // The place stands in the last line.
        connection
            .execute("UPDATE facet_set SET facets = substr(facets, 1, length(facets) - 2)", [])
            .unwrap();
        drop(connection);
        let trace = Trace::open(&world.disk, &world.clock, &world.exec, dir, config).unwrap();
        let (counted, gaps) = of(&trace);
        assert_eq!((counted, gaps.len()), (0, 1), "{gaps:?}");
        let mut output = Output::list(Vec::new());
        let arguments = Arguments::from_json(&CMDLET, &serde_json::Map::new()).unwrap();
        tell_gaps(&mut output, &gaps, &arguments);
        assert!(output.warnings[0].starts_with("mail may be missing: "), "{:?}", output.warnings);
        assert_eq!(output.gaps.len(), 1);
    }
}
