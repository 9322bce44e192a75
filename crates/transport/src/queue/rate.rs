//! Messages a second, averaged over the last minute, as Exchange's IncomingRate and OutgoingRate.
//!
//! May touch: nothing (pure; the present time is an argument).

use jiff::Timestamp;

/// Seconds over which the rate is averaged.
const WINDOW_SECS: i64 = 60;

/// A counter per second of the last minute.
#[derive(Debug, Clone)]
pub struct Rate {
    counts: [u32; WINDOW_SECS as usize],
    last: i64,
}

impl Default for Rate {
    fn default() -> Self {
        Self { counts: [0; WINDOW_SECS as usize], last: 0 }
    }
}

impl Rate {
    /// Counts `n` at `now`.
    pub fn add(&mut self, now: Timestamp, n: u32) {
        self.move_to(now.as_second());
        if let Some(count) = self.counts.get_mut(slot(now.as_second())) {
            *count = count.saturating_add(n);
        }
    }

    /// Messages a second over the last minute.
    #[must_use]
    pub fn per_second(&self, now: Timestamp) -> f64 {
        let mut seen = self.clone();
        seen.move_to(now.as_second());
        f64::from(seen.counts.iter().fold(0_u32, |sum, count| sum.saturating_add(*count))) / 60.0
    }

    fn move_to(&mut self, second: i64) {
        if second <= self.last {
            return;
        }
        for gone in (self.last.saturating_add(1)..=second).take(WINDOW_SECS as usize) {
            if let Some(count) = self.counts.get_mut(slot(gone)) {
                *count = 0;
            }
        }
        if second.saturating_sub(self.last) >= WINDOW_SECS {
            self.counts = [0; WINDOW_SECS as usize];
        }
        self.last = second;
    }
}

fn slot(second: i64) -> usize {
    usize::try_from(second.rem_euclid(WINDOW_SECS)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn averages_over_a_minute_and_forgets() {
        let mut rate = Rate::default();
        rate.add(at(1_000), 30);
        rate.add(at(1_030), 30);
        assert_eq!(rate.per_second(at(1_030)), 1.0);
        assert_eq!(rate.per_second(at(1_065)), 0.5);
        assert_eq!(rate.per_second(at(1_200)), 0.0);
    }
}
