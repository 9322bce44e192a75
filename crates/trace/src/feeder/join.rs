//! The feed's part in joining: what it brought is joined with records of other places that came before it.
//!
//! May touch: the store and the index of hops, through the places.

use super::Feeder;
use crate::TraceError;
use crate::places::OwnNumber;
use crate::store::StoreError;

/// Numbers kept for the next round at most.
const UNJOINED_MAX: usize = 200_000;
/// So often an error of the trace is met with another try.
const TRIES_MAX: u32 = 5;

/// What was applied and may be known to other places, until it was looked for.
#[derive(Debug, Default)]
pub(super) struct Unjoined {
    numbers: Vec<OwnNumber>,
    failures: u32,
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
        if self.unjoined.numbers.is_empty() {
            return Ok(());
        }
        let numbers = std::mem::take(&mut self.unjoined.numbers);
        let (places, waits) = (self.places.clone(), waits || numbers.len() > UNJOINED_MAX);
        let work = move || (places.join_own(&numbers, waits), numbers);
        let (done, numbers) = self.exec.blocking(work).await;
        match done {
            Ok(true) => {
                self.unjoined.undurable = true;
                self.unjoined.failures = 0;
            }
            Ok(false) => self.unjoined.numbers = numbers,
            Err(error @ (StoreError::SetAside { .. } | StoreError::InDoubt { .. })) => {
                return Err(error.into());
            }
            Err(error) if self.unjoined.failures < TRIES_MAX => {
                tracing::warn!(%error, "messages could not be joined with records of other places; this is tried again");
                self.unjoined.failures = self.unjoined.failures.saturating_add(1);
                self.unjoined.numbers = numbers;
            }
            Err(error) => {
                tracing::error!(%error, "messages were not joined with records of other places; importing those records again does it");
                self.unjoined.failures = 0;
            }
        }
        Ok(())
    }
}
