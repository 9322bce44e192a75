//! The feed's part in joining: what it brought is joined with records of other places that came before it.
//!
//! May touch: the store and the index of hops, through the places.

use std::time::Duration;

use super::Feeder;
use crate::TraceError;
use crate::places::OwnNumber;
use crate::store::StoreError;

/// Numbers kept for the next round at most.
const UNJOINED_MAX: usize = 200_000;
/// So long after an error of the trace comes the next try.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// An error that lasts longer is not waited for: the mark of the feed stays meanwhile, and the spool keeps what is behind it.
const GIVE_UP_AFTER: Duration = Duration::from_mins(10);

/// What was applied and may be known to other places, until it was looked for.
#[derive(Debug, Default)]
pub(super) struct Unjoined {
    numbers: Vec<OwnNumber>,
    /// When the errors began that have lasted since, and when is the next try.
    failing: Option<(Duration, Duration)>,
    /// Whether something was looked for since the index was made durable.
    pub(super) undurable: bool,
}

impl Unjoined {
    /// Whether something waits for another try.
    pub(super) fn is_left(&self) -> bool {
        !self.numbers.is_empty()
    }

    pub(super) fn add(&mut self, numbers: Vec<OwnNumber>) {
        self.numbers.extend(numbers);
    }
}

impl Feeder {
    /// Joins what was applied. Where an import has the index it is left for the next round, unless `waits` is set or too
    /// much is left already.
    ///
    /// # Errors
    /// If a file was set aside or is in doubt: the events have to be applied again, and then they are joined.
    pub(super) async fn join(&mut self, waits: bool) -> Result<(), TraceError> {
        let now = self.clock.elapsed();
        if self.unjoined.numbers.is_empty() || self.unjoined.failing.is_some_and(|(_, next)| now < next) {
            return Ok(());
        }
        let numbers = std::mem::take(&mut self.unjoined.numbers);
        let (places, waits) = (self.places.clone(), waits || numbers.len() > UNJOINED_MAX);
        let work = move || (places.join_own(&numbers, waits), numbers);
        let (done, numbers) = self.exec.blocking(work).await;
        match done {
            Ok(true) => {
                self.unjoined.undurable = true;
                self.unjoined.failing = None;
            }
            Ok(false) => self.unjoined.numbers = numbers,
            Err(error @ (StoreError::SetAside { .. } | StoreError::InDoubt { .. })) => {
                return Err(error.into());
            }
            Err(error) => self.put_off(&error, numbers, now),
        }
        Ok(())
    }

    /// Keeps numbers for a later try, unless the errors have lasted too long or there are too many.
    fn put_off(&mut self, error: &StoreError, numbers: Vec<OwnNumber>, now: Duration) {
        let (since, _) = self.unjoined.failing.unwrap_or((now, now));
        if now.saturating_sub(since) < GIVE_UP_AFTER && numbers.len() <= UNJOINED_MAX {
            if self.unjoined.failing.is_none() {
                tracing::warn!(%error, "messages could not be joined with records of other places; this is tried again");
            }
            self.unjoined.failing = Some((since, now.saturating_add(RETRY_AFTER)));
            self.unjoined.numbers = numbers;
        } else {
            tracing::error!(%error, "messages were not joined with records of other places; importing those records again does it");
            self.unjoined.failing = None;
        }
    }
}
