//! Commits to the spool that consist of parts, each about one message: as many together as one commit takes.
//!
//! May touch: spool.

use spool::Batch;

use crate::{Shared, SubmitError};

impl Shared {
    /// Commits parts in their order, as many together as fit. Each is durable whole or not at all. Returns the places of
    /// those that the spool refuses for themselves: they are too large, or end what is not there. Nothing else suffers
    /// from one of them.
    pub(crate) async fn commit_each(&self, parts: Vec<Batch>) -> Result<Vec<usize>, SubmitError> {
        let max = self.spool.group_bytes_max();
        let mut refused = Vec::new();
        let mut together: Vec<(usize, Batch)> = Vec::new();
        let mut octets: u64 = 0;
        for (place, part) in parts.into_iter().enumerate().filter(|(_, part)| !part.is_empty()) {
            let weight = self.spool.weight(&part);
            if octets.saturating_add(weight) > max && !together.is_empty() {
                self.commit_together(std::mem::take(&mut together), &mut refused).await?;
                octets = 0;
            }
            octets = octets.saturating_add(weight);
            together.push((place, part));
        }
        if !together.is_empty() {
            self.commit_together(together, &mut refused).await?;
        }
        Ok(refused)
    }

    /// The same where a refused part is an error.
    pub(crate) async fn commit_parts(&self, parts: Vec<Batch>) -> Result<(), SubmitError> {
        let max = self.spool.group_bytes_max();
        let mut batch = Batch::new();
        let mut octets: u64 = 0;
        for part in parts {
            let weight = self.spool.weight(&part);
            if octets.saturating_add(weight) > max && !batch.is_empty() {
                self.spool.commit(std::mem::take(&mut batch)).await?;
                octets = 0;
            }
            octets = octets.saturating_add(weight);
            batch.append(part);
        }
        if !batch.is_empty() {
            self.spool.commit(batch).await?;
        }
        Ok(())
    }

    async fn commit_together(
        &self,
        parts: Vec<(usize, Batch)>,
        refused: &mut Vec<usize>,
    ) -> Result<(), SubmitError> {
        let mut all = Batch::new();
        for (_, part) in &parts {
            all.append(part.clone());
        }
        match self.spool.commit(all).await {
            Ok(_) => return Ok(()),
            Err(error) if error.refuses_batch() => {}
            Err(error) => return Err(error.into()),
        }
        // One of them is to blame: alone it does not hold up the others.
        for (place, part) in parts {
            match self.spool.commit(part).await {
                Ok(_) => {}
                Err(error) if error.refuses_batch() => {
                    tracing::error!(%error, "the spool refuses a change");
                    refused.push(place);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format;
    use crate::queue::set::tests::item;
    use crate::send::worker::tests::open;
    use spool::{EntryNo, MessageNo};
    use world::sim::SimWorld;

    fn message(shared: &Shared) -> (MessageNo, Batch) {
        let item = item(0, &[0]);
        let (no, mut batch) = (shared.spool.next_message_no(), Batch::new());
        batch.message(no, format::encode_envelope(&item.envelope).unwrap(), "Hello\r\n".into());
        batch.put_entry(no, EntryNo(0), format::encode_entry(&item.entries[0].1).unwrap());
        (no, batch)
    }

    #[test]
    fn a_part_that_is_refused_harms_only_itself() {
        let sim = SimWorld::new(1);
        let shared = sim.run(Box::pin(open(sim.world())));
        let (first, second) = (message(&shared), message(&shared));
        let mut ends_nothing = Batch::new();
        ends_nothing.remove_entry(first.0, EntryNo(99));
        let parts = vec![first.1, ends_nothing, Batch::new(), second.1];
        assert_eq!(sim.run(Box::pin(shared.commit_each(parts))).unwrap(), [1]);
        assert!(shared.spool.message(first.0).is_some() && shared.spool.message(second.0).is_some());
    }

    #[test]
    fn parts_that_are_too_much_for_one_commit_become_several() {
        let sim = SimWorld::new(1);
        let shared = sim.run(Box::pin(open(sim.world())));
        let max = shared.spool.group_bytes_max();
        let part = || {
            let mut batch = Batch::new();
            batch.event(1, false, None, vec![7; 1 << 20]);
            batch
        };
        let parts: Vec<Batch> = (0..=max >> 20).map(|_| part()).collect();
        let together = parts.iter().cloned().fold(Batch::new(), |mut all, part| {
            all.append(part);
            all
        });
        assert!(sim.run(shared.spool.commit(together)).is_err(), "this is more than one commit takes");
        assert!(sim.run(Box::pin(shared.commit_each(parts.clone()))).unwrap().is_empty());
        sim.run(Box::pin(shared.commit_parts(parts))).unwrap();
    }
}
