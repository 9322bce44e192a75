//! From measurements to what is said of a component: Healthy, Degraded or Unhealthy, and why.
//! May touch: nothing (pure).

use std::net::SocketAddr;

use serde_json::json;
use trace::Lag;
use transport::Stopping;
use transport::queue::back_pressure::{Pressure, Resource};

use crate::cmdlets::recipient::rows;
use crate::output::{Row, grouped};

/// Events behind from which on the trace counts as late: below, a search shows a message within a second.
const FEED_LATE_EVENTS: u64 = 10_000;
/// Seconds behind from which on the trace counts as late.
const FEED_LATE_SECS: u64 = 5;

/// Suspended queues that are named.
const SUSPENDED_NAMED_MAX: usize = 5;

/// How a component is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Status {
    /// Nothing has to be done.
    Healthy,
    /// It works, and an administrator should look at it.
    Degraded,
    /// It does not work.
    Unhealthy,
}

/// What is said of one component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Component {
    /// Its name.
    pub(super) name: String,
    /// How it is.
    pub(super) status: Status,
    /// Why, or how much.
    pub(super) detail: String,
}

impl Component {
    /// One component.
    pub(super) fn new(name: impl Into<String>, status: Status, detail: impl Into<String>) -> Component {
        Component { name: name.into(), status, detail: detail.into() }
    }

    /// A component that works, or the reason why it does not.
    pub(super) fn of(name: &str, working: &str, result: Result<(), String>) -> Component {
        match result {
            Ok(()) => Component::new(name, Status::Healthy, working),
            Err(why) => Component::new(name, Status::Unhealthy, why),
        }
    }

    /// A component that the server did not start.
    pub(super) fn missing(name: &str) -> Component {
        Component::new(name, Status::Unhealthy, "does not run on this server")
    }

    /// A component that the server did not start: on one that observes only it is off on purpose.
    pub(super) fn off(name: &str, is_observer: bool) -> Component {
        match is_observer {
            true => Component::new(name, Status::Healthy, "off on purpose: this server observes only"),
            false => Component::missing(name),
        }
    }

    /// As a row.
    pub(super) fn row(&self) -> Row {
        let status = match self.status {
            Status::Healthy => "Healthy",
            Status::Degraded => "Degraded",
            Status::Unhealthy => "Unhealthy",
        };
        rows::row_of(json!({ "Component": self.name, "Status": status, "Detail": self.detail }))
    }
}

/// A Receive connector that is enabled, with the addresses it is bound to.
pub(super) fn listener(connector: &str, bound: &[SocketAddr]) -> Component {
    let name = format!("Receive connector {connector}");
    if bound.is_empty() {
        return Component::new(
            name,
            Status::Unhealthy,
            "is enabled and listens on no address; see its Bindings",
        );
    }
    let addresses: Vec<String> = bound.iter().map(SocketAddr::to_string).collect();
    Component::new(name, Status::Healthy, format!("listens on {}", addresses.join(", ")))
}

/// Whether the transport goes on.
pub(super) fn transport(stopping: &Stopping, poisoned: u64) -> Component {
    let name = "Transport";
    match stopping {
        Stopping::No if poisoned > 0 => {
            let detail = format!(
                "{} messages in the poison queue; Get-Message -Queue Poison shows them",
                grouped(poisoned)
            );
            Component::new(name, Status::Degraded, detail)
        }
        Stopping::No => Component::new(name, Status::Healthy, "takes and delivers mail"),
        Stopping::Asked => Component::new(name, Status::Unhealthy, "is stopping"),
        Stopping::Failed(why) => Component::new(name, Status::Unhealthy, format!("is stopping: {why}")),
    }
}

/// Suspended queues, with the messages in each; nothing where there is none.
pub(super) fn suspended(queues: &[(String, u64)]) -> Option<Component> {
    let messages: u64 = queues.iter().map(|(_, messages)| *messages).sum();
    let mut names: Vec<&str> =
        queues.iter().take(SUSPENDED_NAMED_MAX).map(|(name, _)| name.as_str()).collect();
    if queues.len() > SUSPENDED_NAMED_MAX {
        names.push("...");
    }
    let noun = if messages == 1 { "message waits" } else { "messages wait" };
    let detail =
        format!("{} suspended: {} {noun}; Resume-Queue lets them go on", names.join(", "), grouped(messages));
    (!queues.is_empty()).then(|| Component::new("Queues", Status::Degraded, detail))
}

