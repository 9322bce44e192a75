//! The end of a recipient in a queue: expired, or removed by an administrator. FAIL.
//!
//! May touch: the batch.

use spool::{Batch, EntryNo};

use crate::Shared;
use crate::envelope::Entry;
use crate::failure::Failure;
use crate::item::Item;
use crate::report::Planned;

/// Ends all recipients of a message that has waited too long, each with the error of its last attempt.
pub(crate) fn expired(shared: &Shared, batch: &mut Batch, item: &Item, report: &Planned) {
    let ended = |(no, entry): &(EntryNo, Entry)| {
        let failure = Failure::expired(entry.last_error.as_deref());
        crate::ended(*no, entry, &failure.reply)
    };
    let ended: Vec<_> = item.entries.iter().map(ended).collect();
    let mut cause = crate::cause(&Failure::expired(None));
    cause.attempts = item.entries.iter().map(|(_, entry)| entry.attempts).max();
    report.link(&mut cause);
    shared.recorder.failed(batch, &shared.about(item), &ended, cause);
}

/// Ends all recipients of a message that an administrator removed.
pub(crate) fn removed(
    shared: &Shared,
    batch: &mut Batch,
    item: &Item,
    failure: &Failure,
    report: &Planned,
    actor: &str,
) {
    let ended: Vec<_> =
        item.entries.iter().map(|(no, entry)| crate::ended(*no, entry, &failure.reply)).collect();
    let mut cause = crate::cause(failure);
    report.link(&mut cause);
    cause.source_context = Some(format!("removed by {actor}"));
    shared.recorder.failed(batch, &shared.about(item), &ended, cause);
}
