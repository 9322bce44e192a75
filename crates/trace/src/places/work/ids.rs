//! The ids of a message: the one it is kept under, and those the places know it by.
//!
//! May touch: the index of hops.

use std::collections::{BTreeSet, HashMap};

use mail::{MessageId, NetworkMessageId};

use super::super::identity::is_made;
use super::super::index::{JoinIndex as _, SqliteIndex};
use super::super::joins::{label, network_key, queue_id_key};
use super::{INDEX_FILE, Places};
use crate::store::{StoreError, message_id_number};

impl Places {
    /// The connection for look-ups, opened if need be; `None` if there is no index yet.
    fn read<'a>(
        &self,
        reader: &'a mut Option<SqliteIndex>,
    ) -> Result<Option<&'a mut SqliteIndex>, StoreError> {
        let path = self.0.dir.join(INDEX_FILE);
        if reader.is_none() && self.0.disk.exists(&path).unwrap_or(false) {
            *reader = SqliteIndex::open_to_read(&self.0.disk, &path)?;
            if reader.is_none() {
                // Of an older version, or begun and not yet complete.
                self.open(&mut self.0.index.lock())?;
                *reader = SqliteIndex::open_to_read(&self.0.disk, &path)?;
            }
        }
        Ok(reader.as_mut())
    }

    /// Waits until the batch an import is at has been noted in the index: the store has its events some moments before.
    /// Blocks.
    pub(crate) fn wait_for_batch(&self) {
        drop(self.0.index.lock());
    }

    /// The id a message is kept under, of which another place may know it by this one. Blocks.
    ///
    /// # Errors
    /// If the index cannot be read.
    pub fn kept_under(&self, id: NetworkMessageId) -> Result<Option<NetworkMessageId>, StoreError> {
        let mut reader = self.0.reader.lock();
        let Some(index) = self.read(&mut reader)? else { return Ok(None) };
        let mut keys = index.with_number(network_key(id), i64::MIN, i64::MAX)?;
        keys.push(id.0.as_u128());
        for key in keys {
            if let Some(hop) = index.hop(key)?.filter(|hop| hop.id == id) {
                return Ok(hop.stored.map(|(kept, _)| kept));
            }
        }
        Ok(None)
    }

    /// The ids joined messages are kept under that a place knows by one of these Message-IDs; of one that comes again and
    /// again the oldest, at most as many as joining compares. Blocks.
    ///
    /// # Errors
    /// If the index cannot be read.
    pub(crate) fn with_message_ids(
        &self,
        message_ids: &[MessageId],
    ) -> Result<Vec<NetworkMessageId>, StoreError> {
        let mut reader = self.0.reader.lock();
        let Some(index) = self.read(&mut reader)? else { return Ok(Vec::new()) };
        let mut found = BTreeSet::new();
        for number in message_ids.iter().map(|id| message_id_number(id).cast_unsigned()) {
            for key in index.with_number(number, i64::MIN, i64::MAX)? {
                let Some(hop) = index.hop(key)?.filter(|hop| hop.message_id == Some(number)) else {
                    continue;
                };
                let is_joined = hop.root != key || hop.members.len() > 1;
                found.extend(hop.stored.filter(|_| is_joined).map(|(kept, _)| kept));
            }
        }
        Ok(found.into_iter().collect())
    }

    /// The ids messages are kept under that a place knows by this queue id, which comes again after a while: the oldest
    /// first, at most as many as joining compares. Blocks.
    ///
    /// # Errors
    /// If the index cannot be read.
    pub fn with_queue_id(&self, queue_id: &str) -> Result<Vec<NetworkMessageId>, StoreError> {
        let mut reader = self.0.reader.lock();
        let Some(index) = self.read(&mut reader)? else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for key in index.with_number(queue_id_key(queue_id), i64::MIN, i64::MAX)? {
            let Some(hop) = index.hop(key)? else { continue };
            let id = hop.stored.map_or(hop.id, |(kept, _)| kept);
            if !found.contains(&id) {
                found.push(id);
            }
        }
        Ok(found)
    }

    /// The same, each with the hosts known to have given the id: the first labels of their names, and that of the place;
    /// none where no record names one. Blocks.
    ///
    /// # Errors
    /// If the index cannot be read.
    pub(crate) fn given_queue_id(
        &self,
        queue_id: &str,
    ) -> Result<HashMap<NetworkMessageId, Vec<String>>, StoreError> {
        let mut reader = self.0.reader.lock();
        let Some(index) = self.read(&mut reader)? else { return Ok(HashMap::new()) };
        let mut found: HashMap<NetworkMessageId, Vec<String>> = HashMap::new();
        for key in index.with_number(queue_id_key(queue_id), i64::MIN, i64::MAX)? {
            let Some(hop) = index.hop(key)? else { continue };
            let hosts = found.entry(hop.stored.map_or(hop.id, |(kept, _)| kept)).or_default();
            let is_its_own = hop.queue_ids.iter().any(|id| id.as_ref() == queue_id);
            // The name of a place alone is any word.
            if let Some(server) = hop.server.as_deref().filter(|_| is_its_own) {
                hosts.extend([server.to_owned(), label(&hop.place).into()]);
            }
            let answered = hop.sent.iter().filter(|sent| sent.remote_id.as_deref() == Some(queue_id));
            hosts.extend(answered.filter_map(|sent| sent.host.as_deref()).map(str::to_owned));
        }
        Ok(found)
    }

    /// The network message ids by which a place itself knows a message that is kept under this id. Blocks.
    pub(crate) fn ids_at(
        &self,
        kept: NetworkMessageId,
        place: &str,
    ) -> Result<Vec<NetworkMessageId>, StoreError> {
        let mut reader = self.0.reader.lock();
        let Some(index) = self.read(&mut reader)? else { return Ok(Vec::new()) };
        let mut keys = index.with_number(network_key(kept), i64::MIN, i64::MAX)?;
        keys.push(kept.0.as_u128());
        let mut members = BTreeSet::new();
        for key in keys {
            let Some(hop) = index.hop(key)?.filter(|hop| hop.id == kept) else { continue };
            members.insert(key);
            members.extend(index.hop(hop.root)?.map(|root| root.members).unwrap_or_default());
        }
        let mut found = Vec::new();
        for key in members {
            let hop = index.hop(key)?;
            found.extend(hop.filter(|hop| hop.place == place && !is_made(hop.id)).map(|hop| hop.id));
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    impl Places {
        /// Looks ids up while an import has the index, and would hold it for ever; `None` if that waits for it.
        #[expect(clippy::disallowed_methods, reason = "the look-up may wait for this very thread")]
        pub(crate) fn kept_under_during_import(
            &self,
            id: NetworkMessageId,
        ) -> Option<Option<NetworkMessageId>> {
            let importing = self.0.index.lock();
            let (told, heard) = mpsc::channel();
            let places = self.clone();
            let asking = std::thread::spawn(move || {
                let found = places.kept_under(id).and_then(|found| {
                    places.with_queue_id("none")?;
                    places.ids_at(id, "gateway")?;
                    Ok(found)
                });
                told.send(found).unwrap();
            });
            let found = heard.recv_timeout(Duration::from_secs(30));
            drop(importing);
            asking.join().unwrap();
            found.ok().map(Result::unwrap)
        }
    }
}
