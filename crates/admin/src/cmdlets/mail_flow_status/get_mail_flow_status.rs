//! Get-MailFlowStatus: in, out, queued, failed and quarantined, latency, and what needs attention.
//! May touch: trace (read), transport (queues), clock, directory (read), what Test-ServiceHealth touches.

use events::Directionality;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use trace::search::{PAGE_SIZE_MAX, Total};
use trace::{Query, Status, Trace};

use super::attention::{self, Entry};
use super::latency::{self, Taken};
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example};
use crate::cmdlets::recipient::rows;
use crate::cmdlets::service_health;
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::{Output, OutputType, Property};
use crate::role::Role;

/// Delivered rows that latency is measured of, the newest.
const LATENCY_ROWS_MAX: usize = 20_000;
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
    description: "Recipients of the last hour and day by direction and status, what waits in queues, percentiles of the time from reception to delivery in the last hour, and what needs attention, with its cause and what to do. Counts are of recipients; groups and replaced addresses do not count.",
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

async fn run(context: &Context, _: &Arguments) -> Result<Output, CmdletError> {
    let trace = context.services.trace()?;
    let now = context.world.clock.now();
    let queues = context.services.transport().map(|transport| transport.queues()).unwrap_or_default();
    let hour = counts(trace, now, 1).await?;
    let day = counts(trace, now, 24).await?;
    let (taken, is_cut) = deliveries(trace, now).await?;
    let mut entries: Vec<Entry> = queues.iter().filter_map(attention::queue).collect();
    entries.extend(attention::failures(hour.failed, hour.delivered));
    entries.extend(health(context).await);
    entries.sort_by_key(|entry| !entry.is_error);
    entries.truncate(attention::ENTRIES_MAX);
    let queued: usize = queues.iter().map(|queue| queue.message_count).sum();
    let mut output = Output::object(rows::row_of(json!({
        "At": now.to_string(),
        "Queued": queued,
        "LastHour": hour.json(),
        "LastDay": day.json(),
        "Latency": latency::overall(&taken),
        "LatencyPerFiveMinutes": latency::bins(&taken),
        "Attention": entries.iter().map(Entry::json).collect::<Value>(),
    })));
    if is_cut {
        output.warnings.push(format!("latency is of the newest {LATENCY_ROWS_MAX} deliveries of the hour"));
    }
    Ok(output)
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

async fn counts(trace: &Trace, now: Timestamp, hours: i64) -> Result<Counts, CmdletError> {
    let count = |statuses: &[Status], directions: &[Directionality]| {
        let query = Query {
            statuses: statuses.to_vec(),
            directions: directions.to_vec(),
            total: Total::Alone,
            ..since(now, hours)
        };
        async move { Ok::<u64, CmdletError>(trace.search(query).await?.total) }
    };
    Ok(Counts {
        incoming: count(OF_RECIPIENTS, &[Directionality::Incoming]).await?,
        outgoing: count(OF_RECIPIENTS, &[Directionality::Originating]).await?,
        delivered: count(&[Status::Delivered], &[]).await?,
        pending: count(&[Status::Pending, Status::GettingStatus], &[]).await?,
        failed: count(&[Status::Failed], &[]).await?,
        quarantined: count(&[Status::Quarantined], &[]).await?,
        spam: count(&[Status::FilteredAsSpam], &[]).await?,
    })
}

/// How long the deliveries of the last hour took, the newest first; and whether there were more.
async fn deliveries(trace: &Trace, now: Timestamp) -> Result<(Vec<Taken>, bool), CmdletError> {
    let mut query = Query {
        statuses: Vec::from([Status::Delivered]),
        page_size: PAGE_SIZE_MAX,
        total: Total::Later,
        ..since(now, 1)
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

fn since(now: Timestamp, hours: i64) -> Query {
    Query { start: now.checked_sub(SignedDuration::from_hours(hours)).ok(), ..Query::default() }
}

/// What Test-ServiceHealth finds ailing; queues and connectors are told apart from it.
async fn health(context: &Context) -> Vec<Entry> {
    let ailing = service_health::ailing(context).await.into_iter();
    let entries = ailing.map(|(name, is_error, detail)| Entry {
        is_error,
        kind: "Health",
        what: format!("{name} is {}.", if is_error { "unhealthy" } else { "degraded" }),
        identity: name,
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
