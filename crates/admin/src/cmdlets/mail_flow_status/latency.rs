//! Delivery latency: percentiles of the time from reception to delivery, per five minutes.
//! May touch: nothing (pure).

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

/// The width of a bin, in seconds.
const BIN_SECS: i64 = 300;

/// When a row was received, and how long its delivery took, in milliseconds.
pub(super) type Taken = (Timestamp, i64);

/// The percentiles of all.
pub(super) fn overall(taken: &[Taken]) -> Value {
    let mut spans: Vec<i64> = taken.iter().map(|(_, span)| *span).collect();
    spans.sort_unstable();
    percentiles(&spans)
}

/// The percentiles of each five minutes in which something was received, oldest first.
pub(super) fn bins(taken: &[Taken]) -> Value {
    let mut bins: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for (received, span) in taken {
        bins.entry(received.as_second().div_euclid(BIN_SECS)).or_default().push(*span);
    }
    let drawn = bins.into_iter().filter_map(|(bin, mut spans)| {
        spans.sort_unstable();
        let start = Timestamp::from_second(bin.checked_mul(BIN_SECS)?).ok()?;
        let mut found = percentiles(&spans);
        found.as_object_mut()?.insert("Start".to_owned(), start.to_string().into());
        Some(found)
    });
    drawn.collect()
}

fn percentiles(sorted: &[i64]) -> Value {
    json!({
        "Count": sorted.len(),
        "P50Ms": percentile(sorted, 50),
        "P95Ms": percentile(sorted, 95),
        "P99Ms": percentile(sorted, 99),
    })
}

/// The nearest-rank percentile: the smallest value that so many of a hundred do not exceed.
fn percentile(sorted: &[i64], of_hundred: usize) -> Option<i64> {
    let rank = sorted.len().saturating_mul(of_hundred).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        let hundred: Vec<i64> = (1..=100).collect();
        assert_eq!([50, 95, 99].map(|of| percentile(&hundred, of)), [Some(50), Some(95), Some(99)]);
        assert_eq!([50, 95, 99].map(|of| percentile(&[7], of)), [Some(7); 3]);
        assert_eq!(percentile(&[], 50), None);
    }

    #[test]
    fn each_five_minutes_are_a_bin() {
        let at = |second: i64| Timestamp::from_second(1_800_000_000 + second).unwrap();
        let bins = bins(&[(at(300), 9), (at(0), 5), (at(299), 1), (at(1), 3)]);
        let first = json!({ "Count": 3, "P50Ms": 3, "P95Ms": 5, "P99Ms": 5, "Start": at(0).to_string() });
        let second = json!({ "Count": 1, "P50Ms": 9, "P95Ms": 9, "P99Ms": 9, "Start": at(300).to_string() });
        assert_eq!(bins, json!([first, second]));
    }
}
