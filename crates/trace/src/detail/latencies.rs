//! Latencies as Exchange writes them into message-info: origin time, then per server its components and agents.
//!
//! May touch: nothing (pure).
//!
//! `2026-11-20T09:03:11.123Z;SRV=a.contoso.example:TOTAL-HUB=0.140|SMR=0.114(SMRPI=0.101(SMRPI-Agent=0.095))|CAT=0.026;LSRV=…`

use events::Event;
use jiff::Timestamp;

use super::budget::AgentTime;

/// Components within components that are followed.
const DEPTH_MAX: usize = 16;
/// Servers, and components of one, that are read.
const ITEMS_MAX: usize = 1_000;
/// Longest latency believed, in seconds: a year.
const SECONDS_MAX: f64 = 31_536_000.0;

/// What one server measured.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Server {
    pub(super) host: String,
    /// TOTAL-…, where it stands.
    pub(super) total_ms: Option<i64>,
    pub(super) components: Vec<Component>,
}

impl Server {
    /// All that it measured, in milliseconds.
    pub(super) fn measured_ms(&self) -> i64 {
        let inside = self.components.iter().map(|component| component.ms).fold(0, i64::saturating_add);
        self.total_ms.unwrap_or(inside)
    }
}

/// One component at the top.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Component {
    name: String,
    pub(super) ms: i64,
    /// Agents anywhere below it.
    pub(super) agents: Vec<AgentTime>,
}

impl Component {
    /// In words, for the ones that occur often.
    pub(super) fn words(&self) -> String {
        let words = match self.name.as_str() {
            "SMR" => "SMTP reception",
            "SMS" => "SMTP sending",
            "SMSC" => "SMTP connecting",
            "CAT" => "Categorizer",
            "QS" | "SUB" => "Submission queue",
            "QD" | "QDE" | "QDM" | "UNK" => "Delivery queue",
            "SDD" => "Mailbox delivery",
            "SDS" => "Mailbox submission",
            "PSC" => "Proxying",
            other => return other.to_owned(),
        };
        words.to_owned()
    }
}

/// The origin time at the head; `None` where there is none.
pub(super) fn origin(info: &str) -> Option<Timestamp> {
    info.split(';').next()?.trim().parse().ok()
}

/// The servers in their order; `None` where there are no latencies.
pub(super) fn read(info: &str) -> Option<Vec<Server>> {
    let parts = info.split(';').filter_map(|part| {
        let part = part.trim();
        part.strip_prefix("SRV=").or_else(|| part.strip_prefix("LSRV="))
    });
    let servers: Vec<Server> = parts.take(ITEMS_MAX).filter_map(server).collect();
    (!servers.is_empty()).then_some(servers)
}

fn server(text: &str) -> Option<Server> {
    let (host, parts) = text.split_once(':')?;
    let mut server = Server { host: host.to_owned(), ..Server::default() };
    for (name, ms, below) in items(parts) {
        if name.starts_with("TOTAL") {
            server.total_ms = Some(server.total_ms.unwrap_or(0).saturating_add(ms));
            continue;
        }
        let mut component = Component { name: name.to_owned(), ms, agents: Vec::new() };
        agents(below, 0, &mut component.agents);
        server.components.push(component);
    }
    Some(server)
}

/// The agents below a component: names with a dash, `CATRS-Transport Rule Agent=0.050`.
fn agents(text: &str, depth: usize, found: &mut Vec<AgentTime>) {
    if depth >= DEPTH_MAX || found.len() >= ITEMS_MAX {
        return;
    }
    for (name, ms, below) in items(text) {
        match name.split_once('-') {
            Some((_, agent)) => found.push(AgentTime { agent: agent.to_owned(), ms }),
            None => agents(below, depth.saturating_add(1), found),
        }
    }
}

