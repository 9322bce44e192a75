//! The record of a removal under way: written before the trace is touched, so that a crash leaves nothing half done.
//!
//! May touch: the disk, the store, the index of hops.
//! What it says may be done again at any time before anything else is written; it goes when all of it is durable.

use events::Event;
use mail::NetworkMessageId;
use serde::{Deserialize, Serialize};

use super::super::index::{JoinIndex as _, SqliteIndex};
use super::super::joins::Hop;
use super::Places;
use crate::status::EventKey;
use crate::store::{Day, StoreError};

/// Name of the file.
const FILE: &str = "removal";
/// Its first octet.
const VERSION: u8 = 1;

/// What is taken out of the trace, and what is put in its place.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Removal {
    /// Messages of which nothing stays that is dropped or put anew.
    pub(super) gone: Vec<(Day, NetworkMessageId)>,
    /// Events that go for good.
    pub(super) dropped: Vec<EventKey>,
    /// Events as they are kept from now on, encoded.
    pub(super) put: Vec<(EventKey, Vec<u8>)>,
    /// Hops that are forgotten.
    pub(super) forgotten: Vec<u128>,
    /// Hops as they are from now on.
    pub(super) hops: Vec<Hop>,
}

impl Removal {
    pub(super) fn put_events(&mut self, events: &[(EventKey, Event)]) {
        self.put = events.iter().map(|(key, event)| (*key, events::encode(event))).collect();
    }

    pub(super) fn events(&self) -> Result<Vec<(EventKey, Event)>, StoreError> {
        let decode = |(key, bytes): &(EventKey, Vec<u8>)| {
            let event = events::decode(bytes).map_err(|error| StoreError::Events(error.to_string()))?;
            Ok((*key, event))
        };
        self.put.iter().map(decode).collect()
    }
}

impl Places {
    /// Does a removal, durably. The index is locked by the caller. Blocks.
    ///
    /// # Errors
    /// If something cannot be written; the index has to be opened anew then, which does the rest.
    pub(super) fn remove(&self, index: &mut SqliteIndex, removal: &Removal) -> Result<(), StoreError> {
        self.record(removal)?;
        self.perform(index, removal)
    }

    /// Writes a removal down: from now on it will be done.
    pub(super) fn record(&self, removal: &Removal) -> Result<(), StoreError> {
        let mut bytes = Vec::from([VERSION]);
        let packed = postcard::to_allocvec(removal).map_err(|error| StoreError::Events(error.to_string()))?;
        bytes.extend(packed);
        self.disk().write_atomic(&self.removal_path(), &bytes).map_err(|source| self.io(source))
    }

    /// Completes a removal that a crash or a failure cut short, if there is one. Blocks.
    ///
    /// # Errors
    /// If it cannot be; the index is opened anew then.
    pub(crate) fn complete(&self) -> Result<(), StoreError> {
        if self.disk().exists(&self.removal_path()).map_err(|source| self.io(source))? {
            self.open(&mut self.0.index.lock())?;
        }
        Ok(())
    }

    /// Completes a removal that a crash or a failure cut short. Blocks.
    ///
    /// # Errors
    /// If it cannot be.
    pub(super) fn complete_removal(&self, index: &mut SqliteIndex) -> Result<(), StoreError> {
        let bytes = match self.disk().read(&self.removal_path()) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(source) => return Err(self.io(source)),
        };
        let packed = match bytes.split_first() {
            Some((&VERSION, packed)) => packed,
            first => {
                return Err(StoreError::Newer { found: first.map_or(0, |(version, _)| i32::from(*version)) });
            }
        };
        let removal: Removal = postcard::from_bytes(packed).map_err(|error| {
            let file = self.removal_path();
            let cause = format!("{} is damaged ({error}); remove it, and the place again", file.display());
            self.io(std::io::Error::other(cause))
        })?;
        tracing::info!(messages = removal.gone.len(), "completes the removal of a place that was cut short");
        self.perform(index, &removal)
    }

    fn perform(&self, index: &mut SqliteIndex, removal: &Removal) -> Result<(), StoreError> {
        let losses = self.losses();
        self.0.store.take_out(&removal.gone, &removal.dropped, &removal.events()?)?;
        index.remove(&removal.forgotten)?;
        index.save(&removal.hops.iter().collect::<Vec<_>>())?;
        self.0.store.sync(losses)?;
        index.make_durable()?;
        self.disk().remove_file(&self.removal_path()).map_err(|source| self.io(source))?;
        // The file must not come back when other records have been read: what it says would then be old.
        self.disk().sync_dir(self.dir()).map_err(|source| self.io(source))
    }

    fn removal_path(&self) -> std::path::PathBuf {
        self.dir().join(FILE)
    }

    fn io(&self, source: std::io::Error) -> StoreError {
        StoreError::Io { path: self.dir().to_owned(), source }
    }
}
