//! What of a message can be asked by name beside its addresses: server, connector, rule, TLS, checks, final action.
//!
//! May touch: nothing (pure).
//! Known gaps: beyond [`FACETS_MAX`] different values a message's further ones are not found.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use events::{Event, EventId};

use super::folding::fold_case;
use super::pattern::wild;

/// Different values one message is found by.
pub(crate) const FACETS_MAX: usize = 256;
/// Longest value kept, in bytes.
const VALUE_BYTES_MAX: usize = 256;

/// A property of a message that has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Facet {
    /// A server that wrote one of its events.
    Server,
    /// A connector it came or went by.
    Connector,
    /// A rule that acted on it, by the identity or name in its record.
    Rule,
    /// TLS version and cipher of a hop.
    Tls,
    /// Result of SPF: `pass`, `fail`, `softfail`, …
    Spf,
    /// Result of DKIM.
    Dkim,
    /// Result of DMARC.
    Dmarc,
    /// What a gateway did in the end: `continue`, `discard`, …
    FinalAction,
    /// A place whose records name the message; this server is one too.
    Place,
}

impl Facet {
    /// Every one.
    pub const ALL: &'static [Facet] = &[
        Facet::Server,
        Facet::Connector,
        Facet::Rule,
        Facet::Tls,
        Facet::Spf,
        Facet::Dkim,
        Facet::Dmarc,
        Facet::FinalAction,
        Facet::Place,
    ];

    /// The number that stands in the store; never changed or given again.
    pub(crate) fn code(self) -> u8 {
        match self {
            Facet::Server => 1,
            Facet::Connector => 2,
            Facet::Rule => 3,
            Facet::Tls => 4,
            Facet::Spf => 5,
            Facet::Dkim => 6,
            Facet::Dmarc => 7,
            Facet::FinalAction => 8,
            // Never 10, which ends a value.
            Facet::Place => 9,
        }
    }
}

/// A condition on a facet: one of its values matches one of these, or with `not` none does.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FacetFilter {
    /// Which.
    pub facet: Facet,
    /// Values without regard to case; `*` stands for any text.
    pub values: Vec<String>,
    /// Whether messages with such a value are left out instead.
    pub not: bool,
}

impl FacetFilter {
    /// Messages with one of these values.
    pub fn any<T: Into<String>>(facet: Facet, values: impl IntoIterator<Item = T>) -> FacetFilter {
        FacetFilter { facet, values: values.into_iter().map(Into::into).collect(), not: false }
    }
}

/// The server that wrote an event, or the place of which no server is named; nothing for this one.
pub(crate) fn server_of(event: &Event) -> &str {
    event.server_hostname.as_deref().or(event.detail.place.as_deref()).unwrap_or_default()
}

/// The values of a message, in order, each once.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct Facets(BTreeSet<(Facet, String)>);

impl Facets {
    /// Takes up what an event says.
    pub(crate) fn note(&mut self, event: &Event) {
        // What has no place was written here.
        self.add(Facet::Place, event.detail.place.as_deref().unwrap_or_default());
        if event.event_id == EventId::Refused || !is_hop(event.event_id) {
            // An event that does not name its server was written at its place, and without one here.
            self.add(Facet::Server, server_of(event));
        }
        for (facet, value) in [(Facet::Connector, &event.connector_id), (Facet::Tls, &event.detail.tls)] {
            if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
                self.add(facet, value);
            }
        }
        for (key, value) in &event.custom_data {
            self.note_pair(key.strip_prefix("S:").unwrap_or(key), value);
        }
    }

    fn note_pair(&mut self, key: &str, value: &str) {
        let key = key.to_ascii_lowercase();
        match key.as_str() {
            // `ETRP` and an `ETR` without an action only say that a rule was timed.
            "tra" => {
                let mut parts = value.split(['|', ';']).map(str::trim);
                let acted = parts.next() == Some("ETR") && value.contains("action=");
                let named = |part| str::strip_prefix(part, "ruleId=").or_else(|| part.strip_prefix("name="));
                for rule in parts.filter_map(named).filter(|rule| acted && !rule.is_empty()) {
                    self.add(Facet::Rule, rule);
                }
            }
            "rule" | "rulename" | "ruleid" | "finalrule" | "final_rule" => self.add(Facet::Rule, value),
            "spf" => self.add(Facet::Spf, result(value)),
            "dkim" => self.add(Facet::Dkim, result(value)),
            "dmarc" => self.add(Facet::Dmarc, result(value)),
            "authenticationresults" | "authentication-results" | "authres" => self.note_checks(value),
            "finalaction" | "final_action" => self.add(Facet::FinalAction, value),
            _ => {}
        }
    }

    /// `spf=pass …; dkim=fail …; dmarc=none …` (RFC 8601 §2.2).
    fn note_checks(&mut self, value: &str) {
        for part in value.split(';') {
            let Some((method, rest)) = part.trim().split_once('=') else { continue };
            let facet = match method.trim().to_ascii_lowercase().as_str() {
                "spf" => Facet::Spf,
                "dkim" => Facet::Dkim,
                "dmarc" => Facet::Dmarc,
                _ => continue,
            };
            self.add(facet, result(rest));
        }
    }

    fn add(&mut self, facet: Facet, value: &str) {
        let mut value = fold_case(value.trim());
        if value.len() > VALUE_BYTES_MAX {
            value.truncate(value.floor_char_boundary(VALUE_BYTES_MAX));
        }
        let known = (facet, value);
        if self.0.len() < FACETS_MAX && !self.0.contains(&known) {
            self.0.insert(known);
        }
    }

    /// Whether there is any value of a facet.
    pub(crate) fn has(&self, facet: Facet) -> bool {
        self.0.iter().any(|(known, _)| *known == facet)
    }

    /// As it is stored: per value its code, the text, and a line end.
    pub(crate) fn stored(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (facet, value) in &self.0 {
            bytes.push(facet.code());
            bytes.extend(value.bytes().map(|byte| if byte == b'\n' { b' ' } else { byte }));
            bytes.push(b'\n');
        }
        bytes
    }
}

