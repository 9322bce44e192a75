//! What agents leave in the trace: the pairs they note, and the time they took.
//!
//! May touch: nothing (pure).

use agents::Spent;

/// Pairs for AGENTINFO, by agent.
pub(crate) type Notes = Vec<(&'static str, Vec<(String, String)>)>;

/// Seconds that an agent spent, as the time budget reads them.
const SPENT: &str = "Spent";
/// In which part of the pipeline it spent them.
const COMPONENT: &str = "Component";
/// An agent that took less is no line of a budget in milliseconds.
const LEAST_MICROS: u128 = 500;

/// The parts of the pipeline that ask agents, in Exchange's names for latencies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Component {
    /// Receiving by SMTP.
    Reception,
    /// The categorizer.
    Categorizer,
}

impl Component {
    fn as_str(self) -> &'static str {
        match self {
            Component::Reception => "SMR",
            Component::Categorizer => "CAT",
        }
    }
}

/// Adds what each agent spent over all points of a component: to its note if it left one, else as a note of its own.
pub(crate) fn add_spent(notes: &mut Notes, component: Component, spent: &[Spent]) {
    let mut done: Vec<&str> = Vec::new();
    for one in spent {
        if done.contains(&one.agent) {
            continue;
        }
        done.push(one.agent);
        let own = spent.iter().filter(|other| other.agent == one.agent);
        let micros = own.map(|other| other.time.as_micros()).fold(0, u128::saturating_add);
        if micros < LEAST_MICROS {
            continue;
        }
        let pairs = [
            (SPENT.to_owned(), format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)),
            (COMPONENT.to_owned(), component.as_str().to_owned()),
        ];
        match notes.iter_mut().find(|(agent, _)| *agent == one.agent) {
            Some((_, noted)) => noted.extend(pairs),
            None => notes.push((one.agent, Vec::from(pairs))),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_time_of_an_agent_stands_once_and_in_its_own_note() {
        let spent = |agent, micros| Spent { agent, time: Duration::from_micros(micros), surplus: 0 };
        let mut notes: Notes = vec![("Rules", vec![("TRA".to_owned(), "ETRP|ruleId=1".to_owned())])];
        let all =
            [spent("Rules", 1_200_000), spent("Filter", 400), spent("Rules", 34_567), spent("Filter", 99)];
        add_spent(&mut notes, Component::Categorizer, &all);
        assert_eq!(notes.len(), 1, "half a millisecond is no line");
        assert_eq!(
            notes[0].1[1..],
            [("Spent".to_owned(), "1.234567".to_owned()), ("Component".to_owned(), "CAT".to_owned())]
        );
        add_spent(&mut notes, Component::Reception, &[spent("Filter", 2_000)]);
        assert_eq!(notes[1].0, "Filter");
        assert_eq!(notes[1].1[0].1, "0.002000");
    }
}
