//! The agents that are installed, and the order they are asked in: the point first, then the priority.
//!
//! May touch: clock.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use world::Clock;

use crate::action::{Action, Rejection};
use crate::agent::Agent;
use crate::context::Context;
use crate::header_firewall::HeaderFirewall;
use crate::point::Point;
use crate::recipient_filter::RecipientFilter;

/// Most actions taken from one agent at one point; further ones are not performed and counted in [`Spent`].
pub const ACTIONS_MAX: usize = 1000;

/// Before every agent an administrator can order: the header firewall is not one of them in Exchange.
const PRIORITY_FIXED_FIRST: u16 = 0;
/// As documented for the Recipient Filter Agent.
const PRIORITY_RECIPIENT_FILTER: u16 = 7;

/// An installed agent.
#[derive(Clone)]
pub struct Registration {
    /// The agent.
    pub agent: Arc<dyn Agent>,
    /// 1 is asked first; 0 is for agents whose place is fixed.
    pub priority: u16,
    /// Whether it is asked at all.
    pub enabled: bool,
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Registration({}, priority {}, enabled {})", self.agent.name(), self.priority, self.enabled)
    }
}

/// What `Get-TransportAgent` shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentInfo {
    /// Its name.
    pub name: &'static str,
    /// Its priority.
    pub priority: u16,
    /// Whether it is asked.
    pub enabled: bool,
    /// Where it is asked.
    pub points: &'static [Point],
}

/// How long an agent took at a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spent {
    /// The agent.
    pub agent: &'static str,
    /// By the clock.
    pub time: Duration,
    /// Actions above [`ACTIONS_MAX`] that were not taken.
    pub surplus: usize,
}

/// An action and who wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The agent.
    pub agent: &'static str,
    /// What it wants.
    pub action: Action,
}

/// What the agents at one point want, in the order to be performed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dispatch {
    /// The actions; one that ends the chain stands last.
    pub wanted: Vec<Wanted>,
    /// Every agent asked with the time it took, for the trace.
    pub spent: Vec<Spent>,
}

impl Dispatch {
    /// The rejection that ended the chain, and whose it is.
    #[must_use]
    pub fn rejection(&self) -> Option<(&'static str, &Rejection)> {
        match self.wanted.last() {
            Some(Wanted { agent, action: Action::Reject(rejection) }) => Some((agent, rejection)),
            _ => None,
        }
    }
}

/// The installed agents, ready to be asked. Changing the set means making another registry.
#[derive(Debug, Clone, Default)]
pub struct Registry {
    registrations: Vec<Registration>,
    chains: HashMap<Point, Vec<usize>>,
}

impl Registry {
    /// The agents every server has.
    #[must_use]
    pub fn built_in() -> Registry {
        Registry::new(vec![
            Registration { agent: Arc::new(HeaderFirewall), priority: PRIORITY_FIXED_FIRST, enabled: true },
            Registration {
                agent: Arc::new(RecipientFilter),
                priority: PRIORITY_RECIPIENT_FILTER,
                enabled: true,
            },
        ])
    }

    /// A registry of these. Of two with the same priority the one that stands first is asked first.
    #[must_use]
    pub fn new(mut registrations: Vec<Registration>) -> Registry {
        registrations.sort_by_key(|registration| registration.priority);
        let mut chains: HashMap<Point, Vec<usize>> = HashMap::new();
        for (number, registration) in registrations.iter().enumerate().filter(|(_, one)| one.enabled) {
            for point in registration.agent.points() {
                chains.entry(*point).or_default().push(number);
            }
        }
        Registry { registrations, chains }
    }

    /// The agents in the order of their priority.
    pub fn agents(&self) -> impl Iterator<Item = AgentInfo> {
        self.registrations.iter().map(|registration| AgentInfo {
            name: registration.agent.name(),
            priority: registration.priority,
            enabled: registration.enabled,
            points: registration.agent.points(),
        })
    }

    /// The agents asked at a point, in order: a line of `Get-TransportPipeline`.
    #[must_use]
    pub fn chain(&self, point: Point) -> Vec<&'static str> {
        self.at(point).map(|agent| agent.name()).collect()
    }

    /// Whether anybody is asked at a point: if not, the context need not be made.
    #[must_use]
    pub fn has_agents(&self, point: Point) -> bool {
        self.chains.contains_key(&point)
    }

    fn at(&self, point: Point) -> impl Iterator<Item = &dyn Agent> {
        let numbers = self.chains.get(&point).map(Vec::as_slice).unwrap_or_default();
        numbers.iter().filter_map(|number| self.registrations.get(*number)).map(|one| one.agent.as_ref())
    }

    /// Asks the agents of a point, in order, until one ends the chain. All see the same context: what one wants is
    /// performed after the last was asked.
    #[must_use]
    pub fn dispatch(&self, point: Point, context: &Context<'_>, clock: &Clock) -> Dispatch {
        let mut dispatch = Dispatch::default();
        for agent in self.at(point) {
            let began = clock.elapsed();
            let actions = agent.on(point, context);
            let time = clock.elapsed().saturating_sub(began);
            let surplus = actions.len().saturating_sub(ACTIONS_MAX);
            dispatch.spent.push(Spent { agent: agent.name(), time, surplus });
            for action in actions.into_iter().take(ACTIONS_MAX) {
                let ends_chain = action.ends_chain();
                dispatch.wanted.push(Wanted { agent: agent.name(), action });
                if ends_chain {
                    return dispatch;
                }
            }
        }
        dispatch
    }
}