/// `A=0.1(B=0.05|C=0.01)|D=0.2` into `(A, 100, "B=0.05|C=0.01")` and `(D, 200, "")`.
fn items(text: &str) -> Vec<(&str, i64, &str)> {
    let mut found = Vec::new();
    let (mut depth, mut start) = (0_usize, 0_usize);
    let ends = text.char_indices().filter_map(|(at, letter)| {
        match letter {
            '(' => depth = depth.saturating_add(1),
            ')' => depth = depth.saturating_sub(1),
            '|' if depth == 0 => return Some(at),
            _ => {}
        }
        None
    });
    for end in ends.chain([text.len()]).take(ITEMS_MAX) {
        let item = text.get(start..end).unwrap_or_default();
        start = end.saturating_add(1);
        let Some((name, rest)) = item.split_once('=') else { continue };
        let (number, below) = rest.split_once('(').unwrap_or((rest, ""));
        if let Some(ms) = milliseconds(number) {
            found.push((name.trim(), ms, below.strip_suffix(')').unwrap_or(below)));
        }
    }
    found
}

#[expect(clippy::cast_possible_truncation, reason = "the number is finite and within SECONDS_MAX")]
fn milliseconds(seconds: &str) -> Option<i64> {
    let seconds: f64 = seconds.trim().parse().ok()?;
    let is_sane = seconds.is_finite() && (0.0..=SECONDS_MAX).contains(&seconds);
    is_sane.then(|| (seconds * 1_000.0).round() as i64)
}

/// Where an agent was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// Before the message was taken over.
    Reception,
    /// In the categorizer.
    Categorizer,
}

/// What the agent of a note spent, if the note says so (`Spent`, in seconds), and where (`Component`).
pub(super) fn spent(event: &Event) -> Option<(AgentTime, Option<Asked>)> {
    let pair =
        |name: &str| event.custom_data.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let time = AgentTime { agent: event.source_context.clone()?, ms: milliseconds(pair("Spent")?)? };
    let asked = match pair("Component") {
        Some("SMR") => Some(Asked::Reception),
        Some("CAT") => Some(Asked::Categorizer),
        _ => None,
    };
    Some((time, asked))
}

#[cfg(test)]
mod tests {
    use super::*;

    const INFO: &str = "2026-11-20T09:03:11.000Z;SRV=fe.contoso.example:TOTAL-FE=0.140|SMR=0.114(SMRPI=0.101(SMRPI-Frontend Proxy Agent=0.095))|SMS=0.026;LSRV=hub.contoso.example:TOTAL-HUB=0.500|CAT=0.300(CATRS=0.2(CATRS-Transport Rule Agent=0.150))|QDE=0.100";

    #[test]
    fn servers_components_and_agents_are_read() {
        let servers = read(INFO).unwrap();
        assert_eq!(servers.len(), 2);
        assert_eq!(servers[0].total_ms, Some(140));
        assert_eq!(servers[0].components[0].agents[0].agent, "Frontend Proxy Agent");
        assert_eq!(servers[1].components[0].words(), "Categorizer");
        assert_eq!(
            servers[1].components[0].agents,
            [AgentTime { agent: "Transport Rule Agent".into(), ms: 150 }]
        );
        assert_eq!(origin(INFO), "2026-11-20T09:03:11Z".parse().ok());
        assert_eq!(read("0cA:"), None);
        assert_eq!(read(""), None);
    }

    #[test]
    fn what_is_no_latency_is_left_out() {
        for odd in ["SRV=a", "SRV=a:((((", "SRV=a:X=NaN|Y=-1|Z=inf|W=1e300", "SRV=a:|||=|"] {
            assert!(
                read(odd).is_none_or(|servers| servers.iter().all(|server| server.components.is_empty())),
                "{odd}"
            );
        }
        let deep = format!("SRV=a:X=1{}", "(Y=1".repeat(5_000));
        assert_eq!(read(&deep).unwrap()[0].components.len(), 1);
    }
}
