//! What of events is not for whoever reads them: cut out of the events themselves, before anything is made of them.
//!
//! May touch: nothing (pure).

use events::{Directionality, Event, MessageFacts};
use mail::Address;

/// Names of custom data that name rules, in lower case and without `S:`: a server's, and those of a gateway.
const RULE_NAMES: &[&str] =
    &["tra", "rule", "rulename", "ruleid", "finalrule", "final_rule", "quarantinerule", "quarantine_rule"];
/// How the entry of a rule begins in data that another system gave as a whole.
const RULE_ENTRY: &str = "tra=";
/// What Exchange Online calls the events whose description names a rule.
const RULE_EVENTS: &[&str] = &["transport rule", "dlp rule", "mail flow rule"];

/// What is cut out of events. The default is nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cut {
    /// Rules of other people, by name and text.
    pub rules: bool,
    /// If it is not empty: recipients, members and related recipients that are not of these domains (lower case,
    /// A-labels), unless the message was sent by one of theirs.
    pub domains: Vec<String>,
}

impl Cut {
    /// Cuts the events of one message or of several; `facts` are the message's, for events that do not carry them.
    pub fn events(&self, events: &mut [Event], facts: Option<&MessageFacts>) {
        for event in events {
            if self.rules {
                cut_rules(event);
            }
            let is_sender = event.message.as_ref().or(facts).is_some_and(|facts| self.is_sender(facts));
            if !self.domains.is_empty() && !is_sender {
                event.recipients.retain(|recipient| self.has(&recipient.address));
                event.detail.members.retain(|member| self.has(member));
                event.related_recipient_address.take_if(|related| !self.has(related));
            }
        }
    }

    /// Whether the message was sent by one of theirs: a sender's name on mail from outside says nothing.
    fn is_sender(&self, facts: &MessageFacts) -> bool {
        facts.directionality == Directionality::Originating && self.has(&facts.return_path)
    }

    fn has(&self, address: &str) -> bool {
        let Ok(address) = Address::parse(address) else { return false };
        self.domains.iter().any(|domain| domain == address.domain_key())
    }
}

/// A pair goes as a whole: what is a part of a rule's text and what follows it cannot be told apart.
fn cut_rules(event: &mut Event) {
    let is_rule_event = event.custom_data.iter().any(|(key, value)| {
        key == "Event" && RULE_EVENTS.contains(&value.trim().to_ascii_lowercase().as_str())
    });
    if is_rule_event {
        event.recipients.iter_mut().for_each(|recipient| recipient.status.clear());
    }
    event
        .custom_data
        .retain(|(key, value)| !names_rules(key) && !value.to_ascii_lowercase().contains(RULE_ENTRY));
}

fn names_rules(key: &str) -> bool {
    let key = key.strip_prefix("S:").unwrap_or(key).to_ascii_lowercase();
    RULE_NAMES.contains(&key.as_str())
}

#[cfg(test)]
mod tests {
    use events::{EventId, EventRecipient, Source};
    use mail::NetworkMessageId;

    use super::*;

    fn event(pairs: &[(&str, &str)]) -> Event {
        let at = "2026-11-20T09:03:11Z".parse().unwrap();
        let mut event = Event::new(at, EventId::AgentInfo, Source::Agent, NetworkMessageId::default());
        event.custom_data =
            pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        event
    }

    fn keys(event: &Event) -> Vec<&str> {
        event.custom_data.iter().map(|(key, _)| key.as_str()).collect()
    }

    #[test]
    fn rules_go_as_whole_pairs() {
        let mut events = [event(&[
            (
                "TRA",
                "ETR|name=No executables|text=If an attachment is executable, \"reject\"|action=RejectMessage",
            ),
            ("S:TRA", "ETRP|ruleId=17"),
            ("SFA", "SCL=1"),
            ("FinalRule", "outbound_secret"),
            ("FinalModule", "spam"),
            ("QuarantineRule", "secret"),
            ("Data", "<root><MEP Name=\"CustomData\" Blob=\"S:TRA=ETR|ruleId=1\"/></root>"),
        ])];
        let whole = events.clone();
        Cut::default().events(&mut events, None);
        assert_eq!(events, whole);
        Cut { rules: true, ..Cut::default() }.events(&mut events, None);
        assert_eq!(keys(&events[0]), ["SFA", "FinalModule"]);
    }

    #[test]
    fn a_description_that_names_a_rule_goes() {
        let mut named =
            event(&[("Event", "Transport rule")]).recipient("a@contoso.example", "Rule: 'Secret'");
        Cut { rules: true, ..Cut::default() }.events(std::slice::from_mut(&mut named), None);
        assert_eq!(named.recipients[0].status, "");
    }

    #[test]
    fn other_domains_go_unless_theirs_sent_it() {
        let cut = Cut { domains: vec!["fabrikam.example".into()], ..Cut::default() };
        let mut one = event(&[]);
        let named = ["eve@Fabrikam.example", "bob@contoso.example", "x@sub.fabrikam.example"];
        one.recipients = named
            .iter()
            .map(|address| EventRecipient { address: (*address).to_owned(), status: String::new() })
            .collect();
        one.detail.members = named.iter().map(|address| (*address).to_owned()).collect();
        one.related_recipient_address = Some("sales@contoso.example".to_owned());
        let whole = one.clone();
        let facts = |from: &str, directionality| MessageFacts {
            return_path: from.to_owned(),
            directionality,
            ..MessageFacts::default()
        };
        cut.events(
            std::slice::from_mut(&mut one),
            Some(&facts("kim@fabrikam.example", Directionality::Incoming)),
        );
        assert_eq!((one.recipients.len(), one.detail.members.len()), (1, 1));
        assert_eq!(one.related_recipient_address, None);
        let mut sent = whole.clone();
        cut.events(
            std::slice::from_mut(&mut sent),
            Some(&facts("kim@fabrikam.example", Directionality::Originating)),
        );
        assert_eq!(sent, whole);
    }
}
