//! Background work of a spool: steps of compaction, a spare segment in time, files to delete.
//!
//! May touch: Disk, Executor.

use std::io;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};

use tokio::sync::oneshot;

use crate::body;
use crate::committer::{Committed, Job, NUMBERS, Reply};
use crate::compact;
use crate::segment;
use crate::shared::Shared;
use crate::spool::Handle;
use crate::state::{Segment, Spare, State};

/// What is due.
#[derive(Debug, Default)]
struct Due {
    step: bool,
    flush: bool,
    spare: bool,
    bodies: Vec<u64>,
    too_many: Vec<Spare>,
    set_aside: Vec<Segment>,
}

/// Runs until the last handle on the spool is dropped or the spool has failed.
pub(crate) async fn run(shared: Arc<Shared>, handle: Weak<Handle>) {
    loop {
        shared.chores.notified().await;
        loop {
            let Some(handle) = handle.upgrade() else { return };
            if shared.check().is_err() {
                return;
            }
            let due = due(&shared);
            let job: Option<fn(Reply<Committed>) -> Job> = match &due {
                Due { step: true, .. } => Some(|reply| Job::Compact { reply }),
                Due { flush: true, .. } => Some(|reply| Job::Flush { reply }),
                _ => None,
            };
            files(&shared, &handle, due).await;
            let Some(job) = job else { break };
            if !ask(&handle, job).await {
                return;
            }
        }
    }
}

/// One job for the committer; false when the spool has failed or is closed.
async fn ask(handle: &Handle, job: fn(Reply<Committed>) -> Job) -> bool {
    let (reply, answer) = oneshot::channel();
    handle.writer.send(job(reply)).is_ok() && matches!(answer.await, Ok(Ok(_)))
}

fn due(shared: &Shared) -> Due {
    let mut state = shared.state.write();
    let numbers = shared.next_no.load(Ordering::Acquire) + NUMBERS / 2 > state.reserved_no;
    let bodies = std::mem::take(&mut state.body_files_gone);
    let durable_first = state.durable_first;
    let set_aside = state.set_aside.extract_if(.., |segment| segment.number < durable_first).collect();
    let mut too_many = Vec::new();
    // A crash may have come while one was made, or segments be larger than they were: such files are of no use.
    while let Some(index) =
        state.spares.iter().position(|spare| state.is_free(spare) && !state.is_usable(spare, &shared.config))
    {
        too_many.push(state.spares.swap_remove(index));
    }
    while state.spares.len() > shared.config.spare_segments
        && let Some(index) = state.spares.iter().position(|spare| state.is_free(spare))
    {
        too_many.push(state.spares.swap_remove(index));
    }
    Due {
        step: compact::is_due(&state, &shared.config) && !compact::waits_for_disk(shared),
        flush: numbers || compact::must_say_freed(&state, &shared.config),
        spare: needs_spare(&state, shared),
        bodies,
        too_many,
        set_aside,
    }
}

fn needs_spare(state: &State, shared: &Shared) -> bool {
    let half_full = state.segments.back().is_some_and(|open| open.data_end > shared.config.segment_bytes / 2);
    half_full && !state.spares.iter().any(|spare| state.is_usable(spare, &shared.config))
}

async fn files(shared: &Arc<Shared>, handle: &Handle, due: Due) {
    if due.bodies.is_empty() && due.too_many.is_empty() && due.set_aside.is_empty() && !due.spare {
        return;
    }
    let shared = Arc::clone(shared);
    handle
        .exec
        .blocking(move || {
            body::remove_files(&shared.disk, &shared.dir, &due.bodies);
            for spare in due.too_many {
                if let Err(error) = shared.disk.remove_file(&spare.path) {
                    tracing::warn!(file = %spare.path.display(), %error, "cannot remove a spare segment");
                }
            }
            for segment in due.set_aside {
                let to = segment::damaged_path(&segment.path, segment.number);
                if let Err(error) = rename(&shared, &segment.path, &to) {
                    tracing::warn!(file = %segment.path.display(), %error, "cannot set a damaged segment aside");
                }
            }
            if due.spare {
                make_spare(&shared);
            }
        })
        .await;
}

fn rename(shared: &Shared, from: &Path, to: &Path) -> io::Result<()> {
    shared.disk.rename(from, to)?;
    shared.disk.sync_dir(&shared.log_dir())
}

fn make_spare(shared: &Shared) {
    let slot = shared.next_slot.fetch_add(1, Ordering::AcqRel);
    let path = segment::path_of(&shared.log_dir(), slot);
    match segment::create(&shared.disk, &path, shared.config.segment_bytes) {
        Ok(spare) => shared.state.write().spares.push(spare),
        Err(error) => {
            // The committer tries again when it needs one; then it is final.
            tracing::warn!(file = %path.display(), %error, "cannot prepare a segment");
            let _ = shared.disk.remove_file(&path);
        }
    }
}