/// Whether stored values satisfy all conditions; `server` is the name of the server whose store it is.
pub(crate) fn satisfies(stored: &[u8], filters: &[FacetFilter], server: &str) -> bool {
    filters.iter().all(|filter| {
        let lines = stored.split(|byte| *byte == b'\n').filter_map(|line| line.split_first());
        let mut values = lines.filter(|(code, _)| **code == filter.facet.code());
        let found = values.any(|(_, value)| {
            let value = String::from_utf8_lossy(value);
            let own = matches!(filter.facet, Facet::Server | Facet::Place) && value.is_empty();
            let value = if own { fold_case(server).into() } else { value };
            filter.values.iter().any(|wanted| wild(&fold_case(wanted.trim()), &value))
        });
        found != filter.not
    })
}

/// Whether stored values name a place; those written before a place could be asked for do not.
pub(crate) fn names_place(stored: &[u8]) -> bool {
    stored.split(|byte| *byte == b'\n').any(|line| line.first() == Some(&Facet::Place.code()))
}

/// Stored values of a message that only this server tells of, with this server as their place.
pub(crate) fn with_own_place(stored: &[u8]) -> Cow<'_, [u8]> {
    match names_place(stored) {
        true => Cow::Borrowed(stored),
        false => Cow::Owned([&[Facet::Place.code(), b'\n'], stored].concat()),
    }
}

/// The servers that stored values name; this one where it names itself.
pub(crate) fn servers_in(stored: &[u8]) -> impl Iterator<Item = String> {
    let lines = stored.split(|byte| *byte == b'\n').filter_map(|line| line.split_first());
    let named = lines.filter(|(code, value)| **code == Facet::Server.code() && !value.is_empty());
    named.map(|(_, value)| String::from_utf8_lossy(value).into_owned())
}

/// The word before a blank or bracket: `fail (client is not …)` says `fail`.
fn result(value: &str) -> &str {
    value.trim().split([' ', '(', ',', ';', '\t']).next().unwrap_or_default()
}

fn is_hop(id: EventId) -> bool {
    matches!(id, EventId::Send | EventId::SendExternal)
}

impl fmt::Display for Facet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Facet::Server => "Server",
            Facet::Connector => "Connector",
            Facet::Rule => "Rule",
            Facet::Tls => "Tls",
            Facet::Spf => "Spf",
            Facet::Dkim => "Dkim",
            Facet::Dmarc => "Dmarc",
            Facet::FinalAction => "FinalAction",
            Facet::Place => "Place",
        })
    }
}

#[cfg(test)]
mod tests {
    use events::Source;
    use jiff::Timestamp;
    use mail::NetworkMessageId;

    use super::*;

    fn stored(pairs: &[(&str, &str)]) -> Vec<u8> {
        let mut event =
            Event::new(Timestamp::UNIX_EPOCH, EventId::AgentInfo, Source::Agent, NetworkMessageId::default());
        event.connector_id = Some("Default Frontend mx1".into());
        event.custom_data =
            pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let mut facets = Facets::default();
        facets.note(&event);
        facets.note(&event);
        facets.stored()
    }

    #[test]
    fn what_events_say_is_found_by_name() {
        let stored = stored(&[
            ("S:TRA", "ETR|ruleId=Disclaimer-7|name=Legal text|st=1|action=ApplyHtmlDisclaimer"),
            ("S:TRA", "ETRP|ruleId=Timed-9|ExecW=4"),
            (
                "S:AuthenticationResults",
                "spf=pass (sender IP is 192.0.2.1); dkim=fail reason=\"x\"; dmarc=none",
            ),
            ("FinalAction", "Discard"),
        ]);
        let found = |facet, value: &str| {
            satisfies(&stored, &[FacetFilter::any(facet, [value])], "mx1.contoso.example")
        };
        assert!(found(Facet::Rule, "disclaimer-7") && found(Facet::Rule, "legal*"));
        assert!(!found(Facet::Rule, "timed-9"), "a rule that was only timed did not act");
        assert!(found(Facet::Spf, "PASS") && found(Facet::Dkim, "fail") && found(Facet::Dmarc, "none"));
        assert!(found(Facet::FinalAction, "discard"));
        assert!(found(Facet::Connector, "default*") && !found(Facet::Connector, "default"));
        assert!(found(Facet::Server, "MX1.contoso.example") && !found(Facet::Server, "mx2.contoso.example"));
        assert!(found(Facet::Place, "mx1*") && !found(Facet::Place, "gateway"));
        assert!(!found(Facet::Tls, "*"));
        assert!(names_place(&stored));
        let before = &stored[..stored.len() - 2];
        assert!(!names_place(before), "the place is the last line");
        let own = [FacetFilter::any(Facet::Place, ["mx1.*"])];
        assert!(!satisfies(before, &own, "mx1.contoso.example"));
        assert!(satisfies(&with_own_place(before), &own, "mx1.contoso.example"));
        assert_eq!(with_own_place(&stored), stored);
        let not = FacetFilter { not: true, ..FacetFilter::any(Facet::Tls, ["*"]) };
        assert!(satisfies(&stored, &[not], ""));
    }
}
