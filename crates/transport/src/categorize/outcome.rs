//! The end of a recipient in the categorizer: FAIL, or DROP.
//!
//! May touch: the batch.

use events::{Reason, Source};
use spool::{Batch, EntryNo};
use trace::{About, Cause};

use crate::Shared;
use crate::envelope::Entry;
use crate::failure::Failure;
use crate::report::Planned;

/// Ends a recipient that cannot be resolved, or may not get the message.
pub(crate) fn failed(
    shared: &Shared,
    batch: &mut Batch,
    about: &About,
    no: EntryNo,
    entry: &Entry,
    failure: &Failure,
    report: &Planned,
) {
    let mut cause = crate::cause(failure);
    report.link(&mut cause);
    shared.recorder.failed(batch, about, &[crate::ended(no, entry, &failure.reply)], cause);
}

/// Ends a recipient whose copy goes nowhere, without a report.
pub(crate) fn dropped(
    shared: &Shared,
    batch: &mut Batch,
    about: &About,
    no: EntryNo,
    entry: &Entry,
    reason: Reason,
) {
    let cause = Cause::new(Source::Routing, Some(reason));
    shared.recorder.dropped(batch, about, &[crate::ended(no, entry, "")], cause);
}
