//! The page of a query in one day file: its rows in one of the orders.
//!
//! May touch: a SQLite connection.

use std::cmp::Reverse;

use rusqlite::{Connection, params_from_iter};

use super::{After, DayFilter, Lead, RowId};
use crate::search::RowOrder;
use crate::store::StoreError;
use crate::store::schema::{ORDINAL_BITS, SLOW_INDEX, SLOW_MILLIS};

impl DayFilter {
    /// At most `max` rows behind `after`, in order.
    pub(crate) fn page(
        &self,
        connection: &Connection,
        order: RowOrder,
        after: &After,
        max: usize,
    ) -> Result<Vec<RowId>, StoreError> {
        if order == RowOrder::Slowest && self.lead == Lead::Recipient("") && has_slow_index(connection)? {
            // A page of the slowest rows is usually full of slow ones.
            let mut slow = self.clone();
            slow.lead = Lead::Recipient(SLOW_INDEX);
            slow.recipient.push(format!("r.latency >= {SLOW_MILLIS}"));
            let rows = slow.page_in_order(connection, order, after, max)?;
            if rows.len() >= max {
                return Ok(rows);
            }
        }
        self.page_in_order(connection, order, after, max)
    }

    fn page_in_order(
        &self,
        connection: &Connection,
        order: RowOrder,
        after: &After,
        max: usize,
    ) -> Result<Vec<RowId>, StoreError> {
        let by_recipient = order == RowOrder::ByRecipient;
        let key = if by_recipient { "a.key" } else { "NULL" };
        let sort = match (order, self.lead) {
            (RowOrder::Slowest, _) => "r.latency DESC, r.id DESC",
            // The sign keeps SQLite from going through all messages in this order until it has met a page of these.
            (_, Lead::Message | Lead::Trigrams) if self.is_rare => "+m.id DESC, +r.id DESC",
            (_, Lead::Message | Lead::Trigrams) => "m.id DESC, r.id DESC",
            (_, Lead::Recipient(_)) => "r.id DESC",
        };
        // By recipient, the rows of the last message are wanted whole: they are put in order below.
        let limit = if by_recipient { String::new() } else { format!(" LIMIT {max}") };
        let sql = format!(
            "SELECT r.id, {key}, coalesce(r.latency, -1) {} ORDER BY {sort}{limit}",
            self.sources_and_conditions(after, by_recipient)
        );
        let mut statement = connection.prepare(&sql)?;
        let values = self.values_with(after);
        let values = values.iter().take(statement.parameter_count());
        let mut found = statement.query(params_from_iter(values))?;
        let mut rows: Vec<RowId> = Vec::new();
        while let Some(row) = found.next()? {
            let row = RowId { id: row.get(0)?, key: row.get(1)?, latency: row.get(2)? };
            let begins = rows.last().is_none_or(|last| last.id >> ORDINAL_BITS != row.id >> ORDINAL_BITS);
            if rows.len() >= max && begins {
                break;
            }
            rows.push(row);
        }
        if by_recipient {
            rows.sort_by(|a, b| {
                (Reverse(a.id >> ORDINAL_BITS), &a.key).cmp(&(Reverse(b.id >> ORDINAL_BITS), &b.key))
            });
            rows.truncate(max);
        }
        Ok(rows)
    }
}

/// Whether a file has the index of slow rows: one written before it came has none until it is written again.
fn has_slow_index(connection: &Connection) -> Result<bool, StoreError> {
    let mut find =
        connection.prepare_cached("SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = ?1")?;
    Ok(find.exists([SLOW_INDEX])?)
}