/// How far the trace is behind.
pub(super) fn feed(lag: &Lag) -> Component {
    let name = "Message trace";
    let behind = format!("{} events behind, the oldest for {} s", grouped(lag.events), lag.age.as_secs());
    if let Some(failure) = &lag.failure {
        return Component::new(name, Status::Unhealthy, format!("cannot be written: {failure} ({behind})"));
    }
    if lag.events >= FEED_LATE_EVENTS || lag.age.as_secs() >= FEED_LATE_SECS {
        return Component::new(name, Status::Degraded, behind);
    }
    if lag.unreadable > 0 {
        let detail = format!(
            "{} events could not be read since the start and are missing; {behind}",
            grouped(lag.unreadable)
        );
        return Component::new(name, Status::Degraded, detail);
    }
    Component::new(name, Status::Healthy, behind)
}

/// The back pressure of one resource.
pub(super) fn pressure(resource: Resource, pressure: Pressure) -> Component {
    let name = format!("Back pressure {}", resource.name());
    match (pressure, resource) {
        (Pressure::Low, _) => Component::new(name, Status::Healthy, "Low: everything is taken"),
        (Pressure::Medium, Resource::SubmissionQueueLength) => {
            Component::new(name, Status::Degraded, "Medium: new mail is slowed down")
        }
        (Pressure::Medium, Resource::UsedDiskSpace) => Component::new(
            name,
            Status::Degraded,
            "Medium: the volume is nearly full; mail is taken until it is full; make room",
        ),
        (Pressure::Medium, Resource::TraceFeedLag) => {
            Component::new(name, Status::Degraded, "Medium: refusal rows have stopped; mail is taken")
        }
        (Pressure::High, _) => {
            Component::new(name, Status::Unhealthy, "High: mail is refused with 452 4.3.1")
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn lag(events: u64, secs: u64, unreadable: u64, failure: Option<&str>) -> Lag {
        Lag { events, age: Duration::from_secs(secs), unreadable, failure: failure.map(str::to_owned) }
    }

    #[test]
    fn each_measurement_has_its_status() {
        let loopback: SocketAddr = "127.0.0.1:2525".parse().unwrap();
        let table = [
            (listener("Default", &[loopback]), Status::Healthy, "127.0.0.1:2525"),
            (listener("Default", &[]), Status::Unhealthy, "no address"),
            (transport(&Stopping::No, 0), Status::Healthy, "takes"),
            (transport(&Stopping::No, 2), Status::Degraded, "2 messages in the poison queue"),
            (transport(&Stopping::Failed("disk".into()), 0), Status::Unhealthy, "disk"),
            (
                suspended(&[("mx1\\3 (fabrikam.example)".into(), 2)]).unwrap(),
                Status::Degraded,
                "fabrikam.example) suspended: 2 messages wait",
            ),
            (feed(&lag(3, 0, 0, None)), Status::Healthy, "3 events behind"),
            (feed(&lag(10_000, 0, 0, None)), Status::Degraded, "10,000 events"),
            (feed(&lag(1, 9, 0, None)), Status::Degraded, "9 s"),
            (feed(&lag(0, 0, 4, None)), Status::Degraded, "4 events could not be read"),
            (feed(&lag(0, 0, 0, Some("disk full"))), Status::Unhealthy, "disk full"),
            (pressure(Resource::UsedDiskSpace, Pressure::Low), Status::Healthy, "Low"),
            (pressure(Resource::UsedDiskSpace, Pressure::Medium), Status::Degraded, "nearly full"),
            (pressure(Resource::SubmissionQueueLength, Pressure::Medium), Status::Degraded, "slowed"),
            (pressure(Resource::TraceFeedLag, Pressure::High), Status::Unhealthy, "refused"),
            (Component::of("Spool", "commits", Err("broken".into())), Status::Unhealthy, "broken"),
        ];
        assert_eq!(suspended(&[]), None);
        for (component, status, words) in table {
            assert_eq!(component.status, status, "{component:?}");
            assert!(component.detail.contains(words), "{component:?}");
        }
    }
}
