//! What columns count against what rows say.
//!
//! May touch: files in a temporary folder (tests).

use super::*;
use crate::search::model::Bench;
use crate::search::traffic::traffic;
use crate::search::{Query, TraceRow};
use crate::status::address_key;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(crate::search::traffic::MIDNIGHT + second).unwrap()
}

type Counts = BTreeMap<(TrafficKey, Status), (u64, u64)>;

fn of_rows(rows: &[TraceRow], key: impl Fn(&TraceRow) -> TrafficKey) -> Counts {
    let mut counts = Counts::new();
    for row in rows {
        let cell = counts.entry((key(row), row.status)).or_default();
        *cell = (cell.0 + 1, cell.1 + row.size);
    }
    counts
}

#[test]
fn columns_count_what_rows_say_in_open_and_sealed_days() {
    for seed in 0..6 {
        let bench = Bench::new();
        let events = traffic(90 + seed, 160, 4);
        let (early, late) = events.split_at(events.len() / 2);
        bench.feed(early);
        if seed % 3 > 0 {
            (0..4).for_each(|day| bench.seal(day));
        }
        // Of sealed days too: some messages are in both files then.
        bench.feed(late);
        if seed % 3 == 2 {
            (1..3).for_each(|day| bench.seal(day));
        }
        let (start, end) = (at(7 * 3_600 + 11), at(2 * 86_400 + 5 * 3_600 + 7));
        let rows =
            bench.all(&Query { start: Some(start), end: Some(end), page_size: 500, ..Query::default() });
        let rows: Vec<TraceRow> = rows.into_iter().filter(|row| !row.is_refusal()).collect();
        assert!(rows.len() > 100, "{}", rows.len());
        let counted = |by| -> Counts {
            let found = bench.store.traffic((start, end), by, &Watch::default()).unwrap();
            let cell = |one: Traffic| ((one.key, one.status), (one.rows, one.bytes));
            found.into_iter().map(cell).collect()
        };
        let quarter = |row: &TraceRow| {
            let at = row.received.as_microsecond();
            TrafficKey::Time(Timestamp::from_microsecond(at - at.rem_euclid(STEP_MICROS)).unwrap())
        };
        // What has only come may be overdue in a row, which the columns leave to who asks.
        let plain = |counts: Counts| {
            let mut plain = Counts::new();
            for ((key, status), (rows, bytes)) in counts {
                let status = if status == Status::GettingStatus { Status::Pending } else { status };
                let cell = plain.entry((key, status)).or_default();
                *cell = (cell.0 + rows, cell.1 + bytes);
            }
            plain
        };
        let address = |address: &str| TrafficKey::Address(address_key(address).into_owned());
        assert_eq!(plain(counted(TrafficBy::Time)), plain(of_rows(&rows, quarter)), "{seed}");
        assert_eq!(
            plain(counted(TrafficBy::Recipient)),
            plain(of_rows(&rows, |row| address(&row.recipient_address))),
            "{seed}"
        );
        assert_eq!(
            plain(counted(TrafficBy::Sender)),
            plain(of_rows(&rows, |row| address(&row.sender_address))),
            "{seed}"
        );
    }
}
