//! Which places were imported, each with its newest record: they are sources of an answer as those read all the time.
//!
//! May touch: the disk (one small file).

use std::collections::BTreeMap;
use std::io;

use jiff::Timestamp;

use super::work::Places;
use crate::search::SourceAsked;

/// Name of the file.
const FILE: &str = "imported.json";
/// Places remembered; those silent for longest are forgotten first.
const PLACES_MAX: usize = 1_000;

impl Places {
    /// Remembers the newest record of a place. Blocks.
    pub(super) fn note_imported(&self, place: &str, newest: Timestamp) -> io::Result<()> {
        let mut known = self.imported_places().lock();
        let mut places = match known.take() {
            Some(places) => places,
            None => self.read_imported()?,
        };
        let latest = places.entry(place.to_owned()).or_insert(newest);
        *latest = newest.max(*latest);
        while places.len() > PLACES_MAX {
            let oldest = places.iter().min_by_key(|(_, at)| **at).map(|(name, _)| name.clone());
            let Some(oldest) = oldest else { break };
            places.remove(&oldest);
        }
        let written = serde_json::to_vec(&places)
            .map_err(io::Error::other)
            .and_then(|bytes| self.disk().write_atomic(&self.dir().join(FILE), &bytes));
        *known = Some(places);
        written
    }

    /// The imported places whose newest record is kept, by name. Blocks.
    pub(crate) fn imported(&self, kept_from: Timestamp) -> Vec<SourceAsked> {
        let mut known = self.imported_places().lock();
        if known.is_none() {
            match self.read_imported() {
                Ok(places) => *known = Some(places),
                Err(error) => tracing::warn!(%error, "the list of imported places cannot be read"),
            }
        }
        let places = known.iter().flatten().filter(|(_, newest)| **newest >= kept_from);
        places.map(|(name, newest)| SourceAsked::imported(name, *newest)).collect()
    }

    fn read_imported(&self) -> io::Result<BTreeMap<String, Timestamp>> {
        match self.disk().read(&self.dir().join(FILE)) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(io::Error::other),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(BTreeMap::new()),
            Err(error) => Err(error),
        }
    }
}
