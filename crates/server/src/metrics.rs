//! `/metrics`: figures of the running server as Prometheus text.
//!
//! May touch: nothing (pure; the figures are an argument).
//! Standards: the Prometheus text exposition format, version 0.0.4.

use std::fmt::{Display, Write as _};

use spool::Stats;
use trace::{Lag, Totals};

use crate::certificates::Validity;

/// Queues listed one by one; more are only in the sum.
const QUEUES_LISTED_MAX: usize = 1_000;

/// One queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct QueueLength {
    /// Its identity.
    pub(crate) queue: String,
    /// DeliveryType.
    pub(crate) delivery_type: &'static str,
    /// NextHopDomain.
    pub(crate) next_hop_domain: String,
    /// Messages in it.
    pub(crate) messages: usize,
    /// Of these, those that wait for their own retry.
    pub(crate) deferred: usize,
}

/// Everything measured at one moment.
#[derive(Debug, Clone)]
pub(crate) struct Measured {
    pub(crate) version: &'static str,
    pub(crate) ready: bool,
    pub(crate) uptime_secs: u64,
    pub(crate) submission: usize,
    pub(crate) queues: Vec<QueueLength>,
    pub(crate) sessions: u32,
    /// Resource and level: 0 low, 1 medium, 2 high.
    pub(crate) pressure: Vec<(&'static str, u8)>,
    pub(crate) spool: Stats,
    pub(crate) last_event: u64,
    pub(crate) lag: Lag,
    pub(crate) totals: Totals,
    pub(crate) refused: u64,
    pub(crate) refusals_dropped: u64,
    pub(crate) certificates: Vec<Validity>,
    pub(crate) resident_bytes: Option<u64>,
}

/// The text.
pub(crate) fn exposition(measured: &Measured) -> String {
    let mut text = Text::default();
    let m = measured;
    text.family("postroom_build_info", "gauge", "The version, as a label.");
    text.sample("postroom_build_info", &[("version", m.version)], 1);
    text.gauge("postroom_ready", "1 when mail is taken, else 0.", u8::from(m.ready));
    text.counter("postroom_uptime_seconds_total", "Seconds since the start.", m.uptime_secs);
    text.gauge("postroom_smtp_sessions", "SMTP sessions that are open.", m.sessions);
    mail(&mut text, m);
    queues(&mut text, m);
    text.family(
        "postroom_back_pressure_level",
        "gauge",
        "Back pressure by resource: 0 low, 1 medium, 2 high.",
    );
    for (resource, level) in &m.pressure {
        text.sample("postroom_back_pressure_level", &[("resource", resource)], level);
    }
    spool(&mut text, &m.spool);
    text.counter("postroom_events_total", "Number of the last event written.", m.last_event);
    text.gauge("postroom_trace_feed_lag_events", "Events not yet in the tracking log.", m.lag.events);
    text.gauge(
        "postroom_trace_feed_lag_seconds",
        "How long the oldest of them has waited.",
        m.lag.age.as_secs_f64(),
    );
    text.gauge(
        "postroom_trace_feed_failed",
        "1 while the tracking log cannot be written.",
        u8::from(m.lag.failure.is_some()),
    );
    text.counter(
        "postroom_trace_unreadable_events_total",
        "Events that could not be read.",
        m.lag.unreadable,
    );
    text.counter("postroom_refusals_dropped_total", "Refusals that were not recorded.", m.refusals_dropped);
    text.family(
        "postroom_certificate_days_left",
        "gauge",
        "Days until a certificate ends; negative when it has.",
    );
    for one in &m.certificates {
        let labels = [("thumbprint", one.thumbprint.as_str()), ("subject", one.subject.as_str())];
        text.sample("postroom_certificate_days_left", &labels, one.days_left);
    }
    if let Some(bytes) = m.resident_bytes {
        text.gauge("process_resident_memory_bytes", "Resident memory.", bytes);
    }
    text.0
}

/// Counted from the start of the process, where the events are written into the tracking log.
fn mail(text: &mut Text, m: &Measured) {
    let totals = &m.totals;
    for (name, help, value) in [
        ("postroom_messages_received_total", "Messages accepted.", totals.received),
        ("postroom_recipients_delivered_total", "Recipients delivered to a mailbox.", totals.delivered),
        ("postroom_recipients_sent_total", "Recipients handed on to another server.", totals.sent),
        ("postroom_recipients_failed_total", "Recipients that failed for good.", totals.failed),
        ("postroom_recipients_deferred_total", "Attempts that were put off until later.", totals.deferred),
        ("postroom_attempts_refused_total", "Connections and recipients refused.", m.refused),
    ] {
        text.counter(name, help, value);
    }
}

fn queues(text: &mut Text, m: &Measured) {
    let all: usize = m.queues.iter().map(|queue| queue.messages).sum();
    text.gauge("postroom_submission_queue_messages", "Messages in the Submission queue.", m.submission);
    text.gauge("postroom_queued_messages", "Messages in all queues.", all);
    text.gauge("postroom_queues", "Queues.", m.queues.len());
    for (name, help) in [
        ("postroom_queue_messages", "Messages by queue."),
        ("postroom_queue_deferred_messages", "Messages that wait for their own retry, by queue."),
    ] {
        text.family(name, "gauge", help);
        for queue in m.queues.iter().take(QUEUES_LISTED_MAX) {
            let labels = [
                ("queue", queue.queue.as_str()),
                ("delivery_type", queue.delivery_type),
                ("next_hop_domain", queue.next_hop_domain.as_str()),
            ];
            let value = if name.contains("deferred") { queue.deferred } else { queue.messages };
            text.sample(name, &labels, value);
        }
    }
}

fn spool(text: &mut Text, stats: &Stats) {
    text.gauge("postroom_spool_messages", "Messages that live.", stats.messages);
    text.gauge("postroom_spool_dead_messages", "Dead messages that are still readable.", stats.dead_kept);
    text.gauge("postroom_spool_live_bytes", "Bytes that are needed.", stats.live_bytes);
    text.gauge("postroom_spool_log_bytes", "Bytes of all segment files.", stats.log_bytes);
    text.gauge("postroom_spool_segments", "Segments in use.", stats.segments);
    text.gauge("postroom_spool_spare_segments", "Segments kept for reuse.", stats.spare_segments);
    text.gauge("postroom_spool_body_memory_bytes", "Bodies in memory.", stats.body_memory_bytes);
    text.gauge("postroom_spool_commits_waiting", "Commits sent and not answered.", stats.commits_waiting);
    text.counter("postroom_spool_batches_total", "Batches written, one sync each.", stats.batches);
}

#[derive(Default)]
struct Text(String);

impl Text {
    fn gauge(&mut self, name: &str, help: &str, value: impl Display) {
        self.family(name, "gauge", help);
        self.sample(name, &[], value);
    }