#[cfg(test)]
mod tests {
    use directory::{PermissionSet, Snapshot};
    use events::Reason;
    use smtp::replies;
    use world::sim::SimWorld;

    use super::*;
    use crate::context::{Envelope, Session};

    /// Wants what it is told at its points.
    struct Scripted(&'static str, &'static [Point], Vec<Action>);

    impl Agent for Scripted {
        fn name(&self) -> &'static str {
            self.0
        }
        fn points(&self) -> &'static [Point] {
            self.1
        }
        fn on(&self, _: Point, _: &Context<'_>) -> Vec<Action> {
            self.2.clone()
        }
    }

    fn registration(agent: Scripted, priority: u16, enabled: bool) -> Registration {
        Registration { agent: Arc::new(agent), priority, enabled }
    }

    fn note(text: &str) -> Action {
        Action::Note(vec![(text.to_owned(), String::new())])
    }

    fn dispatch(registry: &Registry, point: Point) -> Dispatch {
        let session = Session {
            client_ip: None,
            client_hostname: None,
            principal: None,
            permissions: PermissionSet::EMPTY,
            connector: "Default Frontend".to_owned(),
            tls: false,
        };
        let (envelope, directory) = (Envelope::default(), Snapshot::default());
        let sim = SimWorld::new(1);
        registry.dispatch(point, &Context::new(&session, &envelope, &directory), &sim.world().clock)
    }

    #[test]
    fn the_point_beats_the_priority_and_the_priority_orders() {
        use Point::{EndOfData, MailCommand, RcptToCommand};
        let reject =
            Action::Reject(Rejection { reply: replies::OK, reason: Reason::Spam, detail: String::new() });
        let registry = Registry::new(vec![
            registration(Scripted("last", &[MailCommand, EndOfData], vec![note("last")]), 9, true),
            registration(Scripted("off", &[MailCommand], vec![note("off")]), 1, false),
            registration(Scripted("first", &[MailCommand], vec![note("a"), note("b")]), 2, true),
            registration(
                Scripted(
                    "middle",
                    &[EndOfData, RcptToCommand],
                    vec![note("m"), reject.clone(), note("never")],
                ),
                5,
                true,
            ),
        ]);
        assert_eq!(registry.chain(MailCommand), ["first", "last"]);
        assert_eq!(registry.chain(EndOfData), ["middle", "last"]);
        assert!(!registry.has_agents(Point::Connect));
        let order: Vec<_> = registry.agents().map(|agent| (agent.name, agent.enabled)).collect();
        assert_eq!(order, [("off", false), ("first", true), ("middle", true), ("last", true)]);

        let mail = dispatch(&registry, MailCommand);
        let wanted: Vec<_> = mail.wanted.iter().map(|one| (one.agent, one.action.clone())).collect();
        assert_eq!(wanted, [("first", note("a")), ("first", note("b")), ("last", note("last"))]);
        assert_eq!(mail.rejection(), None);

        let data = dispatch(&registry, EndOfData);
        assert_eq!(data.wanted.len(), 2, "nothing behind the rejection");
        assert_eq!(
            data.rejection().map(|(agent, found)| (agent, found.reason)),
            Some(("middle", Reason::Spam))
        );
        let asked: Vec<_> = data.spent.iter().map(|spent| spent.agent).collect();
        assert_eq!(asked, ["middle"]);
        assert_eq!(dispatch(&registry, Point::Connect), Dispatch::default());
    }

    #[test]
    fn one_agent_cannot_flood() {
        let many = vec![note("x"); ACTIONS_MAX + 3];
        let registry = Registry::new(vec![registration(Scripted("many", &[Point::Connect], many), 1, true)]);
        let done = dispatch(&registry, Point::Connect);
        assert_eq!((done.wanted.len(), done.spent[0].surplus), (ACTIONS_MAX, 3));
    }

    #[test]
    fn the_built_in_agents_stand_where_they_are_documented() {
        let registry = Registry::built_in();
        assert_eq!(registry.chain(Point::RcptToCommand), ["Recipient Filter Agent"]);
        assert_eq!(registry.chain(Point::EndOfHeaders), ["Header Firewall"]);
    }
}
