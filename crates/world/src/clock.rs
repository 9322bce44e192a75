//! The clock: wall-clock time, elapsed time, sleeping and timeouts.
//!
//! May touch: the system clock and tokio's timer (the real clock only).

use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use futures::future::{BoxFuture, Either, select};
use jiff::Timestamp;

/// How long [`Clock::sleep_until`] sleeps at most before it reads a real wall clock again, which may have been set.
const WALL_CLOCK_RECHECK: Duration = Duration::from_secs(30);

/// What a clock has to be able to do; real below, simulated in `sim/time.rs`.
pub(crate) trait ClockSource: Send + Sync {
    fn now(&self) -> Timestamp;
    fn elapsed(&self) -> Duration;
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;
    fn wall_clock_recheck(&self) -> Duration;
}

/// A handle on time. Cheap to clone.
#[derive(Clone)]
pub struct Clock(Arc<dyn ClockSource>);

/// The time given to [`Clock::timeout`] passed before the future was ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("timed out")]
pub struct TimedOut;

impl Clock {
    pub(crate) fn from_source(source: Arc<dyn ClockSource>) -> Self {
        Self(source)
    }

    /// The machine's clock. [`Clock::sleep`] needs a tokio runtime.
    #[must_use]
    pub fn real() -> Self {
        Self(Arc::new(RealClock { start: Instant::now() }))
    }

    /// Wall-clock time, UTC. May jump when the machine's clock is set.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.0.now()
    }

    /// Time since an arbitrary fixed point; never goes back. Use it for durations and deadlines.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    /// Waits for `duration`.
    pub async fn sleep(&self, duration: Duration) {
        self.0.sleep(duration).await;
    }

    /// Waits until the wall clock shows `when` or later; at once if it already does.
    pub async fn sleep_until(&self, when: Timestamp) {
        let step_max = self.0.wall_clock_recheck();
        loop {
            let left = when.duration_since(self.now());
            let Ok(left) = Duration::try_from(left) else { return };
            if left.is_zero() {
                return;
            }
            self.0.sleep(left.min(step_max)).await;
        }
    }

    /// Runs `future` for at most `duration`. A future that is ready at once wins even if `duration` is zero; a future
    /// that did not win is dropped.
    pub async fn timeout<F: Future>(&self, duration: Duration, future: F) -> Result<F::Output, TimedOut> {
        let sleep = self.0.sleep(duration);
        match select(pin!(future), sleep).await {
            Either::Left((output, _)) => Ok(output),
            Either::Right(((), _)) => Err(TimedOut),
        }
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}

struct RealClock {
    start: Instant,
}

impl ClockSource for RealClock {
    fn now(&self) -> Timestamp {
        // A clock outside the years -9999 to 9999 is no clock; the epoch makes that visible without a panic.
        Timestamp::try_from(SystemTime::now()).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }

    fn wall_clock_recheck(&self) -> Duration {
        WALL_CLOCK_RECHECK
    }
}
