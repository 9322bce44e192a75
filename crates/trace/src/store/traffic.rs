//! Traffic counted without reading a message: what the columns of a day say, by time, by sender or by recipient.
//!
//! May touch: the disk (reading).

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::filter::Window;
use super::sealed::SealedDay;
use super::view::DayView;
use super::{DAY_MICROS, Day, ORDINAL_BITS, Store, StoreError, Watch};
use crate::status::Status;

/// Times are counted in steps of a quarter of an hour: every zone's hours and days begin with one.
const STEP_MICROS: i64 = 15 * 60 * 1_000_000;

/// Different keys counted; what is beyond them is counted together.
pub const TRAFFIC_KEYS_MAX: usize = 100_000;

/// What traffic is counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrafficBy {
    /// The quarter of an hour, of UTC, in which it was received.
    Time,
    /// The envelope sender, case-folded; empty for reports.
    Sender,
    /// The recipient, case-folded.
    Recipient,
}

/// What a count stands for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TrafficKey {
    /// The beginning of a quarter of an hour.
    Time(Timestamp),
    /// An address.
    Address(String),
    /// Those beyond [`TRAFFIC_KEYS_MAX`].
    Others,
}

/// Rows of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traffic {
    /// When, or whose.
    pub key: TrafficKey,
    /// What became of them; GettingStatus as it stands.
    pub status: Status,
    /// How many.
    pub rows: u64,
    /// Octets of their messages, each counted once a row.
    pub bytes: u64,
}

/// Rows and octets, by what the day calls a key and by the number of a status.
type Cells = BTreeMap<(i64, u8), (u64, u64)>;

impl Store {
    /// Rows received from `start` on and before `end`, counted; those that stand for others too. Blocks.
    pub(crate) fn traffic(
        &self,
        (start, end): (Timestamp, Timestamp),
        by: TrafficBy,
        watch: &Watch,
    ) -> Result<Vec<Traffic>, StoreError> {
        let mut counted = Counted::default();
        let (start, end) = (start.as_microsecond(), end.as_microsecond());
        for day in self.days() {
            let midnight = day.midnight();
            let low = start.saturating_sub(midnight).clamp(0, DAY_MICROS);
            let high = end.saturating_sub(midnight).clamp(0, DAY_MICROS);
            if low < high {
                watch.check()?;
                let window = Window { midnight, low, high, overdue: i64::MIN };
                self.view(day, |view| view.traffic(day, window, by, &mut counted))?;
            }
        }
        Ok(counted.all())
    }
}

/// What days have counted together.
#[derive(Debug, Default)]
struct Counted(HashMap<TrafficKey, HashMap<Status, (u64, u64)>>);

impl Counted {
    fn add(&mut self, key: &TrafficKey, status: Status, (rows, bytes): (u64, u64)) {
        let is_free = self.0.len() < TRAFFIC_KEYS_MAX || self.0.contains_key(key);
        let key = if is_free { key.clone() } else { TrafficKey::Others };
        let cell = self.0.entry(key).or_default().entry(status).or_default();
        *cell = (cell.0.saturating_add(rows), cell.1.saturating_add(bytes));
    }

    fn all(self) -> Vec<Traffic> {
        let of = |(key, cells): (TrafficKey, HashMap<Status, (u64, u64)>)| {
            cells.into_iter().map(move |(status, (rows, bytes))| Traffic {
                key: key.clone(),
                status,
                rows,
                bytes,
            })
        };
        self.0.into_iter().flat_map(of).collect()
    }
}

impl DayView<'_> {
    fn traffic(
        &self,
        day: Day,
        window: Window,
        by: TrafficBy,
        counted: &mut Counted,
    ) -> Result<(), StoreError> {
        if let Some(sealed) = self.sealed() {
            let cells = sealed.traffic(window, by, self.replaced()?)?;
            let mut names = HashMap::new();
            if by != TrafficBy::Time {
                // In rising order: neighbours are in the same block.
                for number in cells.keys().filter_map(|(key, _)| u64::try_from(*key).ok()) {
                    if let std::collections::hash_map::Entry::Vacant(free) = names.entry(number.cast_signed())
                    {
                        free.insert(sealed.address(number)?.unwrap_or_default());
                    }
                }
            }
            tell(day, by, cells, &mut |key| Ok(names.get(&key).cloned().unwrap_or_default()), counted)?;
        }
        if let Some(connection) = self.connection() {
            let mut find = connection.prepare_cached("SELECT key FROM address WHERE id = ?1")?;
            let mut name =
                |key: i64| Ok(find.query_row([key], |row| row.get(0)).optional()?.unwrap_or_default());
            tell(day, by, in_open_day(connection, window, by)?, &mut name, counted)?;
        }
        Ok(())
    }
}

