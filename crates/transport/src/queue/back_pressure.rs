//! Back pressure: when resources run short, mail is slowed, then refused, and only let in again well below the limit.
//!
//! May touch: nothing (pure; measurements are arguments).
//! Known gaps: memory is not measured; the bounds of the spool and of the queues keep it.

/// How pressed a resource is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Pressure {
    /// Everything is taken.
    #[default]
    Low,
    /// Mail is taken, or slowed down; what that means for each resource is at its thresholds.
    Medium,
    /// All mail is refused.
    High,
}

/// The resources that are watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// Messages waiting for or in the categorizer.
    SubmissionQueueLength,
    /// Use of the volume with queue and trace, percent.
    UsedDiskSpace,
    /// Events of the spool not yet in the tracking log.
    TraceFeedLag,
}

impl Resource {
    /// The name an administrator sees.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SubmissionQueueLength => "SubmissionQueueLength",
            Self::UsedDiskSpace => "UsedDiskSpace",
            Self::TraceFeedLag => "TraceFeedLag",
        }
    }
}

/// The four thresholds of one resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thresholds {
    /// Above: Low becomes Medium.
    pub low_to_medium: u64,
    /// Above: Medium becomes High.
    pub medium_to_high: u64,
    /// Below: High becomes Medium.
    pub high_to_medium: u64,
    /// Below: Medium becomes Low.
    pub medium_to_low: u64,
}

/// Messages in the Submission queue.
pub const SUBMISSION_QUEUE: Thresholds =
    Thresholds { low_to_medium: 9_999, medium_to_high: 15_000, high_to_medium: 10_000, medium_to_low: 2_000 };
/// Percent of the volume.
pub const USED_DISK_SPACE: Thresholds =
    Thresholds { low_to_medium: 89, medium_to_high: 99, high_to_medium: 90, medium_to_low: 80 };
/// Events behind.
pub const TRACE_FEED_LAG: Thresholds = Thresholds {
    low_to_medium: 200_000,
    medium_to_high: 400_000,
    high_to_medium: 300_000,
    medium_to_low: 50_000,
};
/// Free space below which the volume counts as full, whatever the percentage: Exchange's 500 MB.
pub const FREE_OCTETS_MIN: u64 = 500 * 1024 * 1024;
/// First delay of MAIL FROM while the Submission queue is Medium, seconds.
pub const TARPIT_SECS_FIRST: u64 = 10;
/// Each further poll under pressure adds this many seconds.
pub const TARPIT_SECS_STEP: u64 = 5;
/// Longest delay, seconds.
pub const TARPIT_SECS_MAX: u64 = 55;
/// Polls at Medium before mail is refused because of the queue length (300 polls).
pub const HISTORY_POLLS: u32 = 300;
/// Seconds between two polls.
pub const POLL_SECS: u64 = 2;

impl Thresholds {
    /// The pressure after a measurement.
    #[must_use]
    pub fn step(&self, before: Pressure, value: u64) -> Pressure {
        if value > self.medium_to_high {
            return Pressure::High;
        }
        match before {
            Pressure::High if value >= self.high_to_medium => Pressure::High,
            Pressure::High | Pressure::Medium if value >= self.medium_to_low => Pressure::Medium,
            _ if value > self.low_to_medium => Pressure::Medium,
            _ => Pressure::Low,
        }
    }
}

/// Use of a volume in percent, with the last 500 MB counted as full.
#[must_use]
pub fn used_percent(total: u64, free: u64) -> u64 {
    if free < FREE_OCTETS_MIN {
        return 100;
    }
    let used = total.saturating_sub(free);
    used.saturating_mul(100).checked_div(total).unwrap_or(0)
}

/// What is done with a new transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// Taken.
    Accept,
    /// Taken after this many seconds.
    Delay(u64),
    /// `452 4.3.1 Insufficient system resources`, because of this resource.
    Refuse(Resource),
}

/// The state of all resources.
#[derive(Debug, Clone, Default)]
pub struct BackPressure {
    submission: Pressure,
    submission_polls: u32,
    disk: Pressure,
    feed: Pressure,
}

/// One measurement.
#[derive(Debug, Clone, Copy, Default)]
pub struct Measurement {
    /// Messages in the Submission queue.
    pub submission_len: u64,
    /// See [`used_percent`].
    pub disk_used_percent: u64,
    /// Events not yet in the tracking log.
    pub feed_lag: u64,
}

