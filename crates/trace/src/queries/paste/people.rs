//! The search for a paste that names no id which is known: by its addresses, and by the words of a refusal.
//!
//! May touch: nothing itself; it asks the trace.

use super::{Paste, Pasted, Searched};
use crate::Trace;
use crate::queries::paste_logs;
use crate::search::{AddressPattern, PAGE_SIZE_MAX, Query, Refused, SearchError, Total, TraceRow};
use crate::status::Status;

/// Rows looked through for one that was refused in the words of a paste.
const DIAGNOSTIC_ROWS_MAX: usize = 100_000;

impl Trace {
    /// Rows to an address of the paste and from it; where the paste words a refusal, those that were refused so.
    pub(super) async fn by_addresses(&self, paste: &Paste, pasted: &mut Pasted) -> Result<(), SearchError> {
        for address in &paste.addresses {
            let Ok(pattern) = address.parse::<AddressPattern>() else { continue };
            let base = Query {
                start: Some(jiff::Timestamp::UNIX_EPOCH),
                page_size: PAGE_SIZE_MAX,
                ..Query::default()
            };
            let to = Query { recipients: Vec::from([pattern.clone()]), ..base.clone() };
            let from =
                Query { senders: Vec::from([pattern.clone()]), not_recipients: Vec::from([pattern]), ..base };
            for (by, query) in [("Recipient", to), ("Sender", from)] {
                let answer = self.search(query).await?;
                pasted.note(&answer);
                let (value, found, read) = (address.clone(), answer.total, answer.rows.len());
                let is_part =
                    paste.diagnostic.is_some() && u64::try_from(read).is_ok_and(|read| read < found);
                let limit = is_part.then(|| {
                    format!("only the newest {read} of them were compared with the words of the refusal")
                });
                pasted.searched.push(Searched { by, value, found, limit });
                pasted.total = pasted.total.saturating_add(answer.total);
                pasted.rows.extend(answer.rows);
            }
            let is_told = paste
                .diagnostic
                .as_ref()
                .is_none_or(|diagnostic| pasted.rows.iter().any(|row| paste_logs::says(row, diagnostic)));
            if !pasted.rows.is_empty() && is_told {
                break;
            }
        }
        pasted.rows.sort_by_key(|row| std::cmp::Reverse(row.received));
        if let Some(diagnostic) = &paste.diagnostic {
            let so: Vec<TraceRow> =
                pasted.rows.iter().filter(|row| paste_logs::says(row, diagnostic)).cloned().collect();
            if !so.is_empty() {
                pasted.total = u64::try_from(so.len()).unwrap_or(u64::MAX);
                pasted.rows = so;
            }
        }
        Ok(())
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
