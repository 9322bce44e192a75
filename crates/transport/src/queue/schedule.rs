//! When a queue that could not connect tries again: Exchange's glitch, transient and failure intervals.
//!
//! May touch: nothing (pure).

use std::time::Duration;

/// The intervals of a retry schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetrySchedule {
    /// First retries, one after each of these intervals.
    pub glitch: Repeat,
    /// The retries after those.
    pub transient: Repeat,
    /// Every further retry.
    pub failure_interval: Duration,
}

/// So many retries, each after this interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repeat {
    /// 0 = skip.
    pub count: u32,
    /// Between two attempts.
    pub interval: Duration,
}

impl RetrySchedule {
    /// How long to wait after the `failures`-th failed attempt in a row (1 = the first).
    #[must_use]
    pub fn wait_after(&self, failures: u32) -> Duration {
        if failures <= self.glitch.count {
            self.glitch.interval
        } else if failures <= self.glitch.count.saturating_add(self.transient.count) {
            self.transient.interval
        } else {
            self.failure_interval
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hub() -> RetrySchedule {
        let minutes = |m: u64| Duration::from_secs(60 * m);
        RetrySchedule {
            glitch: Repeat { count: 4, interval: minutes(1) },
            transient: Repeat { count: 6, interval: minutes(5) },
            failure_interval: minutes(10),
        }
    }

    #[test]
    fn a_dead_host_is_tried_as_exchange_tries_it() {
        let schedule = hub();
        let mut at = 0;
        let mut minutes = vec![0];
        for failures in 1..=12 {
            at += schedule.wait_after(failures).as_secs() / 60;
            minutes.push(at);
        }
        assert_eq!(minutes, [0, 1, 2, 3, 4, 9, 14, 19, 24, 29, 34, 44, 54]);
    }

    #[test]
    fn two_days_hold_about_295_attempts() {
        let schedule = hub();
        let (mut at, mut attempts) = (0, 0);
        while at <= 48 * 60 {
            attempts += 1;
            at += schedule.wait_after(attempts).as_secs() / 60;
        }
        assert!((290..=300).contains(&attempts), "{attempts}");
    }

    #[test]
    fn a_count_of_zero_goes_straight_to_the_next_interval() {
        let mut schedule = hub();
        schedule.glitch.count = 0;
        assert_eq!(schedule.wait_after(1), Duration::from_secs(300));
    }
}
