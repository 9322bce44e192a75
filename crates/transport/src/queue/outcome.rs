//! The end of a recipient in a queue: expired, or removed by an administrator. FAIL.
//!
//! May touch: the batch.

use spool::Batch;

use crate::Shared;
use crate::failure::Failure;
use crate::item::Item;
use crate::report::Planned;

/// Ends all recipients of a message that has waited too long.
pub(crate) fn expired(shared: &Shared, batch: &mut Batch, item: &Item, failure: &Failure, report: &Planned) {
    end(shared, batch, item, failure, report, None);
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
    end(shared, batch, item, failure, report, Some(actor));
}

fn end(
    shared: &Shared,
    batch: &mut Batch,
    item: &Item,
    failure: &Failure,
    report: &Planned,
    actor: Option<&str>,
) {
    let ended: Vec<_> =
        item.entries.iter().map(|(no, entry)| crate::ended(*no, entry, &failure.reply)).collect();
    let mut cause = crate::cause(failure);
    report.link(&mut cause);
    if let Some(actor) = actor {
        cause.source_context = Some(format!("removed by {actor}"));
    }
    shared.recorder.failed(batch, &shared.about(item), &ended, cause);
}