    fn counter(&mut self, name: &str, help: &str, value: impl Display) {
        self.family(name, "counter", help);
        self.sample(name, &[], value);
    }

    fn family(&mut self, name: &str, kind: &str, help: &str) {
        let _ = write!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        self.0.push_str(name);
        for (at, (label, text)) in labels.iter().enumerate() {
            let open = if at == 0 { '{' } else { ',' };
            let _ = write!(self.0, "{open}{label}=\"{}\"", escaped(text));
        }
        let close = if labels.is_empty() { "" } else { "}" };
        let _ = writeln!(self.0, "{close} {value}");
    }
}

/// A label's value: backslash, quote and line feed are escaped.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured() -> Measured {
        Measured {
            version: "0.1.0",
            ready: true,
            uptime_secs: 5,
            submission: 1,
            queues: vec![QueueLength {
                queue: "MX1\\3".into(),
                delivery_type: "DnsConnectorDelivery",
                next_hop_domain: "fabrikam.example".into(),
                messages: 7,
                deferred: 2,
            }],
            sessions: 3,
            pressure: vec![("UsedDiskSpace", 1)],
            spool: Stats::default(),
            last_event: 9,
            lag: Lag { events: 0, age: std::time::Duration::ZERO, unreadable: 0, failure: None },
            totals: Totals { received: 11, delivered: 12, sent: 13, failed: 14, deferred: 15 },
            refused: 16,
            refusals_dropped: 4,
            certificates: vec![Validity {
                thumbprint: "AB".into(),
                subject: "CN=\"x\"".into(),
                days_left: -1,
            }],
            resident_bytes: Some(1024),
        }
    }

    #[test]
    fn every_sample_has_its_family_before_it() {
        let text = exposition(&measured());
        let mut family = "";
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# TYPE ") {
                family = rest.split(' ').next().unwrap();
            } else if !line.starts_with('#') {
                let name = line.split(['{', ' ']).next().unwrap();
                assert_eq!(name, family, "{line}");
                let value = line.rsplit(' ').next().unwrap();
                assert!(value.parse::<f64>().is_ok(), "{line}");
            }
        }
    }

    #[test]
    fn labels_are_escaped_and_figures_are_those_measured() {
        let text = exposition(&measured());
        for line in [
            "postroom_queue_messages{queue=\"MX1\\\\3\",delivery_type=\"DnsConnectorDelivery\",next_hop_domain=\"fabrikam.example\"} 7",
            "postroom_queue_deferred_messages{queue=\"MX1\\\\3\",delivery_type=\"DnsConnectorDelivery\",next_hop_domain=\"fabrikam.example\"} 2",
            "postroom_certificate_days_left{thumbprint=\"AB\",subject=\"CN=\\\"x\\\"\"} -1",
            "postroom_back_pressure_level{resource=\"UsedDiskSpace\"} 1",
            "postroom_submission_queue_messages 1",
            "postroom_smtp_sessions 3",
            "postroom_messages_received_total 11",
            "postroom_recipients_delivered_total 12",
            "postroom_recipients_sent_total 13",
            "postroom_recipients_failed_total 14",
            "postroom_recipients_deferred_total 15",
            "postroom_attempts_refused_total 16",
        ] {
            assert!(text.lines().any(|written| written == line), "{line}\n{text}");
        }
    }
}
