//! How many non-delivery reports one unauthenticated return path gets, so that this server is no source of backscatter.
//!
//! May touch: nothing (pure; the present time is an argument).

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use parking_lot::Mutex;

/// Return paths that are remembered.
pub(crate) const RETURN_PATHS_MAX: usize = 50_000;
const HOUR: Duration = Duration::from_secs(3_600);

/// The reports of the last hour per return path.
#[derive(Default)]
pub(crate) struct ReportRate(Mutex<HashMap<String, VecDeque<Duration>>>);

impl ReportRate {
    /// Counts a report to `return_path` at `now` (time since start); false when the hour has had `per_hour_max`
    /// (UnauthenticatedNdrRateLimit) of them, or when so many return paths are remembered that a new one cannot be
    /// counted.
    pub(crate) fn admit(&self, return_path: &str, per_hour_max: usize, now: Duration) -> bool {
        let mut sent = self.0.lock();
        if sent.len() >= RETURN_PATHS_MAX && !sent.contains_key(return_path) {
            sent.retain(|_, times| times.back().is_some_and(|last| now.saturating_sub(*last) < HOUR));
            if sent.len() >= RETURN_PATHS_MAX {
                return false;
            }
        }
        let times = sent.entry(return_path.to_ascii_lowercase()).or_default();
        while times.front().is_some_and(|first| now.saturating_sub(*first) >= HOUR) {
            times.pop_front();
        }
        let free = times.len() < per_hour_max;
        if free {
            times.push_back(now);
        }
        free
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_an_hour_and_then_again() {
        let rate = ReportRate::default();
        let minute = |m: u64| Duration::from_secs(60 * m);
        for at in 0..10 {
            assert!(rate.admit("a@fabrikam.example", 10, minute(at)));
        }
        assert!(!rate.admit("A@fabrikam.example", 10, minute(59)));
        assert!(rate.admit("b@fabrikam.example", 10, minute(59)));
        assert!(rate.admit("a@fabrikam.example", 10, minute(60)));
    }
}