impl BackPressure {
    /// Takes in a measurement.
    pub fn poll(&mut self, seen: Measurement) {
        self.submission = SUBMISSION_QUEUE.step(self.submission, seen.submission_len);
        self.submission_polls =
            if self.submission == Pressure::Low { 0 } else { self.submission_polls.saturating_add(1) };
        self.disk = USED_DISK_SPACE.step(self.disk, seen.disk_used_percent);
        self.feed = TRACE_FEED_LAG.step(self.feed, seen.feed_lag);
    }

    /// Whether a new message is taken.
    #[must_use]
    pub fn admit(&self) -> Admission {
        // Of the disk only the last stage refuses: a volume at 90 % is common, and nothing is lost before it is full.
        if self.disk == Pressure::High {
            return Admission::Refuse(Resource::UsedDiskSpace);
        }
        if self.feed == Pressure::High {
            return Admission::Refuse(Resource::TraceFeedLag);
        }
        match self.submission {
            Pressure::High => Admission::Refuse(Resource::SubmissionQueueLength),
            Pressure::Medium if self.submission_polls > HISTORY_POLLS => {
                Admission::Refuse(Resource::SubmissionQueueLength)
            }
            Pressure::Medium => {
                let steps = u64::from(self.submission_polls.saturating_sub(1));
                Admission::Delay(
                    TARPIT_SECS_FIRST
                        .saturating_add(steps.saturating_mul(TARPIT_SECS_STEP))
                        .min(TARPIT_SECS_MAX),
                )
            }
            Pressure::Low => Admission::Accept,
        }
    }

    /// Whether refusal rows still go to the tracking log. They stop before mail when the log lags, and with mail when the
    /// volume is full: a volume at 90 % is common, and a refusal is what the help desk is asked about.
    #[must_use]
    pub fn takes_refusal_rows(&self) -> bool {
        self.disk != Pressure::High && self.feed == Pressure::Low
    }

    /// The resources with their pressure, for health and metrics.
    #[must_use]
    pub fn levels(&self) -> [(Resource, Pressure); 3] {
        [
            (Resource::SubmissionQueueLength, self.submission),
            (Resource::UsedDiskSpace, self.disk),
            (Resource::TraceFeedLag, self.feed),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(len: u64) -> Measurement {
        Measurement { submission_len: len, ..Measurement::default() }
    }

    #[test]
    fn mail_is_delayed_then_refused_and_comes_back_only_below_the_lower_mark() {
        let mut pressure = BackPressure::default();
        pressure.poll(queue(9_999));
        assert_eq!(pressure.admit(), Admission::Accept);
        pressure.poll(queue(10_000));
        assert_eq!(pressure.admit(), Admission::Delay(10));
        for _ in 0..20 {
            pressure.poll(queue(10_000));
        }
        assert_eq!(pressure.admit(), Admission::Delay(55));
        pressure.poll(queue(15_001));
        assert_eq!(pressure.admit(), Admission::Refuse(Resource::SubmissionQueueLength));
        pressure.poll(queue(10_000));
        assert_eq!(pressure.admit(), Admission::Refuse(Resource::SubmissionQueueLength));
        pressure.poll(queue(2_000));
        assert!(matches!(pressure.admit(), Admission::Delay(_)));
        pressure.poll(queue(1_999));
        assert_eq!(pressure.admit(), Admission::Accept);
    }

    #[test]
    fn a_long_medium_queue_is_refused_in_the_end() {
        let mut pressure = BackPressure::default();
        for _ in 0..=HISTORY_POLLS {
            pressure.poll(queue(12_000));
        }
        assert_eq!(pressure.admit(), Admission::Refuse(Resource::SubmissionQueueLength));
    }

    #[test]
    fn refusal_rows_stop_when_the_log_lags_or_the_volume_is_full_and_mail_only_at_the_last_stage() {
        let after = |disk_used_percent, feed_lag| {
            let mut pressure = BackPressure::default();
            pressure.poll(Measurement { disk_used_percent, feed_lag, ..Measurement::default() });
            (pressure.takes_refusal_rows(), pressure.admit())
        };
        assert_eq!(after(95, 0), (true, Admission::Accept));
        assert_eq!(after(100, 0), (false, Admission::Refuse(Resource::UsedDiskSpace)));
        assert_eq!(after(0, 200_001), (false, Admission::Accept));
        assert_eq!(after(0, 400_001), (false, Admission::Refuse(Resource::TraceFeedLag)));
    }

    #[test]
    fn the_last_500_megabytes_count_as_full() {
        assert_eq!(used_percent(1 << 40, FREE_OCTETS_MIN - 1), 100);
        assert_eq!(used_percent(1000 << 20, 500 << 20), 50);
    }
}
