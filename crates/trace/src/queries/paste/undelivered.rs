//! The search for what a report of another mail system is about and this server refused: it has no id of ours.
//!
//! May touch: nothing itself; it asks the trace.

use jiff::{SignedDuration, Timestamp};

use super::claims::Undelivered;
use super::{Pasted, Searched};
use crate::Trace;
use crate::queries::paste_logs;
use crate::search::{AddressPattern, PAGE_SIZE_MAX, Query, Refused, SearchError, TraceRow};

/// So far the clocks of the sender's server and of ours may differ, its time in the queue there left out.
const AROUND: SignedDuration = SignedDuration::from_mins(15);

impl Undelivered {
    /// Whether a row is of one of the recipients.
    pub(super) fn names(&self, row: &TraceRow) -> bool {
        let is_it = |address: &str| self.recipients.iter().any(|one| one.eq_ignore_ascii_case(address));
        is_it(&row.recipient_address) || row.final_recipient_address.as_deref().is_some_and(is_it)
    }

    /// From when to when we may have had it; `None` where the report names no time.
    fn span(&self) -> Option<(Timestamp, Timestamp)> {
        let first = self.arrived.or(self.ended)?;
        let last = self.ended.max(self.arrived).unwrap_or(first);
        let first = first.min(last).checked_sub(AROUND).unwrap_or(Timestamp::MIN);
        Some((first, last.checked_add(AROUND).unwrap_or(Timestamp::MAX)))
    }

    fn in_words(&self, senders: usize, span: Option<(Timestamp, Timestamp)>) -> (&'static str, String) {
        let mut words = self.recipients.join(", ");
        if senders > 0 {
            words.push_str(&format!(" from {}", self.senders.join(" or ")));
        }
        if let Some((first, last)) = span {
            words.push_str(&format!(", {first:.0} to {last:.0}"));
        }
        let by = match (senders > 0, span.is_some()) {
            (true, true) => "Recipient, sender and time",
            (true, false) => "Recipient and sender",
            (false, true) => "Recipient and time",
            (false, false) => "Recipient",
        };
        (by, words)
    }
}

impl Trace {
    /// Rows to the recipients of a report, from the sender it names, about the time it names, refused attempts too; those
    /// that were refused in its words first, what its ids found behind them.
    pub(super) async fn by_undelivered(
        &self,
        report: &Undelivered,
        pasted: &mut Pasted,
    ) -> Result<(), SearchError> {
        let patterns = |addresses: &[String]| -> Vec<AddressPattern> {
            addresses.iter().filter(|one| !one.contains('*')).filter_map(|one| one.parse().ok()).collect()
        };
        let (recipients, senders) = (patterns(&report.recipients), patterns(&report.senders));
        if recipients.is_empty() {
            return Ok(());
        }
        let span = report.span();
        let (by, value) = report.in_words(senders.len(), span);
        let query = Query {
            recipients,
            senders,
            start: Some(span.map_or(Timestamp::UNIX_EPOCH, |(first, _)| first)),
            end: span.map(|(_, last)| last),
            refused: Refused::Include,
            page_size: PAGE_SIZE_MAX,
            ..Query::default()
        };
        let answer = self.search(query).await?;
        pasted.note(&answer);
        pasted.searched.push(Searched { by, value, found: answer.total, limit: None });
        if answer.rows.is_empty() {
            return Ok(());
        }
        let mut rows = answer.rows;
        if let Some(said) = report.diagnostic.as_deref() {
            // Postfix adds what it had said itself.
            let said = said.split(" (in reply to").next().unwrap_or(said);
            rows.sort_by_key(|row| !paste_logs::says(row, said));
        }
        pasted.total = pasted.total.saturating_add(answer.total);
        rows.append(&mut pasted.rows);
        pasted.rows = rows;
        Ok(())
    }
}
