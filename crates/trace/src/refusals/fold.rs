//! Folding of equal refusals: after ten a minute the same attempt only raises a count.
//!
//! May touch: nothing (pure).

use std::collections::HashMap;
use std::net::IpAddr;

use events::{Event, Reason};

use crate::store::domain_of;

/// Equal refusals a minute that get a row each.
pub(crate) const ROWS_PER_MINUTE: u32 = 10;
/// Kinds of refusals followed at once; beyond it those of past minutes are forgotten, then all.
const KINDS_MAX: usize = 50_000;
/// Microseconds of a minute.
const MINUTE_MICROS: i64 = 60_000_000;

/// What makes refusals equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Kind {
    client: Option<IpAddr>,
    connector: Option<String>,
    reason: Option<Reason>,
    domain: String,
}

#[derive(Debug, Clone, Copy)]
struct Minute {
    minute: i64,
    seen: u32,
    /// The row that holds the count.
    row: Option<i64>,
}

/// What to do with a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It gets a row of its own.
    Row,
    /// It gets the row that will hold the count; tell [`Folding::counts_in`] its number.
    CountingRow,
    /// It is counted in this row.
    Counted(i64),
}

/// The kinds of the current minute.
#[derive(Debug, Default)]
pub(crate) struct Folding {
    kinds: HashMap<Kind, Minute>,
}

impl Folding {
    pub(crate) fn fate(&mut self, event: &Event) -> Fate {
        let minute = event.at.as_microsecond().div_euclid(MINUTE_MICROS);
        if self.kinds.len() >= KINDS_MAX {
            self.kinds.retain(|_, known| known.minute == minute);
            if self.kinds.len() >= KINDS_MAX {
                self.kinds.clear();
            }
        }
        let known = self.kinds.entry(kind(event)).or_insert(Minute { minute, seen: 0, row: None });
        if known.minute != minute {
            *known = Minute { minute, seen: 0, row: None };
        }
        known.seen = known.seen.saturating_add(1);
        match known.row {
            _ if known.seen <= ROWS_PER_MINUTE => Fate::Row,
            None => Fate::CountingRow,
            Some(row) => Fate::Counted(row),
        }
    }

    /// The row that holds the count of refusals equal to this one for the rest of the minute.
    pub(crate) fn counts_in(&mut self, event: &Event, row: i64) {
        if let Some(known) = self.kinds.get_mut(&kind(event)) {
            known.row = Some(row);
        }
    }

    /// After a failed transaction no row is known to exist.
    pub(crate) fn forget(&mut self) {
        self.kinds.clear();
    }
}

fn kind(event: &Event) -> Kind {
    let recipient = event.recipients.first().map_or("", |recipient| recipient.address.as_str());
    Kind {
        client: event.client_ip,
        // Its name is part of what a search asks for; it is that of a receive connector, of which there are few.
        connector: event.connector_id.clone(),
        reason: event.detail.reason,
        domain: domain_of(&recipient.to_lowercase()).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use events::{EventId, Source};
    use jiff::Timestamp;
    use mail::NetworkMessageId;

    use super::*;

    fn refused(second: i64, recipient: &str) -> Event {
        let at = Timestamp::from_second(second).unwrap();
        Event::new(at, EventId::Refused, Source::Smtp, NetworkMessageId::default())
            .recipient(recipient, "550")
    }

    #[test]
    fn from_the_eleventh_of_a_minute_on_equal_ones_only_count() {
        let mut folding = Folding::default();
        for number in 0..10 {
            assert_eq!(folding.fate(&refused(60, &format!("u{number}@contoso.example"))), Fate::Row);
        }
        let eleventh = refused(61, "x@CONTOSO.example");
        assert_eq!(folding.fate(&eleventh), Fate::CountingRow);
        folding.counts_in(&eleventh, 7);
        assert_eq!(folding.fate(&refused(119, "y@contoso.example")), Fate::Counted(7));
        assert_eq!(folding.fate(&refused(119, "y@fabrikam.example")), Fate::Row);
        let other = Event { connector_id: Some("Client".to_owned()), ..refused(119, "y@contoso.example") };
        assert_eq!(
            folding.fate(&other),
            Fate::Row,
            "what came to another connector is not counted in its row"
        );
        assert_eq!(folding.fate(&refused(120, "y@contoso.example")), Fate::Row);
    }
}
