//! The search for a paste that names no id which is known: by its addresses, and by the words of a refusal.
//!
//! May touch: nothing itself; it asks the trace.

use super::{Paste, Pasted, Searched};
use crate::Trace;
use crate::queries::paste_logs;
use crate::search::{AddressPattern, PAGE_SIZE_MAX, Query, Refused, SearchError, Total, TraceRow};
use crate::status::Status;

/// Rows of addresses looked through for all addresses of a paste; from then on no further address is searched. At most
/// two pages more are held: those of the address that reached it.
const ADDRESS_ROWS_MAX: usize = 20_000;
/// Rows looked through for one that was refused in the words of a paste.
const DIAGNOSTIC_ROWS_MAX: usize = 100_000;

impl Trace {
    /// Rows to the first address of the paste that is known and from it; where the paste words a refusal, those that
    /// were refused so, of the first address that has any. Rows of two addresses never come together: they would be
    /// mail that nobody asked about, and the same mail twice.
    pub(super) async fn by_addresses(&self, paste: &Paste, pasted: &mut Pasted) -> Result<(), SearchError> {
        let (mut read, mut first) = (0_usize, None);
        for address in &paste.addresses {
            let Ok(pattern) = address.parse::<AddressPattern>() else { continue };
            if read >= ADDRESS_ROWS_MAX {
                let (by, value) = ("Recipient", address.clone());
                let limit = Some(format!(
                    "not searched, nor were the addresses after it: {read} rows of those before were looked through"
                ));
                pasted.searched.push(Searched { by, value, found: 0, limit });
                break;
            }
            let is_worded = paste.diagnostic.is_some();
            let (rows, total) = self.by_address(address, pattern, is_worded, pasted).await?;
            read = read.saturating_add(rows.len());
            let told: Option<Vec<TraceRow>> = paste.diagnostic.as_ref().map(|diagnostic| {
                rows.iter().filter(|row| paste_logs::says(row, diagnostic)).cloned().collect()
            });
            match told {
                Some(told) if !told.is_empty() => {
                    let total = u64::try_from(told.len()).unwrap_or(u64::MAX);
                    first = Some((told, total));
                    break;
                }
                // Another address may have what was refused in these words.
                Some(_) if !rows.is_empty() && first.is_none() => first = Some((rows, total)),
                None if !rows.is_empty() => {
                    first = Some((rows, total));
                    break;
                }
                _ => {}
            }
        }
        if let Some((rows, total)) = first {
            (pasted.rows, pasted.total) = (rows, total);
            pasted.rows.sort_by_key(|row| std::cmp::Reverse(row.received));
            pasted.rows.truncate(PAGE_SIZE_MAX);
        }
        Ok(())
    }

    /// Rows to an address and from it, each once, and how many there are in all.
    async fn by_address(
        &self,
        address: &str,
        pattern: AddressPattern,
        is_worded: bool,
        pasted: &mut Pasted,
    ) -> Result<(Vec<TraceRow>, u64), SearchError> {
        let base =
            Query { start: Some(jiff::Timestamp::UNIX_EPOCH), page_size: PAGE_SIZE_MAX, ..Query::default() };
        let to = Query { recipients: Vec::from([pattern.clone()]), ..base.clone() };
        let from =
            Query { senders: Vec::from([pattern.clone()]), not_recipients: Vec::from([pattern]), ..base };
        let (mut rows, mut total) = (Vec::new(), 0_u64);
        for (by, query) in [("Recipient", to), ("Sender", from)] {
            let answer = self.search(query).await?;
            pasted.note(&answer);
            let (value, found, read) = (address.to_owned(), answer.total, answer.rows.len());
            let is_part = is_worded && u64::try_from(read).is_ok_and(|read| read < found);
            let limit = is_part.then(|| {
                format!("only the newest {read} of them were compared with the words of the refusal")
            });
            pasted.searched.push(Searched { by, value, found, limit });
            total = total.saturating_add(found);
            rows.extend(answer.rows);
        }
        Ok((rows, total))
    }

    /// Rows of what failed or waits that were refused in these words, newest first. Replies have no index: only so many
    /// rows are looked at.
    pub(super) async fn by_diagnostic(
        &self,
        diagnostic: &str,
        pasted: &mut Pasted,
    ) -> Result<(), SearchError> {
        let mut query = Query {
            statuses: Vec::from([Status::Failed, Status::Pending]),
            start: Some(jiff::Timestamp::UNIX_EPOCH),
            refused: Refused::Include,
            page_size: PAGE_SIZE_MAX,
            total: Total::Later,
            ..Query::default()
        };
        let (mut read, mut limit) = (0_usize, None);
        loop {
            let answer = self.search(query.clone()).await?;
            pasted.note(&answer);
            read = read.saturating_add(answer.rows.len());
            let so = answer.rows.into_iter().filter(|row| paste_logs::says(row, diagnostic));
            pasted.rows.extend(so.take(PAGE_SIZE_MAX.saturating_sub(pasted.rows.len())));
            let Some(next) = answer.next else { break };
            if read >= DIAGNOSTIC_ROWS_MAX || pasted.rows.len() >= PAGE_SIZE_MAX {
                limit = Some(format!("only the newest {read} rows that failed or wait were looked through"));
                break;
            }
            query.cursor = Some(next);
        }
        let found = u64::try_from(pasted.rows.len()).unwrap_or(u64::MAX);
        pasted.total = found;
        pasted.searched.push(Searched { by: "Reply", value: diagnostic.to_owned(), found, limit });
        Ok(())
    }
}

/// Other recipients that are named.
const OTHERS_MAX: usize = 5;

impl Pasted {
    /// Rows that were refused in the same words are not what was asked where the paste names somebody else: whose they
    /// are is kept, and how many are nobody's; they are not among the rows.
    pub(super) fn offer_only(&mut self) {
        for row in std::mem::take(&mut self.rows) {
            let address = row.recipient_address;
            if address.is_empty() {
                self.without_recipient = self.without_recipient.saturating_add(1);
            } else if self.others.len() < OTHERS_MAX && !self.others.contains(&address) {
                self.others.push(address);
            }
        }
        self.total = 0;
    }
}