/// Names what a day has counted.
fn tell(
    day: Day,
    by: TrafficBy,
    cells: Cells,
    name: &mut dyn FnMut(i64) -> Result<String, StoreError>,
    counted: &mut Counted,
) -> Result<(), StoreError> {
    let mut last: Option<(i64, TrafficKey)> = None;
    for ((key, code), (rows, bytes)) in cells {
        let Some(status) = Status::from_code(code) else { continue };
        let named = match last.take().filter(|(known, _)| *known == key) {
            Some((_, named)) => named,
            None if by == TrafficBy::Time => {
                let at = day.midnight().saturating_add(key.saturating_mul(STEP_MICROS));
                TrafficKey::Time(Timestamp::from_microsecond(at).unwrap_or_default())
            }
            // A message without facts has no sender.
            None if key < 0 => TrafficKey::Address(String::new()),
            None => TrafficKey::Address(name(key)?),
        };
        counted.add(&named, status, (rows, bytes));
        last = Some((key, named));
    }
    Ok(())
}

/// The counts of a day that is still open.
fn in_open_day(connection: &Connection, window: Window, by: TrafficBy) -> Result<Cells, StoreError> {
    let key = match by {
        TrafficBy::Time => format!("m.id / {STEP_MICROS}"),
        TrafficBy::Sender => "coalesce(m.sender, -1)".to_owned(),
        TrafficBy::Recipient => "r.address".to_owned(),
    };
    let mut counts = connection.prepare_cached(&format!(
        "SELECT {key}, r.status, count(*), sum(m.size) FROM recipient r
         CROSS JOIN message m ON m.id = (r.id >> {ORDINAL_BITS})
         WHERE r.id >= ?1 AND r.id < ?2 GROUP BY 1, 2"
    ))?;
    let span = params![window.low << ORDINAL_BITS, window.high << ORDINAL_BITS];
    let mut found = counts.query(span)?;
    let mut cells = Cells::new();
    while let Some(row) = found.next()? {
        let (rows, bytes): (i64, i64) = (row.get(2)?, row.get(3)?);
        let (rows, bytes) = (u64::try_from(rows).unwrap_or(0), u64::try_from(bytes).unwrap_or(0));
        cells.insert((row.get(0)?, row.get(1)?), (rows, bytes));
    }
    Ok(cells)
}

impl SealedDay {
    /// The counts of a sealed day, without the messages in `skipped`, which rise.
    fn traffic(&self, window: Window, by: TrafficBy, skipped: &[u64]) -> Result<Cells, StoreError> {
        // From the newest on; both ends are right for microseconds, which is what messages are told apart by.
        let first = self.message_from(window.high.saturating_sub(1))?;
        let end = self.message_from(window.low.saturating_sub(1))?;
        let mut columns = self.traffic_columns();
        let mut cells: HashMap<(i64, u8), (u64, u64)> = HashMap::new();
        let mut row = columns.row_start.get(first)?;
        for message in first..end {
            let next = columns.row_start.get(message.saturating_add(1))?;
            if skipped.binary_search(&message).is_err() {
                let size = columns.size.get(message)?;
                let of_message = match by {
                    TrafficBy::Time => {
                        let left = i64::try_from(columns.slot.get(message)?).unwrap_or(0);
                        DAY_MICROS.saturating_sub(left) / STEP_MICROS
                    }
                    TrafficBy::Sender => {
                        i64::try_from(columns.sender.get(message)?).unwrap_or(0).saturating_sub(1)
                    }
                    TrafficBy::Recipient => -1,
                };
                for row in row..next {
                    let key = match by {
                        TrafficBy::Recipient => i64::try_from(columns.address.get(row)?).unwrap_or(-1),
                        _ => of_message,
                    };
                    let code = u8::try_from(columns.status.get(row)?).unwrap_or(u8::MAX);
                    let cell = cells.entry((key, code)).or_default();
                    *cell = (cell.0.saturating_add(1), cell.1.saturating_add(size));
                }
            }
            row = next;
        }
        Ok(cells.into_iter().collect())
    }
}

#[cfg(test)]
mod tests;
